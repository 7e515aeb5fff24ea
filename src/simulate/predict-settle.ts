import type { Node } from "../kubernetes/node.ts";
import { addressOf, type KubeObject } from "../kubernetes/object.ts";
import type { Pod } from "../kubernetes/pod.ts";
import type { PersistentVolumeClaim } from "../kubernetes/storage.ts";
import type { DaemonSet, PodDisruptionBudget } from "../kubernetes/workloads.ts";
import type { AutoscalerOptions } from "./autoscaling/autoscaler-profile.ts";
import type { ProvisioningResult } from "./autoscaling/node-provisioning.ts";
import { type SteadyPool, type SteadyPools, steadyPoolSizes } from "./autoscaling/steady-pools.ts";
import { boundAtOnce, type ClassOf, claimKey, claimsOf, storageClassOf, volumesAmong, waitsForPod } from "./claims.ts";
import { claimNames } from "./cloud/volumes-of-pods.ts";
import { nodesFromTemplate } from "./nodes/nodes-of-pool.ts";
import { PredictCluster, type UnplacedPod } from "./predict-cluster.ts";
import { addNodes, type GrowingPool } from "./predict-growth.ts";
import type { PredictedPool } from "./predict-pools.ts";
import { admissionClasses, createDaemonPods, podName, workloadPods } from "./predict-workloads.ts";
import type { Refusal } from "./prediction.ts";

export interface SettleInput {
  readonly pools: readonly PredictedPool[];
  readonly objects: readonly KubeObject[];
  readonly replicas: ReadonlyMap<string, number>;
  readonly autoscaler: AutoscalerOptions;
  /** What will be made of claims, as `namespace/name`: the provisioner's words where it is nothing. */
  readonly refused: (claims: readonly PersistentVolumeClaim[]) => ReadonlyMap<string, string>;
  /** Makes nodes for what still waits, where the cluster has node auto-provisioning. */
  readonly provision?:
    | ((
        cluster: PredictCluster,
        pending: readonly UnplacedPod[],
        daemonPods: (nodes: readonly Node[]) => readonly Pod[],
      ) => ProvisioningResult)
    | undefined;
}

/** The cluster at one load, once nothing changes any more. */
export interface Settled {
  readonly cluster: PredictCluster;
  readonly pools: readonly GrowingPool[];
  readonly pending: readonly UnplacedPod[];
  readonly autoscaler: SteadyPools;
  /** Pod key to the address of its workload. */
  readonly owners: ReadonlyMap<string, string>;
  readonly claims: readonly PersistentVolumeClaim[];
  readonly refused: ReadonlyMap<string, string>;
  /** Pods that their namespaces refuse. */
  readonly refusals: readonly Refusal[];
  /** Nodes of node auto-provisioning; they are in no pool. */
  readonly provisioned?: ProvisioningResult | undefined;
  /** Adds nodes to a pool with the pods of the DaemonSets; returns those that do not fit. */
  readonly grow: (pool: GrowingPool, count: number) => readonly UnplacedPod[];
}

/** Kinds that the scheduler reads beside nodes, pods and claims. */
export const schedulerKinds: ReadonlySet<string> = new Set([
  "Namespace",
  "Service",
  "StatefulSet",
  "ReplicaSet",
  "ReplicationController",
  "PodDisruptionBudget",
  "PersistentVolume",
  "StorageClass",
]);

/** Fills the cluster's first nodes with its pods, then lets the cluster autoscaler work until it rests. */
export const settle = (input: SettleInput): Settled => {
  const { objects } = input;
  const classes = admissionClasses(objects);
  const work = workloadPods(objects, input.replicas, classes);
  const owners = new Map(work.owners);
  const claims = claimsOf(objects, work.claims);
  const refused = input.refused(claims);
  const classOf = storageClassOf(objects);
  const cluster = new PredictCluster([
    ...objects.filter((object) => schedulerKinds.has(object.kind)),
    ...work.replicaSets,
    ...boundAtOnce(claims, classOf, refused, volumesAmong(objects)),
  ]);
  const daemonPods = createDaemonPods(objects.filter(isDaemonSet), classes, owners, work.gate);
  const pools = input.pools.map((pool): GrowingPool => ({ pool, count: 0, nextIndex: 0, nodeNames: [] }));
  const grow = (pool: GrowingPool, count: number): readonly UnplacedPod[] => addNodes(cluster, pool, count, daemonPods);
  const unplacedDaemons = pools.flatMap((pool) => (pool.pool.initial > 0 ? grow(pool, pool.pool.initial) : []));
  const { stuck, free } = withoutVolumes(work.pods, claims, classOf, refused);
  const start = {
    cluster,
    pools,
    pending: cluster.place(free),
    owners,
    claims,
    refused,
    grow,
    refusals: work.refusals,
  };
  const rested = rest(start, input);
  const provisioned = input.provision?.(cluster, rested.pending, daemonPods);
  const pending = provisioned?.pending ?? rested.pending;
  return { ...rested, provisioned, pending: [...unplacedDaemons, ...stuck, ...pending] };
};

/** Lets the autoscaler work on from where the cluster stands, with `pending` waiting, until it rests. */
export const rest = (start: Omit<Settled, "autoscaler">, input: Omit<SettleInput, "replicas" | "pools">): Settled => {
  const { cluster } = start;
  const unplacedDaemons: UnplacedPod[] = [];
  let pending = start.pending;
  const retry = (more: readonly Pod[] = []): void => {
    pending = cluster.place([...pending.map((unplaced) => unplaced.pod), ...more]);
  };
  const scaled = start.pools.filter(({ pool }) => pool.autoscaling);
  const poolByNode = new Map(start.pools.flatMap((pool) => pool.nodeNames.map((name) => [name, pool] as const)));
  const autoscaler = steadyPoolSizes(
    {
      pools: scaled.map((pool) => steadyPool(pool.pool)),
      nodes: () => cluster.nodes.map((node) => ({ node, pool: poolByNode.get(node.metadata.name)?.pool.name })),
      placed: () => cluster.placed.values(),
      pending: () => pending.filter(isForAutoscaler).map((unplaced) => unplaced.pod),
      grow: (name, count) => {
        const pool = scaled.find((each) => each.pool.name === name);
        if (pool === undefined) return;
        unplacedDaemons.push(...start.grow(pool, count));
        for (const added of pool.nodeNames.slice(-count)) poolByNode.set(added, pool);
        retry();
      },
      shrink: (names) => {
        const moved = names.flatMap((name) => shrinkOne(cluster, poolByNode.get(name), name));
        retry(moved.filter((pod) => !isDaemon(pod)));
      },
      objects: () => cluster.objects,
      daemonSets: input.objects.filter(isDaemonSet),
      budgets: input.objects.filter((object) => object.kind === "PodDisruptionBudget") as PodDisruptionBudget[],
    },
    input.autoscaler,
  );
  return { ...start, pending: [...unplacedDaemons, ...pending], autoscaler };
};

/** Gated pods wait for somebody else; the autoscaler does not see them. */
const isForAutoscaler = (unplaced: UnplacedPod): boolean => unplaced.reason === "Unschedulable";

const isDaemonSet = (object: KubeObject): object is DaemonSet => object.kind === "DaemonSet";

/** A pod that a DaemonSet made: it goes with its node. */
export const isDaemon = (pod: Pod): boolean =>
  (pod.metadata.ownerReferences ?? []).some((reference) => reference.kind === "DaemonSet");

const shrinkOne = (cluster: PredictCluster, pool: GrowingPool | undefined, name: string): readonly Pod[] => {
  if (pool === undefined) return [];
  pool.nodeNames.splice(pool.nodeNames.indexOf(name), 1);
  pool.count--;
  return cluster.removeNode(name);
};

/** A pool as the autoscaler sees it: while it has no node, the VM's whole capacity counts as allocatable (`azure_template.go`). */
export const steadyPool = (pool: PredictedPool): SteadyPool => ({
  name: pool.name,
  min: pool.min,
  max: pool.max,
  template: () => {
    const node = nodesFromTemplate(pool.template, 1)[0];
    if (node === undefined) throw new Error(`pool ${pool.name} has no node template`);
    const capacity = node.status?.capacity;
    return {
      node: capacity === undefined ? node : { ...node, status: { ...node.status, allocatable: capacity } },
      pods: [],
    };
  },
});

/** Parts pods whose volume the provisioner will refuse once they are scheduled: they never start. */
const withoutVolumes = (
  pods: readonly Pod[],
  claims: readonly PersistentVolumeClaim[],
  classOf: ClassOf,
  refused: ReadonlyMap<string, string>,
): { readonly stuck: readonly UnplacedPod[]; readonly free: readonly Pod[] } => {
  const late = new Map(
    claims.flatMap((claim) => {
      const storageClass = classOf(claim);
      const message = refused.get(claimKey(claim));
      return message !== undefined && storageClass !== undefined && waitsForPod(storageClass)
        ? [[claimKey(claim), message] as const]
        : [];
    }),
  );
  if (late.size === 0) return { stuck: [], free: pods };
  const stuck: UnplacedPod[] = [];
  const free: Pod[] = [];
  for (const pod of pods) {
    const message = claimNames(pod).flatMap((name) => late.get(name) ?? [])[0];
    if (message === undefined) free.push(pod);
    else stuck.push({ pod, reason: "ProvisioningFailed", message });
  }
  return { stuck, free };
};

/** The workload of a pod. */
export const ownerOf = (settled: Settled, pod: Pod): string => settled.owners.get(podName(pod)) ?? addressOf(pod);
