import { type Cidr, formatCidr, overlaps, parseCidr } from "../../azure/cidr.ts";
import { forbiddenRanges } from "../../azure/network-mode.ts";
import type { SourceRange } from "../../model/source-range.ts";
import { managedClusters, networksOf, podRanges, rangesOf, serviceRanges } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { violation } from "../violation.ts";

export const forbiddenRange: Rule = {
  code: "AKS1007",
  title: "A range touches addresses that AKS keeps for itself",
  severity: "error",
  explain: `169.254.0.0/16, 172.30.0.0/16, 172.31.0.0/16 and 192.0.2.0/24 are used inside AKS. Neither the service CIDR, nor the pod CIDR, nor
the virtual network may overlap them in either direction; 172.16.0.0/12 contains two of them.
What happens: the cluster is refused.
Mend: choose another range.
Source: "AKS CNI networking overview", prerequisites.`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      const checks: readonly (readonly [what: string, ranges: readonly Cidr[], at: SourceRange | undefined])[] = [
        ["Service CIDR", serviceRanges(cluster), cluster.rangeAt("network_profile.service_cidr")],
        ["Pod CIDR", podRanges(cluster), cluster.rangeAt("network_profile.pod_cidr")],
        ...networksOf(world, cluster).map(
          (network) => ["Network range", rangesOf(network.addressSpace), network.rangeAt("address_space")] as const,
        ),
      ];
      for (const [what, ranges, at] of checks) {
        for (const range of ranges) {
          const touched = forbiddenRanges.filter((text) => {
            const forbidden = parseCidr(text);
            return forbidden !== undefined && overlaps(forbidden, range);
          });
          if (touched.length === 0) continue;
          yield violation(forbiddenRange, {
            subject: cluster.address,
            range: at,
            detail: `${what} ${formatCidr(range)} overlaps ${touched.join(" and ")}, which AKS keeps for itself: the cluster is refused. Choose another range.`,
            evidence: { range: formatCidr(range), reservedRange: touched.join(", ") },
          });
        }
      }
    }
  },
};
