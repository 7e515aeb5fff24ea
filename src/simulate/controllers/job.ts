// Past 300 lines: one reconcile, whose steps share the pods counted.
import { listAt, objectAt, objectsAt, sameJson, textAt, withField } from "../../kubernetes/fields.ts";
import { uidOf } from "../../kubernetes/owner.ts";
import type { Pod, PodSpec } from "../../kubernetes/pod.ts";
import type { Job } from "../../kubernetes/workloads.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { type Millis, millis } from "../../model/quantity.ts";
import {
  type Controller,
  type ControllerContext,
  keyOf,
  ownerKeys,
  partsOf,
  type ReconcileResult,
} from "./controller.ts";
import { compactIndexes, indexOfPod } from "./job-indexes.ts";
import { podFromTemplate } from "./pod-from-template.ts";
import { isReady, isTerminating, secondsBetween } from "./pod-state.ts";

const component = "job-controller";
const finalizer = "batch.kubernetes.io/job-tracking";
const firstBackoffSeconds = 10;
const longestBackoffSeconds = 600;

/** Runs a Job's pods to completion or to its backoff limit (pkg/controller/job, v1.35). */
export const createJobController = (): Controller => {
  // Failures counted a key, and when the last one was: the backoff between attempts.
  const failures = new Map<string, { count: number; last: string }>();
  return {
    name: "job",
    watches: ["Job", "Pod"],
    keysOf: ({ object, type }) => {
      if (object.kind === "Pod") return ownerKeys(object, "Job");
      if (type === "DELETED") failures.delete(keyOf(object));
      return [keyOf(object)];
    },
    reconcile: (key, context) => {
      const job = context.store.get<Job>("Job", ...partsOf(key));
      if (job === undefined) return "done";
      const backoff = failures.get(key) ?? { count: 0, last: "" };
      failures.set(key, backoff);
      return new Sync(job, context, backoff).run();
    },
  };
};

class Sync {
  readonly job: Job;
  readonly context: ControllerContext;
  readonly backoff: { count: number; last: string };
  readonly status: Record<string, Json>;
  readonly isIndexed: boolean;

  constructor(job: Job, context: ControllerContext, backoff: { count: number; last: string }) {
    this.job = job;
    this.context = context;
    this.backoff = backoff;
    this.status = { ...((job.status ?? {}) as JsonObject) };
    this.isIndexed = job.spec.completionMode === "Indexed";
  }

  run(): ReconcileResult {
    if (this.condition("Complete") !== undefined || this.condition("Failed") !== undefined) {
      this.releaseAll();
      return this.expiry();
    }
    const { spec } = this.job;
    if (this.status["startTime"] === undefined && spec.suspend !== true) this.status["startTime"] = this.context.time;
    const fresh = this.count();
    const pods = this.pods();
    const active = pods.filter((pod) => !isEnded(pod) && !isTerminating(pod));
    let finished:
      | { readonly type: "Complete" | "Failed"; readonly reason: string; readonly message: string }
      | undefined = this.outcome();
    let wait: Millis | undefined;
    if (finished !== undefined) for (const pod of active) this.remove(pod);
    else if (spec.suspend === true) this.suspend(active);
    else {
      this.resume();
      wait = this.manage(active, fresh);
    }
    finished ??= undefined;
    const left = this.pods();
    this.status["active"] =
      finished === undefined ? left.filter((pod) => !isEnded(pod) && !isTerminating(pod)).length : 0;
    this.status["ready"] = left.filter((pod) => !isEnded(pod) && !isTerminating(pod) && isReady(pod)).length;
    this.status["terminating"] = left.filter((pod) => isTerminating(pod) && !isEnded(pod)).length;
    this.status["uncountedTerminatedPods"] = {};
    if (finished !== undefined) this.finish(finished);
    this.write();
    const deadline = this.deadlineWait();
    if (wait === undefined) return deadline === undefined ? "done" : { requeueAfter: deadline };
    return { requeueAfter: millis(deadline === undefined ? wait : Math.min(wait, deadline)) };
  }

  private pods(): readonly Pod[] {
    return this.context.store.ownedBy<Pod>("Pod", uidOf(this.job));
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

  /** Pods that ended and still carry the finalizer are counted, and let go. */
  private count(): { readonly succeeded: number; readonly failed: number } {
    let succeeded = 0;
    let failed = 0;
    const done: number[] = [];
    for (const pod of this.pods()) {
      if (!isEnded(pod) || !(pod.metadata.finalizers ?? []).includes(finalizer)) continue;
      if (pod.status?.phase === "Succeeded") {
        succeeded++;
        const index = indexOfPod(pod);
        if (index !== undefined) done.push(index);
      } else {
        failed++;
        this.backoff.count++;
        this.backoff.last = this.context.time;
      }
      this.release(pod);
    }
    if (succeeded > 0 && failed === 0) this.backoff.count = 0;
    this.status["succeeded"] = Number(this.status["succeeded"] ?? 0) + succeeded;
    this.status["failed"] = Number(this.status["failed"] ?? 0) + failed;
    if (this.isIndexed) {
      const known = expandIndexes(textAt(this.status, "completedIndexes"));
      const all = [...new Set([...known, ...done])].sort((a, b) => a - b);
      if (all.length > 0) this.status["completedIndexes"] = compactIndexes(all);
      this.status["succeeded"] = all.length;
    }
    return { succeeded, failed };
  }

  private release(pod: Pod): void {
    const left = (pod.metadata.finalizers ?? []).filter((name) => name !== finalizer);
    this.context.api.update(
      withField(pod as unknown as JsonObject, ["metadata", "finalizers"], left.length === 0 ? undefined : left),
    );
  }

  private releaseAll(): void {
    for (const pod of this.pods()) if ((pod.metadata.finalizers ?? []).includes(finalizer)) this.release(pod);
  }

  private outcome():
    | { readonly type: "Complete" | "Failed"; readonly reason: string; readonly message: string }
    | undefined {
    const { spec } = this.job;
    const [succeeded, failed] = [Number(this.status["succeeded"] ?? 0), Number(this.status["failed"] ?? 0)];
    const target = this.condition("FailureTarget");
    if (target !== undefined)
      return { type: "Failed", reason: textAt(target, "reason"), message: textAt(target, "message") };
    if (failed > (spec.backoffLimit ?? 6)) {
      return { type: "Failed", reason: "BackoffLimitExceeded", message: "Job has reached the specified backoff limit" };
    }
    if (this.secondsLeft() === 0) {
      return { type: "Failed", reason: "DeadlineExceeded", message: "Job was active longer than specified deadline" };
    }
    const active = this.pods().filter((pod) => !isEnded(pod) && !isTerminating(pod)).length;
    const isComplete = spec.completions === undefined ? succeeded > 0 && active === 0 : succeeded >= spec.completions;
    return isComplete
      ? { type: "Complete", reason: "CompletionsReached", message: "Reached expected number of succeeded pods" }
      : undefined;
  }

  private finish(outcome: {
    readonly type: "Complete" | "Failed";
    readonly reason: string;
    readonly message: string;
  }): void {
    const interim = outcome.type === "Complete" ? "SuccessCriteriaMet" : "FailureTarget";
    if (this.condition(interim) === undefined) this.setCondition(interim, "True", outcome.reason, outcome.message);
    if (this.pods().some((pod) => !isEnded(pod))) return;
    this.setCondition(outcome.type, "True", outcome.reason, outcome.message);
    if (outcome.type === "Complete") {
      this.status["completionTime"] = this.context.time;
      this.event("Normal", "Completed", "Job completed");
    } else this.event("Warning", outcome.reason, outcome.message);
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

  private suspend(active: readonly Pod[]): void {
    for (const pod of active) this.remove(pod);
    if (this.condition("Suspended") !== undefined) return;
    this.setCondition("Suspended", "True", "JobSuspended", "Job suspended");
    delete this.status["startTime"];
    this.event("Normal", "Suspended", "Job suspended");
  }

  private resume(): void {
    if (this.condition("Suspended") === undefined) return;
    this.setCondition("Suspended", "False", "JobResumed", "Job resumed");
    this.status["startTime"] = this.context.time;
    this.event("Normal", "Resumed", "Job resumed");
  }

  /** Brings the number of pods to what may run at a time; after a failure only once the backoff is over. */
  private manage(active: readonly Pod[], fresh: { readonly failed: number }): Millis | undefined {
    const { spec } = this.job;
    const terminating = this.pods().filter((pod) => isTerminating(pod) && !isEnded(pod)).length;
    const succeeded = Number(this.status["succeeded"] ?? 0);
    const parallelism = spec.parallelism ?? 1;
    const wanted =
      spec.completions === undefined
        ? succeeded > 0
          ? Math.min(active.length, parallelism)
          : parallelism
        : Math.min(parallelism, spec.completions - succeeded);
    if (active.length > wanted) {
      for (const pod of active.slice(wanted)) this.remove(pod);
      return undefined;
    }
    const missing = wanted - active.length - terminating;
    if (missing <= 0) return undefined;
    const wait = this.backoffLeft(fresh.failed > 0);
    if (wait > 0) return millis(wait);
    this.create(missing, active);
    return undefined;
  }

  private backoffLeft(justFailed: boolean): number {
    if (this.backoff.count === 0) return 0;
    const delay = Math.min(longestBackoffSeconds, firstBackoffSeconds * 2 ** (this.backoff.count - 1));
    return 1000 * Math.max(0, delay - (justFailed ? 0 : secondsBetween(this.backoff.last, this.context.time)));
  }

  private create(count: number, active: readonly Pod[]): void {
    const { metadata, spec } = this.job;
    const indexes = this.isIndexed ? this.freeIndexes(count, active) : Array.from({ length: count }, () => undefined);
    for (const index of indexes) {
      const place = index === undefined ? {} : { "batch.kubernetes.io/job-completion-index": String(index) };
      const pod = podFromTemplate(spec.template, this.job, {
        name: "",
        generateName: index === undefined ? `${metadata.name}-` : `${metadata.name}-${index}-`,
        finalizers: [finalizer],
        ...(index === undefined
          ? {}
          : { labels: place, annotations: place, spec: indexedSpec(spec.template.spec, metadata.name, index) }),
      });
      const answer = this.context.api.create(pod as unknown as JsonObject);
      if (answer.object === undefined) {
        this.event("Warning", "FailedCreate", `Error creating: ${answer.error.message}`);
        return;
      }
      this.event("Normal", "SuccessfulCreate", `Created pod: ${answer.object.metadata.name}`);
    }
  }

  private freeIndexes(count: number, active: readonly Pod[]): readonly number[] {
    const taken = new Set([
      ...expandIndexes(textAt(this.status, "completedIndexes")),
      ...active.map((pod) => indexOfPod(pod) ?? -1),
    ]);
    const free: number[] = [];
    for (let index = 0; index < (this.job.spec.completions ?? 0) && free.length < count; index++)
      if (!taken.has(index)) free.push(index);
    return free;
  }

  private remove(pod: Pod): void {
    if ((pod.metadata.finalizers ?? []).includes(finalizer)) this.release(pod);
    this.context.api.remove("Pod", pod.metadata.namespace, pod.metadata.name);
    this.event("Normal", "SuccessfulDelete", `Deleted pod: ${pod.metadata.name}`);
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

const isEnded = (pod: Pod): boolean => pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";

const expandIndexes = (text: string): readonly number[] =>
  text === ""
    ? []
    : text.split(",").flatMap((part) => {
        const [first = "0", last = first] = part.split("-");
        return Array.from({ length: Number(last) - Number(first) + 1 }, (_, step) => Number(first) + step);
      });

/** An indexed pod knows its index by a variable and by its host name. */
const indexedSpec = (spec: PodSpec, job: string, index: number): PodSpec => {
  const variable = {
    name: "JOB_COMPLETION_INDEX",
    valueFrom: {
      fieldRef: { apiVersion: "v1", fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']" },
    },
  };
  const withIndex = (container: JsonObject): JsonObject =>
    objectsAt(container, "env").some((env) => textAt(env, "name") === variable.name)
      ? container
      : { ...container, env: [...listAt(container, "env"), variable] };
  const given = spec as unknown as JsonObject;
  const initial = objectsAt(given, "initContainers");
  return {
    ...given,
    hostname: `${job}-${index}`,
    containers: objectsAt(given, "containers").map(withIndex),
    ...(initial.length === 0 ? {} : { initContainers: initial.map(withIndex) }),
    ...(Object.keys(objectAt(given, "securityContext")).length === 0
      ? {}
      : { securityContext: objectAt(given, "securityContext") }),
  } as unknown as PodSpec;
};
