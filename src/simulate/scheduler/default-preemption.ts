import type { ClusterState } from "./cluster-state.ts";
import { filterRowWithNominated, putOn, type ReadyCycle, takeFrom } from "./filter-cycle.ts";
import type { PodRecord } from "./pod-record.ts";
import type { Budget } from "./workload-state.ts";

/** Pods that would have to leave one row, most important first. */
export interface Candidate {
  readonly row: number;
  readonly victims: readonly PodRecord[];
  readonly pdbViolations: number;
}

export type VictimSearch =
  | { readonly kind: "found"; readonly candidate: Candidate }
  | { readonly kind: "rejected"; readonly rejection: number };

/**
 * The pods of lower priority that must leave a row for the pod to fit: all are taken away, then as many as possible come back, those whose
 * budget would be hurt first, then by importance. Source: `plugins/defaultpreemption`, v1.35.4 (SelectVictimsOnNode).
 */
export const selectVictims = (ready: ReadyCycle, row: number, budgets: readonly Budget[]): VictimSearch => {
  const { state, pod } = ready.cycle;
  const before = [...(state.ledger.podsOn[row] ?? [])];
  const potential = before.filter((record) => record.priority < pod.priority);
  if (potential.length === 0) {
    return { kind: "rejected", rejection: noVictims(state) };
  }
  for (const record of potential) takeFrom(ready, record, row);
  const rejection = filterRowWithNominated(ready, row);
  const victims: PodRecord[] = [];
  let pdbViolations = 0;
  let isMixed = false;
  if (rejection === 0) {
    const { violating, others } = splitByBudget(potential.sort(byImportance), budgets);
    isMixed = violating.length > 0 && others.length > 0;
    for (const record of violating) if (!reprieve(ready, record, row, victims)) pdbViolations++;
    for (const record of others) reprieve(ready, record, row, victims);
    for (const record of victims) putOn(ready, record, row);
  } else {
    for (const record of potential) putOn(ready, record, row);
  }
  state.ledger.podsOn[row] = before;
  if (rejection !== 0) return { kind: "rejected", rejection };
  return {
    kind: "found",
    candidate: { row, victims: isMixed ? victims.sort(byImportance) : victims, pdbViolations },
  };
};

/** Why a row without pods of lower priority is no candidate. */
export const noVictims = (state: ClusterState): number =>
  state.rejections.idOf(
    "DefaultPreemption",
    "UnschedulableAndUnresolvable",
    "No preemption victims found for incoming pod",
  );

/** Brings a pod back if the preemptor still fits with it; else it is a victim. */
const reprieve = (ready: ReadyCycle, record: PodRecord, row: number, victims: PodRecord[]): boolean => {
  putOn(ready, record, row);
  if (filterRowWithNominated(ready, row) === 0) return true;
  takeFrom(ready, record, row);
  victims.push(record);
  return false;
};

/** Higher priority first, then the older. Source: `pkg/scheduler/util/utils.go`, v1.35.4 (MoreImportantPod). */
const byImportance = (a: PodRecord, b: PodRecord): number =>
  b.priority - a.priority || (a.startTime === b.startTime ? 0 : a.startTime - b.startTime);

/** Pods whose going would take a budget below zero, counted in order of importance, and the others. */
const splitByBudget = (records: readonly PodRecord[], budgets: readonly Budget[]) => {
  const allowed = budgets.map((budget) => budget.allowed);
  const violating: PodRecord[] = [];
  const others: PodRecord[] = [];
  for (const record of records) {
    const { labels } = record.podClass;
    let hurts = false;
    if (Object.keys(labels).length > 0) {
      budgets.forEach((budget, i) => {
        if (budget.namespace !== record.namespace || budget.matcher.everything) return;
        if (!budget.matcher.matches(labels) || Object.hasOwn(budget.disrupted, record.name)) return;
        const left = (allowed[i] ?? 0) - 1;
        allowed[i] = left;
        if (left < 0) hurts = true;
      });
    }
    (hurts ? violating : others).push(record);
  }
  return { violating, others };
};

/**
 * The candidates that are equally good: fewest budget violations, then lowest highest priority, lowest sum of priorities, fewest victims,
 * latest start of the most important. Source: `pkg/scheduler/framework/preemption`, v1.35.4 (pickOneNodeForPreemption).
 */
export const bestCandidates = (candidates: readonly Candidate[]): readonly Candidate[] => {
  const criteria: ((candidate: Candidate) => number)[] = [
    ({ pdbViolations }) => -pdbViolations,
    ({ victims }) => -(victims[0]?.priority ?? 0),
    ({ victims }) => -victims.reduce((sum, { priority }) => sum + priority + 2 ** 31, 0),
    ({ victims }) => -victims.length,
    ({ victims }) => earliestStart(victims),
  ];
  return criteria.reduce<readonly Candidate[]>((left, score) => {
    const scores = left.map(score);
    const best = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    return left.filter((_, i) => scores[i] === best);
  }, candidates);
};

const earliestStart = (victims: readonly PodRecord[]): number => {
  const highest = victims.reduce((max, { priority }) => Math.max(max, priority), Number.NEGATIVE_INFINITY);
  return victims
    .filter(({ priority }) => priority === highest)
    .reduce((min, { startTime }) => Math.min(min, startTime), Number.POSITIVE_INFINITY);
};

/** Why a pod may not preempt at all; undefined when it may. Source: `plugins/defaultpreemption`, v1.35.4 (PodEligibleToPreemptOthers). */
export const notEligible = (
  state: ClusterState,
  pod: PodRecord,
  nominatedNode: string | undefined,
  isNominatedHopeless: boolean,
): string | undefined => {
  if (pod.pod.spec.preemptionPolicy === "Never") return "not eligible due to preemptionPolicy=Never.";
  if (nominatedNode === undefined || isNominatedHopeless) return undefined;
  const row = state.nodes.rowOf(nominatedNode);
  const isWaiting = (row === undefined ? [] : (state.ledger.podsOn[row] ?? [])).some(
    (record) =>
      record.priority < pod.priority &&
      record.isTerminating &&
      record.pod.status?.conditions?.some(
        ({ type, status, reason }) =>
          type === "DisruptionTarget" && status === "True" && reason === "PreemptionByScheduler",
      ) === true,
  );
  return isWaiting ? "not eligible due to a terminating pod on the nominated node." : undefined;
};
