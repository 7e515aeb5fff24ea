import type { Pod } from "../../kubernetes/pod.ts";
import type { Scheduler, SchedulerOptions } from "./api.ts";
import { ClusterState } from "./cluster-state.ts";
import type { Decision, DecisionDetail, Rejection } from "./decision.ts";
import { type Evaluation, evaluate } from "./evaluation.ts";
import { FastPath } from "./fast-path.ts";
import { filterRow, filterRowWithNominated, startCycle } from "./filter-cycle.ts";
import { messageOf } from "./message.ts";
import type { Outcome } from "./outcome.ts";
import { type PodRecord, podKey } from "./pod-record.ts";
import {
  describeChosen,
  describePreemption,
  dryRunRows,
  type PostFilterResult,
  runPostFilters,
} from "./post-filter.ts";
import { defaultProfile, type SchedulerProfile } from "./profile.ts";
import { findShortages } from "./shortages.ts";
import { volumesFor } from "./volume-binding.ts";

/** Makes an empty scheduler; tell it of the cluster, then ask it. */
export const createScheduler = (options: SchedulerOptions = {}): Scheduler => {
  const profiles = options.profiles ?? [defaultProfile];
  const profileOf = (pod: Pod) => profiles.find(({ schedulerName }) => schedulerName === schedulerNameOf(pod));
  const anyProfile = (pod: Pod) => profileOf(pod) ?? profiles[0] ?? defaultProfile;
  const isFast = options.mode !== "reference";
  const state = new ClusterState(isFast);

  const fastPaths = new Map(
    isFast ? profiles.filter(isInOrder).map((profile) => [profile, new FastPath(state, profile)] as const) : [],
  );

  const decide = (pod: Pod): Decision => {
    const profile = profileOf(pod);
    const held = holdBack(pod, profile);
    if (profile === undefined || held !== undefined) return held ?? undecided(pod);
    const record = state.record(pod);
    const nominated = pod.status?.nominatedNodeName || undefined;
    const outcome =
      fastPaths.get(profile)?.decide(record, nominated) ?? outcomeOf(evaluate(state, profile, record, nominated));
    return conclude(state, profile, record, nominated, outcome).decision;
  };

  let last: { readonly pod: Pod; readonly version: number; readonly ask: ReturnType<typeof prepareCheck> } | undefined;

  return {
    setNode: (node) => state.setNode(node),
    removeNode: (name) => state.removeNode(name),
    setPod: (pod) => state.setPod(pod),
    bind: (pod, nodeName, startTime) => {
      const record = state.record(pod);
      const key = podKey(record.namespace, record.name);
      state.removePodOf(key);
      state.place(startTime === undefined ? record : { ...record, startTime }, nodeName, key);
    },
    removePod: (namespace, name) => state.removePod(namespace, name),
    nodeOf: (namespace, name) => state.nodeNameOf(namespace, name),
    setObject: (object) => state.setObject(object),
    removeObject: (kind, namespace, name) => state.changeObject(kind, namespace, name, undefined),
    schedule: decide,
    message: (decision) => messageOf(decision, state.rejections),
    rejection: (id) => state.rejections.get(id),
    describe: (pod) => {
      const profile = profileOf(pod);
      const held = holdBack(pod, profile);
      if (profile === undefined || held !== undefined)
        return detail(state, held ?? undecided(pod), undefined, undefined);
      const record = state.record(pod);
      const nominated = pod.status?.nominatedNodeName || undefined;
      const evaluation = evaluate(state, profile, record, nominated);
      const { decision, postFilter } = conclude(state, profile, record, nominated, outcomeOf(evaluation));
      return detail(state, decision, evaluation, postFilter);
    },
    volumesFor: (pod, nodeName) => {
      const row = state.nodes.rowOf(nodeName);
      return row === undefined ? [] : volumesToBind(state, state.record(pod), row);
    },
    feasibleNodes: (pod) => feasibleRows(state, anyProfile(pod), pod).map((row) => state.nodes.names[row] ?? ""),
    prepareFeasible: (pod) => prepareFeasible(state, anyProfile(pod), pod),
    check: (pod, nodeName) => {
      // Usually one pod is asked about on many nodes.
      if (last?.pod !== pod || last.version !== state.version) {
        last = { pod, version: state.version, ask: prepareCheck(state, anyProfile(pod), pod) };
      }
      return last.ask(nodeName);
    },
    prepareCheck: (pod) => prepareCheck(state, anyProfile(pod), pod),
    shortages: (pod) => findShortages(state, state.record(pod), anyProfile(pod)),
    fork: () => state.fork(),
    revert: () => state.revert(),
    commit: () => state.commit(),
  };
};

const schedulerNameOf = (pod: Pod): string => pod.spec.schedulerName || "default-scheduler";

/** Pods that are not this scheduler's to place, or not yet. */
const holdBack = (pod: Pod, profile: SchedulerProfile | undefined): Decision | undefined => {
  if (profile === undefined) {
    return { ...undecided(pod), result: "ignored", note: `pod names another scheduler: ${schedulerNameOf(pod)}` };
  }
  if (pod.metadata.deletionTimestamp !== undefined) {
    return { ...undecided(pod), result: "ignored", note: "pod is being deleted" };
  }
  const gates = pod.spec.schedulingGates ?? [];
  if (gates.length === 0) return undefined;
  const note = `waiting for scheduling gates: [${gates.map(({ name }) => name).join(" ")}]`;
  return { ...undecided(pod), result: "gated", note };
};

const undecided = (pod: Pod): Decision => ({
  namespace: pod.metadata.namespace ?? "default",
  name: pod.metadata.name,
  result: "unschedulable",
  node: undefined,
  feasible: 0,
  best: 0,
  rejections: new Map(),
  preFilter: undefined,
  totalNodes: 0,
  preemption: undefined,
  postFilter: "",
  volumes: [],
  nominatedBefore: pod.status?.nominatedNodeName || undefined,
  viaNominated: false,
  note: undefined,
});

/** The fast path knows the default order of filters only. */
const isInOrder = ({ filters }: SchedulerProfile): boolean => {
  const order = filters.map((name) => defaultProfile.filters.indexOf(name));
  return order.every((at, i) => at >= 0 && (i === 0 || at > (order[i - 1] ?? -1)));
};

const outcomeOf = (evaluation: Evaluation): Outcome => {
  const { error, preFilter, viaNominated, feasible, best, rejected, ready } = evaluation;
  const counts = new Map<number, number>();
  for (const rejection of rejected.values()) counts.set(rejection, (counts.get(rejection) ?? 0) + 1);
  return {
    error,
    preFilter,
    viaNominated,
    row: best[0],
    feasible: feasible.length,
    best: best.length,
    counts,
    rejectionAt: (row) => rejected.get(row),
    dryRun: ready === undefined ? undefined : () => dryRunRows(ready, rejected),
  };
};

const conclude = (
  state: ClusterState,
  profile: SchedulerProfile,
  record: PodRecord,
  nominated: string | undefined,
  outcome: Outcome,
): { readonly decision: Decision; readonly postFilter: PostFilterResult | undefined } => {
  const { error, preFilter, row, feasible, best, counts: rejections, viaNominated } = outcome;
  const base = { ...undecided(record.pod), totalNodes: state.nodes.alive, preFilter };
  if (error !== undefined) return { decision: { ...base, result: "error", note: error }, postFilter: undefined };
  if (row !== undefined) {
    const volumes = volumesToBind(state, record, row);
    const node = state.nodes.names[row];
    const decision: Decision = {
      ...base,
      result: "scheduled",
      node,
      feasible,
      best,
      rejections,
      viaNominated,
      volumes,
    };
    return { decision, postFilter: undefined };
  }
  if (state.nodes.alive === 0) return { decision: base, postFilter: undefined };
  const postFilter = runPostFilters(state, profile, record, nominated, outcome);
  const { chosen, text } = postFilter;
  const decision: Decision = {
    ...base,
    result: chosen === undefined ? "unschedulable" : "preempting",
    rejections,
    preemption: chosen === undefined ? undefined : describeChosen(state, chosen),
    postFilter: text,
  };
  return { decision, postFilter };
};

const volumesToBind = (state: ClusterState, record: PodRecord, row: number): Decision["volumes"] => {
  const volumes = volumesFor(state, record, row);
  if (volumes === undefined) return [];
  const { namespace } = record;
  return [
    ...volumes.static.map(({ claim, volume }) => ({ namespace, claim: claim.metadata.name, volume })),
    ...volumes.provisioned.map((claim) => ({ namespace, claim: claim.metadata.name, volume: undefined })),
  ];
};

const detail = (
  state: ClusterState,
  decision: Decision,
  evaluation: Evaluation | undefined,
  postFilter: PostFilterResult | undefined,
): DecisionDetail => {
  const { names } = state.nodes;
  const { rejections } = state;
  const feasible = evaluation?.feasible ?? [];
  const { scores, totals, ready } = evaluation ?? {};
  const isScheduled = decision.result === "scheduled";
  const nodeNames = ready?.nodeNames;
  // A node that a PreFilter result left out has a reason only when no node was found.
  const shown = [...(evaluation?.rejected ?? [])].filter(
    ([, id]) => !isScheduled || rejections.get(id).plugin !== undefined,
  );
  return {
    decision,
    message: messageOf(decision, rejections),
    preFilter: decision.preFilter === undefined ? undefined : rejections.get(decision.preFilter),
    preFilterNodes: nodeNames === undefined ? undefined : [...nodeNames].sort(),
    feasible: feasible.map((row) => names[row] ?? ""),
    filtered: new Map(shown.map(([row, id]) => [names[row] ?? "", rejections.get(id)])),
    scored: scores !== undefined,
    scores: new Map(
      scores === undefined
        ? []
        : feasible.map((row, i) => [
            names[row] ?? "",
            new Map(scores.map(({ plugin, scores: given }) => [plugin, given[i] ?? 0])),
          ]),
    ),
    totals: new Map(totals === undefined ? [] : feasible.map((row, i) => [names[row] ?? "", totals[i] ?? 0])),
    argmax: (evaluation?.best ?? []).map((row) => names[row] ?? ""),
    preemption: postFilter === undefined ? undefined : describePreemption(state, postFilter),
  };
};

const prepareCheck = (state: ClusterState, profile: SchedulerProfile, pod: Pod) => {
  const start = startCycle({ state, profile, pod: state.record(pod) });
  const never = (...reasons: string[]): Rejection => ({
    plugin: undefined,
    code: "UnschedulableAndUnresolvable",
    reasons,
  });
  return (nodeName: string): Rejection | undefined => {
    const row = state.nodes.rowOf(nodeName);
    if (row === undefined) return never("no such node");
    if (start.kind === "error") return never(start.error);
    if (start.kind === "rejected") return state.rejections.get(start.rejection);
    if (start.nodeNames !== undefined && !start.nodeNames.has(nodeName)) {
      return never(`node(s) didn't satisfy plugin(s) [${start.namingPlugins.join(" ")}]`);
    }
    const rejection = filterRow(start, row);
    return rejection === 0 ? undefined : state.rejections.get(rejection);
  };
};

const prepareFeasible = (state: ClusterState, profile: SchedulerProfile, pod: Pod) => {
  const start = startCycle({ state, profile, pod: state.record(pod) });
  return (accepts: (nodeName: string) => boolean): string | undefined => {
    if (start.kind !== "ready") return undefined;
    const { isAlive, names, size } = state.nodes;
    for (let row = 0; row < size; row++) {
      const name = names[row] ?? "";
      if (isAlive[row] !== 1 || !accepts(name) || start.nodeNames?.has(name) === false) continue;
      if (filterRowWithNominated(start, row) === 0) return name;
    }
    return undefined;
  };
};

/** Rows that pass all filters, unscored. */
const feasibleRows = (state: ClusterState, profile: SchedulerProfile, pod: Pod): readonly number[] => {
  const start = startCycle({ state, profile, pod: state.record(pod) });
  if (start.kind !== "ready") return [];
  const rows: number[] = [];
  for (let row = 0; row < state.nodes.size; row++) {
    if (state.nodes.isAlive[row] !== 1) continue;
    const isNamed = start.nodeNames?.has(state.nodes.names[row] ?? "") ?? true;
    if (isNamed && filterRowWithNominated(start, row) === 0) rows.push(row);
  }
  return rows;
};
