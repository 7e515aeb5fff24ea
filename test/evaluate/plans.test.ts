import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { comparedParts, differences, essence, evaluateCase } from "./golden.ts";

/** Configurations planned by Terraform 1.11.4 with a stand-in provider that serves the real schemas; see the README there. */
const roots = ["test/conformance/terraform", "test/conformance/terraform-more"];
const readJson = (path: string): Json => JSON.parse(readFileSync(path, "utf8")) as Json;
const mocks = readJson("test/conformance/terraform/mocks.json") as JsonObject;
const cases = roots.flatMap((root) =>
  readdirSync(root)
    .map((name) => join(root, name))
    .filter((folder) => statSync(folder).isDirectory()),
);

test("all recorded plans are there", () => {
  expect(cases.length).toBeGreaterThanOrEqual(187);
});

test.each(cases)("%s", (folder) => {
  const actual = evaluateCase(folder, mocks);
  const expectedProblems = join(folder, "expected.diagnostics.json");
  const recorded = existsSync(expectedProblems) ? (readJson(expectedProblems) as JsonObject)["diagnostics"] : [];
  expect(essence(actual["diagnostics"])).toEqual(essence(recorded));
  const expectedPlan = join(folder, "expected.plan.json");
  if (!existsSync(expectedPlan)) return;
  const expected = readJson(expectedPlan) as JsonObject;
  expect(comparedParts.flatMap((part) => differences(expected[part], actual[part], part))).toEqual([]);
});
