import { expect, test } from "@jest/globals";
import { applyBaseline, readBaseline, writeBaseline } from "../../src/findings/baseline.ts";
import { finding, range } from "../support/report.ts";

const old = [
  finding("AKS1001"),
  finding("AKS1001"),
  finding("AKS4001", { suppressed: { reason: "x", range: undefined } }),
];

test("what is in the baseline is suppressed, also when lines have moved", () => {
  const { value } = readBaseline(writeBaseline(old), "b.json");
  const now = [
    finding("AKS1001", { range: range("main.tf", 99) }),
    finding("AKS1001"),
    finding("AKS1001"),
    finding("AKS5001"),
  ];
  expect(applyBaseline(now, value).map(({ suppressed }) => suppressed !== undefined)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test("suppressed findings do not go into the baseline, and equal findings give equal bytes", () => {
  expect(writeBaseline(old)).not.toContain("AKS4001");
  expect(writeBaseline([...old].reverse())).toBe(writeBaseline(old));
});

test.each(["", "[]", '{"findings": 1}'])("%s is told as no baseline", (text) => {
  expect(readBaseline(text, "b.json").diagnostics.map(({ code }) => code)).toEqual(["AKS9406"]);
});
