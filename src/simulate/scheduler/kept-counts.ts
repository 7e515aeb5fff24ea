import { type NamespaceLabels, termMatches } from "./affinity-term.ts";
import { type MatchCounts, type PodQuery, type TermHolders, termKinds } from "./match-counts.ts";
import type { PodClass } from "./pod-class.ts";
import type { PodRecord } from "./pod-record.ts";
import { Tally } from "./tally.ts";

interface Counter {
  readonly query: PodQuery;
  readonly tally: Tally;
}

type Group = TermHolders;

/** Pods of one class by row, terminating ones counted apart. */
interface Present {
  readonly all: Tally;
  readonly terminating: Tally;
}

interface ClassLinks {
  /** Counters that count pods of this class, and how many counters had been looked through. */
  counters: Counter[];
  countersSeen: number;
  /** Groups whose term speaks of this class, and how many groups had been looked through. */
  groups: Group[];
  groupsSeen: number;
  /** Groups of the terms that this class carries. */
  readonly own: readonly Group[];
}

/**
 * Counts a (query, node) that are kept up to date as pods come and go, so that no decision looks at all pods. A query is counted from the
 * first time it is asked. Queries and terms are found by a label that matching pods must carry.
 */
export class KeptCounts implements MatchCounts {
  private readonly counters = new Map<string, Counter>();
  private readonly counterIndex = new LabelIndex<Counter>();
  private readonly groups = new Map<string, Group>();
  private readonly groupIndex = new LabelIndex<Group>();
  private readonly links = new Map<PodClass, ClassLinks>();
  private readonly present = new Map<PodClass, Present>();
  private readonly byLabel = new Map<string, PodClass[]>();
  private readonly namespaceLabels: NamespaceLabels;

  constructor(rows: () => Iterable<readonly [number, readonly PodRecord[]]>, namespaceLabels: NamespaceLabels) {
    this.namespaceLabels = namespaceLabels;
    for (const [row, records] of rows()) for (const record of records) this.change(record, row, 1);
  }

  count(query: PodQuery): Tally {
    const known = this.counters.get(query.key);
    if (known !== undefined) return known.tally;
    const counter: Counter = { query, tally: new Tally() };
    const candidates = query.label === undefined ? this.present.keys() : (this.byLabel.get(query.label) ?? []);
    for (const podClass of candidates) {
      const present = this.present.get(podClass);
      if (present === undefined || !query.matches(podClass)) continue;
      for (const [row, count] of present.all.rows) counter.tally.add(row, count);
      if (!query.skipTerminating) continue;
      for (const [row, count] of present.terminating.rows) counter.tally.add(row, -count);
    }
    this.counters.set(query.key, counter);
    this.counterIndex.add(query.label, counter);
    return counter.tally;
  }

  holdersOf(podClass: PodClass): readonly TermHolders[] {
    const links = this.linksOf(podClass);
    if (links.groupsSeen !== this.groupIndex.size) {
      links.groups = this.groupIndex
        .candidates(podClass)
        .filter(({ term }) => termMatches(term, podClass.namespace, podClass.labels, this.namespaceLabels));
      links.groupsSeen = this.groupIndex.size;
    }
    return links.groups;
  }

  /** Tells of a pod that has come to (`by` 1) or gone from (`by` -1) a node. */
  change(record: PodRecord, row: number, by: 1 | -1): void {
    const { podClass } = record;
    this.remember(record, row, by);
    if (this.counterIndex.size > 0) {
      const links = this.linksOf(podClass);
      if (links.countersSeen !== this.counterIndex.size) {
        links.counters = this.counterIndex.candidates(podClass).filter(({ query }) => query.matches(podClass));
        links.countersSeen = this.counterIndex.size;
      }
      for (const { query, tally } of links.counters) {
        if (!(query.skipTerminating && record.isTerminating)) tally.add(row, by);
      }
    }
    if (podClass.hasPodTerms) this.hold(podClass, row, by);
  }

  private remember(record: PodRecord, row: number, by: 1 | -1): void {
    const { podClass } = record;
    let present = this.present.get(podClass);
    if (present === undefined) {
      present = { all: new Tally(), terminating: new Tally() };
      this.present.set(podClass, present);
      for (const [key, value] of Object.entries(podClass.labels)) {
        const label = `${key}=${value}`;
        const classes = this.byLabel.get(label) ?? [];
        classes.push(podClass);
        this.byLabel.set(label, classes);
      }
    }
    present.all.add(row, by);
    if (record.isTerminating) present.terminating.add(row, by);
  }

  private hold(podClass: PodClass, row: number, by: 1 | -1): void {
    for (const { tally } of this.linksOf(podClass).own) tally.add(row, by);
  }

  private linksOf(podClass: PodClass): ClassLinks {
    const known = this.links.get(podClass);
    if (known !== undefined) return known;
    const own = termKinds.flatMap((kind) =>
      podClass[kind].map((term) => {
        const key = `${kind}${term.key}`;
        const present = this.groups.get(key);
        if (present !== undefined) return present;
        const group: Group = { kind, term, tally: new Tally() };
        this.groups.set(key, group);
        this.groupIndex.add(term.label, group);
        return group;
      }),
    );
    const links: ClassLinks = { counters: [], countersSeen: -1, groups: [], groupsSeen: -1, own };
    this.links.set(podClass, links);
    return links;
  }
}

/** Entries by the `key=value` that a pod must carry to concern them, and those that may concern any pod. */
class LabelIndex<T> {
  size = 0;
  private readonly byLabel = new Map<string, T[]>();
  private readonly any: T[] = [];

  add(label: string | undefined, entry: T): void {
    this.size++;
    if (label === undefined) {
      this.any.push(entry);
      return;
    }
    const list = this.byLabel.get(label);
    if (list === undefined) this.byLabel.set(label, [entry]);
    else list.push(entry);
  }

  candidates(podClass: PodClass): T[] {
    const found = [...this.any];
    if (this.byLabel.size > 0) {
      for (const [key, value] of Object.entries(podClass.labels)) {
        const list = this.byLabel.get(`${key}=${value}`);
        if (list !== undefined) found.push(...list);
      }
    }
    return found;
  }
}
