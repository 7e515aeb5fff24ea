import { resolve } from "../../graph/resolve.ts";
import { nameOf, podSubnetOf, poolsOf, subnetOf } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

export const podSubnetShared: Rule = {
  code: "AKS1010",
  title: "Pod subnet also holds other resources",
  severity: "error",
  explain: `A pod subnet is delegated to AKS; it may serve several pools and clusters, but no node, virtual machine or private endpoint may be in it.
What happens: the apply ends with SubnetWithExternalResourcesCannotBeUsedByOtherResources or SubnetIsDelegated.
Mend: a subnet of its own for pods.
Source: support article "SubnetWithExternalResourcesCannotBeUsedByOtherResources"; "Azure CNI Pod Subnet networking".`,
  *check(world) {
    const pools = poolsOf(world);
    const reported = new Set<string>();
    for (const { pool } of pools) {
      const subnet = podSubnetOf(world, pool);
      if (subnet === undefined || reported.has(subnet.address)) continue;
      const node = pools.find((other) => subnetOf(world, other.pool) === subnet);
      const endpoint = world.platform.privateEndpoints.find(
        (candidate) => resolve(world.platform.subnets, candidate.subnet) === subnet,
      );
      const what =
        node !== undefined
          ? `the nodes of pool "${nameOf(node.pool)}"`
          : endpoint !== undefined
            ? `private endpoint "${nameOf(endpoint)}"`
            : undefined;
      if (what === undefined) continue;
      reported.add(subnet.address);
      yield violation(podSubnetShared, {
        subject: pool.address,
        range: pool.rangeAt("pod_subnet_id"),
        detail: `Pool "${nameOf(pool)}" takes the addresses of its pods from subnet "${nameOf(subnet)}", which also holds ${what}: Azure refuses that. Give pods a subnet of their own.`,
        related: relatedTo([what, node?.pool.rangeAt("vnet_subnet_id") ?? endpoint?.range]),
      });
    }
  },
};
