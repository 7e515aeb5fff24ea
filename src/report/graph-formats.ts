import type { ResourceGraph } from "../graph/resource-graph.ts";

/** Every picture of the graph by its name; each is loaded when it is asked for. */
export const graphFormats: Readonly<Record<string, () => Promise<(graph: ResourceGraph) => string>>> = {
  json: async () => (await import("./graph-json.ts")).graphJson,
  dot: async () => (await import("./graph-dot.ts")).graphDot,
  mermaid: async () => (await import("./graph-mermaid.ts")).graphMermaid,
  svg: async () => (await import("./graph-svg.ts")).graphSvg,
};
