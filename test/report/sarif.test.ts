import { expect, test } from "@jest/globals";
import { sarifReport } from "../../src/report/sarif.ts";
import { fullReport, hostileReport } from "../support/full-report.ts";
import { finding, range, report } from "../support/report.ts";

const run = (value = fullReport()) => JSON.parse(sarifReport(value)).runs[0];

test("one run with the rules that its results name", () => {
  const { tool, results } = run();
  expect(tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual(["AKS1001", "AKS4001", "AKS6003"]);
  for (const result of results) expect(tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId);
});

test("a result has its place, its subject and its related places", () => {
  const [first] = run().results;
  expect(first.locations[0].physicalLocation).toEqual({
    artifactLocation: { uri: "main.tf", uriBaseId: "%SRCROOT%" },
    region: { startLine: 12, startColumn: 3, endLine: 12, endColumn: 8 },
  });
  expect(first.locations[0].logicalLocations[0].fullyQualifiedName).toBe("azurerm_subnet.nodes");
  expect(first.relatedLocations[0].physicalLocation.region.startLine).toBe(40);
  expect(first.baselineState).toBe("new");
});

test("a fingerprint stays the same while lines move, and differs between findings", () => {
  const at = (line: number) =>
    run(report({ findings: [finding("AKS1001", { range: range("main.tf", line) })] })).results[0].partialFingerprints;
  expect(at(12)).toEqual(at(99));
  const marks = run(report({ findings: [finding("AKS1001"), finding("AKS1001")] })).results.map(
    (result: { partialFingerprints: Record<string, string> }) => result.partialFingerprints["aksTwin/v1"],
  );
  expect(new Set(marks).size).toBe(2);
});

test("a suppressed finding is listed as suppressed", () => {
  expect(run().results[2].suppressions).toEqual([{ kind: "inSource", justification: "made by hand" }]);
});

test("file names are encoded and hidden characters are visible", () => {
  const text = sarifReport(hostileReport());
  expect(JSON.parse(text).runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri).toMatch(/^a%20b\//);
  expect(text).not.toMatch(/[\u001b\u202e]/);
});
