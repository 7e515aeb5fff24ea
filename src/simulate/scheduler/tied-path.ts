import { filterPluginsOf, filterRowWithNominated, startCycle } from "./filter-cycle.ts";
import type { Cycle, PreparedFilter, PreparedScore, Rows } from "./framework.ts";
import { type Outcome, once, undecided } from "./outcome.ts";
import { scorePlugins } from "./plugins.ts";
import { dryRunRows, withoutVictims } from "./post-filter.ts";
import { type RowCache, rowFilters } from "./row-cache.ts";

/** Decides about pods for which other pods, volumes or nominations matter: plugins that tie rows together run on the rows that are left. */
export class TiedPath {
  private rows = new Int32Array(0);
  private totals = new Float64Array(0);

  /** Undefined when the plain path must decide. */
  decide(cycle: Cycle, cache: RowCache): Outcome | undefined {
    const filters: PreparedFilter[] = [];
    for (const plugin of filterPluginsOf(cycle.profile.filters)) {
      if (rowFilters.has(plugin.name)) continue;
      const prepared = plugin.prepare(cycle);
      if (prepared === "skip") continue;
      if ("reject" in prepared) return { ...undecided, preFilter: prepared.reject };
      if ("error" in prepared) return undefined;
      filters.push(prepared);
    }
    const judge = rowJudge(cycle, cache, filters);
    const length = this.keepFeasible(cycle, cache, filters, judge);
    const rows = this.rows.subarray(0, length);
    if (length === 0) return fail(cycle, judge);
    if (length === 1) return { ...undecided, feasible: 1, best: 1, row: rows[0] };
    return this.pick(cycle, cache, rows);
  }

  /** Fills `rows` with those that pass and returns how many there are. */
  private keepFeasible(
    { state }: Cycle,
    { rejection }: RowCache,
    filters: readonly PreparedFilter[],
    judge: (row: number) => number,
  ): number {
    const { size } = state.nodes;
    if (this.rows.length < size) {
      this.rows = new Int32Array(size * 2);
      this.totals = new Float64Array(size * 2);
    }
    const { rows } = this;
    const [only] = filters;
    let length = 0;
    if (state.nominations.size > 0 || filters.length > 1) {
      for (let row = 0; row < size; row++) if (judge(row) === 0) rows[length++] = row;
    } else if (only === undefined) {
      for (let row = 0; row < size; row++) if (rejection[row] === 0) rows[length++] = row;
    } else {
      const { filter } = only;
      for (let row = 0; row < size; row++) if (rejection[row] === 0 && filter(row) === 0) rows[length++] = row;
    }
    return length;
  }

  private pick(cycle: Cycle, cache: RowCache, rows: Int32Array<ArrayBuffer>): Outcome | undefined {
    const tying: { readonly weight: number; readonly prepared: PreparedScore }[] = [];
    for (const { name, weight } of cycle.profile.scores) {
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
}

/** The rejection of any row: from the cache, else from the filters; rows with nominated pods are judged the plain way. */
const rowJudge = (
  cycle: Cycle,
  { rejection }: RowCache,
  filters: readonly PreparedFilter[],
): ((row: number) => number) => {
  const judge = (row: number): number => {
    let id = rejection[row] ?? -1;
    if (id === 0) for (let i = 0; i < filters.length && id === 0; i++) id = filters[i]?.filter(row) ?? 0;
    return id;
  };
  const { nominations, nodes } = cycle.state;
  if (nominations.size === 0) return judge;
  const ready = startCycle(cycle);
  if (ready.kind !== "ready") return judge;
  const marked = new Set([...nominations.nodes()].map((name) => nodes.rowOf(name) ?? -1));
  return (row) => (marked.has(row) ? filterRowWithNominated(ready, row) : judge(row));
};

const fail = (cycle: Cycle, judge: (row: number) => number): Outcome => {
  const { state } = cycle;
  const rejections = new Int32Array(state.nodes.size);
  const counts = new Map<number, number>();
  for (let row = 0; row < rejections.length; row++) {
    const id = judge(row);
    rejections[row] = id;
    if (id > 0) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return {
    ...undecided,
    counts,
    rejectionAt: (row) => rejections[row],
    dryRun: once(() => {
      const hopeless = withoutVictims(state, cycle.pod, counts);
      const ready = hopeless === undefined ? startCycle(cycle) : undefined;
      if (ready === undefined || ready.kind !== "ready") {
        return { candidates: [], chosen: undefined, statuses: hopeless ?? new Map() };
      }
      const rejected = new Map<number, number>();
      for (let row = 0; row < rejections.length; row++) {
        const id = rejections[row] ?? 0;
        if (id > 0) rejected.set(row, id);
      }
      return dryRunRows(ready, rejected);
    }),
  };
};

/** The first of the rows with the largest total, and how many share it. */
export const bestOf = (rows: Rows, totals: Float64Array): Pick<Outcome, "row" | "feasible" | "best"> => {
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
