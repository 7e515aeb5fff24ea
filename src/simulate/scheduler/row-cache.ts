import type { ClusterState } from "./cluster-state.ts";
import { filterPluginsOf } from "./filter-cycle.ts";
import type { Cycle, FilterPlugin, PreparedFilter } from "./framework.ts";
import { imageScore } from "./image-locality.ts";
import { nodeAffinityScore } from "./node-affinity.ts";
import { shortageFinder } from "./node-resources-fit.ts";
import type { PodRecord } from "./pod-record.ts";
import type { SchedulerProfile } from "./profile.ts";
import { rowScore } from "./row-score.ts";
import { countUntoleratedPreferences } from "./taint-toleration.ts";
import { TopRows } from "./top-rows.ts";

/** Filters that look at nothing but the node itself, and those that also look at what its pods take. */
const fixedFilters: ReadonlySet<string> = new Set(["NodeUnschedulable", "NodeName", "TaintToleration", "NodeAffinity"]);
export const rowFilters: ReadonlySet<string> = new Set([...fixedFilters, "NodePorts", "NodeResourcesFit"]);

const DEAD = -1;

/** A raw score that is scaled by the largest among the rows that pass. */
class ScaledScore {
  readonly raw: Int32Array;
  max = 0;
  private readonly counts = new Map<number, number>();

  constructor(size: number) {
    this.raw = new Int32Array(size);
  }

  count(row: number, by: 1 | -1): void {
    const value = this.raw[row] ?? 0;
    const count = (this.counts.get(value) ?? 0) + by;
    if (count === 0) this.counts.delete(value);
    else this.counts.set(value, count);
  }

  largest(): number {
    let max = 0;
    for (const value of this.counts.keys()) if (value > max) max = value;
    return max;
  }

  scaled(row: number, max: number): number {
    return max === 0 ? 0 : Math.floor((100 * (this.raw[row] ?? 0)) / max);
  }
}

/**
 * What filters and score plugins that look at one row alone say of each row, for one kind of pod; brought up to date row by row as pods
 * come and go.
 */
export class RowCache {
  /** Rejection id a row; 0 where the row passes, -1 where no node is. */
  rejection = new Int32Array(0);
  readonly rejectionCounts = new Map<number, number>();
  feasible = 0;
  /** Weighted scores that need no scaling. */
  base = new Float64Array(0);
  /** Raw scores to be scaled; undefined where all rows have 0. */
  taints: ScaledScore | undefined;
  affinity: ScaledScore | undefined;
  readonly taintWeight: number;
  readonly affinityWeight: number;
  /** When it was last asked, for eviction. */
  used = 0;
  private readonly top = new TopRows();
  private readonly cycle: Cycle;
  private epoch = -1;
  private seen = 0;
  private fixed = new Int32Array(0);
  private fixedScore: Float64Array | undefined;
  private ports: PreparedFilter | undefined;
  private fit: ReturnType<typeof shortageFinder> | undefined;
  private score: (row: number) => number = () => 0;
  private readonly fitIds = new Map<number, number>();

  constructor(state: ClusterState, profile: SchedulerProfile, pod: PodRecord) {
    this.cycle = { state, profile, pod };
    const weight = (name: string) => profile.scores.find((each) => each.name === name)?.weight ?? 0;
    this.taintWeight = weight("TaintToleration");
    this.affinityWeight = weight("NodeAffinity");
  }

  /** Takes in all that has changed since the last time. */
  sync(): void {
    const { changes, epoch, nodes } = this.cycle.state;
    if (this.epoch !== epoch || changes.length - this.seen > nodes.size) {
      this.rebuild();
      return;
    }
    if (this.seen === changes.length) return;
    for (; this.seen < changes.length; this.seen++) {
      const row = changes[this.seen] ?? 0;
      this.judge(row);
      this.top.set(row, this.total(row));
    }
    this.rescale();
  }

  /** The first of the best rows by the scores of this cache. */
  best(): number | undefined {
    return this.top.first();
  }

  private rebuild(): void {
    const { state, profile, pod } = this.cycle;
    const { nodes } = state;
    const prepared = filterPluginsOf(profile.filters).flatMap((plugin) => this.prepare(plugin));
    const fixed = prepared.filter(({ name }) => fixedFilters.has(name)).map(({ filter }) => filter.filter);
    this.ports = prepared.find(({ name }) => name === "NodePorts")?.filter;
    this.fit = prepared.some(({ name }) => name === "NodeResourcesFit")
      ? shortageFinder(state, pod, profile)
      : undefined;
    this.score = rowScore(state, profile, pod);
    this.epoch = state.epoch;
    this.seen = state.changes.length;
    this.rejectionCounts.clear();
    this.feasible = 0;
    this.rejection = new Int32Array(nodes.size).fill(DEAD);
    this.fixed = new Int32Array(nodes.size).fill(DEAD);
    this.base = new Float64Array(nodes.size);
    this.prepareScores();
    this.top.reset(nodes.size);
    for (let row = 0; row < nodes.size; row++) {
      if (nodes.isAlive[row] !== 1) continue;
      let id = 0;
      for (let i = 0; i < fixed.length && id === 0; i++) id = fixed[i]?.(row) ?? 0;
      this.fixed[row] = id;
      this.judge(row);
    }
    this.rescale(true);
  }

  private prepare(plugin: FilterPlugin): readonly { readonly name: string; readonly filter: PreparedFilter }[] {
    if (!rowFilters.has(plugin.name)) return [];
    const filter = plugin.prepare(this.cycle);
    return filter === "skip" || "reject" in filter || "error" in filter ? [] : [{ name: plugin.name, filter }];
  }

  private prepareScores(): void {
    const { state, profile, pod } = this.cycle;
    const { nodes } = state;
    const { tolerations, images } = pod.podClass.shape;
    const bySet = nodes.taintSets.map((taints) => countUntoleratedPreferences(taints, tolerations));
    this.taints = undefined;
    if (this.taintWeight > 0 && bySet.some((count) => count > 0)) {
      this.taints = new ScaledScore(nodes.size);
      for (let row = 0; row < nodes.size; row++) this.taints.raw[row] = bySet[nodes.taintSet[row] ?? 0] ?? 0;
    }
    const preferred = this.affinityWeight > 0 ? nodeAffinityScore.prepare(this.cycle, []) : "skip";
    this.affinity = undefined;
    if (preferred !== "skip" && !("error" in preferred)) {
      this.affinity = new ScaledScore(nodes.size);
      for (let row = 0; row < nodes.size; row++) this.affinity.raw[row] = preferred.score(row);
    }
    const imageWeight = profile.scores.find(({ name }) => name === "ImageLocality")?.weight ?? 0;
    this.fixedScore = undefined;
    if (imageWeight > 0 && nodes.hasImages()) {
      this.fixedScore = new Float64Array(nodes.size);
      for (let row = 0; row < nodes.size; row++) {
        this.fixedScore[row] = imageWeight * imageScore(images, (image) => nodes.imageScore(row, image));
      }
    }
  }

  /** Judges a row anew and keeps the counts. */
  private judge(row: number): void {
    let id = this.fixed[row] ?? DEAD;
    if (id === DEAD) return;
    if (id === 0 && this.ports !== undefined) id = this.ports.filter(row);
    if (id === 0 && this.fit !== undefined) id = this.shortage(this.fit, row);
    const before = this.rejection[row] ?? DEAD;
    if (id !== before) {
      if (before === 0) this.countFeasible(row, -1);
      else if (before > 0) this.countRejection(before, -1);
      if (id === 0) this.countFeasible(row, 1);
      else this.countRejection(id, 1);
      this.rejection[row] = id;
    }
    if (id === 0) this.base[row] = (this.fixedScore?.[row] ?? 0) + this.score(row);
  }

  private shortage(fit: ReturnType<typeof shortageFinder>, row: number): number {
    const mask = fit.find(row);
    if (mask === 0) return 0;
    const key = mask * 2 + (fit.isHopeless(row) ? 1 : 0);
    let id = this.fitIds.get(key);
    if (id === undefined) {
      id = fit.rejection(row);
      this.fitIds.set(key, id);
    }
    return id;
  }

  private countFeasible(row: number, by: 1 | -1): void {
    this.feasible += by;
    this.taints?.count(row, by);
    this.affinity?.count(row, by);
  }

  private countRejection(id: number, by: 1 | -1): void {
    const count = (this.rejectionCounts.get(id) ?? 0) + by;
    if (count === 0) this.rejectionCounts.delete(id);
    else this.rejectionCounts.set(id, count);
  }

  /** All totals change when the largest raw score among the rows that pass does. */
  private rescale(isNew = false): void {
    const taintMax = this.taints?.largest() ?? 0;
    const affinityMax = this.affinity?.largest() ?? 0;
    if (!isNew && taintMax === (this.taints?.max ?? 0) && affinityMax === (this.affinity?.max ?? 0)) return;
    if (this.taints !== undefined) this.taints.max = taintMax;
    if (this.affinity !== undefined) this.affinity.max = affinityMax;
    for (let row = 0; row < this.rejection.length; row++) this.top.put(row, this.total(row));
    this.top.build();
  }

  private total(row: number): number {
    if (this.rejection[row] !== 0) return -1;
    let total = this.base[row] ?? 0;
    if (this.taints !== undefined) total += this.taintWeight * (100 - this.taints.scaled(row, this.taints.max));
    if (this.affinity !== undefined) total += this.affinityWeight * this.affinity.scaled(row, this.affinity.max);
    return total;
  }

  /** Writes the scores of this cache for `rows`, which are the rows that pass; a constant may be missing. */
  scores(rows: Int32Array, totals: Float64Array): void {
    const { base } = this;
    for (let i = 0; i < rows.length; i++) totals[i] = base[rows[i] ?? 0] ?? 0;
    if (this.taints === undefined && this.affinity === undefined) return;
    const largest = (scaled: ScaledScore | undefined): number => {
      let max = 0;
      if (scaled === undefined) return 0;
      for (let i = 0; i < rows.length; i++) max = Math.max(max, scaled.raw[rows[i] ?? 0] ?? 0);
      return max;
    };
    const taintMax = largest(this.taints);
    const affinityMax = largest(this.affinity);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] ?? 0;
      let total = totals[i] ?? 0;
      if (taintMax > 0) total -= this.taintWeight * (this.taints?.scaled(row, taintMax) ?? 0);
      if (affinityMax > 0) total += this.affinityWeight * (this.affinity?.scaled(row, affinityMax) ?? 0);
      totals[i] = total;
    }
  }
}
