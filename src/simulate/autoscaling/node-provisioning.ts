import type { Node } from "../../kubernetes/node.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import { quantityMilliValue, quantityValue } from "../../kubernetes/quantity.ts";
import { csiNodeOf } from "../nodes/nodes-of-pool.ts";
import type { PredictCluster, UnplacedPod } from "../predict-cluster.ts";
import type { Amounts } from "./karpenter-instance-types.ts";
import { chooseLaunch, type LaunchChoice } from "./karpenter-launch.ts";
import type { Refusal } from "./karpenter-node-claim.ts";
import type { Requirements } from "./karpenter-requirements.ts";
import { nodeClaimTemplate, type SchedulingResult, scheduleBatch } from "./karpenter-scheduling.ts";
import { keyOf, type PlacedNode } from "./karpenter-topology.ts";
import { type LaunchedNode, launchedNode } from "./node-provisioning-nodes.ts";
import type { ProvisioningPool, ProvisioningSetup } from "./node-provisioning-setup.ts";
import { volumeAsks } from "./node-provisioning-volumes.ts";

/** A node of node auto-provisioning's making. */
export interface ProvisionedNode extends LaunchedNode {
  readonly from: ProvisioningPool;
  readonly choice: LaunchChoice;
  /** What the pods that it was made for and the DaemonSets ask. */
  readonly requests: Amounts;
  readonly plannedPods: number;
}

export interface ProvisioningResult {
  readonly nodes: readonly ProvisionedNode[];
  /** What still waits. */
  readonly pending: readonly UnplacedPod[];
  /** Why no NodePool helps, by pod and NodePool. */
  readonly refused: ReadonlyMap<string, ReadonlyMap<string, Refusal>>;
}

/** More rounds than pods that wait on each other's nodes need; what then still waits is left. */
const mostRounds = 8;

/**
 * Makes nodes for the pods that wait, batch by batch, and lets the scheduler place the pods, until nothing waits that a node would help.
 * The scheduler is not bound by Karpenter's plan, so that a batch may leave pods for the next. Nodes that stay empty are taken away again
 * where the NodePool's consolidation would do so.
 */
export const provisionNodes = (
  setup: ProvisioningSetup,
  cluster: PredictCluster,
  waiting: readonly UnplacedPod[],
  daemonPods: (nodes: readonly Node[]) => readonly Pod[],
): ProvisioningResult => {
  const made: ProvisionedNode[] = [];
  const strays: UnplacedPod[] = [];
  const launch = (
    from: ProvisioningPool,
    launched: Omit<ProvisionedNode, keyof LaunchedNode | "from">,
    requirements: Requirements,
  ): void => {
    const { node, template } = launchedNode(setup, from, launched.choice, requirements, made.length);
    made.push({ ...launched, node, template, from });
    cluster.addNode(node, csiNodeOf(node, template));
    strays.push(...cluster.place(daemonPods([node])));
  };
  for (const { from, choice, requirements } of staticNodes(setup))
    launch(from, { choice, requests: new Map(), plannedPods: 0 }, requirements);
  let pending = made.length === 0 ? waiting : cluster.place(waiting.map(({ pod }) => pod));
  let refused: ProvisioningResult["refused"] = new Map();
  for (let round = 0; round < mostRounds; round++) {
    const result = planBatch(
      setup,
      cluster,
      pending.filter(isForProvisioning).map(({ pod }) => pod),
      usedBy(made),
    );
    refused = result.refused;
    const before = made.length;
    for (const claim of result.claims) {
      const from = setup.pools.find(({ pool }) => pool === claim.template.pool);
      const choice = chooseLaunch(claim.types, claim.requirements, claim.totalRequests, setup.market);
      if (from === undefined || choice === undefined) continue;
      launch(from, { choice, requests: claim.totalRequests, plannedPods: claim.pods.length }, claim.requirements);
    }
    if (made.length === before) break;
    pending = cluster.place(pending.map(({ pod }) => pod));
    if (!pending.some(isForProvisioning)) break;
  }
  const nodes = made.filter((node) => !isSpare(cluster, node));
  for (const { node } of made) if (!nodes.some((kept) => kept.node === node)) cluster.removeNode(node.metadata.name);
  return { nodes, pending: [...strays, ...pending], refused };
};

/** Karpenter looks at pods that the scheduler has found no node for; gated ones and those without a volume are not among them. */
const isForProvisioning = ({ reason }: UnplacedPod): boolean => reason === "Unschedulable";

const planBatch = (
  setup: ProvisioningSetup,
  cluster: PredictCluster,
  pods: readonly Pod[],
  used: ReadonlyMap<string, Amounts>,
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
    nodes: placedNodes(cluster),
    namespaces: new Map(
      objects.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => [metadata.name, metadata.labels ?? {}]),
    ),
    existing: [],
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
const usedBy = (nodes: readonly ProvisionedNode[]): ReadonlyMap<string, Amounts> => {
  const used = new Map<string, Map<string, number>>();
  for (const { from, node } of nodes) {
    const sum = used.get(from.pool.name) ?? new Map<string, number>();
    used.set(from.pool.name, sum);
    sum.set("nodes", (sum.get("nodes") ?? 0) + 1);
    for (const [name, quantity] of Object.entries(node.status?.capacity ?? {})) {
      const amount = name === "cpu" ? quantityMilliValue(quantity) : quantityValue(quantity);
      sum.set(name, (sum.get(name) ?? 0) + (amount ?? 0));
    }
  }
  return used;
};

/** Static NodePools keep their nodes whatever waits. */
const staticNodes = (setup: ProvisioningSetup) =>
  setup.pools.flatMap((from) => {
    const { replicas, limits } = from.pool;
    if (replicas === undefined) return [];
    const template = nodeClaimTemplate(from.pool, from.types, setup.daemons);
    if ("cause" in template) return [];
    const choice = chooseLaunch(template.types, template.requirements, new Map(), setup.market);
    if (choice === undefined) return [];
    const count = Math.min(replicas, limits.get("nodes") ?? replicas);
    return Array.from({ length: count }, () => ({ from, choice, requirements: template.requirements }));
  });

/** A node with nothing but DaemonSets' pods goes, unless consolidation is off. */
const isSpare = (cluster: PredictCluster, { node, from: { pool } }: ProvisionedNode): boolean => {
  if (pool.replicas !== undefined || pool.disruption.after === undefined) return false;
  for (const placed of cluster.placed.values())
    if (placed.node === node.metadata.name && !isDaemon(placed.pod)) return false;
  return true;
};

const isDaemon = (pod: Pod): boolean =>
  (pod.metadata.ownerReferences ?? []).some((reference) => reference.kind === "DaemonSet");
