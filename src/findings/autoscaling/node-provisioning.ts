import { hasDefaultNodePools, usesNodeProvisioning } from "../../azure/node-provisioning.ts";
import { workloadsOf } from "../../graph/pod-templates.ts";
import { isNodeClass, readNodeClass } from "../../simulate/autoscaling/karpenter-node-class.ts";
import { counted, hasUnseenObjects, managedClusters, nameOf } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { nodePoolsOf } from "./node-pool-facts.ts";

/** Rules about a cluster's use of node auto-provisioning. */

export const subnetOfManagedNetwork: Rule = {
  code: "AKS6024",
  title: "AKSNodeClass names a subnet, and the cluster's network is AKS's own",
  severity: "error",
  perCluster: true,
  explain: `vnetSubnetID of an AKSNodeClass puts nodes into a subnet of a network of one's own. A cluster whose default pool has no vnet_subnet_id is in a network that AKS made, and custom subnets
are not supported there.
What happens: the AKSNodeClass does not become ready, and no node is made.
Mend: give the default pool a subnet of the same network, or leave vnetSubnetID out.
Source: "Networking configurations for node auto-provisioning", subnet drift behavior.`,
  *check(world) {
    for (const cluster of managedClusters(world).filter(usesNodeProvisioning)) {
      const home = cluster.pools.find(({ isDefault }) => isDefault);
      if (home === undefined || home.subnet !== undefined) continue;
      for (const source of world.objects) {
        if (!isNodeClass(source.object)) continue;
        const { name, subnetId } = readNodeClass(source.object);
        if (subnetId === undefined) continue;
        yield violation(subnetOfManagedNetwork, {
          subject: `AKSNodeClass/${name}`,
          range: source.rangeAt(["spec", "vnetSubnetID"]),
          detail: `AKSNodeClass "${name}" names subnet "${subnetId.split("/").at(-1)}", but the default pool of cluster "${nameOf(cluster)}" has no vnet_subnet_id, so its network is AKS's own: no node is made. Give the pool a subnet of that network, or leave vnetSubnetID out.`,
          related: relatedTo(["the default pool", home.range]),
        });
      }
    }
  },
};

export const nodePoolsUnread: Rule = {
  code: "AKS6025",
  title: "NodePools are there, and no cluster has node auto-provisioning",
  severity: "info",
  explain: `NodePool and AKSNodeClass are read by node auto-provisioning (node_provisioning_profile mode Auto) or by a Karpenter of one's own.
What happens: without either the API server does not know the kinds, "no matches for kind NodePool".
Mend: node_provisioning_profile { mode = "Auto" }, or take the objects away.
Source: "Enable or disable node auto-provisioning on an AKS cluster".`,
  *check(world) {
    const clusters = managedClusters(world);
    const [first, ...others] = nodePoolsOf(world);
    if (first === undefined || clusters.length === 0 || clusters.some(usesNodeProvisioning)) return;
    if (hasUnseenObjects(world) || clusters.some(({ nodeProvisioningMode: mode }) => typeof mode === "object")) return;
    if (workloadsOf(world.objects).some(({ name }) => /karpenter/.test(name))) return;
    yield violation(nodePoolsUnread, {
      subject: `NodePool/${first.pool.name}`,
      range: first.source.range,
      detail: `${counted(others.length + 1, "NodePool")} ${others.length === 0 ? "is" : "are"} among the manifests, but no cluster has node auto-provisioning, and no Karpenter is deployed: nothing reads ${others.length === 0 ? "it" : "them"}. Set node_provisioning_profile mode to "Auto".`,
    });
  },
};

export const noNodePool: Rule = {
  code: "AKS6026",
  title: "Node auto-provisioning without any NodePool",
  severity: "warning",
  perCluster: true,
  explain: `With default_node_pools "None" AKS makes no NodePool, and node auto-provisioning does nothing until one is there.
What happens: pods that the pools do not hold stay Pending.
Mend: a NodePool and an AKSNodeClass among the manifests, or default_node_pools = "Auto".
Source: "Configure node pools for node auto-provisioning", control configuration of default node pool.`,
  *check(world) {
    for (const cluster of managedClusters(world).filter(usesNodeProvisioning)) {
      if (hasDefaultNodePools(cluster) || nodePoolsOf(world).length > 0) continue;
      // Without any manifest of the user the NodePools are as unseen as all else.
      if (world.objects.length === 0 || hasUnseenObjects(world)) continue;
      yield violation(noNodePool, {
        subject: cluster.address,
        range: cluster.rangeAt("node_provisioning_profile.default_node_pools") ?? cluster.range,
        detail: `Cluster "${nameOf(cluster)}" uses node auto-provisioning with default_node_pools "None", and no NodePool is among the manifests: no node is ever made. Add a NodePool, or set default_node_pools to "Auto".`,
      });
    }
  },
};
