import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { type EvaluateCel, loadCel } from "../cluster/cel.ts";
import { loadManifests, readManifestFile } from "../load/manifests.ts";
import { loadScenarioSteps } from "../load/scenario-steps.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { isJsonObject, type JsonObject } from "../model/json.ts";
import { formatPlace } from "../model/source-range.ts";
import { splitWords } from "../simulate/steps/kubectl-arguments.ts";
import { playObjects } from "../simulate/steps/play-objects.ts";
import { playSteps } from "../simulate/steps/play-steps.ts";
import { readTimeline } from "../simulate/steps/timeline.ts";
import type { BaseFlags } from "./base-input.ts";
import type { CommandIo, ConfigureCommand } from "./command.ts";
import { clusterOption } from "./one-cluster.ts";
import { addPlatformOptions, type PlatformFlags } from "./platform-options.ts";

interface Flags extends PlatformFlags, BaseFlags {
  readonly steps?: string;
  readonly file?: readonly string[];
  readonly nodes?: string;
  readonly scenario?: string;
  readonly until?: string;
  readonly runs?: string;
  readonly seed?: string;
  readonly workers?: string;
  readonly quiet?: true;
  readonly format?: string;
  readonly json?: true;
}

export const configure: ConfigureCommand = (command, io) => {
  addPlatformOptions(command)
    .argument("[dir]", "the folder of a root module: its platform is played with --scenario")
    .option("--steps <dir>", "a folder with nodes.yaml and steps 1-*.yaml, 2-*.cmd …, played in order")
    .option("-f, --file <path...>", "manifests that are applied at the start")
    .option("--nodes <path>", "nodes, as manifests or as `kubectl get nodes -o json`")
    .option("--scenario <file>", "what happens when: load and failures for DIR, kubectl commands at times for -f")
    .option("--base <dir>", "with DIR: the folder before the change that the scenario applies")
    .option("--base-ref <ref>", "the commit before it, such as origin/main")
    .option("--base-plan <file>", "the plan before it, as --plan")
    .option(...clusterOption)
    .option("--until <duration>", "how long to play, such as 30s, 10m or 2h; without it until nothing changes")
    .option("--runs <count>", "with DIR: so many runs with what is left to chance drawn anew, as percentiles")
    .option("--seed <number>", "the seed of those runs; 1 where left out")
    .option("--workers <count>", "threads that share those runs; default: one a core, one where the work is small")
    .option("--quiet", "no progress line on a terminal")
    .option("--format <format>", "with DIR: text, json, csv or svg")
    .option("--json", "print JSON")
    .action(async (directory: string | undefined, flags: Flags) => simulate(directory, flags, io));
};

const simulate = async (directory: string | undefined, flags: Flags, io: CommandIo): Promise<void> => {
  const { scenario, file, json, ...platform } = flags;
  if (flags.steps !== undefined) await simulateSteps(resolve(io.cwd, flags.steps), io);
  else if (scenario !== undefined && file === undefined) {
    const { simulateScenario } = await import("./simulate-scenario.ts");
    await simulateScenario(
      directory ?? ".",
      { ...platform, scenario, ...(json === true ? { format: "json" } : {}) },
      io,
    );
  } else if (flags.file === undefined)
    stop(io, "Give DIR with --scenario FILE, --steps DIR, or -f PATH with manifests.");
  else await simulateObjects(flags.file, flags, io);
};

const simulateObjects = async (files: readonly string[], flags: Flags, io: CommandIo): Promise<void> => {
  const manifests = loadManifests(files, { root: io.cwd });
  const nodes =
    flags.nodes === undefined ? { value: [], diagnostics: [] } : loadManifests([flags.nodes], { root: io.cwd });
  report(io, [...manifests.diagnostics, ...nodes.diagnostics]);
  const objects = [...nodes.value, ...manifests.value].map(({ value }) => value).filter(isJsonObject);
  const timeline = flags.scenario === undefined ? { value: [], diagnostics: [] } : readTimelineFile(flags.scenario, io);
  report(io, timeline.diagnostics);
  const until = flags.until === undefined ? undefined : durationMs(flags.until);
  if (flags.until !== undefined && until === undefined) {
    stop(io, `--until: "${flags.until}" is no duration; write 30s, 10m or 2h.`);
    return;
  }
  io.out(`${JSON.stringify(playObjects(objects, timeline.value, until, await celFor(objects)), null, 2)}\n`);
};

const readTimelineFile = (path: string, io: CommandIo) => {
  const read = readManifestFile(resolve(io.cwd, path), { root: io.cwd });
  const timeline = readTimeline(read.value[0]?.value ?? null);
  return { value: timeline.value, diagnostics: [...read.diagnostics, ...timeline.diagnostics] };
};

/** The CEL package is loaded only where there is a policy. */
const celFor = async (objects: readonly JsonObject[]): Promise<EvaluateCel | undefined> =>
  objects.some(({ kind }) => kind === "ValidatingAdmissionPolicy") ? loadCel() : undefined;

const simulateSteps = async (directory: string, io: CommandIo): Promise<void> => {
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    stop(io, `"${directory}" is no folder.`);
    return;
  }
  const { value, diagnostics } = loadScenarioSteps(directory);
  report(io, diagnostics);
  const cel = await celFor(value.steps.flatMap(({ manifests }) => manifests ?? []));
  const result: JsonObject = playSteps(
    {
      ...value,
      steps: value.steps.map(({ name, manifests, lines }) => ({
        name,
        ...(manifests === undefined ? {} : { manifests }),
        ...(lines === undefined ? {} : { commands: lines.map(splitWords) }),
      })),
    },
    cel === undefined ? {} : { cel },
  );
  io.out(`${JSON.stringify(result, null, 1)}\n`);
};

const durationMs = (text: string): number | undefined => {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  if (match === null) return undefined;
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  return Number(match[1]) * (units[match[2] ?? "s"] ?? 1000);
};

const report = (io: CommandIo, diagnostics: readonly Diagnostic[]): void => {
  for (const { severity, code, summary, detail, range } of diagnostics) {
    io.err(`${range === undefined ? "" : `${formatPlace(range)}: `}${severity} ${code}: ${summary}. ${detail}\n`);
  }
};

const stop = (io: CommandIo, message: string): void => {
  io.err(`${message}\n`);
  io.exit(1);
};
