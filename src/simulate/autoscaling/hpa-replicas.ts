import type { Millis } from "../../model/quantity.ts";
import type { CompiledHpa, CompiledMetric, HpaControllerFlags } from "./hpa-spec.ts";

/** Pods that are in the same state: the controller's arithmetic needs their number only. */
export interface HpaPodGroup {
  readonly count: number;
  readonly phase: string;
  readonly deleting: boolean;
  /** Status of the Ready condition; undefined when the pod has none. */
  readonly ready: boolean | undefined;
  /** When the Ready condition last changed. */
  readonly readySince: number;
  readonly startTime: number | undefined;
}

/** Why a metric gave no proposal. `message` is what the metrics API said, or the selector's error. */
export type MetricProblem =
  | { readonly code: "api" | "selector"; readonly message: string }
  | { readonly code: "empty" | "noPods" | "noSamples" | "noMatch" | "noTarget" }
  | { readonly code: "missingRequest" | "containerNotFound"; readonly container: string; readonly pod: string };

/** What the metrics APIs answer for one metric of the spec, in thousandths. */
export type MetricObservation =
  | {
      readonly kind: "perPod";
      /** A value a pod group; NaN where its pods have no sample. */
      readonly values: ArrayLike<number>;
      readonly timestamp: number;
      readonly window: Millis;
      /** Requests a pod group, for a utilization target; or what is wrong with them. */
      readonly requests: ArrayLike<number> | MetricProblem | undefined;
    }
  | { readonly kind: "value"; readonly value: number }
  | { readonly kind: "series"; readonly values: ArrayLike<number> }
  | { readonly kind: "problem"; readonly problem: MetricProblem };

/** One metric's proposal and what the status shows of it, in thousandths; undefined where the status has no such field. */
export interface MetricProposal {
  readonly replicas: number;
  readonly averageUtilization: number | undefined;
  readonly averageValue: number | undefined;
  readonly value: number | undefined;
}

export interface ReplicaInputs {
  readonly hpa: CompiledHpa;
  readonly flags: HpaControllerFlags;
  readonly now: number;
  readonly specReplicas: number;
  readonly statusReplicas: number;
  readonly pods: readonly HpaPodGroup[];
}

/** A metric's proposal. Source: `pkg/controller/podautoscaler/replica_calculator.go`, v1.35.4. */
export const proposeReplicas = (
  metric: CompiledMetric,
  observed: MetricObservation,
  inputs: ReplicaInputs,
): MetricProposal | MetricProblem => {
  const early = observed.kind === "problem" && observed.problem.code === "selector" && metric.type === "Object";
  if (metric.targetKind === "none" && !early) return { code: "noTarget" };
  if (observed.kind === "problem") return observed.problem;
  if (observed.kind === "perPod") return fromPods(metric, observed, inputs);
  const total = observed.kind === "value" ? observed.value : sumOfSeries(observed.values, metric);
  return metric.targetKind === "averageValue"
    ? averageOfTotal(metric, total, inputs)
    : ratioOfTotal(metric, total, inputs);
};

const MAX_INT32 = 2147483647;
const MAX_INT64 = 2 ** 63;
const MIN_INT64 = -(2 ** 63);

/** Go's conversion on amd64: what does not fit becomes the least int32. */
export const toInt32 = (value: number): number =>
  value > -2147483649 && value < 2147483648 ? Math.trunc(value) : -2147483648;

const toInt64 = (value: number): number => (value >= MIN_INT64 && value < MAX_INT64 ? Math.trunc(value) : MIN_INT64);

const withinTolerance = ({ lowest, highest }: CompiledHpa, ratio: number): boolean =>
  lowest <= ratio && ratio <= highest;

/** With an average value upstream takes any sum below zero for an overflow. */
const sumOfSeries = (values: ArrayLike<number>, { targetKind }: CompiledMetric): number => {
  let total = 0;
  for (let index = 0; index < values.length; index += 1) {
    total += values[index] ?? 0;
    if (total >= MAX_INT64 || (targetKind === "averageValue" && total < 0)) return MAX_INT64;
  }
  return total;
};

const averageOfTotal = (metric: CompiledMetric, total: number, inputs: ReplicaInputs): MetricProposal => {
  const { hpa, statusReplicas } = inputs;
  const ratio = total / (metric.target * statusReplicas);
  const wanted = Math.ceil(total / metric.target);
  const cap = metric.type === "External" && wanted > MAX_INT32 ? MAX_INT32 : toInt32(wanted);
  const saturated = metric.type === "External" && total >= MAX_INT64;
  return {
    replicas: withinTolerance(hpa, ratio) ? statusReplicas : cap,
    averageUtilization: undefined,
    averageValue: saturated ? MAX_INT64 : toInt64(Math.ceil(total / statusReplicas)),
    value: undefined,
  };
};

const ratioOfTotal = (
  metric: CompiledMetric,
  total: number,
  { hpa, specReplicas, pods }: ReplicaInputs,
): MetricProposal | MetricProblem => {
  const ratio = total / metric.target;
  const proposal = (replicas: number): MetricProposal => ({
    replicas,
    averageUtilization: undefined,
    averageValue: undefined,
    value: total,
  });
  if (specReplicas === 0) return proposal(toInt32(Math.ceil(ratio)));
  if (withinTolerance(hpa, ratio)) return proposal(specReplicas);
  if (pods.length === 0) return { code: "noPods" };
  let ready = 0;
  for (const group of pods) if (group.phase === "Running" && group.ready === true) ready += group.count;
  const wanted = ratio * ready;
  return proposal(wanted > MAX_INT32 ? MAX_INT32 : toInt32(Math.ceil(wanted)));
};

type PerPod = Extract<MetricObservation, { kind: "perPod" }>;

const IGNORED = 0;
const UNREADY = 1;
const MISSING = 2;
const COUNTED = 3;

/** Reused between calls: a sync never leaves this module. */
let places = new Uint8Array(64);

const fromPods = (metric: CompiledMetric, observed: PerPod, inputs: ReplicaInputs): MetricProposal | MetricProblem => {
  const { pods, hpa, specReplicas } = inputs;
  if (pods.length === 0) return { code: "noPods" };
  if (places.length < pods.length) places = new Uint8Array(pods.length * 2);
  let counted = 0;
  let unready = 0;
  let missing = 0;
  for (let index = 0; index < pods.length; index += 1) {
    const group = pods[index];
    if (group === undefined || group.count === 0) continue;
    const place = placeOf(group, observed, index, metric.name === "cpu" && metric.type !== "Pods", inputs);
    places[index] = place;
    if (place === COUNTED) counted += group.count;
    else if (place === UNREADY) unready += group.count;
    else if (place === MISSING) missing += group.count;
  }
  if (counted === 0) return { code: "noSamples" };
  const { requests } = observed;
  if (metric.targetKind === "utilization" && requests !== undefined && "code" in requests) return requests;

  const before = measure(metric, observed, pods, NaN, NaN);
  if (before === undefined) return { code: "noMatch" };
  const proposal = (replicas: number): MetricProposal => ({
    replicas,
    averageUtilization: before.utilization,
    averageValue: before.average,
    value: undefined,
  });
  const upWithUnready = unready > 0 && before.ratio > 1;
  if (!upWithUnready && missing === 0) {
    return proposal(withinTolerance(hpa, before.ratio) ? specReplicas : toInt32(Math.ceil(before.ratio * counted)));
  }

  const fillMissing = missing === 0 || before.ratio === 1 ? NaN : before.ratio < 1 ? Infinity : 0;
  const after = measure(metric, observed, pods, fillMissing, upWithUnready ? 0 : NaN);
  if (after === undefined) return { code: "noMatch" };
  const turned = (before.ratio < 1 && after.ratio > 1) || (before.ratio > 1 && after.ratio < 1);
  if (turned || withinTolerance(hpa, after.ratio)) return proposal(specReplicas);
  const replicas = toInt32(Math.ceil(after.ratio * after.pods));
  const against = (after.ratio < 1 && replicas > specReplicas) || (after.ratio > 1 && replicas < specReplicas);
  return proposal(against ? specReplicas : replicas);
};

const placeOf = (
  group: HpaPodGroup,
  observed: PerPod,
  index: number,
  isCpu: boolean,
  { now, flags }: ReplicaInputs,
): number => {
  if (group.deleting || group.phase === "Failed") return IGNORED;
  if (group.phase === "Pending") return UNREADY;
  const value = observed.values[index] ?? NaN;
  if (Number.isNaN(value)) return MISSING;
  if (!isCpu) return COUNTED;
  const { startTime, ready, readySince } = group;
  if (startTime === undefined || ready === undefined) return UNREADY;
  const starting = startTime + flags.cpuInitializationPeriod > now;
  const unready = starting
    ? !ready || observed.timestamp < readySince + observed.window
    : !ready && startTime + flags.initialReadinessDelay > readySince;
  return unready ? UNREADY : COUNTED;
};

interface Measure {
  readonly ratio: number;
  readonly utilization: number | undefined;
  readonly average: number;
  readonly pods: number;
}

/** Usage against the target. `fill` says what pods without sample or unready ones count as: NaN not at all, Infinity the full amount. */
const measure = (
  metric: CompiledMetric,
  observed: PerPod,
  pods: readonly HpaPodGroup[],
  fillMissing: number,
  fillUnready: number,
): Measure | undefined => {
  const isUtilization = metric.targetKind === "utilization";
  const requests = observed.requests === undefined || "code" in observed.requests ? [] : observed.requests;
  let total = 0;
  let requested = 0;
  let counted = 0;
  for (let index = 0; index < pods.length; index += 1) {
    const group = pods[index];
    if (group === undefined || group.count === 0) continue;
    const request = isUtilization ? (requests[index] ?? 0) : 0;
    const value = countedValue(
      metric,
      places[index] ?? IGNORED,
      observed.values[index] ?? NaN,
      request,
      fillMissing,
      fillUnready,
    );
    if (Number.isNaN(value)) continue;
    total += value * group.count;
    requested += request * group.count;
    counted += group.count;
  }
  if (!isUtilization) {
    const average = Math.trunc(total / counted);
    return { ratio: average / metric.target, utilization: undefined, average, pods: counted };
  }
  if (requested === 0) return undefined;
  const percent = total * 100;
  const utilization =
    (Number.isSafeInteger(percent) ? Math.trunc(percent / requested) : exactPercent(total, requested)) | 0;
  return { ratio: utilization / metric.target, utilization, average: Math.trunc(total / counted), pods: counted };
};

const exactPercent = (total: number, requested: number): number =>
  Number(BigInt.asIntN(64, BigInt(total) * 100n) / BigInt(requested));

const countedValue = (
  metric: CompiledMetric,
  place: number,
  value: number,
  request: number,
  fillMissing: number,
  fillUnready: number,
): number => {
  if (place === COUNTED) return value;
  if (place === UNREADY) return fillUnready;
  if (place !== MISSING) return NaN;
  if (fillMissing !== Infinity) return fillMissing;
  return metric.targetKind === "utilization"
    ? Math.trunc((request * Math.max(100, metric.target)) / 100)
    : metric.target;
};
