import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { loadConfiguration } from "../load/configuration.ts";
import type { Severity } from "../model/diagnostic.ts";
import { review } from "../pipeline.ts";
import { formats } from "../report/formats.ts";
import type { Report } from "../report/report.ts";
import { toolVersion } from "../version.ts";
import type { CommandIo, ConfigureCommand } from "./command.ts";
import { addPlatformOptions, type PlatformFlags, reviewInput } from "./platform-options.ts";

interface Flags extends PlatformFlags {
  readonly base?: string;
  readonly format: readonly string[];
  readonly output?: string;
  readonly failOn?: string;
}

export const configure: ConfigureCommand = (command, io) => {
  addPlatformOptions(command.argument("[dir]", "the folder of the root module", "."))
    .option("--base <dir>", "the state before the change, to compare with")
    .option(
      "--format <format[=file]>",
      `${Object.keys(formats).join(", ")}; may be repeated, each with a file of its own`,
      (format: string, before: readonly string[]) => [...before, format],
      [] as readonly string[],
    )
    .option("--output <file>", "write there instead of standard output")
    .option("--fail-on <severity>", "exit with 2 from this severity on: error (default), warning, info, or none")
    .action((directory: string, flags: Flags) => run(directory, flags, io));
};

const run = async (directory: string, flags: Flags, io: CommandIo): Promise<void> => {
  const problem = (text: string): void => {
    io.err(`aks-twin: ${text}\n`);
    io.exit(1);
  };
  const targets = (flags.format.length === 0 ? ["text"] : flags.format).map((given) => {
    const [name = "", ...file] = given.split("=");
    return { name, file: file.length > 0 ? file.join("=") : undefined };
  });
  const strange = targets.find(({ name }) => !Object.hasOwn(formats, name));
  if (strange !== undefined)
    return problem(`no format "${strange.name}"; there are ${Object.keys(formats).join(", ")}.`);
  if (targets.filter(({ file }) => file === undefined).length > 1)
    return problem("only one format can go to standard output; give the others a file: --format sarif=out.sarif.");
  const head = reviewInput(directory, flags, io);
  if ("problem" in head) return problem(head.problem);
  const base = flags.base === undefined ? undefined : reviewInput(flags.base, { ...flags, manifests: [] }, io);
  if (base !== undefined && "problem" in base) return problem(base.problem);
  const configured = loadConfiguration(resolve(io.cwd, directory), "").value.failOn;
  const threshold = flags.failOn ?? configured ?? "error";
  if (!isThreshold(threshold)) return problem(`"${threshold}" is no severity; give error, warning, info or none.`);

  const report = review(head.input, base?.input, {
    version: toolVersion(),
    root: directory,
    today: new Date().toISOString().slice(0, 10),
  });
  for (const { name, file } of targets) {
    const reporter = await formats[name]?.();
    if (reporter === undefined) continue;
    const target = file ?? flags.output;
    const text = reporter(
      report,
      target === undefined && io.isTerminal ? { color: io.env["NO_COLOR"] === undefined } : {},
    );
    if (target === undefined) io.out(text);
    else writeFileSync(resolve(io.cwd, target), text);
  }
  if (reaches(report, threshold)) io.exit(2);
};

const levels: Readonly<Record<Severity, number>> = { info: 1, warning: 2, error: 3 };

const isThreshold = (text: string): text is Severity | "none" =>
  text === "none" || text === "error" || text === "warning" || text === "info";

/** With a base only what the change brings counts. */
const reaches = (report: Report, threshold: Severity | "none"): boolean =>
  threshold !== "none" &&
  report.findings.some(
    (finding) =>
      finding.suppressed === undefined &&
      finding.status !== "unchanged" &&
      levels[finding.severity] >= levels[threshold],
  );
