import type { Node } from "../kubernetes/node.ts";
import type { Pod } from "../kubernetes/pod.ts";
import { csiNodeOf, nodesFromTemplate } from "./nodes/nodes-of-pool.ts";
import type { PredictCluster, UnplacedPod } from "./predict-cluster.ts";
import type { PredictedPool } from "./predict-pools.ts";

/** A pool in a cluster that is being filled: its nodes so far. */
export interface GrowingPool {
  readonly pool: PredictedPool;
  count: number;
  /** Number of the next instance; never used again. */
  nextIndex: number;
  readonly nodeNames: string[];
}

/** Adds nodes to a pool, with the pods that DaemonSets make for them; returns the daemons' pods that do not fit. */
export const addNodes = (
  cluster: PredictCluster,
  growing: GrowingPool,
  count: number,
  daemonPods: (nodes: readonly Node[]) => readonly Pod[],
): readonly UnplacedPod[] => {
  const { template, subnetName } = growing.pool;
  const nodes = nodesFromTemplate(template, count, {
    firstIndex: growing.nextIndex,
    ...(subnetName === undefined ? {} : { subnetName }),
  });
  for (const node of nodes) {
    cluster.addNode(node, csiNodeOf(node, template));
    growing.nodeNames.push(node.metadata.name);
  }
  growing.count += count;
  growing.nextIndex += count;
  return cluster.place(daemonPods(nodes));
};
