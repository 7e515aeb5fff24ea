import { addressOf, type KubeObject } from "../kubernetes/object.ts";
import type { Pod } from "../kubernetes/pod.ts";
import type { CapacityMoment, MomentName, PendingWorkload } from "./capacity-model.ts";
import { claimNames } from "./cloud/volumes-of-pods.ts";
import type { Prepared } from "./predict.ts";
import type { GrowingPool } from "./predict-growth.ts";
import { requestsOf } from "./predict-requests.ts";
import { isDaemon, ownerOf, rest, type Settled } from "./predict-settle.ts";

/** The cluster at one moment, with what it was run to. */
export interface MomentRun {
  readonly moment: CapacityMoment;
  readonly settled: Settled;
  readonly pools: ReadonlyMap<string, PoolSums>;
}

/** What runs on the nodes of a pool. */
export interface PoolSums {
  readonly nodes: number;
  readonly milliCpu: number;
  readonly memory: number;
  readonly pods: number;
  readonly disks: number;
  /** Most pods with an address of their own on one node. */
  readonly addressedPerNode: number;
}

/** Runs the cluster to the moments of a capacity report; each zone is lost in turn and the worst kept. */
export const momentRuns = (
  prepared: Prepared,
  both: { readonly low: Settled; readonly high: Settled },
  disks: ReadonlySet<string>,
): readonly MomentRun[] => {
  const { replicas, pools } = prepared;
  const declared = new Map(replicas.autoscaling.map(({ subject, from, min, max }) => [subject, clamp(from, min, max)]));
  const fixed = pools.map((pool) => ({ ...pool, autoscaling: false }));
  const runs = [
    momentOf("now", prepared.run(declared, fixed), disks),
    momentOf("low", both.low, disks),
    momentOf("high", both.high, disks),
    momentOf("hpaMax", prepared.run(replicasAtMost(prepared)), disks),
  ];
  const lost = zonesOf(prepared).map((zone) => {
    const { settled, note } = withoutZone(prepared, zone);
    return momentOf("zoneLost", settled, disks, zone, note);
  });
  const worst = [...lost].sort((a, b) => waiting(b) - waiting(a) || nodesOf(a.settled) - nodesOf(b.settled))[0];
  return worst === undefined ? runs : [...runs, worst];
};

/**
 * Every HPA of the user at its maxReplicas. AKS's own, such as the ingress controller's with a maximum of 100, stay at their busiest hour:
 * their maximum is a guard and not a plan.
 */
export const replicasAtMost = ({ replicas, objects }: Prepared): ReadonlyMap<string, number> => {
  const own = new Set(objects.filter(isManaged).map(addressOf));
  return new Map(
    replicas.autoscaling.map(({ subject, max, to }) => [subject, own.has(subject) ? to.high : Math.max(max, to.high)]),
  );
};

/** Made by AKS and not by the user. */
export const isManaged = ({ metadata }: KubeObject): boolean =>
  metadata.labels?.["kubernetes.azure.com/managedby"] === "aks" || metadata.namespace === "app-routing-system";

const clamp = (count: number, min: number, max: number): number => Math.min(Math.max(count, min), max);

const waiting = ({ settled }: MomentRun): number => settled.pending.length;

const nodesOf = ({ pools }: Settled): number => pools.reduce((sum, { count }) => sum + count, 0);

const zonesOf = ({ pools }: Prepared): readonly string[] => {
  const zones = new Set(pools.flatMap(({ template }) => template.zones));
  return zones.size < 2 ? [] : [...zones].sort();
};

/**
 * The busiest hour with one zone gone: its nodes are lost, their pods come anew, the autoscaler adds nodes in the zones that are left. Past
 * `max-total-unready-percentage` (and `ok-total-unready-count`) of nodes that are not ready it does nothing (cluster-autoscaler FAQ).
 */
const withoutZone = (
  prepared: Prepared,
  zone: string,
): { readonly settled: Settled; readonly note: string | undefined } => {
  const start = prepared.run(prepared.replicas.high);
  const all = nodesOf(start);
  const homeless: Pod[] = [];
  let lost = 0;
  const pools = start.pools.map((growing): GrowingPool => {
    const { template } = growing.pool;
    const zones = template.zones.filter((each) => nodeZone(each) !== nodeZone(zone));
    const gone = growing.nodeNames.filter((name) => zoneOf(start, name) === nodeZone(zone));
    for (const name of gone) homeless.push(...start.cluster.removeNode(name).filter((pod) => !isDaemon(pod)));
    lost += gone.length;
    const stays = template.zones.length === 0 || zones.length > 0;
    return {
      pool: {
        ...growing.pool,
        template: { ...template, zones },
        autoscaling: growing.pool.autoscaling && stays,
        min: Math.min(growing.pool.min, growing.count - gone.length),
      },
      count: growing.count - gone.length,
      nextIndex: growing.nextIndex,
      nodeNames: growing.nodeNames.filter((name) => !gone.includes(name)),
    };
  });
  const { maxTotalUnreadyPercentage, okTotalUnreadyCount } = prepared.base.autoscaler;
  const halted = lost > okTotalUnreadyCount && lost * 100 > maxTotalUnreadyPercentage * all;
  const kept = start.pending.filter(({ reason }) => reason !== "Unschedulable");
  const again = start.pending.filter(({ pod, reason }) => reason === "Unschedulable" && !isDaemon(pod));
  const pending = start.cluster.place([...again.map(({ pod }) => pod), ...homeless]);
  const next = {
    ...start,
    pools: halted ? pools.map((growing) => ({ ...growing, pool: { ...growing.pool, autoscaling: false } })) : pools,
    pending,
  };
  const note = halted
    ? `${lost} of ${all} nodes are not ready, more than ${maxTotalUnreadyPercentage} %: the autoscaler stops until they are back`
    : undefined;
  const settled = rest(next, prepared.base);
  return { settled: { ...settled, pending: [...kept, ...settled.pending] }, note };
};

/** `westeurope-1` and `1` are the same zone. */
const nodeZone = (zone: string): string => zone.split("-").at(-1) ?? zone;

const zoneOf = (settled: Settled, node: string): string =>
  nodeZone(settled.cluster.node(node)?.metadata.labels?.["topology.kubernetes.io/zone"] ?? "");

/** The sums of a run, for the limits. */
export const momentOf = (
  name: MomentName,
  settled: Settled,
  disks: ReadonlySet<string>,
  zone?: string,
  note?: string,
): MomentRun => {
  const pools = poolSums(settled, disks);
  return {
    settled,
    pools,
    moment: {
      name,
      zone,
      nodes: Object.fromEntries(settled.pools.map(({ pool, count }) => [pool.name, count])),
      pods: settled.cluster.placed.size,
      pending: pendingWorkloads(settled),
      note,
    },
  };
};

const poolSums = (settled: Settled, disks: ReadonlySet<string>): ReadonlyMap<string, PoolSums> => {
  const poolOf = new Map(settled.pools.flatMap(({ pool, nodeNames }) => nodeNames.map((node) => [node, pool.name])));
  const sums = new Map(
    settled.pools.map(({ pool, count }) => [
      pool.name,
      { nodes: count, milliCpu: 0, memory: 0, pods: 0, disks: 0, addressedPerNode: 0 },
    ]),
  );
  const addressed = new Map<string, number>();
  for (const { pod, node } of settled.cluster.placed.values()) {
    const sum = sums.get(poolOf.get(node) ?? "");
    if (sum === undefined) continue;
    const { milliCpu, memory } = requestsOf(pod);
    sum.milliCpu += milliCpu;
    sum.memory += memory;
    sum.pods++;
    sum.disks += claimNames(pod).filter((claim) => disks.has(claim)).length;
    if (pod.spec.hostNetwork === true) continue;
    const count = (addressed.get(node) ?? 0) + 1;
    addressed.set(node, count);
    sum.addressedPerNode = Math.max(sum.addressedPerNode, count);
  }
  return sums;
};

const pendingWorkloads = (settled: Settled): readonly PendingWorkload[] => {
  const found = new Map<string, PendingWorkload>();
  for (const { pod, message } of settled.pending) {
    const workload = settled.owners.has(`${pod.metadata.namespace ?? "default"}/${pod.metadata.name}`)
      ? ownerOf(settled, pod)
      : addressOf(pod);
    found.set(workload, { workload, message, pods: (found.get(workload)?.pods ?? 0) + 1 });
  }
  return [...found.values()];
};
