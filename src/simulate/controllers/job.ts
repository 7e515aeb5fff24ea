// Past 300 lines: one reconcile, whose steps share the pods counted.
import { objectsAt, sameJson, textAt, withField } from "../../kubernetes/fields.ts";
import { uidOf } from "../../kubernetes/owner.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import type { Job } from "../../kubernetes/workloads.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { type Millis, millis } from "../../model/quantity.ts";
import { claimingKeys, claimObjects } from "./adoption.ts";
import { type Controller, type ControllerContext, keyOf, partsOf, type ReconcileResult } from "./controller.ts";
import { compactIndexes, expandIndexes, indexOfPod, surplusOfIndexes } from "./job-indexes.ts";
import {
  allIndexFailures,
  backoffSeconds,
  failureAnnotations,
  finishedTime,
  indexFailures,
  isPastRestarts,
  isPodFailed,
  judgeFailure,
  metSuccessRule,
} from "./job-policies.ts";
import { indexedSpec } from "./job-template.ts";
import { podFromTemplate } from "./pod-from-template.ts";
import { isActive, isFinished, isReady, isTerminating, secondsBetween } from "./pod-state.ts";
import { inScaleDownOrder } from "./scale-down-order.ts";

const component = "job-controller";
const batchPeriod = millis(1000);
const finalizer = "batch.kubernetes.io/job-tracking";

/** Failures since the last success, and when the last one was: what sets the time between attempts. */
interface Backoff {
  count: number;
  last: string;
}

/** Runs a Job's pods to completion or to one of its limits (pkg/controller/job, v1.35). */
export const createJobController = (): Controller => {
  const failures = new Map<string, Backoff>();
  return {
    name: "job",
    watches: ["Job", "Pod"],
    keysOf: (change, context) => {
      const { object, type } = change;
      if (object.kind === "Pod") return claimingKeys(change, "Job", context);
      if (type === "DELETED") failures.delete(keyOf(object));
      return [keyOf(object)];
    },
    // What happens to pods, and the Job's own status, is looked at once a second; a new wish at once.
    batching: ({ object, previous }) =>
      object.kind === "Pod" || (previous !== undefined && previous.metadata.generation === object.metadata.generation)
        ? batchPeriod
        : millis(0),
    reconcile: (key, context) => {
      const job = context.store.get<Job>("Job", ...partsOf(key));
      if (job === undefined) return "done";
      const { selector } = job.spec;
      if (selector !== undefined) claimObjects({ ...job, spec: { ...job.spec, selector } }, "Pod", context);
      const backoff = failures.get(key) ?? { count: 0, last: "" };
      failures.set(key, backoff);
      return new Sync(job, context, backoff).run();
    },
  };
};

interface Outcome {
  readonly type: "FailureTarget" | "SuccessCriteriaMet";
  readonly reason: string;
  readonly message: string;
}

class Sync {
  readonly job: Job;
  readonly context: ControllerContext;
  readonly backoff: Backoff;
  readonly status: Record<string, Json>;
  readonly isIndexed: boolean;
  /** As the sync found them. */
  readonly pods: readonly Pod[];
  readonly active: readonly Pod[];
  /** Pods that have not been counted yet. */
  readonly tracked: readonly Pod[];
  readonly succeededIndexes: ReadonlySet<number>;
  readonly failedIndexes: ReadonlySet<number> | undefined;
  /** Failed pods that stay until the next pod of their index has taken over their count. */
  readonly awaiting: ReadonlyMap<number, Pod>;
  counts: { active: number; ready: number; terminating: number };
  succeeded: number;
  failed: number;

  constructor(job: Job, context: ControllerContext, backoff: Backoff) {
    this.job = job;
    this.context = context;
    this.backoff = backoff;
    this.status = { ...((job.status ?? {}) as JsonObject) };
    this.isIndexed = job.spec.completionMode === "Indexed";
    this.pods = context.store.ownedBy<Pod>("Pod", uidOf(job));
    this.active = this.pods.filter(isActive);
    this.tracked = this.pods.filter((pod) => (pod.metadata.finalizers ?? []).includes(finalizer));
    this.counts = {
      active: this.active.length,
      ready: this.active.filter(isReady).length,
      terminating: this.pods.filter((pod) => isTerminating(pod) && !isFinished(pod)).length,
    };
    const failed = this.tracked.filter((pod) => this.hasIndex(pod) && isPodFailed(job, pod));
    const succeeded = this.tracked.filter((pod) => this.hasIndex(pod) && pod.status?.phase === "Succeeded");
    this.failed = Number(this.status["failed"] ?? 0) + failed.filter((pod) => judgeFailure(job, pod).counts).length;
    this.succeededIndexes = this.indexesWith("completedIndexes", succeeded);
    const perIndex = job.spec.backoffLimitPerIndex;
    this.failedIndexes =
      perIndex === undefined
        ? undefined
        : this.indexesWith(
            "failedIndexes",
            failed.filter((pod) => {
              const { failsIndex, counts } = judgeFailure(job, pod);
              return failsIndex || (counts && indexFailures(pod) >= perIndex);
            }),
          );
    this.succeeded = this.isIndexed
      ? this.succeededIndexes.size
      : Number(this.status["succeeded"] ?? 0) + succeeded.length;
    this.awaiting = this.failedIndexes === undefined ? new Map() : this.replaceable(failed, this.failedIndexes);
    this.noteFailures(succeeded, failed);
  }

  run(): ReconcileResult {
    if (this.condition("Complete") !== undefined || this.condition("Failed") !== undefined) {
      for (const pod of this.tracked) this.release(pod);
      return this.expiry();
    }
    const { spec, metadata } = this.job;
    if (this.status["startTime"] === undefined && spec.suspend !== true) this.status["startTime"] = this.context.time;
    let outcome = this.outcome();
    let wait: Millis | undefined;
    if (outcome !== undefined) this.endActive();
    else {
      if (metadata.deletionTimestamp === undefined) wait = this.manage();
      const isDone =
        this.counts.active === 0 &&
        (spec.completions === undefined ? this.succeeded > 0 : this.succeeded >= spec.completions);
      if (isDone) {
        const [reason, message] = ["CompletionsReached", "Reached expected number of succeeded pods"];
        outcome = { type: "SuccessCriteriaMet", reason, message };
      } else if (metadata.deletionTimestamp === undefined) this.noteSuspension();
    }
    this.count(outcome);
    this.status["active"] = this.counts.active;
    this.status["ready"] = this.counts.ready;
    this.status["terminating"] = this.counts.terminating;
    this.status["uncountedTerminatedPods"] = {};
    if (outcome !== undefined) this.finish(outcome);
    this.write();
    const deadline = outcome === undefined && spec.suspend !== true ? this.deadlineWait() : undefined;
    if (wait === undefined) return deadline === undefined ? "done" : { requeueAfter: deadline };
    return { requeueAfter: millis(deadline === undefined ? wait : Math.min(wait, deadline)) };
  }

  private hasIndex(pod: Pod): boolean {
    if (!this.isIndexed) return true;
    const index = indexOfPod(pod);
    return index !== undefined && index < (this.job.spec.completions ?? 0);
  }

  private indexesWith(field: "completedIndexes" | "failedIndexes", pods: readonly Pod[]): ReadonlySet<number> {
    if (!this.isIndexed) return new Set();
    const known = expandIndexes(textAt(this.status, field));
    return new Set([...known, ...pods.map((pod) => indexOfPod(pod) ?? -1)].sort((a, b) => a - b));
  }

  /** Per index that is neither done nor running again, the failed pod that knows most. */
  private replaceable(failed: readonly Pod[], failedIndexes: ReadonlySet<number>): ReadonlyMap<number, Pod> {
    const running = new Set(this.active.map(indexOfPod));
    const last = new Map<number, Pod>();
    for (const pod of failed) {
      const index = indexOfPod(pod) ?? -1;
      if (this.succeededIndexes.has(index) || failedIndexes.has(index) || running.has(index)) continue;
      const other = last.get(index);
      const isLater = other === undefined || allIndexFailures(other) <= allIndexFailures(pod);
      if (isLater && (other === undefined || finishedTime(other) <= finishedTime(pod))) last.set(index, pod);
    }
    return last;
  }

  private noteFailures(succeeded: readonly Pod[], failed: readonly Pod[]): void {
    const lastSuccess = succeeded.map(finishedTime).sort().at(-1);
    const after = failed.map(finishedTime).filter((time) => lastSuccess === undefined || time > lastSuccess);
    if (lastSuccess !== undefined) this.backoff.count = 0;
    this.backoff.count += after.length;
    this.backoff.last = after.sort().at(-1) ?? this.backoff.last;
  }

  private conditions(): readonly JsonObject[] {
    return objectsAt(this.status, "conditions");
  }

  private condition(type: string): JsonObject | undefined {
    return this.conditions().find((condition) => condition["type"] === type && condition["status"] === "True");
  }

  private setCondition(type: string, status: string, reason: string, message: string): void {
    const { time } = this.context;
    const next = { type, status, lastProbeTime: time, lastTransitionTime: time, reason, message };
    this.status["conditions"] = [...this.conditions().filter((condition) => condition["type"] !== type), next];
  }

  private event(type: "Normal" | "Warning", reason: string, message: string): void {
    this.context.event({ about: this.job, type, reason, message, from: component });
  }

  /** Why the Job ends now, in upstream's order of reasons. */
  private outcome(): Outcome | undefined {
    const { spec } = this.job;
    const met = this.condition("SuccessCriteriaMet");
    if (met !== undefined) return asOutcome("SuccessCriteriaMet", met);
    const target = this.condition("FailureTarget");
    if (target !== undefined) return asOutcome("FailureTarget", target);
    const failJob = this.pods
      .filter((pod) => isPodFailed(this.job, pod))
      .map((pod) => judgeFailure(this.job, pod).failJob)
      .find((message) => message !== undefined);
    if (failJob !== undefined) return failure("PodFailurePolicy", failJob);
    if (this.failed > (spec.backoffLimit ?? 6) || isPastRestarts(this.job, this.pods))
      return failure("BackoffLimitExceeded", "Job has reached the specified backoff limit");
    if (spec.suspend !== true && this.secondsLeft() === 0)
      return failure("DeadlineExceeded", "Job was active longer than specified deadline");
    const lost = this.failedIndexes?.size ?? 0;
    if (lost > (spec.maxFailedIndexes ?? Number.POSITIVE_INFINITY)) {
      const message = "Job has exceeded the specified maximal number of failed indexes";
      return failure("MaxFailedIndexesExceeded", message);
    }
    if (lost > 0 && lost + this.succeededIndexes.size >= (spec.completions ?? 0))
      return failure("FailedIndexes", "Job has failed indexes");
    const rule = this.isIndexed ? metSuccessRule(this.job, this.succeededIndexes) : undefined;
    return rule === undefined ? undefined : { type: "SuccessCriteriaMet", reason: "SuccessPolicy", message: rule };
  }

  /** The pods of a Job that ends are deleted, and counted like the others. */
  private endActive(): void {
    for (const pod of this.active) this.delete(pod);
    this.counts = { active: 0, ready: 0, terminating: this.counts.terminating + this.active.length };
  }

  /** Pods that the Job no longer wants: let go first, so that they do not count. */
  private giveUp(pods: readonly Pod[]): void {
    for (const pod of pods) {
      if ((pod.metadata.finalizers ?? []).includes(finalizer)) this.release(pod);
      this.delete(pod);
    }
    this.counts.active -= pods.length;
    this.counts.terminating += pods.length;
    this.counts.ready -= pods.filter(isReady).length;
  }

  private delete(pod: Pod): void {
    this.context.api.remove("Pod", pod.metadata.namespace, pod.metadata.name);
    this.event("Normal", "SuccessfulDelete", `Deleted pod: ${pod.metadata.name}`);
  }

  private release(pod: Pod): void {
    const latest = this.context.store.get<Pod>("Pod", pod.metadata.namespace, pod.metadata.name);
    if (latest === undefined) return;
    const left = (latest.metadata.finalizers ?? []).filter((name) => name !== finalizer);
    this.context.api.update(
      withField(latest as unknown as JsonObject, ["metadata", "finalizers"], left.length === 0 ? undefined : left),
    );
  }

  /** Counts the pods that ended and lets them go. Source: `trackJobStatusAndRemoveFinalizers`. */
  private count(outcome: Outcome | undefined): void {
    const isFailing = outcome?.type === "FailureTarget";
    let [succeeded, failed] = [Number(this.status["succeeded"] ?? 0), Number(this.status["failed"] ?? 0)];
    for (const pod of this.tracked) {
      const hasFailed = isPodFailed(this.job, pod);
      const hasSucceeded = pod.status?.phase === "Succeeded";
      const isOver = outcome !== undefined || this.job.metadata.deletionTimestamp !== undefined;
      if (!isOver && !hasSucceeded && !hasFailed) continue;
      if (!isOver && !hasSucceeded && this.awaiting.get(indexOfPod(pod) ?? -1) === pod) continue;
      if (hasSucceeded) succeeded++;
      else if ((hasFailed || isFailing) && this.hasIndex(pod) && judgeFailure(this.job, pod).counts) failed++;
      if (this.context.store.get("Pod", pod.metadata.namespace, pod.metadata.name) !== undefined) this.release(pod);
    }
    this.status["failed"] = failed;
    this.status["succeeded"] = this.isIndexed ? this.succeededIndexes.size : succeeded;
    if (this.succeededIndexes.size > 0) this.status["completedIndexes"] = compactIndexes([...this.succeededIndexes]);
    if (this.failedIndexes !== undefined) this.status["failedIndexes"] = compactIndexes([...this.failedIndexes]);
  }

  /** The Job is over once none of its pods is still ending. */
  private finish({ type, reason, message }: Outcome): void {
    if (this.condition(type) === undefined) this.setCondition(type, "True", reason, message);
    if (this.counts.terminating > 0) return;
    if (type === "FailureTarget") {
      this.setCondition("Failed", "True", reason, message);
      this.event("Warning", reason, message);
      return;
    }
    this.setCondition("Complete", "True", reason, message);
    this.status["completionTime"] = this.context.time;
    const { completions } = this.job.spec;
    if (completions !== undefined && Number(this.status["succeeded"] ?? 0) > completions) {
      const tooMany = "Too many succeeded pods running after completion count reached";
      this.event("Warning", "TooManySucceededPods", tooMany);
    }
    this.event("Normal", "Completed", "Job completed");
  }

  private secondsLeft(): number | undefined {
    const deadline = this.job.spec.activeDeadlineSeconds;
    const start = this.status["startTime"];
    if (deadline === undefined || typeof start !== "string") return undefined;
    return Math.max(0, deadline - secondsBetween(start, this.context.time));
  }

  private deadlineWait(): Millis | undefined {
    const left = this.secondsLeft();
    return left === undefined || left === 0 ? undefined : millis(left * 1000);
  }

  private noteSuspension(): void {
    if (this.job.spec.suspend === true) {
      if (this.condition("Suspended") !== undefined) return;
      this.setCondition("Suspended", "True", "JobSuspended", "Job suspended");
      delete this.status["startTime"];
      this.event("Normal", "Suspended", "Job suspended");
    } else if (this.condition("Suspended") !== undefined) {
      this.setCondition("Suspended", "False", "JobResumed", "Job resumed");
      this.status["startTime"] = this.context.time;
      this.event("Normal", "Resumed", "Job resumed");
    }
  }

  /** Brings the number of pods to what may run at a time; after a failure only once the backoff is over. */
  private manage(): Millis | undefined {
    const { spec } = this.job;
    if (spec.suspend === true) {
      this.giveUp(this.active);
      return undefined;
    }
    const { active, terminating } = this.counts;
    const parallelism = spec.parallelism ?? 1;
    const wanted =
      spec.completions === undefined
        ? this.succeeded > 0
          ? active
          : parallelism
        : Math.max(0, Math.min(parallelism, spec.completions - this.succeeded));
    const surplus = this.surplus(Math.max(0, active - wanted));
    if (surplus.length > 0) {
      this.giveUp(surplus);
      return undefined;
    }
    const missing = wanted - active - (spec.podReplacementPolicy === "Failed" ? terminating : 0);
    if (missing <= 0) return undefined;
    const wait = this.failedIndexes === undefined ? this.wait(this.backoff.count, this.backoff.last) : 0;
    if (wait > 0) return this.later(wait);
    if (!this.isIndexed) {
      this.create(Array.from({ length: missing }, () => undefined));
      return undefined;
    }
    const free = this.freeIndexes(missing);
    if (this.failedIndexes === undefined || free.length === 0) {
      this.create(free);
      return undefined;
    }
    const waits = free.map((index) => {
      const pod = this.awaiting.get(index);
      return pod === undefined ? 0 : this.wait(allIndexFailures(pod) + 1, finishedTime(pod));
    });
    const now = free.filter((_, at) => (waits[at] ?? 0) <= 0);
    if (now.length === 0) return this.later(Math.min(...waits));
    this.create(now);
    return undefined;
  }

  /** While it waits to make pods the controller reports none as active. */
  private later(wait: number): Millis {
    this.counts.active = 0;
    return millis(Math.max(batchPeriod, wait));
  }

  private surplus(atLeast: number): readonly Pod[] {
    const doubled = this.isIndexed ? surplusOfIndexes(this.active, this.job.spec.completions ?? 0) : [];
    if (doubled.length >= atLeast) return doubled;
    const left = this.active.filter((pod) => !doubled.includes(pod));
    return [...doubled, ...inScaleDownOrder(left, [], this.context.time).slice(0, atLeast - doubled.length)];
  }

  private wait(failures: number, last: string): number {
    const delay = backoffSeconds(failures);
    return delay === 0 ? 0 : 1000 * Math.max(0, delay - secondsBetween(last, this.context.time));
  }

  private create(indexes: readonly (number | undefined)[]): void {
    const { metadata, spec } = this.job;
    for (const index of indexes) {
      const place = index === undefined ? {} : { "batch.kubernetes.io/job-completion-index": String(index) };
      const failures =
        index === undefined || this.failedIndexes === undefined
          ? {}
          : failureAnnotations(this.job, this.awaiting.get(index));
      const pod = podFromTemplate(spec.template, this.job, {
        name: "",
        generateName: index === undefined ? `${metadata.name}-` : `${metadata.name}-${index}-`,
        finalizers: [finalizer],
        ...(index === undefined
          ? {}
          : {
              labels: place,
              annotations: { ...place, ...failures },
              spec: indexedSpec(spec.template.spec, metadata.name, index),
            }),
      });
      const answer = this.context.api.create(pod as unknown as JsonObject);
      if (answer.object === undefined) {
        this.event("Warning", "FailedCreate", `Error creating: ${answer.error.message}`);
        return;
      }
      this.counts.active++;
      this.event("Normal", "SuccessfulCreate", `Created pod: ${answer.object.metadata.name}`);
    }
  }

  private freeIndexes(count: number): readonly number[] {
    const ending = this.job.spec.podReplacementPolicy === "Failed" ? this.pods.filter(isTerminating) : [];
    const taken = new Set([...this.active, ...ending].map((pod) => indexOfPod(pod) ?? -1));
    const free: number[] = [];
    for (let index = 0; index < (this.job.spec.completions ?? 0) && free.length < count; index++) {
      const isDone = this.succeededIndexes.has(index) || this.failedIndexes?.has(index) === true;
      if (!isDone && !taken.has(index)) free.push(index);
    }
    return free;
  }

  /** A finished Job goes after its time to live (pkg/controller/ttlafterfinished). */
  private expiry(): ReconcileResult {
    const ttl = this.job.spec.ttlSecondsAfterFinished;
    if (ttl === undefined) return "done";
    const ended = this.condition("Complete") ?? this.condition("Failed");
    const left = ttl - secondsBetween(String(ended?.["lastTransitionTime"] ?? this.context.time), this.context.time);
    if (left > 0) return { requeueAfter: millis(left * 1000) };
    this.context.api.remove("Job", this.job.metadata.namespace, this.job.metadata.name);
    return "done";
  }

  private write(): void {
    const latest = this.context.store.get<Job>("Job", this.job.metadata.namespace, this.job.metadata.name);
    if (latest === undefined || sameJson(this.status, (latest.status ?? {}) as JsonObject)) return;
    this.context.api.updateStatus(withField(latest as unknown as JsonObject, ["status"], this.status));
  }
}

const failure = (reason: string, message: string): Outcome => ({ type: "FailureTarget", reason, message });

const asOutcome = (type: Outcome["type"], condition: JsonObject): Outcome => ({
  type,
  reason: textAt(condition, "reason"),
  message: textAt(condition, "message"),
});
