import { managedClusters, nameOf, networkOf, subnetOf } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

export const poolsOneNetwork: Rule = {
  code: "AKS1012",
  title: "Node pools of one cluster are in different networks",
  severity: "error",
  explain: `All pools of a cluster must be in subnets of one virtual network; pools may have subnets of their own in it.
What happens: the pool is refused.
Mend: give the pool a subnet of the network that the default pool is in.
Source: "Create node pools with unique subnets in AKS".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      const [first, ...others] = cluster.pools.flatMap((pool) => {
        const subnet = subnetOf(world, pool);
        const network = subnet === undefined ? undefined : networkOf(world, subnet);
        return subnet === undefined || network === undefined ? [] : [{ pool, subnet, network }];
      });
      for (const other of others) {
        if (first === undefined || other.network === first.network) continue;
        yield violation(poolsOneNetwork, {
          subject: other.pool.address,
          range: other.pool.rangeAt("vnet_subnet_id"),
          detail: `Pool "${nameOf(other.pool)}" is in network "${nameOf(other.network)}", pool "${nameOf(first.pool)}" of the same cluster in "${nameOf(first.network)}": Azure refuses that. Use a subnet of "${nameOf(first.network)}".`,
          related: relatedTo([`subnet "${nameOf(other.subnet)}"`, other.subnet.range]),
        });
      }
    }
  },
};
