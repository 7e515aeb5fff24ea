import type { AksCluster, AzureResource, ResourceRef } from "../../azure/platform.ts";
import { mayAct } from "../../graph/permissions.ts";
import { identityNode } from "../../graph/principals.ts";
import { resolve } from "../../graph/resolve.ts";
import type { Service } from "../../kubernetes/networking.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { lower, managedClusters, nameOf, networksOf, onlyCluster, subnetOf } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

const joinSubnet = "Microsoft.Network/virtualNetworks/subnets/join/action";
const joinNetwork = "Microsoft.Network/virtualNetworks/join/action";
const writeZone = "Microsoft.Network/privateDnsZones/A/write";
// The built-in role writes the action with a part in between, `userAssignedIdentities/*/assign/action`.
const assignIdentity = [
  "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
  "Microsoft.ManagedIdentity/userAssignedIdentities/name/assign/action",
];
const writeRoutes = "Microsoft.Network/routeTables/routes/write";

export const subnetRights: Rule = {
  code: "AKS5004",
  title: "The control plane has no rights on the subnet",
  severity: "error",
  perCluster: true,
  explain: `With a subnet of your own the control plane's identity joins nodes and internal load balancers to it and needs Network Contributor there, or at least
subnets/join/action and subnets/read. A system-assigned identity exists only once the cluster does, so its role comes late.
What happens: LinkedAuthorizationFailed when the cluster is made or scaled (user-assigned), and internal load balancers stay Pending with 403
AuthorizationFailed.
Mend: azurerm_role_assignment "Network Contributor" on the subnet for the identity, and depends_on from the cluster.
Source: "Permissions that AKS needs for other Azure services"; support article "LinkedAuthorizationFailed error".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      if (usesServicePrincipal(cluster)) continue;
      const identity = identityNode(world.platform, cluster, "identity");
      const userAssigned = hasUserAssigned(cluster);
      const internal = internalServices(world, cluster);
      const subnets = new Set(cluster.pools.flatMap((pool) => subnetOf(world, pool) ?? []));
      for (const subnet of subnets) {
        if (mayAct(world.platform, identity, subnet, joinSubnet).may !== "no") continue;
        const severe = internal.length > 0 || (userAssigned && !subnet.isData);
        const [first] = internal;
        yield violation(subnetRights, {
          subject: cluster.address,
          range: cluster.rangeAt("identity") ?? cluster.range,
          severity: severe ? (subnet.isData ? "warning" : "error") : "info",
          detail: `The control plane of cluster "${nameOf(cluster)}" (${userAssigned ? `identity ${identity}` : "its system-assigned identity"}) has no role on subnet "${nameOf(subnet)}"${
            first === undefined
              ? ": what joins the subnet, such as internal load balancers, is refused with 403 AuthorizationFailed"
              : `: internal load balancer ${first.subject} stays Pending with 403 AuthorizationFailed`
          }. Assign Network Contributor on the subnet${userAssigned ? " and let the cluster depend on it" : ""}.`,
          evidence: { internalLoadBalancers: internal.length },
          related: relatedTo(["the subnet", subnet.range]),
        });
      }
    }
  },
};

export const privateZoneRights: Rule = {
  code: "AKS5005",
  title: "The control plane has no rights on the private DNS zone",
  severity: "error",
  explain: `A private cluster with a DNS zone of your own writes its name there and links the zone to its network: the identity, which must be user-assigned, needs
Private DNS Zone Contributor on the zone and Network Contributor on the network. Roles take up to an hour to spread.
What happens: CustomPrivateDNSZoneMissingPermissionError, CreateOrUpdateVirtualNetworkLinkFailed.
Mend: both role assignments, and depends_on from the cluster.
Source: "Create a private AKS cluster", custom private DNS zone; support articles of both errors.`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      const zone = zoneOf(world, cluster);
      if (zone === undefined || usesServicePrincipal(cluster)) continue;
      const at = cluster.rangeAt("private_dns_zone_id");
      if (!hasUserAssigned(cluster)) {
        yield violation(privateZoneRights, {
          subject: cluster.address,
          range: at,
          summary: "A private DNS zone of your own needs a user-assigned identity",
          detail: `Cluster "${nameOf(cluster)}" names private DNS zone "${nameOf(zone)}" but has a system-assigned identity, which cannot have a role before it exists. Use identity { type = "UserAssigned" } with Private DNS Zone Contributor on the zone.`,
        });
        continue;
      }
      const identity = identityNode(world.platform, cluster, "identity");
      yield* missing(privateZoneRights, world, cluster, identity, zone, writeZone, "Private DNS Zone Contributor", at);
      for (const network of networksOf(world, cluster)) {
        yield* missing(privateZoneRights, world, cluster, identity, network, joinNetwork, "Network Contributor", at);
      }
    }
  },
};

export const kubeletIdentityRights: Rule = {
  code: "AKS5007",
  title: "The control plane may not hand out the kubelet identity",
  severity: "error",
  explain: `With a kubelet identity of your own the control plane assigns it to the nodes: its identity must be user-assigned and needs Managed Identity Operator on
the kubelet's.
What happens: CustomKubeletIdentityMissingPermissionError when the cluster is made.
Mend: azurerm_role_assignment "Managed Identity Operator" on the kubelet identity, and depends_on from the cluster.
Source: "Use a pre-created kubelet managed identity in AKS".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      const kubelet = resolve(world.platform.identities, cluster.kubeletIdentity);
      if (cluster.kubeletIdentity === undefined || usesServicePrincipal(cluster)) continue;
      const at = cluster.rangeAt("kubelet_identity");
      if (!hasUserAssigned(cluster)) {
        if (isUnknown(cluster.identity.type)) continue;
        yield violation(kubeletIdentityRights, {
          subject: cluster.address,
          range: at,
          summary: "A kubelet identity of your own needs a user-assigned control plane identity",
          detail: `Cluster "${nameOf(cluster)}" has kubelet_identity but no user-assigned identity for the control plane: Azure refuses that. Use identity { type = "UserAssigned" }.`,
        });
        continue;
      }
      if (kubelet === undefined) continue;
      const identity = identityNode(world.platform, cluster, "identity");
      if (identity === kubelet.address) continue;
      yield* missing(
        kubeletIdentityRights,
        world,
        cluster,
        identity,
        kubelet,
        assignIdentity,
        "Managed Identity Operator",
        at,
      );
    }
  },
};

export const routeTableRights: Rule = {
  code: "AKS5008",
  title: "The control plane may not write routes",
  severity: "error",
  explain: `kubenet writes a route for each node into the subnet's route table. A table of your own needs a user-assigned identity with Network Contributor on it.
What happens: CustomRouteTableMissingPermission, or pods on different nodes do not reach each other.
Mend: a user-assigned identity with the role on the route table, or Azure CNI Overlay, which needs no routes.
Source: "Use kubenet networking with your own IP address ranges in AKS".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      if (lower(cluster.network.plugin) !== "kubenet" || usesServicePrincipal(cluster)) continue;
      const tables = new Set(
        cluster.pools.flatMap((pool) => resolve(world.platform.routeTables, subnetOf(world, pool)?.routeTable) ?? []),
      );
      for (const table of tables) {
        const at = cluster.rangeAt("identity");
        if (!hasUserAssigned(cluster)) {
          if (isUnknown(cluster.identity.type)) continue;
          yield violation(routeTableRights, {
            subject: cluster.address,
            range: at,
            summary: "kubenet with a route table of your own needs a user-assigned identity",
            detail: `Cluster "${nameOf(cluster)}" uses kubenet with route table "${nameOf(table)}" and a system-assigned identity: Azure refuses that. Use identity { type = "UserAssigned" } with Network Contributor on the table.`,
            related: relatedTo(["the route table", table.range]),
          });
          continue;
        }
        yield* missing(
          routeTableRights,
          world,
          cluster,
          identityNode(world.platform, cluster, "identity"),
          table,
          writeRoutes,
          "Network Contributor",
          at,
        );
      }
    }
  },
};

function* missing(
  rule: Rule,
  world: World,
  cluster: AksCluster,
  identity: string,
  resource: AzureResource,
  action: string | readonly string[],
  role: string,
  at: Parameters<typeof violation>[1]["range"],
) {
  if (mayAct(world.platform, identity, resource, action).may !== "no") return;
  yield violation(rule, {
    subject: cluster.address,
    range: at,
    severity: resource.isData ? "warning" : "error",
    detail: `Identity ${identity} of cluster "${nameOf(cluster)}" has no ${role} on "${nameOf(resource)}" (${resource.address})${resource.isData ? "; the role may be given elsewhere" : ""}. Assign it and let the cluster depend on the assignment.`,
    evidence: { role },
    related: relatedTo([resource.address, resource.range]),
  });
}

const hasUserAssigned = (cluster: AksCluster): boolean =>
  cluster.identity.userAssigned.length > 0 || /userassigned/i.test(known(cluster.identity.type) ?? "");

const usesServicePrincipal = (cluster: AksCluster): boolean =>
  known(cluster.identity.servicePrincipalId) !== undefined || isUnknown(cluster.identity.servicePrincipalId);

const zoneOf = (world: World, cluster: AksCluster): AzureResource | undefined => {
  const zone = cluster.privateDnsZone;
  if (known(cluster.privateCluster) !== true || zone === undefined || typeof zone === "string" || isUnknown(zone)) {
    return undefined;
  }
  return resolve(world.platform.privateDnsZones, zone as ResourceRef);
};

const internalServices = (world: World, cluster: AksCluster): readonly { readonly subject: string }[] => {
  if (onlyCluster(world) !== cluster) return [];
  return world.objects.flatMap(({ object }) => {
    const service = object as Service;
    const internal = object.metadata.annotations?.["service.beta.kubernetes.io/azure-load-balancer-internal"];
    return object.kind === "Service" && service.spec?.type === "LoadBalancer" && internal === "true"
      ? [{ subject: `Service/${object.metadata.namespace ?? "default"}/${object.metadata.name}` }]
      : [];
  });
};
