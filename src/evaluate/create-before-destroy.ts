import type { Graph, GraphNode } from "./graph-nodes.ts";

/**
 * Resources that are replaced by creating the new one first: those that say so, and all that they depend on, since the old one must
 * outlive its dependents (Terraform 1.11, `ForcedCBDTransformer`).
 */
export const createBeforeDestroy = (graph: Graph): ReadonlySet<GraphNode> => {
  const found = new Set<GraphNode>();
  const seen = new Set<GraphNode>();
  const queue: GraphNode[] = graph.nodes.filter((node) => node.kind === "resource" && node.block.createBeforeDestroy);
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.kind === "resource" && node.block.mode === "managed") found.add(node);
    queue.push(...node.dependencies);
  }
  return found;
};
