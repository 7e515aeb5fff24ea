import { atLeastVersion } from "../../azure/kubernetes-version.ts";
import { maxPodsLimits, maxPodsOf, networkMode } from "../../azure/network-mode.ts";
import type { AksCluster, NodePool } from "../../azure/platform.ts";
import { clusterLimits, namePatterns } from "../../azure/service-limits.ts";
import { vmSize } from "../../azure/vm-sizes.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import {
  highestCount,
  isAutoscaled,
  isSpot,
  isSystem,
  isWindows,
  lowestCount,
  managedClusters,
  nameOf,
  poolsOf,
  surgeOf,
  versionOf,
} from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { violation } from "../violation.ts";

export const spotSystemPool: Rule = {
  code: "AKS2017",
  title: "A system pool cannot be spot",
  severity: "error",
  explain: `System pods need nodes that stay. The default pool and pools with mode "System" must be regular; only Linux nodes can be system nodes.
What happens: the pool is refused.
Mend: priority "Regular" for system pools, spot for a user pool.
Source: "Add an Azure Spot node pool to an AKS cluster"; "Use system node pools in AKS".`,
  *check(world) {
    for (const { pool } of poolsOf(world)) {
      if (!isSystem(pool)) continue;
      const what = isSpot(pool) ? "spot" : isWindows(pool) ? "Windows" : undefined;
      if (what === undefined) continue;
      yield violation(spotSystemPool, {
        subject: pool.address,
        range: pool.rangeAt(what === "spot" ? "priority" : "os_type"),
        summary: what === "spot" ? "A system pool cannot be spot" : "A system pool cannot be Windows",
        detail: `System pool "${nameOf(pool)}" is ${what}: Azure refuses it. Use a regular Linux pool for the system and a user pool for ${what} nodes.`,
      });
    }
  },
};

export const poolName: Rule = {
  code: "AKS2021",
  title: "Pool name is not allowed",
  severity: "error",
  explain: `Names of Linux pools have 1 to 12 characters, lower-case letters and digits, a letter first; those of Windows pools at most 6.
What happens: the plan or the apply refuses the pool.
Mend: a shorter name.
Source: azurerm kubernetes_cluster_node_pool resource; "Create Windows node pools in AKS".`,
  *check(world) {
    for (const { pool } of poolsOf(world)) {
      const name = known(pool.name);
      if (name === undefined || isUnknown(pool.osType)) continue;
      const windows = isWindows(pool);
      if ((windows ? namePatterns.windowsPool : namePatterns.linuxPool).test(name)) continue;
      yield violation(poolName, {
        subject: pool.address,
        range: pool.rangeAt("name"),
        detail: `Pool name "${name}" (${name.length} characters) is not allowed: ${windows ? "a Windows pool has at most 6" : "a pool has at most 12"} characters, lower-case letters and digits, a letter first.`,
        evidence: { length: name.length, longest: windows ? 6 : 12 },
      });
    }
  },
};

export const maxPodsAllowed: Rule = {
  code: "AKS2022",
  title: "max_pods is outside what AKS allows",
  severity: "error",
  explain: `max_pods lies between 10 and 250, and a pool must hold at least 30 pods in all: with max_pods 10 it needs three nodes.
What happens: the pool is refused.
Mend: a larger max_pods or more nodes.
Source: "Plan IP addressing for AKS clusters", maximum pods per node.`,
  *check(world) {
    for (const { cluster, pool } of poolsOf(world)) {
      if (known(pool.maxPods) === undefined) continue;
      const maxPods = maxPodsOf(cluster, pool);
      const nodes = lowestCount(pool);
      const total = nodes === undefined ? undefined : nodes * maxPods;
      const outside = maxPods < maxPodsLimits.least || maxPods > maxPodsLimits.most;
      // A pool may stand at zero; what it must be able to hold is judged by its nodes while it has any.
      const tooFew = total !== undefined && total > 0 && total < maxPodsLimits.poolTotal;
      if (!outside && !tooFew) continue;
      yield violation(maxPodsAllowed, {
        subject: pool.address,
        range: pool.rangeAt("max_pods"),
        detail: outside
          ? `Pool "${nameOf(pool)}" has max_pods ${maxPods}; ${maxPodsLimits.least} to ${maxPodsLimits.most} are allowed.`
          : `Pool "${nameOf(pool)}" holds ${nodes} × ${maxPods} = ${total} pods; a pool must hold at least ${maxPodsLimits.poolTotal}. Raise max_pods to ${Math.ceil(maxPodsLimits.poolTotal / Math.max(1, nodes ?? 1))}.`,
        evidence: { maxPods, ...(total === undefined ? {} : { poolPods: total }) },
      });
    }
  },
};

export const windowsPools: Rule = {
  code: "AKS2023",
  title: "Windows pool that the cluster does not take",
  severity: "error",
  explain: `Windows nodes need network_plugin "azure" and Linux system nodes. Windows Server 2019 is gone from Kubernetes 1.33.
What happens: the pool is refused.
Mend: os_sku "Windows2022", and Azure CNI.
Source: "Windows Server containers in AKS FAQ"; "Create Windows node pools in AKS".`,
  *check(world) {
    for (const { cluster, pool } of poolsOf(world)) {
      if (!isWindows(pool)) continue;
      if (known(pool.osSku)?.toLowerCase() !== "windows2019" || !atLeastVersion(versionOf(cluster), "1.33")) continue;
      yield violation(windowsPools, {
        subject: pool.address,
        range: pool.rangeAt("os_sku"),
        detail: `Pool "${nameOf(pool)}" asks for Windows Server 2019, which Kubernetes ${versionOf(cluster)} no longer has: it is refused. Use os_sku "Windows2022".`,
      });
    }
  },
};

export const poolLimits: Rule = {
  code: "AKS2024",
  title: "More nodes or pools than AKS allows",
  severity: "error",
  explain: `A pool has at most 1,000 nodes, surge nodes counted during an upgrade; a cluster at most 5,000 nodes (1,000 in the Free tier) and 100 pools; with the azure
network policy engine at most 250 nodes.
What happens: the pool, the scale-up or the upgrade is refused.
Mend: more pools with fewer nodes each, a paid tier, or a second cluster.
Source: "Quotas, SKUs and regions for AKS".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      for (const pool of cluster.pools) {
        const nodes = highestCount(pool) ?? 0;
        const surge = surgeOf(cluster, pool, nodes);
        if (nodes + surge <= clusterLimits.nodesPerPool) continue;
        yield violation(poolLimits, {
          subject: pool.address,
          range: pool.rangeAt("max_count"),
          severity: nodes > clusterLimits.nodesPerPool ? "error" : "warning",
          detail: `Pool "${nameOf(pool)}" may come to ${nodes} nodes and ${surge} surge nodes; ${clusterLimits.nodesPerPool} is the most. Split the pool or lower max_count.`,
          evidence: { maxNodes: nodes, surgeNodes: surge, limit: clusterLimits.nodesPerPool },
        });
      }
      yield* clusterLimitProblems(cluster);
    }
  },
};

function* clusterLimitProblems(cluster: AksCluster) {
  const nodes = cluster.pools.reduce((sum, pool) => sum + (highestCount(pool) ?? 0), 0);
  const free = known(cluster.skuTier)?.toLowerCase() === "free";
  const npm = known(cluster.network.policy)?.toLowerCase() === "azure";
  const kubenet = cluster.pools.some((pool) => networkMode(cluster, pool) === "kubenet");
  const limit = npm ? clusterLimits.azureNetworkPolicyNodes : free ? clusterLimits.nodesFreeTier : clusterLimits.nodes;
  if (nodes > limit && !kubenet) {
    yield violation(poolLimits, {
      subject: cluster.address,
      range: cluster.range,
      severity: npm ? "warning" : "error",
      detail: `The pools of cluster "${nameOf(cluster)}" may come to ${nodes} nodes; ${limit} is the most ${npm ? 'with network_policy "azure"' : free ? "in the Free tier" : "in a cluster"}.`,
      evidence: { maxNodes: nodes, limit },
    });
  }
  if (cluster.pools.length > clusterLimits.pools) {
    yield violation(poolLimits, {
      subject: cluster.address,
      range: cluster.range,
      detail: `Cluster "${nameOf(cluster)}" has ${cluster.pools.length} pools; ${clusterLimits.pools} is the most.`,
      evidence: { pools: cluster.pools.length, limit: clusterLimits.pools },
    });
  }
}

export const smallSystemNodes: Rule = {
  code: "AKS2020",
  title: "System nodes are small for the system pods",
  severity: "info",
  explain: `The pods of kube-system request about 0.9 cores and 0.9 GiB on a cluster of one node, half of a node with 2 vCPUs. The documentation asks for
4 vCPUs and 4 GiB on system nodes in one place, and for 2 vCPUs in another; pools with 2 vCPUs exist and work.
What happens: little room is left on system nodes for anything else; with CriticalAddonsOnly that may be what you want.
Mend: a size with 4 vCPUs for the system pool.
Source: "Use system node pools in AKS"; "Quotas, SKUs and regions for AKS".`,
  *check(world) {
    for (const { pool } of poolsOf(world)) {
      const size = known(pool.vmSize);
      const facts = size === undefined || !isSystem(pool) ? undefined : vmSize(size);
      if (facts === undefined || facts.vcpus >= 4) continue;
      const tooSmall = facts.vcpus < 2 || (facts.memoryGib ?? 4) < 4;
      yield violation(smallSystemNodes, {
        subject: pool.address,
        range: pool.rangeAt("vm_size"),
        severity: tooSmall ? "error" : "info",
        summary: tooSmall ? "System nodes are too small" : smallSystemNodes.title,
        detail: `System pool "${nameOf(pool)}" uses ${facts.name} (${facts.vcpus} vCPU, ${facts.memoryGib ?? "?"} GiB); ${tooSmall ? "AKS refuses system nodes with less than 2 vCPU and 4 GiB" : "kube-system takes about 0.9 cores of it"}. Use a size with 4 vCPU or more.`,
        evidence: { vcpus: facts.vcpus, memoryGib: facts.memoryGib ?? 0 },
      });
    }
  },
};

export const nodeResourceGroupName: Rule = {
  code: "AKS2025",
  title: "Name of the node resource group is too long",
  severity: "error",
  explain: `AKS puts nodes, disks and load balancers into a resource group of its own, MC_<resource group>_<cluster>_<region> where none is named. A
resource group's name has at most 80 characters.
What happens: the cluster is refused.
Mend: shorter names, or node_resource_group.
Source: "Common issues creating AKS clusters" (support article).`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      if (isUnknown(cluster.nodeResourceGroup)) continue;
      const given = known(cluster.nodeResourceGroup);
      const parts = [cluster.resourceGroup, cluster.name, cluster.location].map((fact) => known(fact));
      if (given === undefined && parts.some((part) => part === undefined)) continue;
      const [group, name, location] = parts;
      const text = given ?? `MC_${group}_${name}_${(location ?? "").toLowerCase().replaceAll(" ", "")}`;
      if (text.length <= clusterLimits.nodeResourceGroupName) continue;
      yield violation(nodeResourceGroupName, {
        subject: cluster.address,
        range: cluster.rangeAt(given === undefined ? "name" : "node_resource_group"),
        detail: `The node resource group would be "${text}" with ${text.length} characters; ${clusterLimits.nodeResourceGroupName} is the most. Set a shorter node_resource_group.`,
        evidence: { length: text.length, longest: clusterLimits.nodeResourceGroupName },
      });
    }
  },
};

export const labelPrefix: Rule = {
  code: "AKS2026",
  title: "Node label with a prefix that AKS keeps for itself",
  severity: "error",
  explain: `Labels that start with kubernetes.azure.com/ or kubernetes.io/ are set by AKS and Kubernetes. node_labels may not hold them; only
kubernetes.azure.com/scalesetpriority=spot on a spot pool is let through.
What happens: the pool is refused.
Mend: a prefix of your own.
Source: "Use labels in an AKS cluster", limitations.`,
  *check(world) {
    for (const { pool } of poolsOf(world)) {
      const wrong = Object.keys(pool.labels).filter(
        (key) =>
          /^(kubernetes\.azure\.com|kubernetes\.io)\//.test(key) && key !== "kubernetes.azure.com/scalesetpriority",
      );
      if (wrong.length === 0) continue;
      yield violation(labelPrefix, {
        subject: pool.address,
        range: pool.rangeAt("node_labels"),
        detail: `Pool "${nameOf(pool)}" sets the label ${wrong.join(", ")}; the prefix belongs to AKS and the pool is refused. Use a prefix of your own.`,
      });
    }
  },
};

export const countOutside: Rule = {
  code: "AKS6006",
  title: "node_count and the autoscaler's bounds do not agree",
  severity: "error",
  explain: `node_count must lie between min_count and max_count, and min_count may not be above max_count. System pools need at least one node.
What happens: the apply ends with "node count is not in autoscaler min and max range".
Mend: set node_count inside the bounds, or leave it out.
Source: support article "Node count is not in the autoscaler min and max range".`,
  *check(world) {
    for (const { pool } of poolsOf(world)) {
      const [min, max, count] = [known(pool.minCount), known(pool.maxCount), known(pool.nodeCount)];
      if (!isAutoscaled(pool)) {
        if (isSystem(pool) && count === 0) {
          yield violation(countOutside, {
            subject: pool.address,
            range: pool.rangeAt("node_count"),
            summary: "A system pool needs a node",
            detail: `System pool "${nameOf(pool)}" has node_count 0: at least one node is needed.`,
          });
        }
        continue;
      }
      if (min === undefined || max === undefined) continue;
      const evidence = { minCount: min, maxCount: max, ...(count === undefined ? {} : { nodeCount: count }) };
      if (min > max) {
        yield violation(countOutside, {
          subject: pool.address,
          range: pool.rangeAt("min_count"),
          detail: `Pool "${nameOf(pool)}" has min_count ${min} above max_count ${max}. Swap or correct them.`,
          evidence,
        });
      } else if (isSystem(pool) && min === 0) {
        yield violation(countOutside, {
          subject: pool.address,
          range: pool.rangeAt("min_count"),
          summary: "A system pool needs a node",
          detail: `System pool "${nameOf(pool)}" has min_count 0: at least 1 is needed.`,
          evidence,
        });
      } else if (count !== undefined && (count < min || count > max) && !pool.ignoresNodeCount) {
        yield violation(countOutside, {
          subject: pool.address,
          range: pool.rangeAt("node_count"),
          detail: `Pool "${nameOf(pool)}" has node_count ${count}, outside min_count ${min} and max_count ${max}: Azure refuses it. Set it to ${Math.min(max, Math.max(min, count))} or leave it out.`,
          evidence,
        });
      }
    }
  },
};

const isAzapi = ({ type }: NodePool): boolean => type.includes("/");
const nameOfCount = (pool: NodePool): string => (isAzapi(pool) ? "count" : "node_count");

/** As `ignore_changes` names it. */
const pathOfCount = (pool: NodePool): string => {
  if (isAzapi(pool))
    return /agentPools$/i.test(pool.type) ? "body.properties.count" : "body.properties.agentPoolProfiles";
  return pool.isDefault ? "default_node_pool[0].node_count" : "node_count";
};

/** Pools whose size a plan would set back to node_count. */
export const countDrift: Rule = {
  code: "AKS6007",
  title: "Every apply sets the autoscaled pool back to node_count",
  severity: "warning",
  explain: `Where a pool has the autoscaler and node_count is written without lifecycle ignore_changes, each apply sets the number of nodes back to
node_count, whatever the autoscaler has made of it.
What happens: nodes are taken away under load, their pods are evicted or wait until the autoscaler adds nodes again.
Mend: lifecycle { ignore_changes = [node_count] }, or leave node_count out.
Source: "Cluster autoscaler in AKS"; azurerm kubernetes_cluster_node_pool resource, node_count.`,
  *check(world) {
    for (const { pool } of poolsOf(world)) {
      const count = known(pool.nodeCount);
      const [min, max] = [known(pool.minCount), known(pool.maxCount)];
      if (!isAutoscaled(pool) || pool.ignoresNodeCount || count === undefined) continue;
      if (min === undefined || max === undefined || min === max || count < min || count > max) continue;
      yield violation(countDrift, {
        subject: pool.address,
        range: pool.rangeAt("node_count"),
        detail: `Pool "${nameOf(pool)}" scales from ${min} to ${max} nodes, but ${nameOfCount(pool)} ${count} is written: each apply sets it back to ${count}. Leave ${nameOfCount(pool)} out, or add lifecycle { ignore_changes = [${pathOfCount(pool)}] }.`,
        evidence: { nodeCount: count, minCount: min, maxCount: max },
      });
    }
  },
};
