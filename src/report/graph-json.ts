import type { ResourceGraph } from "../graph/resource-graph.ts";
import { safeJson } from "./escape.ts";

/** `{"nodes":[{"id","kind","source","range"}],"edges":[{"from","to","kind","range"}]}`; a missing range is null. */
export const graphJson = (graph: ResourceGraph): string =>
  `${safeJson({
    nodes: graph.nodes.map(({ id, kind, source, range }) => ({ id, kind, source, range: range ?? null })),
    edges: graph.edges.map(({ from, to, kind, label, change, range }) => ({
      from,
      to,
      kind,
      ...(label === undefined ? {} : { label }),
      ...(change === undefined ? {} : { change }),
      range: range ?? null,
    })),
  })}\n`;
