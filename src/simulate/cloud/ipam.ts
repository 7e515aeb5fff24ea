import { type Cidr, formatCidr } from "../../azure/cidr.ts";
import { maxClusterNodes, type NetworkMode } from "../../azure/network-mode.ts";
import { dynamicTarget, nodeBlockLength, podSubnetDemand, staticBlockLength } from "./address-demand.ts";
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
}

/** What a node got. */
export interface NodeAddresses {
  readonly ip: string;
  readonly podCidr: string | undefined;
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
    const entry: NodeEntry = {
      network,
      ip,
      block: blocks,
      blockPools: blocks.map((block) => poolOfBlock(block, network.mode)),
      held: addresses.slice(1).reverse(),
      pods: new Map(),
    };
    if (network.mode === "podSubnet" && !fill(entry)) {
      network.nodes.release(ip);
      return { exhausted: "pod subnet" };
    }
    this.#nodes.set(name, entry);
    return { ip, podCidr: blocks[0] === undefined ? undefined : formatCidr(blocks[0]) };
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
    this.#nodes.delete(name);
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

/** Block pool of a mode: /24 of the pod range, with kubenet no more than its route table holds; /28 of a pod subnet. */
export const blocksOf = (range: Cidr, mode: NetworkMode): BlockPool =>
  mode === "podSubnetStatic"
    ? new BlockPool(range, staticBlockLength)
    : new BlockPool(range, nodeBlockLength, mode === "kubenet" ? maxClusterNodes(mode) : Number.POSITIVE_INFINITY);

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
