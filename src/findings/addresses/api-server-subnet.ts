import { usableAddresses } from "../../azure/cidr.ts";
import type { Subnet } from "../../azure/platform.ts";
import { resolve } from "../../graph/resolve.ts";
import { managedClusters, nameOf, podSubnetOf, rangesOf, subnetOf } from "../cluster-facts.ts";
import { instanceAt } from "../instance-values.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

const addressesPerCluster = 9;

export const apiServerSubnet: Rule = {
  code: "AKS1015",
  title: "API server subnet does not fit",
  severity: "error",
  explain: `With API server VNet integration the API server's addresses come from a subnet of its own: at least a /28, at least nine addresses for each
cluster that shares it, delegated to Microsoft.ContainerService/managedClusters, and nothing else in it.
What happens: the cluster is refused or cannot be upgraded.
Mend: a larger subnet, or one for each cluster.
Source: "API Server VNet Integration in AKS".`,
  *check(world) {
    const users = new Map<Subnet, string[]>();
    for (const cluster of managedClusters(world)) {
      const instance = instanceAt(world, cluster.address);
      const path = ["api_server_access_profile", 0, "subnet_id"] as const;
      const subnet = resolve(world.platform.subnets, cluster.apiServerSubnet);
      if (subnet === undefined) continue;
      const sharing = [...(users.get(subnet) ?? []), cluster.address];
      users.set(subnet, sharing);
      const at = instance?.rangeAt(path);
      const range = rangesOf(subnet.addressPrefixes).find(({ family }) => family === 4);
      const needed = sharing.length * addressesPerCluster;
      if (range !== undefined && usableAddresses(range) < needed) {
        yield violation(apiServerSubnet, {
          subject: cluster.address,
          range: at,
          detail: `API server subnet "${nameOf(subnet)}" has ${usableAddresses(range)} usable addresses; ${sharing.length === 1 ? "a cluster needs" : `${sharing.length} clusters need`} ${needed}. Use a larger subnet.`,
          evidence: { usableAddresses: usableAddresses(range), neededAddresses: needed },
          related: relatedTo([`subnet "${nameOf(subnet)}"`, subnet.rangeAt("address_prefixes")]),
        });
      }
      const pool = cluster.pools.find(
        (candidate) => subnetOf(world, candidate) === subnet || podSubnetOf(world, candidate) === subnet,
      );
      if (pool !== undefined) {
        yield violation(apiServerSubnet, {
          subject: cluster.address,
          range: at,
          detail: `API server subnet "${nameOf(subnet)}" is also used by pool "${nameOf(pool)}": nothing else may be in it. Give the API server a subnet of its own.`,
        });
      }
    }
  },
};
