import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { recordOf } from "../../src/commands/console.ts";
import { openConsole } from "../../src/evaluate/console.ts";
import { evaluateTerraform } from "../../src/evaluate/evaluate.ts";
import { planJson } from "../../src/evaluate/plan-json.ts";
import { openSourceTree, type SourceTree } from "../../src/load/source-tree.ts";
import { treeOf as treeOfFiles } from "./tree-of.ts";

const folder = "test/conformance/terraform-functions";

const treeOf = (path: string): SourceTree => {
  const tree = openSourceTree(path);
  if (tree === undefined) throw new Error(`no folder ${path}`);
  return tree;
};

const recorded = <T>(path: string): T => JSON.parse(readFileSync(`${folder}/${path}`, "utf8")) as T;

interface Case {
  readonly expr: string;
  readonly console?: string;
  readonly type?: string;
  readonly error?: string;
}

test("edge cases of every function: null, unknown, sensitive, empty, wrong types, Unicode", () => {
  const { cases } = recorded<{ readonly cases: readonly Case[] }>("more-cases.json");
  const { value } = evaluateTerraform({
    tree: treeOf(`${folder}/more-fixtures`),
    directory: "",
    terraformVersion: "1.11",
  });
  const ask = openConsole(value);
  const answers = cases.map((entry): Case => {
    const { expr, console, type, error } = recordOf(entry.expr, ask);
    if (error !== undefined) return { expr, error: error.replace(/\s+/g, " ") };
    return {
      expr,
      ...(console === undefined ? {} : { console }),
      ...(entry.type === undefined || type === undefined ? {} : { type }),
    };
  });
  expect(answers).toEqual(cases);
  expect(cases.length).toBeGreaterThan(1500);
});

test("expressions over unknown values are known exactly where Terraform knows them", () => {
  const { cases } = recorded<{ readonly cases: readonly { readonly expr: string }[] }>("unknown/cases.json");
  const { value, diagnostics } = evaluateTerraform({
    tree: treeOf(`${folder}/unknown`),
    directory: "",
    terraformVersion: "1.11",
  });
  const plan = planJson(value, diagnostics, {
    terraformVersion: "1.11.4",
    directory: "",
    byteAt: (_, offset) => offset,
  });
  const { output_changes: changes } = JSON.parse(JSON.stringify(plan)) as {
    readonly output_changes: Readonly<Record<string, { readonly after?: unknown; readonly after_unknown: unknown }>>;
  };
  const answers = cases.map(({ expr }, index) => {
    const { after, after_unknown } = changes[`o${index}`] ?? { after_unknown: undefined };
    return { expr, ...(after === undefined ? {} : { after }), after_unknown };
  });
  expect(answers).toEqual(cases);
  expect(diagnostics).toEqual([]);
});

test("problems of expressions stand where Terraform puts them, in its words", () => {
  const { diagnostics: expected } = recorded<{ readonly diagnostics: readonly unknown[] }>("ranges/expected.json");
  const { diagnostics } = evaluateTerraform({
    tree: treeOf(`${folder}/ranges`),
    directory: "",
    terraformVersion: "1.11",
  });
  const places = diagnostics.map(({ summary, detail, range }) => ({
    summary,
    detail,
    start: [range?.start.line, range?.start.column],
    end: [range?.end.line, range?.end.column],
  }));
  expect(new Set(places.map((place) => JSON.stringify(place)))).toEqual(
    new Set(expected.map((place) => JSON.stringify(place))),
  );
});

interface Change {
  readonly after?: unknown;
  readonly after_unknown?: unknown;
  readonly after_sensitive?: unknown;
}

interface RecordedPlan {
  readonly output_changes: Readonly<Record<string, Change>>;
  readonly resource_changes: readonly {
    readonly change: { readonly after: { readonly input?: unknown }; readonly after_sensitive: { input?: unknown } };
  }[];
}

const planOf = (text: string): RecordedPlan => {
  const { value, diagnostics } = evaluateTerraform({
    tree: treeOfFiles({ "main.tf": text }),
    directory: "",
    terraformVersion: "1.11",
  });
  expect(diagnostics).toEqual([]);
  const options = { terraformVersion: "1.11.4", directory: "", byteAt: (_: unknown, offset: number) => offset };
  return JSON.parse(JSON.stringify(planJson(value, diagnostics, options))) as RecordedPlan;
};

const recordedLines = (path: string): readonly (Change & { readonly expr: string })[] =>
  readFileSync(`${folder}/${path}`, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Change & { readonly expr: string });

test("recorded expressions with each constant in turn unknown (3,516 outputs planned by Terraform 1.11.4)", () => {
  const cases = recordedLines("unknown.jsonl");
  const { output_changes: changes } = planOf(`resource "terraform_data" "a" {}
locals {
  u = terraform_data.a.id
  d = jsondecode(terraform_data.a.id)
}
${cases.map(({ expr }, index) => `output "o${index}" {\n  value = ${expr}\n}`).join("\n")}`);
  const answers = cases.map(({ expr }, index) => {
    const { after, after_unknown } = changes[`o${index}`] ?? {};
    return { expr, ...(after === undefined ? {} : { after }), after_unknown };
  });
  expect(answers).toEqual(cases);
});

test("recorded expressions with each constant in turn sensitive (2,121 resources planned by Terraform 1.11.4)", () => {
  const cases = recordedLines("sensitive.jsonl");
  const { resource_changes: changes } = planOf(
    cases.map(({ expr }, index) => `resource "terraform_data" "o${10_000 + index}" {\n  input = ${expr}\n}`).join("\n"),
  );
  const answers = cases.map(({ expr }, index) => {
    const { after, after_sensitive } = changes[index]?.change ?? { after: {}, after_sensitive: {} };
    return { expr, after: after.input, after_sensitive: after_sensitive.input };
  });
  expect(answers).toEqual(cases);
});

interface Problem {
  readonly summary: string;
  readonly detail: string | undefined;
  readonly from: number;
  readonly to: number;
}

test("recorded expressions with constants exchanged: values, and problems with their places (Terraform 1.11.4)", () => {
  const cases = readFileSync(`${folder}/changed.jsonl`, "utf8")
    .trimEnd()
    .split("\n")
    .map(
      (line) => JSON.parse(line) as { readonly expr: string; readonly after?: unknown; readonly errors?: Problem[] },
    );
  const outputsOf = (exprs: readonly string[]): string =>
    exprs.map((expr, index) => `output "o${index}" { value = (\n${expr}\n) }`).join("\n");
  const good = cases.filter(({ errors }) => errors === undefined);
  const { output_changes: changes } = planOf(outputsOf(good.map(({ expr }) => expr)));
  expect(good.map(({ expr }, index) => ({ expr, after: changes[`o${index}`]?.after }))).toEqual(good);

  const bad = cases.filter(({ errors }) => errors !== undefined);
  const { diagnostics } = evaluateTerraform({
    tree: treeOfFiles({ "main.tf": outputsOf(bad.map(({ expr }) => expr)) }),
    directory: "",
    terraformVersion: "1.11",
  });
  const told = new Map<number, Problem[]>();
  for (const { summary, detail, range } of diagnostics) {
    const index = ((range?.start.line ?? 0) - 2) / 3;
    const problem = { summary, detail, from: range?.start.column ?? 0, to: range?.end.column ?? 0 };
    told.set(index, [...(told.get(index) ?? []), problem]);
  }
  const inOrder = (problems: readonly Problem[]): readonly string[] =>
    problems.map((each) => JSON.stringify(each)).sort();
  expect(bad.map(({ expr }, index) => ({ expr, errors: inOrder(told.get(index) ?? []) }))).toEqual(
    bad.map(({ expr, errors }) => ({ expr, errors: inOrder(errors ?? []) })),
  );
});
