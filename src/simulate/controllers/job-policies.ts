import { objectsAt } from "../../kubernetes/fields.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import type { Job, JobFailureRule } from "../../kubernetes/workloads.ts";
import type { JsonObject } from "../../model/json.ts";
import { expandIndexes } from "./job-indexes.ts";
import { isTerminating } from "./pod-state.ts";

/** What a failed pod means for its Job. */
export interface FailureVerdict {
  /** Why the Job fails at once. */
  readonly failJob: string | undefined;
  readonly failsIndex: boolean;
  /** Whether the failure counts towards the backoff limits. */
  readonly counts: boolean;
}

interface ContainerStatus {
  readonly name: string;
  readonly restartCount?: number;
  readonly state?: { readonly terminated?: { readonly exitCode?: number; readonly finishedAt?: string } };
}

const statusesOf = (pod: Pod, list: "containerStatuses" | "initContainerStatuses"): readonly ContainerStatus[] =>
  objectsAt(pod.status as unknown as JsonObject | undefined, list) as unknown as readonly ContainerStatus[];

const allStatuses = (pod: Pod): readonly ContainerStatus[] => [
  ...statusesOf(pod, "containerStatuses"),
  ...statusesOf(pod, "initContainerStatuses"),
];

const counted: FailureVerdict = { failJob: undefined, failsIndex: false, counts: true };

/** The first rule of the Job's pod failure policy that a failed pod meets. Source: `pkg/controller/job/pod_failure_policy.go`, v1.35. */
export const judgeFailure = (job: Job, pod: Pod): FailureVerdict => {
  for (const [index, rule] of (job.spec.podFailurePolicy?.rules ?? []).entries()) {
    const match = matchOf(rule, pod);
    if (match === undefined) continue;
    if (rule.action === "Ignore") return { ...counted, counts: false };
    if (rule.action === "FailIndex") return { ...counted, failsIndex: true };
    if (rule.action === "FailJob")
      return { ...counted, failJob: `${match} matching ${rule.action} rule at index ${index}` };
    return counted;
  }
  return counted;
};

const matchOf = ({ onExitCodes, onPodConditions }: JobFailureRule, pod: Pod): string | undefined => {
  const name = `${pod.metadata.namespace ?? ""}/${pod.metadata.name}`;
  if (onExitCodes !== undefined) {
    for (const status of allStatuses(pod)) {
      const code = status.state?.terminated?.exitCode ?? 0;
      if (code === 0 || (onExitCodes.containerName ?? status.name) !== status.name) continue;
      if ((onExitCodes.values ?? []).includes(code) === (onExitCodes.operator === "In"))
        return `Container ${status.name} for pod ${name} failed with exit code ${code}`;
    }
    return undefined;
  }
  const condition = (pod.status?.conditions ?? []).find(({ type, status }) =>
    (onPodConditions ?? []).some((pattern) => pattern.type === type && (pattern.status ?? "True") === status),
  );
  return condition === undefined ? undefined : `Pod ${name} has condition ${condition.type}`;
};

/** A pod that failed, or, unless only failed pods are replaced, one that was deleted before it ended. */
export const isPodFailed = (job: Job, pod: Pod): boolean => {
  const phase = pod.status?.phase;
  if (phase === "Failed") return true;
  return job.spec.podReplacementPolicy !== "Failed" && isTerminating(pod) && phase !== "Succeeded";
};

/** The message of the first rule of the success policy that is met. Source: `success_policy.go`. */
export const metSuccessRule = (job: Job, succeeded: ReadonlySet<number>): string | undefined => {
  if (succeeded.size === 0) return undefined;
  for (const [index, { succeededIndexes, succeededCount }] of (job.spec.successPolicy?.rules ?? []).entries()) {
    const wanted = succeededIndexes === undefined ? undefined : expandIndexes(succeededIndexes);
    const done = wanted === undefined ? succeeded.size : wanted.filter((one) => succeeded.has(one)).length;
    const isMet = wanted !== undefined && wanted.length > 0 && done === wanted.length;
    if (isMet || (succeededCount !== undefined && wanted?.length !== 0 && done >= succeededCount))
      return `Matched rules at index ${index}`;
  }
  return undefined;
};

/** Whether the containers of `OnFailure` pods have restarted too often. */
export const isPastRestarts = (job: Job, pods: readonly Pod[]): boolean => {
  if (job.spec.template.spec.restartPolicy !== "OnFailure") return false;
  let restarts = 0;
  for (const pod of pods) {
    if (pod.status?.phase !== "Running" && pod.status?.phase !== "Pending") continue;
    for (const { restartCount = 0 } of allStatuses(pod)) restarts += restartCount;
  }
  const limit = job.spec.backoffLimit ?? 6;
  return limit === 0 ? restarts > 0 : restarts >= limit;
};

const FAILURES = "batch.kubernetes.io/job-index-failure-count";
const IGNORED_FAILURES = "batch.kubernetes.io/job-index-ignored-failure-count";

const countOf = (pod: Pod, annotation: string): number => Number(pod.metadata.annotations?.[annotation] ?? 0) || 0;

/** Failures of a pod's index before it. */
export const indexFailures = (pod: Pod): number => countOf(pod, FAILURES);

export const allIndexFailures = (pod: Pod): number => countOf(pod, FAILURES) + countOf(pod, IGNORED_FAILURES);

/** The annotations by which a pod knows how often its index has failed; `replaced` is the pod before it. */
export const failureAnnotations = (job: Job, replaced: Pod | undefined): Readonly<Record<string, string>> => {
  if (replaced === undefined) return { [FAILURES]: "0" };
  const { counts } = judgeFailure(job, replaced);
  const ignored = countOf(replaced, IGNORED_FAILURES) + (counts ? 0 : 1);
  return {
    [FAILURES]: String(indexFailures(replaced) + (counts ? 1 : 0)),
    ...(ignored === 0 ? {} : { [IGNORED_FAILURES]: String(ignored) }),
  };
};

/** When a pod ended, as far as it says. Source: `backoff_utils.go`. */
export const finishedTime = (pod: Pod): string => {
  const ends = statusesOf(pod, "containerStatuses").map(({ state }) => state?.terminated?.finishedAt);
  if (ends.length > 0 && ends.every((end) => end !== undefined)) return [...ends].sort().at(-1) ?? "";
  const ready = pod.status?.conditions?.find(({ type }) => type === "Ready");
  if (ready?.status === "False" && ready.lastTransitionTime !== undefined) return ready.lastTransitionTime;
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp = "" } = pod.metadata;
  if (deletionTimestamp === undefined) return creationTimestamp;
  return new Date(Date.parse(deletionTimestamp) - 1000 * deletionGracePeriodSeconds).toISOString();
};

const FIRST_BACKOFF_SECONDS = 10;
const LONGEST_BACKOFF_SECONDS = 600;

/** Seconds from the last of so many failures on before the next attempt. */
export const backoffSeconds = (failures: number): number =>
  failures === 0 ? 0 : Math.min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2 ** (failures - 1));
