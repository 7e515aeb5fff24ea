import { automaticPortsPerNode, snatPlan } from "../../azure/outbound.ts";
import type { AksCluster } from "../../azure/platform.ts";
import { resolve } from "../../graph/resolve.ts";
import { isUnknown, known, knownOr } from "../../model/unknown.ts";
import { counted, highestCount, lower, managedClusters, nameOf, surgeOf } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

export const snatPorts: Rule = {
  code: "AKS3001",
  title: "Too few SNAT ports for the nodes",
  severity: "error",
  explain: `Each outbound address of the load balancer has 64,000 source ports. outbound_ports_allocated gives every node that many of them; Azure
counts all nodes the pools may come to, surge nodes too, and refuses what does not fit. The value is a multiple of 8.
What happens: the apply, a scale-up or an upgrade ends with InvalidLoadBalancerProfileAllocatedOutboundPorts.
Mend: more outbound addresses (managed_outbound_ip_count), fewer ports a node, or a NAT gateway.
Source: "Configure the public standard load balancer in AKS"; support article of the same error.`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      const ports = known(cluster.network.loadBalancer.outboundPortsAllocated) ?? 0;
      if (!usesLoadBalancer(cluster) || ports <= 0) continue;
      const at = cluster.rangeAt("network_profile.load_balancer_profile.outbound_ports_allocated");
      if (ports % 8 !== 0 || ports > 64_000) {
        yield violation(snatPorts, {
          subject: cluster.address,
          range: at,
          summary: "SNAT port allocation is not a multiple of 8",
          detail: `outbound_ports_allocated ${ports} must be a multiple of 8 from 0 to 64000. Use ${Math.min(64_000, Math.ceil(ports / 8) * 8)}.`,
          evidence: { portsPerNode: ports },
        });
        continue;
      }
      const addresses = outboundAddresses(world, cluster);
      const nodes = nodesWithSurge(cluster);
      if (addresses === undefined || nodes === undefined) continue;
      const plan = snatPlan(nodes.all, addresses, ports);
      if (plan.fits) continue;
      yield violation(snatPorts, {
        subject: cluster.address,
        range: at,
        detail: `Cluster "${nameOf(cluster)}" may come to ${counted(nodes.max, "node")} and ${counted(nodes.all - nodes.max, "surge node")}: ${nodes.all} × ${ports} ports = ${plan.needed}, but ${addresses} outbound IP${addresses === 1 ? " has" : "s have"} ${plan.available} (room for ${counted(plan.maxNodes, "node")}). Use at least ${plan.addressesNeeded} outbound IPs, or at most ${Math.floor(plan.available / nodes.all / 8) * 8} ports a node.`,
        evidence: {
          neededPorts: plan.needed,
          availablePorts: plan.available,
          maxNodes: nodes.max,
          surgeNodes: nodes.all - nodes.max,
          portsPerNode: ports,
          outboundIps: addresses,
        },
        related: relatedTo(
          ...cluster.pools.map(
            (pool) =>
              [`pool "${nameOf(pool)}" may come to ${highestCount(pool)} nodes`, pool.rangeAt("max_count")] as const,
          ),
        ),
      });
    }
  },
};

export const snatAutomatic: Rule = {
  code: "AKS3002",
  title: "Growth cuts the SNAT ports of each node",
  severity: "warning",
  explain: `Where outbound_ports_allocated is left at 0 Azure gives each node ports by the number of nodes: 1024 up to 50 nodes, 512 up to 100, 256 up to
200, 128 up to 400. When a pool grows past such a boundary every node loses half of its ports, and open connections with them.
What happens: intermittent timeouts of outbound connections to few destinations under load.
Mend: allocate ports explicitly for the most nodes there will be, with enough outbound addresses, or use a NAT gateway.
Source: "Configure the public standard load balancer in AKS", default port allocation; support article "SNAT port exhaustion".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      if (!usesLoadBalancer(cluster) || isUnknown(cluster.network.loadBalancer.outboundPortsAllocated)) continue;
      if ((known(cluster.network.loadBalancer.outboundPortsAllocated) ?? 0) > 0) continue;
      const nodes = nodesWithSurge(cluster);
      if (nodes === undefined || nodes.min > 50 || nodes.max <= 50) continue;
      const [few, many] = [automaticPortsPerNode(nodes.min), automaticPortsPerNode(nodes.max)];
      const addresses = outboundAddresses(world, cluster) ?? 1;
      yield violation(snatAutomatic, {
        subject: cluster.address,
        severity: addresses > 1 ? "info" : "warning",
        range: cluster.rangeAt("network_profile"),
        detail: `Cluster "${nameOf(cluster)}" grows from ${nodes.min} to ${nodes.max} nodes; Azure's own allocation falls from ${few} to ${many} SNAT ports a node on the way, with ${addresses} outbound IP${addresses === 1 ? "" : "s"}. Set outbound_ports_allocated with enough outbound IPs, or use a NAT gateway.`,
        evidence: { portsPerNodeAtMin: few, portsPerNodeAtMax: many, maxNodes: nodes.max },
      });
    }
  },
};

const usesLoadBalancer = (cluster: AksCluster): boolean =>
  !isUnknown(cluster.network.outboundType) &&
  (lower(cluster.network.outboundType) ?? "loadbalancer") === "loadbalancer";

/** Outbound addresses of the profile; one where nothing is given. */
const outboundAddresses = (world: World, cluster: AksCluster): number | undefined => {
  const { loadBalancer } = cluster.network;
  if (isUnknown(loadBalancer.managedOutboundIps)) return undefined;
  if (loadBalancer.outboundIps.length > 0) return loadBalancer.outboundIps.length;
  if (loadBalancer.outboundIpPrefixes.length > 0) {
    const lengths = loadBalancer.outboundIpPrefixes.map((reference) =>
      known(resolve(world.platform.publicIpPrefixes, reference)?.prefixLength),
    );
    return lengths.reduce<number | undefined>(
      (sum, length) => (sum === undefined || length === undefined ? undefined : sum + 2 ** (32 - length)),
      0,
    );
  }
  return knownOr(loadBalancer.managedOutboundIps, 1);
};

const nodesWithSurge = (
  cluster: AksCluster,
): { readonly min: number; readonly max: number; readonly all: number } | undefined => {
  let [min, max, surge] = [0, 0, 0];
  for (const pool of cluster.pools) {
    const nodes = highestCount(pool);
    if (nodes === undefined) return undefined;
    min += known(pool.autoscaling) === true ? knownOr(pool.minCount, nodes) : nodes;
    max += nodes;
    surge += surgeOf(cluster, pool, nodes);
  }
  return { min, max, all: max + surge };
};
