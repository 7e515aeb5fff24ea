import type { Scanner } from "./scanner.ts";
import { Char } from "./tokens.ts";

/** Reads the escape sequence at a backslash of a quoted string; gives its text and where it ends. A bad one is an error and stands for itself. */
export const readEscape = (scanner: Scanner, at: number): { readonly text: string; readonly end: number } => {
  const selector = scanner.text[at + 1] ?? "";
  const simple = simpleEscapes[selector];
  if (simple !== undefined) return { text: simple, end: at + 2 };
  if (selector === "u" || selector === "U") return readCodePoint(scanner, at, selector === "u" ? 4 : 8);
  const end = at + 1 + String.fromCodePoint(scanner.text.codePointAt(at + 1) ?? 0).length;
  const detail = `"${scanner.text.slice(at + 1, end)}" does not name an escape sequence. A backslash itself is written twice.`;
  return invalidEscape(scanner, at, end, detail);
};

const simpleEscapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };

const readCodePoint = (
  scanner: Scanner,
  at: number,
  digits: number,
): { readonly text: string; readonly end: number } => {
  let end = at + 2;
  while (end < at + 2 + digits && isHexDigit(scanner.text.charCodeAt(end))) end++;
  if (end < at + 2 + digits) {
    const detail = `${scanner.text.slice(at, at + 2)} needs ${digits} hexadecimal digits.`;
    return invalidEscape(scanner, at, end, detail);
  }
  const code = Number.parseInt(scanner.text.slice(at + 2, end), 16);
  const isCharacter = code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return { text: isCharacter ? String.fromCodePoint(code) : "\ufffd", end };
};

const invalidEscape = (scanner: Scanner, at: number, end: number, detail: string) => {
  scanner.errors.note("Invalid escape sequence", detail, scanner.lines.range(at, end));
  return { text: scanner.text.slice(at, end), end };
};

const isHexDigit = (code: number): boolean =>
  (code >= Char.zero && code <= Char.nine) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102);
