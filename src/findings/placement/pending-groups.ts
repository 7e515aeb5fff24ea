import { type Workload, workloadsOf } from "../../graph/pod-templates.ts";
import type { PendingPod, PoolPrediction, Prediction } from "../../simulate/prediction.ts";
import { podRequests } from "../../simulate/scheduler/requests.ts";
import type { World } from "../rule.ts";
import { eligiblePools, matchingPools } from "./eligible-pools.ts";

/** Why pods wait, told from the scheduler's message; each is the matter of one rule. */
export type PendingCause =
  | "tooLarge"
  | "capacity"
  | "podCount"
  | "taint"
  | "affinity"
  | "spread"
  | "ports"
  | "device"
  | "volume"
  | "claim"
  | "other";

/** Pods of one owner that wait for one reason. */
export interface PendingGroup {
  readonly prediction: Prediction;
  readonly owner: string;
  readonly pods: readonly PendingPod[];
  readonly first: PendingPod;
  /** Pods of the owner in all, placed ones too. */
  readonly total: number;
  readonly cause: PendingCause;
  readonly workload: Workload | undefined;
  /** Of one pod; `undefined` where its manifest is not in the input. */
  readonly requests: { readonly milliCpu: number; readonly memoryBytes: number } | undefined;
}

const cache = new WeakMap<World, readonly PendingGroup[]>();

export const pendingGroups = (world: World): readonly PendingGroup[] => {
  const cached = cache.get(world);
  if (cached !== undefined) return cached;
  const workloads = new Map(workloadsOf(world.objects).map((workload) => [workload.address, workload]));
  const groups = world.predictions
    .flatMap((prediction) => groupsOf(prediction, workloads))
    .map((group) => (isBehindTaint(world, group) ? { ...group, cause: "taint" as const } : group));
  cache.set(world, groups);
  return groups;
};

/** Some nodes have the labels and a taint, the others neither: it is the taint that keeps the pods off. */
const isBehindTaint = (world: World, { cause, first, workload, prediction }: PendingGroup): boolean =>
  cause === "affinity" &&
  workload !== undefined &&
  /untolerated taint/.test(first.message) &&
  /node affinity\/selector/.test(first.message) &&
  eligiblePools(world, prediction.cluster, workload).length === 0 &&
  matchingPools(world, prediction.cluster, workload).length > 0;

const groupsOf = (prediction: Prediction, workloads: ReadonlyMap<string, Workload>): readonly PendingGroup[] => {
  const byKey = new Map<string, PendingPod[]>();
  for (const pod of prediction.pending) {
    const key = `${pod.owner}\n${pod.when}\n${pod.reason}\n${pod.message}`;
    const list = byKey.get(key);
    if (list === undefined) byKey.set(key, [pod]);
    else list.push(pod);
  }
  const placed = new Map<string, number>();
  for (const { owner } of prediction.placements) placed.set(owner, (placed.get(owner) ?? 0) + 1);
  const waiting = new Map<string, number>();
  for (const { owner } of prediction.pending) waiting.set(owner, (waiting.get(owner) ?? 0) + 1);
  return [...byKey.values()].flatMap((pods) => {
    const [first] = pods;
    if (first === undefined) return [];
    const workload = workloads.get(first.owner);
    const requests = workload === undefined ? undefined : requestsOf(workload);
    return [
      {
        prediction,
        owner: first.owner,
        pods,
        first,
        total: (placed.get(first.owner) ?? 0) + (waiting.get(first.owner) ?? 0),
        cause: provisionedCause(prediction, first) ?? causeOf(first, prediction.pools, requests),
        workload,
        requests,
      },
    ];
  });
};

const requestsOf = (workload: Workload): { readonly milliCpu: number; readonly memoryBytes: number } => {
  const all = podRequests({ spec: workload.spec });
  return { milliCpu: all.get("cpu") ?? 0, memoryBytes: (all.get("memory") ?? 0) / 1000 };
};

/** With node auto-provisioning the taints of the pools are not why a pod waits, but what keeps every NodePool from serving it. */
const provisionedCause = (
  { nodeProvisioning }: Prediction,
  { owner, provisioning, message }: PendingPod,
): PendingCause | undefined => {
  if (provisioning === undefined || !/untolerated taint/.test(message) || /Insufficient \S+\/\S+/.test(message))
    return undefined;
  const reasons = (nodeProvisioning?.unserved ?? [])
    .filter((unserved) => unserved.owner === owner && unserved.certain)
    .flatMap((unserved) => unserved.reasons.map(({ cause }) => cause));
  if (reasons.includes("limits")) return "capacity";
  if (reasons.includes("volume")) return "claim";
  if (reasons.includes("ports")) return "ports";
  if (reasons.includes("topology")) return "spread";
  return reasons.includes("label") ? "affinity" : "taint";
};

/**
 * A node is refused by the first plugin that objects: taints, then selectors, ports, resources, volumes, spread, affinity. So a resource
 * reason means that the node would take the pod but for room, and a taint or selector reason counts only where there is no other.
 */
const causeOf = (
  pod: PendingPod,
  pools: readonly PoolPrediction[],
  requests: PendingGroup["requests"],
): PendingCause => {
  const message = pod.message.replace(/\s*preemption:.*$/s, "");
  if (
    /persistentvolumeclaim .* not found|unbound immediate PersistentVolumeClaims|waiting for .* to be created|storageclass/i.test(
      message,
    )
  ) {
    return "claim";
  }
  if (/Insufficient (cpu|memory|ephemeral-storage)/.test(message)) {
    return requests !== undefined && isTooLarge(requests, pools) ? "tooLarge" : "capacity";
  }
  if (/Insufficient \S+\/\S+/.test(message)) return "device";
  if (/Too many pods/.test(message)) return "podCount";
  if (
    /max volume count|volume node affinity conflict|PersistentVolume's node affinity|available persistent volumes|no available (disk|volume zone)/.test(
      message,
    )
  ) {
    return "volume";
  }
  if (/free ports/.test(message)) return "ports";
  if (/topology spread|anti-affinity/.test(message)) return "spread";
  if (/untolerated taint/.test(message) && !/node affinity\/selector|pod affinity/.test(message)) return "taint";
  if (/node affinity\/selector|pod affinity/.test(message)) return "affinity";
  return "other";
};

const isTooLarge = (requests: NonNullable<PendingGroup["requests"]>, pools: readonly PoolPrediction[]): boolean =>
  pools.length > 0 &&
  pools.every(
    ({ allocatable }) => requests.milliCpu > allocatable.milliCpu || requests.memoryBytes > allocatable.memory,
  );

/** The scheduler's message without what it says of claims and preemption. */
export const withoutPreemption = (message: string): string =>
  message
    .replace(/\.? (no new claims to deallocate, )?preemption: .*$/s, "")
    .replace(/\. not found\.?$/, "")
    .replace(/\.?$/, ".");
