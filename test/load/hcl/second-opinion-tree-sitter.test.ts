import { createRequire } from "node:module";
import { expect, test } from "@jest/globals";
import { Language, type Node, Parser } from "web-tree-sitter";
import type { Body } from "../../../src/load/hcl/ast.ts";
import { parseHcl } from "../../../src/load/hcl/parse-file.ts";
import { configurations, oddTexts } from "../../support/configurations.ts";

const require = createRequire(import.meta.url);
await Parser.init();
const language = await Language.load(require.resolve("@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-hcl.wasm"));

const treeOf = (text: string): Node => {
  const parser = new Parser();
  parser.setLanguage(language);
  const tree = parser.parse(text);
  if (tree === null) throw new Error("tree-sitter gives a tree for every text");
  return tree.rootNode;
};

/** Blocks with labels and attributes, with the lines where they begin, in the order of the text. */
const outlineOf = (body: Body, depth = 0): string[] =>
  [
    ...body.attributes.map(({ name, range }) => ({ at: range.start, lines: [`${depth} ${name} =`] })),
    ...body.blocks.map(({ type, labels, range, body: inside }) => ({
      at: range.start,
      lines: [`${depth} ${[type, ...labels.map((label) => label.text)].join(" ")}`, ...outlineOf(inside, depth + 1)],
    })),
  ]
    .sort((a, b) => a.at.offset - b.at.offset)
    .flatMap(({ at, lines: [first = "", ...rest] }) => [`${at.line} ${first}`, ...rest]);

const theirOutline = (node: Node, depth = 0): string[] =>
  node.namedChildren.flatMap((child) => {
    const line = `${(child?.startPosition.row ?? 0) + 1} ${depth}`;
    if (child?.type === "attribute") return [`${line} ${child.namedChildren[0]?.text} =`];
    if (child?.type === "body") return theirOutline(child, depth);
    if (child?.type !== "block") return [];
    const header = child.namedChildren.filter((part) => part?.type === "identifier" || part?.type === "string_lit");
    const names = header.map((part) => part?.text.replace(/^"|"$/g, ""));
    return [`${line} ${names.join(" ")}`, ...theirOutline(child, depth + 1)];
  });

/** A number with an exponent, which tree-sitter's grammar does not read everywhere. */
const exponent = /[\s,=[(]\d+[eE][-+]?\d/;

test("every configuration has the blocks and attributes that tree-sitter sees", () => {
  const files = configurations().filter(({ text }) => !exponent.test(text));
  const disagreeing: string[] = [];
  for (const { path, text } of files) {
    const { value, diagnostics } = parseHcl(text, path);
    const theirs = treeOf(text);
    // A grammar does not know that an attribute may stand only once.
    if (diagnostics.length > 0 && diagnostics.every(({ summary }) => summary === "Attribute redefined")) continue;
    const isSame = theirs.hasError
      ? diagnostics.length > 0
      : diagnostics.length === 0 && outlineOf(value).join("\n") === theirOutline(theirs).join("\n");
    if (!isSame) disagreeing.push(path);
  }
  expect(disagreeing).toEqual([]);
  expect(files.length).toBeGreaterThan(15);
});

/** Where tree-sitter's grammar is known to be wider or narrower than Terraform's reader, which hcl2json speaks for. */
const knownDifferences = new Set([
  // Wider: newlines and separators are free, names may repeat, splats may nest, `::` needs no call.
  "a = {\nb = 1,\n\nc = 2 d = 3 }\n",
  "a = b\n? c : d\n",
  "a = b.*.c.*.d\n",
  "a = b.0.1\n",
  "a = x::y\n",
  "a = << EOT\nb\nEOT\n",
  "a { b {} }\n",
  "a\n{\n}\n",
  "a {} b {}\n",
  "a = 1\na = 2\n",
  // Narrower: no negative exponent.
  "a = 1e-5\n",
]);

test.each(oddTexts.filter((text) => !knownDifferences.has(text)))("%j is accepted or refused alike", (text) => {
  expect(parseHcl(text, "odd.tf").diagnostics.length === 0).toBe(!treeOf(text).hasError);
});
