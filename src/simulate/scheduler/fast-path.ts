import type { ClusterState } from "./cluster-state.ts";
import { startCycle } from "./filter-cycle.ts";
import { decideNamed } from "./named-nodes.ts";
import { type Outcome, undecided } from "./outcome.ts";
import type { PodClass } from "./pod-class.ts";
import type { PodRecord } from "./pod-record.ts";
import { withoutVictims } from "./post-filter.ts";
import type { SchedulerProfile } from "./profile.ts";
import { RowCache } from "./row-cache.ts";
import { constraintsFor } from "./spread-constraints.ts";
import { TiedPath } from "./tied-path.ts";
import { VictimCache } from "./victim-cache.ts";

/** Row caches may take about this much memory together. */
const CACHE_BYTES = 256 * 1024 * 1024;
const BYTES_PER_ROW = 48;

/**
 * Decides as the plain path does, from what is remembered: filters and scores that look at one row alone come from a `RowCache` shared by
 * all pods of a kind; only plugins that tie rows together run for each pod, and only on rows that are left.
 */
export class FastPath {
  private readonly state: ClusterState;
  private readonly profile: SchedulerProfile;
  private readonly caches = new Map<string, RowCache>();
  private readonly victims = new Map<RowCache, Map<number, VictimCache>>();
  private readonly failures = new Map<
    PodClass,
    { readonly version: number; readonly priority: number; readonly outcome: Outcome }
  >();
  private clock = 0;
  private readonly tied = new TiedPath();

  constructor(state: ClusterState, profile: SchedulerProfile) {
    this.state = state;
    this.profile = profile;
  }

  /** Undefined when the plain path must decide. */
  decide(pod: PodRecord, nominated: string | undefined): Outcome | undefined {
    const { podClass } = pod;
    const { shape } = podClass;
    const isOdd =
      nominated !== undefined ||
      (pod.pod.spec.nodeName ?? "") !== "" ||
      pod.requests !== shape.requests ||
      shape.preferredProblem !== undefined ||
      this.state.nodes.alive === 0;
    if (isOdd || shape.nodeNames?.size === 0) return undefined;
    if (shape.nodeNames !== undefined)
      return decideNamed({ state: this.state, profile: this.profile, pod }, shape.nodeNames);
    const failure = this.failures.get(podClass);
    if (failure?.version === this.state.version && failure.priority === pod.priority && !pod.hasVolumes) {
      return failure.outcome;
    }
    const cache = this.cacheFor(pod);
    cache.sync();
    const outcome = this.isAlone(pod)
      ? this.decideAlone(pod, cache)
      : this.tied.decide({ state: this.state, profile: this.profile, pod }, cache);
    if (outcome !== undefined && outcome.row === undefined && !pod.hasVolumes) {
      if (this.failures.size > 4096) this.failures.clear();
      this.failures.set(podClass, { version: this.state.version, priority: pod.priority, outcome });
    }
    return outcome;
  }

  private cacheFor(pod: PodRecord): RowCache {
    const key = pod.podClass.rowKey;
    let cache = this.caches.get(key);
    if (cache === undefined) {
      const limit = Math.max(16, Math.floor(CACHE_BYTES / (BYTES_PER_ROW * (this.state.nodes.size + 1))));
      if (this.caches.size >= limit) this.evict();
      cache = new RowCache(this.state, this.profile, pod);
      this.caches.set(key, cache);
    }
    cache.used = ++this.clock;
    return cache;
  }

  /** Drops the half of the caches that was not asked for longest. */
  private evict(): void {
    const byUse = [...this.caches].sort(([, a], [, b]) => a.used - b.used);
    for (const [key, cache] of byUse.slice(0, Math.ceil(byUse.length / 2))) {
      this.caches.delete(key);
      this.victims.delete(cache);
    }
  }

  /** Whether no other pod's labels or terms, no volume and no nomination matters to this pod. */
  private isAlone(pod: PodRecord): boolean {
    const { podClass } = pod;
    const { state, profile } = this;
    if (
      pod.hasVolumes ||
      podClass.hasPodTerms ||
      podClass.affinityProblem !== undefined ||
      state.nominations.size > 0
    ) {
      return false;
    }
    if (podClass.hasSpread || state.counts.holdersOf(podClass).length > 0) return false;
    if (profile.defaultConstraints === undefined) return state.workloads.defaultSelector(podClass) === undefined;
    const cycle = { state, profile, pod };
    return constraintsFor(cycle, "DoNotSchedule").length + constraintsFor(cycle, "ScheduleAnyway").length === 0;
  }

  private decideAlone(pod: PodRecord, cache: RowCache): Outcome {
    const found = { ...undecided, feasible: cache.feasible };
    if (cache.feasible > 0) return { ...found, row: cache.best() };
    return {
      ...found,
      counts: new Map(cache.rejectionCounts),
      rejectionAt: (row) => cache.rejection[row],
      dryRun: () => {
        const hopeless = withoutVictims(this.state, pod, cache.rejectionCounts);
        if (hopeless !== undefined) return { candidates: [], chosen: undefined, statuses: hopeless };
        const ready = startCycle({ state: this.state, profile: this.profile, pod });
        if (ready.kind !== "ready") return { candidates: [], chosen: undefined, statuses: new Map() };
        const best = this.victimsFor(cache, pod.priority).best(ready, cache);
        return "row" in best
          ? { candidates: [best], chosen: best, statuses: new Map() }
          : { candidates: [], chosen: undefined, statuses: best };
      },
    };
  }

  private victimsFor(cache: RowCache, priority: number): VictimCache {
    const byPriority = this.victims.get(cache) ?? new Map<number, VictimCache>();
    this.victims.set(cache, byPriority);
    const known = byPriority.get(priority) ?? new VictimCache();
    byPriority.set(priority, known);
    return known;
  }
}
