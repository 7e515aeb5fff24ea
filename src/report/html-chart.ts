import { html } from "./escape.ts";
import type { Report, WorldReport } from "./report.ts";

const LEFT = 190;
const WIDTH = 560;
const ROW = 16;

/** Past this many pools the chart is cut; the table of pools has them all. */
const mostCharted = 60;

/** Nodes of each pool before, during and after the apply, as bars; nothing where there is only one moment. */
export const nodesChart = ({ worlds }: Pick<Report, "worlds">): string => {
  const moments = (["before", "during", "after"] as const).flatMap((name) => {
    const world = worlds[name];
    return world === undefined ? [] : [{ name, nodes: nodesByPool(world) }];
  });
  if (moments.length < 2) return "";
  const pools = [...new Set(moments.flatMap(({ nodes }) => [...nodes.keys()]))];
  const drawn = pools.slice(0, mostCharted);
  const most = Math.max(1, ...drawn.flatMap((pool) => moments.map(({ nodes }) => nodes.get(pool) ?? 0)));
  const group = moments.length * ROW + 10;
  const bars = drawn.map((pool, index) => {
    const top = index * group + 6;
    const rows = moments.map(({ name, nodes }, each) => {
      const count = nodes.get(pool) ?? 0;
      const y = top + each * ROW;
      const width = (count / most) * WIDTH;
      return `<g class="moment" data-moment="${name}"><title>${html(`${pool} ${name}: ${count} ${count === 1 ? "node" : "nodes"}`)}</title><rect class="hover" x="0" y="${y}" width="${LEFT + WIDTH + 50}" height="${ROW}"/><rect class="m-${name}" x="${LEFT}" y="${y + 1}" width="${width.toFixed(1)}" height="${ROW - 3}"/><text x="${(LEFT + width + 5).toFixed(1)}" y="${y + 12}">${count}</text></g>`;
    });
    return `<text class="pool" x="0" y="${top + 12}">${html(short(pool))}</text>${rows.join("")}`;
  });
  const legend = moments.map(
    ({ name }) =>
      `<li><svg class="key" viewBox="0 0 10 10" aria-hidden="true"><rect class="m-${name}" width="10" height="10"/></svg> ${name}</li>`,
  );
  const more = pools.length > drawn.length ? `<p class="dim">and ${pools.length - drawn.length} more pools</p>` : "";
  return `<figure class="chart" id="nodes-by-pool"><figcaption>Nodes by pool over the apply</figcaption><svg viewBox="0 0 ${LEFT + WIDTH + 50} ${drawn.length * group + 6}" role="img" aria-label="Nodes by pool ${moments.map(({ name }) => name).join(", ")}">${bars.join("")}</svg><ul class="legend">${legend.join("")}</ul></figure>${more}`;
};

/** The cluster is named only where there are several. */
const nodesByPool = (world: WorldReport): ReadonlyMap<string, number> => {
  const nodes = new Map<string, number>();
  for (const pool of world.pools) {
    const name = world.clusters.length > 1 ? `${pool.name} (${pool.cluster})` : pool.name;
    nodes.set(name, (nodes.get(name) ?? 0) + pool.nodes);
  }
  return nodes;
};

const short = (name: string): string => {
  const points = [...name];
  return points.length > 26 ? `${points.slice(0, 25).join("")}…` : name;
};
