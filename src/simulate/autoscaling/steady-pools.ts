import type { Node } from "../../kubernetes/node.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import { addressOf } from "../../kubernetes/object.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import type { DaemonSet, PodDisruptionBudget } from "../../kubernetes/workloads.ts";
import { Autoscaler } from "./autoscaler.ts";
import { type AutoscalerOptions, autoscalerOptions } from "./autoscaler-profile.ts";
import type { ExpanderPriorities } from "./expanders.ts";
import type { NodeGroup, NodeTemplate } from "./node-group.ts";
import { reckonBudgets } from "./reckon-budgets.ts";

/** A pool that the autoscaler may resize. */
export interface SteadyPool {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** A node of the pool while it has none; upstream's Azure template takes the VM's whole capacity as allocatable. */
  readonly template: () => NodeTemplate;
}

/**
 * A cluster that follows the autoscaler's wishes at once: new nodes come with their DaemonSet pods, the scheduler places what waits and what
 * had to leave a node. All pods are ready.
 */
export interface SteadyCluster {
  readonly pools: readonly SteadyPool[];
  readonly nodes: () => Iterable<{ readonly node: Node; readonly pool: string | undefined }>;
  /** `key`: `namespace/name`, where the cluster has it at hand. */
  readonly placed: () => Iterable<{ readonly pod: Pod; readonly node: string; readonly key?: string }>;
  /** Pods that no node takes. */
  readonly pending: () => Iterable<Pod>;
  readonly grow: (pool: string, count: number) => void;
  readonly shrink: (nodes: readonly string[]) => void;
  /**
   * Objects that the filters read beside nodes and pods, in their present state: claims, volumes, storage classes, CSINodes, namespaces.
   * Without claims, no pod is bound to a zone by its volumes.
   */
  readonly objects?: () => Iterable<KubeObject>;
  readonly daemonSets: readonly DaemonSet[];
  /** Where a budget has no status, what it allows is reckoned as the disruption controller does for pods that are all healthy. */
  readonly budgets: readonly PodDisruptionBudget[];
  readonly priorities?: ExpanderPriorities;
}

/** A pool when the autoscaler has come to rest. */
export interface SteadyPoolSize {
  readonly from: number;
  readonly to: number;
  readonly min: number;
  readonly max: number;
  /** Pods wait that one more node would help, were it allowed. */
  readonly limited: boolean;
  readonly reason: string;
}

export interface SteadyPools {
  readonly sizes: ReadonlyMap<string, SteadyPoolSize>;
  /** Pods that still wait, with the autoscaler's reason by pool. */
  readonly unhelped: readonly { readonly pod: string; readonly reasons: readonly string[] }[];
  /** Groups of pools between which upstream chose at random; the first of each was taken. */
  readonly ties: readonly (readonly string[])[];
  /** False when the sizes still went up and down at the end. */
  readonly settled: boolean;
}

/** Longer than a node needs to serve as example, than a pod is young and than an unremovable node is left alone. */
const STEP_MS = 301_000;
const MAX_LOOPS = 2_000;
/** Sizes that come back this often will do so for ever. */
const MAX_RETURNS = 4;
const HOUR_MS = 3_600_000;

/**
 * Lets the cluster autoscaler work on the cluster until nothing changes any more: up to what helps or to the maximum, then down to what is
 * needed, with all its own rules. Time passes in steps that skip its waiting.
 */
export const steadyPoolSizes = (
  cluster: SteadyCluster,
  options: AutoscalerOptions = autoscalerOptions(),
): SteadyPools => atRest(cluster) ?? new SteadyPlay(cluster, options).run();

/** The answer where there is nothing to do: no pool may be resized, or no pod waits and every pool stands at its minimum. */
const atRest = ({ pools, nodes, pending }: SteadyCluster): SteadyPools | undefined => {
  const counts = new Map(pools.map(({ name }) => [name, 0]));
  if (pools.length > 0) {
    if (pending()[Symbol.iterator]().next().done !== true) return undefined;
    for (const { pool = "" } of nodes()) if (counts.has(pool)) counts.set(pool, (counts.get(pool) ?? 0) + 1);
    if (!pools.every(({ name, min }) => counts.get(name) === min)) return undefined;
  }
  const sizes = pools.map(({ name, min, max }): readonly [string, SteadyPoolSize] => [
    name,
    { from: min, to: min, min, max, limited: false, reason: "at min_count" },
  ]);
  return { sizes: new Map(sizes), unhelped: [], ties: [], settled: true };
};

/** Where the autoscaler was told that a pod is, and when it was last seen there. */
interface KnownPod {
  readonly key: string;
  node: string;
  round: number;
}

class SteadyPlay {
  readonly #cluster: SteadyCluster;
  readonly #options: AutoscalerOptions;
  readonly #autoscaler: Autoscaler;
  readonly #from = new Map<string, number>();
  readonly #poolOf = new Map<string, string>();
  /** Pool sizes that were asked for and not yet made. */
  readonly #growth = new Map<string, number>();
  readonly #leaving: string[] = [];
  readonly #known = new Map<string, KnownPod>();
  readonly #sizeNow = new Map<string, number>();
  #round = 0;
  readonly #createdAt = new Map<string, number>();
  readonly #ties = new Map<string, readonly string[]>();
  readonly #objects = new Map<string, KubeObject>();
  #budgets: readonly PodDisruptionBudget[] = [];
  #now = 0;
  readonly #due: { readonly at: number; readonly run: (at: number) => void }[] = [];

  constructor(cluster: SteadyCluster, options: AutoscalerOptions) {
    this.#cluster = cluster;
    this.#options = options;
    const groups = cluster.pools.map((pool) => this.#group(pool));
    const groupOfPool = new Map<string, NodeGroup>();
    for (const group of groups) if (!groupOfPool.has(group.id)) groupOfPool.set(group.id, group);
    this.#autoscaler = new Autoscaler(options, {
      groups,
      groupOf: (name) => groupOfPool.get(this.#poolOf.get(name) ?? ""),
      hasInstance: () => true,
      replicas: () => ({ target: 1, current: 1 }),
      budgets: () => this.#budgets,
      daemonSets: () => cluster.daemonSets,
      priorities: () => cluster.priorities,
      setTaint: () => {},
      evict: (namespace, name) => {
        this.#known.delete(`${namespace}/${name}`);
        this.#autoscaler.removePod(namespace, name);
        return true;
      },
      schedule: (delay, run) => this.#due.push({ at: this.#now + delay, run }),
      record: () => {},
    });
    this.#sync();
    for (const { name } of cluster.pools) this.#from.set(name, this.#sizeOf(name));
  }

  run(): SteadyPools {
    const idleLoops = Math.ceil((this.#options.unneededTime + this.#options.delayAfterAdd) / STEP_MS) + 3;
    const seen = new Map<string, number>();
    let idle = 0;
    let loops = 0;
    let remaining: ReturnType<Autoscaler["runOnce"]>["scaleUp"]["remaining"] = [];
    for (; idle < idleLoops && loops < MAX_LOOPS; loops += 1) {
      this.#now += STEP_MS;
      const { scaleUp } = this.#autoscaler.runOnce(this.#now);
      if (scaleUp.tie.length > 0) {
        const tie = scaleUp.tie.map(({ id }) => id);
        this.#ties.set(tie.join(), tie);
      }
      remaining = scaleUp.remaining;
      idle = this.#apply() ? 0 : idle + 1;
      const sizes = this.#cluster.pools.map(({ name }) => this.#sizeOf(name)).join();
      const times = (seen.get(sizes) ?? 0) + (idle === 0 ? 1 : 0);
      seen.set(sizes, times);
      if (times > MAX_RETURNS) break;
    }
    const unhelped = remaining.map(({ pod, reasons }) => ({
      pod: pod.key,
      reasons: [...reasons].map(([pool, [reason = ""]]) => `${pool}: ${reason}`),
    }));
    return { sizes: this.#sizes(), unhelped, ties: [...this.#ties.values()], settled: idle >= idleLoops };
  }

  /** Does what the loop asked for; whether anything was. */
  #apply(): boolean {
    for (let next = this.#due.shift(); next !== undefined; next = this.#due.shift()) next.run(next.at);
    let changed = false;
    for (const [pool, count] of this.#growth) {
      changed = true;
      this.#cluster.grow(pool, count);
    }
    this.#growth.clear();
    if (this.#leaving.length > 0) {
      changed = true;
      this.#cluster.shrink(this.#leaving.splice(0));
    }
    if (changed) this.#sync();
    return changed;
  }

  #group(pool: SteadyPool): NodeGroup {
    return {
      id: pool.name,
      min: pool.min,
      max: pool.max,
      targetSize: () => this.#sizeOf(pool.name) + (this.#growth.get(pool.name) ?? 0) - this.#leavingOf(pool.name),
      instances: () => [...this.#poolOf].filter(([, name]) => name === pool.name).map(([node]) => node),
      template: () => pool.template(),
      increase: (by) => {
        this.#growth.set(pool.name, (this.#growth.get(pool.name) ?? 0) + by);
        return undefined;
      },
      deleteNodes: (names) => {
        this.#leaving.push(...names);
        return undefined;
      },
    };
  }

  #sizeOf(pool: string): number {
    return this.#sizeNow.get(pool) ?? 0;
  }

  #leavingOf(pool: string): number {
    return this.#leaving.filter((name) => this.#poolOf.get(name) === pool).length;
  }

  /** Tells the autoscaler what has changed in the cluster. */
  #sync(): void {
    for (const object of this.#cluster.objects?.() ?? []) {
      const address = addressOf(object);
      if (this.#objects.get(address) === object) continue;
      this.#objects.set(address, object);
      this.#autoscaler.setObject(object);
    }
    const nodes = new Set<string>();
    for (const { node, pool } of this.#cluster.nodes()) {
      const { name } = node.metadata;
      nodes.add(name);
      if (this.#createdAt.has(name)) continue;
      this.#createdAt.set(name, this.#now - HOUR_MS);
      if (pool !== undefined) this.#setPool(name, pool);
      this.#autoscaler.setNode(node, { createdAt: this.#now - HOUR_MS, ready: true, readySince: this.#now - HOUR_MS });
    }
    for (const name of this.#createdAt.keys()) {
      if (nodes.has(name)) continue;
      this.#createdAt.delete(name);
      this.#setPool(name, undefined);
      this.#autoscaler.removeNode(name);
    }
    this.#round += 1;
    const tell = (pod: Pod, node: string, key = keyOf(pod)): void => {
      const known = this.#known.get(key);
      if (known !== undefined) known.round = this.#round;
      if (known?.node === node) return;
      if (known === undefined) this.#known.set(key, { key, node, round: this.#round });
      else known.node = node;
      this.#autoscaler.setPod(pod, this.#now - HOUR_MS, node);
    };
    for (const { pod, node, key } of this.#cluster.placed()) tell(pod, node, key);
    for (const pod of this.#cluster.pending()) tell(pod, "");
    for (const { key, round } of this.#known.values()) {
      if (round === this.#round) continue;
      this.#known.delete(key);
      const [namespace = "default", name = ""] = key.split("/");
      this.#autoscaler.removePod(namespace, name);
    }
    this.#budgets = reckonBudgets(this.#cluster.budgets, this.#cluster.placed(), this.#cluster.pending());
  }

  #setPool(node: string, pool: string | undefined): void {
    const before = this.#poolOf.get(node);
    if (before !== undefined) this.#sizeNow.set(before, this.#sizeOf(before) - 1);
    if (pool === undefined) {
      this.#poolOf.delete(node);
      return;
    }
    this.#poolOf.set(node, pool);
    this.#sizeNow.set(pool, this.#sizeOf(pool) + 1);
  }

  #sizes(): ReadonlyMap<string, SteadyPoolSize> {
    return new Map(
      this.#cluster.pools.map(({ name, min, max }) => {
        const from = this.#from.get(name) ?? 0;
        const to = this.#sizeOf(name);
        const held = to >= max ? this.#autoscaler.wouldHelp(name).length : 0;
        const limited = held > 0;
        const reason = limited
          ? `max_count ${max} reached while ${held} pod${held === 1 ? "" : "s"} still wait`
          : to > from
            ? `pending pods need ${to - from} more node${to - from === 1 ? "" : "s"}`
            : to < from
              ? `${from - to} node${from - to === 1 ? " is" : "s are"} not needed`
              : to <= min
                ? "at min_count"
                : "no pods wait and no node can be spared";
        return [name, { from, to, min, max, limited, reason }];
      }),
    );
  }
}

const keyOf = ({ metadata: { namespace = "default", name } }: Pod): string => `${namespace}/${name}`;
