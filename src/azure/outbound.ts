/** Source ports that one frontend address of a load balancer has, and one of a NAT gateway ("Configure the load balancer", "NAT gateway SNAT"). */
export const portsPerAddress = { loadBalancer: 64_000, natGateway: 64_512 } as const;

/** Ports a node by nodes in the backend pool where Azure allocates itself ("Configure the load balancer", default port allocation). */
export const automaticPorts: readonly { readonly upTo: number; readonly ports: number }[] = [
  { upTo: 50, ports: 1024 },
  { upTo: 100, ports: 512 },
  { upTo: 200, ports: 256 },
  { upTo: 400, ports: 128 },
  { upTo: 800, ports: 64 },
  { upTo: 1000, ports: 32 },
];

/** Ports that each of `nodes` nodes gets; past 1,000 nodes the table ends and the last row stands. */
export const automaticPortsPerNode = (nodes: number): number =>
  (automaticPorts.find((row) => nodes <= row.upTo) ?? automaticPorts.at(-1))?.ports ?? 0;

/** How far the ports of the outbound addresses go. */
export interface SnatPlan {
  readonly automatic: boolean;
  readonly portsPerNode: number;
  readonly addresses: number;
  /** Ports of all addresses together. */
  readonly available: number;
  /** Ports that the nodes need; may exceed what is available only where the allocation is explicit. */
  readonly needed: number;
  /** Nodes that the addresses carry at this allocation. */
  readonly maxNodes: number;
  readonly fits: boolean;
  /** Addresses that the nodes need at this allocation. */
  readonly addressesNeeded: number;
}

/**
 * SNAT arithmetic of a load balancer: nodes, surge among them, against addresses × 64,000 ports. An explicit allocation is a multiple
 * of 8; Azure refuses a pool that it cannot serve (`InvalidLoadBalancerProfileAllocatedOutboundPorts`).
 */
export const snatPlan = (nodes: number, addresses: number, portsAllocated: number): SnatPlan => {
  const automatic = portsAllocated <= 0;
  const portsPerNode = automatic ? automaticPortsPerNode(nodes) : portsAllocated;
  const available = addresses * portsPerAddress.loadBalancer;
  const needed = nodes * portsPerNode;
  return {
    automatic,
    portsPerNode,
    addresses,
    available,
    needed,
    maxNodes: portsPerNode === 0 ? Number.POSITIVE_INFINITY : Math.floor(available / portsPerNode),
    fits: needed <= available,
    addressesNeeded: Math.ceil(needed / portsPerAddress.loadBalancer),
  };
};

/** An explicit allocation must be a multiple of 8 from 0 to 64,000. */
export const isValidPortAllocation = (ports: number): boolean =>
  Number.isInteger(ports) && ports >= 0 && ports <= 64_000 && ports % 8 === 0;
