import { resolve } from "node:path";
import { vmSize } from "../azure/vm-sizes.ts";
import { objectsOn } from "../graph/object-clusters.ts";
import { shownPath } from "../load/manifest-files.ts";
import { loadScenario, readDuration } from "../load/scenario.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { known } from "../model/unknown.ts";
import { readPlatform, vcpuQuotas, vmSizes } from "../read-platform.ts";
import { smallestText } from "../report/smallest-text.ts";
import { poolNames, seriesSizes, smallestPools } from "../simulate/smallest-pools.ts";
import { type CapacityAnswer, problemLine, readPrices, refusal } from "./capacity-answer.ts";
import type { CommandIo } from "./command.ts";
import { type PlatformFlags, reviewInput } from "./platform-options.ts";
import { progressLine } from "./progress.ts";

export interface SmallestFlags extends PlatformFlags {
  readonly scenario: string;
  readonly size?: readonly string[];
  readonly maxWait?: string;
  readonly prices?: string;
  readonly quiet?: true;
  readonly json?: true;
}

/** From a request to a Ready node are two minutes: five leave room for one refusal of the scheduler's and a slow start. */
const USUAL_WAIT_MS = 300_000;

/** `capacity DIR --scenario FILE --smallest`: the least pools that carry the scenario. */
export const smallestAnswer = (directory: string, flags: SmallestFlags, io: CommandIo): CapacityAnswer => {
  const maxWaitMs = flags.maxWait === undefined ? USUAL_WAIT_MS : readDuration(flags.maxWait);
  if (maxWaitMs === undefined) return refusal(`--max-wait: "${flags.maxWait}" is no duration; write 90s, 5m or 1h.`);
  const asked = sizesOf(flags.size ?? []);
  if (typeof asked === "string") return refusal(asked);
  const prices = flags.prices === undefined ? undefined : readPrices(flags.prices, io.cwd);
  if (prices === "unreadable") return refusal(`"${flags.prices ?? ""}" is no JSON of Azure retail prices.`);
  const head = reviewInput(directory, flags, io);
  if ("problem" in head) return refusal(head.problem);
  const path = resolve(io.cwd, flags.scenario);
  const { value: scenario, diagnostics: wrong } = loadScenario(path, shownPath(path, io.cwd));
  if (scenario === undefined || wrong.some(({ severity }) => severity === "error"))
    return refusal("the scenario cannot be played.", wrong.map(problemLine));
  const read = readPlatform(head.input);
  const problems: Diagnostic[] = [...read.diagnostics];
  const cluster = read.platform.clusters.find(({ isData }) => !isData);
  if (cluster === undefined) return refusal("the configuration has no AKS cluster whose capacity could be told.");
  const names = poolNames({ cluster });
  const strange = [...asked.keys()].find((name) => !names.includes(name));
  if (strange !== undefined) return refusal(`--size: there is no pool "${strange}"; there are ${names.join(", ")}.`);
  const sizes = vmSizes(read, problems);
  const nowhere = [...asked.values()].flat().find((size) => vmSize(size, sizes) === undefined);
  if (nowhere !== undefined)
    return refusal(`--size: "${nowhere}" is not in the table of VM sizes; give it in aks-twin.yaml (skus).`);
  const tried =
    asked.size > 0
      ? asked
      : new Map(
          cluster.pools.flatMap(({ name, vmSize: own }) => {
            const [pool, size] = [known(name), known(own)];
            return pool === undefined || size === undefined ? [] : [[pool, seriesSizes(size, sizes)] as const];
          }),
        );
  const progress = progressLine(io, flags.quiet === true);
  const outcome = smallestPools({
    scenario: {
      platform: read.platform,
      cluster,
      objects: objectsOn(read, cluster.address).map(({ object }) => object),
      scenario,
      load: read.configuration.load,
      sizes,
      quotas: vcpuQuotas(read, problems),
    },
    pools: asked.size > 0 ? [...asked.keys()] : undefined,
    sizes: tried,
    maxWaitMs,
    prices,
    onRun: (runs) => progress.show(`smallest pools: run ${runs}`),
  });
  progress.end();
  return {
    problems: problems.filter(({ severity }) => severity !== "info").map(problemLine),
    text: flags.json === true ? `${JSON.stringify(outcome, undefined, 2)}\n` : smallestText(outcome),
  };
};

/** `user=Standard_D4ds_v5,Standard_D8ds_v5` by pool; what is wrong where it is none. */
const sizesOf = (given: readonly string[]): ReadonlyMap<string, readonly string[]> | string => {
  const sizes = new Map<string, readonly string[]>();
  for (const text of given) {
    const [pool = "", list = "", ...more] = text.split("=");
    const names = list.split(",").filter((name) => name !== "");
    if (pool === "" || names.length === 0 || more.length > 0)
      return `--size: "${text}" is no list of sizes; write pool=Standard_D4ds_v5,Standard_D8ds_v5.`;
    sizes.set(pool, [...(sizes.get(pool) ?? []), ...names]);
  }
  return sizes;
};
