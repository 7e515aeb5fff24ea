import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { recordOf } from "../../src/commands/console.ts";
import { openConsole } from "../../src/evaluate/console.ts";
import { evaluateTerraform } from "../../src/evaluate/evaluate.ts";
import { openSourceTree } from "../../src/load/source-tree.ts";

interface Case {
  readonly expr: string;
  readonly terraform_1_13_3?: Readonly<Record<string, unknown>>;
}

const folder = "test/conformance/terraform-functions";
const { cases } = JSON.parse(readFileSync(`${folder}/cases.json`, "utf8")) as { readonly cases: readonly Case[] };

const consoleFor = (version: string): ReturnType<typeof openConsole> => {
  const tree = openSourceTree(`${folder}/fixtures`);
  if (tree === undefined) throw new Error("no fixtures");
  return openConsole(evaluateTerraform({ tree, directory: "", terraformVersion: version }).value);
};

test("all recorded expressions of Terraform 1.11.4 have the recorded value, type, text or error", () => {
  const ask = consoleFor("1.11");
  const answers = cases.map(({ expr }): unknown => JSON.parse(JSON.stringify(recordOf(expr, ask))));
  expect(answers).toEqual(cases.map(({ terraform_1_13_3: _, ...rest }) => rest));
  expect(cases.length).toBe(478);
});

test("what Terraform 1.13.3 answers otherwise is answered so by default", () => {
  const ask = consoleFor("1.13");
  const changed = cases.filter((entry) => entry.terraform_1_13_3 !== undefined);
  expect(changed.map(({ expr }) => ({ console: recordOf(expr, ask).console }))).toEqual(
    changed.map((entry) => entry.terraform_1_13_3),
  );
});
