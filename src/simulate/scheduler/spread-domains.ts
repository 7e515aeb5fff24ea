import type { Cycle } from "./framework.ts";
import type { LabelColumn } from "./label-column.ts";
import type { SpreadConstraint } from "./pod-class.ts";
import { inclusion, matchingPods, type ReadyConstraint } from "./spread-constraints.ts";
import type { Tally } from "./tally.ts";

/** Matching pods by value of one constraint's topology key, and the least of them. */
export interface Domains {
  readonly constraint: SpreadConstraint;
  readonly column: LabelColumn;
  readonly counts: Int32Array;
  /** Values that some node has which counts for the constraint. */
  readonly isDomain: Uint8Array;
  readonly domainCount: number;
  readonly selfMatch: number;
  /** The least count, its value, and the least of the other values. */
  readonly least: number;
  readonly leastAt: number;
  readonly second: number;
}

/** Which rows and values count for each constraint of a pod: the same for all pods of a class until nodes change. */
export interface SpreadLayout {
  readonly epoch: number;
  readonly constraints: readonly ReadyConstraint[];
  readonly eligible: readonly Uint8Array[];
  readonly isDomain: readonly Uint8Array[];
  readonly domainCounts: readonly number[];
  /** Whether every row that has the constraint's key counts, so that tallies by value can be taken as they are. */
  readonly isComplete: readonly boolean[];
}

const NO_DOMAIN = 2147483647;

export const countDomains = (cycle: Cycle, constraints: readonly ReadyConstraint[]): readonly Domains[] => {
  const layout = layoutFor(cycle, constraints);
  return constraints.map(({ constraint, column }, i) => {
    const tally = matchingPods(cycle, constraint);
    const isWhole = cycle.state.spreadLayouts !== undefined && layout.isComplete[i] === true;
    const counts = isWhole ? tally.byValue(column).counts.slice() : countEligible(tally, column, layout.eligible[i]);
    const isDomain = layout.isDomain[i] ?? new Uint8Array(0);
    const selfMatch = constraint.selector.matches(cycle.pod.podClass.labels) ? 1 : 0;
    const domainCount = layout.domainCounts[i] ?? 0;
    return { constraint, column, counts, isDomain, domainCount, selfMatch, ...leastTwo(counts, isDomain) };
  });
};

const countEligible = (tally: Tally, column: LabelColumn, eligible: Uint8Array | undefined): Int32Array => {
  const counts = new Int32Array(column.valueCount);
  for (const [row, count] of tally.rows) {
    const value = column.ids[row] ?? -1;
    if (eligible?.[row] === 1) counts[value] = (counts[value] ?? 0) + count;
  }
  return counts;
};

const layoutFor = (cycle: Cycle, constraints: readonly ReadyConstraint[]): SpreadLayout => {
  const { spreadLayouts, epoch } = cycle.state;
  const known = spreadLayouts?.get(cycle.pod.podClass);
  const isSame =
    known?.epoch === epoch &&
    known.constraints.length === constraints.length &&
    known.constraints.every(({ constraint }, i) => constraint === constraints[i]?.constraint);
  if (known !== undefined && isSame) return known;
  const layout = computeLayout(cycle, constraints);
  spreadLayouts?.set(cycle.pod.podClass, layout);
  return layout;
};

const computeLayout = (cycle: Cycle, constraints: readonly ReadyConstraint[]): SpreadLayout => {
  const { nodes, epoch } = cycle.state;
  const counts = inclusion(cycle);
  const eligible = constraints.map(() => new Uint8Array(nodes.size));
  const isDomain = constraints.map(({ column }) => new Uint8Array(column.valueCount));
  for (let row = 0; row < nodes.size; row++) {
    if (nodes.isAlive[row] !== 1 || constraints.some(({ column }) => column.idOf(row) < 0)) continue;
    constraints.forEach(({ constraint, column }, i) => {
      if (!counts(constraint, row)) return;
      set(eligible[i], row);
      set(isDomain[i], column.idOf(row));
    });
  }
  const domainCounts = isDomain.map((flags) => flags.reduce((sum, flag) => sum + flag, 0));
  const isComplete = constraints.map(({ column }, i) => {
    for (let row = 0; row < nodes.size; row++) {
      if (nodes.isAlive[row] === 1 && column.idOf(row) >= 0 && eligible[i]?.[row] !== 1) return false;
    }
    return true;
  });
  return { epoch, constraints, eligible, isDomain, domainCounts, isComplete };
};

const set = (flags: Uint8Array | undefined, at: number): void => {
  if (flags !== undefined) flags[at] = 1;
};

const leastTwo = (counts: Int32Array, isDomain: Uint8Array) => {
  let [least, leastAt, second] = [NO_DOMAIN, -1, NO_DOMAIN];
  for (let value = 0; value < isDomain.length; value++) {
    if (isDomain[value] !== 1) continue;
    const count = counts[value] ?? 0;
    if (count < least) {
      second = least;
      least = count;
      leastAt = value;
    } else if (count < second) second = count;
  }
  return { least, leastAt, second };
};
