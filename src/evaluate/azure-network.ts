import type { Platform, ResourceRef, Subnet, VirtualNetwork } from "../azure/platform.ts";
import { known } from "../model/unknown.ts";
import type { Value } from "../model/value.ts";
import { knownTexts, numberFact, rawText, textFact, textsFact } from "./azure-facts.ts";
import { inlineSubnetAddress } from "./azure-references.ts";
import { azureResource, type Mapping, orNothing, withParent } from "./azure-resource.ts";
import { blocksAt, itemsOf, partAt, type ResourceView, resultAt, settingAt } from "./azure-view.ts";

type Networks = Pick<
  Platform,
  "virtualNetworks" | "subnets" | "peerings" | "natGateways" | "publicIps" | "publicIpPrefixes"
>;

/** Types that become networks, subnets, gateways and addresses, their associations included. */
export const networkTypes = [
  "azurerm_nat_gateway",
  "azurerm_nat_gateway_public_ip_association",
  "azurerm_nat_gateway_public_ip_prefix_association",
  "azurerm_public_ip",
  "azurerm_public_ip_prefix",
  "azurerm_subnet",
  "azurerm_subnet_nat_gateway_association",
  "azurerm_subnet_network_security_group_association",
  "azurerm_subnet_route_table_association",
  "azurerm_virtual_network",
  "azurerm_virtual_network_peering",
] as const;

export const mapNetworks = (mapping: Mapping): Networks => {
  const virtualNetworks = mapping.of("azurerm_virtual_network").map(virtualNetwork);
  const byAddress = new Map(virtualNetworks.map((network) => [network.address, network]));
  return {
    virtualNetworks,
    subnets: subnetsOf(mapping, byAddress),
    peerings: mapping.of("azurerm_virtual_network_peering").map((view) => ({
      ...azureResource(view),
      virtualNetwork: networkOf(mapping, view),
      remoteVirtualNetwork: orNothing(mapping.resolver.at(view, "remote_virtual_network_id")),
    })),
    natGateways: natGatewaysOf(mapping),
    publicIps: mapping.of("azurerm_public_ip").map((view) => ({
      ...azureResource(view),
      sku: textFact(settingAt(view, "sku")),
      allocationMethod: textFact(settingAt(view, "allocation_method")),
      zones: knownTexts(settingAt(view, "zones")),
      ipAddress: textFact(resultAt(view, "ip_address")),
      ipVersion: textFact(settingAt(view, "ip_version")),
      domainNameLabel: textFact(settingAt(view, "domain_name_label")),
      domainNameLabelScope: textFact(settingAt(view, "domain_name_label_scope")),
    })),
    publicIpPrefixes: mapping.of("azurerm_public_ip_prefix").map((view) => ({
      ...azureResource(view),
      prefixLength: numberFact(settingAt(view, "prefix_length")),
    })),
  };
};

const virtualNetwork = (view: ResourceView): VirtualNetwork => ({
  ...azureResource(view),
  addressSpace: textsFact(settingAt(view, "address_space")),
  dnsServers: dnsServers(settingAt(view, "dns_servers")),
});

/** A server whose address is not known yet, such as a firewall's, is a server of one's own all the same. */
const dnsServers = (value: Value | undefined): readonly string[] => {
  if (value?.kind === "unknown") return [notKnownYet];
  return value !== undefined && "items" in value ? value.items.map((item) => known(textFact(item)) ?? notKnownYet) : [];
};

const notKnownYet = "known after apply";

/** By `virtual_network_name` in azurerm, by `parent_id` in azapi. */
const networkOf = (mapping: Mapping, view: ResourceView): ResourceRef =>
  orNothing(mapping.resolver.at(view, "virtual_network_id") ?? mapping.resolver.at(view, "virtual_network_name"));

/** Refs that associations give, by the address or id of what they are given to. */
type Associations = (target: { readonly address: string; readonly id: unknown }) => ResourceRef | undefined;

const associationsOf = (mapping: Mapping, type: string, target: string, given: string): Associations => {
  const found = new Map<string, ResourceRef>();
  for (const view of mapping.of(type)) {
    const to = mapping.resolver.at(view, target);
    const ref = mapping.resolver.at(view, given);
    const key = to?.address ?? to?.id;
    if (ref !== undefined && typeof key === "string") found.set(key, ref);
  }
  return ({ address, id }) => found.get(address) ?? (typeof id === "string" ? found.get(id) : undefined);
};

const subnetsOf = (mapping: Mapping, networks: ReadonlyMap<string, VirtualNetwork>): readonly Subnet[] => {
  const { resolver } = mapping;
  const securityGroups = associationsOf(
    mapping,
    "azurerm_subnet_network_security_group_association",
    "subnet_id",
    "network_security_group_id",
  );
  const routeTables = associationsOf(mapping, "azurerm_subnet_route_table_association", "subnet_id", "route_table_id");
  const natGateways = associationsOf(mapping, "azurerm_subnet_nat_gateway_association", "subnet_id", "nat_gateway_id");
  const associated = (address: string, id: unknown) => ({
    securityGroup: securityGroups({ address, id }),
    routeTable: routeTables({ address, id }),
    natGateway: natGateways({ address, id }),
  });
  const own = mapping.of("azurerm_subnet").map((view): Subnet => {
    const virtualNetwork = networkOf(mapping, view);
    const resource = withParent(azureResource(view), networks.get(virtualNetwork.address ?? ""));
    const given = associated(resource.address, rawText(resultAt(view, "id")));
    return {
      ...resource,
      virtualNetwork,
      ...subnetSettings((path) => settingAt(view, path)),
      securityGroup: given.securityGroup ?? resolver.at(view, "security_group", "network_security_group_id"),
      routeTable: given.routeTable ?? resolver.at(view, "route_table_id"),
      natGateway: given.natGateway ?? resolver.at(view, "nat_gateway_id"),
    };
  });
  const inline = mapping
    .of("azurerm_virtual_network")
    .flatMap((view) => inlineSubnets(mapping, view, networks.get(view.instance.address), associated));
  const written = new Set(own.map((subnet) => subnetKey(subnet)));
  return [...own, ...inline.filter((subnet) => !written.has(subnetKey(subnet)))];
};

/** A data source of a network lists the names of subnets that may be resources of their own. */
const subnetKey = ({ virtualNetwork, name }: Subnet): string =>
  `${virtualNetwork.address} ${typeof name === "string" ? name.toLowerCase() : ""}`;

const inlineSubnets = (
  mapping: Mapping,
  view: ResourceView,
  network: VirtualNetwork | undefined,
  associated: (address: string, id: unknown) => Pick<Subnet, "securityGroup" | "routeTable" | "natGateway">,
): readonly Subnet[] => {
  if (network === undefined || view.instance.mode === "data") return [];
  return blocksAt(view, "subnet").map((block): Subnet => {
    const part = (path: string) => partAt(block, path);
    const name = textFact(part("name"));
    const address = inlineSubnetAddress(network.address, typeof name === "string" ? name : "");
    const given = associated(address, rawText(part("id")));
    const rangeAt = () => view.rangeAt("subnet");
    return {
      ...network,
      address,
      name,
      range: rangeAt() ?? network.range,
      rangeAt,
      virtualNetwork: { address: network.address, id: undefined },
      ...subnetSettings(part),
      securityGroup: given.securityGroup ?? mapping.resolver.refOf(nonEmpty(part("security_group"))),
      routeTable: given.routeTable ?? mapping.resolver.refOf(nonEmpty(part("route_table_id"))),
      natGateway: given.natGateway ?? mapping.resolver.refOf(nonEmpty(part("nat_gateway_id"))),
    };
  });
};

/** Unset texts within elements of a set come as "" from the provider. */
const nonEmpty = (value: Value | undefined): Value | undefined => (rawText(value) === "" ? undefined : value);

const subnetSettings = (
  part: (path: string) => Value | undefined,
): Pick<Subnet, "addressPrefixes" | "delegations" | "serviceEndpoints"> => {
  const delegations = part("delegation");
  const single = nonEmpty(part("address_prefix"));
  const several = part("address_prefixes");
  const hasSeveral = several !== undefined && !("items" in several && several.items.length === 0);
  const prefix = textFact(single);
  return {
    addressPrefixes:
      hasSeveral || single === undefined ? textsFact(several) : typeof prefix === "string" ? [prefix] : prefix,
    delegations: (delegations === undefined ? [] : itemsOf(delegations)).flatMap((delegation) => {
      const name = textFact(partAt(delegation, "service_delegation.name"));
      return typeof name === "string" ? [name] : [];
    }),
    serviceEndpoints: [
      ...knownTexts(part("service_endpoints")),
      ...listed(part("service_endpoint_list")).flatMap((item) => rawText(partAt(item, "service")) ?? []),
    ],
  };
};

const listed = (value: Value | undefined): readonly Value[] => (value === undefined ? [] : itemsOf(value));

const natGatewaysOf = (mapping: Mapping): Platform["natGateways"] => {
  const given = (type: string, argument: string) => {
    const found = new Map<string, ResourceRef[]>();
    for (const view of mapping.of(type)) {
      const gateway = mapping.resolver.at(view, "nat_gateway_id")?.address;
      const ref = mapping.resolver.at(view, argument);
      if (gateway !== undefined && ref !== undefined) found.set(gateway, [...(found.get(gateway) ?? []), ref]);
    }
    return found;
  };
  const ips = given("azurerm_nat_gateway_public_ip_association", "public_ip_address_id");
  const prefixes = given("azurerm_nat_gateway_public_ip_prefix_association", "public_ip_prefix_id");
  const inline = (view: ResourceView, argument: string) =>
    blocksItems(view, argument).flatMap((value) => mapping.resolver.refOf(value) ?? []);
  return mapping.of("azurerm_nat_gateway").map((view) => ({
    ...azureResource(view),
    sku: textFact(settingAt(view, "sku_name")),
    zones: knownTexts(settingAt(view, "zones")),
    idleTimeoutMinutes: numberFact(settingAt(view, "idle_timeout_in_minutes")),
    publicIps: [...(ips.get(view.instance.address) ?? []), ...inline(view, "public_ip_address_ids")],
    publicIpPrefixes: [...(prefixes.get(view.instance.address) ?? []), ...inline(view, "public_ip_prefix_ids")],
  }));
};

const blocksItems = (view: ResourceView, argument: string): readonly Value[] => listed(settingAt(view, argument));
