import type { ClusterState } from "./cluster-state.ts";
import type { ChosenPreemption, Preemption } from "./decision.ts";
import { bestCandidates, type Candidate, notEligible, noVictims, selectVictims } from "./default-preemption.ts";
import type { ReadyCycle } from "./filter-cycle.ts";
import { reasonsText } from "./message.ts";
import type { DryRun, Outcome } from "./outcome.ts";
import { type PodRecord, podKey } from "./pod-record.ts";
import type { SchedulerProfile } from "./profile.ts";

export interface PostFilterResult {
  readonly chosen: Candidate | undefined;
  readonly candidates: readonly Candidate[];
  /** What is added to the message when nothing helped. */
  readonly text: string;
}

/** The post-filter step when no node passed. Source: `framework.go`, `preemption.go`, v1.35.4 (RunPostFilterPlugins, Preempt). */
export const runPostFilters = (
  state: ClusterState,
  profile: SchedulerProfile,
  pod: PodRecord,
  nominated: string | undefined,
  outcome: Outcome,
): PostFilterResult => {
  const texts: string[] = [];
  const failed = (text: string): PostFilterResult => ({ chosen: undefined, candidates: [], text });
  if (profile.postFilters.includes("DynamicResources")) {
    // Its own PreFilter has not run when an earlier one rejected the pod; upstream then reports this and stops.
    if (outcome.dryRun === undefined) return failed("not found");
    texts.push("no new claims to deallocate");
  }
  if (!profile.postFilters.includes("DefaultPreemption")) return failed(texts.join(", "));
  const refusal = notEligible(state, pod, nominated, isHopeless(state, nominated, outcome));
  if (refusal !== undefined) return failed([...texts, `preemption: ${refusal}`].join(", "));
  const { candidates, chosen, statuses } = outcome.dryRun?.() ?? nothingTried;
  if (chosen !== undefined) return { chosen, candidates, text: "" };
  return failed([...texts, `preemption: ${notHelpful(state, statuses)}`].join(", "));
};

const nothingTried: DryRun = { candidates: [], chosen: undefined, statuses: new Map() };

/** Whether the nominated node cannot be had by any eviction, so that another may be sought. */
const isHopeless = (state: ClusterState, nominated: string | undefined, outcome: Outcome): boolean => {
  if (nominated === undefined) return false;
  const row = state.nodes.rowOf(nominated);
  if (row === undefined) return true;
  const rejection = outcome.rejectionAt(row);
  return rejection !== undefined && !state.rejections.isCurable(rejection);
};

/** Looks for victims on every row whose rejection preemption might cure. */
export const dryRunRows = (ready: ReadyCycle, rejected: ReadonlyMap<number, number>): DryRun => {
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
  return { candidates, chosen: bestCandidates(candidates)[0], statuses };
};

/** When no placed pod has a lower priority, every row that is worth a try has no victims: what would be found there, at once. */
export const withoutVictims = (
  state: ClusterState,
  pod: PodRecord,
  counts: ReadonlyMap<number, number>,
): ReadonlyMap<number, number> | undefined => {
  if (state.ledger.lowestPriority() < pod.priority) return undefined;
  let tried = 0;
  for (const [id, count] of counts) if (state.rejections.isCurable(id)) tried += count;
  return tried === 0 ? new Map() : new Map([[noVictims(state), tried]]);
};

/** The message of a preemption that found no candidate; nodes that were not tried count as not helped. */
const notHelpful = (state: ClusterState, statuses: ReadonlyMap<number, number>): string => {
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

const victimKeys = ({ victims }: Candidate): readonly string[] =>
  victims.map(({ namespace, name }) => podKey(namespace, name));

export const describeChosen = (state: ClusterState, chosen: Candidate): ChosenPreemption => ({
  nominatedNode: state.nodes.names[chosen.row] ?? "",
  victims: victimKeys(chosen),
  pdbViolations: chosen.pdbViolations,
});

/** The choice with all candidates and those that are equally good. */
export const describePreemption = (
  state: ClusterState,
  { candidates, chosen }: PostFilterResult,
): Preemption | undefined => {
  if (chosen === undefined) return undefined;
  const { names } = state.nodes;
  return {
    candidates: candidates.map((each) => ({
      node: names[each.row] ?? "",
      victims: victimKeys(each),
      pdbViolations: each.pdbViolations,
    })),
    tieSet: bestCandidates(candidates).map(({ row }) => names[row] ?? ""),
    ...describeChosen(state, chosen),
  };
};
