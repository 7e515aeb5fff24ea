import type { Json, JsonObject } from "../../model/json.ts";
import { objectAt } from "../fields.ts";
import { formatQuantity, type ParsedQuantity, parseQuantity } from "../quantity.ts";
import { forbidden, invalid, type Problems, required } from "./field-problem.ts";
import { labelKey } from "./names.ts";

const standardContainer = new Set(["cpu", "memory", "ephemeral-storage"]);
const nonContainer = new Set([
  "pods",
  "services",
  "replicationcontrollers",
  "resourcequotas",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
  "storage",
  "services.nodeports",
  "services.loadbalancers",
  "requests.cpu",
  "requests.memory",
  "requests.storage",
  "requests.ephemeral-storage",
  "limits.cpu",
  "limits.memory",
  "limits.ephemeral-storage",
]);

export const isHugePages = (name: string): boolean => name.startsWith("hugepages-");
export const isStandardResource = (name: string): boolean =>
  standardContainer.has(name) || nonContainer.has(name) || isHugePages(name);
/** Such as nvidia.com/gpu: counted in whole pieces and never overcommitted. */
const isExtended = (name: string): boolean =>
  name.includes("/") && !name.includes("kubernetes.io/") && !name.startsWith("requests.");

const quantity = (value: Json | undefined): ParsedQuantity | undefined =>
  typeof value === "string" || typeof value === "number" ? parseQuantity(value) : undefined;
const text = (value: Json): string => {
  const parsed = quantity(value);
  return parsed === undefined ? String(value) : formatQuantity(parsed);
};

/** The name of a resource, of a container's or of any. */
export const resourceNameProblems = (field: string, name: string, ofContainers = true): Problems => {
  const bad = labelKey(name).map((message) => invalid(field, name, message));
  if (bad.length > 0) return bad;
  if (name.includes("/")) return [];
  return [
    ...(isStandardResource(name) ? [] : [invalid(field, name, "must be a standard resource type or fully qualified")]),
    ...(!ofContainers || standardContainer.has(name) || isHugePages(name)
      ? []
      : [invalid(field, name, "must be a standard resource for containers")]),
  ];
};

/** The amount of a resource: not negative, and whole where pieces are counted. */
export const quantityProblems = (field: string, name: string, value: Json): Problems => {
  const parsed = quantity(value);
  if (parsed === undefined) return [];
  const problems = parsed.nano < 0n ? [invalid(field, text(value), "must be greater than or equal to 0")] : [];
  const isWhole = parsed.nano % 1_000_000_000n === 0n;
  const countsPieces = isExtended(name) || name === "pods" || name === "services" || name.startsWith("count/");
  return countsPieces && !isWhole ? [...problems, invalid(field, text(value), "must be an integer")] : problems;
};

/** Requests and limits of a container (ValidateContainerResourceRequirements, pkg/apis/core/validation, v1.35). */
export const validateResources = (field: string, resources: JsonObject): Problems => {
  const [limits, requests] = [objectAt(resources, "limits"), objectAt(resources, "requests")];
  const problems = Object.entries(limits).flatMap(([name, value]) => {
    const at = `${field}.limits[${name}]`;
    return [...resourceNameProblems(at, name), ...quantityProblems(at, name, value)];
  });
  for (const [name, value] of Object.entries(requests)) {
    const at = `${field}.requests[${name}]`;
    problems.push(...resourceNameProblems(at, name), ...quantityProblems(at, name, value));
    const limit = limits[name];
    const [wanted, most] = [quantity(value), quantity(limit)];
    if (limit !== undefined && wanted !== undefined && most !== undefined) {
      if (wanted.nano !== most.nano && (isExtended(name) || isHugePages(name))) {
        problems.push(invalid(`${field}.requests`, text(value), `must be equal to ${name} limit of ${text(limit)}`));
      } else if (wanted.nano > most.nano) {
        problems.push(
          invalid(`${field}.requests`, text(value), `must be less than or equal to ${name} limit of ${text(limit)}`),
        );
      }
    } else if (limit === undefined && (isExtended(name) || isHugePages(name))) {
      problems.push(required(`${field}.limits`, "Limit must be set for non overcommitable resources"));
    }
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePages) && !names.includes("cpu") && !names.includes("memory")) {
    problems.push(forbidden(field, "HugePages require cpu or memory"));
  }
  return problems;
};
