import type { AksCluster, AzureResource, ResourceRef } from "../../azure/platform.ts";
import { mayAct } from "../../graph/permissions.ts";
import { identityNode } from "../../graph/principals.ts";
import { resolve, withoutKey } from "../../graph/resolve.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { managedClusters, nameOf, subnetOf } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

export const roleOrder: Rule = {
  code: "AKS5020",
  title: "The cluster does not wait for the role of its identity",
  severity: "warning",
  explain: `Terraform makes resources that do not refer to each other side by side. A cluster that uses its identity's role at once (to write into a private DNS zone, to hand out a kubelet identity, to
join a subnet) must depend on the role assignment, and a new role takes minutes to spread.
What happens: the first apply fails with a permission error, and goes through when it is repeated.
Mend: depends_on = [azurerm_role_assignment.…] in the cluster.
Source: support article "CustomPrivateDNSZoneMissingPermissionError"; "Use a managed identity in AKS".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      if (cluster.identity.userAssigned.length === 0) continue;
      const identity = identityNode(world.platform, cluster, "identity");
      for (const { resource, action, strict } of needs(world, cluster)) {
        const { may, by } = mayAct(world.platform, identity, resource, action);
        const assignment = by?.assignment;
        if (may !== "yes" || assignment === undefined || assignment.isData || waitsFor(cluster, assignment)) continue;
        yield violation(roleOrder, {
          subject: cluster.address,
          range: cluster.range,
          severity: strict ? "warning" : "info",
          detail: `Cluster "${nameOf(cluster)}" needs the role that ${assignment.address} gives on "${nameOf(resource)}", but does not depend on it: on the first apply both are made side by side and the cluster may fail. Add depends_on = [${withoutKey(assignment.address)}].`,
          related: relatedTo(["the role assignment", assignment.range]),
        });
      }
    }
  },
};

interface Need {
  readonly resource: AzureResource;
  readonly action: string | readonly string[];
  /** Checked by the service before anything is made. */
  readonly strict: boolean;
}

const needs = (world: World, cluster: AksCluster): readonly Need[] => {
  const zone = cluster.privateDnsZone;
  const privateZone =
    known(cluster.privateCluster) === true && zone !== undefined && typeof zone !== "string" && !isUnknown(zone)
      ? resolve(world.platform.privateDnsZones, zone as ResourceRef)
      : undefined;
  const kubelet = resolve(world.platform.identities, cluster.kubeletIdentity);
  return [
    ...(privateZone === undefined
      ? []
      : [{ resource: privateZone, action: "Microsoft.Network/privateDnsZones/A/write", strict: true }]),
    ...(kubelet === undefined
      ? []
      : [
          {
            resource: kubelet,
            action: [
              "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
              "Microsoft.ManagedIdentity/userAssignedIdentities/name/assign/action",
            ],
            strict: true,
          },
        ]),
    ...[...new Set(cluster.pools.flatMap((pool) => subnetOf(world, pool) ?? []))].map((resource) => ({
      resource,
      action: "Microsoft.Network/virtualNetworks/subnets/join/action",
      strict: false,
    })),
  ];
};

/** Dependencies are given without the keys of instances where these are not known. */
const waitsFor = (cluster: AksCluster, assignment: AzureResource): boolean => {
  const bare = withoutKey(assignment.address);
  return (
    cluster.dependsOn.some((address) => address === assignment.address || withoutKey(address) === bare) ||
    // A role that itself needs the cluster comes after it by necessity.
    assignment.dependsOn.includes(cluster.address)
  );
};
