import type { PodSpec } from "../../kubernetes/pod.ts";
import { quantityMilliValue } from "../../kubernetes/quantity.ts";
import type { HorizontalPodAutoscaler } from "../../kubernetes/workloads.ts";
import { type Millis, millis, seconds } from "../../model/quantity.ts";
import type { Range } from "../prediction.ts";
import { createHpa, type HpaObservation, type HpaState, syncHpa } from "./hpa.ts";
import type { HpaPodGroup, MetricObservation, MetricProposal } from "./hpa-replicas.ts";
import { type CompiledMetric, defaultHpaFlags, type HpaControllerFlags, type HpaFeatureGates } from "./hpa-spec.ts";

/** What is known of a scale target before it runs. */
export interface SteadyTarget {
  /** `spec.replicas`: the number that the load is a share of, and where the HPA starts. */
  readonly replicas: number;
  readonly podSpec: PodSpec;
}

/** The load: what all replicas use together, as a share of what `replicas` pods request. */
export interface SteadyLoad {
  /** CPU and memory. */
  readonly use: Range;
  /** Pods, Object and External metrics by name, as a share of their target at `replicas` pods. Without it such a metric is unknown. */
  readonly metrics?: ReadonlyMap<string, Range>;
}

/** Where an HPA comes to rest. */
export interface SteadyReplicas {
  readonly low: number;
  readonly high: number;
  /** At the highest load the metrics want more than `maxReplicas`. */
  readonly limited: boolean;
  /** What decides at the highest load, with numbers. */
  readonly reason: string;
  /** Metrics that nothing is known of; while there are any, the HPA is taken not to go below `replicas`. */
  readonly unknownMetrics: readonly string[];
}

/** Past every stabilization window and policy period. */
const STEP = seconds(2 * 3600);
const MAX_STEPS = 500;

/**
 * The replicas that the HPA controller settles at for a load that does not change, by the controller's own arithmetic. All pods are ready,
 * share the load evenly and have samples.
 */
export const steadyReplicas = (
  hpa: HorizontalPodAutoscaler,
  target: SteadyTarget,
  load: SteadyLoad,
  flags: HpaControllerFlags = defaultHpaFlags,
  gates: HpaFeatureGates = {},
): SteadyReplicas => {
  const low = settle(createHpa(hpa.spec, flags, gates), target, load, "low");
  const high = settle(createHpa(hpa.spec, flags, gates), target, load, "high");
  const unknownMetrics = high.state.hpa.metrics.filter((metric) => !isKnown(metric, load)).map(({ name }) => name);
  return {
    low: low.replicas,
    high: high.replicas,
    limited: (high.wanted ?? 0) > high.state.hpa.max && high.replicas >= high.state.hpa.max,
    reason: reasonOf(high, target, unknownMetrics),
    unknownMetrics,
  };
};

interface Settled {
  readonly state: HpaState;
  readonly replicas: number;
  /** What the metrics want at this size, before any limit. */
  readonly wanted: number | undefined;
  /** The metric that wants the most. */
  readonly deciding: number;
  readonly oscillates: boolean;
}

const settle = (start: HpaState, target: SteadyTarget, load: SteadyLoad, side: keyof Range): Settled => {
  let state = start;
  let replicas = target.replicas;
  let quiet = 0;
  let last: Settled = { state, replicas, wanted: undefined, deciding: -1, oscillates: false };
  for (let step = 1; step <= MAX_STEPS; step += 1) {
    const now = millis(step * STEP);
    const { state: next, decision } = syncHpa(state, observe(state, target, load, side, replicas, now));
    state = next;
    const after = decision.scaledTo ?? replicas;
    const deciding = decidingMetric(state);
    last = { state, replicas: after, wanted: decision.wanted ?? last.wanted, deciding, oscillates: false };
    quiet = after === replicas ? quiet + 1 : 0;
    replicas = after;
    if (quiet === 2) return last;
  }
  return { ...last, oscillates: true };
};

/** The metric with the highest use against its target. */
const decidingMetric = ({ hpa, status }: HpaState): number => {
  let best = -1;
  let highest = Number.NEGATIVE_INFINITY;
  hpa.metrics.forEach((metric, index) => {
    const share = shareOfTarget(metric, status.currentMetrics[index]);
    if (share === undefined || share <= highest) return;
    highest = share;
    best = index;
  });
  return best;
};

const shareOfTarget = (metric: CompiledMetric, shown: MetricProposal | undefined): number | undefined => {
  const value = shown?.averageUtilization ?? shown?.averageValue ?? shown?.value;
  return value === undefined || metric.target === 0 ? undefined : value / metric.target;
};

const isResource = ({ type }: CompiledMetric): boolean => type === "Resource" || type === "ContainerResource";

const isKnown = (metric: CompiledMetric, load: SteadyLoad): boolean =>
  isResource(metric) || load.metrics?.has(metric.name) === true;

const observe = (
  { hpa }: HpaState,
  target: SteadyTarget,
  load: SteadyLoad,
  side: keyof Range,
  replicas: number,
  now: Millis,
): HpaObservation => {
  const old = now - seconds(86_400);
  const group: HpaPodGroup = {
    count: replicas,
    phase: "Running",
    deleting: false,
    ready: true,
    readySince: old,
    startTime: old,
  };
  return {
    now,
    scale: { specReplicas: replicas, statusReplicas: replicas, selector: "valid" },
    pods: replicas === 0 ? [] : [group],
    metric: (index) => {
      const metric = hpa.metrics[index];
      if (metric === undefined) return { kind: "problem", problem: { code: "empty" } };
      return isResource(metric)
        ? resourceUse(metric, target, load.use[side], replicas, now)
        : otherUse(metric, target, load.metrics?.get(metric.name)?.[side], replicas, now);
    },
  };
};

const resourceUse = (
  metric: CompiledMetric,
  { podSpec, replicas: base }: SteadyTarget,
  use: number,
  replicas: number,
  now: Millis,
): MetricObservation => {
  const request = requestOf(metric, podSpec);
  if (typeof request !== "number") return { kind: "problem", problem: request };
  const value = replicas === 0 ? 0 : Math.floor((use * request * base) / replicas);
  return { kind: "perPod", values: [value], timestamp: now, window: seconds(30), requests: [request] };
};

const requestOf = (
  { name, type, container, targetKind }: CompiledMetric,
  { containers, initContainers = [] }: PodSpec,
) => {
  const all = [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === "Always")];
  const counted = type === "ContainerResource" ? all.filter((each) => each.name === container) : all;
  if (counted.length === 0) return { code: "containerNotFound", container, pod: "" } as const;
  let total = 0;
  for (const each of counted) {
    const request = each.resources?.requests?.[name] ?? each.resources?.limits?.[name];
    const milli = request === undefined ? undefined : quantityMilliValue(request);
    if (milli === undefined && targetKind === "utilization") {
      return { code: "missingRequest", container: each.name, pod: "" } as const;
    }
    total += milli ?? 0;
  }
  return total;
};

/** A metric that is not CPU or memory; an unknown one is taken to be met exactly, so that it neither raises nor lowers. */
const otherUse = (
  { type, target: wanted, targetKind }: CompiledMetric,
  { replicas: base }: SteadyTarget,
  share: number | undefined,
  replicas: number,
  now: Millis,
): MetricObservation => {
  const perPod = share === undefined ? wanted : replicas === 0 ? 0 : Math.floor((share * wanted * base) / replicas);
  if (type === "Pods") {
    return { kind: "perPod", values: [perPod], timestamp: now, window: seconds(60), requests: undefined };
  }
  const total = share === undefined ? wanted * replicas : share * wanted * base;
  const value = targetKind === "averageValue" ? total : perPod;
  return { kind: "series", values: [Math.floor(value)] };
};

const reasonOf = (
  { state, replicas, wanted, deciding, oscillates }: Settled,
  target: SteadyTarget,
  unknown: readonly string[],
): string => {
  const { hpa, status } = state;
  const failure = status.conditions.ScalingActive;
  if (failure?.status === false) {
    const problem = failure.problem?.code ?? failure.reason;
    if (problem === "ScalingDisabled") return "the target has 0 replicas, which switches the HPA off";
    if (problem === "missingRequest") {
      return `a container of the pods requests no ${hpa.metrics[failure.metric]?.name ?? "resource"}, so the HPA cannot act; it stays at ${replicas}`;
    }
    return `the HPA cannot read its metric (${problem}); it stays at ${replicas}`;
  }
  const notes = unknown.length === 0 ? "" : `; ${unknown.join(", ")} not known before it runs, taken as just met`;
  if (oscillates) return `does not settle: between ${hpa.min} and ${hpa.max} replicas${notes}`;
  const metric = hpa.metrics[deciding];
  const use = metric === undefined ? "" : useText(metric, status.currentMetrics[deciding]);
  if (wanted !== undefined && wanted > hpa.max)
    return `${use}: wants ${wanted} replicas, maxReplicas is ${hpa.max}${notes}`;
  if (replicas === hpa.min && replicas < target.replicas) return `${use}: falls to minReplicas ${hpa.min}${notes}`;
  return `${use} at ${replicas} replicas${notes}`;
};

const useText = (metric: CompiledMetric, shown: MetricProposal | undefined): string => {
  if (metric.targetKind === "utilization") {
    return `${metric.name} at ${shown?.averageUtilization ?? 0} % of requests, target ${metric.target} %`;
  }
  const share = Math.round((shareOfTarget(metric, shown) ?? 0) * 100);
  return `${metric.name} at ${share} % of its target`;
};
