import type { GraphEdge, GraphNode, ResourceGraph } from "../graph/resource-graph.ts";
import { formatConnections } from "../simulate/cloud/connections.ts";
import type { PolicyPod } from "../simulate/cloud/network-policy.ts";
import { reachChanges, type WorkloadReach } from "../simulate/cloud/workload-reach.ts";

/** A node of the graph: workloads that reach and are reached alike. */
interface Group {
  readonly first: PolicyPod;
  readonly members: PolicyPod[];
}

/**
 * Who may talk to whom as a graph: an edge for what may pass, labelled with protocols and ports. Workloads that policies treat alike are
 * one node, so that what they shut out shows.
 */
export const reachGraph = ({ pods, reach }: WorkloadReach): ResourceGraph => {
  const passes = (from: PolicyPod, to: PolicyPod): string => formatConnections(reach.connections(from, to));
  const groups = grouped(pods, passes);
  const edges: GraphEdge[] = [];
  for (const from of groups)
    for (const to of groups) {
      const [source, target] = from === to ? [from.members[0], from.members[1]] : [from.first, to.first];
      if (source === undefined || target === undefined) continue;
      const label = passes(source, target);
      if (label !== "none") edges.push({ from: idOf(from), to: idOf(to), kind: "reaches", label, range: undefined });
    }
  return sorted(groups.map(idOf), edges);
};

/** What a change of policies, labels or the engine opens and closes, with the workloads that it is about. */
export const reachChangeGraph = (before: WorkloadReach, after: WorkloadReach): ResourceGraph => {
  const edges = reachChanges(before, after).map(
    (change): GraphEdge => ({
      from: change.from,
      to: change.to,
      kind: "reaches",
      label: `${change.before} → ${change.after}`,
      change: change.after === "none" ? "closed" : change.before === "none" ? "opened" : "changed",
      range: undefined,
    }),
  );
  return sorted([...new Set(edges.flatMap(({ from, to }) => [from, to]))], edges);
};

const grouped = (pods: readonly PolicyPod[], passes: (from: PolicyPod, to: PolicyPod) => string): readonly Group[] => {
  const groups: Group[] = [];
  for (const pod of [...pods].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const own = groups.find(({ first }) => areAlike(first, pod, pods, passes));
    if (own === undefined) groups.push({ first: pod, members: [pod] });
    else own.members.push(pod);
  }
  return groups;
};

const areAlike = (
  a: PolicyPod,
  b: PolicyPod,
  pods: readonly PolicyPod[],
  passes: (from: PolicyPod, to: PolicyPod) => string,
): boolean =>
  passes(a, b) === passes(b, a) &&
  pods.every(
    (other) =>
      other === a || other === b || (passes(a, other) === passes(b, other) && passes(other, a) === passes(other, b)),
  );

/** The first names of a group; a graph of hundreds of alike workloads stays readable. */
const idOf = ({ members }: Group): string => {
  const names = members.map(({ name }) => name);
  return names.length <= 3 ? names.join(", ") : `${names.slice(0, 2).join(", ")} and ${names.length - 2} more`;
};

const sorted = (ids: readonly string[], edges: readonly GraphEdge[]): ResourceGraph => ({
  nodes: [...ids]
    .sort()
    .map((id): GraphNode => ({ id, kind: id.split("/")[0] ?? "", source: "kubernetes", range: undefined })),
  edges: [...edges].sort((a, b) => (`${a.from} ${a.to}` < `${b.from} ${b.to}` ? -1 : 1)),
});
