import { resolve } from "node:path";
import type { Pod } from "../kubernetes/pod.ts";
import { parseYamlDocuments } from "../load/yaml/documents.ts";
import { type Diagnostic, diagnostic, type Outcome } from "../model/diagnostic.ts";
import type { Scheduler } from "../simulate/scheduler/api.ts";
import { readCluster } from "../simulate/scheduler/cluster-input.ts";
import { ClusterRun, keyOf } from "../simulate/scheduler/cluster-run.ts";
import type { Decision } from "../simulate/scheduler/decision.ts";
import type { DecisionRecord } from "../simulate/scheduler/decision-record.ts";
import { explainPod } from "../simulate/scheduler/explain-pod.ts";
import {
  type FollowSummary,
  followDecisions,
  type GivenDecision,
  parseDecisions,
} from "../simulate/scheduler/follow-decisions.ts";
import { defaultProfile, type SchedulerProfile } from "../simulate/scheduler/profile.ts";
import { type QueueOptions, runQueue, scheduleQueue } from "../simulate/scheduler/schedule-queue.ts";
import { createScheduler } from "../simulate/scheduler/scheduler.ts";
import { readSchedulerConfiguration } from "../simulate/scheduler/scheduler-configuration.ts";
import type { CommandIo, ConfigureCommand } from "./command.ts";
import { readObjectFiles, readTextFile } from "./object-files.ts";

interface Flags {
  readonly file: readonly string[];
  readonly order: QueueOptions["order"];
  readonly preemptRetry: QueueOptions["preemptRetry"];
  readonly passes: string;
  readonly choose: string;
  readonly follow?: string;
  readonly config?: string;
  readonly explain?: string;
  readonly brief?: true;
  readonly reference?: true;
  readonly json?: true;
}

export const configure: ConfigureCommand = (command, io) => {
  command
    .requiredOption(
      "-f, --file <path...>",
      "objects as `kubectl get -o json` gives them; YAML, JSON, gzipped; - is standard input",
    )
    .option("--order <order>", "input or priority", "input")
    .option("--preempt-retry <when>", "when a pod that preempted is tried again: immediate, end, none", "immediate")
    .option("--passes <n>", "how often unschedulable pods are tried, while anything changes", "1")
    .option("--choose <rule>", "first: of equally good nodes the first in the input", "first")
    .option("--follow <file>", "judge the decisions of another scheduler and carry those out")
    .option("--config <file>", "a KubeSchedulerConfiguration")
    .option("--explain <pod>", "why one pod is where it is")
    .option("--brief", "leave filtered, scores and totals out")
    .option("--reference", "decide the plain way, every plugin on every node")
    .option("--json", "one JSON line a decision")
    .action(async (flags: Flags) => schedule(flags, io));
};

const schedule = async (flags: Flags, io: CommandIo): Promise<void> => {
  const passes = Number(flags.passes);
  const wrong = [
    oneOf("--order", flags.order, ["input", "priority"]),
    oneOf("--preempt-retry", flags.preemptRetry, ["immediate", "end", "none"]),
    oneOf("--choose", flags.choose, ["first"]),
    ...(Number.isInteger(passes) && passes >= 1
      ? []
      : [`--passes: give a whole number of at least 1, not "${flags.passes}"`]),
  ].filter((text) => text !== "");
  if (wrong.length > 0) return stop(io, wrong);
  const objects = await readObjectFiles(flags.file, io.cwd, io.stdin);
  report(io, objects.diagnostics);
  if (objects.value.length === 0 && objects.diagnostics.length > 0) {
    io.exit(1);
    return;
  }
  const profiles = readProfiles(flags.config, io);
  report(io, profiles.diagnostics);
  if (profiles.diagnostics.some(({ code }) => code === "AKS9603")) {
    io.exit(1);
    return;
  }
  const given = flags.follow === undefined ? undefined : readFollow(flags.follow, io);
  if (typeof given === "string") return stop(io, [given]);
  const input = readCluster(objects.value);
  report(io, input.diagnostics);
  for (const kind of input.ignored) io.err(`not used: ${kind}\n`);
  const mode = flags.reference === true ? "reference" : "fast";
  const scheduler = createScheduler({ mode, profiles: profiles.value });
  const run = new ClusterRun(scheduler, input);
  const options = { order: flags.order, preemptRetry: flags.preemptRetry, passes };
  if (flags.explain !== undefined) {
    return explain(flags.explain, scheduler, run, input.pending, options, io);
  }
  const buffered: string[] = [];
  for (const line of linesOf(run, input.pending, options, given, flags)) {
    buffered.push(line);
    if (buffered.length >= 256) io.out(buffered.splice(0).join(""));
  }
  io.out(buffered.join(""));
};

/** What is printed, a line a decision. A table without `--follow` asks only for the decisions, which is fastest. */
function* linesOf(
  run: ClusterRun,
  pending: readonly Pod[],
  options: QueueOptions,
  given: readonly GivenDecision[] | undefined,
  flags: Flags,
): Generator<string> {
  if (given === undefined && flags.json !== true) {
    const look = (pod: Pod) => ({ decision: run.scheduler.schedule(pod), seen: undefined });
    for (const { decision } of runQueue(run, pending, options, look)) yield decisionLine(decision, run.scheduler);
    return;
  }
  const entries: Iterable<DecisionRecord | { readonly summary: FollowSummary }> =
    given === undefined ? scheduleQueue(run, pending, options) : followDecisions(run, pending, given);
  for (const entry of entries) {
    if (flags.json !== true) yield followLine(entry);
    else yield `${JSON.stringify(flags.brief === true && "pod" in entry ? withoutDetail(entry) : entry)}\n`;
  }
}

const oneOf = (flag: string, value: string, known: readonly string[]): string =>
  known.includes(value) ? "" : `${flag}: "${value}" is none of ${known.join(", ")}`;

const stop = (io: CommandIo, texts: readonly string[]): void => {
  for (const text of texts) io.err(`aks-twin schedule: ${text}\n`);
  io.exit(1);
};

const report = (io: CommandIo, diagnostics: readonly Diagnostic[]): void => {
  for (const { code, severity, summary, detail } of diagnostics) io.err(`${severity} ${code}: ${summary}. ${detail}\n`);
};

const readProfiles = (path: string | undefined, io: CommandIo): Outcome<readonly SchedulerProfile[]> => {
  if (path === undefined) return { value: [defaultProfile], diagnostics: [] };
  const text = readTextFile(resolve(io.cwd, path));
  if (text === undefined) {
    const summary = "A file cannot be read";
    const detail = `"${path}" is not there. Give a KubeSchedulerConfiguration.`;
    return {
      value: [defaultProfile],
      diagnostics: [diagnostic({ code: "AKS9603", severity: "error", summary, detail })],
    };
  }
  const { value, diagnostics } = parseYamlDocuments(text, path);
  const read = readSchedulerConfiguration(value[0]?.value ?? null);
  return { value: read.value, diagnostics: [...diagnostics, ...read.diagnostics] };
};

const readFollow = (path: string, io: CommandIo) => {
  const text = readTextFile(resolve(io.cwd, path));
  if (text === undefined) return `--follow: "${path}" cannot be read`;
  try {
    return parseDecisions(text);
  } catch (error) {
    return `--follow: "${path}" is neither JSON lines nor an array: ${error instanceof Error ? error.message : String(error)}`;
  }
};

const withoutDetail = ({ filtered: _f, scores: _s, totals: _t, ...rest }: DecisionRecord): object => rest;

/** A decision on one line for people. */
const decisionLine = (decision: Decision, scheduler: Scheduler): string => {
  const { namespace, name, result, node, feasible, preemption } = decision;
  const where = node ?? (preemption === undefined ? "-" : preemption.nominatedNode);
  const why =
    node !== undefined
      ? `${feasible} node${feasible === 1 ? "" : "s"} fit`
      : preemption === undefined
        ? scheduler.message(decision)
        : `after evicting ${preemption.victims.join(", ")}`;
  return row(`${namespace}/${name}`, result, where, why);
};

const followLine = (entry: DecisionRecord | { readonly summary: FollowSummary }): string => {
  if (!("pod" in entry)) {
    const { decisions, agree, notDecided } = entry.summary;
    return `${agree} of ${decisions} decisions agree, ${notDecided.length} pods were not decided about\n`;
  }
  const { verdict = "", differs = [] } = entry.follow ?? {};
  return row(entry.pod, entry.result, entry.node ?? "-", [verdict, ...differs].join(", "));
};

const row = (pod: string, result: string, node: string, text: string): string =>
  `${pod.padEnd(40)} ${result.padEnd(13)} ${node.padEnd(36)} ${text}\n`;

const explain = (
  wanted: string,
  scheduler: Scheduler,
  run: ClusterRun,
  pending: readonly Pod[],
  options: QueueOptions,
  io: CommandIo,
): void => {
  const key = wanted.includes("/") ? wanted : `default/${wanted}`;
  if (run.pending(key) === undefined) {
    const known = pending.slice(0, 5).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    stop(io, [`no pending pod "${key}". Pending are ${known.join(", ")}${pending.length > 5 ? ", ..." : ""}`]);
    return;
  }
  const look = (pod: Pod) => ({
    decision: scheduler.schedule(pod),
    seen: keyOf(pod) === key ? explainPod(scheduler, pod) : "",
  });
  let text = "";
  for (const { seen } of runQueue(run, pending, options, look)) if (seen !== "") text = seen;
  io.out(text);
};
