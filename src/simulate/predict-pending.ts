import type { Pod } from "../kubernetes/pod.ts";
import type { PredictedPool } from "./predict-pools.ts";
import { requestsOf } from "./predict-requests.ts";
import { ownerOf, type Settled } from "./predict-settle.ts";
import { podName } from "./predict-workloads.ts";
import type { Assumption, PendingPod } from "./prediction.ts";

/** What stays Pending, at high load and already at low load, with what would place it. */
export const pendingPods = (low: Settled, high: Settled): readonly PendingPod[] => {
  const always = new Set(low.pending.map(({ pod }) => podName(pod)));
  const unhelped = new Map(high.autoscaler.unhelped.map(({ pod, reasons }) => [pod, reasons]));
  return high.pending.map(({ pod, reason, message }) => {
    const name = podName(pod);
    return {
      pod: name,
      owner: ownerOf(high, pod),
      reason,
      message,
      fixableBy: fixFor(pod, reason, message, high, unhelped.get(name) ?? []),
      when: always.has(name) ? "always" : "at high load",
    };
  });
};

/** Pods that may run on the virtual node (Azure Container Instances), whose room is not simulated, are not said to wait. */
export const withoutVirtualNode = (
  pending: readonly PendingPod[],
  high: Settled,
  hasVirtualNode: boolean,
): { readonly pending: readonly PendingPod[]; readonly assumptions: readonly Assumption[] } => {
  if (!hasVirtualNode) return { pending, assumptions: [] };
  const onVirtual = new Set(high.pending.filter(({ pod }) => toleratesVirtualNode(pod)).map(({ pod }) => podName(pod)));
  const left = pending.filter(({ pod }) => !onVirtual.has(pod));
  const count = pending.length - left.length;
  if (count === 0) return { pending, assumptions: [] };
  return {
    pending: left,
    assumptions: [
      {
        key: "virtualNode",
        text: `${count} pod${count === 1 ? "" : "s"} that the pools do not take may run on the virtual node (Azure Container Instances), which is not simulated.`,
        override: "pods given with --cluster-dump",
        certainty: "likely",
      },
    ],
  };
};

/** The virtual node's taint is virtual-kubelet.io/provider=azure:NoSchedule ("Create and configure AKS to use virtual nodes"). */
const toleratesVirtualNode = ({ spec }: Pod): boolean =>
  (spec.tolerations ?? []).some(
    ({ key, operator }) => key === "virtual-kubelet.io/provider" || (key === undefined && operator === "Exists"),
  );

/**
 * Parts the Pending pods from those that may run on a pool whose nodes are not known: of these nothing is said but that, since a missing
 * fact is no lack of room.
 */
export const withoutUnknowable = (
  pending: readonly PendingPod[],
  leftOut: readonly string[],
): { readonly pending: readonly PendingPod[]; readonly assumptions: readonly Assumption[] } => {
  if (leftOut.length === 0) return { pending, assumptions: [] };
  const certain = pending.filter(({ reason }) => reason !== "Unschedulable");
  const open = pending.length - certain.length;
  const pools = `pool${leftOut.length === 1 ? "" : "s"} "${leftOut.join('", "')}"`;
  return {
    pending: certain,
    assumptions: [
      {
        key: "poolsLeftOut",
        text:
          open === 0
            ? `The nodes of ${pools} are not known, since the VM size is not in the table; nothing needed them.`
            : `The nodes of ${pools} are not known, since the VM size is not in the table: whether ${open} pod${open === 1 ? "" : "s"} that no other pool takes will run is not known.`,
        override: "skus in aks-twin.yaml (az vm list-skus -o json)",
        certainty: "uncertain",
      },
    ],
  };
};

/** The change of a pool that would place the pod, or why no pool of the cluster could. */
const fixFor = (
  pod: Pod,
  reason: string,
  message: string,
  settled: Settled,
  /** Why the autoscaler helps it with none of its pools. */
  refusals: readonly string[],
): string => {
  if ((pod.spec.schedulingGates ?? []).length > 0) return "whoever set its scheduling gates";
  if ((pod.spec.volumes ?? []).length > 0 && reason === "ProvisioningFailed")
    return "another StorageClass, access mode or size for its claim";
  const full = settled.pools.filter(
    ({ pool, count }) =>
      pool.autoscaling && count >= pool.max && settled.autoscaler.sizes.get(pool.name)?.limited === true,
  );
  const helping = full.filter(({ pool }) => !isRefused(refusals, pool.name) && isLargeEnough(pod, pool));
  if (helping.length > 0)
    return helping.map(({ pool }) => `max_count of pool "${pool.name}" above ${pool.max}`).join(", or ");
  const { milliCpu, memory } = requestsOf(pod);
  const fits = settled.pools.some(({ pool }) => isLargeEnough(pod, pool));
  if (!fits) {
    const largest = largestPool(settled.pools.map(({ pool }) => pool));
    return largest === undefined
      ? "a node pool; the cluster has none whose VM size is known"
      : `lower requests or larger nodes: it asks for ${milliCpu}m CPU and ${gib(memory)} GiB, the largest node (pool "${largest.name}", ${largest.template.vmSize}) has ${largest.template.resources.allocatable.milliCpu}m and ${gib(largest.template.resources.allocatable.memory)} GiB allocatable`;
  }
  // More nodes help where room is what lacks on some node; taints, affinity and volumes refuse the new nodes as well.
  if (!/Insufficient|Too many pods|free ports|max volume count/.test(message) && !wantsNodeOfItsOwn(pod, message))
    return constraints;
  const fixed = settled.pools.filter(({ pool }) => !pool.autoscaling && isLargeEnough(pod, pool));
  if (fixed.length > 0 && fixed.length === settled.pools.length)
    return `a higher node_count, or auto_scaling_enabled, on pool "${fixed[0]?.pool.name ?? ""}"`;
  return constraints;
};

/** Pods that keep off each other by host only need one more host. */
const wantsNodeOfItsOwn = ({ spec }: Pod, message: string): boolean =>
  /anti-affinity/.test(message) &&
  (spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).every(
    ({ topologyKey }) => topologyKey === "kubernetes.io/hostname",
  );

const constraints =
  "its own constraints (node selector, affinity, tolerations, volumes): no pool of the cluster satisfies them";

/** Whether the autoscaler says that the pod's filters, and not the pool's limit, keep it away. */
const isRefused = (reasons: readonly string[], pool: string): boolean =>
  reasons.some((reason) => reason.startsWith(`${pool}: `) && !reason.includes("max node group size"));

const isLargeEnough = (pod: Pod, pool: PredictedPool): boolean => {
  const { milliCpu, memory } = requestsOf(pod);
  const { allocatable } = pool.template.resources;
  return milliCpu <= allocatable.milliCpu && memory <= allocatable.memory;
};

const largestPool = (pools: readonly PredictedPool[]): PredictedPool | undefined =>
  [...pools].sort((a, b) => b.template.resources.allocatable.memory - a.template.resources.allocatable.memory)[0];

const gib = (bytes: number): string => (bytes / 1024 ** 3).toFixed(1);
