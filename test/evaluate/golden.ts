import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { evaluateTerraform } from "../../src/evaluate/evaluate.ts";
import { planJson } from "../../src/evaluate/plan-json.ts";
import type { VariableOption } from "../../src/evaluate/root-variables.ts";
import { readState } from "../../src/load/plan/state.ts";
import { openSourceTree } from "../../src/load/source-tree.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";

interface Command {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const readJson = (path: string): Json => JSON.parse(readFileSync(path, "utf8")) as Json;

const options = (args: readonly string[]): readonly VariableOption[] =>
  args.map((argument) => {
    const file = /^-var-file=(.*)$/s.exec(argument);
    if (file !== null) return { kind: "file", path: file[1] ?? "" };
    const value = /^-var=([^=]*)=(.*)$/s.exec(argument);
    return { kind: "value", name: value?.[1] ?? "", text: value?.[2] ?? "" };
  });

/** Evaluates the configuration of a recorded case, as its `cmd.json` says, and gives the form of `terraform show -json`. */
export const evaluateCase = (folder: string, mocks: JsonObject): JsonObject => {
  const tree = openSourceTree(folder);
  if (tree === undefined) throw new Error(`no folder ${folder}`);
  const command = existsSync(join(folder, "cmd.json")) ? (readJson(join(folder, "cmd.json")) as Command) : {};
  const stateFile = join(folder, "terraform.tfstate");
  const state = existsSync(stateFile) ? readState(readFileSync(stateFile), "terraform.tfstate").value : undefined;
  const { value, diagnostics } = evaluateTerraform({
    tree,
    directory: "",
    variables: options(command.args ?? []),
    environment: new Map(
      Object.entries(command.env ?? {}).flatMap(([name, text]) =>
        name.startsWith("TF_VAR_") ? [[name.slice("TF_VAR_".length), text] as const] : [],
      ),
    ),
    mocks: mocks as Readonly<Record<string, JsonObject>>,
    terraformVersion: "1.11.4",
    requireProviders: true,
    ...(state === undefined ? {} : { state }),
  });
  const byteAt = (file: string, offset: number): number => {
    const text = tree.readText(file).value ?? "";
    return text === "" ? offset : Buffer.byteLength(text.slice(0, offset));
  };
  return planJson(value, diagnostics, { terraformVersion: "1.11.4", directory: "", byteAt });
};

/** What the recording says and we do not, or the other way round, path by path. */
export const differences = (expected: Json | undefined, actual: Json | undefined, path: string): readonly string[] => {
  if (
    expected === undefined ||
    actual === undefined ||
    typeof expected !== "object" ||
    typeof actual !== "object" ||
    expected === null ||
    actual === null
  )
    return Object.is(expected, actual) ? [] : [`${path}: expected ${show(expected)}, got ${show(actual)}`];
  if (Array.isArray(expected) !== Array.isArray(actual))
    return [`${path}: expected ${show(expected)}, got ${show(actual)}`];
  const [left, right] = [expected as JsonObject, actual as JsonObject];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) =>
    differences(left[key], right[key], `${path}/${key}`),
  );
};

const show = (json: Json | undefined): string => (json === undefined ? "nothing" : JSON.stringify(json));

export const comparedParts = ["variables", "planned_values", "resource_changes", "output_changes", "checks"] as const;

/** A diagnostic as far as it is compared: severity, summary and place. Terraform may give one twice, or a closing remark. */
export const essence = (diagnostics: Json | undefined): readonly string[] => {
  const list = Array.isArray(diagnostics) ? (diagnostics as readonly JsonObject[]) : [];
  const lines = list
    .filter(({ summary }) => !String(summary).startsWith("Terraform encountered problems during initialisation"))
    .map(({ severity, summary, range }) => `${String(severity)}: ${sortCycle(String(summary))} ${place(range)}`);
  return [...new Set(lines)].sort();
};

const sortCycle = (summary: string): string =>
  summary.startsWith("Cycle: ") ? `Cycle: ${summary.slice(7).split(", ").sort().join(", ")}` : summary;

const place = (range: Json | undefined): string => {
  if (range === undefined || range === null || typeof range !== "object") return "-";
  const { filename, start, end } = range as JsonObject;
  return `${String(filename)} ${JSON.stringify(start)} ${JSON.stringify(end)}`;
};
