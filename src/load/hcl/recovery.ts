import type { Scanner } from "./scanner.ts";
import { multiLine } from "./template-text.ts";
import { Char, Token } from "./tokens.ts";

/**
 * Finds a foothold after an error: reads the faulty item again from `from` on, bracket by bracket, to the end of its line or to the
 * brace that closes the block around it. An item that opens a bracket and never closes it ends where a block begins at the margin.
 */
export const skipItem = (scanner: Scanner, from: number): void => {
  scanner.errors.recover();
  scanner.ignoreNewlines = false;
  const open: number[] = [];
  scanner.scan(from);
  for (;;) {
    switch (scanner.kind) {
      case Token.end:
        return;
      case Token.newline:
        if (
          (open.length === 0 && !isLoneBrace(scanner.text, scanner.end)) ||
          isBlockAtMargin(scanner.text, scanner.end)
        ) {
          scanner.advance();
          return;
        }
        break;
      case Char.quote:
        scanner.end = skipQuoted(scanner, scanner.end);
        break;
      case Token.heredoc:
        scanner.end = skipHeredoc(scanner);
        break;
      case Char.openBrace:
      case Char.openBracket:
      case Char.openParenthesis:
        open.push(scanner.kind);
        break;
      case Char.closeBrace:
      case Char.closeBracket:
      case Char.closeParenthesis: {
        const opener = open.lastIndexOf(openerOf(scanner.kind));
        if (opener !== -1) open.length = opener;
        else if (scanner.kind === Char.closeBrace) return;
        break;
      }
    }
    scanner.advance();
  }
};

/** True when at `at`, the start of a line, a block begins without indent: surely no part of what was left open above. */
export const isBlockAtMargin = (text: string, at: number): boolean => {
  blockHeader.lastIndex = at;
  return blockHeader.test(text);
};

const blockHeader =
  /[\p{ID_Start}_][\p{ID_Continue}-]*(?:[ \t]+(?:"[^"\n]*"|[\p{ID_Start}_][\p{ID_Continue}-]*))*[ \t]*\{/uy;

const openerOf = (closer: number): number => (closer === Char.closeParenthesis ? Char.openParenthesis : closer - 2);

const isLoneBrace = (text: string, at: number): boolean => {
  loneBrace.lastIndex = at;
  return loneBrace.test(text);
};

/** The brace of a block whose header stands on the line before. */
const loneBrace = /[ \t]*\{[ \t]*\r?\n/y;

/** Behind the closing quote, or at the end of the line where the string seems not to be closed at all. */
const skipQuoted = (scanner: Scanner, from: number): number => {
  const { text } = scanner;
  // Quotes and the sequences and braces within them, by their opening characters.
  const open: number[] = [Char.quote];
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const isInQuote = open.at(-1) === Char.quote;
    if (code === Char.quote && isInQuote) {
      open.pop();
      if (open.length === 0) return at + 1;
    } else if (code === Char.newline && isInQuote) {
      scanner.errors.character("Invalid multi-line string", multiLine, scanner.lines.range(at, at + 1));
      const close = closingQuote(text, at);
      if (close === -1) return at;
      at = close - 1;
    } else if (code === Char.newline && isBlockAtMargin(text, at + 1)) return at;
    else if (code === Char.backslash && isInQuote) at++;
    else if (isInQuote ? isOpenSequence(text, code, at) : code === Char.openBrace || code === Char.quote) {
      open.push(code);
      if (isInQuote) at++;
    } else if (code === Char.closeBrace && !isInQuote) open.pop();
  }
  return text.length;
};

/** The quote that ends a string broken over lines: no line before it may look like an item of its own. */
const closingQuote = (text: string, from: number): number => {
  const quote = text.indexOf('"', from);
  return /\n[ \t]*(?:\}|[\w-]+(?:[ \t]*[={]|[ \t]+"))/.test(text.slice(from, quote + 1)) ? -1 : quote;
};

const isOpenSequence = (text: string, code: number, at: number): boolean =>
  (code === Char.dollar || code === Char.percent) &&
  text.charCodeAt(at + 1) === Char.openBrace &&
  text.charCodeAt(at - 1) !== code;

/** To the end of the marker's line, or the end of the text where there is no marker. */
const skipHeredoc = (scanner: Scanner): number => {
  const { text } = scanner;
  const marker = scanner.tokenText().replace(/^<<-?/, "").trim();
  for (let line = scanner.end; line < text.length; ) {
    const newline = text.indexOf("\n", line);
    const end = newline === -1 ? text.length : newline;
    if (text.slice(line, end).trim() === marker) return end;
    line = end + 1;
  }
  return text.length;
};
