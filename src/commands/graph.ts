import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { reachChangeGraph, reachGraph } from "../findings/reach-graph.ts";
import { buildGraph } from "../graph/build-graph.ts";
import type { ResourceGraph } from "../graph/resource-graph.ts";
import { formatPlace } from "../model/source-range.ts";
import { type ReadPlatform, readPlatform } from "../read-platform.ts";
import { plainLine } from "../report/escape.ts";
import { graphFormats } from "../report/graph-formats.ts";
import { type WorkloadReach, workloadReach } from "../simulate/cloud/workload-reach.ts";
import { type BaseFlags, baseInput, baseSource } from "./base-input.ts";
import type { CommandIo, ConfigureCommand } from "./command.ts";
import { clusterOption, oneCluster } from "./one-cluster.ts";
import { addPlatformOptions, type PlatformFlags, reviewInput } from "./platform-options.ts";

interface Flags extends PlatformFlags, BaseFlags {
  readonly format: string;
  readonly output?: string;
  readonly reach?: true;
  readonly cluster?: string;
}

export const configure: ConfigureCommand = (command, io) => {
  addPlatformOptions(command.argument("[dir]", "the folder of the root module", "."))
    .option("--reach", "draw which workloads may talk to which, by the cluster's network policies")
    .option("--base <dir>", "with --reach: only what a change since this folder opens and closes")
    .option("--base-ref <ref>", "the same since a commit, such as origin/main")
    .option("--base-plan <file>", "the same since a plan, as --plan")
    .option(...clusterOption)
    .option("--format <format>", Object.keys(graphFormats).join(", "), "json")
    .option("--output <file>", "write there instead of standard output")
    .action((directory: string, flags: Flags) => run(directory, flags, io));
};

const run = async (directory: string, flags: Flags, io: CommandIo): Promise<void> => {
  const problem = (text: string): void => {
    io.err(`aks-twin: ${text}\n`);
    io.exit(1);
  };
  if (!Object.hasOwn(graphFormats, flags.format)) {
    return problem(`no format "${flags.format}"; there are ${Object.keys(graphFormats).join(", ")}.`);
  }
  if (flags.reach !== true && hasBase(flags)) return problem("--base, --base-ref and --base-plan go with --reach.");
  const given = reviewInput(directory, flags, io);
  if ("problem" in given) return problem(given.problem);
  const read = readPlatform(given.input);
  for (const { severity, code, summary, detail, range } of read.diagnostics) {
    if (severity !== "error") continue;
    io.err(`${plainLine(`${range === undefined ? "" : `${formatPlace(range)}: `}${code} ${summary}: ${detail}`)}\n`);
  }
  const drawn =
    flags.reach === true
      ? reachOf(read, directory, flags, io)
      : { graph: buildGraph(read.platform, read.instances, read.objects) };
  if ("problem" in drawn) return problem(drawn.problem);
  const render = await graphFormats[flags.format]?.();
  const text = render?.(drawn.graph) ?? "";
  if (flags.output === undefined) io.out(text);
  else writeFileSync(resolve(io.cwd, flags.output), text);
};

const hasBase = ({ base, baseRef, basePlan }: BaseFlags): boolean => (base ?? baseRef ?? basePlan) !== undefined;

type Drawn = { readonly graph: ResourceGraph } | { readonly problem: string };

const reachOf = (read: ReadPlatform, directory: string, flags: Flags, io: CommandIo): Drawn => {
  const head = reachIn(read, flags.cluster);
  if ("problem" in head) return head;
  if (!hasBase(flags)) return { graph: reachGraph(head.reach) };
  const base = baseOf(read, directory, flags, io);
  return "problem" in base ? base : { graph: reachChangeGraph(base.reach, head.reach) };
};

type Reach = { readonly reach: WorkloadReach } | { readonly problem: string };

const reachIn = (read: ReadPlatform, name: string | undefined): Reach => {
  const one = oneCluster(read, name);
  if ("problem" in one) return one;
  const cluster = one.read.platform.clusters.find(({ isData }) => !isData);
  return {
    reach: workloadReach(
      cluster,
      one.read.objects.map(({ object }) => object),
    ),
  };
};

const baseOf = (head: ReadPlatform, directory: string, flags: Flags, io: CommandIo): Reach => {
  const base = baseSource(directory, flags, head.input, io);
  if ("problem" in base) return base;
  try {
    const given = base.source === undefined ? undefined : baseInput(base.source, io);
    if (given !== undefined && "problem" in given) return { problem: `the base: ${given.problem}` };
    const read = given === undefined ? undefined : reachIn(readPlatform(given.input), flags.cluster);
    // A base that does not have the cluster yet has no workloads on it.
    return read === undefined || "problem" in read ? { reach: workloadReach(undefined, []) } : read;
  } finally {
    base.remove();
  }
};
