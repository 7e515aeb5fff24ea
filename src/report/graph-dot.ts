import type { ResourceGraph } from "../graph/resource-graph.ts";
import { plainLine } from "./escape.ts";

const shapes = { terraform: "box", kubernetes: "ellipse", derived: "note" } as const;

/** The graph in the DOT language of Graphviz; every name is a quoted string. */
export const graphDot = (graph: ResourceGraph): string =>
  [
    "digraph platform {",
    "  rankdir=LR;",
    '  node [fontname="sans-serif", fontsize=10];',
    '  edge [fontname="sans-serif", fontsize=8];',
    ...graph.nodes.map((node) => `  ${quoted(node.id)} [shape=${shapes[node.source]}, tooltip=${quoted(node.kind)}];`),
    ...graph.edges.map(
      (edge) =>
        `  ${quoted(edge.from)} -> ${quoted(edge.to)} [label=${quoted(edge.label ?? edge.kind)}${edge.change === undefined ? "" : styles[edge.change]}];`,
    ),
    "}",
    "",
  ].join("\n");

/** Edges in a graph of changes. */
const styles = {
  opened: ', color="#15803d"',
  closed: ', color="#b91c1c", style=dashed',
  changed: ', color="#b45309"',
} as const;

const quoted = (text: string): string => `"${plainLine(text).replace(/\\/g, "\\\\").replace(/"/g, '\\"')}"`;
