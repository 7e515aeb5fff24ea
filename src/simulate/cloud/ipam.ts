import { type Cidr, formatCidr } from "../../azure/cidr.ts";
import { maxClusterNodes, type NetworkMode } from "../../azure/network-mode.ts";
import {
  dynamicTarget,
  nodeBlockLength,
  nodeBlockLengthIpv6,
  podSubnetDemand,
  staticBlockLength,
} from "./address-demand.ts";
import { AddressPool, BlockPool } from "./address-pool.ts";

/** How one pool's nodes and pods get addresses. Pools that share a subnet share its `AddressPool`. */
export interface PoolNetwork {
  readonly mode: NetworkMode;
  readonly maxPods: number;
  readonly nodes: AddressPool;
  /** Dynamic pod subnet. */
  readonly pods?: AddressPool;
  /** Blocks of the pod range (overlay, kubenet) or of the pod subnet (static). */
  readonly blocks?: BlockPool;
  /** The second family of a dual-stack cluster: the subnet's IPv6 range, and the nodes' blocks of the IPv6 pod range. */
  readonly ipv6?: { readonly nodes: AddressPool; readonly blocks: BlockPool };
}

/** What a node got. */
export interface NodeAddresses {
  readonly ip: string;
  readonly podCidr: string | undefined;
  /** Of a dual-stack cluster. */
  readonly ipv6?: { readonly ip: string; readonly podCidr: string };
}

/** Why a node or pod got nothing, and which range has run out. */
export interface Exhausted {
  readonly exhausted: "node subnet" | "pod subnet" | "pod range" | "node" | "max_pods";
}

interface NodeEntry {
  readonly network: PoolNetwork;
  readonly ip: string;
  readonly block: readonly Cidr[];
  readonly blockPools: readonly AddressPool[];
  /** Addresses held for pods and not in use. */
  held: string[];
  readonly pods: Map<string, string>;
  readonly ipv6: Second | undefined;
}

/** A node's share of the second family. */
interface Second {
  readonly ip: string;
  readonly block: Cidr;
  readonly pool: AddressPool;
  readonly pods: Map<string, string>;
}

/**
 * Hands out addresses to nodes and pods as the cluster's network mode does: node subnet reserves max_pods a node up front, pod subnet
 * takes batches as pods come, overlay and kubenet give a node a /24 of the pod range.
 */
export class Ipam {
  readonly #nodes = new Map<string, NodeEntry>();

  addNode(name: string, network: PoolNetwork): NodeAddresses | Exhausted {
    const reserve = network.mode === "nodeSubnet" ? network.maxPods : 0;
    const addresses = network.nodes.takeMany(1 + reserve);
    const ip = addresses?.[0];
    if (addresses === undefined || ip === undefined) return { exhausted: "node subnet" };
    const blocks = this.#blocksFor(network);
    if (blocks === undefined) {
      for (const address of addresses) network.nodes.release(address);
      return { exhausted: network.mode === "podSubnetStatic" ? "pod subnet" : "pod range" };
    }
    const ipv6 = secondOf(network);
    if (ipv6 !== undefined && "exhausted" in ipv6) {
      for (const address of addresses) network.nodes.release(address);
      for (const block of blocks) network.blocks?.release(block);
      return ipv6;
    }
    const entry: NodeEntry = {
      network,
      ip,
      ipv6,
      block: blocks,
      blockPools: blocks.map((block) => poolOfBlock(block, network.mode)),
      held: addresses.slice(1).reverse(),
      pods: new Map(),
    };
    if (network.mode === "podSubnet" && !fill(entry)) {
      network.nodes.release(ip);
      releaseSecond(network, ipv6);
      return { exhausted: "pod subnet" };
    }
    this.#nodes.set(name, entry);
    return {
      ip,
      podCidr: blocks[0] === undefined ? undefined : formatCidr(blocks[0]),
      ...(ipv6 === undefined ? {} : { ipv6: { ip: ipv6.ip, podCidr: formatCidr(ipv6.block) } }),
    };
  }

  removeNode(name: string): void {
    const entry = this.#nodes.get(name);
    if (entry === undefined) return;
    const { network } = entry;
    network.nodes.release(entry.ip);
    const podAddresses = [...entry.held, ...entry.pods.values()];
    const from = network.mode === "nodeSubnet" ? network.nodes : network.pods;
    for (const address of podAddresses) from?.release(address);
    for (const block of entry.block) network.blocks?.release(block);
    releaseSecond(network, entry.ipv6);
    this.#nodes.delete(name);
  }

  /** The pod's IPv6 address in a dual-stack cluster: the node's own with the host's network; the same again for a pod that has one. */
  addPodIpv6(node: string, pod: string, hostNetwork: boolean): string | Exhausted {
    const second = this.#nodes.get(node)?.ipv6;
    if (second === undefined) return { exhausted: "node" };
    if (hostNetwork) return second.ip;
    const address = second.pods.get(pod) ?? second.pool.take();
    if (address === undefined) return { exhausted: "max_pods" };
    second.pods.set(pod, address);
    return address;
  }

  /** The pod's address: the node's own with the host's network; the same again for a pod that has one. */
  addPod(node: string, pod: string, hostNetwork: boolean): string | Exhausted {
    const entry = this.#nodes.get(node);
    if (entry === undefined) return { exhausted: "node" };
    if (hostNetwork || entry.network.mode === "none") return entry.ip;
    const given = entry.pods.get(pod);
    if (given !== undefined) return given;
    const address = takePodAddress(entry);
    if (address === undefined) return { exhausted: entry.network.mode === "podSubnet" ? "pod subnet" : "max_pods" };
    entry.pods.set(pod, address);
    if (entry.network.mode === "podSubnet") fill(entry);
    return address;
  }

  removePod(node: string, pod: string): void {
    const entry = this.#nodes.get(node);
    const address = entry?.pods.get(pod);
    const second = entry?.ipv6?.pods.get(pod);
    if (second !== undefined) entry?.ipv6?.pool.release(second);
    entry?.ipv6?.pods.delete(pod);
    if (entry === undefined || address === undefined) return;
    entry.pods.delete(pod);
    if (entry.blockPools.length > 0) for (const pool of entry.blockPools) pool.release(address);
    else entry.held.push(address);
    if (entry.network.mode === "podSubnet") shrink(entry);
  }

  #blocksFor(network: PoolNetwork): readonly Cidr[] | undefined {
    const count =
      network.mode === "overlay" || network.mode === "kubenet"
        ? 1
        : network.mode === "podSubnetStatic"
          ? podSubnetDemand(network.mode, network.maxPods, 0) / 16
          : 0;
    const blocks: Cidr[] = [];
    for (let index = 0; index < count; index++) {
      const block = network.blocks?.take();
      if (block === undefined) {
        for (const taken of blocks) network.blocks?.release(taken);
        return undefined;
      }
      blocks.push(block);
    }
    return blocks;
  }
}

/**
 * Block pool of a mode: /24 of the pod range, /80 of an IPv6 one, with kubenet no more than its route table holds for so many families;
 * /28 of a pod subnet. The controller that cuts the blocks of an IPv6 range keeps 65,536 at most (pkg/controller/nodeipam/ipam/cidrset, v1.35).
 */
export const blocksOf = (range: Cidr, mode: NetworkMode, families = 1): BlockPool => {
  if (mode === "podSubnetStatic") return new BlockPool(range, staticBlockLength);
  const routes = mode === "kubenet" ? maxClusterNodes(mode, families) : Number.POSITIVE_INFINITY;
  return range.family === 6
    ? new BlockPool(range, nodeBlockLengthIpv6, Math.min(2 ** 16, routes))
    : new BlockPool(range, nodeBlockLength, routes);
};

/** The node's address and block of the second family. */
const secondOf = ({ ipv6, mode }: PoolNetwork): Second | Exhausted | undefined => {
  if (ipv6 === undefined) return undefined;
  const ip = ipv6.nodes.take();
  if (ip === undefined) return { exhausted: "node subnet" };
  const block = ipv6.blocks.take();
  if (block !== undefined) return { ip, block, pool: poolOfBlock(block, mode), pods: new Map() };
  ipv6.nodes.release(ip);
  return { exhausted: "pod range" };
};

const releaseSecond = ({ ipv6 }: PoolNetwork, second: Second | undefined): void => {
  if (ipv6 === undefined || second === undefined) return;
  ipv6.nodes.release(second.ip);
  ipv6.blocks.release(second.block);
};

/** In kubenet the bridge has the first address of the node's block, and the network and broadcast addresses are none. */
const poolOfBlock = (block: Cidr, mode: NetworkMode): AddressPool =>
  mode === "kubenet" ? new AddressPool(block, 2, 1) : new AddressPool(block, 0, 0);

const takePodAddress = (entry: NodeEntry): string | undefined => {
  for (const pool of entry.blockPools) {
    const address = pool.take();
    if (address !== undefined) return address;
  }
  return entry.held.pop();
};

/** Takes batches until the node holds what its pods ask for; false where the subnet has too few. */
const fill = (entry: NodeEntry): boolean => {
  const missing = dynamicTarget(entry.pods.size) - entry.pods.size - entry.held.length;
  if (missing <= 0) return true;
  const more = entry.network.pods?.takeMany(missing);
  if (more === undefined) return entry.held.length > 0 || entry.pods.size > 0;
  entry.held = [...[...more].reverse(), ...entry.held];
  return true;
};

/** Gives batches back when the target falls. */
const shrink = (entry: NodeEntry): void => {
  let surplus = entry.held.length + entry.pods.size - dynamicTarget(entry.pods.size);
  while (surplus-- > 0) {
    const address = entry.held.shift();
    if (address !== undefined) entry.network.pods?.release(address);
  }
};
