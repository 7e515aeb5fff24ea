import { bytesText, coresText } from "./amounts.ts";
import { html } from "./escape.ts";
import { section, table } from "./html-parts.ts";
import type { PoolReport, WorldReport } from "./report.ts";
import { plural } from "./verdict.ts";

/** What is left, on one sheet of paper: the button prints this section alone. */
export const capacity = (root: string, world: WorldReport): string =>
  section(
    "capacity",
    "Capacity",
    world.pools.length === 0
      ? ""
      : `<p class="dim">${html(root)}, at the highest predicted load. ${plural(world.pending.length, "pod")} ${world.pending.length === 1 ? "stays" : "stay"} Pending. <button type="button" id="print">print this section</button></p>${table(
          ["pool", "nodes", "up to", "CPU left", "memory left", "pods left", "disks left"],
          world.pools.map(poolRow),
        )}${table(
          ["subnet", "usable", "used", "left now", "left at max_count and surge", "room for more nodes"],
          world.subnets.map((subnet) => [
            html(`${subnet.name} ${subnet.prefix}`),
            String(subnet.usable),
            String(subnet.used),
            figure(subnet.usable - subnet.used),
            figure(subnet.free),
            subnet.moreNodes === undefined ? "–" : String(subnet.moreNodes),
          ]),
        )}`,
  );

const poolRow = (pool: PoolReport): readonly string[] => {
  const left = (each: number, requested: number): number => each * pool.nodes - requested;
  const { allocatable, requested } = pool;
  return [
    html(`${pool.name} (${pool.vmSize})`),
    String(pool.nodes),
    String(pool.max),
    coresText(left(allocatable.milliCpu, requested.milliCpu)),
    bytesText(left(allocatable.memoryBytes, requested.memoryBytes)),
    figure(left(allocatable.pods, pool.pods)),
    figure(left(allocatable.disks, requested.disks)),
  ];
};

const figure = (value: number): string => (value < 0 ? `<b class="worse">${value}</b>` : String(value));
