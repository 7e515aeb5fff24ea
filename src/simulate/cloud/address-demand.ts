import type { NetworkMode } from "../../azure/network-mode.ts";

/** Addresses that the dynamic mode takes at a time, and the share of a batch that it keeps free (azure-container-networking `cns/ipampool/v2/monitor.go`). */
const batch = 16;
const minFree = 0.5;

/** Most addresses that the dynamic mode gives a node. */
const dynamicMost = 250;

/** Length of the block of the pod range that each node gets in overlay and kubenet. */
export const nodeBlockLength = 24;

/**
 * The same of the IPv6 pod range, as the nodes of "Use dual-stack networking in AKS" show it (`fd12:3456:789a:0:1::/80`); it is not
 * documented in words.
 */
export const nodeBlockLengthIpv6 = 80;

/** Length of the blocks of the static mode. */
export const staticBlockLength = 28;

/** Addresses of the node subnet that one node takes: itself, and in node subnet mode max_pods more, reserved up front. */
export const nodeSubnetDemand = (mode: NetworkMode, maxPods: number): number =>
  mode === "nodeSubnet" ? 1 + maxPods : 1;

/**
 * Addresses of the pod subnet that one node takes. Dynamic: whole batches, half a batch of them free: 0 to 8 pods 16, 9 to 24 pods 32,
 * and so on. Static: blocks of 16 for max_pods and one more ("Configure Azure CNI Networking for static allocation of CIDR blocks").
 */
export const podSubnetDemand = (mode: NetworkMode, maxPods: number, podsWithAddress: number): number => {
  if (mode === "podSubnetStatic") return batch * Math.ceil((maxPods + 1) / batch);
  if (mode === "podSubnet") return dynamicTarget(podsWithAddress);
  return 0;
};

/** Addresses that a node of the dynamic mode holds for so many pods with an address of the subnet. */
export const dynamicTarget = (pods: number): number => Math.min(batch * Math.ceil(minFree + pods / batch), dynamicMost);
