import type { GraphEdge, GraphNode, ResourceGraph } from "../../src/graph/resource-graph.ts";
import type { NodeReport, Report, WorldReport } from "../../src/report/report.ts";
import { range, report } from "./report.ts";

/** A report of so many nodes with so many pods each, before and after, and a graph with a Deployment and a Service for every 50 pods; not predicted, so that it is quick. */
export const largeReport = (
  nodes: number,
  podsANode: number,
): { readonly report: Report; readonly graph: ResourceGraph } => {
  const world = (share: number): Partial<WorldReport> => ({
    nodes: Array.from({ length: Math.round(nodes * share) }, (_, index) => node(index, podsANode)),
  });
  const empty = report();
  return {
    report: {
      ...empty,
      worlds: {
        before: { ...empty.worlds.after, ...world(0.9) },
        during: undefined,
        after: { ...empty.worlds.after, ...world(1) },
      },
    },
    graph: graphOf(Math.ceil((nodes * podsANode) / 50)),
  };
};

const node = (index: number, pods: number): NodeReport => ({
  cluster: "azurerm_kubernetes_cluster.large",
  name: `aks-user${Math.floor(index / 1000)}-65076264-vmss${(index % 1000).toString(36).padStart(6, "0")}`,
  pool: `user${Math.floor(index / 1000)}`,
  zone: `westeurope-${(index % 3) + 1}`,
  ip: undefined,
  allocatable: { milliCpu: 7820, memoryBytes: 28 * 2 ** 30, pods: 50 },
  requested: { milliCpu: (index * 37) % 7820, memoryBytes: ((index * 13) % 28) * 2 ** 30, pods },
  placed: Array.from(
    { length: pods },
    (_, pod) => `team-${index % 70}/app-${index % 1000}-${Math.floor(index / 1000)}-${pod}`,
  ),
});

const graphOf = (apps: number): ResourceGraph => {
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  for (let app = 0; app < apps; app++) {
    const name = `team-${app % 70}/app-${app}`;
    const place = range(`k8s/app-${app}.yaml`, 1);
    nodes.push({ id: `Deployment/${name}`, kind: "Deployment", source: "kubernetes", range: place });
    nodes.push({ id: `Service/${name}`, kind: "Service", source: "kubernetes", range: place });
    edges.push({ from: `Service/${name}`, to: `Deployment/${name}`, kind: "selects", range: undefined });
  }
  return { nodes, edges };
};
