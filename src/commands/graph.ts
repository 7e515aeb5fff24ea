import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { buildGraph } from "../graph/build-graph.ts";
import { formatPlace } from "../model/source-range.ts";
import { readPlatform } from "../read-platform.ts";
import { plainLine } from "../report/escape.ts";
import { graphFormats } from "../report/graph-formats.ts";
import type { CommandIo, ConfigureCommand } from "./command.ts";
import { addPlatformOptions, type PlatformFlags, reviewInput } from "./platform-options.ts";

interface Flags extends PlatformFlags {
  readonly format: string;
  readonly output?: string;
}

export const configure: ConfigureCommand = (command, io) => {
  addPlatformOptions(command.argument("[dir]", "the folder of the root module", "."))
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
  const given = reviewInput(directory, flags, io);
  if ("problem" in given) return problem(given.problem);
  const read = readPlatform(given.input);
  for (const { severity, code, summary, detail, range } of read.diagnostics) {
    if (severity !== "error") continue;
    io.err(`${plainLine(`${range === undefined ? "" : `${formatPlace(range)}: `}${code} ${summary}: ${detail}`)}\n`);
  }
  const render = await graphFormats[flags.format]?.();
  const text = render?.(buildGraph(read.platform, read.instances, read.objects)) ?? "";
  if (flags.output === undefined) io.out(text);
  else writeFileSync(resolve(io.cwd, flags.output), text);
};
