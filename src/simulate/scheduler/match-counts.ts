import { type AffinityTerm, type NamespaceLabels, termMatches } from "./affinity-term.ts";
import type { PodClass } from "./pod-class.ts";
import type { PodRecord } from "./pod-record.ts";
import { Tally } from "./tally.ts";

/** Which pods to count: those of classes that match, terminating ones left out on request. */
export interface PodQuery {
  /** Equal for queries that mean the same. */
  readonly key: string;
  readonly skipTerminating: boolean;
  /** A `key=value` that every matching pod carries, if there is one. */
  readonly label: string | undefined;
  readonly matches: (podClass: PodClass) => boolean;
}

export type TermKind = "requiredAffinity" | "requiredAntiAffinity" | "preferredAffinity" | "preferredAntiAffinity";

/** A term that pods on nodes carry, and on which nodes they are. */
export interface TermHolders {
  readonly kind: TermKind;
  readonly term: AffinityTerm;
  readonly tally: Tally;
}

/** Answers how pods are spread, by looking at all of them (`scanCounts`) or from what is kept up to date (`KeptCounts`). */
export interface MatchCounts {
  count(query: PodQuery): Tally;
  /** Terms of placed pods that speak of pods of this class. */
  holdersOf(podClass: PodClass): readonly TermHolders[];
}

export const termKinds: readonly TermKind[] = [
  "requiredAffinity",
  "requiredAntiAffinity",
  "preferredAffinity",
  "preferredAntiAffinity",
];

/** The plain way: every pod on every node is looked at. */
export const scanCounts = (
  rows: () => Iterable<readonly [number, readonly PodRecord[]]>,
  namespaceLabels: NamespaceLabels,
): MatchCounts => ({
  count: (query) => {
    const tally = new Tally();
    for (const [row, records] of rows()) {
      for (const { podClass, isTerminating } of records) {
        if (query.skipTerminating && isTerminating) continue;
        if (query.matches(podClass)) tally.add(row, 1);
      }
    }
    return tally;
  },
  holdersOf: (podClass) => {
    const groups = new Map<string, TermHolders>();
    for (const [row, records] of rows()) {
      for (const record of records) {
        if (!record.podClass.hasPodTerms) continue;
        for (const kind of termKinds) {
          for (const term of record.podClass[kind]) {
            if (!termMatches(term, podClass.namespace, podClass.labels, namespaceLabels)) continue;
            const key = `${kind}${term.key}`;
            const group = groups.get(key) ?? { kind, term, tally: new Tally() };
            group.tally.add(row, 1);
            groups.set(key, group);
          }
        }
      }
    }
    return [...groups.values()];
  },
});
