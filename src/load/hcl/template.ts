import type { SourceRange } from "../../model/source-range.ts";
import type { Expression } from "./ast.ts";
import { removeIndent } from "./heredoc-indent.ts";
import type { Scanner } from "./scanner.ts";
import { type FlatPart, nestParts } from "./template-parts.ts";
import { readDirective, readInterpolation } from "./template-sequence.ts";
import { readBareText, readHeredocText, readQuotedText } from "./template-text.ts";
import { Char } from "./tokens.ts";

export type ReadExpression = (scanner: Scanner) => Expression;

/**
 * How the text of a template is read up to its next sequence or end, be that a quote, a heredoc's marker or the end of the text:
 * adds the literal parts that lie at `at`; gives where they end and whether that is the template's end.
 */
export type ReadText = (
  scanner: Scanner,
  at: number,
  parts: FlatPart[],
) => { readonly end: number; readonly isOver: boolean };

/** A quoted string at the current token, a quotation mark. */
export const readQuoted = (scanner: Scanner, readExpression: ReadExpression): Expression => {
  const start = scanner.position();
  const simple = plainEnd(scanner.text, scanner.end);
  if (simple !== -1) {
    const value = scanner.text.slice(scanner.end, simple);
    scanner.end = simple + 1;
    scanner.advance();
    scanner.height = 1;
    return { kind: "literal", value, range: scanner.rangeSince(start) };
  }
  const parts = readParts(scanner, readQuotedText, readExpression);
  const closing = scanner.end;
  if (!scanner.errors.isQuiet) scanner.end++;
  scanner.advance();
  return finish(scanner, parts, scanner.rangeSince(start), closing, true);
};

/** A heredoc at the current token, its opening marker with the line's end. */
export const readHeredoc = (scanner: Scanner, readExpression: ReadExpression): Expression => {
  const start = scanner.position();
  const opening = scanner.tokenText();
  const isIndented = opening.charCodeAt(2) === Char.minus;
  const marker = opening.slice(isIndented ? 3 : 2).trimEnd();
  const parts = readParts(scanner, readHeredocText(marker), readExpression);
  const closing = scanner.end;
  if (!scanner.errors.isQuiet) scanner.end = endOfLine(scanner.text, scanner.end);
  scanner.advance();
  return finish(scanner, isIndented ? removeIndent(parts) : parts, scanner.rangeSince(start), closing, false);
};

/** A whole text as a template: a file for `templatefile`, a string of `.tf.json`. */
export const readBare = (scanner: Scanner, readExpression: ReadExpression): Expression => {
  const start = scanner.lines.at(0);
  const parts = readParts(scanner, readBareText, readExpression);
  scanner.previousEnd = scanner.end;
  return finish(scanner, parts, scanner.rangeSince(start), scanner.end, true);
};

/** The end of a quoted string that has neither escapes nor sequences; -1 for any other. */
const plainEnd = (text: string, from: number): number => {
  for (let at = from; ; at++) {
    const code = text.charCodeAt(at);
    if (code === Char.quote) return at;
    // Not a number: the end of the text.
    if (
      code === Char.dollar ||
      code === Char.percent ||
      code === Char.backslash ||
      code === Char.newline ||
      !(code >= 0)
    ) {
      return -1;
    }
  }
};

const endOfLine = (text: string, from: number): number => {
  const newline = text.indexOf("\n", from);
  return text.charCodeAt(newline - 1) === Char.carriageReturn ? newline - 1 : newline;
};

/** The parts of a template in a row, strip markers applied; leaves `scanner.end` at the template's end. */
const readParts = (scanner: Scanner, readText: ReadText, readExpression: ReadExpression): readonly FlatPart[] => {
  const parts: FlatPart[] = [];
  let at = scanner.end;
  const first = scanner.lines.range(at, at + 2);
  // Where Terraform sees the start of a quoted template: its first part.
  const quotedStart = readText === readQuotedText ? () => parts[0]?.range ?? first : undefined;
  let trimNext = false;
  let height = 0;
  while (!scanner.errors.isQuiet) {
    const known = parts.length;
    const { end, isOver } = readText(scanner, at, parts);
    const next = parts[known];
    if (trimNext && next?.kind === "text") next.text = next.text.trimStart();
    scanner.end = end;
    if (isOver || scanner.errors.isQuiet) break;
    const isInterpolation = scanner.text.charCodeAt(end) === Char.dollar;
    const isTrimming = scanner.text.charCodeAt(end + 2) === Char.tilde;
    const previous = parts.at(-1);
    if (isTrimming && previous?.kind === "text") previous.text = previous.text.trimEnd();
    scanner.height = 0;
    const read = isInterpolation ? readInterpolation : readDirective;
    const sequence = read(scanner, end, isTrimming ? end + 3 : end + 2, readExpression, quotedStart);
    height = Math.max(height, scanner.height);
    if (sequence !== undefined) parts.push(sequence.part);
    trimNext = sequence?.trimsNext ?? false;
    at = scanner.end;
  }
  scanner.grown(height + 1);
  return parts;
};

const finish = (
  scanner: Scanner,
  flat: readonly FlatPart[],
  range: SourceRange,
  closing: number,
  mayWrap: boolean,
): Expression => {
  const only = flat.length === 1 ? flat[0] : undefined;
  if (mayWrap && only?.kind === "interpolation") return { kind: "wrap", inner: only.value, range };
  const parts = nestParts(scanner, flat, { ...range, start: scanner.lines.at(closing) });
  if (parts === undefined) return { kind: "invalid", range };
  const single = parts.length === 1 ? parts[0] : undefined;
  if (parts.length === 0) return { kind: "literal", value: "", range };
  if (single?.kind === "text") return { kind: "literal", value: single.text, range };
  return { kind: "template", parts, range };
};
