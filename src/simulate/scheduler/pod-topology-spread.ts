import { type FilterPlugin, MAX_NODE_SCORE, type ScorePlugin } from "./framework.ts";
import type { PodRecord } from "./pod-record.ts";
import { constraintsFor, inclusion } from "./spread-constraints.ts";
import { countDomains, type Domains } from "./spread-domains.ts";
import { prepareSpreadScore } from "./spread-score.ts";

const name = "PodTopologySpread";
const MISMATCH = "node(s) didn't match pod topology spread constraints";

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
    const isTooFull = (each: Domains, value: number): boolean => {
      const matching = each.counts[value] ?? 0;
      return matching + each.selfMatch - leastWith(each, value, matching) > each.constraint.maxSkew;
    };
    // As long as no what-if changes the counts, each value's verdict stands.
    const verdicts = domains.map((each) => {
      const verdict = new Uint8Array(each.column.valueCount);
      for (let value = 0; value < verdict.length; value++) verdict[value] = isTooFull(each, value) ? 1 : 0;
      return verdict;
    });
    const whatIfs = new Map<PodRecord, number>();
    return {
      filter: (row) => {
        for (let i = 0; i < domains.length; i++) {
          const each = domains[i];
          if (each === undefined) break;
          const value = each.column.ids[row] ?? -1;
          if (value < 0) return missing;
          if (whatIfs.size === 0 ? verdicts[i]?.[value] === 1 : isTooFull(each, value)) return mismatch;
        }
        return 0;
      },
      podChanged: (record: PodRecord, row, by) => {
        const net = (whatIfs.get(record) ?? 0) + by;
        if (net === 0) whatIfs.delete(record);
        else whatIfs.set(record, net);
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

/** Nodes in domains with fewer matching pods are better. Source: `plugins/podtopologyspread/scoring.go`, v1.35.4. */
export const podTopologySpreadScore: ScorePlugin = {
  name,
  prepare: (cycle, feasible) => {
    const constraints = constraintsFor(cycle, "ScheduleAnyway");
    if (constraints.length === 0) return "skip";
    const requiresAll = cycle.pod.podClass.hasSpread || cycle.profile.defaultConstraints !== undefined;
    const { score, scoreAll, ignored } = prepareSpreadScore(cycle, constraints, feasible, requiresAll);
    return { score, scoreAll, normalize: (scores: Float64Array) => normalizeSpread(scores, ignored) };
  },
};

const normalizeSpread = (scores: Float64Array, ignored: Uint8Array | undefined): void => {
  let [min, max] = [Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < scores.length; i++) {
    if (ignored?.[i] === 1) continue;
    const score = scores[i] ?? 0;
    if (score < min) min = score;
    if (score > max) max = score;
  }
  for (let i = 0; i < scores.length; i++) {
    if (ignored?.[i] === 1) scores[i] = 0;
    else scores[i] = max === 0 ? MAX_NODE_SCORE : Math.floor((MAX_NODE_SCORE * (max + min - (scores[i] ?? 0))) / max);
  }
};
