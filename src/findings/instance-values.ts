import type { ResourceRef } from "../azure/platform.ts";
import type { ResourceInstance } from "../evaluate/resource-instance.ts";
import type { Value } from "../model/value.ts";
import type { World } from "./rule.ts";

/** For rules about arguments that the Azure model does not carry: values straight from the instance. */

const indexes = new WeakMap<readonly ResourceInstance[], ReadonlyMap<string, ResourceInstance>>();

export const instanceAt = (world: Pick<World, "instances">, address: string): ResourceInstance | undefined => {
  let index = indexes.get(world.instances);
  if (index === undefined) {
    index = new Map(world.instances.map((instance) => [instance.address, instance]));
    indexes.set(world.instances, index);
  }
  return index.get(address);
};

/** The value at a path; numbers step into lists. A single block may be written without its index. */
export const valueAt = (value: Value | undefined, path: readonly (string | number)[]): Value | undefined => {
  let at = value;
  for (const step of path) {
    if (at === undefined) return undefined;
    if (at.kind === "list" || at.kind === "tuple" || at.kind === "set") {
      at = at.items[typeof step === "number" ? step : 0];
      if (typeof step === "string" && (at?.kind === "object" || at?.kind === "map")) at = at.fields.get(step);
    } else if (at.kind === "object" || at.kind === "map") {
      at = typeof step === "string" ? at.fields.get(step) : at;
    } else return undefined;
  }
  return at;
};

export const textAt = (instance: ResourceInstance, path: readonly (string | number)[]): string | undefined => {
  const value = valueAt(instance.values, path);
  return value?.kind === "string" && value.marks?.has("sensitive") !== true ? value.value : undefined;
};

/** The resource that an argument such as `subnet_id` refers to. */
export const referenceAt = (
  instance: ResourceInstance,
  path: readonly (string | number)[],
): ResourceRef | undefined => {
  const value = valueAt(instance.values, path);
  if (value === undefined || value.kind === "null") return undefined;
  if (value.kind === "unknown" && value.origin !== undefined) {
    return { address: value.origin.address, id: undefined };
  }
  const wanted = path.join(".");
  const reference = instance.references.find((candidate) => candidate.path.join(".") === wanted);
  if (value.kind === "string") return { address: undefined, id: value.value };
  return reference === undefined ? undefined : { address: reference.to, id: undefined };
};

/** True where some known text inside the value passes the test; sensitive values are not looked at. */
export const someText = (value: Value, test: (text: string) => boolean): boolean => {
  if (value.kind === "string") return value.marks?.has("sensitive") !== true && test(value.value);
  if (value.kind === "list" || value.kind === "set" || value.kind === "tuple") {
    return value.items.some((item) => someText(item, test));
  }
  if (value.kind === "map" || value.kind === "object") {
    return [...value.fields.values()].some((field) => someText(field, test));
  }
  return false;
};

/** True where some part of the value is, unchanged, an attribute of that resource whose path starts with `attribute`. */
export const takesAttribute = (value: Value, address: string, attribute: string): boolean => {
  if (value.kind === "unknown") return value.origin?.address === address && value.origin.path[0] === attribute;
  if (value.kind === "list" || value.kind === "set" || value.kind === "tuple") {
    return value.items.some((item) => takesAttribute(item, address, attribute));
  }
  if (value.kind === "map" || value.kind === "object") {
    return [...value.fields.values()].some((field) => takesAttribute(field, address, attribute));
  }
  return false;
};
