import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { failureModes } from "../../scripts/failure-modes.ts";
import { rules } from "../../src/findings/rules.ts";

const doc = readFileSync("docs/rules.md", "utf8");
const modes = failureModes.flatMap(([, list]) => list);

test("docs/rules.md has the page of every rule, word for word", () => {
  const missing = rules.filter(
    ({ code, title, explain }) =>
      !doc.includes(`### ${code} ${title}\n`) || !doc.includes((explain.split("\n").at(-1) ?? "").trim()),
  );
  expect(missing.map(({ code }) => code)).toEqual([]);
});

test("each of the 110 failure modes has a rule, or a reason why not", () => {
  expect(modes).toHaveLength(110);
  expect(modes.filter(({ rules: codes, why }) => codes.length === 0 && why === undefined)).toEqual([]);
});

test("every rule that a failure mode names exists", () => {
  const codes = new Set(rules.map(({ code }) => code));
  expect(modes.flatMap((mode) => mode.rules).filter((code) => !codes.has(code))).toEqual([]);
});
