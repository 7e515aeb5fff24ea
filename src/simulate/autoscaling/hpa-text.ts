import type { LabelSelector } from "../../kubernetes/object.ts";
import { formatQuantity } from "../../kubernetes/quantity.ts";
import type { HpaCondition, HpaEvent, HpaState, RescaleReason } from "./hpa.ts";
import type { MetricProblem, MetricProposal } from "./hpa-replicas.ts";
import type { CompiledHpa, CompiledMetric } from "./hpa-spec.ts";

/** The message of a condition, word for word as kube-controller-manager 1.35.4 writes it. */
export const hpaConditionMessage = (
  condition: HpaCondition,
  type: "AbleToScale" | "ScalingActive" | "ScalingLimited",
  hpa: CompiledHpa,
  namespace = "default",
): string => {
  const fixed = fixedMessages[condition.reason];
  if (fixed !== undefined && !(condition.reason === "InvalidSelector" && condition.error !== "")) return fixed;
  switch (condition.reason) {
    case "FailedGetScale":
      return `the HPA controller was unable to get the target's current scale: ${condition.error}`;
    case "FailedUpdateScale":
      return `the HPA controller was unable to update the target scale: ${condition.error}`;
    case "SucceededRescale":
      return `the HPA controller was able to update the target scale to ${condition.size}`;
    case "ValidMetricFound":
      return `the HPA was able to successfully calculate a replica count from ${metricName(hpa.metrics[condition.metric])}`;
    case "FailedGetMetric":
      return `the HPA was unable to compute the replica count: ${problemText(hpa.metrics[condition.metric], condition.problem, namespace)}`;
    default:
      return type === "ScalingActive" ? condition.error : "";
  }
};

const fixedMessages: Readonly<Record<string, string>> = {
  SucceededGetScale: "the HPA controller was able to get the target's current scale",
  ScalingDisabled: "scaling is disabled since the replica count of the target is zero",
  InvalidSelector: "the HPA target's scale is missing a selector",
  ReadyForNewScale: "recommended size matches current size",
  ScaleUpStabilized: "recent recommendations were lower than current one, applying the lowest recent recommendation",
  ScaleDownStabilized:
    "recent recommendations were higher than current one, applying the highest recent recommendation",
  DesiredWithinRange: "the desired count is within the acceptable range",
  ScaleUpLimit: "the desired replica count is increasing faster than the maximum scale rate",
  ScaleDownLimit: "the desired replica count is decreasing faster than the maximum scale rate",
  TooManyReplicas: "the desired replica count is more than the maximum replica count",
  TooFewReplicas: "the desired replica count is less than the minimum replica count",
};

/** The reason as the API shows it; a failed metric's depends on the metric's type. */
export const hpaConditionReason = (condition: HpaCondition, hpa: CompiledHpa): string =>
  condition.reason === "FailedGetMetric" ? failedReason(hpa.metrics[condition.metric]) : condition.reason;

const failedReason = (metric: CompiledMetric | undefined): string => `FailedGet${metric?.type ?? "Resource"}Metric`;

/** Type, reason and message of an event. */
export const hpaEventText = (
  event: HpaEvent,
  hpa: CompiledHpa,
  namespace = "default",
): { readonly type: "Normal" | "Warning"; readonly reason: string; readonly message: string } => {
  const { reason } = event;
  switch (reason) {
    case "SuccessfulRescale":
    case "FailedRescale": {
      const size = `New size: ${event.size}; reason: ${hpaRescaleReason(event.why, hpa.metrics[event.metric])}`;
      return reason === "SuccessfulRescale"
        ? { type: "Normal", reason, message: size }
        : { type: "Warning", reason, message: `${size}; error: ${event.error}` };
    }
    case "FailedGetMetric": {
      const metric = hpa.metrics[event.metric];
      return { type: "Warning", reason: failedReason(metric), message: problemText(metric, event.problem, namespace) };
    }
    case "FailedComputeMetricsReplicas": {
      if (event.metric < 0) return { type: "Warning", reason, message: event.error };
      const first = outerProblemText(hpa.metrics[event.metric], event.problem, namespace);
      const share = `${event.invalid} invalid out of ${hpa.metrics.length}`;
      return { type: "Warning", reason, message: `invalid metrics (${share}), first error is: ${first}` };
    }
    default:
      return { type: "Warning", reason, message: event.error };
  }
};

/** Why the replicas changed, as the event says it. */
export const hpaRescaleReason = (why: RescaleReason, metric: CompiledMetric | undefined): string => {
  if (why === "aboveMax") return "Current number of replicas above Spec.MaxReplicas";
  if (why === "belowMin") return "Current number of replicas below Spec.MinReplicas";
  if (why === "metricAbove") return `${metricName(metric)} above target`;
  return why === "allBelow" ? "All metrics below target" : "";
};

const metricName = (metric: CompiledMetric | undefined): string => {
  if (metric === undefined) return "";
  const { type, name, targetKind } = metric;
  switch (type) {
    case "Resource":
    case "ContainerResource": {
      if (targetKind === "averageValue") return `${name} resource`;
      return `${name} ${type === "Resource" ? "" : "container "}resource utilization (percentage of request)`;
    }
    case "Pods":
      return `pods metric ${name}`;
    case "Object":
      return targetKind === "value"
        ? `${metric.describedObject.kind} metric ${name}`
        : `external metric ${name}(${selectorText(metric.selector)})`;
    case "External":
      return `external metric ${name}(${selectorText(metric.selector)})`;
  }
};

/** A selector as Go prints one in these messages. */
const selectorText = (selector: LabelSelector | undefined): string => {
  if (selector === undefined || selector === null) return "nil";
  const labels = Object.entries(selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const terms = (selector.matchExpressions ?? []).map(
    ({ key, operator, values }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${(values ?? []).join(" ")}],},`,
  );
  const pairs = labels.map(([key, value]) => `${key}: ${value},`);
  return `&LabelSelector{MatchLabels:map[string]string{${pairs.join("")}},MatchExpressions:[]LabelSelectorRequirement{${terms.join("")}},}`;
};

/** What failed, as the metric's own event and the ScalingActive condition say it. */
const problemText = (
  metric: CompiledMetric | undefined,
  problem: MetricProblem | undefined,
  namespace: string,
): string => {
  if (metric === undefined || problem === undefined) return "";
  if (problem.code === "selector") return problem.message;
  const inner = innerProblemText(metric, problem, namespace);
  if (metric.type !== "Resource" && metric.type !== "ContainerResource") return inner;
  if (problem.code === "noTarget") return inner;
  return `failed to get ${metric.name} ${metric.targetKind === "utilization" ? "utilization" : "usage"}: ${inner}`;
};

/** The same with what the sync as a whole says around it. */
const outerProblemText = (
  metric: CompiledMetric | undefined,
  problem: MetricProblem | undefined,
  namespace: string,
): string => {
  if (metric === undefined || problem === undefined) return "";
  const inner = problemText(metric, problem, namespace);
  const early = problem.code === "selector" || problem.code === "noTarget";
  switch (metric.type) {
    case "Object": {
      const wrapped =
        metric.targetKind === "averageValue" && !early ? `failed to get ${metric.name} object metric: ` : "";
      return `failed to get object metric value: ${wrapped}${inner}`;
    }
    case "Pods":
      return `failed to get pods metric value: ${inner}`;
    case "Resource":
      return `failed to get ${metric.name} resource metric value: ${inner}`;
    case "ContainerResource":
      return `failed to get ${metric.container} container metric value: ${inner}`;
    case "External": {
      const average = `failed to get ${metric.name} external metric: `;
      const wrapped = metric.targetKind === "averageValue" ? average : `failed to get external metric ${metric.name}: `;
      return `failed to get ${metric.name} external metric value: ${problem.code === "noTarget" ? "" : wrapped}${inner}`;
    }
  }
};

const innerProblemText = (metric: CompiledMetric, problem: MetricProblem, namespace: string): string => {
  switch (problem.code) {
    case "api":
      return fetchText(
        metric,
        namespace,
        `unable to fetch metrics from ${apiOf(metric)} metrics API: ${problem.message}`,
      );
    case "empty":
      return fetchText(metric, namespace, `no metrics returned from ${apiOf(metric)} metrics API`);
    case "noPods": {
      const none = "no pods returned by selector while calculating replica count";
      return metric.targetKind === "value" ? `unable to calculate ready pods: ${none}` : none;
    }
    case "noSamples":
      return "did not receive metrics for targeted pods (pods might be unready)";
    case "noMatch":
      return "no metrics returned matched known pods";
    case "missingRequest":
      return `missing request for ${metric.name} in container ${problem.container} of Pod ${problem.pod}`;
    case "containerNotFound":
      return `container ${problem.container} not found in Pod ${problem.pod}`;
    case "noTarget":
      return noTargetText(metric);
    case "selector":
      return problem.message;
  }
};

const noTargetText = ({ type }: CompiledMetric): string =>
  type === "Object"
    ? "invalid object metric source: neither a value target nor an average value target was set"
    : type === "External"
      ? "invalid external metric source: neither a value target nor an average value target was set"
      : "invalid resource metric source: neither an average utilization target nor an average value (usage) target was set";

const apiOf = ({ type }: CompiledMetric): string =>
  type === "External" ? "external" : type === "Pods" || type === "Object" ? "custom" : "resource";

const fetchText = (metric: CompiledMetric, namespace: string, what: string): string => {
  const { type, name, describedObject, selector } = metric;
  if (type === "Pods") return `unable to get metric ${name}: ${what}`;
  if (type === "Object") {
    return `unable to get metric ${name}: ${describedObject.kind} on ${namespace} ${describedObject.name}/${what}`;
  }
  if (type === "External")
    return `unable to get external metric ${namespace}/${name}/${selectorText(selector)}: ${what}`;
  return `unable to get metrics for resource ${name}: ${what}`;
};

/** A metric of the status in one line: `Resource cpu averageUtilization=50 averageValue=250m`. */
export const hpaMetricText = (metric: CompiledMetric, shown: MetricProposal | undefined): string => {
  if (shown === undefined) return '(empty status, type "")';
  const name = metric.type === "ContainerResource" ? `${metric.container}/${metric.name}` : metric.name;
  const isMemory = metric.name === "memory" && (metric.type === "Resource" || metric.type === "ContainerResource");
  const fields: string[] = [];
  if (shown.averageUtilization !== undefined) fields.push(`averageUtilization=${shown.averageUtilization}`);
  if (shown.averageValue !== undefined) fields.push(`averageValue=${milliText(shown.averageValue, isMemory)}`);
  if (shown.value !== undefined) fields.push(`value=${milliText(shown.value, false)}`);
  return `${metric.type} ${name} ${fields.join(" ")}`;
};

const MAX_INT64 = (1n << 63n) - 1n;

/** Thousandths as a canonical quantity. */
export const milliText = (milli: number, binary: boolean): string => {
  const exact = BigInt(milli);
  const nano = (exact > MAX_INT64 ? MAX_INT64 : exact) * 1_000_000n;
  return formatQuantity({ nano, format: binary ? "BinarySI" : "DecimalSI", text: undefined });
};

/** The conditions in one line each, sorted: `AbleToScale=True ReadyForNewScale`. */
export const hpaConditionLines = ({ hpa, status }: HpaState): readonly string[] =>
  conditionTypes.flatMap((type) => {
    const condition = status.conditions[type];
    if (condition === undefined) return [];
    return [`${type}=${condition.status ? "True" : "False"} ${hpaConditionReason(condition, hpa)}`];
  });

export const conditionTypes = ["AbleToScale", "ScalingActive", "ScalingLimited"] as const;
