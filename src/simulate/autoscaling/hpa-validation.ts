import { canonicalQuantity, parseQuantity } from "../../kubernetes/quantity.ts";
import type { MetricSpec, MetricTarget, ScalingRules } from "../../kubernetes/workloads.ts";
import { defaultHpaSpec, type HpaFeatureGates, type HpaSpec } from "./hpa-spec.ts";

/** The API server's errors for a new HPA, in its order; empty when it is valid. Source: `pkg/apis/autoscaling/validation`, v1.35.4. */
export const validateHpaSpec = (given: HpaSpec, gates: HpaFeatureGates = {}): readonly string[] => {
  const spec = defaultHpaSpec(given, gates);
  const { minReplicas: min = 1, maxReplicas: max = 0, scaleTargetRef, metrics = [], behavior } = spec;
  const lowest = gates.HPAScaleToZero === true ? 0 : 1;
  return [
    ...when(min < lowest, invalid("spec.minReplicas", min, `must be greater than or equal to ${lowest}`)),
    ...when(max < 1, invalid("spec.maxReplicas", max, "must be greater than 0")),
    ...when(max < min, invalid("spec.maxReplicas", max, "must be greater than or equal to `minReplicas`")),
    ...referenceErrors("spec.scaleTargetRef", scaleTargetRef, scaleTargetRef.kind === "ReplicationController"),
    ...metrics.flatMap((metric, index) => metricErrors(`spec.metrics[${index}]`, metric)),
    ...when(
      min === 0 && !metrics.some(({ type }) => type === "Object" || type === "External"),
      "spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas",
    ),
    ...rulesErrors("spec.behavior.scaleUp", behavior?.scaleUp),
    ...rulesErrors("spec.behavior.scaleDown", behavior?.scaleDown),
  ];
};

const when = (condition: boolean, error: string): readonly string[] => (condition ? [error] : []);
const invalid = (path: string, value: unknown, why: string): string =>
  `${path}: Invalid value: ${JSON.stringify(value)}: ${why}`;
const required = (path: string, why: string): string => `${path}: Required value${why === "" ? "" : `: ${why}`}`;
/** Go escapes these in the JSON of a named type. */
const escaped = (value: unknown): string =>
  JSON.stringify(value).replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
const unsupported = (path: string, value: unknown, supported: readonly string[]): string =>
  `${path}: Unsupported value: ${escaped(value)}: supported values: ${supported.map((name) => JSON.stringify(name)).join(", ")}`;

interface Reference {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly name: string;
}

const referenceErrors = (path: string, reference: Reference | undefined, coreAllowed: boolean): readonly string[] => {
  const { apiVersion = "", kind = "", name = "" } = reference ?? {};
  const slashes = apiVersion.split("/").length - 1;
  return [
    ...segmentErrors(`${path}.kind`, kind),
    ...segmentErrors(`${path}.name`, name),
    ...(slashes > 1
      ? [invalid(`${path}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)]
      : when(
          !coreAllowed && (slashes === 0 || apiVersion.startsWith("/")),
          invalid(`${path}.apiVersion`, apiVersion, "apiVersion must specify API group"),
        )),
  ];
};

const segmentErrors = (path: string, value: string, missing = ""): readonly string[] => {
  if (value === "") return [required(path, missing)];
  if (value === "." || value === "..") return [invalid(path, value, `may not be '${value}'`)];
  return ["/", "%"]
    .filter((part) => value.includes(part))
    .map((part) => invalid(path, value, `may not contain '${part}'`));
};

const sourceTypes = ["ContainerResource", "External", "Object", "Pods", "Resource"] as const;
const fieldOf: Readonly<Record<string, keyof MetricSpec>> = {
  Object: "object",
  External: "external",
  Pods: "pods",
  Resource: "resource",
  ContainerResource: "containerResource",
};

const metricErrors = (path: string, metric: MetricSpec): readonly string[] => {
  const type = metric.type ?? "";
  const expected = fieldOf[type];
  const wrongType = unsupported(`${path}.type`, type, sourceTypes);
  const present = Object.values(fieldOf).filter((field) => metric[field] !== undefined && metric[field] !== null);
  const first = present[0];
  return [
    ...when(type === "", required(`${path}.type`, "must specify a metric source type")),
    ...when(expected === undefined, wrongType),
    ...(first === undefined ? [] : sourceErrors(path, first, metric)),
    ...(expected === undefined
      ? [wrongType]
      : when(
          !present.includes(expected),
          required(`${path}.${expected}`, "must populate information for the given metric source"),
        )),
    ...(present.length === 1 ? [] : present.filter((field) => field !== expected))
      .map((field) => `${path}.${field}: Forbidden: must populate the given metric source only`)
      .sort(),
  ];
};

const sourceErrors = (path: string, field: keyof MetricSpec, metric: MetricSpec): readonly string[] => {
  const at = `${path}.${field}`;
  const { object, external, pods, resource, containerResource } = metric;
  if (field === "object" && object !== undefined) {
    const { describedObject, metric: named, target } = object;
    return [
      ...referenceErrors(`${at}.describedObject`, describedObject, true),
      ...segmentErrors(`${at}.metric.name`, named?.name ?? "", "must specify a metric name"),
      ...targetErrors(`${at}.target`, target),
      ...when(
        !has(target, "value") && !has(target, "averageValue"),
        required(`${at}.target.averageValue`, "must set either a target value or averageValue"),
      ),
    ];
  }
  if (field === "external" && external !== undefined) {
    const { metric: named, target } = external;
    return [
      ...segmentErrors(`${at}.metric.name`, named?.name ?? "", "must specify a metric name"),
      ...targetErrors(`${at}.target`, target),
      ...when(
        !has(target, "value") && !has(target, "averageValue"),
        required(`${at}.target.averageValue`, "must set either a target value for metric or a per-pod target"),
      ),
      ...when(
        has(target, "value") && has(target, "averageValue"),
        `${at}.target.value: Forbidden: may not set both a target value for metric and a per-pod target`,
      ),
    ];
  }
  if (field === "pods" && pods !== undefined) {
    const { metric: named, target } = pods;
    return [
      ...segmentErrors(`${at}.metric.name`, named?.name ?? "", "must specify a metric name"),
      ...targetErrors(`${at}.target`, target),
      ...when(
        !has(target, "averageValue"),
        required(`${at}.target.averageValue`, "must specify a positive target averageValue"),
      ),
    ];
  }
  if (field === "resource" && resource !== undefined) {
    const { name = "", target } = resource;
    return [
      ...when(name === "", required(`${at}.name`, "must specify a resource name")),
      ...resourceTargetErrors(`${at}.target`, target),
    ];
  }
  const { name = "", container = "", target } = containerResource ?? {};
  return [
    ...(name === ""
      ? [required(`${at}.name`, "must specify a resource name")]
      : resourceNameErrors(`${at}.name`, name)),
    ...(container === ""
      ? [required(`${at}.container`, "must specify a container")]
      : labelErrors(`${at}.container`, container)),
    ...resourceTargetErrors(`${at}.target`, target),
  ];
};

const has = (target: MetricTarget | undefined, field: keyof MetricTarget): boolean =>
  target?.[field] !== undefined && target[field] !== null;

const resourceTargetErrors = (path: string, target: MetricTarget | undefined): readonly string[] => {
  const both = has(target, "averageUtilization") && has(target, "averageValue");
  const none = !has(target, "averageUtilization") && !has(target, "averageValue");
  return [
    ...targetErrors(path, target),
    ...when(none, required(`${path}.averageUtilization`, "must set either a target raw value or a target utilization")),
    ...when(both, `${path}.averageValue: Forbidden: may not set both a target raw value and a target utilization`),
  ];
};

const targetErrors = (path: string, target: MetricTarget | undefined): readonly string[] => {
  const { type = "", value, averageValue, averageUtilization } = target ?? {};
  const known = type === "Utilization" || type === "Value" || type === "AverageValue";
  return [
    ...when(type === "", required(`${path}.type`, "must specify a metric target type")),
    ...when(
      !known,
      `${path}.type: Invalid value: ${escaped(type)}: must be either Utilization, Value, or AverageValue`,
    ),
    ...quantityErrors(`${path}.value`, value),
    ...quantityErrors(`${path}.averageValue`, averageValue),
    ...when(
      averageUtilization !== undefined && averageUtilization !== null && averageUtilization < 1,
      invalid(`${path}.averageUtilization`, averageUtilization, "must be greater than 0"),
    ),
  ];
};

const quantityErrors = (path: string, quantity: string | number | undefined): readonly string[] => {
  if (quantity === undefined || quantity === null) return [];
  const parsed = parseQuantity(quantity);
  return when(
    parsed !== undefined && parsed.nano <= 0n,
    invalid(path, canonicalQuantity(quantity), "must be positive"),
  );
};

const resourceNameErrors = (path: string, name: string): readonly string[] => {
  if (name.includes("/")) return [];
  const forContainers = ["cpu", "memory", "ephemeral-storage"].includes(name) || name.startsWith("hugepages-");
  const standard =
    forContainers ||
    ["requests.cpu", "requests.memory", "requests.ephemeral-storage", "limits.cpu", "limits.memory"].includes(name) ||
    ["limits.ephemeral-storage", "pods", "resourcequotas", "services", "replicationcontrollers"].includes(name) ||
    ["secrets", "configmaps", "persistentvolumeclaims", "storage", "requests.storage"].includes(name);
  return [
    ...when(!standard, invalid(path, name, "must be a standard resource type or fully qualified")),
    ...when(!forContainers, invalid(path, name, "must be a standard resource for containers")),
  ];
};

const labelErrors = (path: string, value: string): readonly string[] => [
  ...when(value.length > 63, `${path}: Invalid value: ${JSON.stringify(value)}: must be no more than 63 characters`),
  ...when(
    !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(value),
    invalid(
      path,
      value,
      SUBDOMAIN.test(value)
        ? "must not contain dots"
        : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ),
  ),
];

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const MAX_WINDOW_SECONDS = 3600;
const MAX_PERIOD_SECONDS = 1800;

const rulesErrors = (path: string, rules: ScalingRules | undefined): readonly string[] => {
  if (rules === undefined) return [];
  const { stabilizationWindowSeconds: window, selectPolicy = "Max", policies = [], tolerance } = rules;
  const windowPath = `${path}.stabilizationWindowSeconds`;
  const parsedTolerance = tolerance === undefined ? undefined : parseQuantity(tolerance);
  return [
    ...when(window !== undefined && window < 0, invalid(windowPath, window, "must be greater than or equal to zero")),
    ...when(
      window !== undefined && window > MAX_WINDOW_SECONDS,
      invalid(windowPath, window, `must be less than or equal to ${MAX_WINDOW_SECONDS}`),
    ),
    ...when(
      !["Max", "Min", "Disabled"].includes(selectPolicy),
      unsupported(`${path}.selectPolicy`, selectPolicy, ["Disabled", "Max", "Min"]),
    ),
    ...when(policies.length === 0, required(`${path}.policies`, "must specify at least one Policy")),
    ...policies.flatMap(({ type = "", value = 0, periodSeconds: period = 0 }, index) => {
      const at = `${path}.policies[${index}]`;
      return [
        ...when(type !== "Pods" && type !== "Percent", unsupported(`${at}.type`, type, ["Percent", "Pods"])),
        ...when(value <= 0, invalid(`${at}.value`, value, "must be greater than zero")),
        ...when(period <= 0, invalid(`${at}.periodSeconds`, period, "must be greater than zero")),
        ...when(
          period > MAX_PERIOD_SECONDS,
          invalid(`${at}.periodSeconds`, period, `must be less than or equal to ${MAX_PERIOD_SECONDS}`),
        ),
      ];
    }),
    ...when(
      parsedTolerance !== undefined && parsedTolerance.nano < 0n,
      invalid(`${path}.tolerance`, canonicalQuantity(tolerance ?? 0), "must be greater than or equal to 0"),
    ),
  ];
};
