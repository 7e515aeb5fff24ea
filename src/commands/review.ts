import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { loadCel } from "../cluster/cel.ts";
import { writeBaseline } from "../findings/baseline.ts";
import { type Configuration, loadConfiguration } from "../load/configuration.ts";
import type { Outcome, Severity } from "../model/diagnostic.ts";
import { formatPlace } from "../model/source-range.ts";
import { reviewWithGraph } from "../pipeline.ts";
import type { ReviewInput } from "../read-platform.ts";
import { plainLine, withoutCommands } from "../report/escape.ts";
import { formats } from "../report/formats.ts";
import type { Report } from "../report/report.ts";
import { toolVersion } from "../version.ts";
import { type BaseFlags, type BaseSource, baseInput, baseSource } from "./base-input.ts";
import type { CommandIo, ConfigureCommand } from "./command.ts";
import { addPlatformOptions, type PlatformFlags, reviewInput } from "./platform-options.ts";
import { progressLine } from "./progress.ts";
import { readLines, stageTimer, stageWords, watchTree } from "./review-progress.ts";
import { shownConfiguration } from "./show-config.ts";
import { shownSource } from "./shown-source.ts";

interface Flags extends PlatformFlags, BaseFlags {
  readonly baseline?: string;
  readonly writeBaseline?: string;
  readonly format: readonly string[];
  readonly output?: string;
  readonly failOn?: string;
  readonly showConfig?: true;
  readonly quiet?: true;
  readonly verbose?: true;
  readonly timings?: true;
}

export const configure: ConfigureCommand = (command, io) => {
  addPlatformOptions(command.argument("[dir]", "the folder of the root module", "."))
    .option("--base <dir>", "the folder before the change, to compare with")
    .option("--base-ref <ref>", "the commit before the change, such as origin/main; the work tree is not touched")
    .option("--base-plan <file>", "the plan before the change, as --plan")
    .option("--baseline <file>", "findings that were accepted before; they are listed and do not count")
    .option("--write-baseline <file>", "write the open findings as such a file")
    .option(
      "--format <format[=file]>",
      `${Object.keys(formats).join(", ")}; may be repeated, each with a file of its own`,
      (format: string, before: readonly string[]) => [...before, format],
      [] as readonly string[],
    )
    .option("--output <file>", "write there instead of standard output")
    .option("--fail-on <severity>", "exit with 2 from this severity on: error (default), warning, info, or none")
    .option("--show-config", "say what holds and where each value comes from, and stop")
    .option("--quiet", "nothing but the verdict's line on standard output; other formats and the exit code stay")
    .option(
      "--verbose",
      "list on standard error what was read: files, modules, manifests, mocks; the text report tells what is monitored",
    )
    .option("--timings", "print on standard error how many milliseconds each stage took")
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
  if (flags.showConfig === true) return showConfig(head.input, flags, io);
  const base = baseSource(directory, flags, head.input, io);
  if ("problem" in base) return problem(base.problem);
  try {
    await compareAndReport(directory, flags, targets, head.input, base.source, io);
  } finally {
    base.remove();
  }
};

const showConfig = (head: ReviewInput, flags: Flags, io: CommandIo): void => {
  const { value, diagnostics } = configurationOf(head);
  io.out(shownConfiguration(value, flags));
  for (const { range, summary, detail } of diagnostics)
    io.err(`${range === undefined ? "" : `${formatPlace(range)}: `}${summary}: ${detail}\n`);
  if (diagnostics.some(({ severity }) => severity === "error")) io.exit(1);
};

interface Target {
  readonly name: string;
  readonly file: string | undefined;
}

const compareAndReport = async (
  directory: string,
  flags: Flags,
  targets: readonly Target[],
  head: ReviewInput,
  before: BaseSource | undefined,
  io: CommandIo,
): Promise<void> => {
  const problem = (text: string): void => {
    io.err(`aks-twin: ${text}\n`);
    io.exit(1);
  };
  const base = before === undefined ? undefined : baseInput(before, io);
  if (base !== undefined && "problem" in base) return problem(`the base: ${base.problem}`);
  const baseline = flags.baseline === undefined ? undefined : textOf(resolve(io.cwd, flags.baseline));
  if (flags.baseline !== undefined && baseline === undefined) return problem(`"${flags.baseline}" is not there.`);
  const { value: configuration } = configurationOf(head);
  const threshold = flags.failOn ?? configuration.failOn ?? "error";
  if (!isThreshold(threshold)) return problem(`"${threshold}" is no severity; give error, warning, info or none.`);

  const sides = base === undefined ? [configuration] : [configuration, configurationOf(base.input).value];
  const hasPolicies = sides.some(({ policies }) => policies.length > 0);

  const watched = watchTree(head.tree);
  const watchedBase = base === undefined ? undefined : watchTree(base.input.tree);
  const timer = stageTimer(() => performance.now());
  const progress = progressLine(io, flags.quiet === true);
  const { report, graph } = reviewWithGraph(
    { ...head, tree: watched.tree },
    base === undefined || watchedBase === undefined ? undefined : { ...base.input, tree: watchedBase.tree },
    {
      ...(hasPolicies ? { cel: await loadCel() } : {}),
      version: toolVersion(),
      root: directory,
      today: new Date().toISOString().slice(0, 10),
      ...(baseline === undefined ? {} : { baseline: { text: baseline, file: flags.baseline ?? "" } }),
      onStage: (stage) => {
        timer.enter(stage);
        progress.show(stageWords[stage]);
      },
      onRead: (read) => {
        if (flags.verbose !== true) return;
        const isHead = read.input.tree === watched.tree;
        progress.end();
        const files = isHead ? watched.read() : (watchedBase?.read() ?? []);
        io.err(readLines(isHead ? "head" : "base", read, files, flags.mocks));
      },
    },
  );
  progress.end();
  if (flags.writeBaseline !== undefined)
    writeFileSync(resolve(io.cwd, flags.writeBaseline), writeBaseline(report.findings));
  for (const { name, file } of targets) {
    const reporter = await formats[name]?.();
    if (reporter === undefined) continue;
    const target = file ?? flags.output;
    if (flags.quiet === true && name === "text" && target === undefined) {
      io.out(`${withoutCommands(plainLine(report.verdict.summary))}\n`);
      continue;
    }
    const text = reporter(report, {
      ...(target === undefined && io.isTerminal ? { color: io.env["NO_COLOR"] === undefined } : {}),
      ...(flags.verbose === true ? { verbose: true } : {}),
      ...(name === "html" ? { graph: graph(), sourceOf: shownSource(head.tree, watched.read()) } : {}),
    });
    if (target === undefined) io.out(text);
    else writeFileSync(resolve(io.cwd, target), text);
  }
  if (flags.timings === true) io.err(timer.lines());
  if (reaches(report, threshold)) io.exit(2);
};

const configurationOf = ({ tree, directory }: ReviewInput): Outcome<Configuration> =>
  loadConfiguration(join(tree.root, directory), directory, tree.root);

const textOf = (path: string): string | undefined =>
  existsSync(path) && statSync(path).isFile() ? readFileSync(path, "utf8") : undefined;

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
