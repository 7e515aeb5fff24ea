import type { Node } from "../../kubernetes/node.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import { quantityMilliValue, quantityValue } from "../../kubernetes/quantity.ts";
import type { PredictCluster } from "../predict-cluster.ts";
import type { ExistingNodeInput } from "./karpenter-existing-node.ts";
import type { Amounts } from "./karpenter-instance-types.ts";
import type { Refusal } from "./karpenter-node-claim.ts";
import type { Requirements } from "./karpenter-requirements.ts";
import { type SchedulingResult, scheduleBatch } from "./karpenter-scheduling.ts";
import { keyOf, type PlacedNode } from "./karpenter-topology.ts";
import type { ProvisioningPool, ProvisioningSetup } from "./node-provisioning-setup.ts";
import { volumeAsks } from "./node-provisioning-volumes.ts";

/** One batch of pods over a cluster as it stands. */
export const planBatch = (
  setup: ProvisioningSetup,
  cluster: PredictCluster,
  pods: readonly Pod[],
  used: ReadonlyMap<string, Amounts>,
  /** Nodes that pods are tried on first, and nodes that are taken as gone with all that is on them. */
  nodes: {
    readonly existing?: readonly ExistingNodeInput[];
    readonly gone?: ReadonlySet<string>;
    readonly isOnlyExisting?: boolean;
  } = {},
): SchedulingResult => {
  const { objects } = cluster;
  const asks = volumeAsks(objects);
  const refused = new Map<string, ReadonlyMap<string, Refusal>>();
  const alternatives = new Map<Pod, readonly Requirements[]>();
  for (const pod of pods) {
    const asked = asks(pod);
    if ("refused" in asked) refused.set(keyOf(pod), new Map([["", { cause: "volume", text: asked.refused }]]));
    else alternatives.set(pod, asked.alternatives);
  }
  const result = scheduleBatch({
    pods: [...alternatives.keys()],
    pools: setup.pools,
    nodes: placedNodes(cluster).filter(({ name }) => nodes.gone?.has(name) !== true),
    namespaces: new Map(
      objects.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => [metadata.name, metadata.labels ?? {}]),
    ),
    existing: nodes.existing ?? [],
    isOnlyExisting: nodes.isOnlyExisting === true,
    daemons: setup.daemons,
    // A pod that gives up a preference is another object of the same name.
    volumesOf: volumesByName(alternatives),
    used,
  });
  return { ...result, refused: new Map([...result.refused, ...refused]) };
};

const volumesByName = (
  alternatives: ReadonlyMap<Pod, readonly Requirements[]>,
): ((pod: Pod) => readonly Requirements[]) => {
  const byName = new Map([...alternatives].map(([pod, list]) => [keyOf(pod), list]));
  return (pod) => byName.get(keyOf(pod)) ?? [];
};

const placedNodes = (cluster: PredictCluster): readonly PlacedNode[] => {
  const byNode = new Map<string, Pod[]>(cluster.nodes.map(({ metadata }) => [metadata.name, []]));
  for (const { pod, node } of cluster.placed.values()) byNode.get(node)?.push(pod);
  return cluster.nodes.map(({ metadata, spec }) => ({
    name: metadata.name,
    labels: metadata.labels ?? {},
    taints: spec?.taints ?? [],
    pods: byNode.get(metadata.name) ?? [],
  }));
};

/** Capacity of a NodePool's nodes, which counts against its limits. */
export const usedBy = (
  nodes: readonly { readonly from: ProvisioningPool; readonly node: Node }[],
): ReadonlyMap<string, Amounts> => {
  const used = new Map<string, Map<string, number>>();
  for (const { from, node } of nodes) {
    const sum = used.get(from.pool.name) ?? new Map<string, number>();
    used.set(from.pool.name, sum);
    sum.set("nodes", (sum.get("nodes") ?? 0) + 1);
    for (const [name, amount] of amountsOf(node.status?.capacity)) sum.set(name, (sum.get(name) ?? 0) + amount);
  }
  return used;
};

/** Quantities of a node's status: CPU in thousandths, all others in whole units. */
export const amountsOf = (quantities: Readonly<Record<string, string | number>> = {}): Amounts =>
  new Map(
    Object.entries(quantities).map(([name, quantity]) => [
      name,
      (name === "cpu" ? quantityMilliValue(quantity) : quantityValue(quantity)) ?? 0,
    ]),
  );
