import { html } from "./escape.ts";
import type { NodeReport, WorldReport } from "./report.ts";

/** Past this many nodes a cell shows its figures only; the pods on it are in the JSON report. */
const mostDetailedNodes = 1000;

/** Each node as a cell, darker the more of its scarcest resource is requested; grouped by pool and zone. */
export const heatMap = (world: WorldReport): string => {
  const groups = new Map<string, NodeReport[]>();
  for (const node of world.nodes) {
    const key = `${node.pool} · ${node.zone === "" ? "no zone" : node.zone}`;
    const list = groups.get(key);
    if (list === undefined) groups.set(key, [node]);
    else list.push(node);
  }
  const isDetailed = world.nodes.length <= mostDetailedNodes;
  return [...groups]
    .map(
      ([name, nodes]) =>
        `<h3>${html(name)} (${nodes.length})</h3><div class="cells">${nodes.map((node) => cell(node, isDetailed)).join("")}</div>`,
    )
    .join("");
};

const cell = (node: NodeReport, isDetailed: boolean): string => {
  const shares = {
    CPU: share(node.requested.milliCpu, node.allocatable.milliCpu),
    memory: share(node.requested.memoryBytes, node.allocatable.memoryBytes),
    pods: share(node.requested.pods, node.allocatable.pods),
  };
  const highest = Math.max(shares.CPU, shares.memory, shares.pods);
  const text = `${node.name}: CPU ${percent(shares.CPU)}, memory ${percent(shares.memory)}, pods ${node.requested.pods}/${node.allocatable.pods}`;
  const level = Math.min(5, Math.floor(highest * 5.01));
  if (!isDetailed) return `<i class="cell l${level}" title="${html(text)}"></i>`;
  const pods = node.placed.length === 0 ? "no pods of the input" : node.placed.map(html).join("<br>");
  return `<details class="cell l${level}"><summary title="${html(text)}">${percent(highest)}</summary><div class="pop"><b>${html(text)}</b><br>${pods}</div></details>`;
};

const share = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);
const percent = (value: number): string => `${Math.round(value * 100)} %`;
