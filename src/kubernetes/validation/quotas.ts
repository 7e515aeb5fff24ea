import type { Json, JsonObject } from "../../model/json.ts";
import { listAt, objectAt, objectsAt, textAt } from "../fields.ts";
import { parseQuantity } from "../quantity.ts";
import { duplicate, forbidden, invalid, type Problems, required } from "./field-problem.ts";
import { internalJson } from "./internal-json.ts";
import { labelKey } from "./names.ts";
import { isStandardResource, quantityProblems, resourceNameProblems } from "./resources.ts";

const quotaNames = new Set([
  "cpu",
  "memory",
  "ephemeral-storage",
  "requests.cpu",
  "requests.memory",
  "requests.storage",
  "requests.ephemeral-storage",
  "limits.cpu",
  "limits.memory",
  "limits.ephemeral-storage",
  "pods",
  "resourcequotas",
  "services",
  "replicationcontrollers",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
  "services.nodeports",
  "services.loadbalancers",
]);

const scopes = [
  "BestEffort",
  "CrossNamespacePodAffinity",
  "NotBestEffort",
  "NotTerminating",
  "PriorityClass",
  "Terminating",
  "VolumeAttributesClass",
];
const computed = ["cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"];

/** Whether a scope says anything of what is counted. */
const isCounted = (scope: string, name: string): boolean => {
  if (!scopes.includes(scope) || !quotaNames.has(name)) return true;
  if (scope === "VolumeAttributesClass") return name === "persistentvolumeclaims" || name === "requests.storage";
  return name === "pods" || (scope !== "BestEffort" && computed.includes(name));
};

const conflicts = (given: readonly string[]): readonly string[] =>
  ["BestEffort", "Terminating"].filter((scope) => given.includes(scope) && given.includes(`Not${scope}`));

const quotaScopes = (spec: JsonObject): Problems => {
  const at = "spec.scopes";
  const given = listAt(spec, "scopes").map(String);
  const names = Object.keys(objectAt(spec, "hard")).sort();
  return [
    ...given.flatMap((scope) => [
      ...(scopes.includes(scope) ? [] : [invalid(at, given, "unsupported scope")]),
      ...names
        .filter((name) => !isCounted(scope, name))
        .map(() => invalid(at, given, "unsupported scope applied to resource")),
    ]),
    ...conflicts(given).map(() => invalid(at, given, "conflicting scopes")),
  ];
};

const existing =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

const scopeSelector = (spec: JsonObject): Problems => {
  const at = "spec.scopeSelector.matchExpressions";
  const terms = objectsAt(spec, "scopeSelector", "matchExpressions");
  const names = Object.keys(objectAt(spec, "hard")).sort();
  const given = terms.map((term) => textAt(term, "scopeName"));
  return [
    ...terms.flatMap((term): Problems => {
      const [scope, operator] = [textAt(term, "scopeName"), textAt(term, "operator")];
      const values = listAt(term, "values");
      const isPlain = scopes.includes(scope) && scope !== "PriorityClass" && scope !== "VolumeAttributesClass";
      return [
        ...(scopes.includes(scope) ? [] : [invalid(`${at}.scopeName`, scope, "unsupported scope")]),
        ...names
          .filter((name) => !isCounted(scope, name))
          .map(() =>
            invalid(
              at,
              internalJson(objectAt(spec, "scopeSelector"), "ScopeSelector"),
              "unsupported scope applied to resource",
            ),
          ),
        ...(isPlain && operator !== "Exists" ? [invalid(`${at}.operator`, operator, existing)] : []),
        ...selectorOperator(operator, values, at),
      ];
    }),
    ...conflicts(given).map(() => invalid(at, spec["scopes"] ?? null, "conflicting scopes")),
  ];
};

const selectorOperator = (operator: string, values: readonly Json[], at: string): Problems => {
  switch (operator) {
    case "In":
    case "NotIn":
      return values.length > 0
        ? []
        : [
            required(
              `${at}.values`,
              "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
            ),
          ];
    case "Exists":
    case "DoesNotExist":
      return values.length === 0
        ? []
        : [
            invalid(
              `${at}.values`,
              values,
              "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
            ),
          ];
    default:
      return [invalid(`${at}.operator`, operator, "not a valid selector operator")];
  }
};

/** A ResourceQuota (pkg/apis/core/validation, v1.35). */
export const validateQuota = (spec: JsonObject): Problems => [
  ...hardLimits(spec),
  ...quotaScopes(spec),
  ...scopeSelector(spec),
];

const hardLimits = (spec: JsonObject): Problems =>
  Object.entries(objectAt(spec, "hard")).flatMap(([name, value]) => {
    const at = `spec.hard[${name}]`;
    const isKnown = quotaNames.has(name) || name.startsWith("hugepages-") || name.startsWith("requests.hugepages-");
    const isQualified = name.includes("/");
    return [
      ...(isKnown || isQualified || isStandardResource(name)
        ? []
        : [invalid(at, name, "must be a standard resource type or fully qualified")]),
      ...(isKnown || isQualified ? [] : [invalid(at, name, "must be a standard resource for quota")]),
      ...quantityProblems(at, name, value),
    ];
  });

const below = (a: Json | undefined, b: Json | undefined): boolean => {
  const [one, two] = [parseQuantity((a ?? "0") as string)?.nano, parseQuantity((b ?? "0") as string)?.nano];
  return a !== undefined && b !== undefined && one !== undefined && two !== undefined && one < two;
};

/** A LimitRange. */
export const validateLimitRange = (spec: JsonObject): Problems => {
  const types = objectsAt(spec, "limits").map((limit) => textAt(limit, "type"));
  return objectsAt(spec, "limits").flatMap((limit, index) => {
    const at = `spec.limits[${index}]`;
    const type = types[index] ?? "";
    return [
      ...limitType(type, `${at}.type`),
      ...(types.indexOf(type) < index ? [duplicate(`${at}.type`, type)] : []),
      ...limitNames(limit, type, at),
      ...limitAmounts(limit, type, at),
    ];
  });
};

const limitType = (type: string, at: string): Problems => {
  const bad = labelKey(type).map((text) => invalid(at, type, text));
  if (bad.length > 0) return bad;
  return type.includes("/") || ["Pod", "Container", "PersistentVolumeClaim"].includes(type)
    ? []
    : [invalid(at, type, "must be a standard limit type or fully qualified")];
};

const limitNames = (limit: JsonObject, type: string, at: string): Problems => {
  const ofContainers = type === "Pod" || type === "Container";
  const names = (field: string): Problems =>
    Object.keys(objectAt(limit, field)).flatMap((name) =>
      resourceNameProblems(`${at}.${field}[${name}]`, name, ofContainers),
    );
  const [storage, least] = [objectAt(limit, "max")["storage"], objectAt(limit, "min")["storage"]];
  const needsStorage = type === "PersistentVolumeClaim" && storage === undefined && least === undefined;
  return [
    ...names("max"),
    ...names("min"),
    ...["default", "defaultRequest"].flatMap((field) => {
      if (type !== "Pod") return names(field);
      return Object.keys(objectAt(limit, field)).length === 0
        ? []
        : [forbidden(`${at}.${field}`, "may not be specified when `type` is 'Pod'")];
    }),
    ...(needsStorage
      ? [required(`${at}.limits`, "either minimum or maximum storage value is required, but neither was provided")]
      : []),
    ...names("maxLimitRequestRatio"),
  ];
};

const limitAmounts = (limit: JsonObject, type: string, at: string): Problems => {
  const part = (field: string): JsonObject =>
    type === "Pod" && field.startsWith("default") ? {} : objectAt(limit, field);
  const [max, min, standard, request, ratio] = [
    part("max"),
    part("min"),
    part("default"),
    part("defaultRequest"),
    part("maxLimitRequestRatio"),
  ];
  const names = [...new Set([max, min, standard, request, ratio].flatMap((one) => Object.keys(one)))].sort();
  return names.flatMap((name) => {
    const [low, high, usual, asked, most] = [min[name], max[name], standard[name], request[name], ratio[name]];
    const problems: Problems[] = [];
    const check = (
      field: string,
      shown: Json | undefined,
      small: Part,
      large: Part,
      words: readonly [string, string],
    ) => {
      if (below(large, small))
        problems.push([
          invalid(
            `${at}.${field}[${name}]`,
            String(shown),
            `${words[0]} value ${small} is greater than ${words[1]} value ${large}`,
          ),
        ]);
    };
    check("min", low, low, high, ["min", "max"]);
    check("defaultRequest", asked, low, asked, ["min", "default request"]);
    check("defaultRequest", asked, asked, high, ["default request", "max"]);
    check("defaultRequest", asked, asked, usual, ["default request", "default limit"]);
    check("default", low, low, usual, ["min", "default"]);
    check("default", high, usual, high, ["default", "max"]);
    if (below(most, "1"))
      problems.push([invalid(`${at}.maxLimitRequestRatio[${name}]`, String(most), `ratio ${most} is less than 1`)]);
    return problems.flat();
  });
};

type Part = Json | undefined;
