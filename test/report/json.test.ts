import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import { graphJson } from "../../src/report/graph-json.ts";
import { jsonReport } from "../../src/report/json.ts";
import { fullReport, hostileReport } from "../support/full-report.ts";
import { report } from "../support/report.ts";

const validator = (name: string) => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  return ajv.compile(JSON.parse(readFileSync(`schemas/${name}.schema.json`, "utf8")));
};
const validate = validator("review");

test.each([
  ["an empty report", report()],
  ["a report with every part filled", fullReport()],
  ["a report of hostile input", hostileReport()],
])("%s keeps to the schema", (_, value) => {
  validate(JSON.parse(jsonReport(value)));
  expect(validate.errors ?? []).toEqual([]);
});

test("suppressed is a truth value with its reason beside it", () => {
  const { findings } = JSON.parse(jsonReport(fullReport()));
  expect(findings.map(({ suppressed }: { suppressed: boolean }) => suppressed)).toEqual([false, false, true]);
  expect(findings[2].suppression.reason).toBe("made by hand");
});

test("hidden characters of the input are written as escapes", () => {
  expect(jsonReport(hostileReport())).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
});

test("the same report gives the same bytes", () => {
  expect(jsonReport(fullReport())).toBe(jsonReport(fullReport()));
});

test("the graph keeps to its schema", () => {
  const check = validator("graph");
  const range = { file: "a.tf", start: { line: 1, column: 1, offset: 0 }, end: { line: 1, column: 2, offset: 1 } };
  check(
    JSON.parse(
      graphJson({
        nodes: [{ id: "a", kind: "x", source: "terraform", range }],
        edges: [{ from: "a", to: "a", kind: "contains", range: undefined }],
      }),
    ),
  );
  expect(check.errors ?? []).toEqual([]);
});
