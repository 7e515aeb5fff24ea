import type { SourceRange } from "../model/source-range.ts";
import type { Type } from "../model/type.ts";
import type { MappingValue, UnknownValue, Value } from "../model/value.ts";
import { expectedTypes } from "./azure-origins.ts";
import type { ResourceInstance } from "./resource-instance.ts";
import { objectValue, unknownAttribute } from "./values-construct.ts";
import { typeOf } from "./values-type.ts";

/**
 * A resource instance as the mappers read it: under azurerm's 4.x type and argument names, whatever provider and version it was
 * written for. Paths are dotted and step into the one element of a block by themselves: `network_profile.network_plugin`.
 */
export interface ResourceView {
  readonly instance: ResourceInstance;
  /** The azurerm type that it is read as. */
  readonly type: string;
  /** What the configuration calls it: the azurerm type, or the ARM type of an azapi resource. */
  readonly shownType: string;
  readonly values: MappingValue;
  readonly rangeAt: (path: string) => SourceRange | undefined;
}

/** An azurerm resource or data source as it is. */
export const azurermView = (instance: ResourceInstance): ResourceView => ({
  instance,
  type: instance.type,
  shownType: instance.type,
  values: instance.values,
  rangeAt: (path) => instance.rangeAt(pathWithIndexes(instance.values, path.split("."), instance.address)),
});

/**
 * What is set at the first of the paths that is set. A value that only Azure will choose is not: it is an unknown attribute of the
 * resource itself. The attributes of a data source are always something.
 */
export const settingAt = (view: ResourceView, ...paths: readonly string[]): Value | undefined => {
  for (const path of paths) {
    const value = valueAt(view.values, path.split("."), view.instance.address);
    if (value === undefined || value.kind === "null") continue;
    if (!isChosenByAzure(view, value)) return value;
    if (view.instance.range === undefined && isSetInPlan(view.instance, path))
      return { kind: "unknown", type: typeOf(value), because: reasonOf(value) };
  }
  return undefined;
};

/** What the attribute will be, also when only Azure can say. */
export const resultAt = (view: ResourceView, path: string): Value | undefined => {
  const value = valueAt(view.values, path.split("."), view.instance.address);
  return value?.kind === "null" ? undefined : value;
};

/** The elements of a nested block or of a list of objects. */
export const blocksAt = (view: ResourceView, path: string): readonly Value[] => {
  const value = settingAt(view, path);
  return value === undefined ? [] : itemsOf(value);
};

/** True when the block is surely there. */
export const hasBlock = (view: ResourceView, path: string): boolean => blocksAt(view, path).length > 0;

/** True for a value that lies within one of which nothing is known, so that not even its being set is. */
export const isPartOfUnknown = (value: Value): boolean => value.kind === "unknown" && value.type === typeOfPart;

/** A part of a value, such as one element of `blocksAt`. */
export const partAt = (value: Value, path: string): Value | undefined => {
  const part = valueAt(value, path.split("."));
  return part?.kind === "null" ? undefined : part;
};

/** The items of a list, set, tuple, or the one object that stands for a list of one. */
export const itemsOf = (value: Value): readonly Value[] => {
  if ("items" in value) return value.items;
  return value.kind === "object" || value.kind === "map" ? [value] : [];
};

/** Settings laid over others: objects are merged, anything else takes the place of what was there. */
export const overlaid = (under: MappingValue, over: MappingValue): MappingValue => {
  const fields = new Map(under.fields);
  for (const [name, value] of over.fields) {
    if (name === "resource_id" || name === "id") continue;
    const below = fields.get(name);
    const block = below !== undefined && "items" in below && below.items.length === 1 ? below.items[0] : below;
    const isMerged = block?.kind === "object" && value.kind === "object";
    fields.set(name, isMerged ? overlaid(block, value) : value);
  }
  return objectValue(fields);
};

/** Views by a key, in their order. */
export const grouped = (
  views: readonly ResourceView[],
  keyOf: (view: ResourceView) => string,
): ReadonlyMap<string, readonly ResourceView[]> => {
  const groups = new Map<string, ResourceView[]>();
  for (const view of views) {
    const group = groups.get(keyOf(view));
    if (group === undefined) groups.set(keyOf(view), [view]);
    else group.push(view);
  }
  return groups;
};

/** Names that azurerm 3.x (and 2.x) had for arguments of 4.x. */
const olderNames: Readonly<Record<string, readonly string[]>> = {
  auto_scaling_enabled: ["enable_auto_scaling"],
  automatic_upgrade_channel: ["automatic_channel_upgrade"],
  host_encryption_enabled: ["enable_host_encryption"],
  network_data_plane: ["ebpf_data_plane"],
  node_os_upgrade_channel: ["node_os_channel_upgrade"],
  node_public_ip_enabled: ["enable_node_public_ip"],
  rbac_authorization_enabled: ["enable_rbac_authorization"],
  user_assigned_identity_id: ["parent_id"],
  virtual_network_integration_enabled: ["vnet_integration_enabled"],
  zones: ["availability_zones"],
};

/** Something within an unknown value. */
export const partOfUnknown = ({ because }: UnknownValue): UnknownValue => ({
  kind: "unknown",
  type: typeOfPart,
  because,
});

/**
 * A plan does not say where an unknown argument comes from. It is set when it is one that Azure never chooses, or when something is
 * referred to there (of dynamic blocks a plan keeps no references).
 */
const isSetInPlan = (instance: ResourceInstance, path: string): boolean =>
  (alwaysWritten.has(path) && !(path === "name" && instance.type === "azurerm_role_assignment")) ||
  (expectedTypes(path) !== undefined && !chosenByAzure.has(path)) ||
  instance.references.some((reference) => reference.path.filter((step) => typeof step === "string").join(".") === path);

const alwaysWritten: ReadonlySet<string> = new Set([
  "default_node_pool.name",
  "location",
  "name",
  "principal_id",
  "resource_group_name",
  "scope",
]);

const chosenByAzure: ReadonlySet<string> = new Set([
  // 3.x leaves the whole block to Azure where it is not written.
  "api_server_access_profile.subnet_id",
  "ingress_application_gateway.gateway_id",
  "kubelet_identity.user_assigned_identity_id",
  "network_profile.load_balancer_profile.outbound_ip_address_ids",
  "network_profile.load_balancer_profile.outbound_ip_prefix_ids",
  "private_dns_zone_id",
  "user_assigned_identity_id",
]);

const reasonOf = (value: Value): string => (value.kind === "unknown" ? value.because : "");

const typeOfPart: Type = { kind: "dynamic" };

const isChosenByAzure = (view: ResourceView, value: Value): boolean =>
  view.instance.mode === "managed" && value.kind === "unknown" && value.origin?.address === view.instance.address;

/** `own` is the address of the resource that the value is of; what only Azure will choose has that as its origin. */
const isSet = (value: Value | undefined, own: string): boolean =>
  value !== undefined && value.kind !== "null" && !(value.kind === "unknown" && value.origin?.address === own);

const valueAt = (value: Value | undefined, path: readonly string[], own = ""): Value | undefined => {
  const [step, ...rest] = path;
  if (step === undefined || value === undefined) return value;
  if ("items" in value) return valueAt(value.items[0], path, own);
  if (value.kind === "unknown") {
    const { origin } = value;
    if (origin === undefined) return partOfUnknown(value);
    return valueAt(unknownAttribute({ kind: "dynamic" }, origin.address, [...origin.path, step]), rest, own);
  }
  if (value.kind !== "object" && value.kind !== "map") return undefined;
  return valueAt(value.fields.get(nameIn(value, step, own)), rest, own);
};

/** The name that the object has for a step: its own, or an older one that is set in its place. */
const nameIn = (value: MappingValue, step: string, own: string): string => {
  if (isSet(value.fields.get(step), own)) return step;
  const older = olderNames[step]?.find((name) => isSet(value.fields.get(name), own));
  return older ?? (value.fields.has(step) ? step : (olderNames[step]?.find((name) => value.fields.has(name)) ?? step));
};

const pathWithIndexes = (start: Value, steps: readonly string[], own: string): readonly (string | number)[] => {
  const path: (string | number)[] = [];
  let value: Value | undefined = start;
  for (const step of steps) {
    if (value !== undefined && "items" in value) {
      path.push(0);
      value = value.items[0];
    }
    const name: string = value?.kind === "object" || value?.kind === "map" ? nameIn(value, step, own) : step;
    path.push(name);
    value = value?.kind === "object" || value?.kind === "map" ? value.fields.get(name) : undefined;
  }
  return path;
};
