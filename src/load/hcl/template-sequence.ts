import type { SourceRange } from "../../model/source-range.ts";
import type { Expression } from "./ast.ts";
import type { Scanner } from "./scanner.ts";
import type { FlatPart } from "./template-parts.ts";
import { Char, Token } from "./tokens.ts";

type ReadExpression = (scanner: Scanner) => Expression;

interface Sequence {
  readonly part: FlatPart;
  /** Closed by `~}`. */
  readonly trimsNext: boolean;
}

type ReadInside<T> = (scanner: Scanner, readExpression: ReadExpression) => T | undefined;

/** `${ expression }` at `start`, its inside from `inside` on; leaves `scanner.end` behind the closing brace. */
export const readInterpolation = (
  scanner: Scanner,
  start: number,
  inside: number,
  readExpression: ReadExpression,
  quotedStart: (() => SourceRange) | undefined,
): Sequence | undefined => {
  const read: ReadInside<Expression> = () => readExpression(scanner);
  const complain = () => {
    const isUnclosed = quotedStart !== undefined && scanner.kind === Char.quote;
    if (isUnclosed || scanner.kind === Token.end) {
      const detail = "The sequence has no closing brace. The nesting of what is written inside it may be wrong.";
      scanner.errors.fail("Unclosed template interpolation sequence", detail, quotedStart?.() ?? scanner.range());
    } else {
      const detail = `A closing brace must follow the expression. If the text is meant for another language, such as a shell, write "$\${" for "\${".`;
      scanner.errors.fail("Extra characters after interpolation expression", detail, scanner.range());
    }
  };
  const result = readSequence(scanner, inside, readExpression, read, complain);
  if (result === undefined) return undefined;
  const range = scanner.lines.range(start, scanner.end);
  return { part: { kind: "interpolation", value: result.value, range }, trimsNext: result.trimsNext };
};

/** `%{ keyword … }` at `start`, its inside from `inside` on. */
export const readDirective = (
  scanner: Scanner,
  start: number,
  inside: number,
  readExpression: ReadExpression,
): Sequence | undefined => {
  let keyword = "";
  const read: ReadInside<DirectiveInside> = () => {
    keyword = scanner.tokenText();
    return readKeyword(scanner, readExpression);
  };
  const complain = () => {
    const detail = "A closing brace must end the directive.";
    scanner.errors.fail(`Extra characters in ${keyword} marker`, detail, scanner.range());
  };
  const result = readSequence(scanner, inside, readExpression, read, complain);
  if (result === undefined) return undefined;
  const range = scanner.lines.range(start, scanner.end);
  return { part: { ...result.value, range }, trimsNext: result.trimsNext };
};

const readSequence = <T>(
  scanner: Scanner,
  inside: number,
  readExpression: ReadExpression,
  read: ReadInside<T>,
  complain: () => void,
): { readonly value: T; readonly trimsNext: boolean } | undefined => {
  const outer = scanner.ignoreNewlines;
  scanner.ignoreNewlines = true;
  scanner.end = inside;
  scanner.advance();
  const value = read(scanner, readExpression);
  scanner.ignoreNewlines = outer;
  if (value === undefined || scanner.errors.isQuiet) return undefined;
  if (scanner.kind !== Char.closeBrace && scanner.kind !== Token.trimmedEnd) {
    complain();
    return undefined;
  }
  return { value, trimsNext: scanner.kind === Token.trimmedEnd };
};

type DirectiveInside =
  | { readonly kind: "if"; readonly condition: Expression }
  | { readonly kind: "else" | "endif" | "endfor" }
  | {
      readonly kind: "for";
      readonly keyName: string | undefined;
      readonly valueName: string;
      readonly collection: Expression;
    };

const readKeyword = (scanner: Scanner, readExpression: ReadExpression): DirectiveInside | undefined => {
  const keyword = scanner.tokenText();
  if (scanner.kind !== Token.identifier) {
    scanner.errors.fail(
      "Invalid template directive",
      'A keyword, such as "if" or "for", must follow "%{".',
      scanner.range(),
    );
    return undefined;
  }
  switch (keyword) {
    case "if":
      scanner.advance();
      return { kind: "if", condition: readExpression(scanner) };
    case "else":
    case "endif":
    case "endfor":
      scanner.advance();
      return { kind: keyword };
    case "for":
      scanner.advance();
      return readFor(scanner, readExpression);
    default: {
      const detail = `"${keyword}" is not a keyword of templates: they are if, else, endif, for and endfor.`;
      scanner.errors.fail("Invalid template control keyword", detail, scanner.range());
      return undefined;
    }
  }
};

const readFor = (scanner: Scanner, readExpression: ReadExpression): DirectiveInside | undefined => {
  let keyName: string | undefined;
  let valueName = readName(scanner, "a variable name after 'for'");
  if (scanner.kind === Char.comma) {
    scanner.advance();
    keyName = valueName;
    valueName = readName(scanner, "the name of the value after the comma");
  }
  if (!scanner.isKeyword("in")) {
    failFor(scanner, "the word 'in' after the names");
    return undefined;
  }
  scanner.advance();
  return { kind: "for", keyName, valueName, collection: readExpression(scanner) };
};

const readName = (scanner: Scanner, what: string): string => {
  const name = scanner.tokenText();
  if (scanner.kind !== Token.identifier) failFor(scanner, what);
  scanner.advance();
  return name;
};

const failFor = (scanner: Scanner, what: string): void =>
  scanner.errors.fail("Invalid 'for' directive", `A for directive needs ${what}.`, scanner.range());
