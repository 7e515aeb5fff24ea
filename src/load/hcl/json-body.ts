import { type Node, type ParseError, type ParseErrorCode, parseTree, printParseErrorCode } from "jsonc-parser";
import { type Diagnostic, diagnostic, type Outcome } from "../../model/diagnostic.ts";
import type { SourceRange } from "../../model/source-range.ts";
import type { Attribute, Body, Expression, ObjectItem } from "./ast.ts";
import { LineTable, wholeFile } from "./line-table.ts";
import { parseHclTemplate } from "./parse-file.ts";

/**
 * Reads a `.tf.json` file (HCL JSON syntax specification). Every property becomes an attribute: an object an object expression, a list a
 * tuple, a string a template. What is a block is for who knows the schema to say.
 */
export const parseTfJson = (text: string, file: string): Outcome<Body> => readJson(text, file, true);

/** Reads a `.tfvars.json` file: as `parseTfJson`, but strings are just strings. */
export const parseTfvarsJson = (text: string, file: string): Outcome<Body> => readJson(text, file, false);

interface Reading {
  readonly lines: LineTable;
  readonly hasTemplates: boolean;
  readonly diagnostics: Diagnostic[];
}

const readJson = (text: string, file: string, hasTemplates: boolean): Outcome<Body> => {
  const content = text.charCodeAt(0) === 0xfeff ? ` ${text.slice(1)}` : text;
  const lines = new LineTable(content, wholeFile(file));
  const reading: Reading = { lines, hasTemplates, diagnostics: [] };
  const range = lines.range(0, content.length);
  const tooDeep = firstTooDeep(content);
  if (tooDeep !== -1) {
    report(
      reading,
      "Nesting too deep",
      `JSON may be nested ${deepest} levels deep.`,
      lines.range(tooDeep, tooDeep + 1),
      "AKS9002",
    );
    return { value: { attributes: [], blocks: [], range }, diagnostics: reading.diagnostics };
  }
  const errors: ParseError[] = [];
  const root = parseTree(content, errors, { disallowComments: true });
  let isWord = false;
  for (const error of errors.slice(0, 100)) {
    // A word that is none is told once, not again as a missing value.
    if (!isWord) report(reading, ...syntaxProblem(error.error), lines.range(error.offset, error.offset + error.length));
    isWord = printParseErrorCode(error.error) === "InvalidSymbol";
  }
  return { value: { attributes: bodyAttributes(root, reading), blocks: [], range }, diagnostics: reading.diagnostics };
};

const deepest = 250;

/** The first bracket that is nested too deep, -1 where there is none: the tree is read by recursion. */
const firstTooDeep = (text: string): number => {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      do at = text.indexOf('"', at + 1);
      while (at !== -1 && isEscaped(text, at));
      if (at === -1) return -1;
    } else if (character === "{" || character === "[") {
      if (++depth > deepest) return at;
    } else if (character === "}" || character === "]") depth--;
  }
  return -1;
};

const isEscaped = (text: string, quote: number): boolean => {
  let backslashes = 0;
  while (text[quote - 1 - backslashes] === "\\") backslashes++;
  return backslashes % 2 === 1;
};

const report = (reading: Reading, summary: string, detail: string, range: SourceRange, code = "AKS9001"): void => {
  reading.diagnostics.push(diagnostic({ code, severity: "error", summary, detail, range }));
};

const syntaxProblem = (code: ParseErrorCode): readonly [summary: string, detail: string] => {
  switch (printParseErrorCode(code)) {
    case "InvalidSymbol":
      return ["Invalid JSON keyword", "Only true, false and null are words of JSON; a string stands in double quotes."];
    case "PropertyNameExpected":
      return ["Invalid object property name", "The name of a property, in double quotes, must stand here."];
    case "ColonExpected":
      return ["Missing property value colon", "A colon must follow the name of a property."];
    case "ValueExpected":
      return ["Missing JSON value", "A JSON value must stand here."];
    case "CommaExpected":
      return ["Missing separator between values", "A comma must come between two properties or two items."];
    case "CloseBraceExpected":
      return ["Unclosed object", "The object has no closing brace."];
    case "CloseBracketExpected":
      return ["Unclosed array", "The list has no closing bracket."];
    case "EndOfFileExpected":
      return ["Extraneous data after value", "Nothing may follow the one value of a JSON file."];
    case "InvalidCommentToken":
      return ["Invalid JSON comment", 'JSON has no comments. A property named "//" is taken for one.'];
    case "InvalidNumberFormat":
      return ["Invalid JSON number", "This is not a number as JSON writes them."];
    default:
      return ["Invalid JSON string", "The string has a bad escape or character, or is not closed."];
  }
};

/** The root is an object, or a list of objects that are taken together. */
const bodyAttributes = (root: Node | undefined, reading: Reading): readonly Attribute[] => {
  if (root?.type === "object") return (root.children ?? []).flatMap((property) => attributeOf(property, reading));
  if (root?.type === "array") return (root.children ?? []).flatMap((item) => bodyAttributes(item, reading));
  if (reading.diagnostics.length === 0) {
    const range = root === undefined ? reading.lines.range(0, 0) : rangeOf(root, reading);
    report(reading, "Root value must be object", "The file must hold one JSON object.", range);
  }
  return [];
};

const attributeOf = (property: Node, reading: Reading): readonly Attribute[] => {
  const [key, value] = property.children ?? [];
  if (key === undefined || value === undefined) return [];
  const range = rangeOf(property, reading);
  return [{ name: String(key.value), nameRange: rangeOf(key, reading), value: expressionOf(value, reading), range }];
};

const expressionOf = (node: Node, reading: Reading): Expression => {
  const range = rangeOf(node, reading);
  switch (node.type) {
    case "object":
      return { kind: "object", items: (node.children ?? []).flatMap((property) => itemOf(property, reading)), range };
    case "array":
      return { kind: "tuple", items: (node.children ?? []).map((item) => expressionOf(item, reading)), range };
    case "string":
      return stringOf(String(node.value), range, reading);
    case "number":
      return { kind: "literal", value: { number: reading.lines.textOf(node.offset, node.length) }, range };
    default:
      return { kind: "literal", value: node.value === null ? null : node.value === true, range };
  }
};

const itemOf = (property: Node, reading: Reading): readonly ObjectItem[] => {
  const [key, value] = property.children ?? [];
  if (key === undefined || value === undefined) return [];
  return [{ key: stringOf(String(key.value), rangeOf(key, reading), reading), value: expressionOf(value, reading) }];
};

const stringOf = (text: string, range: SourceRange, reading: Reading): Expression => {
  if (!reading.hasTemplates || !/[$%]\{/.test(text)) return { kind: "literal", value: text, range };
  const { column, offset } = range.start;
  const inside = { ...range.start, column: column + 1, offset: offset + 1 };
  const { value, diagnostics } = parseHclTemplate(text, range.file, inside);
  reading.diagnostics.push(...diagnostics);
  return { ...value, range };
};

const rangeOf = (node: Node, reading: Reading): SourceRange =>
  reading.lines.range(node.offset, node.offset + node.length);
