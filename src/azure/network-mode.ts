import { known, knownOr } from "../model/unknown.ts";
import type { AksCluster, NodePool } from "./platform.ts";

/** Where pods get their addresses from. `none` is bring-your-own CNI. */
export type NetworkMode = "kubenet" | "nodeSubnet" | "podSubnet" | "podSubnetStatic" | "overlay" | "none";

/**
 * The mode of a pool ("Azure Kubernetes Service CNI networking overview"): plugin `azure` alone is node subnet, mode `overlay` or a
 * pod subnet change that. Without a network profile azurerm asks for kubenet.
 */
export const networkMode = (cluster: AksCluster, pool: NodePool): NetworkMode => {
  const plugin = knownOr(cluster.network.plugin, "kubenet").toLowerCase();
  if (plugin === "none") return "none";
  if (plugin === "kubenet") return "kubenet";
  if (knownOr(cluster.network.pluginMode, "").toLowerCase() === "overlay") return "overlay";
  if (pool.podSubnet === undefined) return "nodeSubnet";
  return knownOr(pool.podIpAllocationMode, "").toLowerCase() === "staticblock" ? "podSubnetStatic" : "podSubnet";
};

/** True where Cilium moves the packets: then there is no kube-proxy. */
export const usesCilium = (cluster: AksCluster): boolean =>
  known(cluster.network.dataPlane)?.toLowerCase() === "cilium";

/**
 * Pods a node may have where max_pods is left out ("Plan IP addressing for AKS clusters"). For pod subnets the documentation gives
 * both 110 and 250; 110 is taken, as that page and karpenter-provider-azure have it.
 */
export const defaultMaxPods: Readonly<Record<NetworkMode, number>> = {
  kubenet: 110,
  nodeSubnet: 30,
  podSubnet: 110,
  podSubnetStatic: 110,
  overlay: 250,
  none: 250,
};

/** Least and most pods a node may have, and what a pool must offer in all ("Plan IP addressing for AKS clusters"). */
export const maxPodsLimits = { least: 10, most: 250, poolTotal: 30, windowsRecommended: 110 } as const;

/**
 * Most nodes a cluster may have by mode: 400 with kubenet's route table, half of them where each node needs a route a family, else 5,000
 * ("Quotas, SKUs and regions"; "Use dual-stack kubenet networking").
 */
export const maxClusterNodes = (mode: NetworkMode, families = 1): number =>
  mode === "kubenet" ? Math.floor(400 / families) : 5000;

/** max_pods of a pool, given or by default. */
export const maxPodsOf = (cluster: AksCluster, pool: NodePool): number =>
  knownOr(pool.maxPods, 0) || defaultMaxPods[networkMode(cluster, pool)];

/** Defaults of a cluster's own ranges ("CNI networking overview"). */
export const defaultRanges = {
  podCidr: "10.244.0.0/16",
  serviceCidr: "10.0.0.0/16",
  dnsServiceIp: "10.0.0.10",
  podCidrIpv6: "fd12:3456:789a::/64",
  serviceCidrIpv6: "fd12:3456:789a:1::/108",
  /** Of a virtual network that AKS makes itself; the node addresses are observed, the range is inferred. */
  managedNetwork: "10.224.0.0/12",
  managedSubnet: "10.224.0.0/16",
} as const;

/** Ranges that no pod, service or network range may overlap ("CNI networking overview"). */
export const forbiddenRanges: readonly string[] = ["169.254.0.0/16", "172.30.0.0/16", "172.31.0.0/16", "192.0.2.0/24"];
