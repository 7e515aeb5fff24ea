import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { addressOf } from "../kubernetes/object.ts";
import { shownPath } from "../load/manifest-files.ts";
import { loadScenario } from "../load/scenario.ts";
import type { Outcome } from "../model/diagnostic.ts";
import type { Scenario } from "../model/scenario.ts";
import { known } from "../model/unknown.ts";
import { readPlatform } from "../read-platform.ts";
import { sweepTable } from "../report/sweep-text.ts";
import { combinations, type SweepAxis, type SweepOutcome } from "../simulate/capacity-sweep.ts";
import type { PredictInput } from "../simulate/predict.ts";
import { type CapacityAnswer, problemLine, readPrices, refusal } from "./capacity-answer.ts";
import type { CommandIo } from "./command.ts";
import { type PlatformFlags, reviewInput } from "./platform-options.ts";
import { progressLine } from "./progress.ts";
import { readSweepFile } from "./sweep-file.ts";
import { outcomesAt, type SweepTask, sweptPlatform } from "./sweep-outcomes.ts";
import { doPieces, workersOf } from "./worker-pool.ts";

export interface SweepFlags extends PlatformFlags {
  readonly sweep: string;
  readonly shard?: string;
  readonly prices?: string;
  readonly workers?: string;
  readonly quiet?: true;
  readonly json?: true;
}

/** More combinations than these are a mistake in the file, or work for shards. */
const mostCombinations = 1_000_000;

/** Runs a sweep, or one shard of it. */
export const sweepAnswer = async (directory: string, flags: SweepFlags, io: CommandIo): Promise<CapacityAnswer> => {
  const plan = readPlan(flags, io);
  if ("refused" in plan) return plan.refused;
  const { axes, part, problems } = plan;
  const head = reviewInput(directory, flags, io);
  if ("problem" in head) return refusal(head.problem);
  const prices = plan.prices === undefined ? undefined : readPrices(plan.prices.file, plan.prices.directory);
  if (prices === "unreadable") return refusal(`"${plan.prices?.file ?? ""}" is no JSON of Azure retail prices.`);
  const platform = sweptPlatform(readPlatform(head.input));
  if (platform === undefined) return refusal("the configuration has no AKS cluster whose capacity could be told.");
  const strange = strangeAxis(platform.input, axes);
  if (strange !== undefined)
    return refusal(`the sweep varies "${strange.key}", which is neither a pool nor a workload of this cluster.`);
  const { scenario } = plan;
  const task = { directory, flags, cwd: io.cwd, env: { ...io.env }, axes, prices: plan.prices, scenario, ...part };
  const count = Math.max(0, Math.ceil((combinations(axes) - part.shard) / part.shards));
  const progress = progressLine(io, flags.quiet === true);
  const done = await doPieces(
    {
      job: { kind: "sweep", task },
      count,
      workers: plan.workers,
      entry: io.workerEntry,
      onDone: (pieces) => progress.show("sweep", pieces, count),
    },
    outcomesAt({ ...platform, prices }, task),
  );
  progress.end();
  if (done.value === undefined)
    return refusal("the sweep is not done.", [...problems, ...done.diagnostics.map(problemLine)]);
  return { problems, text: outcomesText(done.value, flags.json === true || flags.shard !== undefined) };
};

interface SweepPlan {
  readonly axes: readonly SweepAxis[];
  readonly part: { readonly shard: number; readonly shards: number };
  readonly workers: number | undefined;
  readonly prices: SweepTask["prices"];
  readonly scenario: Scenario | undefined;
  readonly problems: readonly string[];
}

/** The sweep's file and flags; where something is wrong, what to say of it. */
const readPlan = (flags: SweepFlags, io: CommandIo): SweepPlan | { readonly refused: CapacityAnswer } => {
  const path = resolve(io.cwd, flags.sweep);
  const refused = (text: string, problems: readonly string[] = []) => ({ refused: refusal(text, problems) });
  if (!existsSync(path)) return refused(`"${flags.sweep}" is not there.`);
  const part = flags.shard === undefined ? { shard: 0, shards: 1 } : shardOf(flags.shard);
  if (part === undefined) return refused(`"${flags.shard ?? ""}" is no shard; give i/n, such as 0/4 to 3/4.`);
  const workers = flags.workers === undefined ? undefined : workersOf(flags.workers);
  if (flags.workers !== undefined && workers === undefined)
    return refused(`--workers: "${flags.workers}" is no number from 1 to 999.`);
  const file = readSweepFile(readFileSync(path, "utf8"), flags.sweep);
  const { axes } = file.value;
  const scenario =
    file.value.scenario === undefined ? undefined : scenarioAt(resolve(dirname(path), file.value.scenario), io);
  const diagnostics = [...file.diagnostics, ...(scenario?.diagnostics ?? [])];
  const problems = diagnostics.map(problemLine);
  if (diagnostics.some(({ severity }) => severity === "error"))
    return refused(`the sweep in "${flags.sweep}" is not run.`, problems);
  if (combinations(axes) > mostCombinations * part.shards)
    return refused(`the sweep has ${combinations(axes)} combinations; give fewer values, or run it in shards.`);
  return {
    axes,
    part,
    workers,
    prices: pricesOf(flags, file.value.prices, path, io),
    scenario: scenario?.value,
    problems,
  };
};

const scenarioAt = (path: string, io: CommandIo): Outcome<Scenario | undefined> =>
  loadScenario(path, shownPath(path, io.cwd));

/** The flag's file is relative to where the command is started, the sweep's to the sweep. */
const pricesOf = (flags: SweepFlags, named: string | undefined, path: string, io: CommandIo): SweepTask["prices"] => {
  if (flags.prices !== undefined) return { file: flags.prices, directory: io.cwd };
  return named === undefined ? undefined : { file: named, directory: dirname(path) };
};

const strangeAxis = ({ cluster, objects }: PredictInput, axes: readonly SweepAxis[]): SweepAxis | undefined => {
  const there = new Set([
    "load",
    ...cluster.pools.flatMap(({ name }) =>
      ["size", "min", "max", "count"].map((each) => `pools/${known(name)}/${each}`),
    ),
    ...objects.map((object) => `replicas/${addressOf(object)}`),
  ]);
  return axes.find(({ key }) => !there.has(key));
};

/** Joins shards: the lines that one run of all would have written. */
export const mergeShards = (files: readonly string[], json: boolean, io: CommandIo): CapacityAnswer => {
  const byIndex = new Map<number, SweepOutcome>();
  let total: number | undefined;
  for (const file of files) {
    const path = resolve(io.cwd, file);
    if (!existsSync(path)) return refusal(`"${file}" is not there.`);
    for (const line of readFileSync(path, "utf8").split("\n")) {
      if (line.trim() === "") continue;
      const outcome = readOutcome(line);
      if (outcome === undefined) return refusal(`"${file}" is no shard of a sweep: ${line.slice(0, 60)}`);
      if (total !== undefined && outcome.of !== total) return refusal(`"${file}" is of another sweep.`);
      total = outcome.of;
      byIndex.set(outcome.index, outcome);
    }
  }
  if (total !== undefined && byIndex.size < total) {
    const missing: number[] = [];
    for (let index = 0; index < total && missing.length < 5; index++) if (!byIndex.has(index)) missing.push(index);
    return refusal(`${total - byIndex.size} of ${total} combinations are missing, such as ${missing.join(", ")}.`);
  }
  const outcomes = [...byIndex.values()].sort((a, b) => a.index - b.index);
  return { problems: [], text: outcomesText(outcomes, json) };
};

const outcomesText = (outcomes: readonly SweepOutcome[], json: boolean): string =>
  json ? outcomes.map((outcome) => `${JSON.stringify(outcome)}\n`).join("") : sweepTable(outcomes);

const readOutcome = (line: string): SweepOutcome | undefined => {
  try {
    const outcome = JSON.parse(line) as Partial<SweepOutcome> | null;
    const fits =
      typeof outcome?.index === "number" &&
      typeof outcome.of === "number" &&
      typeof outcome.settings === "object" &&
      typeof outcome.nodes === "object" &&
      typeof outcome.pending === "object";
    return fits ? (outcome as SweepOutcome) : undefined;
  } catch {
    return undefined;
  }
};

const shardOf = (text: string): { readonly shard: number; readonly shards: number } | undefined => {
  const match = /^(\d{1,6})\/(\d{1,6})$/.exec(text);
  const shard = Number(match?.[1]);
  const shards = Number(match?.[2]);
  return match === null || shards === 0 || shard >= shards ? undefined : { shard, shards };
};
