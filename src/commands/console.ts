import { existsSync, statSync } from "node:fs";
import { relative, resolve } from "node:path";
import { openConsole } from "../evaluate/console.ts";
import { evaluateTerraform } from "../evaluate/evaluate.ts";
import type { VariableOption } from "../evaluate/root-variables.ts";
import { formatType, formatValue } from "../evaluate/values-console.ts";
import { valueToJsonText } from "../evaluate/values-json.ts";
import { typeOf } from "../evaluate/values-type.ts";
import { openSourceTree } from "../load/source-tree.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Value } from "../model/value.ts";
import type { CommandIo, ConfigureCommand } from "./command.ts";
import { consoleDetail } from "./console-wording.ts";
import { variableOption } from "./platform-options.ts";

interface Flags {
  readonly terraformVersion?: string;
  readonly root?: string;
  readonly json?: true;
}

/** What is printed for one expression: the fields of `test/conformance/terraform-functions`. */
export interface ConsoleRecord {
  readonly expr: string;
  readonly json?: unknown;
  readonly type?: string;
  readonly console?: string;
  readonly jsonError?: string;
  readonly jsonRaw?: string;
  readonly error?: string;
}

export const configure: ConfigureCommand = (command, io) => {
  const variables: VariableOption[] = [];
  command
    .argument("[dir]", "the directory of the root module", ".")
    .option("--var <name=value>", "a value of a variable; may be repeated", (text: string) => {
      variables.push(variableOption(text));
    })
    .option("--terraform-version <version>", "whose language it is: 1.11 evaluates both sides of && and ||")
    .option("--root <dir>", "the directory that files may be read from; default: DIR")
    .option("--json", "one JSON line an expression")
    .action(async (directory: string, flags: Flags) => run(directory, flags, variables, io));
};

const run = async (given: string, flags: Flags, variables: readonly VariableOption[], io: CommandIo): Promise<void> => {
  const directory = resolve(io.cwd, given);
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    io.err(`aks-twin: "${given}" is not a directory.\n`);
    io.exit(1);
    return;
  }
  const root = flags.root === undefined ? directory : resolve(io.cwd, flags.root);
  const tree = openSourceTree(root);
  if (tree === undefined) {
    io.err(`aks-twin: "${root}" cannot be read.\n`);
    io.exit(1);
    return;
  }
  const { value, diagnostics } = evaluateTerraform({
    tree,
    directory: tree.shownPath(relative(root, directory)) ?? "",
    variables,
    ...(flags.terraformVersion === undefined ? {} : { terraformVersion: flags.terraformVersion }),
  });
  for (const { severity, summary, detail } of diagnostics) io.err(`${severity}: ${summary}\n  ${detail}\n`);
  const ask = openConsole(value);
  for (const line of (await io.stdin()).split("\n")) {
    const expr = line.trim();
    if (expr === "exit") break;
    if (expr === "") continue;
    const record = recordOf(expr, ask);
    if (flags.json === true) io.out(`${JSON.stringify(record)}\n`);
    else if (record.error !== undefined) io.err(`${record.error}\n`);
    else io.out(`${record.console}\n`);
  }
};

/** The answer to one expression, in Terraform's words. */
export const recordOf = (expr: string, ask: ReturnType<typeof openConsole>): ConsoleRecord => {
  const { value: answer, diagnostics } = ask(expr);
  if (diagnostics.some(({ severity }) => severity === "error"))
    return { expr, error: diagnostics.map(errorText).join("\n\n") };
  if (answer.typeOf !== undefined) return { expr, console: formatType(typeOf(answer.typeOf)) };
  const printed = formatValue(answer.value);
  return { expr, ...jsonFields(answer.value, ask, expr), type: formatType(typeOf(answer.value)), console: printed };
};

/** What `jsonencode` of the expression comes to: a value, a text that is not shown, or an error. */
const jsonFields = (
  value: Value,
  ask: ReturnType<typeof openConsole>,
  expr: string,
): Pick<ConsoleRecord, "json" | "jsonError" | "jsonRaw"> => {
  const { value: encoded, diagnostics } = ask(`jsonencode(${expr})`);
  if (diagnostics.length > 0) return { jsonError: diagnostics.map(errorText).join("\n\n") };
  const text = formatValue(encoded.value);
  if (text.startsWith("(")) return { jsonRaw: text };
  const json = valueToJsonText(value);
  return typeof json === "string" ? { json: JSON.parse(json) as unknown } : {};
};

const errorText = (problem: Diagnostic): string => {
  const place =
    problem.range === undefined
      ? ""
      : `  on ${problem.range.file} line ${problem.range.start.line}:\n  (source code not available)\n\n`;
  const detail = consoleDetail(problem)
    .split("\n")
    .map((line) => (line.startsWith(" ") ? line : wrap(line)))
    .join("\n");
  return `${problem.severity === "error" ? "Error" : "Warning"}: ${problem.summary}\n\n${place}${detail}`.trimEnd();
};

/** Terraform's box leaves this many columns for text. */
const columns = 75;

const wrap = (line: string): string => {
  const lines: string[] = [];
  let current = "";
  for (const word of line.split(" ")) {
    if (current !== "" && current.length + 1 + word.length > columns) {
      lines.push(current);
      current = word;
    } else current = current === "" ? word : `${current} ${word}`;
  }
  return [...lines, current].join("\n");
};
