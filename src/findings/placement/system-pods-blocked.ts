import type { NodePool } from "../../azure/platform.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { isSpot, isWindows, managedClusters, nameOf } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

export const systemPodsBlocked: Rule = {
  code: "AKS2010",
  title: "No pool takes the system pods",
  severity: "error",
  perCluster: true,
  explain: `CoreDNS, metrics-server and konnectivity tolerate CriticalAddonsOnly and nothing else. They need a Linux pool that is neither spot nor carries another
NoSchedule or NoExecute taint.
What happens: they stay Pending, the cluster has no DNS, and the apply ends with the cluster in state Failed.
Mend: take the taint from the system pool; use only_critical_addons_enabled to keep other pods off it.
Source: "Use system node pools in AKS"; "Use node taints in AKS".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      if (cluster.pools.length === 0 || lowerMode(cluster.nodeProvisioningMode) === "auto") continue;
      if (cluster.pools.some((pool) => isUnknown(pool.osType) || isUnknown(pool.priority))) continue;
      if (cluster.pools.some(takesSystemPods)) continue;
      const tainted = cluster.pools.find((pool) => foreignTaint(pool) !== undefined) ?? cluster.pools[0];
      if (tainted === undefined) continue;
      const taint = foreignTaint(tainted);
      yield violation(systemPodsBlocked, {
        subject: tainted.address,
        range: tainted.rangeAt("node_taints"),
        detail: `Every pool of cluster "${nameOf(cluster)}" keeps the system pods off${taint === undefined ? "" : `, pool "${nameOf(tainted)}" by taint ${taint}`}: CoreDNS, metrics-server and konnectivity stay Pending. Leave one Linux pool without taints other than CriticalAddonsOnly.`,
        evidence: { pools: cluster.pools.length },
        related: relatedTo(
          ...cluster.pools
            .filter((pool) => pool !== tainted)
            .map((pool) => [`pool "${nameOf(pool)}"`, pool.rangeAt("node_taints")] as const),
        ),
      });
    }
  },
};

const lowerMode = (mode: Parameters<typeof known<string>>[0]): string | undefined => known(mode)?.toLowerCase();

const takesSystemPods = (pool: NodePool): boolean =>
  !isWindows(pool) && !isSpot(pool) && foreignTaint(pool) === undefined;

const foreignTaint = (pool: NodePool): string | undefined =>
  pool.taints.find((taint) => /:(NoSchedule|NoExecute)$/.test(taint) && !taint.startsWith("CriticalAddonsOnly"));
