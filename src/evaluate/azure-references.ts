import type { PrincipalRef, ResourceRef } from "../azure/platform.ts";
import { unknown } from "../model/unknown.ts";
import type { Value } from "../model/value.ts";
import { azurermTypeOfArm, parseArmId } from "./azure-arm-types.ts";
import { rawText, textFact } from "./azure-facts.ts";
import { grouped, type ResourceView, resultAt, settingAt } from "./azure-view.ts";
import type { ResourceInstance } from "./resource-instance.ts";

/**
 * Finds the resource that a value means: by the attribute that an unknown value is, by a known id, by the names within an ARM id, or by
 * what the configuration refers to at that place.
 */
export interface Resolver {
  /** What an argument refers to; `undefined` when it is not set. */
  readonly at: (view: ResourceView, ...paths: readonly string[]) => ResourceRef | undefined;
  readonly refOf: (value: Value | undefined) => ResourceRef | undefined;
  readonly principalAt: (view: ResourceView, path: string) => PrincipalRef;
  readonly principalOf: (value: Value | undefined) => PrincipalRef;
  /** The address of a resource of the type with that name and resource group, preferring what `from` refers to. */
  readonly named: (
    type: string,
    name: Value | undefined,
    group: Value | undefined,
    from: ResourceInstance,
  ) => string | undefined;
  readonly view: (address: string) => ResourceView | undefined;
}

/** An inline subnet is called by its network's address and its own name. */
export const inlineSubnetAddress = (network: string, name: string): string =>
  `${network}.subnet[${JSON.stringify(name)}]`;

export const resolverOf = (
  views: readonly ResourceView[],
  aliases: ReadonlyMap<string, string> = new Map(),
): Resolver => {
  const byAddress = new Map(views.map((view) => [view.instance.address, view]));
  const byId = new Map<string, string>();
  const byName = new Map<string, ResourceView[]>();
  const byResource = grouped(views, (view) => withoutKeys(view.instance.address));
  for (const view of views) {
    const id = rawText(resultAt(view, "id"));
    if (id !== undefined) byId.set(id.toLowerCase(), view.instance.address);
    const name = rawText(settingAt(view, "name"));
    if (name === undefined) continue;
    const key = nameKey(view.type, name);
    const same = byName.get(key);
    if (same === undefined) byName.set(key, [view]);
    else same.push(view);
  }
  const refOf = (value: Value | undefined): ResourceRef | undefined => {
    if (value === undefined || value.kind === "null") return undefined;
    if (value.kind === "unknown") {
      const address = value.origin === undefined ? undefined : originAddress(byAddress, value.origin);
      return { address: aliases.get(address ?? "") ?? address, id: unknown(value.because) };
    }
    const text = rawText(value);
    if (text === undefined) return undefined;
    const address = byId.get(text.toLowerCase()) ?? addressOfArmId(byName, text);
    return { address, id: textFact(value) };
  };
  const principalOf = (value: Value | undefined): PrincipalRef => {
    const part = value?.kind === "unknown" ? value.origin?.path[0] : undefined;
    const isPart = typeof part === "string" && value?.kind === "unknown" && (value.origin?.path.length ?? 0) > 1;
    const { address, id } = refOf(value) ?? { address: undefined, id: undefined };
    return { address, part: isPart ? part : undefined, id };
  };
  return {
    refOf,
    at: (view, ...paths) => {
      const value = settingAt(view, ...paths);
      const found = refOf(value);
      if (found === undefined || found.address !== undefined) return found;
      const address = referredAddress(byResource, view.instance, paths);
      return address === undefined ? found : { ...found, address };
    },
    principalOf,
    principalAt: (view, path) => principalOf(settingAt(view, path)),
    named: (type, name, group, from) => addressOfName(byName, type, name, group, from),
    view: (address) => byAddress.get(address),
  };
};

const nameKey = (type: string, name: string): string => `${type}|${name.toLowerCase()}`;

const originAddress = (
  byAddress: ReadonlyMap<string, ResourceView>,
  origin: { readonly address: string; readonly path: readonly (string | number)[] },
): string => {
  const view = byAddress.get(origin.address);
  if (view?.type !== "azurerm_virtual_network" || origin.path[0] !== "subnet") return origin.address;
  const subnets = settingAt(view, "subnet");
  const items = subnets !== undefined && "items" in subnets ? subnets.items : [];
  const index = typeof origin.path[1] === "number" ? origin.path[1] : items.length === 1 ? 0 : -1;
  const item = items[index];
  const name = item?.kind === "object" ? rawText(item.fields.get("name")) : undefined;
  return name === undefined ? origin.address : inlineSubnetAddress(origin.address, name);
};

/** A known id of a resource that is only planned: the names in it must be those of one. */
const addressOfArmId = (byName: ReadonlyMap<string, readonly ResourceView[]>, text: string): string | undefined => {
  const id = parseArmId(text);
  const type = id === undefined ? undefined : azurermTypeOfArm(id.type);
  if (id === undefined || type === undefined) return undefined;
  const name = id.names.at(-1) ?? "";
  const parent = id.names.at(-2);
  const candidates = (byName.get(nameKey(type, name)) ?? []).filter(
    (view) =>
      agrees(settingAt(view, "resource_group_name"), id.resourceGroup) &&
      (type !== "azurerm_subnet" || agrees(settingAt(view, "virtual_network_name"), parent)),
  );
  return candidates.length === 1 ? candidates[0]?.instance.address : undefined;
};

/** True unless the two are known and differ. */
const agrees = (value: Value | undefined, text: string | undefined): boolean => {
  const known = rawText(value);
  return known === undefined || text === undefined || known.toLowerCase() === text.toLowerCase();
};

const addressOfName = (
  byName: ReadonlyMap<string, readonly ResourceView[]>,
  type: string,
  name: Value | undefined,
  group: Value | undefined,
  from: ResourceInstance,
): string | undefined => {
  if (name?.kind === "unknown") return name.origin?.address;
  const text = rawText(name);
  if (text === undefined) return undefined;
  const candidates = (byName.get(nameKey(type, text)) ?? []).filter((view) =>
    agrees(settingAt(view, "resource_group_name"), rawText(group)),
  );
  const referred = candidates.filter(
    (view) =>
      from.dependsOn.includes(withoutKeys(view.instance.address)) || from.dependsOn.includes(view.instance.address),
  );
  const [first, ...others] = referred.length > 0 ? referred : candidates;
  return first !== undefined && (others.length === 0 || referred.length > 0) ? first.instance.address : undefined;
};

/** The address without the key of the instance itself. */
const withoutKeys = (address: string): string => address.replace(/\[[^\]]*\]$/, "");

/** `azurerm_subnet.nodes[each.key].id` written at the path: the only instance of that resource, or the one with the same key. */
const referredAddress = (
  byResource: ReadonlyMap<string, readonly ResourceView[]>,
  from: ResourceInstance,
  paths: readonly string[],
): string | undefined => {
  const wanted = new Set(paths);
  for (const { path, to } of from.references) {
    if (!wanted.has(path.filter((step) => typeof step === "string").join("."))) continue;
    const resource = /^(?:data\.)?\w+\.[\p{L}\p{N}_-]+/u.exec(to)?.[0];
    if (resource === undefined) continue;
    const prefix = from.module === "" ? resource : `${from.module}.${resource}`;
    const instances = byResource.get(prefix) ?? byResource.get(resource) ?? [];
    const sameKey = instances.find((view) => from.key !== undefined && view.instance.key === from.key);
    const found = instances.length === 1 ? instances[0] : sameKey;
    if (found !== undefined) return found.instance.address;
  }
  return undefined;
};
