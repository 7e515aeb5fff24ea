import type { Pod, PodCondition } from "../../kubernetes/pod.ts";
import type { Millis } from "../../model/quantity.ts";

export const conditionOfPod = (pod: Pod, type: string): PodCondition | undefined =>
  pod.status?.conditions?.find((condition) => condition.type === type);

export const isReady = (pod: Pod): boolean => conditionOfPod(pod, "Ready")?.status === "True";

export const isFinished = (pod: Pod): boolean => pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";

export const isTerminating = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;

/** Neither finished nor going away. */
export const isActive = (pod: Pod): boolean => !isFinished(pod) && !isTerminating(pod);

/** Ready for at least `minReadySeconds`. */
export const isAvailable = (pod: Pod, minReadySeconds: number, now: string): boolean => {
  const ready = conditionOfPod(pod, "Ready");
  if (ready?.status !== "True") return false;
  if (minReadySeconds === 0) return true;
  const since = ready.lastTransitionTime;
  return since !== undefined && secondsBetween(since, now) >= minReadySeconds;
};

export const secondsBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;

/** Until when a ready pod becomes available, if it is not yet. */
export const availableAfter = (pods: readonly Pod[], minReadySeconds: number, now: string): Millis | undefined => {
  let soonest: number | undefined;
  for (const pod of pods) {
    if (!isReady(pod) || isAvailable(pod, minReadySeconds, now)) continue;
    const since = conditionOfPod(pod, "Ready")?.lastTransitionTime ?? now;
    const wait = 1000 * (minReadySeconds - secondsBetween(since, now));
    soonest = soonest === undefined ? wait : Math.min(soonest, wait);
  }
  return soonest as Millis | undefined;
};
