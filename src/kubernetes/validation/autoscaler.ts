import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { objectAt, objectsAt, textAt } from "../fields.ts";
import { parseQuantity } from "../quantity.ts";
import { forbidden, invalid, nonNegative, notSupported, oneOf, type Problems, required } from "./field-problem.ts";
import { pathSegment } from "./names.ts";

/** A HorizontalPodAutoscaler in v2 form (pkg/apis/autoscaling/validation, v1.35). */
export const validateAutoscaler = (spec: JsonObject): Problems => {
  const least = spec["minReplicas"];
  const most = Number(spec["maxReplicas"] ?? 0);
  const metrics = objectsAt(spec, "metrics");
  const scalesToZero = metrics.some((metric) => metric["type"] === "Object" || metric["type"] === "External");
  return [
    ...(typeof least === "number" && least < 1
      ? [invalid("spec.minReplicas", least, "must be greater than or equal to 1")]
      : []),
    ...(most < 1 ? [invalid("spec.maxReplicas", most, "must be greater than 0")] : []),
    ...(typeof least === "number" && most < least
      ? [invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")]
      : []),
    ...target(objectAt(spec, "scaleTargetRef"), "spec.scaleTargetRef"),
    ...metrics.flatMap((metric, index) => metricProblems(metric, `spec.metrics[${index}]`)),
    ...(least === 0 && !scalesToZero
      ? [
          forbidden(
            "spec.metrics",
            "must specify at least one Object or External metric to support scaling to zero replicas",
          ),
        ]
      : []),
    ...behavior(objectAt(spec, "behavior")),
  ];
};

const target = (reference: JsonObject, at: string): Problems =>
  ["kind", "name"].flatMap((field) => {
    const value = textAt(reference, field);
    return value === ""
      ? [required(`${at}.${field}`)]
      : pathSegment(value).map((text) => invalid(`${at}.${field}`, value, text));
  });

const sources: Readonly<Record<string, string>> = {
  ContainerResource: "containerResource",
  External: "external",
  Object: "object",
  Pods: "pods",
  Resource: "resource",
};

const metricProblems = (metric: JsonObject, at: string): Problems => {
  const type = textAt(metric, "type");
  if (type === "") return [required(`${at}.type`, "must specify a metric source type")];
  const field = sources[type];
  // Upstream finds an unknown type twice, once by its name and once by its source.
  if (field === undefined) return [0, 1].map(() => notSupported(`${at}.type`, type, Object.keys(sources)));
  const source = metric[field];
  if (!isJsonObject(source)) return [required(`${at}.${field}`, "must populate the given metric source")];
  const place = `${at}.${field}`;
  const others = Object.values(sources).filter((other) => other !== field && isJsonObject(metric[other]));
  return [
    ...ofSource(type, source, place),
    ...others.map((other) => forbidden(`${at}.${other}`, "must populate the given metric source only")),
  ];
};

const ofSource = (type: string, source: JsonObject, place: string): Problems => {
  switch (type) {
    case "Resource":
    case "ContainerResource":
      return [
        ...(textAt(source, "name") === "" ? [required(`${place}.name`, "must specify a resource name")] : []),
        ...(type === "ContainerResource" && textAt(source, "container") === ""
          ? [required(`${place}.container`, "must specify a container")]
          : []),
        ...metricTarget(source, place, "resource"),
      ];
    case "Object":
      return [
        ...target(objectAt(source, "describedObject"), `${place}.describedObject`),
        ...metricName(source, place),
        ...metricTarget(source, place, "value"),
      ];
    case "External":
      return [...metricName(source, place), ...metricTarget(source, place, "value")];
    default:
      return [
        ...metricName(source, place),
        ...metricTarget(source, place, ""),
        ...(objectAt(source, "target")["averageValue"] === undefined
          ? [required(`${place}.target.averageValue`, "must specify a positive target averageValue")]
          : []),
      ];
  }
};

const metricName = (source: JsonObject, at: string): Problems =>
  textAt(source, "metric", "name") === "" ? [required(`${at}.metric.name`, "must specify a metric name")] : [];

const metricTarget = (source: JsonObject, at: string, kind: "resource" | "value" | ""): Problems => {
  const given = source["target"];
  const place = `${at}.target`;
  const value = objectAt(given);
  const problems: Problems[] = [];
  if (textAt(value, "type") === "") problems.push([required(`${place}.type`, "must specify a metric target type")]);
  else if (!["AverageValue", "Utilization", "Value"].includes(textAt(value, "type"))) {
    problems.push([
      invalid(`${place}.type`, textAt(value, "type"), "must be either Utilization, Value, or AverageValue"),
    ]);
  }
  for (const field of ["value", "averageValue"]) {
    const quantity = value[field];
    const nano =
      typeof quantity === "string" || typeof quantity === "number" ? parseQuantity(quantity)?.nano : undefined;
    if (nano !== undefined && nano <= 0n)
      problems.push([invalid(`${place}.${field}`, String(quantity), "must be positive")]);
  }
  const utilization = value["averageUtilization"];
  if (typeof utilization === "number" && utilization < 1) {
    problems.push([invalid(`${place}.averageUtilization`, utilization, "must be greater than 0")]);
  }
  if (kind === "resource") {
    if (utilization === undefined && value["averageValue"] === undefined) {
      problems.push([
        required(`${place}.averageUtilization`, "must set either a target raw value or a target utilization"),
      ]);
    }
    if (utilization !== undefined && value["averageValue"] !== undefined) {
      problems.push([
        forbidden(`${place}.averageValue`, "may not set both a target raw value and a target utilization"),
      ]);
    }
  }
  if (kind === "value") {
    if (value["value"] === undefined && value["averageValue"] === undefined) {
      problems.push([required(`${place}.averageValue`, "must set either a target value or averageValue")]);
    }
    if (value["value"] !== undefined && value["averageValue"] !== undefined) {
      problems.push([forbidden(`${place}.value`, "may not set both a target value and a target averageValue")]);
    }
  }
  return problems.flat();
};

const behavior = (given: JsonObject): Problems =>
  ["scaleUp", "scaleDown"].flatMap((direction) => {
    const rules = given[direction];
    return isJsonObject(rules) ? scalingRules(rules, `spec.behavior.${direction}`) : [];
  });

const scalingRules = (rules: JsonObject, at: string): Problems => {
  const window = rules["stabilizationWindowSeconds"];
  const policies = objectsAt(rules, "policies");
  return [
    ...nonNegative(`${at}.stabilizationWindowSeconds`, window),
    ...(typeof window === "number" && window > 3600
      ? [invalid(`${at}.stabilizationWindowSeconds`, window, "must be less than or equal to 3600")]
      : []),
    ...(rules["selectPolicy"] === undefined
      ? []
      : oneOf(`${at}.selectPolicy`, rules["selectPolicy"], ["Disabled", "Max", "Min"])),
    ...(Array.isArray(rules["policies"]) && policies.length === 0
      ? [required(`${at}.policies`, "must specify at least one Policy")]
      : []),
    ...policies.flatMap((policy, index) => {
      const place = `${at}.policies[${index}]`;
      const [value, period] = [Number(policy["value"] ?? 0), Number(policy["periodSeconds"] ?? 0)];
      return [
        ...(["Pods", "Percent"].includes(textAt(policy, "type"))
          ? []
          : [notSupported(`${place}.type`, policy["type"] ?? "", ["Percent", "Pods"])]),
        ...(value <= 0 ? [invalid(`${place}.value`, value, "must be greater than zero")] : []),
        ...(period <= 0 ? [invalid(`${place}.periodSeconds`, period, "must be greater than zero")] : []),
        ...(period > 1800 ? [invalid(`${place}.periodSeconds`, period, "must be less than or equal to 1800")] : []),
      ];
    }),
  ];
};
