import type { AksCluster, NodePool } from "../azure/platform.ts";
import type { VmPrices } from "../azure/retail-prices.ts";
import { known } from "../model/unknown.ts";
import { predictedPools } from "./predict-pools.ts";
import { runScenario, type ScenarioInput } from "./scenario/run-scenario.ts";
import type { ScenarioWorld } from "./scenario/world.ts";
import type { WorldPools } from "./scenario/world-pools.ts";

/** What a pool is set to, and how many nodes it begins with. */
export interface PoolSettings {
  readonly size: string;
  readonly min: number;
  readonly max: number;
  readonly start: number;
}

export type Settings = ReadonlyMap<string, PoolSettings>;

/** How a scenario goes with some settings. */
export interface ScenarioTrial {
  /** No pod waited longer than it may, and nothing was over its limit at the beginning. */
  readonly isServed: boolean;
  /** Addresses or vCPUs that the nodes of the beginning would exceed. */
  readonly refused: string | undefined;
  /** Workloads with a pod that waited too long; the first where the trial ended there. */
  readonly late: readonly string[];
  readonly longestWaitMs: number;
  /** Ready nodes by pool. */
  readonly nodes: ReadonlyMap<string, { readonly average: number; readonly most: number }>;
  /** What the pods on a pool request at its busiest moment, in nodes. */
  readonly peaks: ReadonlyMap<string, { readonly cpu: number; readonly memory: number }>;
  readonly costPerHour: number | undefined;
  readonly hours: number;
}

type Base = Omit<ScenarioInput, "chance" | "probe" | "watch">;

/** Plays a scenario with other settings of the pools, each of them once; a trial ends where a pod has waited too long. */
export const scenarioTrials = (
  base: Base,
  maxWaitMs: number,
  prices: VmPrices | undefined,
  onRun: ((runs: number) => void) | undefined,
) => {
  const known = new Map<string, ScenarioTrial>();
  let runs = 0;
  return {
    runs: () => runs,
    play: (settings: Settings, ignored: ReadonlySet<string> = new Set(), toTheEnd = false): ScenarioTrial => {
      const key = JSON.stringify([[...settings], [...ignored], toTheEnd]);
      const before = known.get(key);
      if (before !== undefined) return before;
      runs += 1;
      onRun?.(runs);
      const trial = playOnce(base, settings, { maxWaitMs, ignored, toTheEnd }, prices);
      known.set(key, trial);
      return trial;
    },
  };
};

interface Limits {
  readonly maxWaitMs: number;
  readonly ignored: ReadonlySet<string>;
  readonly toTheEnd: boolean;
}

const playOnce = (base: Base, settings: Settings, limits: Limits, prices: VmPrices | undefined): ScenarioTrial => {
  const { maxWaitMs, ignored, toTheEnd } = limits;
  const cluster = withSettings(base.cluster, settings);
  const peaks = new Map<string, { cpu: number; memory: number }>();
  let refused: string | undefined;
  let first: string | undefined;
  const { value } = runScenario({
    ...base,
    cluster,
    watch: (world, pools) => {
      if (world.now === 0) refused = overAtOnce(pools);
      notePeaks(world, peaks);
      first ??= lateWorkload(world, limits);
      return !toTheEnd && (refused !== undefined || first !== undefined);
    },
  });
  const counted = value.workloads.filter(({ workload }) => !ignored.has(workload));
  const late = counted.filter(({ longestPendingMs }) => longestPendingMs > maxWaitMs).map(({ workload }) => workload);
  const all = first === undefined || late.includes(first) ? late : [first, ...late];
  const nodes = new Map(
    Object.entries(value.samples.nodes).map(([name, counts]) => [
      name,
      {
        average: counts.reduce((sum, count) => sum + count, 0) / Math.max(1, counts.length),
        most: Math.max(0, ...counts),
      },
    ]),
  );
  return {
    isServed: refused === undefined && all.length === 0,
    refused,
    late: all,
    longestWaitMs: counted.reduce((most, { longestPendingMs }) => Math.max(most, longestPendingMs), 0),
    nodes,
    peaks,
    costPerHour: prices === undefined ? undefined : averageCost(prices, cluster, base, nodes),
    hours: value.until / 3_600_000,
  };
};

/** What the nodes of the beginning are over: the cloud would refuse them. */
const overAtOnce = (pools: WorldPools): string | undefined => {
  const full = pools.subnets().find(({ used, usable }) => used > usable);
  if (full !== undefined) return `subnet ${full.name} has ${full.usable} addresses, ${full.used} would be needed`;
  const short = pools.quotas().find(({ used, limit }) => used > limit);
  return short === undefined
    ? undefined
    : `quota ${short.family} has ${short.limit} vCPUs, ${short.used} would be needed`;
};

const lateWorkload = (world: ScenarioWorld, { maxWaitMs, ignored }: Limits): string | undefined => {
  for (const { workload, createdAt } of world.book.pending)
    if (workload !== undefined && !ignored.has(workload.address) && world.now - Math.max(0, createdAt) > maxWaitMs)
      return workload.address;
  return undefined;
};

/** Pods of DaemonSets come with each node: they are taken from what it has to give. */
const notePeaks = (world: ScenarioWorld, peaks: Map<string, { cpu: number; memory: number }>): void => {
  const now = new Map<string, { cpu: number; memory: number }>();
  for (const { pool, pods, template } of world.nodes.values()) {
    const { allocatable } = template.resources;
    let own = { milliCpu: 0, memory: 0 };
    let daemons = { milliCpu: 0, memory: 0 };
    for (const pod of pods) {
      const add = { milliCpu: pod.milliCpu, memory: pod.memory };
      if (pod.daemon === undefined) own = { milliCpu: own.milliCpu + add.milliCpu, memory: own.memory + add.memory };
      else daemons = { milliCpu: daemons.milliCpu + add.milliCpu, memory: daemons.memory + add.memory };
    }
    const sum = now.get(pool.pool.name) ?? { cpu: 0, memory: 0 };
    sum.cpu += own.milliCpu / Math.max(1, allocatable.milliCpu - daemons.milliCpu);
    sum.memory += own.memory / Math.max(1, allocatable.memory - daemons.memory);
    now.set(pool.pool.name, sum);
  }
  for (const [name, { cpu, memory }] of now) {
    const peak = peaks.get(name);
    if (peak === undefined) peaks.set(name, { cpu, memory });
    else {
      peak.cpu = Math.max(peak.cpu, cpu);
      peak.memory = Math.max(peak.memory, memory);
    }
  }
};

const averageCost = (
  prices: VmPrices,
  cluster: AksCluster,
  { sizes }: Base,
  nodes: ReadonlyMap<string, { readonly average: number }>,
): number | undefined => {
  let sum = 0;
  for (const { name, template, spot } of predictedPools(cluster, sizes).pools) {
    const average = nodes.get(name)?.average ?? 0;
    if (average === 0) continue;
    const price = prices.perHour(template.vmSize, template.location, { spot, windows: template.windows });
    if (price === undefined) return undefined;
    sum += average * price;
  }
  return Math.round(sum * 10_000) / 10_000;
};

const withSettings = (cluster: AksCluster, settings: Settings): AksCluster => ({
  ...cluster,
  pools: cluster.pools.map((pool): NodePool => {
    const given = settings.get(known(pool.name) ?? "");
    if (given === undefined) return pool;
    const { size, min, max, start } = given;
    return { ...pool, vmSize: size, nodeCount: start, minCount: min, maxCount: max };
  }),
});
