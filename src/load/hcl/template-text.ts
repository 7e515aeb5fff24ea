import { readEscape } from "./escapes.ts";
import type { Scanner } from "./scanner.ts";
import type { FlatPart } from "./template-parts.ts";
import { Char } from "./tokens.ts";

interface TextEnd {
  readonly end: number;
  readonly isOver: boolean;
}

/** The text of a quoted string up to `${`, `%{` or the closing quote. */
export const readQuotedText = (scanner: Scanner, from: number, parts: FlatPart[]): TextEnd => {
  const text = scanner.text;
  let value = "";
  let done = from;
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === Char.quote || isSequence(text, code, at)) {
      addText(scanner, parts, value + text.slice(done, at), from, at);
      return { end: at, isOver: code === Char.quote };
    }
    if (code === Char.newline || at >= text.length) {
      addText(scanner, parts, value + text.slice(done, at), from, at);
      return unterminated(scanner, at);
    }
    if (code === Char.backslash && text.charCodeAt(at + 1) !== Char.newline && at + 1 < text.length) {
      const sequence = readEscape(scanner, at);
      value += text.slice(done, at) + sequence.text;
      at = done = sequence.end;
    } else if (isEscapedSequence(text, code, at)) {
      value += text.slice(done, at + 1);
      at += 2;
      done = at;
    } else {
      at++;
    }
  }
};

/** The text of a heredoc up to a sequence or the line that holds the marker alone; each line is a part of its own, for strip markers and indents end with it. */
export const readHeredocText =
  (marker: string) =>
  (scanner: Scanner, from: number, parts: FlatPart[]): TextEnd => {
    const text = scanner.text;
    let at = from;
    for (;;) {
      if (text.charCodeAt(at - 1) === Char.newline && isMarkerLine(text, at, marker)) return { end: at, isOver: true };
      if (at >= text.length) return unterminated(scanner, at);
      const end = readLine(scanner, at, parts);
      if (isSequence(text, text.charCodeAt(end), end)) return { end, isOver: false };
      at = end;
    }
  };

/** The text of a file that is a template up to a sequence or its end, a line a part. */
export const readBareText = (scanner: Scanner, from: number, parts: FlatPart[]): TextEnd => {
  const text = scanner.text;
  let at = from;
  while (at < text.length) {
    const end = readLine(scanner, at, parts);
    if (isSequence(text, text.charCodeAt(end), end)) return { end, isOver: false };
    at = end;
  }
  return { end: at, isOver: true };
};

/** Adds the text from `from` to behind the line's end, or to a sequence. */
const readLine = (scanner: Scanner, from: number, parts: FlatPart[]): number => {
  const text = scanner.text;
  let value = "";
  let done = from;
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === Char.newline) {
      at++;
      break;
    }
    if (at >= text.length || isSequence(text, code, at)) break;
    if (isEscapedSequence(text, code, at)) {
      value += text.slice(done, at + 1);
      at += 2;
      done = at;
    } else {
      at++;
    }
  }
  addText(scanner, parts, value + text.slice(done, at), from, at);
  return at;
};

const isSequence = (text: string, code: number, at: number): boolean =>
  (code === Char.dollar || code === Char.percent) && text.charCodeAt(at + 1) === Char.openBrace;

/** `$${` and `%%{` stand for `${` and `%{`. */
const isEscapedSequence = (text: string, code: number, at: number): boolean =>
  (code === Char.dollar || code === Char.percent) &&
  text.charCodeAt(at + 1) === code &&
  text.charCodeAt(at + 2) === Char.openBrace;

const isMarkerLine = (text: string, at: number, marker: string): boolean => {
  let start = at;
  while (text.charCodeAt(start) === Char.space || text.charCodeAt(start) === Char.tab) start++;
  if (!text.startsWith(marker, start)) return false;
  const newline = text.indexOf("\n", start);
  return newline !== -1 && text.slice(start + marker.length, newline).trim() === "";
};

const addText = (scanner: Scanner, parts: FlatPart[], text: string, start: number, end: number): void => {
  if (end > start) parts.push({ kind: "text", text, range: scanner.lines.range(start, end) });
};

const unterminated = (scanner: Scanner, at: number): TextEnd => {
  const isNewline = scanner.text.charCodeAt(at) === Char.newline;
  const range = scanner.lines.range(at, isNewline ? at + 1 : at);
  if (isNewline) scanner.errors.character("Invalid multi-line string", multiLine, range);
  scanner.errors.fail("Unterminated template string", "The string or heredoc that begins here is never closed.", range);
  return { end: at, isOver: true };
};

export const multiLine =
  'A quoted string ends on the line on which it began. Write "\\n" for a newline, or a heredoc for a string of several lines.';
