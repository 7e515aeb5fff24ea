import { type CronSchedule, parseCron } from "../../kubernetes/cron-schedule.ts";
import { sameJson, textAt, withField } from "../../kubernetes/fields.ts";
import { controllerReference, uidOf } from "../../kubernetes/owner.ts";
import type { CronJob, Job } from "../../kubernetes/workloads.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { millis } from "../../model/quantity.ts";
import {
  type Controller,
  type ControllerContext,
  keyOf,
  ownerKeys,
  partsOf,
  type ReconcileResult,
} from "./controller.ts";
import { offsetOfZone } from "./time-zone.ts";

const component = "cronjob-controller";
const scheduledAt = "batch.kubernetes.io/cronjob-scheduled-timestamp";

/** Starts a CronJob's Jobs at their times and clears old ones away (pkg/controller/cronjob, v1.35). */
export const cronJobController: Controller = {
  name: "cronjob",
  watches: ["CronJob", "Job"],
  keysOf: ({ object }) => (object.kind === "CronJob" ? [keyOf(object)] : ownerKeys(object, "CronJob")),
  reconcile: (key, context) => {
    const cron = context.store.get<CronJob>("CronJob", ...partsOf(key));
    return cron === undefined || cron.metadata.deletionTimestamp !== undefined ? "done" : sync(cron, context);
  },
};

interface Reference {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly apiVersion: string;
}

type Spec = CronJob["spec"] & {
  readonly timeZone?: string;
  readonly startingDeadlineSeconds?: number;
  readonly successfulJobsHistoryLimit?: number;
  readonly failedJobsHistoryLimit?: number;
};

const sync = (cron: CronJob, context: ControllerContext): ReconcileResult => {
  const spec = cron.spec as Spec;
  const status: Record<string, Json> = { ...((cron as unknown as { readonly status?: JsonObject }).status ?? {}) };
  const jobs = context.store.ownedBy<Job>("Job", uidOf(cron));
  let active = noteJobs(cron, jobs, status, context);
  clearHistory(cron, spec, jobs, context);
  const result = start(
    cron,
    spec,
    status,
    () => active,
    (next) => {
      active = next;
    },
    context,
  );
  if (active.length > 0) status["active"] = active as unknown as Json;
  else delete status["active"];
  const latest = context.store.get<CronJob>("CronJob", cron.metadata.namespace, cron.metadata.name) as unknown as
    | JsonObject
    | undefined;
  if (latest !== undefined && !sameJson(status, latest["status"] ?? {}))
    context.api.updateStatus(withField(latest, ["status"], status));
  return result;
};

const ended = (job: Job): string | undefined =>
  ((job.status?.["conditions"] ?? []) as readonly JsonObject[])
    .filter((condition) => condition["status"] === "True")
    .map((condition) => String(condition["type"]))
    .find((type) => type === "Complete" || type === "Failed");

/** Follows the Jobs that the status lists, and speaks of those that it does not. */
const noteJobs = (
  cron: CronJob,
  jobs: readonly Job[],
  status: Record<string, Json>,
  context: ControllerContext,
): readonly Reference[] => {
  let active = ((status["active"] ?? []) as unknown as readonly Reference[]).filter((one) =>
    jobs.some((job) => job.metadata.uid === one.uid),
  );
  for (const job of jobs) {
    const isListed = active.some((one) => one.uid === job.metadata.uid);
    const end = ended(job);
    if (!isListed && end === undefined) {
      const message = `Saw a job that the controller did not create or forgot: ${job.metadata.name}`;
      context.event({ about: cron, type: "Warning", reason: "UnexpectedJob", message, from: component });
    } else if (end !== undefined) {
      if (isListed) {
        active = active.filter((one) => one.uid !== job.metadata.uid);
        const message = `Saw completed job: ${job.metadata.name}, condition: ${end}`;
        context.event({ about: cron, type: "Normal", reason: "SawCompletedJob", message, from: component });
      }
      const completed = job.status?.["completionTime"];
      if (end === "Complete" && typeof completed === "string" && completed > textAt(status, "lastSuccessfulTime")) {
        status["lastSuccessfulTime"] = completed;
      }
    }
  }
  return active;
};

const clearHistory = (cron: CronJob, spec: Spec, jobs: readonly Job[], context: ControllerContext): void => {
  for (const [type, limit] of [
    ["Complete", spec.successfulJobsHistoryLimit ?? 3],
    ["Failed", spec.failedJobsHistoryLimit ?? 1],
  ] as const) {
    const done = jobs
      .filter((job) => ended(job) === type)
      .sort((a, b) => ((a.metadata.creationTimestamp ?? "") < (b.metadata.creationTimestamp ?? "") ? -1 : 1));
    for (const job of done.slice(0, Math.max(0, done.length - limit))) removeJob(cron, job, context);
  }
};

const removeJob = (cron: CronJob, job: Job, context: ControllerContext): void => {
  context.api.remove("Job", job.metadata.namespace, job.metadata.name);
  context.event({
    about: cron,
    type: "Normal",
    reason: "SuccessfulDelete",
    message: `Deleted job ${job.metadata.name}`,
    from: component,
  });
};

const start = (
  cron: CronJob,
  spec: Spec,
  status: Record<string, Json>,
  active: () => readonly Reference[],
  setActive: (next: readonly Reference[]) => void,
  context: ControllerContext,
): ReconcileResult => {
  const schedule = parseCron(spec.schedule, offsetOfZone(spec.timeZone));
  if (spec.suspend === true || "error" in schedule) return "done";
  const now = Date.parse(context.time);
  const last = textAt(status, "lastScheduleTime");
  let earliest = Date.parse(last === "" ? (cron.metadata.creationTimestamp ?? context.time) : last);
  if (spec.startingDeadlineSeconds !== undefined)
    earliest = Math.max(earliest, now - spec.startingDeadlineSeconds * 1000);
  const due = mostRecent(schedule, earliest, now);
  const requeue = (): ReconcileResult => {
    const next = schedule.next(now);
    // Half a second is what the controller adds, so that it does not wake a moment too early.
    return next === undefined ? "done" : { requeueAfter: millis(next - now + 100) };
  };
  if (due === undefined) return requeue();
  const name = `${cron.metadata.name}-${Math.floor(due / 60_000)}`;
  if (context.store.get("Job", cron.metadata.namespace, name) !== undefined) return requeue();
  if (spec.concurrencyPolicy === "Forbid" && active().length > 0) {
    context.event({
      about: cron,
      type: "Normal",
      reason: "JobAlreadyActive",
      message: "Not starting job because prior execution is running and concurrency policy is Forbid",
      from: component,
    });
    return requeue();
  }
  if (spec.concurrencyPolicy === "Replace") {
    for (const one of active()) {
      const job = context.store.get<Job>("Job", one.namespace, one.name);
      if (job !== undefined) removeJob(cron, job, context);
    }
    setActive([]);
  }
  const time = `${new Date(due).toISOString().slice(0, 19)}Z`;
  const { metadata: given, spec: jobSpec } = spec.jobTemplate;
  const answer = context.api.create({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      ...(given as JsonObject | undefined),
      name,
      namespace: cron.metadata.namespace ?? "default",
      annotations: { ...given?.annotations, [scheduledAt]: time },
      ownerReferences: [controllerReference(cron) as unknown as JsonObject],
    },
    spec: jobSpec as unknown as JsonObject,
  });
  if (answer.object === undefined) {
    context.event({
      about: cron,
      type: "Warning",
      reason: "FailedCreate",
      message: `Error creating job: ${answer.error.message}`,
      from: component,
    });
    return requeue();
  }
  context.event({
    about: cron,
    type: "Normal",
    reason: "SuccessfulCreate",
    message: `Created job ${name}`,
    from: component,
  });
  const { uid = "" } = answer.object.metadata;
  setActive([
    ...active(),
    { kind: "Job", namespace: cron.metadata.namespace ?? "default", name, uid, apiVersion: "batch/v1" },
  ]);
  status["lastScheduleTime"] = time;
  return requeue();
};

/** The latest moment that was missed since `earliest`. */
const mostRecent = (schedule: CronSchedule, earliest: number, now: number): number | undefined => {
  let found: number | undefined;
  for (
    let at = schedule.next(earliest), count = 0;
    at !== undefined && at <= now && count < 100_000;
    at = schedule.next(at), count++
  )
    found = at;
  return found;
};
