import { expect, test } from "@jest/globals";
import { parseYamlDocuments } from "../../src/load/yaml/documents.ts";
import { readFast } from "../../src/load/yaml/fast-reader.ts";
import { readFull } from "../../src/load/yaml/full-reader.ts";
import type { Json } from "../../src/model/json.ts";

const values = (text: string): readonly Json[] => parseYamlDocuments(text, "a.yaml").value.map(({ value }) => value);
const one = (text: string): Json | undefined => values(text)[0];

const scalars: [text: string, value: Json][] = [
  ["y", true],
  ["No", false],
  ["ON", true],
  ["off", false],
  ["yep", "yep"],
  ["0o777", 511],
  ["0777", 511],
  ["08", 8],
  ["0x1F", 31],
  ["-0b11", -3],
  ["1_000", 1000],
  ["1e3", 1000],
  [".5", 0.5],
  ["1:30", "1:30"],
  ["2020-01-01", "2020-01-01"],
  ["2020-01-01T10:00:00Z", "2020-01-01T10:00:00Z"],
  ["~", null],
  ["NULL", null],
  ["1.2.3", "1.2.3"],
  ["100m", "100m"],
  ["+12", 12],
  ["=", "="],
  ["'yes'", "yes"],
  ['"0777"', "0777"],
  ['"a\\tb\\u00e9"', "a\tbé"],
  ["'it''s'", "it's"],
  ["http://x:80/y#z", "http://x:80/y#z"],
  ["a b # comment", "a b"],
  ["!!str 12", "12"],
  ['!!int "12"', 12],
  ["!!binary aGk=", "hi"],
];

test.each(scalars)("the value %s is %j", (text, value) => {
  expect(one(`k: ${text}\n`)).toEqual({ k: value });
});

const keys: [text: string, key: string][] = [
  ["y", "true"],
  ["no", "false"],
  ["0x10", "16"],
  ["1.50", "1.5"],
  ["'y'", "y"],
];

test.each(keys)("the key %s is %j", (text, key) => {
  expect(one(`${text}: 1\n`)).toEqual({ [key]: 1 });
});

const documents: [name: string, text: string, value: readonly Json[]][] = [
  ["a list at its key's column", "a:\n- 1\n- b: 2\n  c:\n  - 3\nd: 4\n", [{ a: [1, { b: 2, c: [3] }], d: 4 }]],
  ["lists in lists", "- - 1\n  - 2\n-\n  - 3\n", [[[1, 2], [3]]]],
  [
    "flow",
    "a: {b: [1, 'x', {c: }], \"d\":2,\n  e: f g} # end\n",
    [{ a: { b: [1, "x", { c: null }], d: 2, e: "f g" } }],
  ],
  ["literal text", "a: |\n  x\n\n    y\n  z\n\nb: 1\n", [{ a: "x\n\n  y\nz\n", b: 1 }]],
  ["literal text, stripped and kept", "a: |-\n  x\n\nb: |+\n  y\n\nc: 1\n", [{ a: "x", b: "y\n\n", c: 1 }]],
  ["folded text", "a: >\n  x\n  y\n\n  z\n    i\n  w\n", [{ a: "x y\nz\n  i\nw\n" }]],
  ["a plain scalar over lines", "a: one\n  two\n\n  three\nb: 1\n", [{ a: "one two\nthree", b: 1 }]],
  ["several documents", "# head\n---\na: 1\n---\n# nothing\n---\nb: 2\n...\n", [{ a: 1 }, { b: 2 }]],
  ["text on the marker's line", "--- {a: 1}\n--- # note\nb: 2\n", [{ a: 1 }, { b: 2 }]],
  ["anchors and aliases", "a: &x {k: 1}\nb: *x\n", [{ a: { k: 1 }, b: { k: 1 } }]],
  [
    "a merge below a key replaces it",
    "d: &d {k: 1, l: 2}\ne:\n  k: 9\n  <<: *d\n  l: 3\n",
    [{ d: { k: 1, l: 2 }, e: { k: 1, l: 3 } }],
  ],
  [
    "of merged maps the first wins",
    "a: &a {k: 1}\nb: &b {k: 2, l: 2}\nc: {<<: [*a, *b]}\n",
    [{ a: { k: 1 }, b: { k: 2, l: 2 }, c: { k: 1, l: 2 } }],
  ],
  ["JSON", '{"a": [1, true, null], "b": "x"}\n', [{ a: [1, true, null], b: "x" }]],
  ["a List", "kind: List\nitems:\n- {kind: Pod}\n- {kind: Node}\n", [{ kind: "Pod" }, { kind: "Node" }]],
  [
    "a typed list",
    "apiVersion: v1\nkind: PodList\nitems:\n- {metadata: {}}\n",
    [{ apiVersion: "v1", kind: "Pod", metadata: {} }],
  ],
  ["Windows line ends", "a: 1\r\nb: |\r\n  x\r\n", [{ a: 1, b: "x\n" }]],
];

test.each(documents)("reads %s", (_name, text, value) => {
  expect(values(text)).toEqual(value);
});

test("the quick and the full reader agree where both read", () => {
  for (const [, text] of documents) {
    for (const part of text.split(/^---.*$/m)) {
      const fast = readFast(part, 0, part.length);
      if (fast !== undefined) expect(fast.value).toEqual(readFull(part, 0, part.length).value);
    }
  }
});

test("a key given twice is warned of, and the last counts", () => {
  const { value, diagnostics } = parseYamlDocuments("a: 1\nb: 2\na: 3\n", "a.yaml");
  expect(value[0]?.value).toEqual({ a: 3, b: 2 });
  expect(diagnostics).toMatchObject([
    { code: "AKS9102", severity: "warning", range: { start: { line: 3, column: 1 } } },
  ]);
});

test("a broken document is reported with its place, the others go on", () => {
  const { value, diagnostics } = parseYamlDocuments("a: 1\n---\nb: [1\nc: 2\n---\nd: 4\n", "b.yaml");
  expect(value.map((document) => document.value)).toEqual([{ a: 1 }, { d: 4 }]);
  expect(diagnostics[0]).toMatchObject({ code: "AKS9101", range: { file: "b.yaml" } });
  expect(diagnostics[0]?.range?.start.line).toBeGreaterThanOrEqual(3);
});

test.each([
  ["an alias of itself", "a: &x [*x]\n", "contains itself"],
  ["an unknown alias", "a: *nope\n", "nope"],
  ["a null key", "~: 1\n", "key of a mapping"],
  ["not a number in JSON", "a: !!float .nan\n", "not a JSON number"],
])("refuses %s", (_name, text, message) => {
  expect(parseYamlDocuments(text, "a.yaml").diagnostics[0]?.detail).toContain(message);
});

test("an alias bomb is refused quickly", () => {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let level = 1; level < 10; level++) {
    lines.push(
      `a${level}: &a${level} [${Array(10)
        .fill(`*a${level - 1}`)
        .join(", ")}]`,
    );
  }
  expect(parseYamlDocuments(lines.join("\n"), "bomb.yaml").diagnostics[0]?.detail).toContain("excessive aliasing");
});

test("very deep nesting is a diagnostic", () => {
  expect(parseYamlDocuments("[".repeat(20000), "deep.yaml").diagnostics).not.toHaveLength(0);
});

test("ranges are those of the value, or of the nearest ancestor", () => {
  const [first, second] = parseYamlDocuments(
    "a:\n  b: [1, {c: 2}]\n---\nkind: List\nitems:\n- kind: Pod\n  spec:\n    ä: {x: 1}\n",
    "r.yaml",
  ).value;
  const place = (
    range: { start: { line: number; column: number }; end: { line: number; column: number } } | undefined,
  ) => range && [range.start.line, range.start.column, range.end.line, range.end.column];
  expect(place(first?.range)).toEqual([1, 1, 2, 17]);
  expect(place(first?.rangeAt(["a", "b", 1, "c"]))).toEqual([2, 14, 2, 15]);
  expect(place(first?.rangeAt(["a", "nope"]))).toEqual([2, 3, 2, 17]);
  expect(place(second?.range)).toEqual([6, 3, 8, 14]);
  expect(place(second?.rangeAt(["spec", "ä", "x"]))).toEqual([8, 12, 8, 13]);
});
