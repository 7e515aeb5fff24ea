import { sameJson, withField } from "../../kubernetes/fields.ts";
import { kindInfo } from "../../kubernetes/kinds.ts";
import type { LabelSelector } from "../../kubernetes/object.ts";
import type { Container, Pod } from "../../kubernetes/pod.ts";
import { formatQuantity, quantityMilliValue } from "../../kubernetes/quantity.ts";
import { compileLabelSelector } from "../../kubernetes/selectors.ts";
import type { HorizontalPodAutoscaler } from "../../kubernetes/workloads.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { type Millis, seconds } from "../../model/quantity.ts";
import { changeHpa, createHpa, type HpaObservation, type HpaState, syncHpa } from "../autoscaling/hpa.ts";
import type { HpaPodGroup, MetricObservation, MetricProposal } from "../autoscaling/hpa-replicas.ts";
import { type CompiledMetric, defaultHpaFlags, type HpaControllerFlags } from "../autoscaling/hpa-spec.ts";
import { conditionTypes, hpaConditionMessage, hpaConditionReason, hpaEventText } from "../autoscaling/hpa-text.ts";
import { type Controller, type ControllerContext, keyOf, partsOf } from "./controller.ts";
import { conditionOfPod } from "./pod-state.ts";

const component = "horizontal-pod-autoscaler";

export interface HpaControllerOptions {
  readonly period: Millis;
  readonly flags?: Partial<HpaControllerFlags>;
  /** What a container uses of `cpu` (thousandths of a core) or `memory` (thousandths of a byte); undefined without a sample. */
  readonly usage: (pod: Pod, container: Container, resource: string) => number | undefined;
}

/** Looks at each HPA once a period, and scales its target (pkg/controller/podautoscaler, v1.35; the arithmetic is in `autoscaling`). */
export const createHpaController = (options: HpaControllerOptions): Controller => {
  const states = new Map<string, HpaState>();
  const flags = { ...defaultHpaFlags, ...options.flags };
  return {
    name: "horizontalpodautoscaler",
    watches: ["HorizontalPodAutoscaler"],
    // Its work queue holds each key back for a period, the first time too.
    latency: options.period,
    keysOf: ({ object, type }) => {
      if (type === "DELETED") states.delete(keyOf(object));
      return type === "ADDED" ? [keyOf(object)] : [];
    },
    reconcile: (key, context) => {
      const hpa = context.store.get<HorizontalPodAutoscaler>("HorizontalPodAutoscaler", ...partsOf(key));
      if (hpa === undefined) return "done";
      const known = states.get(key);
      const state = known === undefined ? createHpa(hpa.spec, flags) : changeHpa(known, hpa.spec);
      const target = targetOf(hpa, context);
      const { state: next, decision } = syncHpa(state, observe(state, target, options, context));
      states.set(key, next);
      for (const event of decision.events) {
        const { type, reason, message } = hpaEventText(event, next.hpa, hpa.metadata.namespace);
        context.event({ about: hpa, type, reason, message, from: component });
      }
      if (decision.scaledTo !== undefined && target !== undefined) {
        context.api.update(withField(target as unknown as JsonObject, ["spec", "replicas"], decision.scaledTo));
      }
      writeStatus(hpa, next, context);
      return { requeueAfter: options.period };
    },
  };
};

const targetOf = (hpa: HorizontalPodAutoscaler, context: ControllerContext): JsonObject | undefined => {
  const { kind, name, apiVersion = "apps/v1" } = hpa.spec.scaleTargetRef;
  if (kindInfo(apiVersion, kind) === undefined) return undefined;
  return context.store.get(kind, hpa.metadata.namespace, name) as unknown as JsonObject | undefined;
};

const observe = (
  state: HpaState,
  target: JsonObject | undefined,
  options: HpaControllerOptions,
  context: ControllerContext,
): HpaObservation => {
  const { kind, name } = state.hpa.spec.scaleTargetRef;
  if (target === undefined) {
    const plural = kindInfo("apps/v1", kind)?.plural ?? `${kind.toLowerCase()}s`;
    return {
      now: context.now,
      scale: { error: `${plural}.apps "${name}" not found` },
      pods: [],
      metric: () => ({ kind: "problem", problem: { code: "noPods" } }),
    };
  }
  const spec = (target["spec"] ?? {}) as JsonObject;
  const status = (target["status"] ?? {}) as JsonObject;
  const namespace = (target["metadata"] as JsonObject)["namespace"] as string | undefined;
  const matcher = compileLabelSelector(spec["selector"] as unknown as LabelSelector);
  const pods = context.store.list<Pod>("Pod", namespace).filter((pod) => matcher.matches(pod.metadata.labels ?? {}));
  return {
    now: context.now,
    scale: {
      specReplicas: Number(spec["replicas"] ?? 1),
      statusReplicas: Number(status["replicas"] ?? 0),
      selector: "valid",
    },
    pods: pods.map((pod) => groupOf(pod, context)),
    metric: (index) => metricOf(state.hpa.metrics[index], pods, options, context.now),
  };
};

const timeOf = (text: string | undefined, context: ControllerContext): number =>
  text === undefined ? 0 : Date.parse(text) - Date.parse(context.time) + context.now;

const groupOf = (pod: Pod, context: ControllerContext): HpaPodGroup => {
  const ready = conditionOfPod(pod, "Ready");
  return {
    count: 1,
    phase: pod.status?.phase ?? "Pending",
    deleting: pod.metadata.deletionTimestamp !== undefined,
    ready: ready === undefined ? undefined : ready.status === "True",
    readySince: timeOf(ready?.lastTransitionTime, context),
    startTime: pod.status?.startTime === undefined ? undefined : timeOf(pod.status.startTime, context),
  };
};

const metricOf = (
  metric: CompiledMetric | undefined,
  pods: readonly Pod[],
  options: HpaControllerOptions,
  now: Millis,
): MetricObservation => {
  if (metric === undefined || (metric.type !== "Resource" && metric.type !== "ContainerResource")) {
    return { kind: "problem", problem: { code: "api", message: "no metrics returned from custom metrics API" } };
  }
  const isMeant = (container: Container): boolean => metric.type === "Resource" || container.name === metric.container;
  const values = pods.map((pod) => {
    if (pod.status?.phase !== "Running") return Number.NaN;
    let total = 0;
    for (const container of pod.spec.containers) {
      if (!isMeant(container)) continue;
      const used = options.usage(pod, container, metric.name);
      if (used === undefined) return Number.NaN;
      total += used;
    }
    return total;
  });
  if (values.every(Number.isNaN)) {
    return { kind: "problem", problem: { code: "api", message: "no metrics returned from resource metrics API" } };
  }
  return { kind: "perPod", values, timestamp: now, window: seconds(30), requests: requestsOf(metric, pods, isMeant) };
};

const requestsOf = (
  metric: CompiledMetric,
  pods: readonly Pod[],
  isMeant: (container: Container) => boolean,
): Extract<MetricObservation, { kind: "perPod" }>["requests"] => {
  if (metric.targetKind !== "utilization") return undefined;
  const totals: number[] = [];
  for (const pod of pods) {
    let total = 0;
    for (const container of pod.spec.containers) {
      if (!isMeant(container)) continue;
      const request = container.resources?.requests?.[metric.name];
      if (request === undefined) return { code: "missingRequest", container: container.name, pod: pod.metadata.name };
      total += quantityMilliValue(request) ?? 0;
    }
    totals.push(total);
  }
  return totals;
};

const writeStatus = (hpa: HorizontalPodAutoscaler, state: HpaState, context: ControllerContext): void => {
  const { status } = state;
  const latest = context.store.get("HorizontalPodAutoscaler", hpa.metadata.namespace, hpa.metadata.name) as unknown as
    | JsonObject
    | undefined;
  if (latest === undefined) return;
  const at = (time: number): string =>
    `${new Date(Date.parse(context.time) - context.now + time).toISOString().slice(0, 19)}Z`;
  const conditions = conditionTypes.flatMap((type): readonly Json[] => {
    const condition = status.conditions[type];
    if (condition === undefined) return [];
    return [
      {
        type,
        status: condition.status ? "True" : "False",
        lastTransitionTime: at(condition.since),
        reason: hpaConditionReason(condition, state.hpa),
        message: hpaConditionMessage(condition, type, state.hpa, hpa.metadata.namespace),
      },
    ];
  });
  const metrics = status.currentMetrics.map((shown, index) => metricStatus(state.hpa.metrics[index], shown));
  const next = {
    ...(status.lastScaleTime === undefined ? {} : { lastScaleTime: at(status.lastScaleTime) }),
    currentReplicas: status.currentReplicas,
    desiredReplicas: status.desiredReplicas,
    currentMetrics: metrics.length === 0 ? null : metrics,
    conditions,
  };
  if (!sameJson(next, latest["status"])) context.api.updateStatus(withField(latest, ["status"], next));
};

const metricStatus = (metric: CompiledMetric | undefined, shown: MetricProposal | undefined): Json => {
  if (metric === undefined || shown === undefined) return { type: "" };
  const quantity = (milli: number): string =>
    formatQuantity({
      nano: BigInt(Math.round(milli)) * 1_000_000n,
      format: metric.name === "memory" ? "BinarySI" : "DecimalSI",
      text: undefined,
    });
  const current = {
    ...(shown.averageUtilization === undefined ? {} : { averageUtilization: shown.averageUtilization }),
    ...(shown.averageValue === undefined ? {} : { averageValue: quantity(shown.averageValue) }),
    ...(shown.value === undefined ? {} : { value: quantity(shown.value) }),
  };
  return metric.type === "ContainerResource"
    ? { type: metric.type, containerResource: { container: metric.container, name: metric.name, current } }
    : { type: metric.type, resource: { name: metric.name, current } };
};

/** The usage that annotations state: `oracle/cpu` and `oracle/memory` of a pod, spread over its containers; else half the requests. */
export const annotatedUsage: HpaControllerOptions["usage"] = (pod, container, resource) => {
  const given = pod.metadata.annotations?.[`oracle/${resource}`];
  if (given !== undefined) return (quantityMilliValue(given) ?? 0) / pod.spec.containers.length;
  const request = container.resources?.requests?.[resource];
  return request === undefined ? 0 : (quantityMilliValue(request) ?? 0) / 2;
};
