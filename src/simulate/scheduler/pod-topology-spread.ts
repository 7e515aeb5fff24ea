import { type Cycle, type FilterPlugin, MAX_NODE_SCORE, type PreparedScore, type ScorePlugin } from "./framework.ts";
import type { LabelColumn } from "./label-column.ts";
import type { SpreadConstraint } from "./pod-class.ts";
import type { PodRecord } from "./pod-record.ts";
import { constraintsFor, HOSTNAME, inclusion, matchingPods, type ReadyConstraint } from "./spread-constraints.ts";

const name = "PodTopologySpread";
const MISMATCH = "node(s) didn't match pod topology spread constraints";

/** Matching pods by value of one constraint's topology key, and the least of them. */
interface Domains {
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

const NO_DOMAIN = 2147483647;

/** No constraint's skew may exceed its bound. Source: `plugins/podtopologyspread/filtering.go`, v1.35.4. */
export const podTopologySpreadFilter: FilterPlugin = {
  name,
  prepare: (cycle) => {
    const { state, pod } = cycle;
    if (pod.podClass.spreadProblem !== undefined) {
      return { error: `obtaining pod's hard topology spread constraints: ${pod.podClass.spreadProblem}` };
    }
    const constraints = constraintsFor(cycle, "DoNotSchedule");
    if (constraints.length === 0) return "skip";
    const mismatch = state.rejections.idOf(name, "Unschedulable", MISMATCH);
    const missing = state.rejections.idOf(name, "UnschedulableAndUnresolvable", `${MISMATCH} (missing required label)`);
    const domains = countDomains(cycle, constraints);
    const counts = inclusion(cycle);
    return {
      filter: (row) => {
        for (const each of domains) {
          const value = each.column.ids[row] ?? -1;
          if (value < 0) return missing;
          const matching = each.counts[value] ?? 0;
          if (matching + each.selfMatch - leastWith(each, value, matching) > each.constraint.maxSkew) return mismatch;
        }
        return 0;
      },
      podChanged: (record: PodRecord, row, by) => {
        if (record.podClass.namespace !== pod.podClass.namespace) return;
        if (constraints.some(({ column }) => column.idOf(row) < 0)) return;
        for (const { constraint, column, counts: byValue } of domains) {
          if (!constraint.selector.matches(record.podClass.labels) || !counts(constraint, row)) continue;
          const value = column.idOf(row);
          byValue[value] = (byValue[value] ?? 0) + by;
        }
      },
    };
  },
};

/** The least count over all domains, when only that of `value` may have changed since they were counted. */
const leastWith = (
  { constraint, domainCount, isDomain, least, leastAt, second }: Domains,
  value: number,
  matching: number,
): number => {
  if (domainCount < constraint.minDomains) return 0;
  const others = value === leastAt ? second : least;
  return isDomain[value] === 1 && matching < others ? matching : others;
};

const countDomains = (cycle: Cycle, constraints: readonly ReadyConstraint[]): readonly Domains[] => {
  const { nodes } = cycle.state;
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
  return constraints.map(({ constraint, column }, i) => {
    const byValue = new Int32Array(column.valueCount);
    for (const [row, count] of matchingPods(cycle, constraint)) {
      const value = column.idOf(row);
      if (eligible[i]?.[row] === 1) byValue[value] = (byValue[value] ?? 0) + count;
    }
    return summarize(constraint, column, byValue, isDomain[i] ?? new Uint8Array(0), cycle.pod);
  });
};

const set = (flags: Uint8Array | undefined, at: number): void => {
  if (flags !== undefined) flags[at] = 1;
};

const summarize = (
  constraint: SpreadConstraint,
  column: LabelColumn,
  counts: Int32Array,
  isDomain: Uint8Array,
  pod: PodRecord,
): Domains => {
  let [least, leastAt, second, domainCount] = [NO_DOMAIN, -1, NO_DOMAIN, 0];
  for (let value = 0; value < isDomain.length; value++) {
    if (isDomain[value] !== 1) continue;
    domainCount++;
    const count = counts[value] ?? 0;
    if (count < least) [least, leastAt, second] = [count, value, least];
    else if (count < second) second = count;
  }
  const selfMatch = constraint.selector.matches(pod.podClass.labels) ? 1 : 0;
  return { constraint, column, counts, isDomain, domainCount, selfMatch, least, leastAt, second };
};

/** Nodes in domains with fewer matching pods are better. Source: `plugins/podtopologyspread/scoring.go`, v1.35.4. */
export const podTopologySpreadScore: ScorePlugin = {
  name,
  prepare: (cycle, feasible) => {
    const constraints = constraintsFor(cycle, "ScheduleAnyway");
    if (constraints.length === 0) return "skip";
    const requiresAll = cycle.pod.podClass.hasSpread || cycle.profile.defaultConstraints !== undefined;
    return prepareScore(cycle, constraints, feasible, requiresAll);
  },
};

const prepareScore = (
  cycle: Cycle,
  constraints: readonly ReadyConstraint[],
  feasible: readonly number[],
  requiresAll: boolean,
): PreparedScore => {
  const { nodes } = cycle.state;
  const lacksKey = (row: number) => requiresAll && constraints.some(({ column }) => column.idOf(row) < 0);
  const ignored = feasible.map(lacksKey);
  const kept = ignored.reduce((sum, isIgnored) => sum + (isIgnored ? 0 : 1), 0);
  const counts = inclusion(cycle);
  const ready = constraints.map(({ constraint, column }) => {
    const matching = matchingPods(cycle, constraint);
    if (constraint.topologyKey === HOSTNAME) {
      return {
        column,
        maxSkew: constraint.maxSkew,
        weight: Math.log(kept + 2),
        at: (row: number) => matching.get(row) ?? 0,
      };
    }
    // Upstream files nodes without the label under the empty value: both are index 0.
    const indexOf = (row: number) => {
      const value = column.idOf(row);
      return value === column.emptyId ? 0 : value + 1;
    };
    const isCandidate = new Uint8Array(column.valueCount + 1);
    let size = 0;
    feasible.forEach((row, i) => {
      const value = indexOf(row);
      if (ignored[i] === true || isCandidate[value] === 1) return;
      isCandidate[value] = 1;
      size++;
    });
    const byValue = new Float64Array(column.valueCount + 1);
    for (const [row, count] of matching) {
      const value = indexOf(row);
      if (isCandidate[value] !== 1 || lacksKey(row) || !counts(constraint, row)) continue;
      byValue[value] = (byValue[value] ?? 0) + count;
    }
    const at = (row: number) => byValue[indexOf(row)] ?? 0;
    return { column, maxSkew: constraint.maxSkew, weight: Math.log(size + 2), at };
  });
  return {
    score: (row) => {
      if (nodes.isAlive[row] !== 1 || lacksKey(row)) return 0;
      let score = 0;
      for (const { column, maxSkew, weight, at } of ready) {
        if (column.idOf(row) >= 0) score += at(row) * weight + (maxSkew - 1);
      }
      return Math.round(score);
    },
    normalize: (scores) => normalizeSpread(scores, ignored),
  };
};

const normalizeSpread = (scores: Float64Array, ignored: readonly boolean[]): void => {
  let [min, max] = [Number.POSITIVE_INFINITY, 0];
  scores.forEach((score, i) => {
    if (ignored[i] === true) return;
    if (score < min) min = score;
    if (score > max) max = score;
  });
  scores.forEach((score, i) => {
    if (ignored[i] === true) scores[i] = 0;
    else scores[i] = max === 0 ? MAX_NODE_SCORE : Math.floor((MAX_NODE_SCORE * (max + min - score)) / max);
  });
};
