import type { Platform, ResourceRef } from "../azure/platform.ts";
import { type Fact, unknown } from "../model/unknown.ts";
import { knownTexts } from "./azure-facts.ts";
import { azureResource, type Mapping, orNothing } from "./azure-resource.ts";
import { blocksAt, partAt, type ResourceView, settingAt } from "./azure-view.ts";

type PrivateLink = Pick<Platform, "privateEndpoints" | "privateDnsZones">;

/** Types that become private endpoints and private DNS zones, links included. */
export const privateLinkTypes = [
  "azurerm_private_dns_zone",
  "azurerm_private_dns_zone_virtual_network_link",
  "azurerm_private_endpoint",
  "azurerm_private_endpoint_dns_zone_group",
] as const;

export const mapPrivateLink = (mapping: Mapping): PrivateLink => {
  const { resolver } = mapping;
  const links = new Map<string, ResourceRef[]>();
  for (const view of mapping.of("azurerm_private_dns_zone_virtual_network_link")) {
    const zone = resolver.at(view, "private_dns_zone_id") ?? resolver.at(view, "private_dns_zone_name");
    const network = resolver.at(view, "virtual_network_id");
    if (zone?.address === undefined || network === undefined) continue;
    links.set(zone.address, [...(links.get(zone.address) ?? []), network]);
  }
  // azapi alone has zone groups as resources of their own.
  const groups = new Map<string, ResourceRef[]>();
  const zonesOf = (view: ResourceView): readonly ResourceRef[] =>
    blocksAt(view, "zone_configs").flatMap((config) => resolver.refOf(partAt(config, "private_dns_zone_id")) ?? []);
  for (const view of mapping.of("azurerm_private_endpoint_dns_zone_group")) {
    const endpoint = resolver.at(view, "private_endpoint_id")?.address ?? "";
    groups.set(endpoint, [...(groups.get(endpoint) ?? []), ...zonesOf(view)]);
  }
  return {
    privateEndpoints: mapping.of("azurerm_private_endpoint").map((view) => {
      const connection = blocksAt(view, "private_service_connection")[0];
      return {
        ...azureResource(view),
        subnet: orNothing(resolver.at(view, "subnet_id")),
        target: orNothing(resolver.at(view, "private_service_connection.private_connection_resource_id")),
        subresources: connection === undefined ? [] : knownTexts(partAt(connection, "subresource_names")),
        dnsZones: [
          ...resolver.listAt(view, "private_dns_zone_group.private_dns_zone_ids"),
          ...(groups.get(view.instance.address) ?? []),
        ],
        dnsZoneGroup: groups.has("") ? unknown("a zone group names no endpoint of the input") : zoneGroup(view, groups),
      };
    }),
    privateDnsZones: mapping.of("azurerm_private_dns_zone").map((view) => ({
      ...azureResource(view),
      linkedNetworks: links.get(view.instance.address) ?? [],
    })),
  };
};

/** Azure Policy writes the group where the configuration ignores changes of it ("Private Link and DNS integration at scale"). */
const zoneGroup = (view: ResourceView, groups: ReadonlyMap<string, unknown>): Fact<boolean> => {
  const { ignoreChanges, address } = view.instance;
  const group = settingAt(view, "private_dns_zone_group");
  if (groups.has(address) || blocksAt(view, "private_dns_zone_group").length > 0) return true;
  if (group?.kind === "unknown") return unknown(group.because);
  const isLeft =
    ignoreChanges === "all" || ignoreChanges.some((path) => path.replace(/\[.*$/, "") === "private_dns_zone_group");
  return isLeft ? unknown("the configuration leaves the zone group to others") : undefined;
};
