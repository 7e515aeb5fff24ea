import type { Millis } from "../../model/quantity.ts";
import { type HpaHistory, type LimitReason, limitReplicas, rememberScale } from "./hpa-limits.ts";
import {
  type HpaPodGroup,
  type MetricObservation,
  type MetricProblem,
  type MetricProposal,
  proposeReplicas,
  type ReplicaInputs,
} from "./hpa-replicas.ts";
import {
  type CompiledHpa,
  compileHpa,
  defaultHpaFlags,
  defaultHpaSpec,
  type HpaControllerFlags,
  type HpaFeatureGates,
  type HpaSpec,
} from "./hpa-spec.ts";

/** A condition of the status, without text: `hpaConditionMessage` in hpa-text.ts words it. */
export interface HpaCondition {
  readonly status: boolean;
  readonly reason: string;
  /** When `status` last changed. */
  readonly since: Millis;
  /** What the message needs beside the reason: a metric's index, the new size, a problem, an error. */
  readonly metric: number;
  readonly problem: MetricProblem | undefined;
  readonly size: number;
  readonly error: string;
}

export interface HpaConditions {
  readonly AbleToScale: HpaCondition | undefined;
  readonly ScalingActive: HpaCondition | undefined;
  readonly ScalingLimited: HpaCondition | undefined;
}

export interface HpaStatus {
  readonly currentReplicas: number;
  /** 0 until the first success. */
  readonly desiredReplicas: number;
  readonly lastScaleTime: Millis | undefined;
  readonly conditions: HpaConditions;
  /** One entry a metric, undefined where it failed; no entries when the metrics were not asked. */
  readonly currentMetrics: readonly (MetricProposal | undefined)[];
}

/** One HPA in the controller's memory. Plain data; never changed in place. */
export interface HpaState {
  readonly hpa: CompiledHpa;
  readonly flags: HpaControllerFlags;
  readonly history: HpaHistory;
  readonly status: HpaStatus;
}

/** What the controller can see at one sync. */
export interface HpaObservation {
  readonly now: Millis;
  readonly scale:
    | { readonly specReplicas: number; readonly statusReplicas: number; readonly selector: SelectorState }
    | { readonly error: string };
  readonly pods: readonly HpaPodGroup[];
  /** In the order of the spec's metrics; asked only when the controller asks. */
  readonly metric: (index: number) => MetricObservation;
  /** What writing the scale subresource would answer; undefined when it works. */
  readonly writeError?: string;
}

export type SelectorState =
  | "valid"
  | "missing"
  | { readonly reason: "InvalidSelector" | "AmbiguousSelector"; readonly message: string };

/** Why the replicas change; `hpaRescaleReason` words it. */
export type RescaleReason = "aboveMax" | "belowMin" | "metricAbove" | "allBelow" | "none";

/** An event of the controller, without text: `hpaEventText` words it. */
export type HpaEvent =
  | {
      readonly reason: "SuccessfulRescale" | "FailedRescale";
      readonly size: number;
      readonly why: RescaleReason;
      readonly metric: number;
      readonly error: string;
    }
  | {
      readonly reason: "FailedGetScale" | "SelectorRequired" | "InvalidSelector" | "AmbiguousSelector";
      readonly error: string;
    }
  | { readonly reason: "FailedGetMetric"; readonly metric: number; readonly problem: MetricProblem }
  | {
      readonly reason: "FailedComputeMetricsReplicas";
      readonly invalid: number;
      readonly metric: number;
      readonly problem: MetricProblem | undefined;
      readonly error: string;
    };

export interface HpaDecision {
  /** What was written to the scale subresource; undefined when nothing was. */
  readonly scaledTo: number | undefined;
  readonly why: RescaleReason;
  /** The metric that gave `metricAbove`; -1 when none did. */
  readonly metric: number;
  /** What the metrics want, before windows, policies and limits; undefined when they were not asked or all failed. */
  readonly wanted: number | undefined;
  readonly limitReason: LimitReason | undefined;
  readonly events: readonly HpaEvent[];
}

const noHistory: HpaHistory = { recommendations: undefined, scaleUps: [], scaleDowns: [] };
const noEvents: readonly HpaEvent[] = [];

/** An HPA that the controller has just seen. The spec is defaulted here; validate it first with `validateHpaSpec`. */
export const createHpa = (
  spec: HpaSpec,
  flags: HpaControllerFlags = defaultHpaFlags,
  gates: HpaFeatureGates = {},
): HpaState => ({
  hpa: compileHpa(defaultHpaSpec(spec, gates), flags),
  flags,
  history: noHistory,
  status: {
    currentReplicas: 0,
    desiredReplicas: 0,
    lastScaleTime: undefined,
    conditions: { AbleToScale: undefined, ScalingActive: undefined, ScalingLimited: undefined },
    currentMetrics: [],
  },
});

/** The same HPA after its spec was changed: history and status stay. */
export const changeHpa = (state: HpaState, spec: HpaSpec, gates: HpaFeatureGates = {}): HpaState => ({
  ...state,
  hpa: compileHpa(defaultHpaSpec(spec, gates), state.flags),
});

/** One pass of the controller over one HPA. Source: `pkg/controller/podautoscaler/horizontal.go`, v1.35.4, `reconcileAutoscaler`. */
export const syncHpa = (
  state: HpaState,
  observation: HpaObservation,
): { readonly state: HpaState; readonly decision: HpaDecision } => {
  const { now, scale } = observation;
  const { status } = state;
  if ("error" in scale) {
    const conditions = withCondition(status.conditions, "AbleToScale", now, false, "FailedGetScale", {
      error: scale.error,
    });
    return {
      state: { ...state, status: { ...status, conditions } },
      decision: { ...nothing, events: [{ reason: "FailedGetScale", error: scale.error }] },
    };
  }
  const current = scale.specReplicas;
  const history =
    state.history.recommendations === undefined
      ? { ...state.history, recommendations: [{ at: now, replicas: current }] }
      : state.history;
  const { min, max } = state.hpa;
  const seen: HpaState = { ...state, history };
  if (current === 0 && min !== 0) {
    const able = withCondition(status.conditions, "AbleToScale", now, true, "SucceededGetScale");
    const conditions = withCondition(able, "ScalingActive", now, false, "ScalingDisabled");
    return { state: settled(seen, conditions, current, []), decision: nothing };
  }
  if (current > max)
    return rescale(seen, observation, status.conditions, current, max, { ...nothing, why: "aboveMax" }, []);
  if (current < min)
    return rescale(seen, observation, status.conditions, current, min, { ...nothing, why: "belowMin" }, []);
  return syncMetrics(seen, observation, scale);
};

type Scale = Exclude<HpaObservation["scale"], { readonly error: string }>;
type Result = { readonly state: HpaState; readonly decision: HpaDecision };

const nothing: HpaDecision = {
  scaledTo: undefined,
  why: "none",
  metric: -1,
  wanted: undefined,
  limitReason: undefined,
  events: noEvents,
};

const syncMetrics = (state: HpaState, observation: HpaObservation, scale: Scale): Result => {
  const { now } = observation;
  const current = scale.specReplicas;
  const asked = askMetrics(state, observation, scale);
  const { events } = asked;
  if (asked.wanted === undefined) {
    const able = withCondition(state.status.conditions, "AbleToScale", now, true, "SucceededGetScale");
    const active = withCondition(able, "ScalingActive", now, false, asked.reason, asked);
    const failed = settled(state, active, current, asked.statuses, state.status.desiredReplicas);
    return { state: failed, decision: { ...nothing, events } };
  }
  const active = withCondition(state.status.conditions, "ScalingActive", now, true, "ValidMetricFound", asked);
  const wanted = Math.max(0, asked.wanted);
  const limits = limitReplicas({
    hpa: state.hpa,
    history: state.history,
    now,
    current,
    wanted,
    downscaleStabilization: state.flags.downscaleStabilization,
  });
  const able = withCondition(active, "AbleToScale", now, true, limits.stabilizedReason);
  const conditions = withCondition(able, "ScalingLimited", now, limits.limited, limits.limitReason);
  const next: HpaState = { ...state, history: { ...state.history, recommendations: limits.recommendations } };
  const decision: HpaDecision = {
    scaledTo: undefined,
    why: wanted > current ? "metricAbove" : wanted < current ? "allBelow" : "none",
    metric: asked.wanted > 0 ? asked.metric : -1,
    wanted,
    limitReason: limits.limitReason,
    events,
  };
  return limits.desired === current
    ? { state: settled(next, conditions, current, asked.statuses), decision }
    : rescale(next, observation, conditions, current, limits.desired, decision, asked.statuses);
};

interface Asked {
  /** Undefined when nothing may be concluded: all metrics failed, or some did and the rest want fewer replicas. */
  readonly wanted: number | undefined;
  readonly metric: number;
  readonly problem: MetricProblem | undefined;
  readonly error: string;
  readonly reason: string;
  readonly statuses: readonly (MetricProposal | undefined)[];
  readonly events: readonly HpaEvent[];
}

const askMetrics = (state: HpaState, observation: HpaObservation, scale: Scale): Asked => {
  if (scale.selector !== "valid") return selectorProblem(scale.selector);
  const { metrics } = state.hpa;
  const inputs: ReplicaInputs = {
    hpa: state.hpa,
    flags: state.flags,
    now: observation.now,
    specReplicas: scale.specReplicas,
    statusReplicas: scale.statusReplicas,
    pods: observation.pods,
  };
  let wanted = 0;
  let metric = -1;
  let invalid = 0;
  let firstInvalid = -1;
  let firstProblem: MetricProblem | undefined;
  let events = noEvents;
  const statuses: (MetricProposal | undefined)[] = [];
  for (let index = 0; index < metrics.length; index += 1) {
    const spec = metrics[index];
    if (spec === undefined) continue;
    const proposal = proposeReplicas(spec, observation.metric(index), inputs);
    if ("code" in proposal) {
      if (invalid === 0) {
        firstInvalid = index;
        firstProblem = proposal;
      }
      invalid += 1;
      statuses.push(undefined);
      events = [...events, { reason: "FailedGetMetric", metric: index, problem: proposal }];
      continue;
    }
    statuses.push(proposal);
    if (wanted === 0 || proposal.replicas > wanted) {
      wanted = proposal.replicas;
      metric = index;
    }
  }
  if (invalid >= metrics.length || (invalid > 0 && wanted < scale.specReplicas)) {
    const problem = { metric: firstInvalid, problem: firstProblem, error: "" };
    const failure: HpaEvent = { reason: "FailedComputeMetricsReplicas", invalid, ...problem };
    return { wanted: undefined, reason: "FailedGetMetric", statuses, events: [...events, failure], ...problem };
  }
  return { wanted, metric, problem: undefined, error: "", reason: "", statuses, events };
};

const selectorProblem = (selector: Exclude<SelectorState, "valid">): Asked => {
  const [reason, eventReason, error] =
    selector === "missing"
      ? (["InvalidSelector", "SelectorRequired", "selector is required"] as const)
      : ([selector.reason, selector.reason, selector.message] as const);
  return {
    wanted: undefined,
    metric: -1,
    problem: undefined,
    error: selector === "missing" ? "" : error,
    reason,
    statuses: [],
    events: [
      { reason: eventReason, error },
      { reason: "FailedComputeMetricsReplicas", invalid: 0, metric: -1, problem: undefined, error },
    ],
  };
};

const rescale = (
  state: HpaState,
  observation: HpaObservation,
  conditions: HpaConditions,
  current: number,
  desired: number,
  decision: HpaDecision,
  statuses: HpaStatus["currentMetrics"],
): Result => {
  const { now, writeError } = observation;
  const event = { size: desired, why: decision.why, metric: decision.metric };
  if (writeError !== undefined) {
    const failed = withCondition(conditions, "AbleToScale", now, false, "FailedUpdateScale", { error: writeError });
    const events: HpaEvent[] = [...decision.events, { reason: "FailedRescale", ...event, error: writeError }];
    const next = settled(state, failed, current, statuses, state.status.desiredReplicas);
    return { state: next, decision: { ...decision, events } };
  }
  const done = withCondition(conditions, "AbleToScale", now, true, "SucceededRescale", { size: desired });
  const history = rememberScale(state.hpa, state.history, now, current, desired);
  const next = settled({ ...state, history }, done, current, statuses, desired, now);
  const events: HpaEvent[] = [...decision.events, { reason: "SuccessfulRescale", ...event, error: "" }];
  return { state: next, decision: { ...decision, scaledTo: desired, events } };
};

const settled = (
  state: HpaState,
  conditions: HpaConditions,
  currentReplicas: number,
  currentMetrics: HpaStatus["currentMetrics"],
  desiredReplicas = currentReplicas,
  lastScaleTime = state.status.lastScaleTime,
): HpaState => ({ ...state, status: { currentReplicas, desiredReplicas, lastScaleTime, conditions, currentMetrics } });

type Details = Partial<Pick<HpaCondition, "metric" | "problem" | "size" | "error">>;

const noDetails: Details = {};

const withCondition = (
  conditions: HpaConditions,
  type: keyof HpaConditions,
  now: Millis,
  status: boolean,
  reason: string,
  details: Details = noDetails,
): HpaConditions => {
  const { metric = -1, problem, size = 0, error = "" } = details;
  const before = conditions[type];
  if (
    before !== undefined &&
    before.status === status &&
    before.reason === reason &&
    before.metric === metric &&
    before.size === size &&
    before.problem === problem &&
    before.error === error
  ) {
    return conditions;
  }
  const since = before !== undefined && before.status === status ? before.since : now;
  return { ...conditions, [type]: { status, reason, since, metric, problem, size, error } };
};
