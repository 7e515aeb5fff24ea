import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { objectAt, objectsAt, textAt } from "../fields.ts";
import { parseQuantity } from "../quantity.ts";
import { forbidden, invalid, nonNegative, notSupported, oneOf, type Problems, required } from "./field-problem.ts";
import { dnsLabel, pathSegment } from "./names.ts";

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
    ...target(objectAt(spec, "scaleTargetRef"), "spec.scaleTargetRef", true),
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

const target = (reference: JsonObject, at: string, needsGroup: boolean): Problems => [
  ...["kind", "name"].flatMap((field) => {
    const value = textAt(reference, field);
    return value === ""
      ? [required(`${at}.${field}`)]
      : pathSegment(value).map((text) => invalid(`${at}.${field}`, value, text));
  }),
  ...apiVersion(textAt(reference, "apiVersion"), `${at}.apiVersion`, needsGroup),
];

const apiVersion = (version: string, at: string, needsGroup: boolean): Problems => {
  const parts = version.split("/");
  if (parts.length > 2) return [invalid(at, version, `unexpected GroupVersion string: ${version}`)];
  return needsGroup && (parts.length < 2 || parts[0] === "")
    ? [invalid(at, version, "apiVersion must specify API group")]
    : [];
};

/** Sources in the order in which upstream looks at them, by the type that names them. */
const sources: Readonly<Record<string, string>> = {
  Object: "object",
  External: "external",
  Pods: "pods",
  Resource: "resource",
  ContainerResource: "containerResource",
};
const types = Object.keys(sources).sort();

/** Of several sources only the first is looked into. */
const metricProblems = (metric: JsonObject, at: string): Problems => {
  const type = textAt(metric, "type");
  const present = Object.values(sources).filter((field) => isJsonObject(metric[field]));
  const expected = sources[type];
  const [first] = present;
  const unknown: Problems = expected === undefined ? [notSupported(`${at}.type`, type, types)] : [];
  return [
    ...(type === "" ? [required(`${at}.type`, "must specify a metric source type")] : []),
    ...unknown,
    ...(first === undefined ? [] : ofSource(first, objectAt(metric, first), `${at}.${first}`)),
    ...(expected !== undefined && !present.includes(expected)
      ? [required(`${at}.${expected}`, "must populate information for the given metric source")]
      : []),
    // Upstream finds an unknown type twice, once by its name and once by its source.
    ...unknown,
    ...(present.length === 1
      ? []
      : present
          .filter((field) => field !== expected)
          .map((field) => forbidden(`${at}.${field}`, "must populate the given metric source only"))),
  ];
};

const ofSource = (field: string, source: JsonObject, place: string): Problems => {
  const container = textAt(source, "container");
  const [value, average] = [objectAt(source, "target")["value"], objectAt(source, "target")["averageValue"]];
  const hasNone = value === undefined && average === undefined;
  switch (field) {
    case "resource":
    case "containerResource":
      return [
        ...(textAt(source, "name") === "" ? [required(`${place}.name`, "must specify a resource name")] : []),
        ...(field === "resource"
          ? []
          : container === ""
            ? [required(`${place}.container`, "must specify a container")]
            : dnsLabel(container).map((text) => invalid(`${place}.container`, container, text))),
        ...metricTarget(source, place),
        ...resourceTarget(source, `${place}.target`),
      ];
    case "object":
      return [
        ...target(objectAt(source, "describedObject"), `${place}.describedObject`, false),
        ...metricName(source, place),
        ...metricTarget(source, place),
        ...(hasNone
          ? [required(`${place}.target.averageValue`, "must set either a target value or averageValue")]
          : []),
      ];
    case "external":
      return [
        ...metricName(source, place),
        ...metricTarget(source, place),
        ...(hasNone
          ? [required(`${place}.target.averageValue`, "must set either a target value for metric or a per-pod target")]
          : []),
        ...(value !== undefined && average !== undefined
          ? [forbidden(`${place}.target.value`, "may not set both a target value for metric and a per-pod target")]
          : []),
      ];
    default:
      return [
        ...metricName(source, place),
        ...metricTarget(source, place),
        ...(average === undefined
          ? [required(`${place}.target.averageValue`, "must specify a positive target averageValue")]
          : []),
      ];
  }
};

const resourceTarget = (source: JsonObject, at: string): Problems => {
  const { averageUtilization, averageValue } = objectAt(source, "target");
  if (averageUtilization === undefined && averageValue === undefined) {
    return [required(`${at}.averageUtilization`, "must set either a target raw value or a target utilization")];
  }
  return averageUtilization !== undefined && averageValue !== undefined
    ? [forbidden(`${at}.averageValue`, "may not set both a target raw value and a target utilization")]
    : [];
};

const metricName = (source: JsonObject, at: string): Problems => {
  const name = textAt(source, "metric", "name");
  return name === ""
    ? [required(`${at}.metric.name`, "must specify a metric name")]
    : pathSegment(name).map((text) => invalid(`${at}.metric.name`, name, text));
};

const metricTarget = (source: JsonObject, at: string): Problems => {
  const place = `${at}.target`;
  const given = objectAt(source, "target");
  const type = textAt(given, "type");
  const problems: Problems[] = [];
  if (type === "") problems.push([required(`${place}.type`, "must specify a metric target type")]);
  if (!["AverageValue", "Utilization", "Value"].includes(type))
    problems.push([invalid(`${place}.type`, type, "must be either Utilization, Value, or AverageValue")]);
  for (const field of ["value", "averageValue"]) {
    const quantity = given[field];
    const nano =
      typeof quantity === "string" || typeof quantity === "number" ? parseQuantity(quantity)?.nano : undefined;
    if (nano !== undefined && nano <= 0n)
      problems.push([invalid(`${place}.${field}`, String(quantity), "must be positive")]);
  }
  const utilization = given["averageUtilization"];
  if (typeof utilization === "number" && utilization < 1) {
    problems.push([invalid(`${place}.averageUtilization`, utilization, "must be greater than 0")]);
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
