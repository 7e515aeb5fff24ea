import type { GraphEdge, GraphNode, ResourceGraph } from "../graph/resource-graph.ts";

/** A graph small enough to be drawn, and which box of it each node of the whole stands in. */
export interface SummarizedGraph {
  readonly drawn: ResourceGraph;
  /** By the order of the whole graph's nodes: the place in `drawn.nodes`. */
  readonly boxOf: readonly number[];
}

/** What nodes have in common, from the finest to the coarsest: the first that is coarse enough is drawn. */
const groupings: readonly ((node: GraphNode) => string)[] = [
  (node) => node.id,
  withoutInstance,
  (node) => withoutInstance({ ...node, id: withoutName(node) }),
  (node) => (node.source === "kubernetes" ? `${node.kind}/*` : withoutInstance(node)),
  (node) => `${node.kind}/*`,
];

/** `azurerm_x.y["a"]` and `azurerm_x.y[0]` as `azurerm_x.y[*]`. */
function withoutInstance({ id }: GraphNode): string {
  return id.replace(/\[("(?:[^"\\]|\\.)*"|\d+)\]/g, "[*]");
}

/** `Deployment/shop/web` as `Deployment/shop/*`. */
const withoutName = ({ id, source }: GraphNode): string =>
  source === "kubernetes" && id.split("/").length === 3 ? `${id.slice(0, id.lastIndexOf("/"))}/*` : id;

/** The graph with nodes put together until at most `most` are left, or until nothing coarser is known. */
export const summarized = (graph: ResourceGraph, most: number): SummarizedGraph => {
  for (const group of groupings) {
    const keys = graph.nodes.map(group);
    if (group === groupings.at(-1) || new Set(keys).size <= most) return grouped(graph, keys);
  }
  return grouped(
    graph,
    graph.nodes.map(({ id }) => id),
  );
};

const grouped = (graph: ResourceGraph, keys: readonly string[]): SummarizedGraph => {
  const members = new Map<string, GraphNode[]>();
  for (const [index, node] of graph.nodes.entries()) {
    const key = keys[index] ?? node.id;
    const list = members.get(key);
    if (list === undefined) members.set(key, [node]);
    else list.push(node);
  }
  const boxes = [...members].map(([key, list]) => boxFor(key, list));
  const place = new Map([...members.keys()].map((key, index) => [key, index]));
  const idOf = new Map(
    graph.nodes.map((node, index) => [node.id, boxes[place.get(keys[index] ?? "") ?? 0]?.id ?? node.id]),
  );
  const edges = new Map<string, GraphEdge>();
  for (const edge of graph.edges) {
    const from = idOf.get(edge.from);
    const to = idOf.get(edge.to);
    if (from === undefined || to === undefined || (from === to && edge.from !== edge.to)) continue;
    const key = `${from}|${edge.kind}|${to}`;
    if (!edges.has(key)) edges.set(key, { ...edge, from, to });
  }
  return {
    drawn: { nodes: boxes, edges: [...edges.values()] },
    boxOf: graph.nodes.map((_, index) => place.get(keys[index] ?? "") ?? 0),
  };
};

const boxFor = (key: string, list: readonly GraphNode[]): GraphNode => {
  const [first] = list;
  if (first === undefined) return { id: key, kind: "", source: "derived", range: undefined };
  return list.length === 1 ? first : { ...first, id: `${key} ×${list.length}`, kind: first.kind, range: undefined };
};
