import type { Node } from "../kubernetes/node.ts";
import type { KubeObject } from "../kubernetes/object.ts";
import type { Pod } from "../kubernetes/pod.ts";
import { pinnedNode } from "./controllers/daemon-nodes.ts";
import { csiNodeOf, nodesFromTemplate } from "./nodes/nodes-of-pool.ts";
import type { PredictCluster, UnplacedPod } from "./predict-cluster.ts";
import type { PredictedPool } from "./predict-pools.ts";
import { daemonPods } from "./predict-workloads.ts";
import type { AdmissionClasses } from "./scheduler/admit-pod.ts";

/** A pool in a cluster that is being filled: its nodes so far. */
export interface GrowingPool {
  readonly pool: PredictedPool;
  count: number;
  /** Number of the next instance; never used again. */
  nextIndex: number;
  readonly nodeNames: string[];
}

/** Adds nodes to a pool, with the pods of the DaemonSets; returns the daemons' pods that do not fit. */
export const addNodes = (
  cluster: PredictCluster,
  growing: GrowingPool,
  count: number,
  daemons: readonly KubeObject[],
  classes: AdmissionClasses,
  owners: Map<string, string>,
): readonly UnplacedPod[] => {
  const { template, subnetName } = growing.pool;
  const nodes: readonly Node[] = nodesFromTemplate(template, count, {
    firstIndex: growing.nextIndex,
    ...(subnetName === undefined ? {} : { subnetName }),
  });
  const added = new Set(nodes.map((node) => node.metadata.name));
  for (const node of nodes) {
    cluster.addNode(node, csiNodeOf(node, template));
    growing.nodeNames.push(node.metadata.name);
  }
  growing.count += count;
  growing.nextIndex += count;
  const made = daemonPods(daemons, cluster.nodes, classes);
  const pods: Pod[] = made.pods.filter((pod) => added.has(pinnedNode(pod.spec) ?? ""));
  for (const [key, owner] of made.owners) owners.set(key, owner);
  return cluster.place(pods);
};
