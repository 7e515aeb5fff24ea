import type { Diagnostic } from "../model/diagnostic.ts";
import { formatPlace } from "../model/source-range.ts";
import { readPlatform } from "../pipeline.ts";
import { capacityText } from "../report/capacity-text.ts";
import { capacityVerdict } from "../report/capacity-verdict.ts";
import { platformCapacity } from "./capacity-platform.ts";
import type { CommandIo, ConfigureCommand } from "./command.ts";
import { addPlatformOptions, type PlatformFlags, reviewInput } from "./platform-options.ts";

interface Flags extends PlatformFlags {
  readonly workload: readonly string[];
  readonly json?: true;
  readonly full?: true;
}

export const configure: ConfigureCommand = (command, io) => {
  addPlatformOptions(command.argument("[dir]", "the folder of the root module", "."))
    .option(
      "--workload <address>",
      "a workload to add replicas of, such as Deployment/shop/web; may be repeated. Default: every Deployment and StatefulSet",
      (address: string, before: readonly string[]) => [...before, address],
      [] as readonly string[],
    )
    .option("--json", "the answer as JSON, see schemas/capacity.schema.json")
    .option("--full", "every workload and assumption in the text")
    .action((directory: string, flags: Flags) => run(directory, flags, io));
};

const run = (directory: string, flags: Flags, io: CommandIo): void => {
  const answer = answerOf(directory, flags, io);
  for (const line of answer.problems) io.err(`${line}\n`);
  if (answer.text === undefined) io.exit(1);
  else io.out(answer.text);
};

interface Answer {
  /** Nothing where the command could not run. */
  readonly text: string | undefined;
  readonly problems: readonly string[];
}

const refusal = (text: string, problems: readonly string[] = []): Answer => ({
  text: undefined,
  problems: [...problems, `aks-twin: ${text}`],
});

const answerOf = (directory: string, flags: Flags, io: CommandIo): Answer => {
  const head = reviewInput(directory, flags, io);
  if ("problem" in head) return refusal(head.problem);
  const asked = flags.workload.length === 0 ? undefined : flags.workload;
  const { value: clusters, diagnostics } = platformCapacity(readPlatform(head.input), asked);
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

const problemLine = ({ severity, code, range, summary, detail }: Diagnostic): string =>
  `${severity} ${code}${range === undefined ? "" : ` ${formatPlace(range)}`} ${summary}: ${detail}`;
