import type { EdgeKind, ResourceGraph } from "../graph/resource-graph.ts";
import { formatPlace } from "../model/source-range.ts";
import { pageJson } from "./escape.ts";
import { summarized } from "./graph-summary.ts";
import { graphSvg } from "./graph-svg.ts";
import { section } from "./html-parts.ts";

/** More boxes than these nobody reads: like things are put together, and told one by one when their box is chosen. */
const mostDrawn = 300;
/** Past this many things the page holds the boxes only; the graph command gives the rest to other tools. */
const mostDetailed = 25_000;

/** What the page's script tells of a box: all nodes behind it, where each is written, and what it leans on. */
interface TopologyData {
  readonly nodes: readonly (readonly [id: string, kind: string, place: string, box: number])[];
  readonly edges: readonly (readonly [from: number, to: number, kind: number])[];
  /** In the order of the drawing. */
  readonly lines: readonly (readonly [fromBox: number, toBox: number])[];
  readonly kinds: readonly string[];
  readonly boxes: readonly string[];
}

/** Azure and Kubernetes as one drawing to move about in; a box tells its members, their places and their edges. */
export const topology = (graph: ResourceGraph | undefined): string => {
  if (graph === undefined || graph.nodes.length === 0)
    return section(
      "topology",
      "Topology",
      '<p class="dim">Not drawn here; <code>aks-twin graph</code> gives it as JSON, DOT, Mermaid and SVG.</p>',
    );
  const { drawn, boxOf } = summarized(graph, mostDrawn);
  const together =
    drawn.nodes.length === graph.nodes.length
      ? ""
      : `<p class="dim">${graph.nodes.length} things in ${drawn.nodes.length} boxes: like ones stand together. Choose a box, or find a name, to see them one by one.</p>`;
  return section(
    "topology",
    "Topology",
    `${together}<div class="controls"><label>Find <input type="search" id="find" autocomplete="off"></label> <button type="button" data-zoom="1.25">larger</button> <button type="button" data-zoom="0.8">smaller</button> <button type="button" data-zoom="fit">fit</button> <span class="dim">Drag to move, Ctrl and wheel to zoom, arrow keys from box to box.</span></div><p id="hits" class="dim" aria-live="polite"></p><div class="topology" role="region" aria-label="Topology">${unstyled(graphSvg(drawn))}</div><div id="chosen" class="panel" aria-live="polite" tabindex="-1"><p class="dim">Choose a box to see what it is, where it is written and what it leans on.</p></div>
<script type="application/json" id="topology-data">${pageJson(topologyData(graph, drawn, boxOf))}</script>`,
  );
};

/** The drawing takes the page's colours; its own style would reach the page's other drawings. */
const unstyled = (svg: string): string => svg.replace(/<style>[^<]*<\/style>/, "");

const topologyData = (graph: ResourceGraph, drawn: ResourceGraph, boxOf: readonly number[]): TopologyData => {
  const kinds = new Map<EdgeKind, number>();
  const boxes = new Map(drawn.nodes.map((node, index) => [node.id, index]));
  const isDetailed = graph.nodes.length <= mostDetailed;
  const told = isDetailed ? graph : drawn;
  const number = new Map(told.nodes.map((node, index) => [node.id, index]));
  return {
    nodes: told.nodes.map((node, index) => [
      node.id,
      node.kind,
      node.range === undefined ? "" : formatPlace(node.range),
      isDetailed ? (boxOf[index] ?? 0) : index,
    ]),
    edges: told.edges.flatMap((edge) => {
      const from = number.get(edge.from);
      const to = number.get(edge.to);
      if (!kinds.has(edge.kind)) kinds.set(edge.kind, kinds.size);
      return from === undefined || to === undefined ? [] : [[from, to, kinds.get(edge.kind) ?? 0] as const];
    }),
    lines: drawn.edges.map((edge) => [boxes.get(edge.from) ?? -1, boxes.get(edge.to) ?? -1]),
    kinds: [...kinds.keys()],
    boxes: drawn.nodes.map(({ id }) => id),
  };
};
