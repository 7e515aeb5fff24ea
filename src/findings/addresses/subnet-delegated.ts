import { nameOf, poolsOf, quotedList, subnetOf } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

export const subnetDelegated: Rule = {
  code: "AKS1009",
  title: "Node subnet is delegated to a service",
  severity: "error",
  explain: `A subnet that is delegated belongs to that service alone; virtual machines cannot be put there. Only pod subnets and the
API server's subnet are delegated, to Microsoft.ContainerService/managedClusters.
What happens: the apply ends with SubnetIsDelegated, "cannot be used as it's a delegated subnet".
Mend: take the delegation block away, or give the pool another subnet.
Source: support article "SubnetIsDelegated error".`,
  *check(world) {
    for (const { pool } of poolsOf(world)) {
      const subnet = subnetOf(world, pool);
      if (subnet === undefined || subnet.delegations.length === 0) continue;
      yield violation(subnetDelegated, {
        subject: pool.address,
        range: pool.rangeAt("vnet_subnet_id"),
        detail: `Pool "${nameOf(pool)}" is put into subnet "${nameOf(subnet)}", which is delegated to ${quotedList(subnet.delegations)}: Azure refuses nodes there. Take the delegation away or give the pool another subnet.`,
        evidence: { delegations: subnet.delegations.join(", ") },
        related: relatedTo(["the delegation", subnet.rangeAt("delegation")]),
      });
    }
  },
};
