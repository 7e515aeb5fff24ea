import { expect, test } from "@jest/globals";
import { commentMarker, markdownReport } from "../../src/report/markdown.ts";
import { fullReport, hostileReport } from "../support/full-report.ts";
import { finding, report } from "../support/report.ts";

test("the marker comes first, then the verdict, then the reasons", () => {
  const [marker, verdict, , reason] = markdownReport(fullReport()).split("\n");
  expect(marker).toBe(commentMarker);
  expect(verdict).toContain("Will not work as written");
  expect(reason).toContain("124 addresses are needed");
});

test("details are folded, and every fold is closed", () => {
  const text = markdownReport(fullReport());
  expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
  expect(text).toContain("<details><summary>What changes");
});

test.each([2_000, 20_000])("%i findings stay below what a comment may have, and the rest is named", (count) => {
  const many = Array.from({ length: count }, (_, index) => finding("AKS1001", { subject: `azurerm_subnet.n${index}` }));
  const text = markdownReport(report({ findings: many }));
  expect(text.length).toBeLessThan(65_536);
  expect(text).toContain("does not fit into a comment");
  expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
});

test("markup, mentions, links and code of the input come out as text", () => {
  const text = markdownReport(hostileReport()).replace(commentMarker, "");
  expect(text).not.toMatch(/<script|<\/td>|\[a\]\(|!\[|@team|`code`|\u202e|\u001b/);
  expect(text.split("\n").filter((line) => line.startsWith("::") || line.startsWith("##vso"))).toEqual([]);
});
