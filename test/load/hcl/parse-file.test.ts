import { expect, test } from "@jest/globals";
import type { Expression, SplatStep, TemplatePart } from "../../../src/load/hcl/ast.ts";
import { parseHcl, parseHclExpression, parseHclTemplate } from "../../../src/load/hcl/parse-file.ts";
import type { SourceRange } from "../../../src/model/source-range.ts";

/** An expression in brackets, operator first, so that a row shows its shape. */
const shape = (expression: Expression): string => {
  switch (expression.kind) {
    case "literal": {
      const { value } = expression;
      return value !== null && typeof value === "object" ? value.number : JSON.stringify(value);
    }
    case "template":
      return `(template ${expression.parts.map(partShape).join(" ")})`;
    case "wrap":
      return `(wrap ${shape(expression.inner)})`;
    case "variable":
      return expression.name;
    case "attribute":
      return `${shape(expression.source)}.${expression.legacyIndex ? "#" : ""}${expression.name}`;
    case "index":
      return `${shape(expression.source)}[${shape(expression.key)}]`;
    case "splat":
      return `(${expression.style}-splat ${shape(expression.source)}${expression.steps.map(stepShape).join("")})`;
    case "call":
      return `(${expression.name} ${expression.arguments.map(shape).join(" ")}${expression.expandFinal ? "..." : ""})`;
    case "unary":
      return `(${expression.operator} ${shape(expression.operand)})`;
    case "binary":
      return `(${expression.operator} ${shape(expression.left)} ${shape(expression.right)})`;
    case "conditional":
      return `(if ${shape(expression.condition)} ${shape(expression.then)} ${shape(expression.otherwise)})`;
    case "tuple":
      return `[${expression.items.map(shape).join(" ")}]`;
    case "object":
      return `{${expression.items.map(({ key, value }) => `${shape(key)}: ${shape(value)}`).join(" ")}}`;
    case "for": {
      const { keyName, valueName, collection, key, value, condition, grouping } = expression;
      const names = keyName === undefined ? valueName : `${keyName},${valueName}`;
      const item = `${key === undefined ? "" : `${shape(key)} => `}${shape(value)}${grouping ? "..." : ""}`;
      return `(for ${names} in ${shape(collection)}: ${item}${condition === undefined ? "" : ` if ${shape(condition)}`})`;
    }
    case "parentheses":
      return `(${shape(expression.inner)})`;
    case "invalid":
      return "INVALID";
  }
};

const partShape = (part: TemplatePart): string => {
  switch (part.kind) {
    case "text":
      return JSON.stringify(part.text);
    case "interpolation":
      return shape(part.value);
    case "if":
      return `(if ${shape(part.condition)} [${part.then.map(partShape).join(" ")}] [${part.otherwise.map(partShape).join(" ")}])`;
    case "for":
      return `(for ${part.keyName === undefined ? "" : `${part.keyName},`}${part.valueName} in ${shape(part.collection)} [${part.body.map(partShape).join(" ")}])`;
  }
};

const stepShape = (step: SplatStep): string => {
  if (step.kind === "attribute") return `.${step.legacyIndex ? "#" : ""}${step.name}`;
  return step.kind === "index" ? `[${shape(step.key)}]` : `(${step.style}-splat${step.steps.map(stepShape).join("")})`;
};

test.each([
  ["1 + 2 * 3 - 4", "(- (+ 1 (* 2 3)) 4)"],
  ["a || b && c == d < e + f % g", "(|| a (&& b (== c (< d (+ e (% f g))))))"],
  ["!a && -b.c > 0", "(&& (! a) (> (- b.c) 0))"],
  ["a ? b : c ? d : e", "(if a b (if c d e))"],
  ["(a ? b : c) ? d : e", "(if ((if a b c)) d e)"],
  ['a.b[0].c["d"].0.e', 'a.b[0].c["d"].#0.e'],
  ["a[*].b[0].c", "(full-splat a.b[0].c)"],
  ["a.*.b.0[0]", "(attribute-splat a.b.#0)[0]"],
  ["a[*].b[*].c", "(full-splat a.b(full-splat.c))"],
  ["f(a, [b]...)", "(f a [b]...)"],
  ["f(\n  a,\n  b,\n)", "(f a b)"],
  ["provider::azurerm::normalise(x)", "(provider::azurerm::normalise x)"],
  ["[1, 2.50, 1e3, -7]", "[1 2.50 1e3 (- 7)]"],
  ['{ a = 1, (b) : 2, "c" = 3\n d.e = 4 }', '{a: 1 (b): 2 "c": 3 d.e: 4}'],
  ["[for x in y : x.z if x.z != null]", "(for x in y: x.z if (!= x.z null))"],
  ["{\n for k, v in y :\n k => v...\n}", "(for k,v in y: k => v...)"],
  ["[true, false, null, truey]", "[true false null truey]"],
  ['"plain"', '"plain"'],
  ['""', '""'],
  ['"a\\n\\t\\"\\\\\\u00e9\\U0001F600"', '"a\\n\\t\\"\\\\é😀"'],
  ['"$${a} %%{b} $ % $c"', '"${a} %{b} $ % $c"'],
  ['"$$${a}"', '"$${a}"'],
  ['"${a}"', "(wrap a)"],
  ['"${"${a}"}"', "(wrap (wrap a))"],
  ['"a${b}c"', '(template "a" b "c")'],
  ['"a  ${~ b ~}  c"', '(template "a" b "c")'],
  ['"${a["k"]}-${{ x = "}" }.x}"', '(template a["k"] "-" {x: "}"}.x)'],
  ['"%{ if a }b%{ else }c%{ endif }"', '(template (if a ["b"] ["c"]))'],
  ['"%{ for k, v in a ~} ${v} %{ endfor }"', '(template (for k,v in a ["" v " "]))'],
  ["<<EOT\n  a\n b ${c}\nEOT\n", '(template "  a\\n b " c "\\n")'],
  ["<<-EOT\n  a\n    b\n\n  EOT\n", '"a\\n  b\\n\\n"'],
  ["<<-EOT\n    ${a}\n      b\n    EOT\n", '(template "" a "\\n  b\\n")'],
  ["<<EOT\n\\n$${x}\nEOT\n", '"\\\\n${x}\\n"'],
  ["<<EOT\r\na\r\nEOT\r\n", '"a\\r\\n"'],
  ["f(<<A\nx\nA\n, <<B\ny\nB\n)", '(f "x\\n" "y\\n")'],
  ["größe.äß-1", "größe.äß-1"],
  ["a /* b */ . c // d", "a.c"],
])("%s", (text, expected) => {
  const { value, diagnostics } = parseHclExpression(text, "main.tf");
  expect(diagnostics).toEqual([]);
  expect(shape(value)).toBe(expected);
});

test.each([
  ["a\n%{ if b ~}\n  c\n%{ endif ~}\nd", '(template "a\\n" (if b ["  c\\n"] []) "d")'],
  ['"quoted" \\n', '"\\"quoted\\" \\\\n"'],
  ["${a}", "(wrap a)"],
  ["", '""'],
])("template %j", (text, expected) => {
  const { value, diagnostics } = parseHclTemplate(text, "a.tftpl");
  expect(diagnostics).toEqual([]);
  expect(shape(value)).toBe(expected);
});

const place = ({ start, end }: SourceRange): string => `${start.line}:${start.column}-${end.line}:${end.column}`;

test("every part of a file has its place", () => {
  const text = '\ufeffresource "a" b {\r\n  # é\r\n  naïve = "é́x${y}" # c\r\n  nested { z = 1 }\r\n}\r\n';
  const { value, diagnostics } = parseHcl(text, "main.tf");
  expect(diagnostics).toEqual([]);
  const block = value.blocks[0];
  const attribute = block?.body.attributes[0];
  expect(block?.labels.map((label) => `${label.text} ${place(label.range)}`)).toEqual(["a 1:10-1:13", "b 1:14-1:15"]);
  expect(block && [block.typeRange, block.headerRange, block.body.range, block.range].map(place)).toEqual([
    "1:1-1:9",
    "1:1-1:15",
    "1:16-5:2",
    "1:1-5:2",
  ]);
  expect(attribute && [attribute.nameRange, attribute.range, attribute.value.range].map(place)).toEqual([
    "3:3-3:8",
    "3:3-3:19",
    "3:11-3:19",
  ]);
  expect(text.slice(attribute?.nameRange.start.offset, attribute?.nameRange.end.offset)).toBe("naïve");
  expect(block?.body.blocks[0]?.body.attributes[0]?.name).toBe("z");
});

test("an expression within a file keeps that file's places", () => {
  const { value } = parseHclExpression("a +\nb", "main.tf", { line: 3, column: 9, offset: 40 });
  expect(place(value.range)).toBe("3:9-4:2");
  expect(value.kind === "binary" && [place(value.left.range), value.right.range.start.offset]).toEqual([
    "3:9-3:10",
    44,
  ]);
});

test("a file without end of expressions is refused", () => {
  const { diagnostics } = parseHcl(`a = [${"1,".repeat(2_100_000)}]\n`, "main.tf");
  expect(diagnostics.map(({ summary }) => summary)).toEqual(["File too large"]);
});
