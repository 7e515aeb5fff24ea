import type { KubeObject } from "../../kubernetes/object.ts";
import { addressOf } from "../../kubernetes/object.ts";
import type { CronJob, Job } from "../../kubernetes/workloads.ts";
import type { ScenarioClock } from "./clock.ts";
import type { JobOutcome } from "./result.ts";
import type { JobListener, ScenarioWorld } from "./world.ts";
import type { WorldPod, WorldWorkload } from "./world-state.ts";

/** Of a Job without backoffLimit (Kubernetes 1.35 `pkg/apis/batch/v1/defaults.go`). */
const BACKOFF_LIMIT = 6;

/** One run: a Job, or one of those that a CronJob makes. */
interface JobRun {
  readonly since: number;
  readonly parallelism: number;
  readonly completions: number;
  readonly backoffLimit: number;
  readonly pods: Set<WorldPod>;
  succeeded: number;
  failed: number;
}

interface Watched {
  readonly workload: WorldWorkload;
  readonly runs: Set<JobRun>;
  object: Job | CronJob;
  /** Goes up with each change of the object: what was planned by an earlier one is void. */
  plan: number;
  readonly outcome: { -readonly [Key in keyof JobOutcome]: JobOutcome[Key] };
}

/**
 * Jobs that end: pods run for an assumed time and succeed; CronJobs make Jobs by the scenario's clock. A pod that is evicted or lost counts
 * against backoffLimit. Source: Kubernetes 1.35 `pkg/controller/job`, `pkg/controller/cronjob`.
 */
export class WorldJobs implements JobListener {
  readonly #world: ScenarioWorld;
  readonly #clock: ScenarioClock;
  readonly #runTime: (address: string) => number;
  readonly #watched = new Map<WorldWorkload, Watched>();
  readonly #runOf = new Map<WorldPod, JobRun>();

  constructor(world: ScenarioWorld, clock: ScenarioClock, runTime: (address: string) => number) {
    this.#world = world;
    this.#clock = clock;
    this.#runTime = runTime;
    world.jobs = this;
  }

  /** Starts Jobs at once and CronJobs at their times; with `isOld`, Jobs have ended before the beginning. */
  follow(objects: readonly KubeObject[], isOld = false): void {
    for (const object of objects) {
      const workload =
        object.kind === "Job" || object.kind === "CronJob" ? this.#world.workload(addressOf(object)) : undefined;
      if (workload === undefined) continue;
      const known = this.#watched.get(workload);
      if (known !== undefined) {
        if (known.object === object) continue;
        known.object = object as CronJob;
        known.plan += 1;
        this.#planNext(known);
        continue;
      }
      const watched: Watched = {
        workload,
        runs: new Set(),
        object: object as Job | CronJob,
        plan: 0,
        outcome: {
          workload: workload.address,
          runs: 0,
          succeeded: 0,
          failed: 0,
          skipped: 0,
          late: 0,
          longestMs: 0,
          running: 0,
        },
      };
      this.#watched.set(workload, watched);
      if (object.kind === "CronJob") this.#planNext(watched);
      else if (!isOld && (object as Job).spec.suspend !== true)
        this.#world.after(0, "job", () => this.#begin(watched, (object as Job).spec), 15);
    }
  }

  made(pod: WorldPod): void {
    const watched = pod.workload === undefined ? undefined : this.#watched.get(pod.workload);
    if (watched === undefined) return;
    for (const run of watched.runs) {
      if (run.pods.size >= needOf(run)) continue;
      run.pods.add(pod);
      this.#runOf.set(pod, run);
      return;
    }
  }

  running(pod: WorldPod): void {
    const { workload, epoch } = pod;
    const run = this.#runOf.get(pod);
    if (workload === undefined || run === undefined) return;
    this.#world.after(this.#runTime(workload.address), "job pod ends", () => {
      if (pod.epoch !== epoch || pod.phase !== "ready" || this.#world.nodes.get(pod.node ?? "")?.isDown !== false)
        return;
      this.#forget(pod, run);
      run.succeeded += 1;
      this.#world.complete(pod);
      this.#settle(workload);
    });
  }

  taken(pod: WorldPod): void {
    const { workload } = pod;
    const run = this.#runOf.get(pod);
    if (workload === undefined || run === undefined) return;
    this.#forget(pod, run);
    run.failed += 1;
    const watched = this.#watched.get(workload);
    if (watched === undefined || run.failed <= run.backoffLimit) return;
    this.#end(watched, run, "BackoffLimitExceeded");
  }

  /** What became of each. */
  finish(): readonly JobOutcome[] {
    return [...this.#watched.values()].map(({ outcome, runs }) => ({ ...outcome, running: runs.size }));
  }

  #forget(pod: WorldPod, run: JobRun): void {
    run.pods.delete(pod);
    this.#runOf.delete(pod);
  }

  #begin(watched: Watched, spec: Job["spec"]): void {
    if (watched.workload.isDeleted) return;
    const parallelism = spec.parallelism ?? 1;
    const run: JobRun = {
      since: this.#world.now,
      parallelism,
      completions: spec.completions ?? parallelism,
      backoffLimit: spec.backoffLimit ?? BACKOFF_LIMIT,
      pods: new Set(),
      succeeded: 0,
      failed: 0,
    };
    watched.runs.add(run);
    watched.outcome.runs += 1;
    const { activeDeadlineSeconds } = spec;
    if (activeDeadlineSeconds !== undefined)
      this.#world.after(activeDeadlineSeconds * 1000, "job deadline", () =>
        this.#end(watched, run, "DeadlineExceeded"),
      );
    this.#settle(watched.workload);
  }

  /** A run that has failed: its pods are deleted. */
  #end(watched: Watched, run: JobRun, reason: string | undefined): void {
    if (!watched.runs.delete(run)) return;
    for (const pod of [...run.pods]) {
      this.#forget(pod, run);
      this.#world.terminate(pod);
    }
    if (reason !== undefined) {
      watched.outcome.failed += 1;
      this.#world.tell("job", watched.workload.address, `fails: ${reason}`);
    }
    this.#settle(watched.workload);
  }

  /** Ends runs that are complete, and asks for as many pods as the others need. */
  #settle(workload: WorldWorkload): void {
    const watched = this.#watched.get(workload);
    if (watched === undefined) return;
    let wanted = 0;
    for (const run of [...watched.runs]) {
      if (run.succeeded < run.completions) {
        wanted += needOf(run);
        continue;
      }
      watched.runs.delete(run);
      watched.outcome.succeeded += 1;
      watched.outcome.longestMs = Math.max(watched.outcome.longestMs, this.#world.now - run.since);
    }
    if (wanted !== workload.wanted) this.#world.scale(workload, wanted);
    else this.#world.reconcile(workload);
  }

  #planNext(watched: Watched): void {
    const { spec } = watched.object as CronJob & { readonly spec: { readonly timeZone?: string } };
    const at = spec.suspend === true ? undefined : this.#clock.next(spec.schedule, spec.timeZone, this.#world.now);
    if (at === undefined) return;
    const { plan } = watched;
    this.#world.after(at - this.#world.now, "cron job", () => {
      if (watched.plan !== plan || watched.workload.isDeleted) return;
      this.#tick(watched, spec);
      this.#planNext(watched);
    });
  }

  #tick(watched: Watched, { concurrencyPolicy, jobTemplate }: CronJob["spec"]): void {
    if (this.#world.isStopped) {
      watched.outcome.skipped += 1;
      return;
    }
    if (watched.runs.size > 0) {
      watched.outcome.late += 1;
      if (concurrencyPolicy === "Forbid") {
        watched.outcome.skipped += 1;
        this.#world.tell("job", watched.workload.address, "is not started: the run before it has not ended (Forbid)");
        return;
      }
      if (concurrencyPolicy === "Replace") {
        this.#world.tell("job", watched.workload.address, "replaces the run before it, which has not ended");
        for (const run of [...watched.runs]) this.#end(watched, run, undefined);
      }
    }
    if (jobTemplate.spec.suspend !== true) this.#begin(watched, jobTemplate.spec);
  }
}

/** Pods that a run wants now. */
const needOf = ({ parallelism, completions, succeeded }: JobRun): number =>
  Math.max(0, Math.min(parallelism, completions - succeeded));
