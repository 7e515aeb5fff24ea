import type { SourceRange } from "../../model/source-range.ts";
import { readEscape } from "./escapes.ts";
import type { Scanner } from "./scanner.ts";
import { multiLine } from "./template-text.ts";
import { Char, Token } from "./tokens.ts";

interface Label {
  readonly text: string;
  readonly range: SourceRange;
}

/** The labels of a block up to its opening brace, which becomes the current token. */
export const readLabels = (scanner: Scanner): readonly Label[] => {
  const labels: Label[] = [];
  for (;;) {
    if (scanner.kind === Token.identifier) {
      labels.push({ text: scanner.tokenText(), range: scanner.range() });
      scanner.advance();
    } else if (scanner.kind === Char.quote) {
      labels.push(readQuotedLabel(scanner));
    } else {
      if (scanner.kind !== Char.openBrace) failHeader(scanner);
      return labels;
    }
    if (scanner.errors.isQuiet) return labels;
  }
};

const failHeader = (scanner: Scanner): void => {
  const range = scanner.range();
  const summary = "Invalid block definition";
  if (scanner.kind === Char.equals) {
    scanner.errors.fail(summary, "An equals sign belongs to an argument; a block has none.", range);
  } else if (scanner.kind === Token.newline) {
    scanner.errors.fail(summary, "The opening brace of a block must stand on the line of its header.", range);
  } else {
    scanner.errors.fail(summary, "A label in quotes or the opening brace of the block must stand here.", range);
  }
};

const readQuotedLabel = (scanner: Scanner): Label => {
  const start = scanner.position();
  const source = scanner.text;
  let text = "";
  let at = scanner.end;
  for (;;) {
    const code = source.charCodeAt(at);
    if (code === Char.quote) break;
    if (code === Char.newline || at >= source.length) return unterminated(scanner, start, text, at);
    if (isSequence(source, code, at)) {
      const detail = "A label is a plain string; it may not have interpolations or directives.";
      scanner.errors.fail("Invalid string literal", detail, scanner.lines.range(at, at + 2));
      break;
    }
    if (code === Char.backslash) {
      const sequence = readEscape(scanner, at);
      text += sequence.text;
      at = sequence.end;
    } else {
      const isDoubled = source.charCodeAt(at + 1) === code && isSequence(source, code, at + 1);
      text += source[at];
      at += isDoubled ? 2 : 1;
    }
  }
  scanner.end = at + 1;
  scanner.advance();
  return { text, range: scanner.rangeSince(start) };
};

const isSequence = (text: string, code: number, at: number): boolean =>
  (code === Char.dollar || code === Char.percent) && text.charCodeAt(at + 1) === Char.openBrace;

const unterminated = (scanner: Scanner, start: SourceRange["start"], text: string, at: number): Label => {
  const isNewline = at < scanner.text.length;
  const range = scanner.lines.range(at, isNewline ? at + 1 : at);
  if (isNewline) scanner.errors.character("Invalid multi-line string", multiLine, range);
  const detail = "The label is not closed on its line.";
  if (!isNewline) scanner.errors.note("Unterminated string literal", detail, range);
  scanner.errors.fail(isNewline ? "Invalid string literal" : "Invalid block definition", detail, range);
  scanner.end = at;
  scanner.advance();
  return { text, range: { file: range.file, start, end: range.start } };
};
