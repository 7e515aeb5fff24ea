import type { Cycle, Rows } from "./framework.ts";
import type { LabelColumn } from "./label-column.ts";
import { HOSTNAME, inclusion, matchingPods, type ReadyConstraint } from "./spread-constraints.ts";

interface ScoredConstraint {
  readonly column: LabelColumn;
  /** Added for each node that has the key. */
  readonly base: number;
  readonly weight: number;
  /** Pods by row for the hostname, which upstream counts node by node. */
  readonly byRow: ReadonlyMap<number, number> | undefined;
  /** Pods by value; index 0 stands for nodes without the label, which upstream files under the empty value. */
  readonly byValue: Float64Array;
}

export interface SpreadScore {
  readonly score: (row: number) => number;
  readonly scoreAll: (rows: Rows, scores: Float64Array) => void;
  /** Marks feasible rows that lack a topology key. */
  readonly ignored: Uint8Array | undefined;
}

/** Raw scores of soft constraints, and which feasible rows are left out of account for lack of a topology key. */
export const prepareSpreadScore = (
  cycle: Cycle,
  constraints: readonly ReadyConstraint[],
  feasible: Rows,
  requiresAll: boolean,
): SpreadScore => {
  const lacksKey = (row: number): boolean => {
    for (const { column } of constraints) if ((column.ids[row] ?? -1) < 0) return true;
    return false;
  };
  let ignored: Uint8Array | undefined;
  let kept = feasible.length;
  if (requiresAll) {
    ignored = new Uint8Array(feasible.length);
    for (let i = 0; i < feasible.length; i++) {
      if (!lacksKey(feasible[i] ?? -1)) continue;
      ignored[i] = 1;
      kept--;
    }
    if (kept === feasible.length) ignored = undefined;
  }
  const counts = inclusion(cycle);
  const parts = constraints.map((ready): ScoredConstraint => {
    const { constraint, column } = ready;
    const { rows } = matchingPods(cycle, constraint);
    const base = constraint.maxSkew - 1;
    if (constraint.topologyKey === HOSTNAME) {
      return { column, base, weight: Math.log(kept + 2), byRow: rows, byValue: new Float64Array(0) };
    }
    const { isCandidate, size } = candidates(column, feasible, ignored);
    const byValue = new Float64Array(column.valueCount + 1);
    for (const [row, count] of rows) {
      const at = indexOf(column, row);
      if (isCandidate[at] !== 1 || (requiresAll && lacksKey(row)) || !counts(constraint, row)) continue;
      byValue[at] = (byValue[at] ?? 0) + count;
    }
    return { column, base, weight: Math.log(size + 2), byRow: undefined, byValue };
  });
  const score = (row: number): number => {
    if (ignored !== undefined && lacksKey(row)) return 0;
    let sum = 0;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i];
      if (part === undefined || (part.column.ids[row] ?? -1) < 0) continue;
      const count =
        part.byRow === undefined ? (part.byValue[indexOf(part.column, row)] ?? 0) : (part.byRow.get(row) ?? 0);
      sum += count * part.weight + part.base;
    }
    return Math.round(sum);
  };
  const scoreAll = (rows: Rows, scores: Float64Array): void => {
    for (const part of parts) addPart(part, rows, scores, cycle.state.nodes.size);
    for (let i = 0; i < rows.length; i++) scores[i] = ignored?.[i] === 1 ? 0 : Math.round(scores[i] ?? 0);
  };
  return { score, scoreAll, ignored };
};

/** Values that some feasible row has, and how many there are. */
const candidates = (column: LabelColumn, feasible: Rows, ignored: Uint8Array | undefined) => {
  const isCandidate = new Uint8Array(column.valueCount + 1);
  let size = 0;
  for (let i = 0; i < feasible.length; i++) {
    if (ignored?.[i] === 1) continue;
    const at = indexOf(column, feasible[i] ?? -1);
    if (isCandidate[at] === 1) continue;
    isCandidate[at] = 1;
    size++;
  }
  return { isCandidate, size };
};

const indexOf = (column: LabelColumn, row: number): number => {
  const value = column.ids[row] ?? -1;
  return value === column.emptyId ? 0 : value + 1;
};

/** Adds one constraint's share to the scores, in the order of the rows. */
const addPart = (
  { column, base, weight, byRow, byValue }: ScoredConstraint,
  rows: Rows,
  scores: Float64Array,
  size: number,
): void => {
  const { ids, emptyId } = column;
  if (byRow === undefined) {
    for (let i = 0; i < rows.length; i++) {
      const value = ids[rows[i] ?? 0] ?? -1;
      if (value < 0) continue;
      const count = byValue[value === emptyId ? 0 : value + 1] ?? 0;
      scores[i] = (scores[i] ?? 0) + (count * weight + base);
    }
    return;
  }
  const dense = new Int32Array(size);
  for (const [row, count] of byRow) dense[row] = count;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] ?? 0;
    if ((ids[row] ?? -1) >= 0) scores[i] = (scores[i] ?? 0) + ((dense[row] ?? 0) * weight + base);
  }
};
