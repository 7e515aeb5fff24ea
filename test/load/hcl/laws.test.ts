import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseHcl, parseHclExpression, parseHclTemplate } from "../../../src/load/hcl/parse-file.ts";
import type { SourceRange } from "../../../src/model/source-range.ts";
import { oddTexts } from "../../support/configurations.ts";

const words = [
  ..."{}[]()\"$%~.,:=<>!&|?*+-/#\\ \t\n\r0aé😀'`;@",
  "${",
  "%{ if a }",
  "%{ endif }",
  "%{ for a in b }",
  "%{ endfor }",
  "<<EOT\n",
  "<<-EOT\n",
  "\nEOT\n",
  "...",
  "=>",
  "[*]",
  ".*",
  " for ",
  " in ",
  " if ",
  "a = ",
  "b {\n",
  '"c" ',
  "\n}\n",
  "::f(",
  "/*",
  "*/",
  "\\u00e9",
  "12.5e3",
];

const soup = fc.array(fc.constantFrom(...words, ...oddTexts), { maxLength: 40 }).map((parts) => parts.join(""));

type Ranged = { readonly range?: SourceRange };

/** Every node that has a range, with the nearest one above it. */
const checkNesting = (node: unknown, above: SourceRange | undefined, wrong: string[]): void => {
  if (typeof node !== "object" || node === null) return;
  if (Array.isArray(node)) {
    for (const item of node) checkNesting(item, above, wrong);
    return;
  }
  const { range } = node as Ranged;
  if (range !== undefined && range.start.offset > range.end.offset) wrong.push(`backwards ${JSON.stringify(range)}`);
  if (range !== undefined && above !== undefined) {
    const isInside = above.start.offset <= range.start.offset && range.end.offset <= above.end.offset;
    if (!isInside) wrong.push(`${JSON.stringify(range)} outside of ${JSON.stringify(above)}`);
  }
  for (const [name, child] of Object.entries(node)) {
    if (name !== "range" && !name.endsWith("Range")) checkNesting(child, range ?? above, wrong);
  }
};

const nestingOf = (tree: unknown): readonly string[] => {
  const wrong: string[] = [];
  checkNesting(tree, undefined, wrong);
  return wrong;
};

test("no text makes the reader throw, and every part lies within its whole", () => {
  fc.assert(
    fc.property(soup, (text) => {
      for (const parse of [parseHcl, parseHclExpression, parseHclTemplate]) {
        const { value, diagnostics } = parse(text, "main.tf");
        expect(nestingOf(value)).toEqual([]);
        expect(diagnostics.length).toBeLessThanOrEqual(100);
        for (const { range } of diagnostics) expect(range?.end.offset).toBeLessThanOrEqual(text.length);
      }
    }),
    { numRuns: 1500, seed: 20250101 },
  );
});

test("lines and columns agree with offsets", () => {
  fc.assert(
    fc.property(soup, (text) => {
      const ascii = text.replace(/[^\0-\x7f]/g, "x");
      const { value } = parseHcl(ascii, "main.tf");
      for (const { range } of [...value.attributes, ...value.blocks]) {
        const before = ascii.slice(0, range.start.offset);
        const lastLine = before.slice(before.lastIndexOf("\n") + 1);
        expect(range.start.line).toBe(before.split("\n").length);
        expect(range.start.column).toBe(lastLine.length + 1);
      }
    }),
    { numRuns: 500, seed: 20250102 },
  );
});

test("reading twice gives the same", () => {
  fc.assert(
    fc.property(soup, (text) => {
      expect(parseHcl(text, "main.tf")).toEqual(parseHcl(text, "main.tf"));
    }),
    { numRuns: 300, seed: 20250103 },
  );
});
