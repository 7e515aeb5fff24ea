import type { KubeObject } from "../../kubernetes/object.ts";
import type { HorizontalPodAutoscaler, MetricSpec } from "../../kubernetes/workloads.ts";
import type { Range } from "../prediction.ts";
import { type SteadyLoad, type SteadyReplicas, type SteadyTarget, steadyReplicas } from "./steady-state.ts";

/** What KEDA's ScaledObject says of scaling a workload. */
export interface ScaledObject extends KubeObject {
  readonly kind: "ScaledObject";
  readonly spec: {
    readonly scaleTargetRef: { readonly apiVersion?: string; readonly kind?: string; readonly name: string };
    readonly minReplicaCount?: number;
    readonly maxReplicaCount?: number;
    readonly idleReplicaCount?: number;
    readonly pollingInterval?: number;
    readonly cooldownPeriod?: number;
    readonly triggers?: readonly ScaledObjectTrigger[];
    readonly advanced?: {
      readonly horizontalPodAutoscalerConfig?: {
        readonly name?: string;
        readonly behavior?: NonNullable<HorizontalPodAutoscaler["spec"]["behavior"]>;
      };
      readonly scalingModifiers?: { readonly formula?: string; readonly target?: string; readonly metricType?: string };
    };
  };
}

export interface ScaledObjectTrigger {
  readonly type: string;
  readonly name?: string;
  readonly metricType?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** The HPA that KEDA makes, and what the HPA alone does not say. */
export interface ScaledObjectPlan {
  readonly hpa: HorizontalPodAutoscaler;
  /** Replicas that schedules ask for by metric: outside of their times and within. */
  readonly schedules: ReadonlyMap<string, Range>;
  /** Replicas while no trigger is active; undefined when it never rests below the HPA's minimum. */
  readonly resting: number | undefined;
  /** Replicas it is held at. */
  readonly paused: number | undefined;
  /** Triggers other than CPU and memory, by the name of their metric. */
  readonly triggers: ReadonlyMap<string, ScaledObjectTrigger>;
}

const DEFAULT_MAX = 100;
const PAUSED_REPLICAS = "autoscaling.keda.sh/paused-replicas";

/**
 * Translates a ScaledObject into the HPA that KEDA keeps for it. CPU and memory triggers become resource metrics, all others external
 * metrics named by their place and scaler. Source: KEDA 2.17 documentation, "ScaledObject specification" and the pages of the scalers.
 */
export const planScaledObject = (object: ScaledObject): ScaledObjectPlan => {
  const { spec, metadata } = object;
  const { scaleTargetRef, triggers = [], advanced } = spec;
  const config = advanced?.horizontalPodAutoscalerConfig;
  const minimum = spec.minReplicaCount ?? 0;
  const selector = { matchLabels: { "scaledobject.keda.sh/name": metadata.name } };
  const isRestable = triggers.some((trigger) => !isResource(trigger));
  const held = Number.parseInt(metadata.annotations?.[PAUSED_REPLICAS] ?? "", 10);
  return {
    hpa: {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: {
        name: config?.name ?? `keda-hpa-${metadata.name}`,
        ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      },
      spec: {
        scaleTargetRef: { ...scaleTargetRef, kind: scaleTargetRef.kind ?? "Deployment" },
        minReplicas: Math.max(1, minimum),
        maxReplicas: spec.maxReplicaCount ?? DEFAULT_MAX,
        metrics: metricsOf(spec, selector),
        ...(config?.behavior === undefined ? {} : { behavior: config.behavior }),
      },
    },
    schedules: advanced?.scalingModifiers?.formula === undefined ? schedulesOf(triggers) : new Map(),
    resting: isRestable ? (spec.idleReplicaCount ?? (minimum === 0 ? 0 : undefined)) : undefined,
    paused: Number.isNaN(held) ? undefined : held,
    triggers: new Map(
      triggers.flatMap((trigger, index) =>
        isResource(trigger) ? [] : [[metricName(trigger, index), trigger] as const],
      ),
    ),
  };
};

/** Where a ScaledObject's workload comes to rest: the lowest outside of all schedules, the highest within them. */
export const steadyScaledObject = (
  object: ScaledObject,
  target: SteadyTarget,
  load: SteadyLoad,
): SteadyReplicas & { readonly min: number; readonly max: number } => {
  const { hpa, schedules, resting, paused } = planScaledObject(object);
  const bounds = { min: resting ?? hpa.spec.minReplicas ?? 1, max: hpa.spec.maxReplicas };
  if (paused !== undefined) {
    const reason = `paused at ${paused} replicas`;
    return { low: paused, high: paused, limited: false, reason, unknownMetrics: [], ...bounds };
  }
  // What its HPA acts on: KEDA itself brings a workload back from 0.
  const replicas = Math.max(1, target.replicas);
  const metrics = new Map(load.metrics ?? []);
  for (const [name, { low, high }] of schedules) metrics.set(name, { low: low / replicas, high: high / replicas });
  const steady = steadyReplicas(hpa, { ...target, replicas }, { ...load, metrics });
  return { ...steady, low: Math.min(steady.low, resting ?? steady.low), ...bounds };
};

const isResource = ({ type }: ScaledObjectTrigger): boolean => type === "cpu" || type === "memory";

const metricsOf = (
  { triggers = [], advanced }: ScaledObject["spec"],
  selector: { readonly matchLabels: Readonly<Record<string, string>> },
): readonly MetricSpec[] => {
  const modifiers = advanced?.scalingModifiers;
  const resources = triggers.filter(isResource).map(resourceMetric);
  if (modifiers?.formula !== undefined) {
    const target = externalTarget(modifiers.metricType, modifiers.target ?? "1");
    return [...resources, { type: "External", external: { metric: { name: "composite-metric", selector }, target } }];
  }
  const others = triggers.flatMap((trigger, index): readonly MetricSpec[] => {
    if (isResource(trigger)) return [];
    const target = externalTarget(trigger.metricType, targetOf(trigger));
    return [{ type: "External", external: { metric: { name: metricName(trigger, index), selector }, target } }];
  });
  return [...resources, ...others];
};

const setting = ({ metadata }: ScaledObjectTrigger, key: string): string | undefined => {
  const value = metadata?.[key];
  return value === undefined || value === null ? undefined : String(value);
};

const resourceMetric = (trigger: ScaledObjectTrigger): MetricSpec => {
  const { type, metricType } = trigger;
  const value = setting(trigger, "value") ?? "0";
  const isShare = (metricType ?? setting(trigger, "type") ?? "Utilization") === "Utilization";
  const target = isShare
    ? { type: "Utilization", averageUtilization: Number.parseInt(value, 10) || 0 }
    : { type: "AverageValue", averageValue: value };
  const container = setting(trigger, "containerName");
  return container === undefined
    ? { type: "Resource", resource: { name: type, target } }
    : { type: "ContainerResource", containerResource: { name: type, container, target } };
};

const externalTarget = (metricType = "AverageValue", value: string) =>
  metricType === "Value" ? { type: "Value", value } : { type: "AverageValue", averageValue: value };

/** Where each scaler keeps its target, and what it is when left out. */
const targetKeys: Readonly<Record<string, readonly [key: string, standard: string]>> = {
  "azure-blob": ["blobCount", "5"],
  "azure-eventhub": ["unprocessedEventThreshold", "64"],
  "azure-log-analytics": ["threshold", "1"],
  "azure-monitor": ["targetValue", "1"],
  "azure-pipelines": ["targetPipelinesQueueLength", "1"],
  "azure-queue": ["queueLength", "5"],
  "azure-servicebus": ["messageCount", "5"],
  kafka: ["lagThreshold", "10"],
  "metrics-api": ["targetValue", "1"],
  mssql: ["targetValue", "1"],
  mysql: ["queryValue", "1"],
  postgresql: ["targetQueryValue", "1"],
  prometheus: ["threshold", "1"],
  rabbitmq: ["value", "20"],
  redis: ["listLength", "5"],
  "redis-streams": ["pendingEntriesCount", "5"],
};

const targetOf = (trigger: ScaledObjectTrigger): string => {
  const [key, standard] = targetKeys[trigger.type] ?? ["", "1"];
  return setting(trigger, key) ?? standard;
};

/** What each scaler names its metric after. */
const subjectKeys: Readonly<Record<string, string>> = {
  "azure-blob": "blobContainerName",
  "azure-eventhub": "consumerGroup",
  "azure-queue": "queueName",
  "azure-servicebus": "queueName",
  kafka: "topic",
  rabbitmq: "queueName",
  redis: "listName",
};

const metricName = (trigger: ScaledObjectTrigger, index: number): string => {
  const { type } = trigger;
  const subject =
    type === "cron"
      ? [setting(trigger, "timezone"), cronName(setting(trigger, "start")), cronName(setting(trigger, "end"))].join("-")
      : (setting(trigger, subjectKeys[type] ?? "") ?? setting(trigger, "topicName"));
  return `s${index}-${subject === undefined ? type : `${type}-${subject}`}`.replace(/[/.:%]/g, "-");
};

const cronName = (expression = ""): string =>
  expression.replaceAll("*", "x").replaceAll("/", "Sl").replaceAll("?", "Qm").replaceAll(" ", "");

const schedulesOf = (triggers: readonly ScaledObjectTrigger[]): ReadonlyMap<string, Range> => {
  const schedules = new Map<string, Range>();
  for (const [index, trigger] of triggers.entries()) {
    if (trigger.type !== "cron") continue;
    const wanted = Number.parseInt(setting(trigger, "desiredReplicas") ?? "", 10);
    if (!Number.isNaN(wanted)) schedules.set(metricName(trigger, index), { low: 1, high: wanted });
  }
  return schedules;
};
