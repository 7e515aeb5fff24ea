import type { Platform, SecurityRule } from "../azure/platform.ts";
import type { SourceRange } from "../model/source-range.ts";
import type { Value } from "../model/value.ts";
import { knownTexts, numberFact, textFact } from "./azure-facts.ts";
import { azureResource, type Mapping } from "./azure-resource.ts";
import { blocksAt, partAt, type ResourceView, settingAt } from "./azure-view.ts";

type Security = Pick<Platform, "securityGroups" | "routeTables">;

/** Types that become security groups and route tables, their rules and routes included. */
export const securityTypes = [
  "azurerm_network_security_group",
  "azurerm_network_security_rule",
  "azurerm_route",
  "azurerm_route_table",
] as const;

type Part = (name: string) => Value | undefined;

export const mapSecurity = (mapping: Mapping): Security => {
  const rules = byParent(mapping, "azurerm_network_security_rule", "network_security_group");
  const routes = byParent(mapping, "azurerm_route", "route_table");
  return {
    securityGroups: mapping.of("azurerm_network_security_group").map((view) => ({
      ...azureResource(view),
      rules: [
        ...blocksAt(view, "security_rule").map((block) =>
          rule((name) => partAt(block, name), view.rangeAt("security_rule")),
        ),
        ...(rules.get(view.instance.address) ?? []).map((child) =>
          rule((name) => settingAt(child, name), child.instance.range),
        ),
      ],
    })),
    routeTables: mapping.of("azurerm_route_table").map((view) => ({
      ...azureResource(view),
      routes: [
        ...blocksAt(view, "route").map((block) => route((name) => partAt(block, name))),
        ...(routes.get(view.instance.address) ?? []).map((child) => route((name) => settingAt(child, name))),
      ],
    })),
  };
};

/** Rules and routes that are resources of their own, by the address of what they belong to. */
const byParent = (mapping: Mapping, type: string, argument: string): ReadonlyMap<string, readonly ResourceView[]> => {
  const found = new Map<string, ResourceView[]>();
  for (const view of mapping.of(type)) {
    const parent = mapping.resolver.at(view, `${argument}_id`) ?? mapping.resolver.at(view, `${argument}_name`);
    if (parent?.address === undefined) continue;
    found.set(parent.address, [...(found.get(parent.address) ?? []), view]);
  }
  return found;
};

const rule = (part: Part, range: SourceRange | undefined): SecurityRule => {
  const text = (name: string): string => {
    const fact = textFact(part(name));
    return typeof fact === "string" ? fact : "";
  };
  const both = (one: string, several: string): readonly string[] =>
    [text(one), ...knownTexts(part(several))].filter((item) => item !== "");
  return {
    name: text("name"),
    priority: numberFact(part("priority")),
    direction: text("direction"),
    access: text("access"),
    protocol: text("protocol"),
    sourcePrefixes: both("source_address_prefix", "source_address_prefixes"),
    destinationPrefixes: both("destination_address_prefix", "destination_address_prefixes"),
    sourcePorts: both("source_port_range", "source_port_ranges"),
    destinationPorts: both("destination_port_range", "destination_port_ranges"),
    range,
  };
};

const route = (part: Part): Platform["routeTables"][number]["routes"][number] => {
  const text = (name: string): string => {
    const fact = textFact(part(name));
    return typeof fact === "string" ? fact : "";
  };
  const hop = textFact(part("next_hop_in_ip_address"));
  return {
    name: text("name"),
    addressPrefix: textFact(part("address_prefix")),
    nextHopType: text("next_hop_type"),
    nextHopAddress: hop === "" ? undefined : hop,
  };
};
