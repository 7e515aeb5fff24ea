import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { itemCodeOf, referencedType, type SchemaField, type SchemaType } from "./schema.ts";

/**
 * What `kubectl apply` makes of a live object: fields of the manifest are laid over it, fields that the last manifest had and this one
 * has not are taken away, lists with a merge key are merged item by item (three-way strategic merge, apimachinery pkg/util/strategicpatch).
 */
export const applyManifest = (
  live: JsonObject,
  last: JsonObject,
  manifest: JsonObject,
  type: SchemaType | undefined,
): JsonObject => {
  const result: Record<string, Json> = { ...live };
  for (const key of Object.keys(last)) if (!(key in manifest)) delete result[key];
  for (const [key, value] of Object.entries(manifest)) {
    if (value === null) {
      delete result[key];
      continue;
    }
    const field = type?.fields.get(key);
    result[key] = merged(result[key], last[key], value, field);
  }
  return result;
};

/** Lays a strategic merge patch over an object; `$patch: delete|replace` and nulls as upstream. */
export const strategicMerge = (live: JsonObject, patch: JsonObject, type: SchemaType | undefined): JsonObject => {
  if (patch["$patch"] === "replace") {
    const { $patch: _, ...rest } = patch;
    return rest;
  }
  return applyManifest(live, {}, patch, type);
};

const merged = (live: Json | undefined, last: Json | undefined, value: Json, field: SchemaField | undefined): Json => {
  if (Array.isArray(value)) {
    if (field?.mergeKey === undefined) return value;
    const [given, before, now] = [listOf(value), listOf(last), listOf(live)];
    return field.mergeKey === ""
      ? mergedScalars(now, before, given)
      : mergedItems(now, before, given, field, field.mergeKey);
  }
  if (!isJsonObject(value)) return value;
  if (field?.retainKeys === true) return retained(live, last, value, field);
  const type = field === undefined ? undefined : referencedType(field.code);
  return strategicObject(isJsonObject(live) ? live : {}, isJsonObject(last) ? last : {}, value, type);
};

const strategicObject = (
  live: JsonObject,
  last: JsonObject,
  value: JsonObject,
  type: SchemaType | undefined,
): JsonObject => {
  if (value["$patch"] === "replace") return strategicMerge(live, value, type);
  return applyManifest(live, last, value, type);
};

/** Unions such as a Deployment's strategy keep only the fields that the manifest names. */
const retained = (live: Json | undefined, last: Json | undefined, value: JsonObject, field: SchemaField): Json => {
  const full = strategicObject(
    isJsonObject(live) ? live : {},
    isJsonObject(last) ? last : {},
    value,
    referencedType(field.code),
  );
  return Object.fromEntries(Object.entries(full).filter(([key]) => key in value));
};

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);

const mergedScalars = (live: readonly Json[], last: readonly Json[], value: readonly Json[]): Json => {
  const kept = live.filter((item) => value.includes(item) || !last.includes(item));
  return [...kept, ...value.filter((item) => !kept.includes(item))];
};

const mergedItems = (
  live: readonly Json[],
  last: readonly Json[],
  value: readonly Json[],
  field: SchemaField,
  key: string,
): Json => {
  const type = referencedType(itemCodeOf(field.code));
  const keyOf = (item: Json | undefined): Json | undefined => (isJsonObject(item) ? item[key] : undefined);
  const find = (list: readonly Json[], wanted: Json | undefined): JsonObject | undefined =>
    list.find((item) => keyOf(item) === wanted) as JsonObject | undefined;
  const deleted = new Set(value.filter((item) => isJsonObject(item) && item["$patch"] === "delete").map(keyOf));
  const named = value.filter((item) => !deleted.has(keyOf(item)));
  const result: Json[] = named.map((item) => {
    if (!isJsonObject(item)) return item;
    const [now, before] = [find(live, keyOf(item)), find(last, keyOf(item))];
    const full = strategicObject(now ?? {}, before ?? {}, item, type);
    // A volume takes one source: what the manifest does not name goes.
    return field.retainKeys && now !== undefined
      ? Object.fromEntries(Object.entries(full).filter(([name]) => name in item))
      : full;
  });
  for (const item of live) {
    const itemKey = keyOf(item);
    const isNamed = named.some((given) => keyOf(given) === itemKey);
    const wasNamed = last.some((given) => keyOf(given) === itemKey);
    if (!isNamed && !wasNamed && !deleted.has(itemKey)) result.push(item);
  }
  return result;
};
