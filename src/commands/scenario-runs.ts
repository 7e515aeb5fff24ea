import { objectsOn } from "../graph/object-clusters.ts";
import type { Outcome } from "../model/diagnostic.ts";
import type { Scenario } from "../model/scenario.ts";
import { type ReadPlatform, readPlatform, vmSizes } from "../read-platform.ts";
import type { ScenarioResult } from "../simulate/scenario/result.ts";
import { runScenario, type ScenarioInput } from "../simulate/scenario/run-scenario.ts";
import { type RunValue, valuesOfRun } from "../simulate/scenario/summarize-runs.ts";
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
}

type Play = (chance: ScenarioInput["chance"], probe?: ScenarioInput["probe"]) => Outcome<ScenarioResult>;

/** The way to play the scenario on the first cluster of the platform; undefined where there is none. */
export const playedScenario = (read: ReadPlatform, scenario: Scenario): Play | undefined => {
  const cluster = read.platform.clusters.find(({ isData }) => !isData);
  if (cluster === undefined) return undefined;
  const input = {
    platform: read.platform,
    cluster,
    objects: objectsOn(read, cluster.address).map(({ object }) => object),
    scenario,
    load: read.configuration.load,
    sizes: vmSizes(read),
  };
  return (chance, probe) =>
    runScenario({ ...input, ...(chance === undefined ? {} : { chance }), ...(probe === undefined ? {} : { probe }) });
};

/** Plays one run by its number, as a worker does it: from the files; undefined where there is no cluster. */
export const runsOf = (task: RunsTask): ((run: number) => readonly RunValue[]) | undefined => {
  const { directory, flags, cwd, env, scenario, seed } = task;
  const given = reviewInput(directory, { var: [], manifests: [], ...flags }, { cwd, env });
  const play = "problem" in given ? undefined : playedScenario(readPlatform(given.input), scenario);
  return play === undefined ? undefined : (run) => valuesOfRun(play({ seed, run }).value);
};
