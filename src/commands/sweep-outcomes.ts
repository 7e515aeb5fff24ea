import type { VmPrices } from "../azure/retail-prices.ts";
import { objectsOn } from "../graph/object-clusters.ts";
import type { Scenario } from "../model/scenario.ts";
import { type ReadPlatform, readPlatform, vcpuQuotas, vmPrices, vmSizes } from "../read-platform.ts";
import { type SweepAxis, type SweepOutcome, sweepOutcome } from "../simulate/capacity-sweep.ts";
import type { SweepScenario } from "../simulate/capacity-sweep-scenario.ts";
import type { PredictInput } from "../simulate/predict.ts";
import { readPrices } from "./capacity-answer.ts";
import type { CommandIo } from "./command.ts";
import { type PlatformFlags, reviewInput } from "./platform-options.ts";

/** What a worker needs to read the platform for itself and to run its part of a sweep. */
export interface SweepTask {
  readonly directory: string;
  readonly flags: PlatformFlags;
  readonly cwd: string;
  readonly env: CommandIo["env"];
  readonly axes: readonly SweepAxis[];
  /** A file of Azure retail prices, relative to a folder. */
  readonly prices: { readonly file: string; readonly directory: string } | undefined;
  readonly shard: number;
  readonly shards: number;
  /** Each combination is played through it. */
  readonly scenario?: Scenario | undefined;
}

/** What a sweep varies, and the quotas that a scenario keeps to. */
interface SweptPlatform {
  readonly input: PredictInput;
  readonly quotas: SweepScenario["quotas"];
}

/** The first cluster of a platform; undefined where there is none. */
export const sweptPlatform = (read: ReadPlatform): SweptPlatform | undefined => {
  const cluster = read.platform.clusters.find(({ isData }) => !isData);
  if (cluster === undefined) return undefined;
  const objects = objectsOn(read, cluster.address).map(({ object }) => object);
  const input = {
    platform: read.platform,
    cluster,
    objects,
    load: read.configuration.load,
    sizes: vmSizes(read),
    prices: vmPrices(read),
  };
  return { input, quotas: vcpuQuotas(read, []) };
};

/** The outcomes of a shard by their place in it, as a worker makes them: from the files. */
export const outcomesOf = (task: SweepTask): ((place: number) => SweepOutcome) | undefined => {
  const given = reviewInput(task.directory, task.flags, task);
  const platform = "problem" in given ? undefined : sweptPlatform(readPlatform(given.input));
  const prices = task.prices === undefined ? undefined : readPrices(task.prices.file, task.prices.directory);
  return platform === undefined || prices === "unreadable" ? undefined : outcomesAt({ ...platform, prices }, task);
};

/** The outcomes of the task's shard by their place in it. */
export const outcomesAt =
  (
    { input, quotas, prices }: SweptPlatform & { readonly prices: VmPrices | undefined },
    { axes, shard, shards, scenario }: Pick<SweepTask, "axes" | "shard" | "shards" | "scenario">,
  ): ((place: number) => SweepOutcome) =>
  (place) => {
    const through = scenario === undefined ? undefined : { scenario, quotas };
    return sweepOutcome(input, axes, shard + place * shards, prices, through);
  };
