import type { SourcePosition, SourceRange } from "../../model/source-range.ts";
import type { Expression, ObjectItem } from "./ast.ts";
import type { Scanner } from "./scanner.ts";
import { Char, Token } from "./tokens.ts";

type ReadExpression = (scanner: Scanner) => Expression;

/** `[a, b]` or `[for …]` at the current token. */
export const readTuple = (scanner: Scanner, readExpression: ReadExpression): Expression => {
  const start = scanner.position();
  const opening = () => openingAt(scanner, start);
  const outer = scanner.ignoreNewlines;
  scanner.ignoreNewlines = true;
  scanner.advance();
  if (scanner.isKeyword("for")) return readFor(scanner, start, false, outer, readExpression);
  const items: Expression[] = [];
  let height = 0;
  while (scanner.kind !== Char.closeBracket && !scanner.errors.isQuiet) {
    items.push(readExpression(scanner));
    height = Math.max(height, scanner.height);
    if (scanner.kind === Char.comma) scanner.advance();
    else if (scanner.kind === Token.end) failUnterminated(scanner, "tuple", opening());
    else if (scanner.kind !== Char.closeBracket) {
      const detail = "Expected a comma to mark the beginning of the next item.";
      scanner.errors.fail("Missing item separator", detail, scanner.range());
    }
  }
  scanner.ignoreNewlines = outer;
  scanner.advance();
  scanner.grown(height + 1);
  return { kind: "tuple", items, range: scanner.rangeSince(start) };
};

/** `{ a = b }` or `{for …}` at the current token. Newlines separate items, unless the object is a for expression. */
export const readObject = (scanner: Scanner, readExpression: ReadExpression): Expression => {
  const start = scanner.position();
  const outer = scanner.ignoreNewlines;
  scanner.ignoreNewlines = true;
  scanner.advance();
  if (scanner.isKeyword("for")) return readFor(scanner, start, true, outer, readExpression);
  scanner.ignoreNewlines = false;
  const items: ObjectItem[] = [];
  let height = 0;
  while (scanner.kind !== Char.closeBrace && !scanner.errors.isQuiet) {
    if (scanner.kind === Token.newline) {
      scanner.advance();
      continue;
    }
    const key = readExpression(scanner);
    height = Math.max(height, scanner.height);
    if (!expectEquals(scanner, start)) break;
    scanner.advance();
    const value = readExpression(scanner);
    height = Math.max(height, scanner.height);
    items.push({ key, value });
    if (scanner.kind === Char.comma || scanner.kind === Token.newline) scanner.advance();
    else if (scanner.kind === Token.end) failUnterminated(scanner, "object", openingAt(scanner, start));
    else if (scanner.kind !== Char.closeBrace) {
      const detail = "A newline or a comma must come between attributes.";
      scanner.errors.fail("Missing attribute separator", detail, scanner.range());
    }
  }
  scanner.ignoreNewlines = outer;
  scanner.advance();
  scanner.grown(height + 1);
  return { kind: "object", items, range: scanner.rangeSince(start) };
};

const expectEquals = (scanner: Scanner, start: SourcePosition): boolean => {
  switch (scanner.kind) {
    case Char.equals:
    case Char.colon:
      return true;
    case Token.newline:
    case Char.comma:
      scanner.errors.fail("Missing attribute value", 'An equals sign ("=") and a value must follow.', scanner.range());
      return false;
    case Token.end:
      failUnterminated(scanner, "object", openingAt(scanner, start));
      return false;
    default: {
      const detail =
        'An equals sign ("=") must follow the key. A key with other characters than those of a name is written in quotes.';
      scanner.errors.fail("Missing key/value separator", detail, scanner.range());
      return false;
    }
  }
};

const readFor = (
  scanner: Scanner,
  start: SourcePosition,
  isObject: boolean,
  outer: boolean,
  readExpression: ReadExpression,
): Expression => {
  scanner.advance();
  const names = readForNames(scanner);
  const collection = readExpression(scanner);
  let height = scanner.height;
  expect(scanner, Char.colon, "needs a colon after the collection");
  scanner.advance();
  let key: Expression | undefined;
  let value = readExpression(scanner);
  height = Math.max(height, scanner.height);
  if (scanner.kind === Token.fatArrow) {
    scanner.advance();
    key = value;
    value = readExpression(scanner);
    height = Math.max(height, scanner.height);
  }
  const grouping = scanner.kind === Token.ellipsis ? scanner.range() : undefined;
  if (grouping !== undefined) scanner.advance();
  let condition: Expression | undefined;
  if (scanner.isKeyword("if")) {
    scanner.advance();
    condition = readExpression(scanner);
    height = Math.max(height, scanner.height);
  }
  expect(scanner, isObject ? Char.closeBrace : Char.closeBracket, "ends here, but its closing bracket does not follow");
  scanner.ignoreNewlines = outer;
  scanner.advance();
  scanner.grown(height + 1);
  checkForm(scanner, isObject, key, value, grouping);
  const range = scanner.rangeSince(start);
  return { kind: "for", ...names, collection, key, value, condition, grouping: grouping !== undefined, range };
};

const readForNames = (scanner: Scanner): { readonly keyName: string | undefined; readonly valueName: string } => {
  const first = readForName(scanner, "needs a variable name after 'for'");
  let second: string | undefined;
  if (scanner.kind === Char.comma) {
    scanner.advance();
    second = readForName(scanner, "needs the name of the value after the comma");
  }
  if (!scanner.isKeyword("in")) failFor(scanner, "needs the word 'in' after its names", scanner.range());
  scanner.advance();
  return second === undefined ? { keyName: undefined, valueName: first } : { keyName: first, valueName: second };
};

const readForName = (scanner: Scanner, complaint: string): string => {
  expect(scanner, Token.identifier, complaint);
  const name = scanner.tokenText();
  scanner.advance();
  return name;
};

const checkForm = (
  scanner: Scanner,
  isObject: boolean,
  key: Expression | undefined,
  value: Expression,
  grouping: SourceRange | undefined,
): void => {
  if (isObject && key === undefined) {
    noteFor(scanner, 'builds an object, so it needs a key, as in "key => value"', value.range);
  }
  if (!isObject && key !== undefined) noteFor(scanner, "builds a tuple, so it may not have a key", key.range);
  if (!isObject && grouping !== undefined) noteFor(scanner, 'builds a tuple, so it may not group with "..."', grouping);
};

const expect = (scanner: Scanner, kind: number, complaint: string): void => {
  if (scanner.kind !== kind) failFor(scanner, complaint, scanner.range());
};

const failFor = (scanner: Scanner, complaint: string, range: SourceRange): void =>
  scanner.errors.fail("Invalid 'for' expression", `A for expression ${complaint}.`, range);

const noteFor = (scanner: Scanner, complaint: string, range: SourceRange): void =>
  scanner.errors.note("Invalid 'for' expression", `This for expression ${complaint}.`, range);

const failUnterminated = (scanner: Scanner, what: "tuple" | "object", opening: SourceRange): void => {
  const detail = `The ${what} has no closing bracket. The nesting of what is written inside it may be wrong.`;
  scanner.errors.fail(`Unterminated ${what} constructor expression`, detail, opening);
};

const openingAt = (scanner: Scanner, start: SourcePosition): SourceRange => ({
  file: scanner.lines.file,
  start,
  end: { ...start, column: start.column + 1, offset: start.offset + 1 },
});
