import { parse } from "@cdktn/hcl2json";
import { expect, test } from "@jest/globals";
import type { Body } from "../../../src/load/hcl/ast.ts";
import { parseHcl } from "../../../src/load/hcl/parse-file.ts";
import { configurations, oddTexts } from "../../support/configurations.ts";

type Outline = { readonly [name: string]: unknown };

/** What hcl2json tells of a body's structure: blocks by type and labels, in order, and names of attributes. */
const outlineOf = (body: Body): Outline => {
  const outline: Record<string, unknown> = {};
  for (const attribute of body.attributes) outline[attribute.name] = "attribute";
  for (const block of body.blocks) {
    let level = outline;
    for (const name of [block.type, ...block.labels.slice(0, -1).map((label) => label.text)]) {
      if (block.labels.length === 0) break;
      level[name] ??= {};
      level = level[name] as Record<string, unknown>;
    }
    const name = block.labels.at(-1)?.text ?? block.type;
    const same = (level[name] ?? []) as unknown[];
    level[name] = [...same, outlineOf(block.body)];
  }
  return outline;
};

/** Compares by our outline, since hcl2json turns values into JSON of their own. */
const agrees = (ours: unknown, theirs: unknown): boolean => {
  if (ours === "attribute") return theirs !== undefined;
  if (Array.isArray(ours)) {
    return Array.isArray(theirs) && ours.length === theirs.length && ours.every((item, at) => agrees(item, theirs[at]));
  }
  if (typeof theirs !== "object" || theirs === null) return false;
  const names = Object.keys(ours as Outline);
  return (
    names.sort().join() === Object.keys(theirs).sort().join() &&
    names.every((name) => agrees((ours as Outline)[name], (theirs as Outline)[name]))
  );
};

/** hcl2json evaluates constants, and refuses a file whose constants are wrong on purpose. */
const wrongConstants = new Set(["test/conformance/terraform-functions/ranges/main.tf"]);

test("every configuration has the blocks and attributes that hcl2json sees", async () => {
  const files = configurations().filter(({ path }) => !wrongConstants.has(path));
  const disagreeing: string[] = [];
  for (const { path, text } of files) {
    const { value, diagnostics } = parseHcl(text, path);
    const theirs = await parse(path, text).catch(() => undefined);
    const isSame =
      theirs === undefined ? diagnostics.length > 0 : diagnostics.length === 0 && agrees(outlineOf(value), theirs);
    if (!isSame) disagreeing.push(path);
  }
  expect(disagreeing).toEqual([]);
  expect(files.length).toBeGreaterThan(15);
});

test.each(oddTexts)("%j is accepted or refused alike", async (text) => {
  const isAccepted = await parse("odd.tf", text).then(
    () => true,
    () => false,
  );
  expect(parseHcl(text, "odd.tf").diagnostics.length === 0).toBe(isAccepted);
});
