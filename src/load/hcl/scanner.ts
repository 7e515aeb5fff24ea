import type { SourcePosition, SourceRange } from "../../model/source-range.ts";
import { LineTable, type Origin } from "./line-table.ts";
import { SyntaxErrors } from "./syntax-errors.ts";
import { Char, Token } from "./tokens.ts";

/** Nesting and height of an expression beyond which a text is refused: hostile input must not exhaust the stack. */
const deepest = 250;

/** Expressions in one text: far more than 100,000 lines of configuration have, and as many as a gigabyte of memory carries with ease. */
const mostExpressions = 2_000_000;

/**
 * Reads one token at a time, on demand, so that the parser says what it expects: newlines count or not, a template's text or code.
 * The current token lies from `start` to `end`; `previousEnd` is where the one before it ended.
 */
export class Scanner {
  readonly text: string;
  readonly lines: LineTable;
  readonly errors = new SyntaxErrors();
  kind: number = Token.end;
  start = 0;
  end = 0;
  previousEnd = 0;
  /** True inside parentheses, brackets and template sequences. */
  ignoreNewlines = false;
  /** How deep the parser is nested. */
  depth = 0;
  /** The height of the expression that was read last, in nodes. */
  height = 0;
  #expressions = 0;

  constructor(text: string, origin: Origin) {
    this.text = text;
    this.lines = new LineTable(text, origin);
  }

  /** Goes on to the next token. While errors are quiet there is only the end, so that every loop of the parser ends. */
  advance(): void {
    this.previousEnd = this.end;
    if (this.errors.isQuiet) {
      this.kind = Token.end;
      return;
    }
    this.scan(this.end);
  }

  /** Makes the token at or after `at` the current one. */
  scan(at: number): void {
    this.kind = this.#next(at);
  }

  #next(at: number): number {
    const text = this.text;
    let position = at;
    for (;;) {
      const code = text.charCodeAt(position);
      if (code === Char.space || code === Char.tab) {
        position++;
      } else if (code === Char.hash || (code === Char.slash && text.charCodeAt(position + 1) === Char.slash)) {
        const newline = text.indexOf("\n", position);
        if (newline !== -1 && !this.ignoreNewlines) return this.#token(Token.newline, position, newline + 1);
        position = newline === -1 ? text.length : newline + 1;
      } else if (code === Char.slash && text.charCodeAt(position + 1) === Char.star) {
        const close = text.indexOf("*/", position + 2);
        if (close === -1) return this.#token(code, position, position + 1);
        position = close + 2;
      } else if (
        code === Char.newline ||
        (code === Char.carriageReturn && text.charCodeAt(position + 1) === Char.newline)
      ) {
        const next = code === Char.newline ? position + 1 : position + 2;
        if (!this.ignoreNewlines) return this.#token(Token.newline, position, next);
        position = next;
      } else {
        return this.#solid(code, position);
      }
    }
  }

  /** The range of the current token. */
  range(): SourceRange {
    return this.lines.range(this.start, this.end);
  }

  position(): SourcePosition {
    return this.lines.at(this.start);
  }

  /** From `start` to the end of the token before the current one. */
  rangeSince(start: SourcePosition): SourceRange {
    const end = this.lines.at(this.previousEnd);
    return { file: this.lines.file, start, end: end.offset < start.offset ? start : end };
  }

  tokenText(): string {
    return this.text.slice(this.start, this.end);
  }

  isKeyword(word: string): boolean {
    return (
      this.kind === Token.identifier && this.end - this.start === word.length && this.text.startsWith(word, this.start)
    );
  }

  /** Goes one level deeper; false, with an error told, where that is too deep. */
  enter(): boolean {
    if (++this.#expressions > mostExpressions) this.#tooLarge();
    if (++this.depth <= deepest) return true;
    this.#tooDeep();
    return false;
  }

  /** Takes the height of a new expression; one that grew too high is an error. */
  grown(height: number): void {
    this.height = height;
    if (height > deepest) this.#tooDeep();
  }

  #tooLarge(): void {
    if (this.errors.isQuiet) return;
    const detail = `There are more than ${mostExpressions} expressions. Split the file, or keep the data in JSON.`;
    this.errors.giveUp("File too large", detail, this.range(), "AKS9002");
    this.kind = Token.end;
  }

  #tooDeep(): void {
    if (this.errors.isQuiet) return;
    this.errors.giveUp(
      "Nesting too deep",
      `This is nested more than ${deepest} levels deep, or chained from more than ${deepest} operations. Split it with local values.`,
      this.range(),
      "AKS9002",
    );
    this.kind = Token.end;
  }

  /** Every way through the scanner ends here: it gives the kind, and sets the place. */
  #token(kind: number, start: number, end: number): number {
    this.start = start;
    this.end = end;
    return kind;
  }

  #solid(code: number, position: number): number {
    if (code < 128) {
      const kind = classes[code] as number;
      if (kind === identifierStart) return this.#identifier(position);
      if (kind === digit) return this.#number(position);
      return this.#punctuation(code, position);
    }
    if (position >= this.text.length) return this.#token(Token.end, this.text.length, this.text.length);
    unicodeIdentifier.lastIndex = position;
    if (unicodeIdentifier.test(this.text)) {
      return this.#token(Token.identifier, position, unicodeIdentifier.lastIndex);
    }
    return this.#invalid(position);
  }

  #identifier(position: number): number {
    const text = this.text;
    let end = position + 1;
    let code = text.charCodeAt(end);
    while (code < 128 && (classes[code] as number) >= identifierPart) code = text.charCodeAt(++end);
    if (code >= 128) {
      unicodeRest.lastIndex = end;
      unicodeRest.test(text);
      end = unicodeRest.lastIndex;
    }
    return this.#token(Token.identifier, position, end);
  }

  /** `1..2` is one (bad) number, as in HCL, but `1...` is a number and an ellipsis. */
  #number(position: number): number {
    const text = this.text;
    let at = position + 1;
    let end = at;
    for (;;) {
      const code = text.charCodeAt(at);
      if (isDigit(code)) end = ++at;
      else if (code === Char.dot) at++;
      else if (code === 101 || code === 69) {
        const sign = text.charCodeAt(at + 1);
        const digits = sign === Char.plus || sign === Char.minus ? at + 2 : at + 1;
        if (!isDigit(text.charCodeAt(digits))) break;
        end = at = digits + 1;
      } else break;
    }
    return this.#token(Token.number, position, end);
  }

  #punctuation(code: number, position: number): number {
    const next = this.text.charCodeAt(position + 1);
    switch (code) {
      case Char.equals:
        if (next === Char.equals) return this.#token(Token.equal, position, position + 2);
        if (next === Char.greater) return this.#token(Token.fatArrow, position, position + 2);
        break;
      case Char.exclamation:
        if (next === Char.equals) return this.#token(Token.notEqual, position, position + 2);
        break;
      case Char.greater:
        if (next === Char.equals) return this.#token(Token.greaterOrEqual, position, position + 2);
        break;
      case Char.less:
        if (next === Char.equals) return this.#token(Token.lessOrEqual, position, position + 2);
        if (next === Char.less && isHeredoc(this.text, position)) {
          return this.#token(Token.heredoc, position, heredocStart.lastIndex);
        }
        break;
      case Char.colon:
        if (next === Char.colon) return this.#token(Token.doubleColon, position, position + 2);
        break;
      case Char.dot:
        if (next === Char.dot && this.text.charCodeAt(position + 2) === Char.dot) {
          return this.#token(Token.ellipsis, position, position + 3);
        }
        break;
      case Char.ampersand:
        if (next === Char.ampersand) return this.#token(Token.and, position, position + 2);
        return this.#bitwise(position, ' The logical operator "&&" may be meant.');
      case Char.bar:
        if (next === Char.bar) return this.#token(Token.or, position, position + 2);
        return this.#bitwise(position, ' The logical operator "||" may be meant.');
      case Char.tilde:
        if (next === Char.closeBrace) {
          return this.#token(Token.trimmedEnd, position, position + 2);
        }
        return this.#bitwise(position, ' The logical operator "!" may be meant.');
      case Char.caret:
        return this.#bitwise(position, "");
      default:
        if (classes[code] === 0) return this.#invalid(position);
    }
    return this.#token(code, position, position + 1);
  }

  #bitwise(position: number, hint: string): number {
    const kind = this.#token(Token.invalid, position, position + 1);
    this.errors.character("Unsupported operator", `There are no bitwise operators.${hint}`, this.range(), "bitwise");
    return kind;
  }

  #invalid(position: number): number {
    const character = String.fromCodePoint(this.text.codePointAt(position) ?? 0);
    const kind = this.#token(Token.invalid, position, position + character.length);
    const [detail, once] = complaintAbout(character);
    this.errors.character("Invalid character", detail, this.range(), once);
    return kind;
  }
}

const complaintAbout = (character: string): readonly [detail: string, once?: string] => {
  switch (character) {
    case "'":
      return ['Strings are written in double quotes ("), not in single ones.', character];
    case "`":
      return [
        'The character "`" is not part of the language. A string of several lines is written as a heredoc, as in "<<EOT".',
        character,
      ];
    case ";":
      return [
        'The character ";" is not part of the language. Arguments are separated by newlines, the items of a collection by commas.',
        character,
      ];
    case "“":
    case "”":
    case "‘":
    case "’":
      return [
        "Curly quotes are not part of the language; text that went through a word processor may have them. Use straight double quotes.",
      ];
    default:
      return ["The language does not use this character."];
  }
};

const isHeredoc = (text: string, position: number): boolean => {
  heredocStart.lastIndex = position;
  return heredocStart.test(text);
};

const isDigit = (code: number): boolean => code >= Char.zero && code <= Char.nine;

const punctuation = 1;
const identifierPart = 2;
const digit = 3;
const identifierStart = 4;

const classes = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[A-Za-z_]/.test(character)) return identifierStart;
  if (/[0-9]/.test(character)) return digit;
  if (character === "-") return identifierPart;
  return /[!"%()*+,./:<=>?[\]{}]/.test(character) ? punctuation : 0;
});

const unicodeIdentifier = /\p{ID_Start}[\p{ID_Continue}-]*/uy;
const unicodeRest = /[\p{ID_Continue}-]*/uy;
const heredocStart = /<<-?[\p{ID_Start}_][\p{ID_Continue}-]*\r?\n/uy;
