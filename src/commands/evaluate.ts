import { existsSync, readFileSync, statSync } from "node:fs";
import { relative, resolve } from "node:path";
import { evaluateTerraform } from "../evaluate/evaluate.ts";
import { planJson } from "../evaluate/plan-json.ts";
import type { VariableOption } from "../evaluate/root-variables.ts";
import { configurationRoot } from "../load/configuration-root.ts";
import { readState, type TerraformState } from "../load/plan/state.ts";
import { openSourceTree, type SourceTree } from "../load/source-tree.ts";
import { type Diagnostic, diagnostic } from "../model/diagnostic.ts";
import { formatPlace } from "../model/source-range.ts";
import type { CommandIo, ConfigureCommand } from "./command.ts";
import { readMocks, terraformVariables, withText } from "./platform-options.ts";

interface Flags {
  readonly state?: string;
  readonly mocks?: string;
  readonly terraformVersion?: string;
  readonly root?: string;
  readonly workspace?: string;
  readonly json?: true;
}

export const configure: ConfigureCommand = (command, io) => {
  const variables: VariableOption[] = [];
  const malformed: string[] = [];
  command
    .argument("[dir]", "the directory of the root module", ".")
    .option("--var <name=value>", "a value of a variable; may be repeated", (text: string) => {
      const at = text.indexOf("=");
      if (at < 1) malformed.push(text);
      else variables.push({ kind: "value", name: text.slice(0, at).trim(), text: text.slice(at + 1) });
    })
    .option("--var-file <file>", "a file of values; may be repeated, and later ones win", (path: string) => {
      variables.push({ kind: "file", path });
    })
    .option("--state <file>", "the state to plan against")
    .option("--mocks <file>", 'values of data sources, {"data.TYPE": {...}, "data.TYPE.NAME": {...}}')
    .option("--terraform-version <version>", "whose language it is: 1.11 evaluates both sides of && and ||")
    .option("--root <dir>", "the directory that modules and files may be read from; default: the repository around DIR")
    .option("--workspace <name>", "the value of terraform.workspace")
    .option("--json", "the form of `terraform show -json` of a plan")
    .action((directory: string, flags: Flags) => evaluate(directory, flags, variables, malformed, io));
};

const evaluate = (
  given: string,
  flags: Flags,
  variables: readonly VariableOption[],
  malformed: readonly string[],
  io: CommandIo,
): void => {
  const directory = resolve(io.cwd, given);
  const root = flags.root === undefined ? configurationRoot(directory) : resolve(io.cwd, flags.root);
  const tree = existsSync(directory) && statSync(directory).isDirectory() ? openSourceTree(root) : undefined;
  if (tree === undefined) {
    io.err(`aks-twin: "${given}" is not a directory.\n`);
    io.exit(1);
    return;
  }
  const problems: Diagnostic[] = malformed.map((text) =>
    commandError("Invalid -var option", `"${text}" is no value of a variable: give it as NAME=VALUE.`),
  );
  const below = tree.shownPath(relative(root, directory)) ?? "";
  if (!tree.list(below || ".").some(({ name }) => name.endsWith(".tf") || name.endsWith(".tf.json")))
    problems.push(
      commandError(
        "No configuration files",
        `"${given}" has no .tf and no .tf.json file. Give the directory of a root module.`,
      ),
    );
  const mocks = flags.mocks === undefined ? {} : readMocks(resolve(io.cwd, flags.mocks));
  if (mocks === undefined) problems.push(unreadable(flags.mocks ?? "", "mocks"));
  const state = readStateFile(flags.state, io.cwd, problems);
  const version = flags.terraformVersion;
  const { value, diagnostics } = evaluateTerraform({
    tree,
    directory: below,
    variables: variables.map((option) => withText(option, io.cwd, directory)),
    environment: terraformVariables(io.env),
    mocks: mocks ?? {},
    requireProviders: true,
    ...(state === undefined ? {} : { state }),
    ...(version === undefined ? {} : { terraformVersion: version }),
    ...(flags.workspace === undefined ? {} : { workspace: flags.workspace }),
  });
  const all = [...problems, ...diagnostics];
  if (flags.json === true)
    io.out(
      `${JSON.stringify(planJson(value, all, { terraformVersion: value.terraformVersion, directory: below, byteAt: byteCounter(tree) }))}\n`,
    );
  else
    for (const { address, actions } of value.instances)
      if (actions[0] !== "no-op") io.out(`${actions.join(" and ")} ${address}\n`);
  for (const problem of all) io.err(`${problemText(problem)}\n`);
  if (all.some(({ severity }) => severity === "error")) io.exit(1);
};

const commandError = (summary: string, detail: string): Diagnostic =>
  diagnostic({ code: "AKS9121", severity: "error", summary, detail });

const unreadable = (file: string, what: string): Diagnostic =>
  commandError(
    `The file of ${what} cannot be read`,
    `"${file}" is not there, or is no JSON object. Give the path of a file.`,
  );

const readStateFile = (file: string | undefined, cwd: string, problems: Diagnostic[]): TerraformState | undefined => {
  if (file === undefined) return undefined;
  try {
    const { value, diagnostics } = readState(readFileSync(resolve(cwd, file)), file);
    problems.push(...diagnostics);
    return value;
  } catch {
    problems.push(unreadable(file, "state"));
    return undefined;
  }
};

/** Counts the bytes before a place of a file; each file is read once. */
const byteCounter = (tree: SourceTree): ((file: string, offset: number) => number) => {
  const texts = new Map<string, string>();
  return (file, offset) => {
    let text = texts.get(file);
    if (text === undefined) {
      text = tree.kindOf(file) === "file" ? (tree.readText(file).value ?? "") : "";
      texts.set(file, text);
    }
    return text === "" ? offset : Buffer.byteLength(text.slice(0, offset));
  };
};

const problemText = (problem: Diagnostic): string => {
  const { severity, code, summary, detail, range } = problem;
  const place = range === undefined ? "" : `\n  ${formatPlace(range)}`;
  return `${severity} ${code}: ${summary}${place}\n  ${detail.split("\n").join("\n  ")}`;
};
