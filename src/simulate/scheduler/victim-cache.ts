import { type Candidate, selectVictims } from "./default-preemption.ts";
import type { ReadyCycle } from "./filter-cycle.ts";
import type { RowCache } from "./row-cache.ts";

/**
 * Preemption candidates of every row for pods of one kind and priority, for pods whose fit on a row depends on that row alone. Only rows
 * whose pods have changed are tried again.
 */
export class VictimCache {
  private epoch = -1;
  private budgets = -1;
  private seen = 0;
  private candidates: (Candidate | undefined)[] = [];
  /** Rejection id of a row that has no candidate; 0 for rows that were not tried. */
  private statuses = new Int32Array(0);
  private violations = new Float64Array(0);
  private highest = new Float64Array(0);
  private sums = new Float64Array(0);
  private sizes = new Float64Array(0);
  private starts = new Float64Array(0);

  /** The first of the best candidates, or what was found on the rows that were tried. */
  best(ready: ReadyCycle, rows: RowCache): Candidate | ReadonlyMap<number, number> {
    this.sync(ready, rows);
    let best = -1;
    for (let row = 0; row < this.candidates.length; row++) {
      if (this.candidates[row] !== undefined && (best < 0 || this.isBetter(row, best))) best = row;
    }
    const found = this.candidates[best];
    if (found !== undefined) return found;
    const counts = new Map<number, number>();
    for (const status of this.statuses) if (status > 0) counts.set(status, (counts.get(status) ?? 0) + 1);
    return counts;
  }

  /** The order of `bestCandidates`. */
  private isBetter(a: number, b: number): boolean {
    const { violations, highest, sums, sizes, starts } = this;
    if (violations[a] !== violations[b]) return (violations[a] ?? 0) < (violations[b] ?? 0);
    if (highest[a] !== highest[b]) return (highest[a] ?? 0) < (highest[b] ?? 0);
    if (sums[a] !== sums[b]) return (sums[a] ?? 0) < (sums[b] ?? 0);
    if (sizes[a] !== sizes[b]) return (sizes[a] ?? 0) < (sizes[b] ?? 0);
    return (starts[a] ?? 0) > (starts[b] ?? 0);
  }

  private sync(ready: ReadyCycle, rows: RowCache): void {
    const { state } = ready.cycle;
    const { changes, nodes } = state;
    const isStale = this.epoch !== state.epoch || this.budgets !== state.workloads.budgetVersion;
    if (isStale || changes.length - this.seen > nodes.size) {
      this.epoch = state.epoch;
      this.budgets = state.workloads.budgetVersion;
      this.candidates = new Array<Candidate | undefined>(nodes.size).fill(undefined);
      this.statuses = new Int32Array(nodes.size);
      for (const column of ["violations", "highest", "sums", "starts"] as const)
        this[column] = new Float64Array(nodes.size);
      for (let row = 0; row < nodes.size; row++) this.judge(ready, rows, row);
      this.seen = changes.length;
      return;
    }
    const touched = new Set<number>();
    for (; this.seen < changes.length; this.seen++) touched.add(changes[this.seen] ?? 0);
    for (const row of touched) this.judge(ready, rows, row);
  }

  private judge(ready: ReadyCycle, rows: RowCache, row: number): void {
    const { state } = ready.cycle;
    this.candidates[row] = undefined;
    this.statuses[row] = 0;
    const rejection = rows.rejection[row] ?? -1;
    if (rejection <= 0 || !state.rejections.isCurable(rejection)) return;
    const search = selectVictims(ready, row, state.workloads.budgets());
    if (search.kind === "rejected") {
      this.statuses[row] = search.rejection;
      return;
    }
    const { victims, pdbViolations } = search.candidate;
    if (victims.length === 0) return;
    const highest = victims[0]?.priority ?? 0;
    const top = victims.reduce((max, { priority }) => Math.max(max, priority), Number.NEGATIVE_INFINITY);
    this.candidates[row] = search.candidate;
    this.violations[row] = pdbViolations;
    this.highest[row] = highest;
    this.sums[row] = victims.reduce((sum, { priority }) => sum + priority + 2 ** 31, 0);
    this.sizes[row] = victims.length;
    this.starts[row] = victims
      .filter(({ priority }) => priority === top)
      .reduce((min, { startTime }) => Math.min(min, startTime), Number.POSITIVE_INFINITY);
  }
}
