import { expect, test } from "@jest/globals";
import { parseTfJson } from "../../../src/load/hcl/json-body.ts";
import { parseTfvars } from "../../../src/load/hcl/tfvars.ts";

test("a property is an attribute, a string a template, and all have places", () => {
  const { value, diagnostics } = parseTfJson(
    '{\n  "//": "note",\n  "output": {"x": {"value": "${a.b}", "n": 1.50, "t": "a-${c}"}}\n}\n',
    "main.tf.json",
  );
  expect(diagnostics).toEqual([]);
  expect(value.attributes.map((attribute) => attribute.name)).toEqual(["//", "output"]);
  const output = value.attributes[1]?.value;
  const body = output?.kind === "object" ? output.items[0]?.value : undefined;
  const values = body?.kind === "object" ? body.items.map((item) => item.value) : [];
  expect(values.map((item) => item.kind)).toEqual(["wrap", "literal", "template"]);
  const wrap = values[0];
  expect(wrap?.kind === "wrap" && wrap.inner.range.start).toEqual({ line: 3, column: 32, offset: 49 });
  expect(values[1]?.kind === "literal" && values[1].value).toEqual({ number: "1.50" });
});

test.each([
  ["{", ["Unclosed object"]],
  ['{"a" 1}', ["Missing property value colon"]],
  ['{"a": }', ["Missing JSON value"]],
  ['{"a": nil}', ["Invalid JSON keyword"]],
  ['{"a": 1} 2', ["Extraneous data after value"]],
  ['"a"', ["Root value must be object"]],
  ['{"a": "${b c}"}', ["Extra characters after interpolation expression"]],
  ["[".repeat(100_000), ["Nesting too deep"]],
])("%.20s is told", (text, summaries) => {
  expect(parseTfJson(text, "main.tf.json").diagnostics.map(({ summary }) => summary)).toEqual(summaries);
});

test("strings of variable values are no templates", () => {
  const { value } = parseTfvars('{"a": "${b}"}', "x.tfvars.json");
  expect(value.attributes[0]?.value).toMatchObject({ kind: "literal", value: "${b}" });
});
