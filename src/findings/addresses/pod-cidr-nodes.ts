import { formatCidr } from "../../azure/cidr.ts";
import { nodeBlockLength, nodeBlockLengthIpv6 } from "../../simulate/cloud/address-demand.ts";
import { counted, highestCount, managedClusters, nameOf, podRanges, surgeOf } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { violation } from "../violation.ts";

export const podCidrNodes: Rule = {
  code: "AKS1004",
  title: "Pod CIDR has fewer /24 blocks than the cluster has nodes",
  severity: "error",
  explain: `With overlay networking and kubenet every node gets a /24 of the pod CIDR, surge nodes too. A /16 carries 256 nodes, a /17 128. Of the IPv6 pod CIDR of a dual-stack
cluster a node gets a /80: a /64 carries 65,536 nodes, a /76 sixteen.
What happens: nodes past that stay NotReady, "network unavailable", and their pods Pending.
Mend: a larger pod CIDR. Overlay ranges can be enlarged to one that contains the old; azurerm replaces the cluster on any change.
Source: "Azure CNI Overlay networking", IP address planning.`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      const ranges = podRanges(cluster);
      const counts = cluster.pools.map((pool) => ({ pool, nodes: highestCount(pool) }));
      const nodes = counts.reduce((sum, count) => sum + (count.nodes ?? 0), 0);
      const surge = counts.reduce((sum, { pool, nodes: count }) => sum + surgeOf(cluster, pool, count ?? 0), 0);
      for (const range of ranges) {
        const block = range.family === 4 ? nodeBlockLength : nodeBlockLengthIpv6;
        const blocks = range.length > block ? 0 : 2 ** (block - range.length);
        if (nodes + surge <= blocks) continue;
        yield violation(podCidrNodes, {
          subject: cluster.address,
          range:
            ranges.length > 1
              ? cluster.rangeAt("network_profile.pod_cidrs")
              : cluster.rangeAt("network_profile.pod_cidr"),
          severity: nodes > blocks ? "error" : "warning",
          detail: `Pod CIDR ${formatCidr(range)} of cluster "${nameOf(cluster)}" holds ${counted(blocks, "node")} (a /${block} each); its pools may come to ${nodes}, and ${counted(surge, "surge node")} during an upgrade. Use at least a /${block - Math.ceil(Math.log2(nodes + surge))}.`,
          evidence: { nodeBlocks: blocks, maxNodes: nodes, surgeNodes: surge },
        });
      }
    }
  },
};
