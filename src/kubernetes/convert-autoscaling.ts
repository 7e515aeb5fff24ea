import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";

const metricsAnnotation = "autoscaling.alpha.kubernetes.io/metrics";
const behaviorAnnotation = "autoscaling.alpha.kubernetes.io/behavior";

/**
 * autoscaling/v1 to v2: the CPU target becomes a metric; metrics and behavior that v1 keeps in annotations come back as fields
 * (pkg/apis/autoscaling/v1/conversion.go, v1.35).
 */
export const convertAutoscalingV1 = (object: JsonObject): JsonObject => {
  if (object["kind"] !== "HorizontalPodAutoscaler") return object;
  const { targetCPUUtilizationPercentage: target, ...spec } = objectOf(object["spec"]);
  const metadata = objectOf(object["metadata"]);
  const {
    [metricsAnnotation]: metricsText,
    [behaviorAnnotation]: behaviorText,
    ...annotations
  } = objectOf(metadata["annotations"]);
  const annotated = listOf(parsed(metricsText));
  const cpu: readonly Json[] =
    typeof target === "number"
      ? [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: target } } }]
      : [];
  const metrics = [...annotated, ...cpu];
  const behavior = parsed(behaviorText);
  const { annotations: _, ...restOfMetadata } = metadata;
  return {
    ...object,
    apiVersion: "autoscaling/v2",
    metadata: { ...restOfMetadata, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
    spec: {
      ...spec,
      ...(metrics.length === 0 ? {} : { metrics }),
      ...(isJsonObject(behavior) ? { behavior: withSmallNames(behavior) as JsonObject } : {}),
    },
  };
};

/** The annotations hold Go's own field names in some writers: the first letter is made small. */
const withSmallNames = (value: Json): Json =>
  Array.isArray(value)
    ? (value as readonly Json[]).map(withSmallNames)
    : isJsonObject(value)
      ? Object.fromEntries(
          Object.entries(value).map(([key, item]) => [
            (key[0] ?? "").toLowerCase() + key.slice(1),
            withSmallNames(item),
          ]),
        )
      : value;

const parsed = (text: Json | undefined): Json => {
  if (typeof text !== "string") return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
};

const listOf = (value: Json): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);
const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value ?? null) ? (value as JsonObject) : {});

/** autoscaling/v2 as a client of v1 gets it: the CPU target alone, other metrics and the behavior in annotations. */
export const convertAutoscalingToV1 = (object: JsonObject): JsonObject => {
  const { metrics, behavior, ...spec } = objectOf(object["spec"]);
  const status = objectOf(object["status"]);
  const isCpu = (metric: Json): boolean => {
    const resource = isJsonObject(metric) ? objectOf(metric["resource"]) : {};
    return resource["name"] === "cpu" && objectOf(resource["target"])["averageUtilization"] !== undefined;
  };
  const all = listOf(metrics ?? null);
  const cpu = all.find(isCpu) as JsonObject | undefined;
  const others = all.filter((metric) => metric !== cpu);
  const added: Record<string, Json> = {
    ...(others.length === 0 ? {} : { [metricsAnnotation]: JSON.stringify(others) }),
    ...(behavior === undefined ? {} : { [behaviorAnnotation]: JSON.stringify(behavior) }),
  };
  const metadata = objectOf(object["metadata"]);
  const annotations = { ...objectOf(metadata["annotations"]), ...added };
  const target = objectOf(objectOf(cpu?.["resource"])["target"])["averageUtilization"];
  return {
    ...object,
    apiVersion: "autoscaling/v1",
    metadata: { ...metadata, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
    spec: { ...spec, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) },
    status: { currentReplicas: status["currentReplicas"] ?? 0, desiredReplicas: status["desiredReplicas"] ?? 0 },
  };
};
