import { clusterLabels, clusterPrefix } from "./cluster-labels.ts";
import { html } from "./escape.ts";
import type { Report, WorldReport } from "./report.ts";

const LEFT = 190;
const WIDTH = 560;
const ROW = 16;

/** Past this many rows a chart is cut; the tables have them all. */
const mostCharted = 60;

type Values = ReadonlyMap<string, number>;

interface Moment {
  readonly name: "before" | "during" | "after";
  readonly values: Values;
}

/** What changes over the apply: nodes of each pool, addresses of each subnet, pods that stay Pending; nothing where there is only one moment. */
export const charts = (report: Pick<Report, "worlds">): string =>
  [
    chart("nodes-by-pool", "Nodes by pool over the apply", "node", momentsOf(report, nodesByPool)),
    changing("addresses-by-subnet", "Addresses in use over the apply", "address", momentsOf(report, addressesBySubnet)),
    changing("pending-pods", "Pods that stay Pending over the apply", "pod", momentsOf(report, pendingPods)),
  ].join("");

const momentsOf = ({ worlds }: Pick<Report, "worlds">, valuesOf: (world: WorldReport) => Values): readonly Moment[] =>
  (["before", "during", "after"] as const).flatMap((name) => {
    const world = worlds[name];
    return world === undefined ? [] : [{ name, values: valuesOf(world) }];
  });

/** A chart whose bars are all alike says nothing. */
const changing = (id: string, title: string, unit: string, moments: readonly Moment[]): string => {
  const [first, ...others] = moments;
  const rows = new Set(moments.flatMap(({ values }) => [...values.keys()]));
  const isLevel = [...rows].every((row) => others.every(({ values }) => values.get(row) === first?.values.get(row)));
  return isLevel ? "" : chart(id, title, unit, moments);
};

/** A bar for each row and moment, told on hover and in a title; the bars' figures stand beside them. */
const chart = (id: string, title: string, unit: string, moments: readonly Moment[]): string => {
  if (moments.length < 2) return "";
  const rows = [...new Set(moments.flatMap(({ values }) => [...values.keys()]))];
  const drawn = rows.slice(0, mostCharted);
  if (drawn.length === 0) return "";
  const most = Math.max(1, ...drawn.flatMap((row) => moments.map(({ values }) => values.get(row) ?? 0)));
  const group = moments.length * ROW + 10;
  const bars = drawn.map((row, index) => {
    const top = index * group + 6;
    const lines = moments.map(({ name, values }, each) => {
      const value = values.get(row) ?? 0;
      const y = top + each * ROW;
      const width = (value / most) * WIDTH;
      return `<g class="moment" data-moment="${name}"><title>${html(`${row} ${name}: ${value} ${value === 1 ? unit : `${unit}${unit.endsWith("s") ? "es" : "s"}`}`)}</title><rect class="hover" x="0" y="${y}" width="${LEFT + WIDTH + 50}" height="${ROW}"/><rect class="m-${name}" x="${LEFT}" y="${y + 1}" width="${width.toFixed(1)}" height="${ROW - 3}"/><text x="${(LEFT + width + 5).toFixed(1)}" y="${y + 12}">${value}</text></g>`;
    });
    return `<text class="row" x="0" y="${top + 12}">${html(short(row))}</text>${lines.join("")}`;
  });
  const legend = moments.map(
    ({ name }) =>
      `<li><svg class="key" viewBox="0 0 10 10" aria-hidden="true"><rect class="m-${name}" width="10" height="10"/></svg> ${name}</li>`,
  );
  const more = rows.length > drawn.length ? `<p class="dim">and ${rows.length - drawn.length} more</p>` : "";
  return `<figure class="chart" id="${id}"><figcaption>${title}</figcaption><svg viewBox="0 0 ${LEFT + WIDTH + 50} ${drawn.length * group + 6}" role="img" aria-label="${title}: ${moments.map(({ name }) => name).join(", ")}">${bars.join("")}</svg><ul class="legend">${legend.join("")}</ul></figure>${more}`;
};

/** The cluster is named only where there are several. */
const nodesByPool = (world: WorldReport): Values => {
  const labels = clusterLabels(world);
  return summed(world.pools.map(({ cluster, name, nodes }) => [`${clusterPrefix(labels, cluster)}${name}`, nodes]));
};

const addressesBySubnet = ({ subnets }: WorldReport): Values => summed(subnets.map(({ name, used }) => [name, used]));

const pendingPods = ({ pending }: WorldReport): Values => new Map([["all clusters", pending.length]]);

const summed = (entries: readonly (readonly [string, number])[]): Values => {
  const values = new Map<string, number>();
  for (const [name, value] of entries) values.set(name, (values.get(name) ?? 0) + value);
  return values;
};

const short = (name: string): string => {
  const points = [...name];
  return points.length > 26 ? `${points.slice(0, 25).join("")}…` : name;
};
