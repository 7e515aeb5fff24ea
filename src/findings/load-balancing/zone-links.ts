import type { Value } from "../../model/value.ts";
import type { World } from "../rule.ts";

/** True where a link's zone or network is not shown by the configuration: it may be the one that is looked for. */
export const hasOpenLink = (world: World): boolean => {
  const { privateDnsZones, virtualNetworks } = world.platform;
  const shown = new Set([...privateDnsZones, ...virtualNetworks].map(({ address }) => address));
  return world.instances.some(
    ({ type, values }) =>
      isLink(type, values.fields.get("type")) &&
      ["private_dns_zone_name", "private_dns_zone_id", "parent_id", "virtual_network_id"].some((name) => {
        const value = values.fields.get(name);
        return value?.kind === "unknown" && !shown.has(value.origin?.address ?? "");
      }),
  );
};

const isLink = (type: string, armType: Value | undefined): boolean =>
  type === "azurerm_private_dns_zone_virtual_network_link" ||
  (type === "azapi_resource" && armType?.kind === "string" && /virtualNetworkLinks/i.test(armType.value));
