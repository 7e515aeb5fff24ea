import type { AksCluster, NodePool, RouteTable, Subnet } from "../../azure/platform.ts";
import { resolve } from "../../graph/resolve.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { lower, managedClusters, nameOf, subnetOf } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

export const routeNeeded: Rule = {
  code: "AKS3003",
  title: "User-defined routing without a default route",
  severity: "error",
  explain: `outbound_type "userDefinedRouting" makes AKS set up no egress of its own: the node subnet must have a route table with a route for
0.0.0.0/0 to a firewall or gateway; next hop Internet is refused.
What happens: the apply ends with ExistingRouteTableNotAssociatedWithSubnet, or nodes cannot bootstrap: OutboundConnFailVMExtensionError.
Mend: associate a route table with 0.0.0.0/0 to a VirtualAppliance or VirtualNetworkGateway with the subnet, before the cluster is made.
Source: "Customize cluster egress with a user-defined routing table in AKS".`,
  *check(world) {
    for (const { cluster, pool, subnet } of nodeSubnets(world, "userdefinedrouting")) {
      if (subnet === undefined) {
        if (pool.subnet !== undefined) continue;
        yield violation(routeNeeded, {
          subject: cluster.address,
          range: cluster.rangeAt("network_profile.outbound_type"),
          detail: `Cluster "${nameOf(cluster)}" uses outbound_type "userDefinedRouting", but pool "${nameOf(pool)}" has no subnet of yours: set vnet_subnet_id to one with a default route.`,
        });
        continue;
      }
      // A subnet that is only read may have a table that nobody sees here.
      if (subnet.isData) continue;
      const table = resolve(world.platform.routeTables, subnet.routeTable);
      if (table === undefined && (subnet.routeTable !== undefined || hasOpenAssociation(world, "route_table")))
        continue;
      const problem = table === undefined ? "has no route table" : defaultRouteProblem(world, table);
      if (problem === undefined) continue;
      yield violation(routeNeeded, {
        subject: cluster.address,
        range: cluster.rangeAt("network_profile.outbound_type"),
        detail: `Cluster "${nameOf(cluster)}" uses outbound_type "userDefinedRouting", but subnet "${nameOf(subnet)}" of pool "${nameOf(pool)}" ${problem}: Azure refuses the cluster. Add a route for 0.0.0.0/0 to a firewall or gateway and associate the table with the subnet.`,
        related: relatedTo([`subnet "${nameOf(subnet)}"`, subnet.range], ["the route table", table?.range]),
      });
    }
  },
};

export const natGatewayNeeded: Rule = {
  code: "AKS3004",
  title: "No NAT gateway on the node subnet",
  severity: "error",
  explain: `outbound_type "userAssignedNATGateway" takes the NAT gateway that the node subnet already has.
What happens: the cluster is refused when the subnet has none at that moment.
Mend: add azurerm_subnet_nat_gateway_association for the subnet, and let the cluster depend on it (depends_on), so that it comes first.
Source: "Create a managed or user-assigned NAT gateway for your AKS cluster".`,
  *check(world) {
    for (const { cluster, pool, subnet } of nodeSubnets(world, "userassignednatgateway")) {
      if (subnet === undefined ? pool.subnet !== undefined : subnet.isData || subnet.natGateway !== undefined) continue;
      if (hasOpenAssociation(world, "nat_gateway")) continue;
      const what =
        subnet === undefined ? "pool has no subnet of yours" : `subnet "${nameOf(subnet)}" has no NAT gateway`;
      yield violation(natGatewayNeeded, {
        subject: cluster.address,
        range: cluster.rangeAt("network_profile.outbound_type"),
        detail: `Cluster "${nameOf(cluster)}" uses outbound_type "userAssignedNATGateway", but the ${what} (pool "${nameOf(pool)}"): Azure refuses it. Add azurerm_subnet_nat_gateway_association and depends_on.`,
        related: relatedTo(["the subnet", subnet?.range]),
      });
    }
  },
};

export const managedNatGateway: Rule = {
  code: "AKS3005",
  title: "Managed NAT gateway with a subnet of your own",
  severity: "error",
  explain: `outbound_type "managedNATGateway" lets AKS make the gateway on the network that AKS makes itself. With vnet_subnet_id the network is yours.
What happens: the cluster is refused.
Mend: outbound_type "userAssignedNATGateway" with a NAT gateway on your subnet.
Source: "Customize cluster egress with outbound types in AKS".`,
  *check(world) {
    for (const { cluster, pool } of nodeSubnets(world, "managednatgateway")) {
      if (pool.subnet === undefined) continue;
      yield violation(managedNatGateway, {
        subject: cluster.address,
        range: cluster.rangeAt("network_profile.outbound_type"),
        detail: `Cluster "${nameOf(cluster)}" uses outbound_type "managedNATGateway", but pool "${nameOf(pool)}" is in a subnet of yours (vnet_subnet_id): Azure refuses that. Use "userAssignedNATGateway" with a NAT gateway on the subnet.`,
        related: relatedTo(["vnet_subnet_id", pool.rangeAt("vnet_subnet_id")]),
      });
    }
  },
};

interface Entry {
  readonly cluster: AksCluster;
  readonly pool: NodePool;
  readonly subnet: Subnet | undefined;
}

/** The first pool of each subnet of the clusters with that outbound type. */
const nodeSubnets = (world: World, outboundType: string): readonly Entry[] =>
  managedClusters(world)
    .filter((cluster) => lower(cluster.network.outboundType) === outboundType)
    .flatMap((cluster) => {
      const seen = new Set<Subnet | undefined>();
      return cluster.pools.flatMap((pool) => {
        const subnet = subnetOf(world, pool);
        if (seen.has(subnet)) return [];
        seen.add(subnet);
        return [{ cluster, pool, subnet }];
      });
    });

/** An association whose subnet is a text that is not known before apply may be for any subnet. */
const hasOpenAssociation = (world: World, what: "route_table" | "nat_gateway"): boolean =>
  world.instances.some((instance) => {
    const subnet =
      instance.type === `azurerm_subnet_${what}_association` ? instance.values.fields.get("subnet_id") : undefined;
    return subnet?.kind === "unknown" && subnet.origin === undefined;
  });

const defaultRouteProblem = (world: World, table: RouteTable): string | undefined => {
  if (table.isData) return undefined;
  if (table.routes.some((route) => isUnknown(route.addressPrefix))) return undefined;
  const route = table.routes.find((candidate) => known(candidate.addressPrefix) === "0.0.0.0/0");
  if (route?.nextHopType.toLowerCase() === "internet") return "has a default route to the Internet, which is refused";
  if (route !== undefined) return undefined;
  // Routes may be learned from a gateway, where the table lets them in.
  const gateways = world.platform.others.some((resource) => resource.type === "azurerm_virtual_network_gateway");
  return gateways ? undefined : `has route table "${nameOf(table)}" without a route for 0.0.0.0/0`;
};
