import { usesNodeProvisioning } from "../../azure/node-provisioning.ts";
import { workloadsOf } from "../../graph/pod-templates.ts";
import { known } from "../../model/unknown.ts";
import {
  counted,
  isAutoscaled,
  isSystem,
  isWindows,
  lower,
  managedClusters,
  nameOf,
  poolsOf,
} from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { violation } from "../violation.ts";

export const surgeAndUnavailable: Rule = {
  code: "AKS6014",
  title: "Upgrade settings that do not go together",
  severity: "error",
  explain: `An upgrade either adds surge nodes (max_surge) or takes nodes away first (max_unavailable), not both; system pools take max_surge only.
What happens: the pool is refused.
Mend: one of the two.
Source: "Upgrade options for AKS clusters".`,
  *check(world) {
    for (const { pool } of poolsOf(world)) {
      const surge = known(pool.upgrade.maxSurge);
      const unavailable = known(pool.upgrade.maxUnavailable);
      if (unavailable === undefined || /^0%?$/.test(unavailable)) continue;
      const both = surge !== undefined && !/^0%?$/.test(surge);
      if (!both && !isSystem(pool)) continue;
      yield violation(surgeAndUnavailable, {
        subject: pool.address,
        range: pool.rangeAt("upgrade_settings.max_unavailable"),
        detail: both
          ? `Pool "${nameOf(pool)}" sets max_surge ${surge} and max_unavailable ${unavailable}; only one of them is allowed.`
          : `System pool "${nameOf(pool)}" sets max_unavailable ${unavailable}; system pools take max_surge only.`,
      });
    }
  },
};

export const maintenanceWindow: Rule = {
  code: "AKS6013",
  title: "Nodes may be renewed at any time",
  severity: "info",
  explain: `With an upgrade channel or a node OS channel (NodeImage where nothing is given) AKS drains and renews nodes by itself. Without a maintenance window that may be at
any hour.
What happens: pods are evicted in the busiest hour.
Mend: maintenance_window_auto_upgrade and maintenance_window_node_os, at least four hours long.
Source: "Use planned maintenance to schedule and control upgrades for AKS".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      if (cluster.maintenanceWindow) continue;
      const channel = lower(cluster.automaticUpgradeChannel);
      const nodes = known(cluster.nodeOsUpgradeChannel) ?? "NodeImage";
      const renews = (channel !== undefined && channel !== "none") || !["None", "Unmanaged"].includes(nodes);
      if (!renews) continue;
      yield violation(maintenanceWindow, {
        subject: cluster.address,
        range: cluster.range,
        detail: `Cluster "${nameOf(cluster)}" renews its nodes by itself (${channel === undefined || channel === "none" ? "" : `upgrade channel "${channel}", `}node OS channel "${nodes}") and has no maintenance window. Add maintenance_window_node_os${channel === undefined || channel === "none" ? "" : " and maintenance_window_auto_upgrade"}.`,
      });
    }
  },
};

export const autoProvisioning: Rule = {
  code: "AKS6015",
  title: "Node auto-provisioning does not go with these settings",
  severity: "error",
  explain: `Node auto-provisioning needs network_plugin "azure" without Calico and without pod subnets, IPv4 alone, a managed identity, Linux pools, and no cluster autoscaler on any pool;
the cluster cannot be stopped and its outbound type cannot change.
What happens: the cluster is refused.
Mend: switch the autoscaler off on all pools; use Azure CNI Overlay with Cilium.
Source: "Overview of node auto-provisioning", limitations; "Networking configurations for node auto-provisioning".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      if (!usesNodeProvisioning(cluster)) continue;
      const scaled = cluster.pools.find(isAutoscaled);
      const problems = [
        scaled === undefined ? [] : [`pool "${nameOf(scaled)}" has the cluster autoscaler`],
        lower(cluster.network.plugin) === "kubenet" ? ["network_plugin is kubenet"] : [],
        lower(cluster.network.policy) === "calico" ? ["network_policy is calico"] : [],
        cluster.pools.some(({ podSubnet }) => podSubnet !== undefined) ? ["it has a pod subnet"] : [],
        (known(cluster.network.ipVersions) ?? []).some((family) => /ipv6/i.test(family)) ? ["it has IPv6"] : [],
        known(cluster.identity.servicePrincipalId) === undefined ? [] : ["it uses a service principal"],
        cluster.pools.some(isWindows) ? ["it has Windows pools"] : [],
      ].flat();
      if (problems.length === 0) continue;
      yield violation(autoProvisioning, {
        subject: cluster.address,
        range: cluster.rangeAt("node_provisioning_profile") ?? cluster.range,
        detail: `Cluster "${nameOf(cluster)}" uses node auto-provisioning, but ${problems.join(" and ")}: Azure refuses that. Change one or the other.`,
      });
    }
  },
};

const quickPuts = 20;

export const manyPools: Rule = {
  code: "AKS6016",
  title: "Many pool changes in one apply",
  severity: "info",
  explain: `Pools are made and changed one after the other by the service: a second operation on the cluster in the meantime ends with 409 or AKSOperationPreempted, and after
20 quick requests the service throttles (429) and lets one through a minute.
What happens: the apply takes long or fails, and goes through when it is repeated.
Mend: -parallelism=1 for that apply, or several applies.
Source: "Quotas, SKUs and regions for AKS", throttling; support article "AKSOperationPreempted error".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      const pools = cluster.pools.filter((pool) => !pool.isDefault);
      if (pools.length <= quickPuts) continue;
      yield violation(manyPools, {
        subject: cluster.address,
        range: cluster.range,
        detail: `Cluster "${nameOf(cluster)}" has ${counted(pools.length, "pool")} beside the default one; past ${quickPuts} quick requests AKS throttles. Apply with -parallelism=1.`,
        evidence: { pools: pools.length, limit: quickPuts },
      });
    }
  },
};

export const neverScaledDown: Rule = {
  code: "AKS6009",
  title: "Pods keep the autoscaler from removing their node",
  severity: "info",
  explain: `The autoscaler does not empty a node that holds a pod with cluster-autoscaler.kubernetes.io/safe-to-evict: "false", or a pod without a controller.
What happens: the pool stays larger than it need be.
Mend: take the annotation away, or keep such pods on a pool of their own.
Source: "Cluster autoscaling in AKS overview"; kubernetes/autoscaler FAQ, what prevents scale-down.`,
  *check(world) {
    if (!poolsOf(world).some(({ pool }) => isAutoscaled(pool))) return;
    for (const workload of workloadsOf(world.objects)) {
      const pinned = workload.annotations["cluster-autoscaler.kubernetes.io/safe-to-evict"] === "false";
      const bare =
        workload.kind === "Pod" && workload.annotations["cluster-autoscaler.kubernetes.io/safe-to-evict"] !== "true";
      if (!pinned && !bare) continue;
      yield violation(neverScaledDown, {
        subject: workload.address,
        range: pinned
          ? workload.source.rangeAt([...workload.specPath.slice(0, -1), "metadata", "annotations"])
          : workload.source.range,
        detail: `${workload.address} ${pinned ? 'is annotated safe-to-evict: "false"' : "has no controller that would make it again"}: the autoscaler never removes the node it is on. ${pinned ? "Take the annotation away where the pod can be moved" : "Use a Deployment or a Job"}.`,
      });
    }
  },
};
