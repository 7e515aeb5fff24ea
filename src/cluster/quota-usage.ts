import { objectAt, objectsAt, textAt } from "../kubernetes/fields.ts";
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  type ParsedQuantity,
  parseQuantity,
} from "../kubernetes/quantity.ts";
import type { Json, JsonObject } from "../model/json.ts";

export type Usage = ReadonlyMap<string, ParsedQuantity>;

const one: ParsedQuantity = { nano: 1_000_000_000n, format: "DecimalSI", text: undefined };

/** What an object takes of the resources that quotas count (pkg/quota/v1/evaluator/core, v1.35). */
export const usageOf = (group: string, plural: string, object: JsonObject): Usage => {
  const usage = new Map<string, ParsedQuantity>([[`count/${plural}${group === "" ? "" : `.${group}`}`, one]]);
  if (group !== "") return usage;
  switch (plural) {
    case "pods":
      return isFinished(object) ? new Map() : new Map([...usage, ["pods", one], ...podResources(object)]);
    case "services":
      return new Map([...usage, ["services", one], ...serviceResources(object)]);
    case "persistentvolumeclaims":
      return new Map([...usage, ["persistentvolumeclaims", one], ...claimResources(object)]);
    case "configmaps":
    case "secrets":
    case "replicationcontrollers":
    case "resourcequotas":
      return new Map([...usage, [plural, one]]);
    default:
      return usage;
  }
};

const isFinished = (pod: JsonObject): boolean => ["Succeeded", "Failed"].includes(textAt(pod, "status", "phase"));

const podResources = (pod: JsonObject): readonly (readonly [string, ParsedQuantity])[] => {
  const requests = podTotal(pod, "requests");
  const limits = podTotal(pod, "limits");
  const result: [string, ParsedQuantity][] = [];
  for (const [name, value] of requests) {
    result.push([`requests.${name}`, value]);
    if (["cpu", "memory", "ephemeral-storage"].includes(name) || name.startsWith("hugepages-"))
      result.push([name, value]);
  }
  for (const [name, value] of limits) {
    if (["cpu", "memory", "ephemeral-storage"].includes(name)) result.push([`limits.${name}`, value]);
  }
  return result;
};

/** The pod's requests or limits: containers and sidecars together, or the largest start-up container, and the overhead. */
const podTotal = (pod: JsonObject, which: "requests" | "limits"): Map<string, ParsedQuantity> => {
  const total = new Map<string, ParsedQuantity>();
  const add = (into: Map<string, ParsedQuantity>, list: JsonObject): void => {
    for (const [name, value] of Object.entries(list)) {
      const parsed = parseQuantity(value as string);
      const known = into.get(name);
      if (parsed !== undefined) into.set(name, known === undefined ? parsed : addQuantities(known, parsed));
    }
  };
  for (const container of objectsAt(pod, "spec", "containers")) add(total, objectAt(container, "resources", which));
  const sidecars = new Map<string, ParsedQuantity>();
  const largest = new Map<string, ParsedQuantity>();
  for (const container of objectsAt(pod, "spec", "initContainers")) {
    const list = objectAt(container, "resources", which);
    const here = new Map(sidecars);
    add(here, list);
    if (container["restartPolicy"] === "Always") {
      add(sidecars, list);
      add(total, list);
    }
    for (const [name, value] of here) {
      const known = largest.get(name);
      if (known === undefined || compareQuantities(value, known) > 0) largest.set(name, value);
    }
  }
  for (const [name, value] of largest) {
    const known = total.get(name);
    if (known === undefined || compareQuantities(value, known) > 0) total.set(name, value);
  }
  const podLevel = objectAt(pod, "spec", "resources", which);
  for (const [name, value] of Object.entries(podLevel)) {
    const parsed = parseQuantity(value as string);
    if (parsed !== undefined) total.set(name, parsed);
  }
  if (which === "requests" || total.size > 0) add(total, objectAt(pod, "spec", "overhead"));
  return total;
};

const serviceResources = (service: JsonObject): readonly (readonly [string, ParsedQuantity])[] => {
  const count = (value: number): ParsedQuantity => ({
    nano: BigInt(value) * one.nano,
    format: "DecimalSI",
    text: undefined,
  });
  const ports = objectsAt(service, "spec", "ports").length;
  switch (textAt(service, "spec", "type")) {
    case "NodePort":
      return [["services.nodeports", count(ports)]];
    case "LoadBalancer":
      return [
        ["services.loadbalancers", one],
        ["services.nodeports", count(objectAt(service, "spec")["allocateLoadBalancerNodePorts"] === false ? 0 : ports)],
      ];
    default:
      return [];
  }
};

const claimResources = (claim: JsonObject): readonly (readonly [string, ParsedQuantity])[] => {
  const storage = parseQuantity((objectAt(claim, "spec", "resources", "requests")["storage"] ?? "0") as string);
  const className = textAt(claim, "spec", "storageClassName");
  const prefix = `${className}.storageclass.storage.k8s.io/`;
  return [
    ...(storage === undefined ? [] : [["requests.storage", storage] as const]),
    ...(className === "" ? [] : [[`${prefix}persistentvolumeclaims`, one] as const]),
    ...(className === "" || storage === undefined ? [] : [[`${prefix}requests.storage`, storage] as const]),
  ];
};

/** Whether a quota's scopes hold for an object; quotas with scopes only count pods. */
export const quotaApplies = (quota: JsonObject, plural: string, object: JsonObject): boolean => {
  const scopes = [
    ...((objectAt(quota, "spec")["scopes"] as readonly Json[] | undefined) ?? []).map((name) => ({
      scopeName: String(name),
      operator: "Exists",
      values: [] as readonly string[],
    })),
    ...objectsAt(quota, "spec", "scopeSelector", "matchExpressions").map((term) => ({
      scopeName: textAt(term, "scopeName"),
      operator: textAt(term, "operator"),
      values: (term["values"] ?? []) as readonly string[],
    })),
  ];
  if (scopes.length === 0) return true;
  if (plural !== "pods") return false;
  return scopes.every((scope) => holdsScope(scope, object));
};

const holdsScope = (
  scope: { readonly scopeName: string; readonly operator: string; readonly values: readonly string[] },
  pod: JsonObject,
): boolean => {
  const spec = objectAt(pod, "spec");
  switch (scope.scopeName) {
    case "Terminating":
      return spec["activeDeadlineSeconds"] !== undefined;
    case "NotTerminating":
      return spec["activeDeadlineSeconds"] === undefined;
    case "BestEffort":
      return isBestEffort(pod);
    case "NotBestEffort":
      return !isBestEffort(pod);
    case "PriorityClass": {
      const name = textAt(spec, "priorityClassName");
      switch (scope.operator) {
        case "In":
          return scope.values.includes(name);
        case "NotIn":
          return !scope.values.includes(name);
        case "DoesNotExist":
          return name === "";
        default:
          return name !== "";
      }
    }
    default:
      return false;
  }
};

const isBestEffort = (pod: JsonObject): boolean =>
  podTotal(pod, "requests").size === 0 && podTotal(pod, "limits").size === 0;

/** The usage as text, in the order of the names. */
export const usageText = (usage: Usage): JsonObject =>
  Object.fromEntries(
    [...usage].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [name, formatQuantity(value)]),
  );
