import { expect, test } from "@jest/globals";
import { markdown } from "../../src/report/escape.ts";
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
  expect(text).toContain("<details><summary>Monitoring (1 of 2 kinds of data is collected, 1 alert)</summary>");
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

test.each([
  [
    "plain words: with a colon, 10.20.0.0/22 and max_count (now 3)",
    "plain words: with a colon, 10.20.0.0/22 and max_count (now 3)",
  ],
  ["http://a.b www.a.b", "http&#58;//a.b www&#46;a.b"],
  ["@team #12 !3 :tada: $x$", "&#64;team &#35;12 &#33;3 &#58;tada: &#36;x&#36;"],
  ["_a_ *b* ~c~ `d`", "&#95;a&#95; &#42;b&#42; &#126;c&#126; &#96;d&#96;"],
  ["[a](b) ![c](d)", "&#91;a&#93;(b) !&#91;c&#93;(d)"],
  ["# head", "&#35; head"],
  ["- item", "&#45; item"],
  ["1. item", "1&#46; item"],
  ["/close", "&#47;close"],
  ["a | b <i> &amp;", "a &#124; b &lt;i&gt; &amp;amp;"],
])("%s is %s in Markdown", (text, expected) => {
  expect(markdown(text)).toBe(expected);
});
