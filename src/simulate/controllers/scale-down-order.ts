import type { Pod } from "../../kubernetes/pod.ts";
import { conditionOfPod, isReady } from "./pod-state.ts";

/**
 * Pods in the order in which a ReplicaSet gives them up (pkg/controller/controller_utils.go, ActivePodsWithRanks, v1.35): without a node,
 * pending, not ready, cheap by annotation, crowded, ready or created last, restarted most.
 */
export const inScaleDownOrder = (pods: readonly Pod[], related: readonly Pod[], now: string): readonly Pod[] => {
  const onNode = new Map<string, number>();
  for (const pod of related) {
    if (!isActiveForRank(pod)) continue;
    const node = pod.spec.nodeName ?? "";
    onNode.set(node, (onNode.get(node) ?? 0) + 1);
  }
  const rank = (pod: Pod): number => onNode.get(pod.spec.nodeName ?? "") ?? 0;
  return [...pods].sort(
    (a, b) =>
      Number(hasNode(a)) - Number(hasNode(b)) ||
      phaseOrder(a) - phaseOrder(b) ||
      Number(isReady(a)) - Number(isReady(b)) ||
      deletionCost(a) - deletionCost(b) ||
      rank(b) - rank(a) ||
      newerFirst(readySince(a), readySince(b), now) ||
      restarts(b) - restarts(a) ||
      newerFirst(a.metadata.creationTimestamp, b.metadata.creationTimestamp, now) ||
      ((a.metadata.uid ?? "") < (b.metadata.uid ?? "") ? -1 : 1),
  );
};

const isActiveForRank = (pod: Pod): boolean =>
  pod.metadata.deletionTimestamp === undefined && pod.status?.phase !== "Succeeded" && pod.status?.phase !== "Failed";

const hasNode = (pod: Pod): boolean => (pod.spec.nodeName ?? "") !== "";

const phaseOrder = (pod: Pod): number => ({ Pending: 0, Unknown: 1, Running: 2 })[pod.status?.phase ?? ""] ?? 0;

const deletionCost = (pod: Pod): number =>
  Number(pod.metadata.annotations?.["controller.kubernetes.io/pod-deletion-cost"] ?? 0);

const readySince = (pod: Pod): string | undefined =>
  isReady(pod) ? conditionOfPod(pod, "Ready")?.lastTransitionTime : undefined;

const restarts = (pod: Pod): number =>
  Math.max(0, ...(pod.status?.containerStatuses ?? []).map((status) => Number(status["restartCount"] ?? 0)));

/** Ages are compared by the power of two of their seconds, so that among pods of like age none is preferred. */
const newerFirst = (a: string | undefined, b: string | undefined, now: string): number => {
  if (a === b || a === undefined || b === undefined) return 0;
  const age = (time: string): number => Math.floor(Math.log2(Math.max(1, (Date.parse(now) - Date.parse(time)) / 1000)));
  return age(a) - age(b);
};
