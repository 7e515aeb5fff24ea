import type { Pod } from "../../kubernetes/pod.ts";
import { type BoundVolume, type ClusterRun, keyOf } from "./cluster-run.ts";
import type { Decision } from "./decision.ts";
import { type DecisionRecord, toDecisionRecord } from "./decision-record.ts";

export interface QueueOptions {
  /** `input`: as given; `priority`: highest first, then as given. */
  readonly order: "input" | "priority";
  /** What becomes of a pod that preempted. */
  readonly preemptRetry: "immediate" | "end" | "none";
  /** How often unschedulable pods are tried, while anything changes. */
  readonly passes: number;
}

/** One decision that has been carried out, with what `look` saw before. */
export interface Step<T> {
  readonly pod: Pod;
  readonly attempt: number;
  readonly decision: Decision;
  readonly seen: T;
  readonly volumes: readonly BoundVolume[];
}

/** A pod that preempts again and again is given up after so many attempts. */
const MAX_PREEMPTIONS = 6;

/** Decides about all pending pods one by one through `look` and carries each decision out. */
export function* runQueue<T>(
  run: ClusterRun,
  pending: readonly Pod[],
  options: QueueOptions,
  look: (pod: Pod) => { readonly decision: Decision; readonly seen: T },
): Generator<Step<T>> {
  const attempts = new Map<string, number>();
  let queue = ordered(pending, options);
  for (let pass = 0; pass < Math.max(1, options.passes); pass++) {
    const again: string[] = [];
    let hasProgress = false;
    // Pods that preempted and wait at the end of the queue are appended while it is worked off.
    for (let at = 0; at < queue.length; at++) {
      const key = queue[at] ?? "";
      let pod = run.pending(key);
      while (pod !== undefined) {
        const attempt = (attempts.get(key) ?? 0) + 1;
        attempts.set(key, attempt);
        const { decision, seen } = look(pod);
        const { node, preemption, result } = decision;
        let volumes: readonly BoundVolume[] = [];
        if (node !== undefined) volumes = run.bind(pod, node, decision.volumes);
        else if (preemption !== undefined) run.preempt(pod, preemption.nominatedNode, preemption.victims);
        else if (result === "unschedulable") again.push(key);
        hasProgress ||= node !== undefined || preemption !== undefined;
        yield { pod, attempt, decision, seen, volumes };
        const isRetried = preemption !== undefined && attempt < MAX_PREEMPTIONS;
        if (isRetried && options.preemptRetry === "end") queue.push(key);
        pod = isRetried && options.preemptRetry === "immediate" ? run.pending(key) : undefined;
      }
    }
    if (!hasProgress || again.length === 0) return;
    queue = again;
  }
}

const ordered = (pending: readonly Pod[], { order }: QueueOptions): string[] =>
  (order === "priority"
    ? [...pending].sort((a, b) => (b.spec.priority ?? 0) - (a.spec.priority ?? 0))
    : [...pending]
  ).map(keyOf);

/** The same with everything that can be said about each decision, as it is printed. */
export function* scheduleQueue(
  run: ClusterRun,
  pending: readonly Pod[],
  options: QueueOptions,
): Generator<DecisionRecord> {
  const look = (pod: Pod) => {
    const detail = run.scheduler.describe(pod);
    return { decision: detail.decision, seen: detail };
  };
  let seq = 0;
  for (const { pod, attempt, seen, volumes } of runQueue(run, pending, options, look)) {
    const record = toDecisionRecord(pod, seen, seq++, attempt);
    yield volumes.length === 0 ? record : { ...record, volumes };
  }
}
