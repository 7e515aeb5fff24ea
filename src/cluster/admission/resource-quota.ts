import { objectAt, objectsAt, textAt, withField } from "../../kubernetes/fields.ts";
import { knownKinds } from "../../kubernetes/kinds.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  type ParsedQuantity,
  parseQuantity,
  subtractQuantities,
} from "../../kubernetes/quantity.ts";
import type { JsonObject } from "../../model/json.ts";
import { type ApiError, forbidden } from "../api-status.ts";
import type { IndexedStore } from "../object-store.ts";
import { quotaApplies, type Usage, usageOf, usageText } from "../quota-usage.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./plugin.ts";

const zero: ParsedQuantity = { nano: 0n, format: "DecimalSI", text: undefined };

/** Refuses what a namespace's quotas have no room for, and books what is granted (plugin/pkg/admission/resourcequota, v1.35). */
export const resourceQuota: AdmissionPlugin = {
  name: "ResourceQuota",
  validate: (request) => {
    if (request.operation === "DELETE" || request.subresource !== "" || request.namespace === "") return undefined;
    const { group, plural } = request.resource;
    const quotas = request.store.list("ResourceQuota", request.namespace) as unknown as readonly JsonObject[];
    if (quotas.length === 0 || plural === "resourcequotas") return undefined;
    const usage = usageOf(group, plural, request.object);
    const before: Usage = request.previous === undefined ? new Map() : usageOf(group, plural, request.previous);
    const booked: JsonObject[] = [];
    const concerned = quotas.filter((quota) => quotaApplies(quota, plural, request.object));
    for (const quota of concerned) {
      const unsaid = checkNamed(request, quota);
      if (unsaid !== undefined) return unsaid;
    }
    for (const quota of concerned) {
      const changed = checkQuota(request, quota, usage, before);
      if ("code" in changed) return changed as ApiError;
      if (changed !== quota) booked.push(changed);
    }
    for (const quota of booked) request.store.put(quota as unknown as KubeObject);
    return undefined;
  },
};

/** All quotas are asked whether the pod says what they limit before any is asked for room. */
const checkNamed = (request: AdmissionRequest, quota: JsonObject): ApiError | undefined => {
  if (request.resource.plural !== "pods" || request.operation !== "CREATE") return undefined;
  const missing = missingConstraints(request.object, objectAt(quota, "spec", "hard"));
  const name = textAt(quota, "metadata", "name");
  return missing === ""
    ? undefined
    : forbidden(request.resource, request.name, `failed quota: ${name}: must specify ${missing}`);
};

const checkQuota = (
  request: AdmissionRequest,
  quota: JsonObject,
  usage: Usage,
  before: Usage,
): ApiError | JsonObject => {
  const name = textAt(quota, "metadata", "name");
  const hard = objectAt(quota, "spec", "hard");
  const used = objectAt(quota, "status", "used");
  const rows: { readonly name: string; readonly asked: string; readonly used: string; readonly hard: string }[] = [];
  const after: Record<string, string> = {};
  for (const resource of Object.keys(hard).sort()) {
    const delta = subtractQuantities(usage.get(resource) ?? zero, before.get(resource) ?? zero);
    if (delta.nano <= 0n) continue;
    const known = parseQuantity((used[resource] ?? "0") as string) ?? zero;
    const limit = parseQuantity(hard[resource] as string) ?? zero;
    const sum = addQuantities(known, delta);
    if (compareQuantities(sum, limit) > 0) {
      rows.push({
        name: resource,
        asked: formatQuantity(delta),
        used: formatQuantity(known),
        hard: formatQuantity(limit),
      });
    }
    after[resource] = formatQuantity(sum);
  }
  if (rows.length > 0) {
    const list = (pick: (row: (typeof rows)[number]) => string): string =>
      rows.map((row) => `${row.name}=${pick(row)}`).join(",");
    return forbidden(
      request.resource,
      request.name,
      `exceeded quota: ${name}, requested: ${list((row) => row.asked)}, used: ${list((row) => row.used)}, limited: ${list((row) => row.hard)}`,
    );
  }
  return Object.keys(after).length === 0 ? quota : withField(quota, ["status", "used"], { ...used, ...after });
};

/** Containers must name what the quota limits. */
const missingConstraints = (pod: JsonObject, hard: JsonObject): string => {
  const podLevel = objectAt(pod, "spec", "resources");
  const missing = new Map<string, Set<string>>();
  for (const resource of Object.keys(hard)) {
    const match = /^(?:(requests|limits)\.)?(cpu|memory|ephemeral-storage)$/.exec(resource);
    if (match === null || match[2] === "ephemeral-storage") continue;
    const [, which = "requests", base = ""] = match;
    if (objectAt(podLevel, which)[base] !== undefined) continue;
    for (const container of [...objectsAt(pod, "spec", "containers"), ...objectsAt(pod, "spec", "initContainers")]) {
      if (objectAt(container, "resources", which)[base] !== undefined) continue;
      const containers = missing.get(resource) ?? new Set();
      missing.set(resource, containers.add(textAt(container, "name")));
    }
  }
  return [...missing]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([resource, containers]) => `${resource} for: ${[...containers].sort().join(",")}`)
    .join("; ");
};

/** What a quota's resources are used for now, counted from the store: the work of the quota controller. */
export const countedUsage = (store: IndexedStore, quota: JsonObject): JsonObject => {
  const hard = Object.keys(objectAt(quota, "spec", "hard"));
  const total = new Map<string, ParsedQuantity>(hard.map((resource) => [resource, zero]));
  const namespace = textAt(quota, "metadata", "namespace");
  for (const { kind, plural, group } of knownKinds()) {
    if (!hard.some((resource) => countsKind(resource, plural, group))) continue;
    for (const object of store.list(kind, namespace) as unknown as readonly JsonObject[]) {
      if (!quotaApplies(quota, plural, object)) continue;
      for (const [resource, value] of usageOf(group, plural, object)) {
        const known = total.get(resource);
        if (known !== undefined) total.set(resource, addQuantities(known, value));
      }
    }
  }
  return usageText(total);
};

const countsKind = (resource: string, plural: string, group: string): boolean => {
  if (resource === `count/${plural}${group === "" ? "" : `.${group}`}`) return true;
  if (group !== "") return false;
  switch (plural) {
    case "pods":
      return (
        resource === "pods" ||
        (!resource.includes("/") && !resource.startsWith("services") && resource !== "requests.storage") ||
        resource.startsWith("requests.")
      );
    case "services":
      return resource === "services" || resource.startsWith("services.");
    case "persistentvolumeclaims":
      return (
        resource === plural || resource === "requests.storage" || resource.includes(".storageclass.storage.k8s.io/")
      );
    default:
      return resource === plural;
  }
};
