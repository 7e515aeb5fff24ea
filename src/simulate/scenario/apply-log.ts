import type { ApplyOutcome, ApplyStep } from "./result.ts";
import type { ScenarioWorld } from "./world.ts";
import type { WorldPools } from "./world-pools.ts";
import type { WorldWorkload } from "./world-state.ts";

type OpenStep = { -readonly [Key in keyof ApplyStep]: ApplyStep[Key] };

interface Seen {
  ready: number;
  wanted: number;
  at: number;
  downMs: number;
  downSince: number | undefined;
  mostPending: number;
}

/** The HPA controller and the autoscaler have looked several times by then. */
const CALM_MS = 60_000;

/** What the cluster goes through from the beginning of an apply until it has settled. */
export class ApplyLog {
  readonly #world: ScenarioWorld;
  readonly #pools: WorldPools;
  readonly #since: number;
  readonly #steps: OpenStep[] = [];
  readonly #seen = new Map<WorldWorkload, Seen>();
  readonly #nodes = new Map<string, number>();
  readonly #addresses = new Map<string, { most: number; usable: number }>();
  #mostPending = 0;
  #until: number | undefined;
  #settled: number | undefined;
  #calmSince: { readonly since: number } | undefined;

  constructor(world: ScenarioWorld, pools: WorldPools) {
    this.#world = world;
    this.#pools = pools;
    this.#since = world.now;
    this.lookAtPools();
    for (const workload of world.workloads) this.look(workload);
  }

  /** A step begins; call what it returns at its end, with what went wrong. */
  step(subject: string, what: string): (problem?: string) => void {
    const { now } = this.#world;
    const step: OpenStep = { subject, what, since: now, until: undefined, result: "running" };
    this.#steps.push(step);
    this.#world.tell("apply", subject, what);
    return (problem) => {
      step.until = this.#world.now;
      step.result = problem === undefined ? "done" : "failed";
      if (problem === undefined) return;
      step.reason = problem;
      this.#world.tell("apply", subject, `fails: ${problem}`);
    };
  }

  /** A step that is not taken. */
  skip(subject: string, what: string, reason: string): void {
    const { now } = this.#world;
    this.#steps.push({ subject, what, since: now, until: now, result: "skipped", reason });
  }

  get hasFailed(): boolean {
    return this.#steps.some(({ result }) => result === "failed" || result === "skipped");
  }

  /** All steps have been taken; what they have begun may still be on its way. */
  end(): void {
    this.#until = this.#world.now;
    this.#world.tell("apply", "cluster", this.hasFailed ? "ends with errors" : "is done");
    this.#settle();
  }

  look(workload: WorldWorkload): void {
    if (this.#settled !== undefined) return;
    const { now, book } = this.#world;
    const { ready, wanted, pending } = workload;
    this.#mostPending = Math.max(this.#mostPending, book.totals.pending);
    const seen = this.#seen.get(workload) ?? this.#begin(workload);
    seen.mostPending = Math.max(seen.mostPending, pending);
    // What is made in the course of the apply is not down before it is up.
    const isDown = wanted > 0 && ready === 0 && !workload.isNew;
    if (isDown) seen.downSince ??= now;
    else if (seen.downSince !== undefined) {
      seen.downMs += now - seen.downSince;
      seen.downSince = undefined;
    }
    if (!workload.isNew && wanted > 0 && ready / wanted < seen.ready / Math.max(1, seen.wanted))
      Object.assign(seen, { ready, wanted, at: now });
    this.#settle();
  }

  #begin(workload: WorldWorkload): Seen {
    const { ready, wanted } = workload;
    const seen = {
      ready: Math.max(ready, wanted),
      wanted,
      at: this.#world.now,
      downMs: 0,
      downSince: undefined,
      mostPending: 0,
    };
    this.#seen.set(workload, seen);
    return seen;
  }

  lookAtPools(): void {
    if (this.#settled !== undefined) return;
    for (const { pool, instances, deleting } of this.#pools.all) {
      const nodes = instances.length + deleting.size;
      this.#nodes.set(pool.name, Math.max(this.#nodes.get(pool.name) ?? 0, nodes));
    }
    for (const { name, used, usable } of this.#pools.subnets())
      this.#addresses.set(name, { most: Math.max(this.#addresses.get(name)?.most ?? 0, used), usable });
  }

  /** Once all steps are taken, the first moment at which all pods are ready and nothing rolls out, and stays so for a minute. */
  #settle(): void {
    if (this.#until === undefined || this.#settled !== undefined) return;
    const isCalm = this.#world.workloads.every(
      ({ ready, wanted, revisions, isJob }) => isJob || (ready >= wanted && revisions.length <= 1),
    );
    if (!isCalm) {
      this.#calmSince = undefined;
      return;
    }
    if (this.#calmSince !== undefined) return;
    const since = this.#world.now;
    const calm = { since };
    this.#calmSince = calm;
    this.#world.after(CALM_MS, "settled", () => {
      if (this.#calmSince === calm) this.#settled = since;
    });
  }

  finish(): ApplyOutcome {
    const { now } = this.#world;
    return {
      since: this.#since,
      until: this.#until,
      settled: this.#settled,
      result: this.#until === undefined ? "running" : this.hasFailed ? "failed" : "done",
      steps: this.#steps,
      workloads: [...this.#seen].flatMap(([{ address }, seen]): ApplyOutcome["workloads"] => {
        const { ready, wanted, at, mostPending, downSince } = seen;
        const downMs = seen.downMs + (downSince === undefined ? 0 : (this.#settled ?? now) - downSince);
        if (ready >= wanted && mostPending === 0 && downMs === 0) return [];
        return [{ workload: address, lowest: { ready, wanted, at }, downMs, mostPending }];
      }),
      mostPending: this.#mostPending,
      mostNodes: Object.fromEntries(this.#nodes),
      addresses: [...this.#addresses].map(([subnet, each]) => ({ subnet, ...each })),
    };
  }
}
