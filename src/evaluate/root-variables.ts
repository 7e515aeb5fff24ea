import type { Attribute } from "../load/hcl/ast.ts";
import { parseHclExpression } from "../load/hcl/parse-file.ts";
import { parseTfvars } from "../load/hcl/tfvars.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Module, VariableBlock } from "./module.ts";
import { literalValue } from "./module-decode-parts.ts";
import { joinPath } from "./module-path.ts";
import type { ModuleFiles } from "./module-tree.ts";
import { hasErrors, inputError, inputWarning } from "./problems.ts";
import { invalidValue, stringValue } from "./values-construct.ts";
import type { GivenVariable } from "./walk.ts";

/** One `-var` or `-var-file` of the command line; later ones win. */
export type VariableOption =
  | { readonly kind: "value"; readonly name: string; readonly text: string }
  | {
      readonly kind: "file";
      readonly path: string;
      /** The text of a file outside of the tree, which the user has named and the caller has read. */
      readonly text?: string;
    };

export interface VariableSources {
  readonly files: ModuleFiles;
  readonly directory: string;
  /** In the order of the command line. */
  readonly options: readonly VariableOption[];
  /** Values of `TF_VAR_name`, by name. */
  readonly environment: ReadonlyMap<string, string>;
}

/**
 * Collects the values of root variables: environment, `terraform.tfvars`, `terraform.tfvars.json`, `*.auto.tfvars` in order of name, and
 * the command line, each over the ones before it (Terraform language, "Variable Definition Precedence").
 */
export const collectVariables = (
  module: Module,
  { files, directory, options, environment }: VariableSources,
  report: (problem: Diagnostic) => void,
): ReadonlyMap<string, GivenVariable> => {
  const given = new Map<string, GivenVariable>();
  const sources = new Map<string, Source>();
  const unread = new Set<string>();
  for (const [name, text] of environment) {
    const block = module.variables.get(name);
    if (block !== undefined) sources.set(name, { kind: "text", text, from: `the environment variable TF_VAR_${name}` });
  }
  const fromFile = (path: string, text: string | undefined, isExplicit: boolean): void =>
    readFile(path, text, isExplicit, sources, unread, report);
  const names = files.list(directory) ?? [];
  for (const name of ["terraform.tfvars", "terraform.tfvars.json"])
    if (names.includes(name)) fromFile(joinPath(directory, name), files.read(joinPath(directory, name)), false);
  for (const name of names)
    if (/\.auto\.tfvars(\.json)?$/.test(name))
      fromFile(joinPath(directory, name), files.read(joinPath(directory, name)), false);
  for (const option of options) {
    if (option.kind === "file") {
      const path = option.text === undefined ? joinPath(directory, option.path) : option.path;
      fromFile(path, option.text ?? files.read(path), true);
    } else sources.set(option.name, { kind: "text", text: option.text, from: `-var="${option.name}=..."` });
  }
  // Only the last source of a value is read.
  for (const [name, source] of sources) {
    const block = module.variables.get(name);
    if (block === undefined) undeclared(name, source, report);
    else if (source.kind === "text") setFromText(block, source.text, source.from, given, report);
    else setFromFile(name, source, given, report);
  }
  if (unread.size > 0) return given;
  for (const [name, block] of module.variables)
    if (block.default === undefined && !given.has(name))
      report(
        inputError(
          "No value for required variable",
          `The variable "${name}" has no default and is not given. Give it with -var, with -var-file, or in a .auto.tfvars file.`,
          block.range,
        ),
      );
  return given;
};

/** What gives a variable its value: a text of the command line or environment, or an argument of a file. */
type Source =
  | { readonly kind: "text"; readonly text: string; readonly from: string }
  | { readonly kind: "argument"; readonly attribute: Attribute; readonly path: string };

const setFromFile = (
  name: string,
  { attribute, path }: Source & { readonly kind: "argument" },
  given: Map<string, GivenVariable>,
  report: (problem: Diagnostic) => void,
): void => {
  const problems: Diagnostic[] = [];
  const value = literalValue(attribute.value, { report: (problem) => problems.push(problem) });
  for (const problem of problems) report(problem);
  if (!hasErrors(problems)) given.set(name, { value, from: path, range: attribute.value.range });
};

const undeclared = (name: string, source: Source, report: (problem: Diagnostic) => void): void => {
  if (source.kind === "text") {
    report(
      inputError(
        "Value for undeclared variable",
        `The command line gives a value for "${name}", and the root module declares no such variable.`,
        undefined,
      ),
    );
    return;
  }
  const problems: Diagnostic[] = [];
  literalValue(source.attribute.value, { report: (problem) => problems.push(problem) });
  if (hasErrors(problems)) return;
  report({
    ...inputWarning(
      "Value for undeclared variable",
      `The file "${source.path}" gives a value for "${name}", and the root module declares no such variable. Declare it or take the value out.`,
      undefined,
    ),
    related: [{ message: "The value stands here", range: source.attribute.nameRange }],
  });
};

/** A text is taken as it is for a simple type, and read as an expression for any other. */
const setFromText = (
  block: VariableBlock,
  text: string,
  from: string,
  given: Map<string, GivenVariable>,
  report: (problem: Diagnostic) => void,
): void => {
  const { kind } = block.constraint.type;
  if (!block.typed || kind === "string" || kind === "number" || kind === "bool") {
    given.set(block.name, { value: stringValue(text), from, range: undefined });
    return;
  }
  const outcome = parseHclExpression(text, `<value for var.${block.name}>`);
  const problems = [...outcome.diagnostics];
  const value = hasErrors(problems)
    ? invalidValue
    : literalValue(outcome.value, { report: (problem) => problems.push(problem) });
  for (const problem of problems) report(problem);
  if (!hasErrors(problems)) given.set(block.name, { value, from, range: undefined });
};

const readFile = (
  path: string,
  text: string | undefined,
  isExplicit: boolean,
  sources: Map<string, Source>,
  unread: Set<string>,
  report: (problem: Diagnostic) => void,
): void => {
  if (text === undefined) {
    if (isExplicit) unread.add(path);
    if (isExplicit)
      report(
        inputError(
          "Failed to read variables file",
          `There is no file "${path}" below the root that is read.`,
          undefined,
        ),
      );
    return;
  }
  const outcome = parseTfvars(text, path);
  for (const problem of outcome.diagnostics) report(problem);
  if (hasErrors(outcome.diagnostics)) {
    unread.add(path);
    return;
  }
  for (const attribute of outcome.value.attributes) sources.set(attribute.name, { kind: "argument", attribute, path });
};
