import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { recordOf } from "../../src/commands/console.ts";
import { openConsole } from "../../src/evaluate/console.ts";
import { evaluateTerraform } from "../../src/evaluate/evaluate.ts";
import { planJson } from "../../src/evaluate/plan-json.ts";
import { openSourceTree, type SourceTree } from "../../src/load/source-tree.ts";

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
