import type { Platform, ResourceRef } from "../azure/platform.ts";
import { knownTexts } from "./azure-facts.ts";
import { azureResource, type Mapping, orNothing } from "./azure-resource.ts";
import { blocksAt, partAt } from "./azure-view.ts";

type PrivateLink = Pick<Platform, "privateEndpoints" | "privateDnsZones">;

/** Types that become private endpoints and private DNS zones, links included. */
export const privateLinkTypes = [
  "azurerm_private_dns_zone",
  "azurerm_private_dns_zone_virtual_network_link",
  "azurerm_private_endpoint",
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
  return {
    privateEndpoints: mapping.of("azurerm_private_endpoint").map((view) => {
      const connection = blocksAt(view, "private_service_connection")[0];
      return {
        ...azureResource(view),
        subnet: orNothing(resolver.at(view, "subnet_id")),
        target: orNothing(resolver.at(view, "private_service_connection.private_connection_resource_id")),
        subresources: connection === undefined ? [] : knownTexts(partAt(connection, "subresource_names")),
        dnsZones: resolver.listAt(view, "private_dns_zone_group.private_dns_zone_ids"),
      };
    }),
    privateDnsZones: mapping.of("azurerm_private_dns_zone").map((view) => ({
      ...azureResource(view),
      linkedNetworks: links.get(view.instance.address) ?? [],
    })),
  };
};
