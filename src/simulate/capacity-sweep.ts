import type { AksCluster, NodePool } from "../azure/platform.ts";
import type { VmPrices } from "../azure/retail-prices.ts";
import { addressOf, type KubeObject } from "../kubernetes/object.ts";
import { known } from "../model/unknown.ts";
import { costPerHour } from "./capacity-cost.ts";
import { type ScenarioOutcome, type SweepScenario, throughScenario } from "./capacity-sweep-scenario.ts";
import { type PredictInput, predictFrom, prepare, settleBoth } from "./predict.ts";
import type { GrowingPool } from "./predict-growth.ts";
import { assumedLoad, type LoadSettings } from "./predict-replicas.ts";
import type { Range } from "./prediction.ts";

/** One thing that a sweep varies: `pools/user/max`, `replicas/Deployment/shop/web` or `load`, and the values it takes. */
export interface SweepAxis {
  readonly key: string;
  readonly values: readonly (number | string)[];
}

export interface SweepOutcome {
  /** Number of the combination, and of how many. */
  readonly index: number;
  readonly of: number;
  readonly settings: Readonly<Record<string, number | string>>;
  readonly nodes: { readonly low: Counts; readonly high: Counts };
  /** Pods that no node takes. */
  readonly pending: Range;
  /** Addresses with every pool at max_count and an upgrade's surge: free of usable, negative where they do not fit. */
  readonly freeAddresses: Counts;
  readonly costPerHour: Range | null;
  /** Where the sweep names a scenario. */
  readonly scenario?: ScenarioOutcome;
  readonly problems: readonly string[];
}

type Counts = Readonly<Record<string, number>>;

/** How many combinations the axes have. */
export const combinations = (axes: readonly SweepAxis[]): number =>
  axes.reduce((product, { values }) => product * values.length, 1);

/** The settings of one combination; the last axis turns fastest. */
export const settingsAt = (axes: readonly SweepAxis[], index: number): SweepOutcome["settings"] => {
  const settings: [string, number | string][] = [];
  let left = index;
  for (const { key, values } of [...axes].reverse()) {
    settings.push([key, values[left % values.length] ?? 0]);
    left = Math.floor(left / values.length);
  }
  return Object.fromEntries(settings.reverse());
};

/** The combinations of one shard: every `shards`th from `shard` on. */
export function* sweep(
  input: PredictInput,
  axes: readonly SweepAxis[],
  {
    shard = 0,
    shards = 1,
    prices,
  }: { readonly shard?: number; readonly shards?: number; readonly prices?: VmPrices | undefined } = {},
): Generator<SweepOutcome> {
  const total = combinations(axes);
  for (let index = shard; index < total; index += shards) yield sweepOutcome(input, axes, index, prices);
}

/** What one combination comes to; it depends on the input, the axes and the number alone. */
export const sweepOutcome = (
  input: PredictInput,
  axes: readonly SweepAxis[],
  index: number,
  prices: VmPrices | undefined,
  scenario?: SweepScenario | undefined,
): SweepOutcome => {
  const settings = settingsAt(axes, index);
  const changed = withSettings(input, settings);
  const prepared = prepare(changed);
  const both = settleBoth(prepared);
  const { value, diagnostics } = predictFrom(changed, prepared, both);
  const cost = (pools: readonly GrowingPool[]): number | undefined =>
    prices === undefined ? undefined : costPerHour(prices, prepared.pools, countsOf(pools));
  const played = (through: SweepScenario): ScenarioOutcome => {
    const outcome = throughScenario(changed, through, Number(settings["load"] ?? 1));
    const hours = new Map(Object.entries(outcome.nodeHours));
    return {
      ...outcome,
      cost: prices === undefined ? null : (costPerHour(prices, prepared.pools, hours) ?? null),
    };
  };
  const low = cost(both.low.pools);
  const high = cost(both.high.pools);
  return {
    index,
    of: combinations(axes),
    settings,
    nodes: {
      low: Object.fromEntries(countsOf(both.low.pools)),
      high: Object.fromEntries(countsOf(both.high.pools)),
    },
    pending: { low: both.low.pending.length, high: both.high.pending.length },
    freeAddresses: Object.fromEntries(value.subnets.map(({ name, free }) => [name, free])),
    costPerHour: low === undefined || high === undefined ? null : { low, high },
    ...(scenario === undefined ? {} : { scenario: played(scenario) }),
    problems: diagnostics.filter(({ severity }) => severity !== "info").map(({ code, detail }) => `${code} ${detail}`),
  };
};

const countsOf = (pools: readonly GrowingPool[]): ReadonlyMap<string, number> =>
  new Map(pools.map(({ pool, count }) => [pool.name, count]));

/** The cluster with the settings in the place of the configuration's. */
const withSettings = (input: PredictInput, settings: SweepOutcome["settings"]): PredictInput => {
  const of = (key: string): number | string | undefined => settings[key];
  const pools = input.cluster.pools.map((pool): NodePool => {
    const at = (setting: string): number | string | undefined => of(`pools/${known(pool.name) ?? ""}/${setting}`);
    const size = at("size");
    const min = at("min");
    const max = at("max");
    const count = at("count");
    return {
      ...pool,
      ...(size === undefined ? {} : { vmSize: String(size) }),
      ...(min === undefined ? {} : { minCount: Number(min), autoscaling: true }),
      ...(max === undefined ? {} : { maxCount: Number(max), autoscaling: true }),
      ...(count === undefined ? {} : { nodeCount: Number(count) }),
    };
  });
  const cluster: AksCluster = { ...input.cluster, pools };
  const objects = input.objects.map((object): KubeObject => {
    const replicas = of(`replicas/${addressOf(object)}`);
    if (replicas === undefined) return object;
    const spec = (object as { readonly spec?: Readonly<Record<string, unknown>> }).spec;
    return { ...object, spec: { ...spec, replicas: Number(replicas) } } as KubeObject;
  });
  const factor = of("load");
  return { ...input, cluster, objects, load: factor === undefined ? input.load : scaled(input.load, Number(factor)) };
};

const scaled = ({ default: usual, workloads }: LoadSettings, factor: number): LoadSettings => {
  const times = ({ low, high }: Range): Range => ({ low: low * factor, high: high * factor });
  return {
    default: times(usual ?? assumedLoad),
    workloads: new Map([...workloads].map(([workload, range]) => [workload, times(range)])),
  };
};
