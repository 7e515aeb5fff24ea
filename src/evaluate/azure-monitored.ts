import type { ResourceRef } from "../azure/platform.ts";
import { unknown } from "../model/unknown.ts";
import type { Value } from "../model/value.ts";
import type { Resolver } from "./azure-references.ts";
import { type Mapping, orNothing } from "./azure-resource.ts";
import { type ResourceView, settingAt } from "./azure-view.ts";

/**
 * The resource that is watched. An id that is put together (`"${azurerm_resource_group.rg.id}/providers/…"`) names the group it starts
 * with as its reason, and means something in it: that is left open.
 */
export const monitoredAt = ({ resolver }: Mapping, view: ResourceView, path: string): ResourceRef =>
  unlessPutTogether(resolver, orNothing(resolver.at(view, path)), settingAt(view, path));

/** The same for a list. */
export const monitoredListAt = (
  { resolver }: Mapping,
  view: ResourceView,
  ...paths: readonly string[]
): readonly ResourceRef[] => {
  const value = settingAt(view, ...paths);
  if (value?.kind === "unknown" && value.origin === undefined)
    return [{ address: undefined, id: unknown(value.because) }];
  const items = value === undefined ? [] : "items" in value ? value.items : [value];
  const refs = resolver.listAt(view, ...paths);
  return refs.length === items.length ? refs.map((ref, at) => unlessPutTogether(resolver, ref, items[at])) : refs;
};

const unlessPutTogether = (resolver: Resolver, ref: ResourceRef, value: Value | undefined): ResourceRef => {
  if (value?.kind !== "unknown" || value.origin !== undefined || ref.address === undefined) return ref;
  const holds = holders.has(resolver.view(ref.address)?.type ?? "");
  return holds ? { address: undefined, id: ref.id } : ref;
};

const holders: ReadonlySet<string> = new Set([
  "azapi_client_config",
  "azurerm_client_config",
  "azurerm_resource_group",
  "azurerm_subscription",
]);
