import type { Platform } from "../azure/platform.ts";
import type { ResourceInstance } from "../evaluate/resource-instance.ts";
import type { SourcedObject } from "../kubernetes/object.ts";
import { addAzure } from "./azure-edges.ts";
import { addKubernetes } from "./kubernetes-edges.ts";
import { compareText } from "./resolve.ts";
import type { GraphBuilder, GraphEdge, GraphNode, ResourceGraph } from "./resource-graph.ts";

/**
 * The one graph of a platform: what Azure holds, what Kubernetes holds, and how they lean on each other. Terraform's own
 * dependencies appear as `dependsOn` where no edge says more. Same input, same order.
 */
export const buildGraph = (
  platform: Platform,
  instances: readonly ResourceInstance[],
  objects: readonly SourcedObject[],
): ResourceGraph => {
  const nodes = new Map<string, GraphNode>();
  const edges = new Map<string, GraphEdge>();
  const pairs = new Set<string>();
  const builder: GraphBuilder = {
    node: (id, kind, source, range) => {
      if (!nodes.has(id)) nodes.set(id, { id, kind, source, range });
    },
    edge: (from, to, kind, range) => {
      if (to === undefined || from === to) return;
      pairs.add(`${from}\n${to}`);
      const key = `${from}\n${to}\n${kind}`;
      if (!edges.has(key)) edges.set(key, { from, to, kind, range });
    },
    has: (id) => nodes.has(id),
  };
  addAzure(builder, platform);
  addKubernetes(builder, platform, objects);
  for (const instance of instances) addDependencies(builder, instance, pairs);
  return {
    nodes: [...nodes.values()].sort((a, b) => compareText(a.id, b.id)),
    edges: [...edges.values()]
      .filter((edge) => nodes.has(edge.from) && nodes.has(edge.to))
      .sort((a, b) => compareText(a.from, b.from) || compareText(a.to, b.to) || compareText(a.kind, b.kind)),
  };
};

/** References first, since they carry the place; then what only `depends_on` or a module names. */
const addDependencies = (builder: GraphBuilder, instance: ResourceInstance, pairs: ReadonlySet<string>): void => {
  if (!builder.has(instance.address)) return;
  for (const reference of instance.references) {
    const to = resourceOfReference(reference.to, builder);
    if (to !== undefined && !pairs.has(`${instance.address}\n${to}`)) {
      builder.edge(instance.address, to, "dependsOn", reference.range);
    }
  }
  for (const to of instance.dependsOn) {
    if (builder.has(to) && !pairs.has(`${instance.address}\n${to}`)) {
      builder.edge(instance.address, to, "dependsOn", instance.range);
    }
  }
};

/** `azurerm_subnet.nodes[0].id` is about `azurerm_subnet.nodes[0]`: the longest prefix that is a node. */
const resourceOfReference = (reference: string, builder: GraphBuilder): string | undefined => {
  let candidate = reference;
  while (candidate !== "") {
    if (builder.has(candidate)) return candidate;
    const cut = Math.max(candidate.lastIndexOf("."), candidate.lastIndexOf("["));
    candidate = cut < 0 ? "" : candidate.slice(0, cut);
  }
  return undefined;
};
