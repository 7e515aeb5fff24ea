import type { AzureResource, ResourceRef } from "../azure/platform.ts";
import { type Fact, isUnknown } from "../model/unknown.ts";
import { boolFact, knownTextMap, textFact } from "./azure-facts.ts";
import type { Resolver } from "./azure-references.ts";
import { type ResourceView, settingAt } from "./azure-view.ts";

/** Everything that the mappings of a family need. */
export interface Mapping {
  readonly resolver: Resolver;
  /** Instances that are read as this azurerm type, in the order of their addresses. */
  readonly of: (type: string) => readonly ResourceView[];
}

/** What every resource has, from arguments that are named alike in all of them. */
export const azureResource = (view: ResourceView): AzureResource => ({
  address: view.instance.address,
  type: view.shownType,
  name: textFact(settingAt(view, "name")),
  resourceGroup: textFact(settingAt(view, "resource_group_name")),
  location: normalLocation(textFact(settingAt(view, "location"))),
  tags: knownTextMap(settingAt(view, "tags")),
  range: view.instance.range,
  rangeAt: view.rangeAt,
  isData: view.instance.mode === "data",
  dependsOn: view.instance.dependsOn,
});

/** A child has its parent's resource group and location where it names none itself. */
export const withParent = <T extends AzureResource>(child: T, parent: AzureResource | undefined): T => ({
  ...child,
  resourceGroup: child.resourceGroup ?? parent?.resourceGroup,
  location: child.location ?? parent?.location,
});

/** A reference that must be there: an empty one where the argument says nothing. */
export const orNothing = (found: ResourceRef | undefined): ResourceRef =>
  found ?? { address: undefined, id: undefined };

/** A truth value in azurerm, "Enabled" or "Disabled" in ARM. */
export const enabledFact = (view: ResourceView, path: string, armPath: string): Fact<boolean> => {
  const own = boolFact(settingAt(view, path));
  if (own !== undefined) return own;
  const arm = textFact(settingAt(view, armPath));
  return arm === undefined || isUnknown(arm) ? arm : arm.toLowerCase() === "enabled";
};

/** "West Europe" and "westeurope" are one region (azurerm `location.Normalize`). */
const normalLocation = (location: Fact<string>): Fact<string> =>
  typeof location === "string" ? location.replaceAll(" ", "").toLowerCase() : location;
