import type { SourceRange } from "../model/source-range.ts";
import type { MappingValue, Value } from "../model/value.ts";
import { azurermTypeOfArm, parseArmId } from "./azure-arm-types.ts";
import { type ArmShape, armShapes, type Move } from "./azure-azapi-shapes.ts";
import { rawText } from "./azure-facts.ts";
import { partOfUnknown, type ResourceView } from "./azure-view.ts";
import { draftOf } from "./draft.ts";
import type { ResourceInstance } from "./resource-instance.ts";
import { boolValue, objectValue, stringValue, tupleValue } from "./values-construct.ts";
import { plainJsonToValue } from "./values-json.ts";

/**
 * An azapi resource under azurerm's names, so that one set of mappings reads both. The body is an object (azapi 2.x) or JSON text (1.x).
 * `undefined` for ARM types that have no part in the model.
 */
export const azapiView = (
  instance: ResourceInstance,
  parentOf: (instance: ResourceInstance) => ResourceInstance | undefined,
): ResourceView | undefined => {
  const armType = armTypeOf(instance);
  const type = armType === undefined ? undefined : azurermTypeOfArm(armType);
  if (armType === undefined || type === undefined) return undefined;
  const shape = armShapes[type] ?? {};
  const values = azurermValues(instance, shape, parentOf);
  return { instance, type, shownType: armType, values, rangeAt: (path) => rangeAt(instance, shape, path) };
};

/** The ARM type of an azapi resource, without the API version. */
export const armTypeOf = (instance: ResourceInstance): string | undefined => {
  const type = rawText(instance.values.fields.get("type"));
  return instance.type === "azapi_resource" || instance.type === "azapi_update_resource"
    ? type?.split("@")[0]
    : undefined;
};

const azurermValues = (
  instance: ResourceInstance,
  shape: ArmShape,
  parentOf: (instance: ResourceInstance) => ResourceInstance | undefined,
): MappingValue => {
  const { fields } = instance.values;
  const body = bodyOf(instance);
  const found: [string, Value][] = [];
  // An update says what it changes in its body alone.
  const own = instance.type === "azapi_update_resource" ? [] : ownArguments;
  for (const name of own) {
    const value = fields.get(name);
    if (value !== undefined && value.kind !== "null") found.push([name, value]);
    else if (body !== undefined && name !== "id") add(found, name, stepInto(body, [name]));
  }
  const parent = fields.get("parent_id");
  if (parent !== undefined && parent.kind !== "null") found.push([shape.parent ?? "parent_id", parent]);
  add(found, "resource_group_name", resourceGroupOf(instance, parentOf, 0));
  add(found, "resource_id", fields.get("resource_id"));
  return nested([...found, ...(body === undefined ? [] : moved(body, shape.moves ?? []))]);
};

const ownArguments = ["id", "name", "location", "tags", "identity", "output"];

/** `body`, read from JSON where it is text. */
const bodyOf = (instance: ResourceInstance): Value | undefined => {
  const body = instance.values.fields.get("body");
  if (body?.kind === "unknown") return draftOf(body) ?? body;
  if (body?.kind !== "string") return body?.kind === "null" ? undefined : body;
  try {
    return plainJsonToValue(JSON.parse(body.value));
  } catch {
    return undefined;
  }
};

/** The resource group is the parent, or the parent's. */
const resourceGroupOf = (
  instance: ResourceInstance,
  parentOf: (instance: ResourceInstance) => ResourceInstance | undefined,
  depth: number,
): Value | undefined => {
  const id = rawText(instance.values.fields.get("parent_id"));
  const group = id === undefined ? undefined : parseArmId(id)?.resourceGroup;
  if (group !== undefined) return stringValue(group);
  const parent = parentOf(instance);
  if (parent === undefined || depth > 5) return undefined;
  const isGroup =
    parent.type === "azurerm_resource_group" ||
    armTypeOf(parent)?.toLowerCase() === "microsoft.resources/resourcegroups";
  if (isGroup) return parent.values.fields.get("name");
  return parent.values.fields.get("resource_group_name") ?? resourceGroupOf(parent, parentOf, depth + 1);
};

const add = (found: [string, Value][], name: string, value: Value | undefined): void => {
  if (value !== undefined && value.kind !== "null") found.push([name, value]);
};

const moved = (body: Value, moves: readonly Move[]): [string, Value][] => {
  const found: [string, Value][] = [];
  for (const move of moves) {
    const value = stepInto(body, move.from.split("."));
    if (value !== undefined && value.kind !== "null") add(found, move.to, transformed(value, move));
  }
  return found;
};

const transformed = (value: Value, move: Move): Value | undefined => {
  if (value.kind === "unknown") return value;
  switch (move.as) {
    case undefined:
      return value;
    case "not":
      return value.kind === "bool" ? boolValue(!value.value) : undefined;
    case "one":
      return tupleValue([value]);
    case "presence":
      return value.kind === "bool" && value.value ? tupleValue([objectValue([])]) : undefined;
    case "ids":
      return "items" in value ? tupleValue(value.items.flatMap((item) => stepInto(item, ["id"]) ?? [])) : undefined;
    case "underscored":
      return value.kind === "object" || value.kind === "map" ? underscored(value) : undefined;
    case "items":
      return "items" in value
        ? tupleValue(value.items.map((item) => nested(moved(item, move.moves ?? []))))
        : undefined;
    case "systemPool":
      return "items" in value ? systemPool(value.items, move.moves ?? []) : undefined;
    case "otherPools":
      return "items" in value ? otherPools(value.items, move.moves ?? []) : undefined;
  }
};

/** `scan-interval` of ARM is `scan_interval` of azurerm, but for a few names. */
const underscored = (value: MappingValue): Value =>
  objectValue(
    [...value.fields].map(([name, item]) => [autoscalerNames[name] ?? name.replaceAll("-", "_"), item] as const),
  );

const autoscalerNames: Readonly<Record<string, string>> = {
  "daemonset-eviction-for-empty-nodes": "daemonset_eviction_for_empty_nodes_enabled",
  "daemonset-eviction-for-occupied-nodes": "daemonset_eviction_for_occupied_nodes_enabled",
  "ignore-daemonsets-utilization": "ignore_daemonsets_utilization_enabled",
  "max-empty-bulk-delete": "empty_bulk_delete_max",
  "max-node-provision-time": "max_node_provisioning_time",
  "max-total-unready-percentage": "max_unready_percentage",
  "ok-total-unready-count": "max_unready_nodes",
  "scale-down-unneeded-time": "scale_down_unneeded",
  "scale-down-unready-time": "scale_down_unready",
};

const isSystem = (pool: Value): boolean => rawText(stepInto(pool, ["mode"]))?.toLowerCase() !== "user";

const systemPool = (pools: readonly Value[], moves: readonly Move[]): Value | undefined => {
  const pool = pools.find(isSystem) ?? pools[0];
  return pool === undefined ? undefined : tupleValue([nested(moved(pool, moves))]);
};

const otherPools = (pools: readonly Value[], moves: readonly Move[]): Value => {
  const first = pools.find(isSystem) ?? pools[0];
  return tupleValue(pools.filter((pool) => pool !== first).map((pool) => nested(moved(pool, moves))));
};

const stepInto = (value: Value | undefined, path: readonly string[]): Value | undefined => {
  const [step, ...rest] = path;
  if (step === undefined || value === undefined) return value;
  if (value.kind === "unknown") return partOfUnknown(value);
  if (value.kind !== "object" && value.kind !== "map") return undefined;
  const field = value.fields.get(step) ?? fieldInAnyCase(value, step);
  return field?.kind === "null" ? undefined : stepInto(field, rest);
};

/** ARM takes `addonProfiles.omsAgent` for `omsagent`. */
const fieldInAnyCase = (value: MappingValue, step: string): Value | undefined => {
  const wanted = step.toLowerCase();
  for (const [name, field] of value.fields) if (name.toLowerCase() === wanted) return field;
  return undefined;
};

/** An object with an object for each dotted step. Where a whole part is unknown, that unknown stands for all of it. */
const nested = (entries: readonly (readonly [string, Value])[]): MappingValue => {
  const direct: [string, Value][] = [];
  const deeper = new Map<string, [string, Value][]>();
  for (const [path, value] of entries) {
    const dot = path.indexOf(".");
    if (dot === -1) direct.push([path, value]);
    else {
      const head = path.slice(0, dot);
      deeper.set(head, [...(deeper.get(head) ?? []), [path.slice(dot + 1), value]]);
    }
  }
  const present = new Set(direct.map(([name]) => name));
  const groups = [...deeper]
    .filter(([name]) => !present.has(name))
    .map(([name, inside]) => [name, nested(inside)] as const);
  return objectValue([...direct, ...groups]);
};

const topLevel = new Set(["id", "name", "location", "tags", "identity", "parent_id", "resource_id"]);

const rangeAt = (instance: ResourceInstance, shape: ArmShape, path: string): SourceRange | undefined => {
  const [head = ""] = path.split(".");
  if (head === shape.parent) return instance.rangeAt(["parent_id"]);
  if (topLevel.has(head)) return instance.rangeAt(path.split("."));
  const from = armPath(shape.moves ?? [], path);
  return from === undefined ? instance.range : instance.rangeAt(["body", ...from]);
};

/** The place in the body that an azurerm path was moved from. */
const armPath = (moves: readonly Move[], path: string): readonly (string | number)[] | undefined => {
  const exact = moves.find((move) => move.to === path);
  if (exact !== undefined) return exact.from.split(".");
  const above = moves.find((move) => path.startsWith(`${move.to}.`));
  if (above === undefined) return undefined;
  const inside = above.moves === undefined ? undefined : armPath(above.moves, path.slice(above.to.length + 1));
  return [...above.from.split("."), ...(inside === undefined ? [] : [0, ...inside])];
};
