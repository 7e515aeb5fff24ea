import type { GraphEdge, GraphNode, ResourceGraph } from "../graph/resource-graph.ts";
import { plainLine } from "./escape.ts";

/** The graph as a Mermaid flow chart; nodes are numbered, so that no name is ever read as syntax. */
export const graphMermaid = (graph: ResourceGraph): string => {
  const numbers = new Map(graph.nodes.map((node, index) => [node.id, `n${index}`]));
  return [
    "flowchart LR",
    ...graph.nodes.map((node) => `  ${numbers.get(node.id)}${shaped(node)}`),
    ...graph.edges.map(
      (edge) =>
        `  ${numbers.get(edge.from)} ${edge.change === "closed" ? "-.->" : "-->"}|${labelOf(edge)}| ${numbers.get(edge.to)}`,
    ),
    ...graph.edges.flatMap(({ change }, index) =>
      change === undefined ? [] : [`  linkStyle ${index} stroke:${changeColours[change]}`],
    ),
    "",
  ].join("\n");
};

/** Colours of edges in a graph of changes, dark enough on white. */
const changeColours = { opened: "#15803d", closed: "#b91c1c", changed: "#b45309" } as const;

const labelOf = ({ kind, label }: GraphEdge): string => (label === undefined ? kind : `"${entities(label)}"`);

const shaped = (node: GraphNode): string => {
  const label = `"${entities(node.id)}"`;
  if (node.source === "kubernetes") return `(${label})`;
  return node.source === "derived" ? `{{${label}}}` : `[${label}]`;
};

/** Mermaid reads `#35;` and the like as characters, also inside quotes. */
const entities = (text: string): string =>
  plainLine(text).replace(/[^\p{L}\p{N} ./_-]/gu, (character) => `#${character.codePointAt(0)};`);
