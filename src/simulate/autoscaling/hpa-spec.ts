import type { LabelSelector } from "../../kubernetes/object.ts";
import { parseQuantity, quantityMilliValue } from "../../kubernetes/quantity.ts";
import type { HorizontalPodAutoscaler, MetricSpec, MetricTarget, ScalingRules } from "../../kubernetes/workloads.ts";
import { type Millis, seconds } from "../../model/quantity.ts";

export type HpaSpec = HorizontalPodAutoscaler["spec"];

/** The flags of kube-controller-manager that the HPA controller reads. */
export interface HpaControllerFlags {
  readonly downscaleStabilization: Millis;
  readonly tolerance: number;
  readonly cpuInitializationPeriod: Millis;
  readonly initialReadinessDelay: Millis;
}

/** Defaults of kube-controller-manager 1.35; AKS leaves them as they are. */
export const defaultHpaFlags: HpaControllerFlags = {
  downscaleStabilization: seconds(300),
  tolerance: 0.1,
  cpuInitializationPeriod: seconds(300),
  initialReadinessDelay: seconds(30),
};

/** The feature gates that change what the API server keeps of an HPA. */
export interface HpaFeatureGates {
  readonly HPAScaleToZero?: boolean;
  readonly HPAConfigurableTolerance?: boolean;
}

export interface ScalingPolicy {
  readonly percent: boolean;
  readonly value: number;
  readonly period: Millis;
}

/** One direction of `behavior`, read once. */
export interface CompiledRules {
  readonly window: Millis;
  readonly select: "Max" | "Min" | "Disabled";
  readonly policies: readonly ScalingPolicy[];
  readonly longestPeriod: Millis;
}

/** One entry of `metrics`, read once: targets are thousandths, or percent for a utilization. */
export interface CompiledMetric {
  readonly type: "Resource" | "ContainerResource" | "Pods" | "Object" | "External";
  /** The resource's or the metric's name. */
  readonly name: string;
  readonly container: string;
  readonly targetKind: "utilization" | "averageValue" | "value" | "none";
  readonly target: number;
  readonly selector: LabelSelector | undefined;
  readonly describedObject: { readonly apiVersion: string; readonly kind: string; readonly name: string };
}

/** What the controller reads of a spec, ready for the hot path. */
export interface CompiledHpa {
  readonly spec: HpaSpec;
  readonly min: number;
  readonly max: number;
  readonly metrics: readonly CompiledMetric[];
  readonly scaleUp: CompiledRules | undefined;
  readonly scaleDown: CompiledRules | undefined;
  readonly lowest: number;
  readonly highest: number;
}

const defaultScaleUp: ScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: "Max",
  policies: [
    { type: "Pods", value: 4, periodSeconds: 15 },
    { type: "Percent", value: 100, periodSeconds: 15 },
  ],
};

const defaultScaleDown: ScalingRules = {
  selectPolicy: "Max",
  policies: [{ type: "Percent", value: 100, periodSeconds: 15 }],
};

const defaultMetrics: readonly MetricSpec[] = [
  { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } },
];

/** The spec as the API server stores it. Source: `pkg/apis/autoscaling/v2/defaults.go` and the create strategy, v1.35.4. */
export const defaultHpaSpec = (spec: HpaSpec, gates: HpaFeatureGates = {}): HpaSpec => {
  const { behavior, metrics, ...rest } = spec;
  const keepsTolerance = gates.HPAConfigurableTolerance !== false;
  return {
    ...rest,
    minReplicas: spec.minReplicas ?? 1,
    metrics: metrics === undefined || metrics === null || metrics.length === 0 ? defaultMetrics : metrics,
    ...(behavior === undefined || behavior === null
      ? {}
      : {
          behavior: {
            scaleUp: withDefaults(behavior.scaleUp, defaultScaleUp, keepsTolerance),
            scaleDown: withDefaults(behavior.scaleDown, defaultScaleDown, keepsTolerance),
          },
        }),
  };
};

const withDefaults = (
  given: ScalingRules | undefined,
  standard: ScalingRules,
  keepsTolerance: boolean,
): ScalingRules => {
  const window = given?.stabilizationWindowSeconds ?? standard.stabilizationWindowSeconds;
  const tolerance = keepsTolerance ? (given?.tolerance ?? undefined) : undefined;
  return {
    ...(window === undefined ? {} : { stabilizationWindowSeconds: window }),
    selectPolicy: given?.selectPolicy ?? standard.selectPolicy ?? "Max",
    policies: (given?.policies ?? standard.policies ?? []).map(({ type, value, periodSeconds }) => ({
      type,
      value,
      periodSeconds,
    })),
    ...(tolerance === undefined ? {} : { tolerance }),
  };
};

/** Reads a defaulted spec once, so that a sync parses nothing. */
export const compileHpa = (spec: HpaSpec, flags: HpaControllerFlags): CompiledHpa => {
  const { scaleUp, scaleDown } = spec.behavior ?? {};
  return {
    spec,
    min: spec.minReplicas ?? 1,
    max: spec.maxReplicas,
    metrics: (spec.metrics ?? defaultMetrics).map(compileMetric),
    scaleUp: compileRules(scaleUp, flags),
    scaleDown: compileRules(scaleDown, flags),
    lowest: 1 - approximate(scaleDown?.tolerance, flags.tolerance),
    highest: 1 + approximate(scaleUp?.tolerance, flags.tolerance),
  };
};

const compileRules = (rules: ScalingRules | undefined, flags: HpaControllerFlags): CompiledRules | undefined => {
  if (rules === undefined) return undefined;
  const policies = (rules.policies ?? []).map((policy) => ({
    percent: policy.type === "Percent",
    value: policy.value,
    period: seconds(policy.periodSeconds),
  }));
  const { selectPolicy: select } = rules;
  return {
    window: seconds(rules.stabilizationWindowSeconds ?? Math.trunc(flags.downscaleStabilization / 1000)),
    select: select === "Min" || select === "Disabled" ? select : "Max",
    policies,
    longestPeriod: seconds(Math.max(0, ...policies.map((policy) => policy.period / 1000))),
  };
};

/** A tolerance as upstream's `AsApproximateFloat64`: digits times a power of ten, so 0.35 is a hair above 0.35. */
const approximate = (tolerance: string | number | undefined, otherwise: number): number => {
  if (tolerance === undefined) return otherwise;
  const match = /^([+-]?\d*)(?:\.(\d*))?([num]?)$/.exec(String(tolerance));
  if (match === null) return (quantityMilliValue(tolerance) ?? 0) / 1000;
  const [, whole = "", fraction = "", suffix = ""] = match;
  const power = (suffix === "" ? 0 : { n: -9, u: -6, m: -3 }[suffix as "n" | "u" | "m"]) - fraction.length;
  return Number(`${whole}${fraction}`) * Number(`1e${power}`);
};

const noObject = { apiVersion: "", kind: "", name: "" };

const compileMetric = (metric: MetricSpec): CompiledMetric => {
  const { resource, containerResource, pods, object, external } = metric;
  const plain = { container: "", selector: undefined, describedObject: noObject };
  if (metric.type === "Resource" && resource !== undefined) {
    return { ...plain, type: "Resource", name: resource.name, ...perPodTarget(resource.target) };
  }
  if (metric.type === "ContainerResource" && containerResource !== undefined) {
    const { name, container, target } = containerResource;
    return { ...plain, type: "ContainerResource", name, container, ...perPodTarget(target) };
  }
  if (metric.type === "Pods" && pods !== undefined) {
    const { name, selector } = pods.metric;
    return {
      ...plain,
      type: "Pods",
      name,
      selector,
      targetKind: "averageValue",
      target: wrappedMilli(pods.target.averageValue),
    };
  }
  if (metric.type === "Object" && object !== undefined) {
    const { name, selector } = object.metric;
    const { apiVersion = "", kind, name: objectName } = object.describedObject;
    const describedObject = { apiVersion, kind, name: objectName };
    return { ...plain, type: "Object", name, selector, describedObject, ...objectTarget(object.target) };
  }
  const { name = "", selector } = external?.metric ?? {};
  return { ...plain, type: "External", name, selector, ...externalTarget(external?.target) };
};

/** Thousandths, rounded away from zero; what does not fit in 64 bits wraps around, as upstream's `MilliValue` does. */
export const wrappedMilli = (quantity: string | number | undefined): number => {
  const { nano = 0n } = parseQuantity(quantity ?? 0) ?? {};
  const size = (nano < 0n ? -nano : nano) + 999_999n;
  return Number(BigInt.asIntN(64, (nano < 0n ? -size : size) / 1_000_000n));
};

type Target = Pick<CompiledMetric, "targetKind" | "target">;

const noTarget: Target = { targetKind: "none", target: 0 };

const perPodTarget = (target: MetricTarget): Target => {
  if (target.averageValue !== undefined)
    return { targetKind: "averageValue", target: wrappedMilli(target.averageValue) };
  if (target.averageUtilization === undefined) return noTarget;
  return { targetKind: "utilization", target: target.averageUtilization };
};

/** An object metric goes by the target's `type`; an external one by which field is set. */
const objectTarget = ({ type, value, averageValue }: MetricTarget): Target => {
  if (type === "Value" && value !== undefined) return { targetKind: "value", target: wrappedMilli(value) };
  if (type === "AverageValue" && averageValue !== undefined) {
    return { targetKind: "averageValue", target: wrappedMilli(averageValue) };
  }
  return noTarget;
};

const externalTarget = (target: MetricTarget | undefined): Target => {
  if (target?.averageValue !== undefined)
    return { targetKind: "averageValue", target: wrappedMilli(target.averageValue) };
  if (target?.value !== undefined) return { targetKind: "value", target: wrappedMilli(target.value) };
  return noTarget;
};
