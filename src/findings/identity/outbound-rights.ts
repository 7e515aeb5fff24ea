import { mayAct } from "../../graph/permissions.ts";
import { identityNode } from "../../graph/principals.ts";
import { resolve } from "../../graph/resolve.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { managedClusters, nameOf } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

const joinIp = "Microsoft.Network/publicIPAddresses/join/action";

export const outboundRights: Rule = {
  code: "AKS5006",
  title: "The control plane may not use the outbound IP",
  severity: "error",
  explain: `Outbound addresses of your own (outbound_ip_address_ids) are joined to the load balancer by the control plane's identity, which needs publicIPAddresses/join on them.
What happens: LinkedAuthorizationFailed when the cluster is made.
Mend: azurerm_role_assignment "Network Contributor" on the public IP or its resource group, and depends_on from the cluster.
Source: "Permissions that AKS needs for other Azure services"; support article "LinkedAuthorizationFailed error".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      const { servicePrincipalId, userAssigned } = cluster.identity;
      // A system-assigned identity has no role before it exists; then the deployer's rights count.
      if (known(servicePrincipalId) !== undefined || isUnknown(servicePrincipalId) || userAssigned.length === 0)
        continue;
      const identity = identityNode(world.platform, cluster, "identity");
      for (const reference of cluster.network.loadBalancer.outboundIps) {
        const ip = resolve(world.platform.publicIps, reference);
        if (ip === undefined || ip.isData || mayAct(world.platform, identity, ip, joinIp).may !== "no") continue;
        yield violation(outboundRights, {
          subject: cluster.address,
          range: cluster.rangeAt("network_profile.load_balancer_profile.outbound_ip_address_ids"),
          detail: `Identity ${identity} of cluster "${nameOf(cluster)}" has no rights on its outbound IP "${nameOf(ip)}": LinkedAuthorizationFailed. Assign Network Contributor on the IP or its resource group.`,
          related: relatedTo(["the public IP", ip.range]),
        });
      }
    }
  },
};

export const emptyPrincipal: Rule = {
  code: "AKS5019",
  title: "The role goes to an identity that is not there",
  severity: "error",
  explain: `identity[0].principal_id of a cluster is filled for a system-assigned identity only. With identity type UserAssigned it is empty: the principal is the user-assigned identity's own
principal_id.
What happens: the apply ends with an error about principal_id, or the role is given to nobody.
Mend: principal_id = azurerm_user_assigned_identity.….principal_id.
Source: azurerm kubernetes_cluster resource, identity attributes.`,
  *check(world) {
    for (const assignment of world.platform.roleAssignments) {
      const { address, part } = assignment.principal;
      if (address === undefined || part !== "identity") continue;
      const cluster = resolve(managedClusters(world), { address, id: undefined });
      const type = cluster === undefined ? undefined : known(cluster.identity.type);
      if (cluster === undefined || type === undefined || type.toLowerCase().replaceAll(" ", "") !== "userassigned")
        continue;
      yield violation(emptyPrincipal, {
        subject: assignment.address,
        range: assignment.rangeAt("principal_id"),
        detail: `${assignment.address} gives ${known(assignment.roleName) ?? "a role"} to identity[0].principal_id of cluster "${nameOf(cluster)}", which is empty because its identity is user-assigned. Use the principal_id of ${cluster.identity.userAssigned[0]?.address ?? "the user-assigned identity"}${/acr|registry/i.test(known(assignment.roleName) ?? "") ? ", or kubelet_identity[0].object_id for pulling images" : ""}.`,
        related: relatedTo(["the cluster's identity", cluster.rangeAt("identity")]),
      });
    }
  },
};
