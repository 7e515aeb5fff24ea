import { clusterLabels, clusterPrefix } from "./cluster-labels.ts";
import { html, pageJson } from "./escape.ts";
import { charts } from "./html-chart.ts";
import { section, table } from "./html-parts.ts";
import type { NodeReport, Report, WorldReport } from "./report.ts";

/** Shares of a node's allocatable in thousandths, pods as numbers, and the pods: a prefix's number, then the ends of the names with it. */
type NodeAtMoment = readonly [cpu: number, memory: number, pods: number, mostPods: number, placed: readonly PodGroup[]];
type PodGroup = readonly [prefix: number, ends: string];

/** What the page's script draws the heat map from; pods' names are cut in two, since most share their beginning. */
interface NodesData {
  readonly moments: readonly string[];
  readonly groups: readonly string[];
  readonly prefixes: readonly string[];
  readonly nodes: readonly (readonly [name: string, group: number, moments: readonly (NodeAtMoment | 0)[]])[];
}

/** Nodes by pool and zone, each darker the more of it is requested; what runs where; a slider from before to after. */
export const nodes = (report: Report): string => {
  // The nodes that come and go during the apply have no pods of their own in the prediction: they are in the charts only.
  const moments = (["before", "after"] as const).flatMap((name) => {
    const world = report.worlds[name];
    return world === undefined || world.nodes.length === 0 ? [] : [{ name, world }];
  });
  const data = nodesData(moments);
  const last = moments.length - 1;
  const slider =
    last < 1
      ? ""
      : `<label>Moment <input type="range" id="moment" min="0" max="${last}" step="1" value="${last}" aria-valuetext="${moments[last]?.name ?? ""}"></label> <output id="moment-name" for="moment">${moments[last]?.name ?? ""}</output>`;
  return section(
    "nodes",
    "Nodes",
    moments.length === 0
      ? ""
      : `${charts(report)}<div class="controls"><label>Colour by <select id="metric"><option value="3">scarcest</option><option value="0">CPU</option><option value="1">memory</option><option value="2">pods</option></select></label> ${slider} <label>Find node or pod <input type="search" id="find-pod" autocomplete="off"></label></div>
${scale}<p id="found" class="dim" aria-live="polite"></p><div id="heat">${summaryTable(report.worlds.after)}</div><div id="node" class="panel" aria-live="polite" tabindex="-1"><p class="dim">Choose a node to see what runs there.</p></div>
<script type="application/json" id="nodes-data">${pageJson(data)}</script>`,
  );
};

const scale = `<ul class="legend" aria-label="requested of allocatable">${[
  "under 20 %",
  "20 %",
  "40 %",
  "60 %",
  "80 %",
  "full",
]
  .map((text, level) => `<li><span class="key l${level}"></span> ${text}</li>`)
  .join("")}</ul>`;

const nodesData = (moments: readonly { readonly name: string; readonly world: WorldReport }[]): NodesData => {
  const groups = new Map<string, number>();
  const prefixes = new Map<string, number>();
  const found = new Map<string, { readonly group: number; readonly at: (NodeAtMoment | 0)[] }>();
  for (const [moment, { world }] of moments.entries()) {
    const labels = clusterLabels(world);
    for (const node of world.nodes) {
      const key = `${node.cluster}|${node.name}`;
      const known = found.get(key) ?? {
        group: numbered(groups, groupName(labels, node)),
        at: moments.map(() => 0 as const),
      };
      known.at[moment] = atMoment(node, prefixes);
      found.set(key, known);
    }
  }
  return {
    moments: moments.map(({ name }) => name),
    groups: [...groups.keys()],
    prefixes: [...prefixes.keys()],
    nodes: [...found].map(([key, { group, at }]) => [key.slice(key.indexOf("|") + 1), group, at]),
  };
};

const groupName = (labels: ReadonlyMap<string, string>, { cluster, pool, zone }: NodeReport): string =>
  `${clusterPrefix(labels, cluster)}${pool} · ${zone === "" ? "no zone" : zone}`;

const atMoment = (node: NodeReport, prefixes: Map<string, number>): NodeAtMoment => {
  const { requested, allocatable } = node;
  const placed = new Map<number, string[]>();
  for (const pod of node.placed) {
    const at = pod.lastIndexOf("-") + 1;
    const prefix = numbered(prefixes, pod.slice(0, at));
    const ends = placed.get(prefix);
    if (ends === undefined) placed.set(prefix, [pod.slice(at)]);
    else ends.push(pod.slice(at));
  }
  return [
    thousandths(requested.milliCpu, allocatable.milliCpu),
    thousandths(requested.memoryBytes, allocatable.memoryBytes),
    requested.pods,
    allocatable.pods,
    [...placed].map(([prefix, ends]) => [prefix, ends.join(" ")]),
  ];
};

const numbered = (numbers: Map<string, number>, text: string): number => {
  const number = numbers.get(text) ?? numbers.size;
  numbers.set(text, number);
  return number;
};

const thousandths = (part: number, whole: number): number => (whole > 0 ? Math.round((1000 * part) / whole) : 0);

/** Without a script, the nodes of each pool and zone together. */
const summaryTable = (world: WorldReport): string => {
  const labels = clusterLabels(world);
  const groups = new Map<string, NodeReport[]>();
  for (const node of world.nodes) {
    const key = groupName(labels, node);
    const list = groups.get(key);
    if (list === undefined) groups.set(key, [node]);
    else list.push(node);
  }
  const most = (list: readonly NodeReport[], of: (node: NodeReport) => number): string =>
    `${Math.round(list.reduce((high, node) => Math.max(high, of(node)), 0) / 10)} %`;
  return table(
    ["pool and zone", "nodes", "most CPU", "most memory", "most pods"],
    [...groups].map(([name, list]) => [
      html(name),
      String(list.length),
      most(list, ({ requested, allocatable }) => thousandths(requested.milliCpu, allocatable.milliCpu)),
      most(list, ({ requested, allocatable }) => thousandths(requested.memoryBytes, allocatable.memoryBytes)),
      most(list, ({ requested, allocatable }) => thousandths(requested.pods, allocatable.pods)),
    ]),
  );
};
