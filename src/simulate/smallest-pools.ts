import type { VmPrices } from "../azure/retail-prices.ts";
import { vmSize, vmSizeNames } from "../azure/vm-sizes.ts";
import { known } from "../model/unknown.ts";
import { type PredictedPool, predictedPools } from "./predict-pools.ts";
import type { ScenarioInput } from "./scenario/run-scenario.ts";
import { type PoolSettings, type ScenarioTrial, type Settings, scenarioTrials } from "./scenario-trials.ts";

/** AKS allows so many nodes in a pool ("Quotas, virtual machine size restrictions, and region availability in AKS"). */
const MOST_NODES = 1000;

export interface SmallestInput {
  readonly scenario: Omit<ScenarioInput, "chance" | "probe" | "watch">;
  /** Pools to make small; all of mode User where left out, or all where there are none of them. */
  readonly pools?: readonly string[] | undefined;
  /** VM sizes to try by pool; the pool's own where left out. */
  readonly sizes: ReadonlyMap<string, readonly string[]>;
  /** No pod may wait longer for a node. */
  readonly maxWaitMs: number;
  readonly prices?: VmPrices | undefined;
  readonly onRun?: ((runs: number) => void) | undefined;
}

/** One size of a pool with its least settings, or why there are none. */
export interface SmallestChoice {
  readonly size: string;
  readonly min: number;
  readonly max: number;
  readonly averageNodes: number;
  readonly mostNodes: number;
  readonly longestWaitMs: number;
  /** Of all nodes of the cluster over the scenario, an hour on average; left out without prices. */
  readonly costPerHour?: number;
  readonly vcpuHours: number;
}

export interface SmallestPool {
  readonly pool: string;
  readonly configured: { readonly size: string; readonly min: number; readonly max: number };
  readonly autoscaling: boolean;
  /** Best first. */
  readonly choices: readonly SmallestChoice[];
  readonly impossible: readonly { readonly size: string; readonly because: string }[];
}

export interface SmallestOutcome {
  readonly cluster: string;
  readonly maxWaitMs: number;
  readonly currency: string | undefined;
  readonly pools: readonly SmallestPool[];
  /** All pools with the best of their choices together. */
  readonly together: SmallestTogether;
  /** Workloads whose pods wait longer whatever the pools have: they do not count. */
  readonly unserved: readonly string[];
  readonly runs: number;
}

export interface SmallestTogether {
  readonly settings: Readonly<Record<string, { readonly size: string; readonly min: number; readonly max: number }>>;
  readonly isServed: boolean;
  readonly longestWaitMs: number;
  readonly costPerHour?: number;
}

/**
 * The least settings of pools that carry a scenario, one pool after the other and for each VM size: first the least number of nodes with
 * which no pod waits too long when all are there from the beginning (the maximum), then the least with which the autoscaler is quick enough
 * (the minimum). Both by bisection; each answer has been played.
 */
export const smallestPools = (input: SmallestInput): SmallestOutcome => {
  const { scenario, maxWaitMs, prices } = input;
  const { pools: all } = predictedPools(scenario.cluster, scenario.sizes);
  const given = all.map((pool) => [pool.name, configuredOf(pool)] as const);
  const trials = scenarioTrials(scenario, maxWaitMs, prices, input.onRun);
  const unserved = hopeless(trials.play, new Map(given), all);
  const play = (settings: Settings): ScenarioTrial => trials.play(settings, unserved);
  let settings: Settings = new Map(given);
  const pools = chosen(all, input.pools).map((pool): SmallestPool => {
    const found = choicesOf(pool, input, settings, play);
    const best = found.choices[0];
    if (best !== undefined)
      settings = new Map(settings).set(pool.name, { size: best.size, min: best.min, max: best.max, start: best.min });
    return found;
  });
  const { isServed, longestWaitMs, costPerHour } = play(settings);
  return {
    cluster: scenario.cluster.address,
    maxWaitMs,
    currency: prices?.currency,
    pools,
    together: {
      settings: Object.fromEntries([...settings].map(([name, { size, min, max }]) => [name, { size, min, max }])),
      isServed,
      longestWaitMs,
      ...(costPerHour === undefined ? {} : { costPerHour }),
    },
    unserved: [...unserved].sort(),
    runs: trials.runs(),
  };
};

const configuredOf = ({ template, min, max, initial }: PredictedPool): PoolSettings => ({
  size: template.vmSize,
  min,
  max,
  start: initial,
});

const chosen = (all: readonly PredictedPool[], names: readonly string[] | undefined): readonly PredictedPool[] => {
  if (names !== undefined) return all.filter(({ name }) => names.includes(name));
  const users = all.filter(({ system }) => !system);
  return users.length === 0 ? all : users;
};

/** Workloads that wait too long even with many times the nodes in each pool: no setting of these pools helps them. */
const hopeless = (
  play: (settings: Settings, ignored: ReadonlySet<string>, toTheEnd?: boolean) => ScenarioTrial,
  settings: Settings,
  pools: readonly PredictedPool[],
): ReadonlySet<string> => {
  const now = play(settings, new Set(), true);
  if (now.isServed) return new Set();
  let late = new Set(now.late);
  for (const factor of [2, 4]) {
    const more = new Map(
      pools.map(({ name, max }) => {
        const nodes = Math.min(MOST_NODES, Math.max(factor, max * factor));
        const own = settings.get(name);
        return [name, { size: own?.size ?? "", min: nodes, max: nodes, start: nodes }] as const;
      }),
    );
    const { late: still } = play(more, new Set(), true);
    late = new Set([...late].filter((workload) => still.includes(workload)));
  }
  return late;
};

const choicesOf = (
  pool: PredictedPool,
  { sizes, scenario, prices }: SmallestInput,
  settings: Settings,
  play: (settings: Settings) => ScenarioTrial,
): SmallestPool => {
  const { size: own, min, max } = configuredOf(pool);
  const choices: SmallestChoice[] = [];
  const impossible: { size: string; because: string }[] = [];
  for (const size of new Set(sizes.get(pool.name) ?? [own])) {
    const found = smallestOf(pool, size, scenario, settings, play);
    if (typeof found === "string") impossible.push({ size, because: found });
    else choices.push(found);
  }
  const weight = ({ costPerHour, vcpuHours }: SmallestChoice): number =>
    prices === undefined ? vcpuHours : (costPerHour ?? Number.POSITIVE_INFINITY);
  choices.sort((a, b) => weight(a) - weight(b) || a.max - b.max || (a.size < b.size ? -1 : 1));
  return { pool: pool.name, configured: { size: own, min, max }, autoscaling: pool.autoscaling, choices, impossible };
};

const smallestOf = (
  pool: PredictedPool,
  size: string,
  { sizes }: SmallestInput["scenario"],
  settings: Settings,
  play: (settings: Settings) => ScenarioTrial,
): SmallestChoice | string => {
  const vcpus = vmSize(size, sizes)?.vcpus;
  if (vcpus === undefined) return "the size is not in the table; give it in aks-twin.yaml (skus)";
  const trial = (min: number, max: number): ScenarioTrial =>
    play(new Map(settings).set(pool.name, { size, min, max, start: min }));
  const fixed = (nodes: number): ScenarioTrial => trial(nodes, nodes);

  // From what is configured, in cores, up by doubling until all is served.
  const ownCpus = pool.template.size.vcpus;
  let enough = Math.max(1, Math.ceil((pool.max * ownCpus) / vcpus));
  let top = fixed(enough);
  while (!top.isServed && top.refused === undefined && enough < MOST_NODES) {
    enough = Math.min(MOST_NODES, 2 * enough);
    top = fixed(enough);
  }
  if (!top.isServed) return top.refused ?? `not even ${enough} nodes serve it: ${top.late.join(", ")}`;
  // Hardly fewer than the pods of the busiest moment ask for: only where other pools can take some of them.
  const floor = Math.min(enough, leastFor(top, pool.name));
  const isEnough = (nodes: number): boolean => fixed(nodes).isServed;
  const isLeast = floor === 0 || !isEnough(floor - 1);
  const max = isLeast ? leastServed(floor, enough, isEnough) : leastServed(0, floor - 1, isEnough);
  if (!pool.autoscaling) return choiceOf(size, max, max, vcpus, pool.name, fixed(max));
  const low = pool.system ? 1 : 0;
  const min = leastServed(low, max, (nodes) => trial(nodes, max).isServed);
  return choiceOf(size, min, max, vcpus, pool.name, trial(min, max));
};

const leastFor = ({ peaks }: ScenarioTrial, pool: string): number => {
  const peak = peaks.get(pool);
  return peak === undefined ? 0 : Math.max(0, Math.ceil(Math.max(peak.cpu, peak.memory) - 1e-9));
};

/** The least number for which it holds, where it holds for `high` and, once it holds, for all above. */
const leastServed = (low: number, high: number, holds: (nodes: number) => boolean): number => {
  if (low >= high || holds(low)) return Math.min(low, high);
  let no = low;
  let yes = high;
  while (yes - no > 1) {
    // Near the floor first: that is where it mostly is.
    const middle = yes - no > 4 ? no + Math.ceil((yes - no) / 4) : no + Math.floor((yes - no) / 2);
    if (holds(middle)) yes = middle;
    else no = middle;
  }
  return yes;
};

const choiceOf = (
  size: string,
  min: number,
  max: number,
  vcpus: number,
  pool: string,
  trial: ScenarioTrial,
): SmallestChoice => {
  const nodes = trial.nodes.get(pool) ?? { average: 0, most: 0 };
  return {
    size,
    min,
    max,
    averageNodes: Math.round(nodes.average * 100) / 100,
    mostNodes: nodes.most,
    longestWaitMs: trial.longestWaitMs,
    ...(trial.costPerHour === undefined ? {} : { costPerHour: trial.costPerHour }),
    vcpuHours: Math.round(nodes.average * vcpus * trial.hours * 100) / 100,
  };
};

/** Pools of a cluster that can be made small, by name. */
export const poolNames = ({ cluster }: Pick<ScenarioInput, "cluster">): readonly string[] =>
  cluster.pools.flatMap(({ name }) => known(name) ?? []);

/** Sizes of the same series, from half to four times the cores of a pool's own; a spot or Windows pool has the same series. */
export const seriesSizes = (own: string, overrides: ScenarioInput["sizes"]): readonly string[] => {
  const series = (name: string): string => name.toLowerCase().replace(/^(standard_[a-z]+)\d+/, "$1");
  const cores = vmSize(own, overrides)?.vcpus;
  if (cores === undefined) return [own];
  return [
    own,
    ...vmSizeNames().filter((name) => name.toLowerCase() !== own.toLowerCase() && series(name) === series(own)),
  ]
    .map((name) => ({ name, vcpus: vmSize(name, overrides)?.vcpus ?? 0 }))
    .filter(({ vcpus }) => vcpus >= Math.max(2, cores / 2) && vcpus <= 4 * cores)
    .sort((a, b) => a.vcpus - b.vcpus)
    .map(({ name }) => name);
};
