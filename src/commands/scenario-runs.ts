import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
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

type Play = (chance: ScenarioInput["chance"]) => Outcome<ScenarioResult>;

/** Fewer runs than this are done before a second worker has started. */
const RUNS_A_WORKER = 8;

/** The way to play the scenario on the first cluster of the platform; undefined where there is none. */
export const playedScenario = (read: ReadPlatform, scenario: Scenario): Play | undefined => {
  const cluster = read.platform.clusters.find(({ isData }) => !isData);
  if (cluster === undefined) return undefined;
  const input = {
    platform: read.platform,
    cluster,
    objects: read.objects.map(({ object }) => object),
    scenario,
    load: read.configuration.load,
    sizes: vmSizes(read),
  };
  return (chance) => runScenario(chance === undefined ? input : { ...input, chance });
};

/** Plays runs 0 to `runs`, on all cores where it is worth it; the values stand in the order of the runs' numbers. */
export const playRuns = async (
  task: RunsTask,
  play: Play,
  runs: number,
  most = availableParallelism(),
): Promise<readonly (readonly RunValue[])[]> => {
  // Node loads no TypeScript: from source everything is played here.
  const workers = import.meta.url.endsWith(".ts") ? 1 : Math.min(most, Math.ceil(runs / RUNS_A_WORKER));
  const numbers = Array.from({ length: runs }, (_, run) => run);
  if (workers === 1) return numbers.map((run) => valuesOfRun(play({ seed: task.seed, run }).value));
  const shares = await Promise.all(
    Array.from({ length: workers }, (_, worker) =>
      inWorker(
        task,
        numbers.filter((run) => run % workers === worker),
      ),
    ),
  );
  return numbers.map((run) => shares[run % workers]?.[Math.floor(run / workers)] ?? []);
};

const inWorker = (task: RunsTask, runs: readonly number[]): Promise<readonly (readonly RunValue[])[]> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { scenarioRuns: { task, runs } } });
    worker.once("message", resolve);
    worker.once("error", reject);
  });

interface WorkerData {
  readonly scenarioRuns?: { readonly task: RunsTask; readonly runs: readonly number[] };
}

const work = ({ task, runs }: NonNullable<WorkerData["scenarioRuns"]>): readonly (readonly RunValue[])[] => {
  const { directory, flags, cwd, env, scenario, seed } = task;
  const given = reviewInput(directory, { var: [], manifests: [], ...flags }, { cwd, env } as CommandIo);
  const play = "problem" in given ? undefined : playedScenario(readPlatform(given.input), scenario);
  return play === undefined ? [] : runs.map((run) => valuesOfRun(play({ seed, run }).value));
};

const given = isMainThread ? undefined : (workerData as WorkerData | null)?.scenarioRuns;
if (given !== undefined) parentPort?.postMessage(work(given));
