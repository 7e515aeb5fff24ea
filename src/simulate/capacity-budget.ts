import { snatPlan } from "../azure/outbound.ts";
import { knownOr } from "../model/unknown.ts";
import { clusterNodesMost, type LimitsInput, quotaKeys } from "./capacity-limits.ts";
import type { RoomEnd } from "./capacity-model.ts";
import { predictSubnets } from "./cloud/subnets.ts";
import type { PredictedPool } from "./predict-pools.ts";

/** Nodes that a pool may get beside those that all pools have, and which limit says so. */
export interface NodeAllowance {
  readonly nodes: number;
  readonly end: RoomEnd;
}

export type NodeBudget = (pool: PredictedPool, counts: ReadonlyMap<string, number>) => NodeAllowance;

/**
 * What may still be added to a pool: up to max_count, as far as its subnets have addresses, the load balancer ports, the subscription vCPUs
 * and the cluster nodes. `beyond` leaves max_count out: what would end it next.
 */
export const nodeBudget = (input: LimitsInput, beyond = false): NodeBudget => {
  const { prepared, prediction, quotas } = input;
  const addresses = prediction.subnets.map((subnet) => {
    const perNode = new Map(prepared.pools.map((pool) => [pool.name, addressesOfOneNode(input, pool, subnet.address)]));
    const nodes = prediction.pools.reduce(
      (sum, pool) => sum + (perNode.get(pool.name) ?? 0) * Math.max(pool.nodes.initial, pool.nodes.predicted.high),
      0,
    );
    return { subnet, perNode, beside: subnet.used - nodes };
  });
  const outbound = prediction.publicIps.filter(({ purpose, family }) => purpose === "outbound" && family !== 6).length;
  const ports = knownOr(input.cluster.network.loadBalancer.outboundPortsAllocated, 0);
  return (pool, counts) => {
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const end = (limit: RoomEnd["limit"], subject: string, text: string): RoomEnd => ({
      limit,
      pool: pool.name,
      subject,
      text,
    });
    const found: NodeAllowance[] = [];
    if (!beyond)
      found.push({
        nodes: pool.max - (counts.get(pool.name) ?? 0),
        end: pool.autoscaling
          ? end("max_count", pool.name, `max_count ${pool.max} of pool "${pool.name}"`)
          : end("node_count", pool.name, `${pool.max} nodes of pool "${pool.name}", which has no autoscaler`),
      });
    for (const { subnet, perNode, beside } of addresses) {
      const one = perNode.get(pool.name) ?? 0;
      if (one === 0) continue;
      const used = [...counts].reduce((sum, [name, count]) => sum + count * (perNode.get(name) ?? 0), beside);
      found.push({
        nodes: Math.floor((subnet.usable - used) / one),
        end: end(
          "addresses",
          subnet.name,
          `addresses of "${subnet.name}": ${subnet.usable} usable, ${used} in use, ${one} a node of pool "${pool.name}"`,
        ),
      });
    }
    if (outbound > 0 && ports > 0) {
      const { maxNodes } = snatPlan(total, outbound, ports);
      found.push({
        nodes: maxNodes - total,
        end: end("snatPorts", "kubernetes", `SNAT ports: ${outbound} outbound addresses carry ${maxNodes} nodes`),
      });
    }
    for (const key of quotaKeys(pool)) {
      const quota = quotas?.get(key);
      if (quota === undefined) continue;
      const used = prepared.pools
        .filter((each) => quotaKeys(each).includes(key))
        .reduce((sum, { name, template }) => sum + (counts.get(name) ?? 0) * template.size.vcpus, quota.used);
      found.push({
        nodes: Math.floor((quota.limit - used) / pool.template.size.vcpus),
        end: end("vcpuQuota", quota.family, `vCPU quota "${quota.family}": ${used} of ${quota.limit} in use`),
      });
    }
    const most = clusterNodesMost(input);
    found.push({ nodes: most - total, end: end("clusterNodes", "cluster", `${most} nodes a cluster may have`) });
    const least = found.reduce((a, b) => (b.nodes < a.nodes ? b : a));
    return { nodes: Math.max(0, least.nodes), end: least.end };
  };
};

/** Addresses that a full node takes of a subnet or pod range: the difference that one node makes. */
const addressesOfOneNode = (input: LimitsInput, pool: PredictedPool, address: string): number => {
  const at = (nodes: number): number =>
    predictSubnets({
      platform: input.platform,
      cluster: input.cluster,
      pools: input.prepared.pools.map((each) => ({
        pool: each.pool,
        now: each === pool ? nodes : 0,
        predicted: each === pool ? nodes : 0,
        max: 0,
        surge: 0,
      })),
    }).value.find((subnet) => subnet.address === address)?.moments?.predicted ?? 0;
  return at(1) - at(0);
};
