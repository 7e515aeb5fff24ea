import type { PrincipalRef, ResourceRef } from "../azure/platform.ts";
import { unknown } from "../model/unknown.ts";
import type { UnknownValue, Value } from "../model/value.ts";
import { azurermTypeOfArm, parseArmId } from "./azure-arm-types.ts";
import { rawText, textFact } from "./azure-facts.ts";
import { expectedTypes, type Origin, originOf } from "./azure-origins.ts";
import { grouped, isPartOfUnknown, type ResourceView, resultAt, settingAt } from "./azure-view.ts";

/**
 * Finds the resource that a value means: by the attribute that an unknown value is, by a known id, by the names within an ARM id, or by
 * what the configuration refers to at that place.
 */
export interface Resolver {
  /** What an argument refers to, by id or by name; `undefined` when it is not set. */
  readonly at: (view: ResourceView, ...paths: readonly string[]) => ResourceRef | undefined;
  /** What each item of a list refers to; a single text counts as a list of one. */
  readonly listAt: (view: ResourceView, ...paths: readonly string[]) => readonly ResourceRef[];
  readonly refOf: (value: Value | undefined) => ResourceRef | undefined;
  readonly principalAt: (view: ResourceView, path: string) => PrincipalRef;
  readonly principalOf: (value: Value | undefined) => PrincipalRef;
  /** The one resource of a type that will be made, where there is one: what an id that is not known yet must be of. */
  readonly onlyNew: (type: string) => string | undefined;
  readonly view: (address: string) => ResourceView | undefined;
}

/** An inline subnet is called by its network's address and its own name. */
export const inlineSubnetAddress = (network: string, name: string): string =>
  `${network}.subnet[${JSON.stringify(name)}]`;

export const resolverOf = (
  views: readonly ResourceView[],
  aliases: ReadonlyMap<string, string> = new Map(),
): Resolver => {
  const index = indexOf(views);
  const refOf = (value: Value | undefined): ResourceRef | undefined => {
    if (value === undefined || value.kind === "null" || isPartOfUnknown(value)) return undefined;
    if (value.kind === "unknown") {
      const origin = originOf(value);
      const address =
        subnetOfDraft(index, value) ?? (origin === undefined ? undefined : addressOfOrigin(index, origin));
      return { address: aliases.get(address ?? "") ?? address, id: unknown(value.because) };
    }
    const text = rawText(value);
    if (text === undefined) return undefined;
    return { address: index.byId.get(text.toLowerCase()) ?? addressOfArmId(index, text), id: textFact(value) };
  };
  const refAt = (view: ResourceView, value: Value | undefined, paths: readonly string[]): ResourceRef | undefined => {
    const found = refOf(value);
    if (found === undefined) return undefined;
    const types = expectedTypes(paths[0] ?? "");
    const isOther = found.address !== undefined && found.address !== view.instance.address;
    const isFitting = isOther && isOfType(index, found.address, types);
    if (isFitting) return found;
    const name = rawText(value);
    const named = types === undefined || name === undefined ? undefined : addressOfName(index, types, name, view);
    const address =
      named ??
      referredAddress(index, view, paths, types) ??
      (value?.kind === "unknown" ? onlyNew(index, types) : undefined);
    const isName = paths[0]?.endsWith("_name") === true;
    return { address, id: isName ? undefined : found.id };
  };
  const at = (view: ResourceView, ...paths: readonly string[]): ResourceRef | undefined =>
    refAt(view, settingAt(view, ...paths), paths);
  const principal = (value: Value | undefined, found: ResourceRef | undefined): PrincipalRef => {
    const path = value?.kind === "unknown" ? (originOf(value)?.path ?? []) : [];
    return { address: found?.address, part: partOf(path), id: found?.id };
  };
  return {
    refOf,
    at,
    listAt: (view, ...paths) => {
      const value = settingAt(view, ...paths);
      const items = value === undefined ? [] : "items" in value ? value.items : [value];
      return items.filter((item) => rawText(item) !== "").flatMap((item) => refAt(view, item, paths) ?? []);
    },
    principalOf: (value) => principal(value, refOf(value)),
    principalAt: (view, path) => principal(settingAt(view, path), at(view, path)),
    onlyNew: (type) => onlyNew(index, [type]),
    view: (address) => index.byAddress.get(address),
  };
};

interface Index {
  readonly byAddress: ReadonlyMap<string, ResourceView>;
  readonly byId: ReadonlyMap<string, string>;
  readonly byName: ReadonlyMap<string, readonly ResourceView[]>;
  /** By address without the key of the instance. */
  readonly byResource: ReadonlyMap<string, readonly ResourceView[]>;
  /** Those whose id is known after apply. */
  readonly newByType: ReadonlyMap<string, readonly ResourceView[]>;
}

const indexOf = (views: readonly ResourceView[]): Index => {
  const byId = new Map<string, string>();
  const named: ResourceView[] = [];
  for (const view of views) {
    const id = rawText(resultAt(view, "id"));
    if (id !== undefined) byId.set(id.toLowerCase(), view.instance.address);
    if (rawText(settingAt(view, "name")) !== undefined) named.push(view);
  }
  return {
    byAddress: new Map(views.map((view) => [view.instance.address, view])),
    byId,
    byName: grouped(named, (view) => nameKey(view.type, rawText(settingAt(view, "name")) ?? "")),
    newByType: grouped(
      views.filter((view) => view.instance.mode === "managed" && resultAt(view, "id")?.kind === "unknown"),
      (view) => view.type,
    ),
    byResource: grouped(views, (view) => view.instance.address.replace(/\[[^\]]*\]$/, "")),
  };
};

const nameKey = (type: string, name: string): string => `${type}|${name.toLowerCase()}`;

/** What the index does not know may be anything. */
const isOfType = (index: Index, address: string, types: readonly string[] | undefined): boolean => {
  const type = index.byAddress.get(address)?.type;
  if (types === undefined || type === undefined) return types === undefined || !/^random_|^terraform_/.test(address);
  return types.includes(type);
};

const addressOfOrigin = (index: Index, origin: Origin): string => {
  const view = index.byAddress.get(origin.address);
  if (view?.type !== "azurerm_virtual_network" || origin.path[0] !== "subnet") return origin.address;
  const subnets = settingAt(view, "subnet");
  const items = subnets !== undefined && "items" in subnets ? subnets.items : [];
  const at = typeof origin.path[1] === "number" ? origin.path[1] : items.length === 1 ? 0 : -1;
  const item = items[at];
  const name = item?.kind === "object" ? rawText(item.fields.get("name")) : undefined;
  return name === undefined ? origin.address : inlineSubnetAddress(origin.address, name);
};

/** `"${network.id}/subnets/nodes"`: the subnet of that name, a resource of its own or a block of the network. */
const subnetOfDraft = (index: Index, { draft }: UnknownValue): string | undefined => {
  if (draft?.kind !== "text") return undefined;
  const [first, ...rest] = draft.parts.filter((part) => rawText(part) !== "");
  const texts = rest.map(rawText);
  const name = /^\/subnets\/([^/]+)$/i.exec(texts.join(""))?.[1];
  if (first?.kind !== "unknown" || name === undefined || texts.includes(undefined)) return undefined;
  const origin = originOf(first);
  const network = origin?.path[0] === "id" ? index.byAddress.get(origin.address) : undefined;
  if (network?.type !== "azurerm_virtual_network") return undefined;
  const own = rawText(settingAt(network, "name"));
  const [only, ...others] = (index.byName.get(nameKey("azurerm_subnet", name)) ?? []).filter((view) =>
    agrees(settingAt(view, "virtual_network_name"), own),
  );
  return only !== undefined && others.length === 0
    ? only.instance.address
    : inlineSubnetAddress(network.instance.address, name);
};

/** Which identity of the resource: the block that the attribute lies in. azapi has them in its output, under ARM's names. */
const partOf = (path: readonly (string | number)[]): string | undefined => {
  const names = path.filter((step) => typeof step === "string");
  const [head = ""] = names;
  if (head !== "output") return names.length > 1 ? head : undefined;
  return names.map((name) => armParts[name.toLowerCase()]).find((name) => name !== undefined);
};

const armParts: Readonly<Record<string, string>> = {
  azurekeyvaultsecretsprovider: "key_vault_secrets_provider",
  identity: "identity",
  ingressapplicationgateway: "ingress_application_gateway",
  kubeletidentity: "kubelet_identity",
  omsagent: "oms_agent",
  webapprouting: "web_app_routing",
};

/** A known id of a resource that is only planned: the names in it must be those of one. */
const addressOfArmId = (index: Index, text: string): string | undefined => {
  const id = parseArmId(text);
  const type = id === undefined ? undefined : azurermTypeOfArm(id.type);
  if (id === undefined || type === undefined) return undefined;
  const candidates = (index.byName.get(nameKey(type, id.names.at(-1) ?? "")) ?? []).filter(
    (view) =>
      agrees(settingAt(view, "resource_group_name"), id.resourceGroup) &&
      (type !== "azurerm_subnet" || agrees(settingAt(view, "virtual_network_name"), id.names.at(-2))),
  );
  return candidates.length === 1 ? candidates[0]?.instance.address : undefined;
};

/** True unless the two are known and differ. */
const agrees = (value: Value | undefined, text: string | undefined): boolean => {
  const known = rawText(value);
  return known === undefined || text === undefined || known.toLowerCase() === text.toLowerCase();
};

/** A resource with that name and the resource group of `from`, preferring what `from` depends on. */
const addressOfName = (
  index: Index,
  types: readonly string[],
  name: string,
  from: ResourceView,
): string | undefined => {
  const group = rawText(settingAt(from, "resource_group_name"));
  const candidates = types
    .flatMap((type) => index.byName.get(nameKey(type, name)) ?? [])
    .filter((view) => agrees(settingAt(view, "resource_group_name"), group));
  const dependsOn = new Set(from.instance.dependsOn);
  const referred = candidates.filter(
    ({ instance }) => dependsOn.has(instance.address) || dependsOn.has(instance.address.replace(/\[[^\]]*\]$/, "")),
  );
  const [first, ...others] = referred.length > 0 ? referred : candidates;
  return first !== undefined && (others.length === 0 || referred.length > 0) ? first.instance.address : undefined;
};

/** An id that is not known yet is that of something new: where there is one such resource of the type, it is meant. */
const onlyNew = (index: Index, types: readonly string[] | undefined): string | undefined => {
  const type = types?.find((candidate) => index.newByType.has(candidate));
  const candidates = type === undefined ? [] : (index.newByType.get(type) ?? []);
  return candidates.length === 1 ? candidates[0]?.instance.address : undefined;
};

/** What is written at one of the paths, directly or through locals and modules, when that is one resource of a fitting type. */
const referredAddress = (
  index: Index,
  { instance }: ResourceView,
  paths: readonly string[],
  types: readonly string[] | undefined,
): string | undefined => {
  const wanted = new Set(paths);
  const found = new Set<string>();
  for (const { path, to } of instance.references) {
    if (!wanted.has(path.filter((step) => typeof step === "string").join("."))) continue;
    const instances = index.byResource.get(to.replace(/\[[^\]]*\]$/, "")) ?? [];
    const exact = instances.find((view) => view.instance.address === to);
    const sameKey = instances.find((view) => instance.key !== undefined && view.instance.key === instance.key);
    const view = exact ?? (instances.length === 1 ? instances[0] : sameKey);
    if (view !== undefined && isOfType(index, view.instance.address, types)) found.add(view.instance.address);
  }
  return found.size === 1 ? [...found][0] : undefined;
};
