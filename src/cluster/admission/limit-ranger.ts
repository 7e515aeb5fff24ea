import { objectAt, objectsAt, textAt, withField } from "../../kubernetes/fields.ts";
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  type ParsedQuantity,
  parseQuantity,
} from "../../kubernetes/quantity.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { forbidden } from "../api-status.ts";
import { type AdmissionPlugin, type AdmissionRequest, createsPod } from "./plugin.ts";

/** Applies a namespace's LimitRanges: defaults for containers, then least, most and ratio (plugin/pkg/admission/limitranger, v1.35). */
export const limitRanger: AdmissionPlugin = {
  name: "LimitRanger",
  admit: (request) => {
    if (!createsPod(request)) return undefined;
    request.object = withLimitDefaults(request.object, rangesOf(request));
    return undefined;
  },
  validate: (request) => {
    const isPod = createsPod(request);
    const isClaim =
      request.resource.plural === "persistentvolumeclaims" &&
      request.operation !== "DELETE" &&
      request.subresource === "";
    if (!isPod && !isClaim) return undefined;
    const problems = rangesOf(request).flatMap((range) =>
      objectsAt(range, "spec", "limits").flatMap((limit) =>
        isPod ? checkPod(request.object, limit) : checkClaim(request.object, limit),
      ),
    );
    if (problems.length === 0) return undefined;
    return forbidden(
      request.resource,
      request.name,
      problems.length === 1 ? (problems[0] ?? "") : `[${problems.join(", ")}]`,
    );
  },
};

const rangesOf = (request: AdmissionRequest): readonly JsonObject[] =>
  request.store.list("LimitRange", request.namespace) as unknown as readonly JsonObject[];

/** The pod with what the LimitRanges of its namespace give to containers that say nothing. */
export const withLimitDefaults = (pod: JsonObject, ranges: readonly JsonObject[]): JsonObject =>
  ranges.reduce(withDefaults, pod);

const withDefaults = (given: JsonObject, range: JsonObject): JsonObject => {
  let pod = given;
  const requests: Record<string, Json> = {};
  const limits: Record<string, Json> = {};
  for (const limit of objectsAt(range, "spec", "limits")) {
    if (textAt(limit, "type") !== "Container") continue;
    Object.assign(requests, objectAt(limit, "defaultRequest"));
    Object.assign(limits, objectAt(limit, "default"));
  }
  if (Object.keys(requests).length === 0 && Object.keys(limits).length === 0) return pod;
  const notes: string[] = [];
  for (const field of ["containers", "initContainers"]) {
    const containers = objectsAt(pod, "spec", field);
    if (containers.length === 0) continue;
    const kind = field === "containers" ? "container" : "init container";
    const changed = containers.map((container) => {
      const resources = objectAt(container, "resources");
      const [newRequests, setRequests] = filled(objectAt(resources, "requests"), requests);
      const [newLimits, setLimits] = filled(objectAt(resources, "limits"), limits);
      const name = textAt(container, "name");
      if (setRequests.length > 0) notes.push(`${setRequests.join(", ")} request for ${kind} ${name}`);
      if (setLimits.length > 0) notes.push(`${setLimits.join(", ")} limit for ${kind} ${name}`);
      if (setRequests.length + setLimits.length === 0) return container;
      return {
        ...container,
        resources: {
          ...resources,
          ...(Object.keys(newLimits).length === 0 ? {} : { limits: newLimits }),
          ...(Object.keys(newRequests).length === 0 ? {} : { requests: newRequests }),
        },
      };
    });
    pod = withField(pod, ["spec", field], changed);
  }
  if (notes.length === 0) return pod;
  return withField(
    pod,
    ["metadata", "annotations", "kubernetes.io/limit-ranger"],
    `LimitRanger plugin set: ${notes.join("; ")}`,
  );
};

const filled = (given: JsonObject, standard: JsonObject): readonly [JsonObject, readonly string[]] => {
  const missing = Object.keys(standard)
    .filter((name) => given[name] === undefined)
    .sort();
  return [{ ...given, ...Object.fromEntries(missing.map((name) => [name, standard[name] ?? null])) }, missing];
};

const checkPod = (pod: JsonObject, limit: JsonObject): readonly string[] => {
  const containers = [...objectsAt(pod, "spec", "containers"), ...objectsAt(pod, "spec", "initContainers")];
  if (textAt(limit, "type") === "Container") {
    return containers.flatMap((container) =>
      check(
        limit,
        "Container",
        objectAt(container, "resources", "requests"),
        objectAt(container, "resources", "limits"),
      ),
    );
  }
  if (textAt(limit, "type") !== "Pod") return [];
  return check(limit, "Pod", podTotal(pod, "requests"), podTotal(pod, "limits"));
};

/** The larger of all containers together and each init container alone. */
const podTotal = (pod: JsonObject, which: "requests" | "limits"): JsonObject => {
  const total = new Map<string, ParsedQuantity>();
  for (const container of objectsAt(pod, "spec", "containers")) {
    for (const [name, value] of Object.entries(objectAt(container, "resources", which))) {
      const parsed = parseQuantity(value as string);
      const known = total.get(name);
      if (parsed !== undefined) total.set(name, known === undefined ? parsed : addQuantities(known, parsed));
    }
  }
  for (const container of objectsAt(pod, "spec", "initContainers")) {
    for (const [name, value] of Object.entries(objectAt(container, "resources", which))) {
      const parsed = parseQuantity(value as string);
      const known = total.get(name);
      if (parsed !== undefined && (known === undefined || compareQuantities(parsed, known) > 0))
        total.set(name, parsed);
    }
  }
  return Object.fromEntries([...total].map(([name, value]) => [name, formatQuantity(value)]));
};

const checkClaim = (claim: JsonObject, limit: JsonObject): readonly string[] => {
  if (textAt(limit, "type") !== "PersistentVolumeClaim") return [];
  return check(
    limit,
    "PersistentVolumeClaim",
    objectAt(claim, "spec", "resources", "requests"),
    objectAt(claim, "spec", "resources", "limits"),
  );
};

const check = (limit: JsonObject, type: string, requests: JsonObject, limits: JsonObject): readonly string[] => {
  const problems: string[] = [];
  const isClaim = type === "PersistentVolumeClaim";
  for (const [name, least] of Object.entries(objectAt(limit, "min"))) {
    const [request, most] = [requests[name], limits[name]];
    if (request === undefined)
      problems.push(`minimum ${name} usage per ${type} is ${shown(least)}.  No request is specified`);
    else if (isLess(request, least))
      problems.push(`minimum ${name} usage per ${type} is ${shown(least)}, but request is ${shown(request)}`);
    else if (most !== undefined && isLess(most, least)) {
      problems.push(`minimum ${name} usage per ${type} is ${shown(least)}, but limit is ${shown(most)}`);
    }
  }
  for (const [name, most] of Object.entries(objectAt(limit, "max"))) {
    const [request, given] = [requests[name], limits[name]];
    if (isClaim) {
      if (request === undefined)
        problems.push(`maximum ${name} usage per ${type} is ${shown(most)}.  No request is specified`);
      else if (isLess(most, request))
        problems.push(`maximum ${name} usage per ${type} is ${shown(most)}, but request is ${shown(request)}`);
      continue;
    }
    if (given === undefined)
      problems.push(`maximum ${name} usage per ${type} is ${shown(most)}.  No limit is specified`);
    else if (isLess(most, given))
      problems.push(`maximum ${name} usage per ${type} is ${shown(most)}, but limit is ${shown(given)}`);
    else if (request !== undefined && isLess(most, request)) {
      problems.push(`maximum ${name} usage per ${type} is ${shown(most)}, but request is ${shown(request)}`);
    }
  }
  for (const [name, ratio] of Object.entries(objectAt(limit, "maxLimitRequestRatio"))) {
    const [request, given] = [requests[name], limits[name]];
    const start = `${name} max limit to request ratio per ${type} is ${shown(ratio)}, but`;
    if (request === undefined || nanoOf(request) === 0n) {
      problems.push(`${start} no request is specified or request is 0`);
      continue;
    }
    if (given === undefined || nanoOf(given) === 0n) {
      problems.push(`${start} no limit is specified or limit is 0`);
      continue;
    }
    const real = Number(nanoOf(given)) / Number(nanoOf(request));
    if (real > Number(nanoOf(ratio)) / 1e9) {
      problems.push(`${start} provided ratio is ${real.toFixed(6)}`);
    }
  }
  return problems;
};

const nanoOf = (quantity: Json): bigint => parseQuantity(quantity as string)?.nano ?? 0n;
const isLess = (a: Json, b: Json): boolean => nanoOf(a) < nanoOf(b);
const shown = (quantity: Json): string => {
  const parsed = parseQuantity(quantity as string);
  return parsed === undefined ? String(quantity) : formatQuantity(parsed);
};
