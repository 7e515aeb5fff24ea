import type { Node } from "../../kubernetes/node.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import { csiNodeOf } from "../nodes/nodes-of-pool.ts";
import type { PredictCluster, UnplacedPod } from "../predict-cluster.ts";
import type { Amounts } from "./karpenter-instance-types.ts";
import { chooseLaunch, type LaunchChoice } from "./karpenter-launch.ts";
import type { Refusal } from "./karpenter-node-claim.ts";
import type { Requirements } from "./karpenter-requirements.ts";
import { nodeClaimTemplate } from "./karpenter-scheduling.ts";
import { type LaunchedNode, launchedNode } from "./node-provisioning-nodes.ts";
import { planBatch, usedBy } from "./node-provisioning-plan.ts";
import type { ProvisioningPool, ProvisioningSetup } from "./node-provisioning-setup.ts";

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

/** Static NodePools keep their nodes whatever waits. */
export const staticNodes = (setup: ProvisioningSetup) =>
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
