import type { Pod } from "../../kubernetes/pod.ts";
import { type ClusterRun, keyOf } from "./cluster-run.ts";
import { type DecisionRecord, toDecisionRecord } from "./decision-record.ts";

export interface QueueOptions {
  /** `input`: as given; `priority`: highest first, then as given. */
  readonly order: "input" | "priority";
  /** What becomes of a pod that preempted. */
  readonly preemptRetry: "immediate" | "end" | "none";
  /** How often unschedulable pods are tried, while anything changes. */
  readonly passes: number;
}

/** A pod that preempts again and again is given up after so many attempts. */
const MAX_PREEMPTIONS = 6;

/** Decides about all pending pods one by one and carries each decision out. */
export function* scheduleQueue(
  run: ClusterRun,
  pending: readonly Pod[],
  options: QueueOptions,
  beforeEach?: (pod: Pod) => void,
): Generator<DecisionRecord> {
  let queue = pending.map(keyOf);
  if (options.order === "priority") {
    queue = [...pending].sort((a, b) => (b.spec.priority ?? 0) - (a.spec.priority ?? 0)).map(keyOf);
  }
  const attempts = new Map<string, number>();
  let seq = 0;
  for (let pass = 0; pass < Math.max(1, options.passes); pass++) {
    const again: string[] = [];
    const later: string[] = [];
    let hasProgress = false;
    for (let at = 0; at < queue.length || later.length > 0; ) {
      if (at >= queue.length) {
        queue = later.splice(0);
        at = 0;
      }
      const key = queue[at++] ?? "";
      let retry = true;
      while (retry) {
        retry = false;
        const pod = run.pending(key);
        if (pod === undefined) break;
        const attempt = (attempts.get(key) ?? 0) + 1;
        attempts.set(key, attempt);
        beforeEach?.(pod);
        const detail = run.scheduler.describe(pod);
        const { decision } = detail;
        const record = toDecisionRecord(pod, detail, seq++, attempt);
        if (decision.result === "scheduled" && decision.node !== undefined) {
          hasProgress = true;
          const volumes = run.bind(pod, decision.node, decision.volumes);
          yield volumes.length === 0 ? record : { ...record, volumes };
          continue;
        }
        if (decision.preemption !== undefined) {
          hasProgress = true;
          run.preempt(pod, decision.preemption.nominatedNode, decision.preemption.victims);
          if (attempt < MAX_PREEMPTIONS) {
            if (options.preemptRetry === "immediate") retry = true;
            else if (options.preemptRetry === "end") later.push(key);
          }
        } else if (decision.result === "unschedulable") again.push(key);
        yield record;
      }
    }
    if (!hasProgress || again.length === 0) return;
    queue = again;
  }
}
