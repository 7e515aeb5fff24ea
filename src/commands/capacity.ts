import { clusterNamed } from "../graph/object-clusters.ts";
import { readPlatform } from "../read-platform.ts";
import { capacityText } from "../report/capacity-text.ts";
import { capacityVerdict } from "../report/capacity-verdict.ts";
import { type CapacityAnswer, problemLine, readPrices, refusal } from "./capacity-answer.ts";
import { platformCapacity } from "./capacity-platform.ts";
import { mergeShards, sweepAnswer } from "./capacity-sweep.ts";
import type { CommandIo, ConfigureCommand } from "./command.ts";
import { clusterOption } from "./one-cluster.ts";
import { addPlatformOptions, type PlatformFlags, reviewInput } from "./platform-options.ts";
import { progressLine } from "./progress.ts";

interface Flags extends PlatformFlags {
  readonly workload: readonly string[];
  readonly prices?: string;
  readonly sweep?: string;
  readonly shard?: string;
  readonly workers?: string;
  readonly scenario?: string;
  readonly smallest?: true;
  readonly size?: readonly string[];
  readonly maxWait?: string;
  readonly quiet?: true;
  readonly json?: true;
  readonly full?: true;
}

export const configure: ConfigureCommand = (command, io) => {
  addPlatformOptions(
    command
      .argument("[dir]", "the folder of the root module, or `merge` to join the shards of a sweep", ".")
      .argument("[files...]", "the shards"),
  )
    .option(
      "--workload <address>",
      "a workload to add replicas of, such as Deployment/shop/web; may be repeated. Default: every Deployment and StatefulSet",
      (address: string, before: readonly string[]) => [...before, address],
      [] as readonly string[],
    )
    .option(...clusterOption)
    .option("--prices <file>", "Azure retail prices as JSON: what the nodes cost at each moment")
    .option("--sweep <file>", "run every combination of the settings in the file, see schemas/sweep.schema.json")
    .option("--shard <i/n>", "of a sweep only every nth combination, from the ith on; i counts from 0")
    .option(
      "--workers <count>",
      "of a sweep: threads that share the work; default: one a core, one where the work is small",
    )
    .option("--scenario <file>", "with --smallest: the scenario that the pools must carry, see docs/scenarios.md")
    .option("--smallest", "the least size, min and max of each pool that carry the scenario")
    .option(
      "--size <pool=sizes>",
      "with --smallest: VM sizes to try, such as user=Standard_D4ds_v5,Standard_D8ds_v5; may be repeated. Default: the same series, all pools of mode User",
      (text: string, before: readonly string[]) => [...before, text],
      [] as readonly string[],
    )
    .option("--max-wait <duration>", "with --smallest: how long a pod may wait for a node; 5m where left out")
    .option("--quiet", "no progress line on a terminal")
    .option("--json", "the answer as JSON, see schemas/capacity.schema.json")
    .option("--full", "every workload and assumption in the text")
    .action((directory: string, files: readonly string[], flags: Flags) => run(directory, files, flags, io));
};

const run = async (directory: string, files: readonly string[], flags: Flags, io: CommandIo): Promise<void> => {
  const { scenario } = flags;
  if ((scenario === undefined) !== (flags.smallest === undefined)) {
    io.err("aks-twin: --scenario and --smallest go together: capacity DIR --scenario FILE --smallest.\n");
    io.exit(1);
    return;
  }
  const answer =
    scenario !== undefined
      ? (await import("./capacity-smallest.ts")).smallestAnswer(directory, { ...flags, scenario }, io)
      : directory === "merge" && files.length > 0
        ? mergeShards(files, flags.json === true, io)
        : flags.sweep === undefined
          ? answerOf(directory, flags, io)
          : await sweepAnswer(directory, { ...flags, sweep: flags.sweep }, io);
  for (const line of answer.problems) io.err(`${line}\n`);
  if (answer.text === undefined) io.exit(1);
  else io.out(answer.text);
};

const answerOf = (directory: string, flags: Flags, io: CommandIo): CapacityAnswer => {
  // All clusters are read, since others may have addresses of the same subnets.
  const { cluster: name, ...others } = flags;
  const head = reviewInput(directory, others, io);
  if ("problem" in head) return refusal(head.problem);
  const asked = flags.workload.length === 0 ? undefined : flags.workload;
  const prices = flags.prices === undefined ? undefined : readPrices(flags.prices, io.cwd);
  if (prices === "unreadable") return refusal(`"${flags.prices ?? ""}" is no JSON of Azure retail prices.`);
  const read = readPlatform(head.input);
  const wanted = name === undefined ? undefined : clusterNamed(read.platform, name);
  if (name !== undefined && wanted === undefined) return refusal(`there is no cluster "${name}".`);
  const progress = progressLine(io, flags.quiet === true);
  const onPart = (part: number, of: number): void => progress.show("room that is left", part, of);
  const { value: all, diagnostics } = platformCapacity(read, { workloads: asked, prices, onPart });
  const clusters = all.filter(({ cluster }) => wanted === undefined || cluster === wanted.address);
  progress.end();
  const problems = diagnostics.filter(({ severity }) => severity !== "info").map(problemLine);
  if (clusters.length === 0)
    return refusal("the configuration has no AKS cluster whose capacity could be told.", problems);
  const known = new Set(clusters.flatMap(({ workloads }) => workloads.map(({ workload }) => workload)));
  const strange = asked?.find((address) => !known.has(address));
  if (strange !== undefined)
    return refusal(`there is no workload "${strange}". Give it as Kind/namespace/name, such as Deployment/shop/web.`);
  if (flags.json !== true) {
    const color = io.isTerminal && io.env["NO_COLOR"] === undefined;
    return { problems, text: capacityText(clusters, { full: flags.full === true, color }) };
  }
  const answer = {
    clusters: clusters.map((capacity) => ({ ...capacity, verdict: capacityVerdict(capacity) })),
    diagnostics: diagnostics.map(({ code, severity, summary, detail }) => ({ code, severity, summary, detail })),
  };
  return { problems, text: `${JSON.stringify(answer, undefined, 2)}\n` };
};
