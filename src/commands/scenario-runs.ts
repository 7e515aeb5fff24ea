import type { AksCluster } from "../azure/platform.ts";
import { objectsOn } from "../graph/object-clusters.ts";
import type { Diagnostic, Outcome } from "../model/diagnostic.ts";
import type { Scenario } from "../model/scenario.ts";
import { type ReadPlatform, readPlatform, vcpuQuotas, vmPrices, vmSizes } from "../read-platform.ts";
import type { ScenarioResult } from "../simulate/scenario/result.ts";
import { runScenario, type ScenarioInput } from "../simulate/scenario/run-scenario.ts";
import type { SideInput } from "../simulate/scenario/scenario-setup.ts";
import { type RunValue, valuesOfRun } from "../simulate/scenario/summarize-runs.ts";
import { type BaseSource, baseInput } from "./base-input.ts";
import type { CommandIo } from "./command.ts";
import { type PlatformFlags, reviewInput } from "./platform-options.ts";

/** What a worker needs to read the platform and the scenario for itself. */
export interface RunsTask {
  readonly directory: string;
  readonly flags: Partial<PlatformFlags>;
  readonly cwd: string;
  readonly env: CommandIo["env"];
  readonly scenario: Scenario;
  readonly seed: number;
  /** What there was before the change that the scenario applies. */
  readonly base?: BaseSource | undefined;
}

type Play = (chance: ScenarioInput["chance"], probe?: ScenarioInput["probe"]) => Outcome<ScenarioResult>;

/** The way to play the scenario on the first cluster of the platform; undefined where there is none. */
export const playedScenario = (
  read: ReadPlatform,
  scenario: Scenario,
  base?: ReadPlatform,
  diagnostics: Diagnostic[] = [],
): Play | undefined => {
  const cluster = read.platform.clusters.find(({ isData }) => !isData);
  if (cluster === undefined) return undefined;
  const before = base === undefined ? undefined : sideOf(base, cluster.address);
  const input = {
    ...sideFrom(read, cluster),
    ...(before === undefined ? {} : { base: before }),
    scenario,
    load: read.configuration.load,
    sizes: vmSizes(read, diagnostics),
    prices: vmPrices(read, diagnostics),
    quotas: vcpuQuotas(read, diagnostics),
  };
  return (chance, probe) =>
    runScenario({ ...input, ...(chance === undefined ? {} : { chance }), ...(probe === undefined ? {} : { probe }) });
};

const sideFrom = (read: ReadPlatform, cluster: AksCluster): SideInput => ({
  platform: read.platform,
  cluster,
  objects: objectsOn(read, cluster.address).map(({ object }) => object),
});

/** The same cluster on the other side: by its address, else the first. */
const sideOf = (read: ReadPlatform, address: string): SideInput | undefined => {
  const clusters = read.platform.clusters.filter(({ isData }) => !isData);
  const cluster = clusters.find((each) => each.address === address) ?? clusters[0];
  return cluster === undefined ? undefined : sideFrom(read, cluster);
};

/** Plays one run by its number, as a worker does it: from the files; undefined where there is no cluster. */
export const runsOf = (task: RunsTask): ((run: number) => readonly RunValue[]) | undefined => {
  const { directory, flags, cwd, env, scenario, seed } = task;
  const given = reviewInput(directory, { var: [], manifests: [], ...flags }, { cwd, env });
  const base = task.base === undefined ? undefined : baseInput(task.base, { cwd, env });
  if ("problem" in given || (base !== undefined && "problem" in base)) return undefined;
  const before = base === undefined ? undefined : readPlatform(base.input);
  const play = playedScenario(readPlatform(given.input), scenario, before);
  return play === undefined ? undefined : (run) => valuesOfRun(play({ seed, run }).value);
};
