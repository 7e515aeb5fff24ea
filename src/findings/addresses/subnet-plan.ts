import { usableAddresses } from "../../azure/cidr.ts";
import { maxPodsOf, networkMode } from "../../azure/network-mode.ts";
import type { AksCluster, NodePool, Subnet } from "../../azure/platform.ts";
import { resolve } from "../../graph/resolve.ts";
import { known } from "../../model/unknown.ts";
import type { SubnetPrediction } from "../../simulate/prediction.ts";
import {
  addressesPerNode,
  type ClusterPool,
  highestCount,
  lowestCount,
  nameOf,
  poolsOf,
  rangesOf,
  subnetOf,
  surgeOf,
} from "../cluster-facts.ts";
import type { World } from "../rule.ts";

/** What the pools of one subnet come to, in addresses. */
export interface SubnetPlan {
  readonly subnet: Subnet;
  readonly usable: number;
  readonly shares: readonly PoolShare[];
  /** Private endpoints and internal frontends. */
  readonly others: number;
  /** Every pool at its highest count, and what else is in the subnet. */
  readonly atMax: number;
  /** An upgrade of every pool on top of that. */
  readonly withSurge: number;
  /** An upgrade while every pool stands at its lowest count. */
  readonly lowestWithSurge: number;
}

interface PoolShare {
  readonly cluster: AksCluster;
  readonly pool: NodePool;
  readonly perNode: number;
  readonly nodes: number;
  readonly surge: number;
}

/**
 * The plan of each subnet that holds nodes; one in which some figure is not known is left out. Source: "Plan IP addressing for
 * AKS clusters": (nodes + surge) × (1 + max_pods) with node subnet networking, nodes + surge otherwise.
 */
export const subnetPlans = (world: World): readonly SubnetPlan[] => {
  const bySubnet = new Map<Subnet, ClusterPool[]>();
  for (const entry of poolsOf(world)) {
    const subnet = subnetOf(world, entry.pool);
    if (subnet !== undefined) bySubnet.set(subnet, [...(bySubnet.get(subnet) ?? []), entry]);
  }
  return [...bySubnet].flatMap(([subnet, entries]) => planOf(world, subnet, entries) ?? []);
};

const planOf = (world: World, subnet: Subnet, entries: readonly ClusterPool[]): SubnetPlan | undefined => {
  const ranges = rangesOf(subnet.addressPrefixes).filter(({ family }) => family === 4);
  if (ranges.length === 0) return undefined;
  const prediction = world.predictions
    .flatMap(({ subnets }) => subnets)
    .find(({ address }) => address === subnet.address);
  const shares: PoolShare[] = [];
  let lowest = 0;
  for (const { cluster, pool } of entries) {
    const nodes = highestCount(pool);
    if (nodes === undefined) return undefined;
    const perNode = addressesPerNode(cluster, pool);
    shares.push({ cluster, pool, perNode, nodes, surge: surgeOf(cluster, pool, nodes) });
    const fewest = lowestCount(pool) ?? 0;
    lowest += (fewest + surgeOf(cluster, pool, fewest)) * perNode;
  }
  const others = prediction === undefined ? endpointsIn(world, subnet) : othersIn(prediction);
  const atMax = shares.reduce((sum, share) => sum + share.nodes * share.perNode, others);
  return {
    subnet,
    usable: ranges.reduce((sum, range) => sum + usableAddresses(range), 0),
    shares,
    others,
    atMax,
    withSurge: shares.reduce((sum, share) => sum + share.surge * share.perNode, atMax),
    lowestWithSurge: lowest + others,
  };
};

/** What the prediction counts beside nodes and their pods. */
const othersIn = (prediction: SubnetPrediction): number =>
  prediction.parts
    .filter((part) => !/^(nodes|pods) of pool "/.test(part.what))
    .reduce((sum, part) => sum + part.used + part.reserved, 0);

const endpointsIn = (world: World, subnet: Subnet): number =>
  world.platform.privateEndpoints.filter((endpoint) => resolve(world.platform.subnets, endpoint.subnet) === subnet)
    .length;

/** `pool "user" 20 × 31`. */
export const shareText = (share: PoolShare, count: number): string =>
  `pool "${nameOf(share.pool)}" ${count} × ${share.perNode}`;

/** What would make the subnet large enough, in words; the pool that takes most is the one to look at. */
export const remedy = (plan: SubnetPlan, needed: number): string => {
  const fitting = 32 - Math.ceil(Math.log2(needed + 5));
  const [largest] = [...plan.shares].sort((a, b) => b.nodes * b.perNode - a.nodes * a.perNode);
  if (largest === undefined) return `Use a /${fitting} or larger.`;
  const { cluster, pool } = largest;
  const scaled = known(pool.autoscaling) === true ? "max_count" : "node_count";
  const pods =
    networkMode(cluster, pool) === "nodeSubnet"
      ? `, or its max_pods of ${maxPodsOf(cluster, pool)} (each node takes max_pods + 1 addresses)`
      : "";
  return `Use a /${fitting} or larger, or lower ${scaled} of pool "${nameOf(pool)}"${pods}.`;
};
