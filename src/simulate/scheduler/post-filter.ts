import type { ClusterState } from "./cluster-state.ts";
import type { Preemption } from "./decision.ts";
import { bestCandidates, type Candidate, notEligible, selectVictims } from "./default-preemption.ts";
import type { ReadyCycle } from "./filter-cycle.ts";
import { reasonsText } from "./message.ts";
import type { PodRecord } from "./pod-record.ts";
import { podKey } from "./pod-record.ts";
import type { SchedulerProfile } from "./profile.ts";

export interface PostFilterResult {
  readonly preemption: Preemption | undefined;
  /** What is added to the message when nothing helped. */
  readonly text: string;
}

/** The post-filter step when no node passed. `rejections` is undefined when a PreFilter plugin rejected the pod as a whole. */
export const runPostFilters = (
  state: ClusterState,
  profile: SchedulerProfile,
  pod: PodRecord,
  nominated: string | undefined,
  ready: ReadyCycle | undefined,
  rejected: ReadonlyMap<number, number>,
): PostFilterResult => {
  const texts: string[] = [];
  if (profile.postFilters.includes("DynamicResources")) {
    // Its own PreFilter has not run when an earlier one rejected the pod; upstream then reports this and stops.
    if (ready === undefined) return { preemption: undefined, text: "not found" };
    texts.push("no new claims to deallocate");
  }
  if (!profile.postFilters.includes("DefaultPreemption")) return { preemption: undefined, text: texts.join(", ") };
  const nominatedRow = nominated === undefined ? undefined : state.nodes.rowOf(nominated);
  const nominatedRejection = nominatedRow === undefined ? undefined : rejected.get(nominatedRow);
  const isHopeless = nominatedRejection !== undefined && !state.rejections.isCurable(nominatedRejection);
  const refusal = notEligible(
    state,
    pod,
    nominated,
    nominated !== undefined && (nominatedRow === undefined || isHopeless),
  );
  if (refusal !== undefined) {
    return { preemption: undefined, text: [...texts, `preemption: ${refusal}`].join(", ") };
  }
  const { candidates, statuses } =
    ready === undefined ? { candidates: [], statuses: new Map<number, number>() } : dryRun(ready, rejected);
  if (candidates.length === 0) {
    return { preemption: undefined, text: [...texts, `preemption: ${notHelpful(state, statuses)}`].join(", ") };
  }
  return { preemption: describePreemption(state, candidates), text: "" };
};

/** Looks for victims on every node where preemption might help. */
const dryRun = (ready: ReadyCycle, rejected: ReadonlyMap<number, number>) => {
  const { state } = ready.cycle;
  const budgets = state.workloads.budgets();
  const candidates: Candidate[] = [];
  const statuses = new Map<number, number>();
  const rows = [...rejected].filter(([, rejection]) => state.rejections.isCurable(rejection)).map(([row]) => row);
  for (const row of rows.sort((a, b) => a - b)) {
    const search = selectVictims(ready, row, budgets);
    if (search.kind === "rejected") statuses.set(search.rejection, (statuses.get(search.rejection) ?? 0) + 1);
    else if (search.candidate.victims.length > 0) candidates.push(search.candidate);
  }
  return { candidates, statuses };
};

/** The message of a preemption that found no candidate; nodes that were not tried count as not helped. */
export const notHelpful = (state: ClusterState, statuses: ReadonlyMap<number, number>): string => {
  const tried = [...statuses.values()].reduce((sum, count) => sum + count, 0);
  const { alive } = state.nodes;
  const absent = state.rejections.idOf(
    "DefaultPreemption",
    "UnschedulableAndUnresolvable",
    "Preemption is not helpful for scheduling",
  );
  const counts = new Map(statuses);
  if (tried < alive) counts.set(absent, (counts.get(absent) ?? 0) + alive - tried);
  return `0/${alive} nodes are available:${reasonsText(counts, state.rejections)}`;
};

export const describePreemption = (state: ClusterState, candidates: readonly Candidate[]): Preemption => {
  const { names } = state.nodes;
  const keys = ({ victims }: Candidate) => victims.map(({ namespace, name }) => podKey(namespace, name));
  const best = bestCandidates(candidates);
  const [chosen] = best;
  return {
    candidates: candidates.map((each) => ({
      node: names[each.row] ?? "",
      victims: keys(each),
      pdbViolations: each.pdbViolations,
    })),
    tieSet: best.map(({ row }) => names[row] ?? ""),
    nominatedNode: names[chosen?.row ?? -1] ?? "",
    victims: chosen === undefined ? [] : keys(chosen),
    pdbViolations: chosen?.pdbViolations ?? 0,
  };
};
