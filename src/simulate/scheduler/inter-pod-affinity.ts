import { type AffinityTerm, termMatches } from "./affinity-term.ts";
import { type Cycle, type FilterPlugin, MAX_NODE_SCORE, type ScorePlugin } from "./framework.ts";
import type { LabelColumn } from "./label-column.ts";
import type { RowCounts } from "./match-counts.ts";
import type { PodRecord } from "./pod-record.ts";

const name = "InterPodAffinity";

/** Numbers by (topology key, value). */
class TopologyCounts {
  readonly byKey = new Map<string, { readonly column: LabelColumn; counts: Float64Array }>();
  /** The sum of all counts. */
  total = 0;
  /** Whether any node had a key, be the count 0 in the end. */
  touched = false;
  private readonly cycle: Cycle;

  constructor(cycle: Cycle) {
    this.cycle = cycle;
  }

  private of(key: string) {
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const column = this.cycle.state.nodes.labelColumn(key);
    const made = { column, counts: new Float64Array(column.valueCount) };
    this.byKey.set(key, made);
    return made;
  }

  add(key: string, row: number, by: number): void {
    const { column, counts } = this.of(key);
    const value = column.idOf(row);
    if (value < 0) return;
    counts[value] = (counts[value] ?? 0) + by;
    this.total += by;
    this.touched = true;
  }

  addAll(key: string, rows: RowCounts, weight: number): void {
    if (rows.size === 0) return;
    for (const [row, count] of rows) this.add(key, row, count * weight);
  }

  at(key: string, row: number): number {
    const entry = this.byKey.get(key);
    if (entry === undefined) return 0;
    const value = entry.column.idOf(row);
    return value < 0 ? 0 : (entry.counts[value] ?? 0);
  }
}

/** Required pod affinity and anti-affinity, of the pod and of those already placed. Source: `plugins/interpodaffinity/filtering.go`, v1.35.4. */
export const interPodAffinityFilter: FilterPlugin = {
  name,
  prepare: (cycle) => {
    const { state, pod } = cycle;
    const { podClass } = pod;
    const { requiredAffinity, requiredAntiAffinity } = podClass;
    const idOf = (code: "Unschedulable" | "UnschedulableAndUnresolvable", reason: string) =>
      state.rejections.idOf(name, code, reason);
    if (podClass.affinityProblem !== undefined) {
      return { reject: idOf("UnschedulableAndUnresolvable", `parsing pod: ${podClass.affinityProblem}`) };
    }
    const existing = new TopologyCounts(cycle);
    for (const { kind, term, rows } of state.counts.holdersOf(podClass)) {
      if (kind === "requiredAntiAffinity") existing.addAll(term.topologyKey, rows, 1);
    }
    if (!existing.touched && requiredAffinity.length === 0 && requiredAntiAffinity.length === 0) return "skip";
    const affinity = new TopologyCounts(cycle);
    if (requiredAffinity.length > 0) {
      const rows = podsMatchingAll(cycle, requiredAffinity);
      for (const term of requiredAffinity) affinity.addAll(term.topologyKey, rows, 1);
    }
    const anti = new TopologyCounts(cycle);
    for (const term of requiredAntiAffinity) anti.addAll(term.topologyKey, podsMatchingAll(cycle, [term]), 1);
    const labelsOf = (namespace: string) => state.labelsOfNamespace(namespace);
    const matches = (term: AffinityTerm, { podClass: other }: PodRecord) =>
      termMatches(term, other.namespace, other.labels, labelsOf);
    const matchesAll = (record: PodRecord) => requiredAffinity.every((term) => matches(term, record));
    const matchesItself = matchesAll(pod);
    const affinityId = idOf("UnschedulableAndUnresolvable", "node(s) didn't match pod affinity rules");
    const antiId = idOf("Unschedulable", "node(s) didn't match pod anti-affinity rules");
    const existingId = idOf("Unschedulable", "node(s) didn't satisfy existing pods anti-affinity rules");
    const columns = requiredAffinity.map(({ topologyKey }) => state.nodes.labelColumn(topologyKey));
    return {
      filter: (row) => {
        let podsExist = true;
        for (let i = 0; i < columns.length; i++) {
          if ((columns[i]?.idOf(row) ?? -1) < 0) return affinityId;
          if (affinity.at(requiredAffinity[i]?.topologyKey ?? "", row) <= 0) podsExist = false;
        }
        // The first of a group that wants to be near itself may go anywhere.
        if (!podsExist && !(affinity.total === 0 && matchesItself)) return affinityId;
        for (const { topologyKey } of requiredAntiAffinity) if (anti.at(topologyKey, row) > 0) return antiId;
        for (const key of existing.byKey.keys()) if (existing.at(key, row) > 0) return existingId;
        return 0;
      },
      podChanged: (record, row, by) => {
        for (const term of record.podClass.requiredAntiAffinity) {
          if (matches(term, pod)) existing.add(term.topologyKey, row, by);
        }
        if (requiredAffinity.length > 0 && matchesAll(record)) {
          for (const term of requiredAffinity) affinity.add(term.topologyKey, row, by);
        }
        for (const term of requiredAntiAffinity) if (matches(term, record)) anti.add(term.topologyKey, row, by);
      },
    };
  },
};

const podsMatchingAll = ({ state }: Cycle, terms: readonly AffinityTerm[]): RowCounts => {
  const labelsOf = (namespace: string) => state.labelsOfNamespace(namespace);
  return state.counts.count({
    key: `terms ${terms.map(({ selection }) => selection).join(" ")}`,
    skipTerminating: false,
    label: terms.find(({ label }) => label !== undefined)?.label,
    matches: ({ namespace, labels }) => terms.every((term) => termMatches(term, namespace, labels, labelsOf)),
  });
};

/** Preferred terms of the pod and of those already placed; required affinity of the latter counts a little. Source: `scoring.go` there. */
export const interPodAffinityScore: ScorePlugin = {
  name,
  prepare: (cycle) => {
    const { state, pod, profile } = cycle;
    const { podClass } = pod;
    if (profile.ignorePreferredTermsOfExistingPods && !podClass.hasPreferredPodTerms) return "skip";
    const scores = new TopologyCounts(cycle);
    for (const term of podClass.preferredAffinity) {
      scores.addAll(term.topologyKey, podsMatchingAll(cycle, [term]), term.weight);
    }
    for (const term of podClass.preferredAntiAffinity) {
      scores.addAll(term.topologyKey, podsMatchingAll(cycle, [term]), -term.weight);
    }
    const hard = profile.hardPodAffinityWeight;
    for (const { kind, term, rows } of state.counts.holdersOf(podClass)) {
      if (kind === "requiredAffinity" && hard > 0) scores.addAll(term.topologyKey, rows, hard);
      else if (kind === "preferredAffinity") scores.addAll(term.topologyKey, rows, term.weight);
      else if (kind === "preferredAntiAffinity") scores.addAll(term.topologyKey, rows, -term.weight);
    }
    if (!scores.touched) return "skip";
    const parts = [...scores.byKey.values()];
    return {
      score: (row) => {
        let sum = 0;
        for (const { column, counts } of parts) {
          const value = column.ids[row] ?? -1;
          if (value >= 0) sum += counts[value] ?? 0;
        }
        return sum;
      },
      normalize: normalizeRange,
    };
  },
};

const normalizeRange = (scores: Float64Array): void => {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const score of scores) {
    if (score < min) min = score;
    if (score > max) max = score;
  }
  const range = max - min;
  for (let i = 0; i < scores.length; i++) {
    scores[i] = range > 0 ? Math.trunc(MAX_NODE_SCORE * (((scores[i] ?? 0) - min) / range)) : 0;
  }
};
