import type { VmPrices } from "../azure/retail-prices.ts";
import { objectsOn } from "../graph/object-clusters.ts";
import { type ReadPlatform, readPlatform, vmSizes } from "../read-platform.ts";
import { type SweepAxis, type SweepOutcome, sweepOutcome } from "../simulate/capacity-sweep.ts";
import type { PredictInput } from "../simulate/predict.ts";
import type { CommandIo } from "./command.ts";
import { type PlatformFlags, reviewInput } from "./platform-options.ts";

/** What a worker needs to read the platform for itself and to run its part of a sweep. */
export interface SweepTask {
  readonly directory: string;
  readonly flags: PlatformFlags;
  readonly cwd: string;
  readonly env: CommandIo["env"];
  readonly axes: readonly SweepAxis[];
  readonly prices: VmPrices | undefined;
  readonly shard: number;
  readonly shards: number;
}

/** The first cluster of a platform, as a sweep varies it; undefined where there is none. */
export const sweptInput = (read: ReadPlatform): PredictInput | undefined => {
  const cluster = read.platform.clusters.find(({ isData }) => !isData);
  if (cluster === undefined) return undefined;
  const objects = objectsOn(read, cluster.address).map(({ object }) => object);
  return { platform: read.platform, cluster, objects, load: read.configuration.load, sizes: vmSizes(read) };
};

/** The outcomes of a shard by their place in it, as a worker makes them: from the files. */
export const outcomesOf = (task: SweepTask): ((place: number) => SweepOutcome) | undefined => {
  const given = reviewInput(task.directory, task.flags, task);
  const input = "problem" in given ? undefined : sweptInput(readPlatform(given.input));
  return input === undefined ? undefined : (place) => outcomeAt(input, task, place);
};

/** The `place`th outcome of the task's shard. */
export const outcomeAt = (
  input: PredictInput,
  { axes, prices, shard, shards }: Pick<SweepTask, "axes" | "prices" | "shard" | "shards">,
  place: number,
): SweepOutcome => sweepOutcome(input, axes, shard + place * shards, prices);
