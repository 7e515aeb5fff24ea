import { type AffinityTerm, termMatches } from "./affinity-term.ts";
import { type Cycle, type FilterPlugin, MAX_NODE_SCORE, type ScorePlugin } from "./framework.ts";
import type { PodRecord } from "./pod-record.ts";
import type { Tally } from "./tally.ts";
import { TopologyCounts } from "./topology-counts.ts";

const name = "InterPodAffinity";

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
    const existing = new TopologyCounts(state.nodes);
    for (const { kind, term, tally } of state.counts.holdersOf(podClass)) {
      if (kind === "requiredAntiAffinity") existing.addTally(term.topologyKey, tally, 1);
    }
    if (!existing.isTouched() && requiredAffinity.length === 0 && requiredAntiAffinity.length === 0) return "skip";
    const affinity = new TopologyCounts(state.nodes);
    if (requiredAffinity.length > 0) {
      const tally = podsChosen(cycle, requiredAffinity, podClass.requiredAffinityKey);
      for (const { topologyKey } of requiredAffinity) affinity.addTally(topologyKey, tally, 1);
    }
    const anti = new TopologyCounts(state.nodes);
    for (const term of requiredAntiAffinity)
      anti.addTally(term.topologyKey, podsChosen(cycle, [term], term.queryKey), 1);
    const labelsOf = (namespace: string) => state.labelsOfNamespace(namespace);
    const matches = (term: AffinityTerm, { podClass: other }: PodRecord) =>
      termMatches(term, other.namespace, other.labels, labelsOf);
    const matchesAll = (record: PodRecord) => requiredAffinity.every((term) => matches(term, record));
    const matchesItself = requiredAffinity.length > 0 && matchesAll(pod);
    const affinityId = idOf("UnschedulableAndUnresolvable", "node(s) didn't match pod affinity rules");
    const antiId = idOf("Unschedulable", "node(s) didn't match pod anti-affinity rules");
    const existingId = idOf("Unschedulable", "node(s) didn't satisfy existing pods anti-affinity rules");
    const required = requiredAffinity.map(({ topologyKey }) => ({
      index: affinity.index(topologyKey),
      column: state.nodes.labelColumn(topologyKey),
    }));
    return {
      filter: (row) => {
        let podsExist = true;
        for (const { index, column } of required) {
          if ((column.ids[row] ?? -1) < 0) return affinityId;
          if (affinity.at(index, row) <= 0) podsExist = false;
        }
        // The first of a group that wants to be near itself may go anywhere.
        if (!podsExist && !(matchesItself && affinity.isEmpty())) return affinityId;
        for (let i = 0; i < anti.keys.length; i++) if (anti.at(i, row) > 0) return antiId;
        for (let i = 0; i < existing.keys.length; i++) if (existing.at(i, row) > 0) return existingId;
        return 0;
      },
      podChanged: (record, row, by) => {
        for (const term of record.podClass.requiredAntiAffinity) {
          if (matches(term, pod)) existing.change(term.topologyKey, row, by);
        }
        if (requiredAffinity.length > 0 && matchesAll(record)) {
          for (const { topologyKey } of requiredAffinity) affinity.change(topologyKey, row, by);
        }
        for (const term of requiredAntiAffinity) if (matches(term, record)) anti.change(term.topologyKey, row, by);
      },
    };
  },
};

/** Placed pods that all of the terms choose. */
const podsChosen = ({ state }: Cycle, terms: readonly AffinityTerm[], key: string): Tally =>
  state.counts.count({
    key,
    skipTerminating: false,
    label: terms.find(({ label }) => label !== undefined)?.label,
    matches: ({ namespace, labels }) =>
      terms.every((term) => termMatches(term, namespace, labels, (name) => state.labelsOfNamespace(name))),
  });

/** Preferred terms of the pod and of those already placed; required affinity of the latter counts a little. Source: `scoring.go` there. */
export const interPodAffinityScore: ScorePlugin = {
  name,
  prepare: (cycle) => {
    const { state, pod, profile } = cycle;
    const { podClass } = pod;
    if (profile.ignorePreferredTermsOfExistingPods && !podClass.hasPreferredPodTerms) return "skip";
    const scores = new TopologyCounts(state.nodes);
    for (const term of podClass.preferredAffinity) {
      scores.addTally(term.topologyKey, podsChosen(cycle, [term], term.queryKey), term.weight);
    }
    for (const term of podClass.preferredAntiAffinity) {
      scores.addTally(term.topologyKey, podsChosen(cycle, [term], term.queryKey), -term.weight);
    }
    const hard = profile.hardPodAffinityWeight;
    for (const { kind, term, tally } of state.counts.holdersOf(podClass)) {
      if (kind === "requiredAffinity" && hard > 0) scores.addTally(term.topologyKey, tally, hard);
      else if (kind === "preferredAffinity") scores.addTally(term.topologyKey, tally, term.weight);
      else if (kind === "preferredAntiAffinity") scores.addTally(term.topologyKey, tally, -term.weight);
    }
    if (!scores.isTouched()) return "skip";
    const { length } = scores.keys;
    return {
      score: (row) => {
        let sum = 0;
        for (let i = 0; i < length; i++) sum += scores.at(i, row);
        return sum;
      },
      scoreAll: (rows, sums) => scores.addAll(rows, sums),
      normalize: normalizeRange,
    };
  },
};

const normalizeRange = (scores: Float64Array): void => {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i] ?? 0;
    if (score < min) min = score;
    if (score > max) max = score;
  }
  const range = max - min;
  for (let i = 0; i < scores.length; i++) {
    scores[i] = range > 0 ? Math.trunc(MAX_NODE_SCORE * (((scores[i] ?? 0) - min) / range)) : 0;
  }
};
