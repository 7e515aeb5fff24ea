import type { Outcome } from "../../model/diagnostic.ts";
import type { SourcePosition } from "../../model/source-range.ts";
import type { Body, Expression } from "./ast.ts";
import { readFileBody } from "./body.ts";
import { readExpression } from "./expression.ts";
import { type Origin, wholeFile } from "./line-table.ts";
import { Scanner } from "./scanner.ts";
import { readBare } from "./template.ts";
import { Token } from "./tokens.ts";

/** Reads a `.tf` file. All that can be read is there even when there are errors; an argument that could not be read has an `invalid` value. */
export const parseHcl = (text: string, file: string): Outcome<Body> => {
  const scanner = new Scanner(withoutMark(text), originOf(text, file));
  const value = readFileBody(scanner);
  return { value, diagnostics: scanner.errors.all() };
};

/** Reads one expression. `start` is where the text begins in `file`. */
export const parseHclExpression = (text: string, file: string, start?: SourcePosition): Outcome<Expression> => {
  const scanner = new Scanner(text, start === undefined ? wholeFile(file) : { file, start });
  scanner.ignoreNewlines = true;
  scanner.scan(0);
  const value = readExpression(scanner);
  if (!scanner.errors.isQuiet && scanner.kind !== Token.end) {
    const detail = "The expression is complete before this; nothing may follow it.";
    scanner.errors.fail("Extra characters after expression", detail, scanner.range());
  }
  return finished(scanner, value);
};

/** Reads a text as a template, as `templatefile` and the strings of `.tf.json` do. `"${x}"` alone gives the value of `x` itself. */
export const parseHclTemplate = (text: string, file: string, start?: SourcePosition): Outcome<Expression> => {
  const origin = start === undefined ? originOf(text, file) : { file, start };
  const scanner = new Scanner(start === undefined ? withoutMark(text) : text, origin);
  return finished(scanner, readBare(scanner, readExpression));
};

const finished = (scanner: Scanner, value: Expression): Outcome<Expression> => ({
  value: scanner.errors.isQuiet ? { kind: "invalid", range: scanner.lines.range(0, scanner.text.length) } : value,
  diagnostics: scanner.errors.all(),
});

const hasMark = (text: string): boolean => text.charCodeAt(0) === 0xfeff;

const withoutMark = (text: string): string => (hasMark(text) ? text.slice(1) : text);

/** A byte order mark takes an offset but no column. */
const originOf = (text: string, file: string): Origin =>
  hasMark(text) ? { file, start: { line: 1, column: 1, offset: 1 } } : wholeFile(file);
