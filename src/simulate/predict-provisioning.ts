import type { KubeObject } from "../kubernetes/object.ts";
import type { Pod } from "../kubernetes/pod.ts";
import { bytes, milliCpu } from "../model/quantity.ts";
import { isNodePool } from "./autoscaling/karpenter-node-pool.ts";
import { excludingLabels, nodeClaimTemplate } from "./autoscaling/karpenter-scheduling.ts";
import type { ProvisionedNode, ProvisioningResult } from "./autoscaling/node-provisioning.ts";
import { type ProvisioningSetup, provisioningModel } from "./autoscaling/node-provisioning-setup.ts";
import type { PoolUse } from "./cloud/subnets.ts";
import { requestsOf } from "./predict-requests.ts";
import type { Settled } from "./predict-settle.ts";
import type {
  NodePrediction,
  NodeProvisioningPrediction,
  PendingPod,
  ProvisionedNodesPrediction,
  ProvisionedPoolPrediction,
  UnservedPods,
} from "./prediction.ts";

/** What is known of a cluster's node auto-provisioning before anything runs. */
export type Provisioning = ProvisioningSetup | { readonly unknown: string } | undefined;

/** The part of a prediction that node auto-provisioning makes. */
export interface ProvisioningPart {
  readonly prediction: NodeProvisioningPrediction | undefined;
  /** What surely stays Pending. */
  readonly pending: readonly PendingPod[];
  readonly nodes: readonly NodePrediction[];
  /** Its nodes as pools, for addresses. */
  readonly pools: readonly PoolUse[];
  /** Name of the pool that its nodes count as, by node. */
  readonly poolOfNode: ReadonlyMap<string, string>;
}

/** Parts the Pending pods into those that node auto-provisioning surely does not serve and all others, and says what it makes for these. */
export const predictProvisioning = (
  provisioning: Provisioning,
  given: {
    /** The user's, which tell which NodePools are AKS's own. */
    readonly objects: readonly KubeObject[];
    readonly low: Settled;
    readonly high: Settled;
    readonly pending: readonly PendingPod[];
  },
): ProvisioningPart => {
  const none = { nodes: [], pools: [], poolOfNode: new Map<string, string>() };
  if (provisioning === undefined) return { prediction: undefined, pending: given.pending, ...none };
  if ("unknown" in provisioning) return { ...unknownPart(provisioning.unknown, given.pending), ...none };
  const { low, high } = given;
  const made = high.provisioned?.nodes ?? [];
  const { pending, unserved } = parted(provisioning, high.provisioned, given.pending);
  return {
    prediction: {
      model: provisioningModel,
      region: provisioning.market.region,
      priced: provisioning.market.prices !== undefined,
      nodePools: poolPredictions(provisioning, given.objects, low.provisioned, high.provisioned),
      nodes: rowsOf(made, podsByNode(high), provisioning.market.prices?.currency ?? ""),
      unserved,
    },
    pending,
    nodes: nodePredictions(made, podsByNode(high)),
    pools: poolUses(provisioning, made),
    poolOfNode: new Map(made.map(({ node, from }) => [node.metadata.name, from.azurePool.address])),
  };
};

const unknownPart = (
  because: string,
  pending: readonly PendingPod[],
): Pick<ProvisioningPart, "prediction" | "pending"> => {
  const open = pending.filter(({ reason }) => reason === "Unschedulable");
  const reasons = [{ nodePool: "", cause: "nodePool" as const, text: because }];
  return {
    prediction: {
      model: provisioningModel,
      region: "",
      priced: false,
      nodePools: [],
      nodes: [],
      unserved: [...countedByOwner(open)].map(([owner, pods]) => ({ owner, pods, certain: false, reasons })),
    },
    pending: pending.filter(({ reason }) => reason !== "Unschedulable"),
  };
};

const parted = (
  setup: ProvisioningSetup,
  result: ProvisioningResult | undefined,
  pending: readonly PendingPod[],
): { readonly pending: readonly PendingPod[]; readonly unserved: readonly UnservedPods[] } => {
  const kept: PendingPod[] = [];
  const groups = new Map<string, UnservedPods>();
  for (const pod of pending) {
    if (pod.reason !== "Unschedulable") {
      kept.push(pod);
      continue;
    }
    const reasons = reasonsOf(setup, result, pod.pod);
    const certain = reasons.length > 0 && reasons.every(({ cause }) => isCertain(cause, setup));
    if (certain) kept.push({ ...pod, fixableBy: fixFor(reasons), provisioning: reasons.map(reasonText) });
    const key = JSON.stringify([pod.owner, certain, reasons]);
    const known = groups.get(key);
    groups.set(key, { owner: pod.owner, certain, reasons, pods: (known?.pods ?? 0) + 1 });
  }
  return { pending: kept, unserved: [...groups.values()] };
};

type Reason = UnservedPods["reasons"][number];

const reasonsOf = (
  setup: ProvisioningSetup,
  result: ProvisioningResult | undefined,
  pod: string,
): readonly Reason[] => [
  ...[...(result?.refused.get(pod) ?? [])].map(([nodePool, { cause, text }]): Reason => ({ nodePool, cause, text })),
  ...[...setup.unusable].map(([nodePool, text]): Reason => ({ nodePool, cause: "nodePool", text })),
  ...(setup.pools.length + setup.unusable.size === 0
    ? [{ nodePool: "", cause: "nodePool" as const, text: "no NodePool is among the manifests" }]
    : []),
];

/** Another size, or a class that the manifests do not show, may serve after all. */
const isCertain = (cause: Reason["cause"], { isSizeListComplete }: ProvisioningSetup): boolean =>
  cause !== "nodePool" && ((cause !== "size" && cause !== "minValues") || isSizeListComplete);

const reasonText = ({ nodePool, text }: Reason): string => (nodePool === "" ? text : `NodePool "${nodePool}": ${text}`);

const fixFor = (reasons: readonly Reason[]): string => {
  const limited = reasons.filter(({ cause }) => cause === "limits").map(({ nodePool }) => `"${nodePool}"`);
  if (limited.length > 0) return `higher limits of NodePool ${limited.join(" or ")}`;
  return reasons.every(({ cause }) => cause === "taint")
    ? "a toleration of a NodePool's taint, or a NodePool for these pods"
    : "a NodePool that allows what the pods ask for";
};

const countedByOwner = (pods: readonly PendingPod[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const { owner } of pods) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  return counts;
};

const poolPredictions = (
  setup: ProvisioningSetup,
  objects: readonly KubeObject[],
  low: ProvisioningResult | undefined,
  high: ProvisioningResult | undefined,
): readonly ProvisionedPoolPrediction[] => {
  const given = new Set(objects.filter(isNodePool).map(({ metadata }) => metadata.name));
  const count = (result: ProvisioningResult | undefined, name: string): number =>
    (result?.nodes ?? []).filter(({ from }) => from.pool.name === name).length;
  const usable = setup.pools.map(({ pool, nodeClass, types }): ProvisionedPoolPrediction => {
    const template = nodeClaimTemplate(pool, types, []);
    const [few, many] = [count(low, pool.name), count(high, pool.name)];
    return {
      name: pool.name,
      isDefault: !given.has(pool.name),
      weight: pool.weight,
      nodeClass: nodeClass.name,
      sizes: "cause" in template ? 0 : template.types.length,
      unusable: "cause" in template ? template.text : "",
      excludedBy: "cause" in template ? excludingLabels(pool, types) : [],
      limits: Object.fromEntries(pool.limits),
      nodes: { low: Math.min(few, many), high: many },
    };
  });
  const others = [...setup.unusable].map(([name, unusable]): ProvisionedPoolPrediction => {
    return {
      name,
      isDefault: false,
      weight: 0,
      nodeClass: "",
      sizes: 0,
      unusable,
      excludedBy: [],
      limits: {},
      nodes: { low: 0, high: 0 },
    };
  });
  return [...usable, ...others];
};

/** Nodes of one NodePool, size, place and set of fitting sizes make one row. */
const rowsOf = (
  made: readonly ProvisionedNode[],
  pods: ReadonlyMap<string, readonly Pod[]>,
  currency: string,
): readonly ProvisionedNodesPrediction[] => {
  const rows = new Map<string, ProvisionedNodesPrediction>();
  for (const { from, choice, node } of made) {
    const { type, capacityType, zones, basis, doubts, price, ranked } = choice;
    const key = JSON.stringify([from.pool.name, type.name, capacityType, zones, ranked.map(({ name }) => name)]);
    const known = rows.get(key);
    const bySize = [...ranked].sort(
      (a, b) => a.size.vcpus - b.size.vcpus || (a.size.memoryGib ?? 0) - (b.size.memoryGib ?? 0),
    );
    rows.set(key, {
      nodePool: from.pool.name,
      nodes: (known?.nodes ?? 0) + 1,
      pods: (known?.pods ?? 0) + (pods.get(node.metadata.name)?.length ?? 0),
      size: type.name,
      basis,
      doubts,
      fitting: {
        sizes: ranked.length,
        first: ranked.slice(0, 5).map(({ name }) => name),
        smallest: (basis === "assumed" ? type : bySize[0])?.name ?? type.name,
        largest: bySize.at(-1)?.name ?? type.name,
      },
      capacityType,
      zones,
      pricePerHour: price,
      currency,
    });
  }
  return [...rows.values()];
};

const podsByNode = ({ cluster }: Settled): ReadonlyMap<string, readonly Pod[]> => {
  const found = new Map<string, Pod[]>();
  for (const { pod, node } of cluster.placed.values()) {
    const there = found.get(node);
    if (there === undefined) found.set(node, [pod]);
    else there.push(pod);
  }
  return found;
};

const nodePredictions = (
  made: readonly ProvisionedNode[],
  pods: ReadonlyMap<string, readonly Pod[]>,
): readonly NodePrediction[] =>
  made.map(({ node, template, from }) => {
    const there = pods.get(node.metadata.name) ?? [];
    const requests = there.map(requestsOf);
    const { allocatable } = template.resources;
    return {
      name: node.metadata.name,
      pool: from.azurePool.address,
      zone: node.metadata.labels?.["topology.kubernetes.io/zone"] ?? "",
      ip: undefined,
      allocatable: { milliCpu: allocatable.milliCpu, memory: allocatable.memory, pods: template.maxPods },
      requested: {
        milliCpu: milliCpu(requests.reduce((sum, each) => sum + each.milliCpu, 0)),
        memory: bytes(requests.reduce((sum, each) => sum + each.memory, 0)),
        pods: there.length,
      },
    };
  });

/** Nothing when the apply ends: the nodes come with the pods. */
const poolUses = (setup: ProvisioningSetup, made: readonly ProvisionedNode[]): readonly PoolUse[] =>
  setup.pools.flatMap(({ azurePool }) => {
    const count = made.filter(({ from }) => from.azurePool === azurePool).length;
    return count === 0 ? [] : [{ pool: azurePool, now: 0, predicted: count, max: count, surge: 0 }];
  });
