import { familiesOf } from "../azure/ip-families.ts";
import { maxClusterNodes, networkMode } from "../azure/network-mode.ts";
import { portsPerAddress, snatPlan } from "../azure/outbound.ts";
import { clusterLimits, loadBalancerLimits } from "../azure/service-limits.ts";
import type { VcpuQuota } from "../azure/sku-dump.ts";
import { known, knownOr } from "../model/unknown.ts";
import type { CapacityLimit, LimitUse, MomentName } from "./capacity-model.ts";
import type { MomentRun, PoolSums } from "./capacity-moments.ts";
import { nodeBlockLength, nodeBlockLengthIpv6 } from "./cloud/address-demand.ts";
import { type ClusterUse, predictSubnets } from "./cloud/subnets.ts";
import type { PredictInput, Prepared } from "./predict.ts";
import type { PredictedPool } from "./predict-pools.ts";
import type { Prediction, SubnetPrediction } from "./prediction.ts";

export interface LimitsInput extends PredictInput {
  readonly prepared: Prepared;
  readonly prediction: Prediction;
  readonly runs: readonly MomentRun[];
  /** Of `az vm list-usage`, by family in lower case. */
  readonly quotas?: ReadonlyMap<string, VcpuQuota> | undefined;
}

type Uses = CapacityLimit["at"];

/** What is used of every limit of the cluster at every moment, with the source of each limit. */
export const capacityLimits = (input: LimitsInput): readonly CapacityLimit[] => [
  ...input.prepared.pools.flatMap((pool) => poolLimits(pool, input.runs)),
  ...addressLimits(input),
  ...egressLimits(input),
  ...balancerLimits(input),
  clusterNodesLimit(input),
  ...quotaLimits(input),
];

export const useOf = (used: number, limit: number): LimitUse => ({ used, limit, free: limit - used });

const atMoments = (runs: readonly MomentRun[], use: (run: MomentRun) => LimitUse | undefined): Uses => {
  const at: Partial<Record<MomentName, LimitUse>> = {};
  for (const run of runs) {
    const found = use(run);
    if (found !== undefined) at[run.moment.name] = found;
  }
  return at;
};

const poolLimits = (pool: PredictedPool, runs: readonly MomentRun[]): readonly CapacityLimit[] => {
  const { name, template } = pool;
  const { allocatable } = template.resources;
  const row = (
    kind: CapacityLimit["kind"],
    unit: string,
    perNode: number,
    used: (sums: PoolSums) => number,
    how: string,
    source: string,
  ): CapacityLimit => ({
    key: `${kind}/${name}`,
    kind,
    subject: name,
    unit,
    how,
    source,
    at: atMoments(runs, ({ pools }) => {
      const sums = pools.get(name);
      return sums === undefined ? undefined : useOf(used(sums), perNode * sums.nodes);
    }),
  });
  return [
    {
      key: `nodes/${name}`,
      kind: "nodes",
      subject: name,
      unit: "nodes",
      how: pool.autoscaling
        ? `max_count of the pool is ${pool.max}`
        : `the pool has ${pool.initial} nodes and no autoscaler`,
      source: `${pool.pool.address} ${pool.autoscaling ? "max_count" : "node_count"}`,
      at: atMoments(runs, ({ pools }) => {
        const sums = pools.get(name);
        return sums === undefined ? undefined : useOf(sums.nodes, pool.max);
      }),
    },
    row(
      "cpu",
      "m",
      allocatable.milliCpu,
      (sums) => sums.milliCpu,
      `requests of the pods on the pool, of ${allocatable.milliCpu}m allocatable a node of ${template.vmSize}`,
      "Node resource reservations in AKS",
    ),
    row(
      "memory",
      "bytes",
      allocatable.memory,
      (sums) => sums.memory,
      `requests of the pods on the pool, of ${Math.floor(allocatable.memory / 2 ** 20)} MiB allocatable a node of ${template.vmSize}`,
      "Node resource reservations in AKS",
    ),
    row(
      "pods",
      "pods",
      template.maxPods,
      (sums) => sums.pods,
      `pods on the pool, those of DaemonSets among them, of max_pods ${template.maxPods} a node`,
      `${pool.pool.address} max_pods`,
    ),
    row(
      "disks",
      "disks",
      template.size.csiAllocatable,
      (sums) => sums.disks,
      `Azure Disks attached, of ${template.size.csiAllocatable} that the driver lets on a ${template.vmSize}`,
      "azuredisk-csi-driver, maximum data disk count",
    ),
  ];
};

/** Subnets and the pod range; what one more node takes of each stands with the prediction. */
const addressLimits = (input: LimitsInput): readonly CapacityLimit[] => {
  const byMoment = new Map(input.runs.map((run) => [run.moment.name, subnetsAt(input, run)]));
  return input.prediction.subnets.map((subnet) => ({
    key: `${isPodRange(subnet) ? "podRange" : "addresses"}/${subnet.name}`,
    kind: isPodRange(subnet) ? ("podRange" as const) : ("addresses" as const),
    subject: subnet.name,
    unit: subnet.family === 6 && isPodRange(subnet) ? "blocks" : "addresses",
    how: `${subnet.prefix} has ${subnet.usable} usable; at the busiest hour ${subnet.parts
      .filter(({ used }) => used > 0)
      .map(({ what, used }) => `${used} for ${what}`)
      .join(", ")}`,
    source: isPodRange(subnet)
      ? `Azure CNI Overlay networking in AKS: a /${subnet.family === 6 ? nodeBlockLengthIpv6 : nodeBlockLength} for each node`
      : "Plan IP addressing for AKS clusters; Azure keeps five addresses of a subnet",
    at: atMoments(input.runs, ({ moment }) => {
      const used = byMoment.get(moment.name)?.get(subnet.address)?.moments?.predicted;
      return used === undefined ? undefined : useOf(used, subnet.usable);
    }),
  }));
};

export const isPodRange = (subnet: SubnetPrediction): boolean => /\.pod_cidrs?(\/ipv6)?$/.test(subnet.address);

/** The subnets with the node counts of a moment. */
const subnetsAt = (input: LimitsInput, { pools }: MomentRun): ReadonlyMap<string, SubnetPrediction> => {
  const { value } = predictSubnets({
    platform: input.platform,
    cluster: input.cluster,
    others: input.others ?? [],
    pools: input.prepared.pools.map((pool) => {
      const sums = pools.get(pool.name);
      const nodes = sums?.nodes ?? 0;
      return {
        pool: pool.pool,
        now: nodes,
        predicted: nodes,
        max: pool.max,
        surge: pool.surge,
        podsPerNode: sums?.addressedPerNode ?? 0,
      };
    }),
    internalFrontends: internalFrontends(input.prediction),
  });
  return new Map(value.map((subnet) => [subnet.address, subnet]));
};

/** Frontends of internal load balancers as the prediction has counted them. */
const internalFrontends = (prediction: Prediction): NonNullable<ClusterUse["internalFrontends"]> =>
  prediction.subnets.flatMap(({ name, family, parts }) =>
    parts.flatMap(({ what }) => {
      const service = /^internal frontend of (.*)$/.exec(what)?.[1];
      if (service === undefined) return [];
      return [
        family === undefined ? { service, subnet: name } : { service, subnet: name.replace(/ \(IPv6\)$/, ""), family },
      ];
    }),
  );

const totalNodes = ({ pools }: MomentRun): number => [...pools.values()].reduce((sum, { nodes }) => sum + nodes, 0);

/** SNAT ports: of the load balancer's outbound addresses. A NAT gateway hands ports out by flow, so nodes take none of it up front. */
const egressLimits = ({ cluster, prediction, runs }: LimitsInput): readonly CapacityLimit[] => {
  const addresses = prediction.publicIps.filter(({ purpose, family }) => purpose === "outbound" && family !== 6).length;
  if (addresses === 0) return [];
  const asked = knownOr(cluster.network.loadBalancer.outboundPortsAllocated, 0);
  return [
    {
      key: "snatPorts/kubernetes",
      kind: "snatPorts",
      subject: "kubernetes",
      unit: "ports",
      how:
        asked > 0
          ? `${asked} ports a node, of ${portsPerAddress.loadBalancer} for each of ${addresses} outbound addresses`
          : `Azure's own allocation by the number of nodes, of ${portsPerAddress.loadBalancer} for each of ${addresses} outbound addresses`,
      source: "Configure a public standard load balancer in AKS",
      at: atMoments(runs, (run) => {
        const plan = snatPlan(totalNodes(run), addresses, asked);
        return useOf(plan.needed, plan.available);
      }),
    },
  ];
};

const balancerLimits = ({ prediction, runs }: LimitsInput): readonly CapacityLimit[] =>
  prediction.loadBalancers.flatMap((balancer): readonly CapacityLimit[] => {
    const same = (used: number, limit: number): Uses => atMoments(runs, () => useOf(used, limit));
    return [
      {
        key: `loadBalancerRules/${balancer.name}`,
        kind: "loadBalancerRules",
        subject: balancer.name,
        unit: "rules",
        how: "one rule for each port of a Service on each of its addresses",
        source: "Use multiple public standard load balancers in AKS: rules a network interface",
        at: same(balancer.rules, loadBalancerLimits.rules),
      },
      {
        key: `loadBalancerFrontends/${balancer.name}`,
        kind: "loadBalancerFrontends",
        subject: balancer.name,
        unit: "frontends",
        how: "one for each address of a Service, and the outbound addresses",
        source: "Azure subscription limits: frontend IP configurations of a standard load balancer",
        at: same(balancer.frontends.length, loadBalancerLimits.frontends),
      },
    ];
  });

/** Most nodes of the cluster, by its tier and network. */
export const clusterNodesMost = ({ cluster }: Pick<PredictInput, "cluster">): number => {
  const first = cluster.pools[0];
  const free = knownOr(cluster.skuTier, "Free").toLowerCase() === "free";
  const most =
    first === undefined
      ? clusterLimits.nodes
      : maxClusterNodes(networkMode(cluster, first), familiesOf(cluster).length);
  return Math.min(most, free ? clusterLimits.nodesFreeTier : clusterLimits.nodes);
};

const clusterNodesLimit = (input: LimitsInput): CapacityLimit => ({
  key: "clusterNodes/cluster",
  kind: "clusterNodes",
  subject: known(input.cluster.name) ?? input.cluster.address,
  unit: "nodes",
  how: "nodes of all pools, by the cluster's tier and network plugin",
  source: "Quotas, virtual machine size restrictions, and region availability in AKS",
  at: atMoments(input.runs, (run) => useOf(totalNodes(run), clusterNodesMost(input))),
});

/** The quotas that a pool's nodes count against: spot nodes in one of their own, others in their family's and the region's. */
export const quotaKeys = (pool: PredictedPool): readonly string[] =>
  pool.spot ? ["lowprioritycores"] : [pool.template.size.family?.toLowerCase() ?? "", "cores"];

/** vCPUs beside what the dump says is in use already. */
const quotaLimits = ({ prepared, runs, quotas }: LimitsInput): readonly CapacityLimit[] =>
  [...(quotas ?? [])].flatMap(([key, quota]): readonly CapacityLimit[] => {
    const users = prepared.pools.filter((pool) => quotaKeys(pool).includes(key));
    if (users.length === 0) return [];
    return [
      {
        key: `vcpuQuota/${quota.family}`,
        kind: "vcpuQuota",
        subject: quota.family,
        unit: "vCPUs",
        how: `${quota.used} in use by the dump, and ${users
          .map(({ name, template }) => `${template.size.vcpus} a node of pool "${name}"`)
          .join(", ")}`,
        source: "az vm list-usage",
        at: atMoments(runs, ({ pools }) => {
          const ours = users.reduce(
            (sum, { name, template }) => sum + (pools.get(name)?.nodes ?? 0) * template.size.vcpus,
            0,
          );
          return useOf(quota.used + ours, quota.limit);
        }),
      },
    ];
  });
