import { resolve } from "node:path";
import { shownPath } from "../load/manifest-files.ts";
import { loadScenario, readDuration } from "../load/scenario.ts";
import type { Diagnostic, Outcome } from "../model/diagnostic.ts";
import type { Scenario } from "../model/scenario.ts";
import { formatPlace } from "../model/source-range.ts";
import { type ReviewInput, readPlatform } from "../read-platform.ts";
import { scenarioCsv } from "../report/scenario-csv.ts";
import { scenarioSvg } from "../report/scenario-svg.ts";
import { monteCarloText, scenarioText } from "../report/scenario-text.ts";
import type { ScenarioResult } from "../simulate/scenario/result.ts";
import type { ScenarioInput } from "../simulate/scenario/run-scenario.ts";
import { summarizeRuns, valuesOfRun } from "../simulate/scenario/summarize-runs.ts";
import { type BaseFlags, type BaseSource, baseInput, baseSource } from "./base-input.ts";
import type { CommandIo } from "./command.ts";
import { type PlatformFlags, reviewInput } from "./platform-options.ts";
import { type ProgressLine, progressLine } from "./progress.ts";
import { playedScenario } from "./scenario-runs.ts";
import { doPieces, workersOf } from "./worker-pool.ts";

/** What `simulate` is told about a scenario. */
export interface ScenarioFlags extends BaseFlags {
  readonly scenario: string;
  readonly until?: string;
  readonly runs?: string;
  readonly seed?: string;
  readonly workers?: string;
  readonly quiet?: true;
  readonly format?: string;
}

const formats: Readonly<Record<string, (result: ScenarioResult) => string>> = {
  text: scenarioText,
  json: (result) => `${JSON.stringify(result, null, 1)}\n`,
  csv: scenarioCsv,
  svg: scenarioSvg,
};

/** `aks-twin simulate [DIR] --scenario FILE`: plays a scenario on the platform of a folder. */
export const simulateScenario = async (
  directory: string,
  flags: ScenarioFlags & Partial<PlatformFlags>,
  io: CommandIo,
): Promise<void> => {
  const problem = await playAndPrint(directory, flags, io);
  if (problem === undefined) return;
  if (problem !== "") io.err(`${problem}\n`);
  io.exit(1);
};

/** Prints the result, or returns why not: nothing more to say where diagnostics have said it. */
const playAndPrint = async (
  directory: string,
  flags: ScenarioFlags & Partial<PlatformFlags>,
  io: CommandIo,
): Promise<string | undefined> => {
  const format = flags.format ?? "text";
  const print = formats[format];
  if (print === undefined) return `--format: "${format}" is none of ${Object.keys(formats).join(", ")}.`;
  const until = flags.until === undefined ? undefined : readDuration(flags.until);
  if (flags.until !== undefined && until === undefined)
    return `--until: "${flags.until}" is no duration; write 30s, 10m or 2h.`;
  const runs = wholeNumber(flags.runs);
  const seed = wholeNumber(flags.seed ?? "1");
  if (seed === undefined || (flags.runs !== undefined && (runs === undefined || runs === 0)))
    return "--runs and --seed take whole numbers; --runs at least 1.";
  const workers = flags.workers === undefined ? undefined : workersOf(flags.workers);
  if (flags.workers !== undefined && workers === undefined)
    return `--workers: "${flags.workers}" is no number from 1 to 999.`;
  if (runs !== undefined && (format === "csv" || format === "svg"))
    return `--format ${format} shows one run; leave out --runs.`;
  const told: PlatformFlags & BaseFlags = { var: [], manifests: [], ...flags };
  const given = reviewInput(directory, told, io);
  if ("problem" in given) return given.problem;
  const base = baseSource(directory, told, given.input, io);
  if ("problem" in base) return base.problem;
  try {
    const asked = { directory, flags, io, print, until, runs, seed, workers, base: base.source };
    return await playRead(asked, given.input);
  } finally {
    base.remove();
  }
};

interface Asked {
  readonly directory: string;
  readonly flags: ScenarioFlags & Partial<PlatformFlags>;
  readonly io: CommandIo;
  readonly print: (result: ScenarioResult) => string;
  readonly until: Scenario["until"] | undefined;
  readonly runs: number | undefined;
  readonly seed: number;
  readonly workers: number | undefined;
  readonly base: BaseSource | undefined;
}

const playRead = async (asked: Asked, input: ReviewInput): Promise<string | undefined> => {
  const { directory, flags, io, print, until, runs, seed, workers, base } = asked;
  const before = base === undefined ? undefined : baseInput(base, io);
  if (before !== undefined && "problem" in before) return `the base: ${before.problem}`;
  const read = readScenarioFile(flags.scenario, io);
  report(io, read.diagnostics);
  if (read.value === undefined || read.diagnostics.some(({ severity }) => severity === "error")) return "";
  const platform = readPlatform(input);
  const basePlatform = before === undefined ? undefined : readPlatform(before.input);
  const problems = [...platform.diagnostics, ...(basePlatform?.diagnostics ?? [])];
  const scenario = until === undefined ? read.value : { ...read.value, until };
  const play = playedScenario(platform, scenario, basePlatform, problems);
  report(
    io,
    problems.filter(({ severity }) => severity !== "info"),
  );
  if (play === undefined) return `There is no AKS cluster in "${directory}" to play a scenario on.`;
  const progress = progressLine(io, flags.quiet === true);
  if (runs === undefined) {
    const { value, diagnostics } = play(undefined, simulatedTime(progress, scenario.until, io));
    progress.end();
    report(io, diagnostics);
    io.out(print(value));
    return undefined;
  }
  const task = { directory, flags, cwd: io.cwd, env: { ...io.env }, scenario, seed, base };
  const done = await doPieces(
    {
      job: { kind: "scenarioRuns", task },
      count: runs,
      workers,
      entry: io.workerEntry,
      onDone: (pieces) => progress.show("runs", pieces, runs),
    },
    (run) => valuesOfRun(play({ seed, run }).value),
  );
  progress.end();
  report(io, done.diagnostics);
  if (done.value === undefined) return "";
  const summary = summarizeRuns(done.value, seed);
  io.out(flags.format === "json" ? `${JSON.stringify(summary, null, 1)}\n` : monteCarloText(summary));
  return undefined;
};

/** Looks at the clock now and then only: a day has a million events. */
const eventsALook = 256;

const simulatedTime = (
  progress: ProgressLine,
  until: number,
  { errColumns }: CommandIo,
): ScenarioInput["probe"] | undefined => {
  if (errColumns === undefined) return undefined;
  let events = 0;
  return ({ queue }) => {
    if (events++ % eventsALook === 0) progress.show("simulated time", queue.now, until);
  };
};

const readScenarioFile = (path: string, io: CommandIo): Outcome<Scenario | undefined> => {
  const absolute = resolve(io.cwd, path);
  return loadScenario(absolute, shownPath(absolute, io.cwd));
};

const wholeNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;

const report = (io: CommandIo, diagnostics: readonly Diagnostic[]): void => {
  for (const { severity, code, summary, detail, range } of diagnostics)
    io.err(`${range === undefined ? "" : `${formatPlace(range)}: `}${severity} ${code}: ${summary}. ${detail}\n`);
};
