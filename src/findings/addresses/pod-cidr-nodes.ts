import { formatCidr } from "../../azure/cidr.ts";
import { highestCount, managedClusters, nameOf, podRanges, surgeOf } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { violation } from "../violation.ts";

export const podCidrNodes: Rule = {
  code: "AKS1004",
  title: "Pod CIDR has fewer /24 blocks than the cluster has nodes",
  severity: "error",
  explain: `With overlay networking and kubenet every node gets a /24 of the pod CIDR, surge nodes too. A /16 carries 256 nodes, a /17 128.
What happens: nodes past that stay NotReady, "network unavailable", and their pods Pending.
Mend: a larger pod CIDR. Overlay ranges can be enlarged to one that contains the old; azurerm replaces the cluster on any change.
Source: "Azure CNI Overlay networking", IP address planning.`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      const range = podRanges(cluster).find(({ family }) => family === 4);
      if (range === undefined) continue;
      const counts = cluster.pools.map((pool) => ({ pool, nodes: highestCount(pool) }));
      const nodes = counts.reduce((sum, count) => sum + (count.nodes ?? 0), 0);
      const surge = counts.reduce((sum, { pool, nodes: count }) => sum + surgeOf(cluster, pool, count ?? 0), 0);
      const blocks = range.length > 24 ? 0 : 2 ** (24 - range.length);
      if (nodes + surge <= blocks) continue;
      const already = nodes > blocks;
      yield violation(podCidrNodes, {
        subject: cluster.address,
        range: cluster.rangeAt("network_profile.pod_cidr"),
        severity: already ? "error" : "warning",
        detail: `Pod CIDR ${formatCidr(range)} of cluster "${nameOf(cluster)}" holds ${blocks} nodes (a /24 each); its pools may come to ${nodes}, and ${surge} surge nodes during an upgrade. Use at least a /${24 - Math.ceil(Math.log2(nodes + surge))}.`,
        evidence: { nodeBlocks: blocks, maxNodes: nodes, surgeNodes: surge },
      });
    }
  },
};
