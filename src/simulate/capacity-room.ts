import { addressOf, type KubeObject } from "../kubernetes/object.ts";
import type { Pod } from "../kubernetes/pod.ts";
import type { PersistentVolumeClaim } from "../kubernetes/storage.ts";
import type { Deployment } from "../kubernetes/workloads.ts";
import type { NodeBudget } from "./capacity-budget.ts";
import type { RoomEnd, WorkloadRoom } from "./capacity-model.ts";
import { isManaged } from "./capacity-moments.ts";
import { provisioningEnd } from "./capacity-provisioning.ts";
import { boundAtOnce, claimed, defaultStorageClass, storageClassOf } from "./claims.ts";
import { expandWorkload } from "./controllers/expand-workload.ts";
import type { Prepared } from "./predict.ts";
import type { GrowingPool } from "./predict-growth.ts";
import { ownerOf, type Settled } from "./predict-settle.ts";
import { admissionClasses } from "./predict-workloads.ts";
import { admitPod } from "./scheduler/admit-pod.ts";

export interface RoomInput {
  readonly prepared: Prepared;
  /** The cluster at the load beside which replicas are added. It is given back as it was. */
  readonly settled: Settled;
  readonly replicas: ReadonlyMap<string, number>;
  readonly budget: NodeBudget;
}

/** No search goes further than so many replicas of one workload; enough to say that nothing is near. */
export const searchEnd = 500;

/** Workloads whose number of replicas is a question: those of the user, in their order. */
export const scalableWorkloads = (objects: readonly KubeObject[]): readonly KubeObject[] =>
  objects.filter((object) => (object.kind === "Deployment" || object.kind === "StatefulSet") && !isManaged(object));

/**
 * How many more replicas fit beside everything else, and what ends it: first on the nodes that are there, then with what the autoscaler may
 * add to each pool that can take them, doubling the step. Nobody is evicted for them.
 */
export const roomFor = (workload: KubeObject, input: RoomInput): WorkloadRoom => {
  const { settled, prepared } = input;
  const address = addressOf(workload);
  const replicas = input.replicas.get(address) ?? (workload as Deployment).spec.replicas ?? 1;
  const result = {
    workload: address,
    replicas,
    hpaMax: prepared.replicas.autoscaling.find(({ subject }) => subject === address)?.max,
    pending: settled.pending.filter(({ pod }) => ownerOf(settled, pod) === address).length,
  };
  const classOf = storageClassOf(prepared.objects);
  const next = furtherPods(workload, replicas, prepared.objects);
  const refused = [...prepared.base.refused(next.claims(0, 1)).values()][0];
  if (refused !== undefined) {
    const end: RoomEnd = { limit: "storage", pool: undefined, subject: address, text: refused };
    return { ...result, moreNow: 0, more: 0, unbounded: false, addedNodes: {}, endedBy: [end], message: refused };
  }
  return undone(settled, () => {
    let placed = 0;
    let message = "";
    const fill = (): number => {
      const before = placed;
      for (let batch = 16; placed < searchEnd; batch *= 2) {
        const count = Math.min(batch, searchEnd - placed);
        for (const object of boundAtOnce(next.claims(placed, count), classOf, settled.refused))
          settled.cluster.addObject(object);
        const filled = settled.cluster.fill(next.pods(placed, count));
        placed += filled.placed;
        if (filled.message === undefined) continue;
        message = filled.message;
        break;
      }
      return placed - before;
    };
    const moreNow = fill();
    const endedBy: RoomEnd[] = [];
    const from = countsOf(settled);
    for (const pool of settled.pools) {
      if (placed >= searchEnd) break;
      const end = growFor(
        pool,
        settled,
        input.budget,
        () => fill(),
        () => next.pods(placed, 1),
      );
      if (end !== undefined && placed < searchEnd) endedBy.push(end);
    }
    const unbounded = placed >= searchEnd;
    const provisioned = unbounded ? undefined : provisioningEnd(prepared, settled, address, next.pods(placed, 1));
    if (provisioned !== undefined) endedBy.push(provisioned);
    const added = settled.pools.flatMap(({ pool, count }): [string, number][] => {
      const more = count - (from.get(pool.name) ?? 0);
      return more > 0 ? [[pool.name, more]] : [];
    });
    return {
      ...result,
      moreNow,
      more: placed,
      unbounded,
      addedNodes: Object.fromEntries(added),
      endedBy: unbounded ? [searchedOut(address)] : endedBy.length > 0 ? endedBy : [nowhere(address, message)],
      message,
    };
  });
};

/** Grows one pool for as long as that places pods; what ends it, or nothing where the pool cannot take them at all. */
const growFor = (
  growing: GrowingPool,
  settled: Settled,
  budget: NodeBudget,
  fill: () => number,
  nextPods: () => readonly Pod[],
): RoomEnd | undefined => {
  const stride = Math.max(1, growing.pool.template.zones.length);
  let step = stride;
  let grown = false;
  while (true) {
    const { nodes, end } = budget(growing.pool, countsOf(settled));
    if (nodes === 0) return grown || helps(growing, settled, stride, nextPods) ? end : undefined;
    const count = Math.min(step, nodes);
    settled.grow(growing, count);
    if (fill() === 0) {
      for (const name of growing.nodeNames.splice(-count)) settled.cluster.removeNode(name);
      growing.count -= count;
      // With fewer nodes than zones it may still be the limit that keeps the pods away, and not their own rules.
      return count < stride && helps(growing, settled, stride, nextPods) ? end : undefined;
    }
    grown = true;
    step *= 2;
  }
};

/** Whether more nodes of the pool would place a further pod, were they allowed. */
const helps = (growing: GrowingPool, settled: Settled, count: number, nextPods: () => readonly Pod[]): boolean =>
  undone(settled, () => {
    settled.grow(growing, count);
    return settled.cluster.fill(nextPods()).placed > 0;
  });

const countsOf = (settled: Settled): ReadonlyMap<string, number> =>
  new Map(settled.pools.map(({ pool, count }) => [pool.name, count]));

/** Runs a what-if and puts cluster and pools back. */
const undone = <T>(settled: Settled, run: () => T): T => {
  const kept = settled.pools.map((pool) => ({
    pool,
    count: pool.count,
    nextIndex: pool.nextIndex,
    names: [...pool.nodeNames],
  }));
  try {
    return settled.cluster.whatIf(run);
  } finally {
    for (const { pool, count, nextIndex, names } of kept) {
      pool.count = count;
      pool.nextIndex = nextIndex;
      pool.nodeNames.splice(0, pool.nodeNames.length, ...names);
    }
  }
};

/** The pods and claims past the replicas that there are, made as the controllers make them. */
const furtherPods = (
  workload: KubeObject,
  replicas: number,
  objects: readonly KubeObject[],
): {
  readonly pods: (from: number, count: number) => readonly Pod[];
  readonly claims: (from: number, count: number) => readonly PersistentVolumeClaim[];
} => {
  const classes = admissionClasses(objects);
  const defaultClass = defaultStorageClass(objects);
  return {
    pods: (from, count) =>
      expandWorkload(workload, replicas + from + count)
        .pods.slice(replicas + from)
        .map((pod) => admitPod(pod, classes)),
    claims: (from, count) => {
      if (workload.kind !== "StatefulSet") return [];
      const before = new Set(expandWorkload(workload, replicas + from).claims.map(addressOf));
      return expandWorkload(workload, replicas + from + count)
        .claims.filter((claim) => !before.has(addressOf(claim)))
        .map((claim) => claimed(claim, defaultClass));
    },
  };
};

const nowhere = (address: string, message: string): RoomEnd => ({
  limit: "placement",
  pool: undefined,
  subject: address,
  text: `its own rules: no pool's next node would take it (${message})`,
});

const searchedOut = (address: string): RoomEnd => ({
  limit: "search",
  pool: undefined,
  subject: address,
  text: `nothing up to ${searchEnd} more`,
});
