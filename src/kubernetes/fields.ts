import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";

/** The object at a path, or an empty one. */
export const objectAt = (value: Json | undefined, ...path: readonly string[]): JsonObject => {
  const found = at(value, path);
  return isJsonObject(found) ? found : {};
};

/** The list at a path, or an empty one. */
export const listAt = (value: Json | undefined, ...path: readonly string[]): readonly Json[] => {
  const found = at(value, path);
  return Array.isArray(found) ? found : [];
};

/** The objects of the list at a path; anything else in the list is left out. */
export const objectsAt = (value: Json | undefined, ...path: readonly string[]): readonly JsonObject[] =>
  listAt(value, ...path).filter(isJsonObject);

/** The text at a path, or an empty one. */
export const textAt = (value: Json | undefined, ...path: readonly string[]): string => {
  const found = at(value, path);
  return typeof found === "string" ? found : "";
};

/** The number at a path, if there is one. */
export const numberAt = (value: Json | undefined, ...path: readonly string[]): number | undefined => {
  const found = at(value, path);
  return typeof found === "number" ? found : undefined;
};

/** The texts of a mapping such as labels. */
export const textsAt = (value: Json | undefined, ...path: readonly string[]): Readonly<Record<string, string>> =>
  objectAt(value, ...path) as Readonly<Record<string, string>>;

/** A copy with the value at the path replaced, or taken away where it is undefined; missing objects on the way are made. */
export const withField = (value: JsonObject, path: readonly string[], replacement: Json | undefined): JsonObject => {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const copy: Record<string, Json> = { ...value };
  const next = rest.length === 0 ? replacement : withField(objectAt(value[step]), rest, replacement);
  if (next === undefined) delete copy[step];
  else copy[step] = next;
  return copy;
};

const at = (value: Json | undefined, path: readonly string[]): Json | undefined => {
  let found = value;
  for (const step of path) {
    if (!isJsonObject(found)) return undefined;
    found = found[step];
  }
  return found;
};

/** Whether two JSON values are the same, whatever the order of their fields. */
export const sameJson = (a: Json | undefined, b: Json | undefined): boolean => {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    const [one, two] = [a as readonly Json[], b as readonly Json[]];
    return one.every((item, index) => sameJson(item, two[index]));
  }
  if (Array.isArray(b)) return false;
  const [one, two] = [a as JsonObject, b as JsonObject];
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(two).length) return false;
  return keys.every((key) => Object.hasOwn(two, key) && sameJson(one[key], two[key]));
};
