import type { KubeObject } from "../../kubernetes/object.ts";
import { Autoscaler } from "../autoscaling/autoscaler.ts";
import type { AutoscalerOptions } from "../autoscaling/autoscaler-profile.ts";
import { parsePriorities } from "../autoscaling/expander-priorities.ts";
import type { NodeGroup } from "../autoscaling/node-group.ts";
import { steadyPool } from "../predict-settle.ts";
import { type RandomStream, shuffle } from "./random-stream.ts";
import type { ScenarioWorld } from "./world.ts";
import type { WorldPools } from "./world-pools.ts";
import type { WorldPool } from "./world-state.ts";

/** What the cluster autoscaler did over the whole time. */
export interface AutoscalerRecord {
  readonly ties: Map<string, readonly string[]>;
  /** Pods that no pool could help, with the reasons by pool; the last that was said. */
  readonly unhelped: Map<string, readonly string[]>;
}

/** The cluster autoscaler as it runs; AKS starts it anew with other settings where pools or the profile change. */
export interface RunningAutoscaler {
  readonly record: AutoscalerRecord;
  readonly restart: (objects: readonly KubeObject[], options: AutoscalerOptions) => void;
}

/** Runs the cluster autoscaler at its scan interval for as long as the world runs. */
export const startAutoscaler = (
  world: ScenarioWorld,
  pools: WorldPools,
  objects: readonly KubeObject[],
  options: AutoscalerOptions,
  random: RandomStream | undefined,
): RunningAutoscaler => {
  const record: AutoscalerRecord = { ties: new Map(), unhelped: new Map() };
  let starts = 0;
  const start = (given: readonly KubeObject[], settings: AutoscalerOptions): void => {
    starts += 1;
    const own = starts;
    const scaled = pools.all.filter(({ pool, isLeaving }) => pool.autoscaling && !isLeaving);
    world.autoscaler = undefined;
    if (scaled.length === 0) return;
    const groupOfPool = new Map(scaled.map((pool) => [pool, nodeGroup(world, pools, pool)]));
    const groups = [...groupOfPool.values()];
    const autoscaler = autoscalerOf(world, pools, prioritiesOf(given), settings, groups, groupOfPool);
    world.introduce(autoscaler);
    const scan = (): void => {
      if (own !== starts) return;
      world.after(settings.scanInterval, "autoscaler loop", scan, 50);
      if (world.isStopped) return;
      // The first of equals is taken: with another order each time, any of them may be.
      if (random !== undefined && autoscaler.pendingPods().length > 0) shuffle(random, groups);
      note(world, pools, record, autoscaler.runOnce(world.now));
    };
    world.after(settings.scanInterval, "autoscaler loop", scan, 50);
  };
  start(objects, options);
  return { record, restart: start };
};

const autoscalerOf = (
  world: ScenarioWorld,
  pools: WorldPools,
  priorities: ReturnType<typeof prioritiesOf>,
  options: AutoscalerOptions,
  groups: readonly NodeGroup[],
  groupOfPool: ReadonlyMap<WorldPool, NodeGroup>,
): Autoscaler =>
  new Autoscaler(options, {
    groups,
    groupOf: (name) => {
      const pool = pools.poolOf(name);
      return pool === undefined ? undefined : groupOfPool.get(pool);
    },
    hasInstance: (name) => pools.hasInstance(name),
    replicas: () => ({ target: 1, current: 1 }),
    budgets: () => world.budgets.list(),
    daemonSets: () => world.daemonSets,
    priorities: () => priorities,
    setTaint: (name, taint) => {
      const node = world.nodes.get(name);
      if (node === undefined) return;
      const others = node.taints.filter(({ key }) => key !== "ToBeDeletedByClusterAutoscaler");
      node.taints = taint === undefined ? others : [...others, taint];
      world.showNode(node);
    },
    evict: (namespace, name) => {
      const pod = world.pods.get(`${namespace}/${name}`);
      return pod === undefined || world.evict(pod).allowed;
    },
    schedule: (delay, run) => {
      world.after(delay, "autoscaler", () => run(world.now), 30);
    },
    record: () => {},
  });

const note = (
  world: ScenarioWorld,
  pools: WorldPools,
  record: AutoscalerRecord,
  { scaleUp, scaleDown }: ReturnType<Autoscaler["runOnce"]>,
): void => {
  if (scaleUp.tie.length > 0) {
    const tie = scaleUp.tie.map(({ id }) => id).sort();
    record.ties.set(tie.join(), tie);
  }
  for (const { group, from, to } of scaleUp.increases) {
    world.tell("scale-up", `pool ${group.id}`, `${from} → ${to} nodes`);
  }
  for (const { pod, reasons } of scaleUp.remaining)
    record.unhelped.set(
      pod.key,
      [...reasons].map(([pool, [reason = ""]]) => `${pool}: ${reason}`),
    );
  for (const { name } of scaleDown.removing) {
    const pool = pools.poolOf(name);
    world.tell("scale-down", `pool ${pool?.pool.name ?? "?"}`, `node ${name} is not needed`);
  }
};

const nodeGroup = (world: ScenarioWorld, pools: WorldPools, pool: WorldPool): NodeGroup => {
  const { name, min, max, template } = steadyPool(pool.pool);
  return {
    id: name,
    get min() {
      return pool.isHeld ? pool.instances.length : min;
    },
    get max() {
      return pool.isLeaving ? pool.instances.length : max + pool.surged;
    },
    targetSize: () => pool.instances.length,
    instances: () => pool.instances,
    template: () => template(),
    increase: (by) => pools.increase(pool, by),
    deleteNodes: (names) => {
      if (world.isStopped) return "the cluster is stopped";
      pools.remove(names);
      return undefined;
    },
  };
};

const prioritiesOf = (objects: readonly KubeObject[]) => {
  const map = objects.find(
    ({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "cluster-autoscaler-priority-expander",
  ) as (KubeObject & { readonly data?: Readonly<Record<string, unknown>> }) | undefined;
  return parsePriorities(map?.data?.["priorities"]);
};
