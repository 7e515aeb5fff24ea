import { expect, test } from "@jest/globals";
import { parseHcl, parseHclExpression, parseHclTemplate } from "../../../src/load/hcl/parse-file.ts";
import { parseTfvars } from "../../../src/load/hcl/tfvars.ts";
import type { Diagnostic } from "../../../src/model/diagnostic.ts";

const told = (diagnostics: readonly Diagnostic[]): readonly string[] =>
  diagnostics.map(({ summary, range }) =>
    range === undefined
      ? summary
      : `${range.start.line}:${range.start.column}-${range.end.line}:${range.end.column} ${summary}`,
  );

// Places and summaries are those that Terraform 1.11 gives (hcl v2.23).
test.each<[text: string, ...errors: string[]]>([
  ["a = \n", "1:5-2:1 Invalid expression"],
  ["a =", "1:4-1:4 Missing expression"],
  ["a\n", "1:1-1:2 Argument or block definition required"],
  ["a = 1 b = 2\n", "1:7-1:8 Missing newline after argument"],
  ["a = 1, b = 2\n", "1:6-1:7 Unexpected comma after argument"],
  ["x {\n a = 1\n", "1:3-1:4 Unclosed configuration block"],
  ["x { a = 1\n}\n", "1:10-2:1 Invalid single-argument block definition"],
  ["x { a = 1, b = 2 }\n", "1:10-1:11 Invalid single-argument block definition"],
  ["x { y {} }\n", "1:5-1:8 Argument definition required"],
  ["x { a }\n", "1:5-1:6 Argument or block definition required"],
  ["x {} y {}\n", "1:6-1:7 Missing newline after block definition"],
  ["x {}\ny = 1\n}\n", "3:1-3:2 Argument or block definition required"],
  ["x\n{\n}\n", "1:1-1:2 Argument or block definition required"],
  ['x "a" = 1\n', "1:7-1:8 Invalid block definition"],
  ['"x" = 1\n', "1:1-1:2 Invalid argument name"],
  ['x "${a}" {}\n', "1:4-1:6 Invalid string literal"],
  ["a = 1\na = 2\n", "2:1-2:2 Attribute redefined"],
  ["a = 'x'\n", "1:5-1:6 Invalid character", "1:5-1:6 Invalid expression"],
  ["a = 1;\n", "1:6-1:7 Invalid character", "1:6-1:7 Missing newline after argument"],
  ["a = b & c\n", "1:7-1:8 Unsupported operator", "1:7-1:8 Missing newline after argument"],
  ["a = “x”\n", "1:5-1:6 Invalid character", "1:7-1:8 Invalid character", "1:5-1:6 Invalid expression"],
  ["a = foo(1 2)\n", "1:11-1:12 Missing argument separator"],
  ["a = foo(1, 2\n", "1:5-1:9 Unterminated function call"],
  ["a = foo(a..., )\n", "1:10-1:13 Missing closing parenthesis"],
  ["a = [1,\n", "2:1-2:1 Missing expression"],
  ["a = [1 2]\n", "1:8-1:9 Missing item separator"],
  ["a = {b}\n", "1:7-1:8 Missing key/value separator"],
  ["a = {b\n}\n", "1:7-2:1 Missing attribute value"],
  ["a = {b = 1 c = 2}\n", "1:12-1:13 Missing attribute separator"],
  ["a = b ? c\n", "1:10-2:1 Missing false expression in conditional"],
  ["a = (1 2)\n", "1:8-1:9 Unbalanced parentheses"],
  ["a = b[1\n", "2:1-2:1 Missing close bracket on index"],
  ["a = b[*\n", "2:1-2:1 Missing close bracket on splat index"],
  ["a = b.\n", "1:7-2:1 Invalid attribute name"],
  ["a = b.0.1.c\n", "1:7-1:10 Invalid legacy index syntax"],
  ["a = b.*.c.*.d\n", "1:11-1:12 Nested splat expression not allowed"],
  ["a = 1.2.3\n", "1:5-1:10 Invalid number literal"],
  ['a = "\\q"\n', "1:6-1:8 Invalid escape sequence"],
  ["a = b::c\n", "1:9-2:1 Missing open parenthesis"],
  ["a = b::\n", "1:8-2:1 Missing function name"],
  ["a = [for x of y : z]\n", "1:12-1:14 Invalid 'for' expression"],
  ["a = [for x in y : k => v]\n", "1:19-1:20 Invalid 'for' expression"],
  ["a = {for x in y : v}\n", "1:19-1:20 Invalid 'for' expression"],
  ['a = "x\ny"\n', "1:7-2:1 Invalid multi-line string", "1:7-2:1 Unterminated template string"],
  ["a = <<EOT\nfoo\nEOT", "3:4-3:4 Unterminated template string"],
  ['a = "${b c}"\n', "1:10-1:11 Extra characters after interpolation expression"],
  ['a = "%{ if x }"\n', "1:15-1:16 Unexpected end of template"],
  ['a = "%{ endif }"\n', "1:6-1:16 Unexpected endif directive"],
  ['a = "%{ foo }"\n', "1:9-1:12 Invalid template control keyword"],
  ['a = "%{ if x }%{endfor}"\n', "1:15-1:24 Unexpected endfor directive"],
])("%j", (text, ...errors) => {
  expect(told(parseHcl(text, "main.tf").diagnostics)).toEqual(errors);
});

test("a file tells all its errors, and what is right in it is read", () => {
  const { value, diagnostics } = parseHcl(
    `resource "a" "b" {
  one   = [1, 2
  two   = "fine"
}

variable "c" {
  type =
  default = 1
  nested {
    x = = 2
    y = 3
  }
}

output "d" {
  value = foo(

locals {
  e = 1
}
`,
    "main.tf",
  );
  expect(told(diagnostics)).toEqual([
    "3:3-3:6 Missing item separator",
    "7:9-8:1 Invalid expression",
    "10:9-10:10 Invalid expression",
    "18:8-18:9 Missing argument separator",
  ]);
  expect(value.blocks.map((block) => block.type)).toEqual(["resource", "variable", "output", "locals"]);
  expect(value.blocks[1]?.body.attributes.map((attribute) => attribute.name)).toEqual(["type", "default"]);
  expect(value.blocks[3]?.body.attributes).toHaveLength(1);
});

test("an argument that could not be read has an invalid value, and its neighbours their own", () => {
  const { value } = parseHcl('a = [1 2]\nb = "x"\n', "main.tf");
  expect(value.attributes.map(({ name, value: { kind } }) => `${name} ${kind}`)).toEqual(["a invalid", "b literal"]);
});

test.each([
  ["parentheses", `a = ${"(".repeat(100_000)}`],
  ["lists", `a = ${"[".repeat(100_000)}${"]".repeat(100_000)}\n`],
  ["objects", `a = ${"{a=".repeat(100_000)}`],
  ["operators in a row", `a = 1${" + 1".repeat(100_000)}\n`],
  ["signs", `a = ${"!".repeat(100_000)}b\n`],
  ["attributes", `a = b${".c".repeat(100_000)}\n`],
  ["splats", `a = b${"[*].c".repeat(100_000)}\n`],
  ["conditions", `a = ${"b ? c : ".repeat(100_000)}d\n`],
  ["templates", `a = ${'"${'.repeat(100_000)}`],
  ["directives", `a = "${"%{ if a }".repeat(100_000)}"\n`],
  ["blocks", `${"a {\n".repeat(100_000)}`],
])("100,000 nested %s are one error, not a crash", (_, text) => {
  const { diagnostics } = parseHcl(text, "main.tf");
  expect(diagnostics.map((problem) => problem.code)).toContain("AKS9002");
  expect(diagnostics.length).toBeLessThan(5);
});

test("a file that is nothing but errors is given up", () => {
  expect(parseHcl("= \n".repeat(100_000), "main.tf").diagnostics).toHaveLength(100);
});

test("an expression or template alone tells its errors where it stands in its file", () => {
  const start = { line: 7, column: 5, offset: 90 };
  expect(told(parseHclExpression("a b", "main.tf", start).diagnostics)).toEqual([
    "7:7-7:8 Extra characters after expression",
  ]);
  expect(told(parseHclTemplate("x\n${a", "main.tf", start).diagnostics)).toEqual([
    "8:4-8:4 Unclosed template interpolation sequence",
  ]);
});

test("a file of variable values has no blocks", () => {
  const { value, diagnostics } = parseTfvars("a = 1\nb {\n}\n", "terraform.tfvars");
  expect(told(diagnostics)).toEqual(['2:1-2:2 Unexpected "b" block']);
  expect(value.attributes).toHaveLength(1);
});
