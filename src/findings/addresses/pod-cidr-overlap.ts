import { formatCidr, overlaps } from "../../azure/cidr.ts";
import { known } from "../../model/unknown.ts";
import {
  connectedRanges,
  managedClusters,
  nameOf,
  networksOf,
  podRanges,
  rangesOf,
  serviceRanges,
} from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

export const podCidrOverlap: Rule = {
  code: "AKS1008",
  title: "Pod CIDR overlaps the network",
  severity: "error",
  explain: `With overlay networking and kubenet pods have addresses of a private range, the pod CIDR. A destination inside that range is taken for
a pod, so a real host with such an address cannot be reached.
What happens: an overlap with the service CIDR or the cluster's own subnets is refused or breaks routing; with a peered network or one
behind a gateway its hosts are unreachable from pods.
Mend: choose a pod CIDR that no connected network uses. azurerm replaces the cluster when pod_cidr changes.
Source: "Azure CNI Overlay networking", network configuration.`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      for (const range of podRanges(cluster)) {
        const said = `${formatCidr(range)}${known(cluster.network.podCidr) === undefined ? " (the default, none is given)" : ""}`;
        const at = cluster.rangeAt("network_profile.pod_cidr");
        const service = serviceRanges(cluster).find((each) => overlaps(each, range));
        if (service !== undefined) {
          yield violation(podCidrOverlap, {
            subject: cluster.address,
            range: at,
            summary: "Pod CIDR overlaps the service CIDR",
            detail: `Pod CIDR ${said} of cluster "${nameOf(cluster)}" overlaps its service CIDR ${formatCidr(service)}: the cluster is refused. Choose ranges that do not touch.`,
            evidence: { podCidr: formatCidr(range), serviceCidr: formatCidr(service) },
          });
        }
        const networks = networksOf(world, cluster);
        const own = networks.map((network) => ({
          name: `network "${nameOf(network)}"`,
          ranges: rangesOf(network.addressSpace),
          at: network.rangeAt("address_space"),
          isPeered: false,
        }));
        const peered = connectedRanges(world, networks).map((connected) => ({ ...connected, isPeered: true }));
        for (const { name, ranges, at: place, isPeered } of [...own, ...peered]) {
          const clash = ranges.find((space) => overlaps(space, range));
          if (clash === undefined) continue;
          yield violation(podCidrOverlap, {
            subject: cluster.address,
            range: at,
            severity: isPeered ? "warning" : "error",
            summary: isPeered ? "Pod CIDR overlaps a peered network" : "Pod CIDR overlaps the cluster's network",
            detail: `Pod CIDR ${said} of cluster "${nameOf(cluster)}" overlaps ${isPeered ? "the peered" : "its own"} ${name} (${formatCidr(clash)}): pods cannot reach hosts there. Choose a range that no connected network uses.`,
            evidence: { podCidr: formatCidr(range), networkRange: formatCidr(clash) },
            related: relatedTo([name, place]),
          });
        }
      }
    }
  },
};
