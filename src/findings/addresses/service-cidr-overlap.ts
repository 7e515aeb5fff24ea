import { formatCidr, overlaps } from "../../azure/cidr.ts";
import { known } from "../../model/unknown.ts";
import {
  connectedRanges,
  managedClusters,
  nameOf,
  networkOf,
  networksOf,
  rangesOf,
  serviceRanges,
} from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

export const serviceCidrOverlap: Rule = {
  code: "AKS1005",
  title: "Service CIDR overlaps the network",
  severity: "error",
  explain: `Addresses of Services exist only inside the cluster; a node that looks for a real host in that range never gets out. Azure refuses
a service CIDR that overlaps a subnet of the cluster's network. Where service_cidr is left out it is 10.0.0.0/16, which is also the
commonest range of a virtual network in examples.
What happens: the apply ends with ServiceCidrOverlapExistingSubnetsCidr; with a peered network, hosts there cannot be reached from pods.
Mend: set service_cidr and dns_service_ip to a range that nothing else uses, such as 172.16.0.0/16 and 172.16.0.10.
Source: support article "ServiceCidrOverlapExistingSubnetsCidr error"; "AKS CNI networking overview".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      const isDefault =
        known(cluster.network.serviceCidr) === undefined && known(cluster.network.serviceCidrs) === undefined;
      for (const range of serviceRanges(cluster)) {
        const said = isDefault ? `${formatCidr(range)} (the default, none is given)` : formatCidr(range);
        const networks = networksOf(world, cluster);
        const clashes = world.platform.subnets.filter((subnet) => {
          const network = networkOf(world, subnet);
          return (
            network !== undefined &&
            networks.includes(network) &&
            rangesOf(subnet.addressPrefixes).some((prefix) => overlaps(prefix, range))
          );
        });
        for (const subnet of clashes.slice(0, 1)) {
          yield violation(serviceCidrOverlap, {
            subject: cluster.address,
            range: cluster.rangeAt(isDefault ? "network_profile" : "network_profile.service_cidr"),
            detail: `Service CIDR ${said} of cluster "${nameOf(cluster)}" overlaps subnet "${nameOf(subnet)}" (${(known(subnet.addressPrefixes) ?? []).join(", ")})${clashes.length > 1 ? ` and ${clashes.length - 1} more of its network` : ""}: Azure refuses the cluster. Set service_cidr and dns_service_ip to a range that nothing uses.`,
            evidence: { serviceCidr: formatCidr(range), overlappingSubnets: clashes.length },
            related: relatedTo([`subnet "${nameOf(subnet)}"`, subnet.rangeAt("address_prefixes")]),
          });
        }
        if (clashes.length > 0) continue;
        for (const { name, ranges, at } of connectedRanges(world, networks)) {
          if (!ranges.some((prefix) => overlaps(prefix, range))) continue;
          yield violation(serviceCidrOverlap, {
            subject: cluster.address,
            range: cluster.rangeAt(isDefault ? "network_profile" : "network_profile.service_cidr"),
            severity: "warning",
            summary: "Service CIDR overlaps a peered network",
            detail: `Service CIDR ${said} of cluster "${nameOf(cluster)}" overlaps the peered ${name} (${ranges.map(formatCidr).join(", ")}): pods cannot reach hosts there. Choose a range that no connected network uses.`,
            evidence: { serviceCidr: formatCidr(range) },
            related: relatedTo([`peered ${name}`, at]),
          });
        }
      }
    }
  },
};
