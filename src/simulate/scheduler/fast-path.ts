import type { ClusterState } from "./cluster-state.ts";
import { filterPluginsOf, filterRowWithNominated, type ReadyCycle, startCycle } from "./filter-cycle.ts";
import type { Cycle, PreparedFilter, PreparedScore, Rows } from "./framework.ts";
import type { DryRun, Outcome } from "./outcome.ts";
import { scorePlugins } from "./plugins.ts";
import type { PodClass } from "./pod-class.ts";
import type { PodRecord } from "./pod-record.ts";
import { dryRunRows } from "./post-filter.ts";
import type { SchedulerProfile } from "./profile.ts";
import { RowCache, rowFilters } from "./row-cache.ts";
import { scoreRows } from "./score-cycle.ts";
import { constraintsFor } from "./spread-constraints.ts";
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
  private rows = new Int32Array(0);
  private rejections = new Int32Array(0);
  private totals = new Float64Array(0);

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
    if (shape.nodeNames !== undefined) return this.decideNamed(pod, shape.nodeNames);
    const failure = this.failures.get(podClass);
    if (failure?.version === this.state.version && failure.priority === pod.priority && !pod.hasVolumes) {
      return failure.outcome;
    }
    const cache = this.cacheFor(pod);
    cache.sync();
    const outcome = this.isAlone(pod) ? this.decideAlone(pod, cache) : this.decideTied(pod, cache);
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
        const hopeless = this.withoutVictims(pod, cache.rejectionCounts);
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

  /** When no placed pod has a lower priority, every row that was worth a try has no victims. */
  private withoutVictims(pod: PodRecord, counts: ReadonlyMap<number, number>): ReadonlyMap<number, number> | undefined {
    const { state } = this;
    if (state.ledger.lowestPriority() < pod.priority) return undefined;
    let tried = 0;
    for (const [id, count] of counts) if (state.rejections.isCurable(id)) tried += count;
    if (tried === 0) return new Map();
    const id = state.rejections.idOf(
      "DefaultPreemption",
      "UnschedulableAndUnresolvable",
      "No preemption victims found for incoming pod",
    );
    return new Map([[id, tried]]);
  }

  private decideTied(pod: PodRecord, cache: RowCache): Outcome | undefined {
    const { state, profile } = this;
    const cycle: Cycle = { state, profile, pod };
    const filters: PreparedFilter[] = [];
    for (const plugin of filterPluginsOf(profile.filters)) {
      if (rowFilters.has(plugin.name)) continue;
      const prepared = plugin.prepare(cycle);
      if (prepared === "skip") continue;
      if ("reject" in prepared) return { ...undecided, preFilter: prepared.reject };
      if ("error" in prepared) return undefined;
      filters.push(prepared);
    }
    const length = this.filterRows(cycle, cache, filters);
    if (length === 0) return this.failTied(cycle);
    const rows = this.rows.subarray(0, length);
    if (length === 1) return { ...undecided, feasible: 1, best: 1, row: rows[0] };
    return this.pick(cycle, cache, rows);
  }

  /** Fills `rows` with those that pass and `rejections` for all; returns how many passed. */
  private filterRows(cycle: Cycle, cache: RowCache, filters: readonly PreparedFilter[]): number {
    const { size } = this.state.nodes;
    if (this.rows.length < size) {
      this.rows = new Int32Array(size * 2);
      this.rejections = new Int32Array(size * 2);
      this.totals = new Float64Array(size * 2);
    }
    const { rows, rejections } = this;
    const { rejection } = cache;
    const special = this.nominatedRows(cycle);
    let length = 0;
    for (let row = 0; row < size; row++) {
      let id = rejection[row] ?? -1;
      if (id === 0) for (let i = 0; i < filters.length && id === 0; i++) id = filters[i]?.filter(row) ?? 0;
      if (special !== undefined && id >= 0) id = special(row, id);
      rejections[row] = id;
      if (id === 0) rows[length++] = row;
    }
    return length;
  }

  /** Rows with nominated pods are judged the plain way. */
  private nominatedRows(cycle: Cycle): ((row: number, id: number) => number) | undefined {
    const { nominations, nodes } = this.state;
    if (nominations.size === 0) return undefined;
    const ready = startCycle(cycle);
    if (ready.kind !== "ready") return undefined;
    const marked = new Set([...nominations.nodes()].map((name) => nodes.rowOf(name) ?? -1));
    return (row, id) => (marked.has(row) ? filterRowWithNominated(ready, row) : id);
  }

  private pick(cycle: Cycle, cache: RowCache, rows: Int32Array<ArrayBuffer>): Outcome | undefined {
    const tying: { readonly weight: number; readonly prepared: PreparedScore }[] = [];
    for (const { name, weight } of this.profile.scores) {
      if (name !== "PodTopologySpread" && name !== "InterPodAffinity") continue;
      const prepared = scorePlugins.find((plugin) => plugin.name === name)?.prepare(cycle, rows) ?? "skip";
      if (prepared === "skip") continue;
      if ("error" in prepared) return undefined;
      tying.push({ weight, prepared });
    }
    const totals = this.totals.subarray(0, rows.length);
    cache.scores(rows, totals);
    for (const { weight, prepared } of tying) {
      const scores = new Float64Array(rows.length);
      if (prepared.scoreAll !== undefined) prepared.scoreAll(rows, scores);
      else for (let i = 0; i < rows.length; i++) scores[i] = prepared.score(rows[i] ?? 0);
      prepared.normalize?.(scores);
      for (let i = 0; i < rows.length; i++) totals[i] = (totals[i] ?? 0) + weight * (scores[i] ?? 0);
    }
    return { ...undecided, ...bestOf(rows, totals) };
  }

  private failTied(cycle: Cycle): Outcome {
    const { size } = this.state.nodes;
    const rejections = new Int32Array(this.rejections.subarray(0, size));
    const counts = new Map<number, number>();
    for (const id of rejections) if (id > 0) counts.set(id, (counts.get(id) ?? 0) + 1);
    return {
      ...undecided,
      counts,
      rejectionAt: (row) => rejections[row],
      dryRun: once(() => {
        const hopeless = this.withoutVictims(cycle.pod, counts);
        const ready = hopeless === undefined ? startCycle(cycle) : undefined;
        if (ready === undefined || ready.kind !== "ready") {
          return { candidates: [], chosen: undefined, statuses: hopeless ?? new Map() };
        }
        const rejected = new Map<number, number>();
        rejections.forEach((id, row) => {
          if (id > 0) rejected.set(row, id);
        });
        return dryRunRows(ready, rejected);
      }),
    };
  }

  /** Only the nodes that the pod names are looked at. */
  private decideNamed(pod: PodRecord, names: ReadonlySet<string>): Outcome | undefined {
    const { state, profile } = this;
    const cycle = { state, profile, pod };
    const ready = startCycle(cycle);
    if (ready.kind !== "ready" || ready.nodeNames !== names) return undefined;
    const feasible: number[] = [];
    const rejected = new Map<number, number>();
    const rows = [...names].flatMap((name) => state.nodes.rowOf(name) ?? []);
    for (const row of rows.sort((a, b) => a - b)) {
      const id = filterRowWithNominated(ready, row);
      if (id === 0) feasible.push(row);
      else rejected.set(row, id);
    }
    if (feasible.length === 1) return { ...undecided, feasible: 1, best: 1, row: feasible[0] };
    if (feasible.length > 1) return pickPlainly(cycle, feasible);
    return { ...undecided, counts: this.namedCounts(ready, rejected), ...named(ready, rejected) };
  }

  private namedCounts(ready: ReadyCycle, rejected: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
    const { rejections, nodes } = this.state;
    const counts = new Map<number, number>();
    for (const id of rejected.values()) counts.set(id, (counts.get(id) ?? 0) + 1);
    const reason = `node(s) didn't satisfy plugin(s) [${[...ready.namingPlugins].sort().join(" ")}]`;
    const others = nodes.alive - rejected.size;
    if (others > 0) counts.set(rejections.idOf(undefined, "UnschedulableAndUnresolvable", reason), others);
    return counts;
  }
}

const named = (ready: ReadyCycle, rejected: ReadonlyMap<number, number>): Pick<Outcome, "rejectionAt" | "dryRun"> => ({
  rejectionAt: (row) => rejected.get(row),
  dryRun: () => dryRunRows(ready, rejected),
});

const pickPlainly = (cycle: Cycle, feasible: readonly number[]): Outcome | undefined => {
  const scored = scoreRows(cycle, feasible);
  if ("error" in scored) return undefined;
  return { ...undecided, ...bestOf(feasible, scored.totals) };
};

/** The first of the rows with the largest total, and how many share it. */
const bestOf = (rows: Rows, totals: Float64Array): Pick<Outcome, "row" | "feasible" | "best"> => {
  let at = 0;
  let best = 0;
  let top = totals[0] ?? 0;
  for (let i = 0; i < rows.length; i++) {
    const total = totals[i] ?? 0;
    if (total > top) {
      at = i;
      top = total;
      best = 1;
    } else if (total === top) best++;
  }
  return { row: rows[at], feasible: rows.length, best };
};

/** A failure may be asked for many times while nothing changes. */
const once = (run: () => DryRun): (() => DryRun) => {
  let result: DryRun | undefined;
  return () => {
    result ??= run();
    return result;
  };
};

const undecided: Outcome = {
  error: undefined,
  preFilter: undefined,
  viaNominated: false,
  row: undefined,
  feasible: 0,
  best: undefined,
  counts: new Map(),
  rejectionAt: () => undefined,
  dryRun: undefined,
};
