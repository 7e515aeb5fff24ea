import type { SourcePosition } from "../../model/source-range.ts";
import type { BinaryOperator, CallExpression, Expression, VariableExpression } from "./ast.ts";
import { readObject, readTuple } from "./collections.ts";
import type { Scanner } from "./scanner.ts";
import { readHeredoc, readQuoted } from "./template.ts";
import { Char, Token } from "./tokens.ts";
import { readSteps } from "./traversal.ts";

/** An expression at the current token; the token after it becomes the current one. HCL native syntax specification, "Expressions". */
export const readExpression = (scanner: Scanner): Expression => {
  const start = scanner.position();
  if (!scanner.enter()) return invalid(scanner);
  const condition = readBinary(scanner, readOperand(scanner, start), start, 1);
  const whole = scanner.kind === Char.question ? readConditional(scanner, condition, start) : condition;
  scanner.depth--;
  return whole;
};

const readConditional = (scanner: Scanner, condition: Expression, start: SourcePosition): Expression => {
  let height = scanner.height;
  scanner.advance();
  const then = readExpression(scanner);
  height = Math.max(height, scanner.height);
  if (scanner.kind !== Char.colon) {
    const detail = "A colon and the value for the false case must follow.";
    scanner.errors.fail("Missing false expression in conditional", detail, scanner.range());
    return condition;
  }
  scanner.advance();
  const otherwise = readExpression(scanner);
  scanner.grown(Math.max(height, scanner.height) + 1);
  return { kind: "conditional", condition, then, otherwise, range: scanner.rangeSince(start) };
};

/** Operators that bind at least as tightly as `least`, all of them leaning left. */
const readBinary = (scanner: Scanner, first: Expression, start: SourcePosition, least: number): Expression => {
  let left = first;
  for (;;) {
    const precedence = precedenceOf(scanner.kind);
    if (precedence < least) return left;
    const operator = scanner.tokenText() as BinaryOperator;
    const operatorRange = scanner.range();
    let height = scanner.height;
    scanner.advance();
    const rightStart = scanner.position();
    const right = readBinary(scanner, readOperand(scanner, rightStart), rightStart, precedence + 1);
    height = Math.max(height, scanner.height) + 1;
    scanner.grown(height);
    left = { kind: "binary", operator, left, right, operatorRange, range: scanner.rangeSince(start) };
  }
};

/** 0 for what is not an operator. */
const precedenceOf = (kind: number): number => {
  switch (kind) {
    case Token.or:
      return 1;
    case Token.and:
      return 2;
    case Token.equal:
    case Token.notEqual:
      return 3;
    case Char.less:
    case Char.greater:
    case Token.lessOrEqual:
    case Token.greaterOrEqual:
      return 4;
    case Char.plus:
    case Char.minus:
      return 5;
    case Char.star:
    case Char.slash:
    case Char.percent:
      return 6;
    default:
      return 0;
  }
};

/** A term with what follows it: `.name`, `[key]`, splats; or `-` and `!` before one. */
const readOperand = (scanner: Scanner, start: SourcePosition): Expression => {
  if (scanner.kind === Char.minus || scanner.kind === Char.exclamation) {
    const operator = scanner.kind === Char.minus ? "-" : "!";
    if (!scanner.enter()) return invalid(scanner);
    scanner.advance();
    const operand = readOperand(scanner, scanner.position());
    scanner.depth--;
    scanner.grown(scanner.height + 1);
    return { kind: "unary", operator, operand, range: scanner.rangeSince(start) };
  }
  const term = readTerm(scanner, start);
  return scanner.kind === Char.dot || scanner.kind === Char.openBracket
    ? readSteps(scanner, term, start, readExpression)
    : term;
};

const readTerm = (scanner: Scanner, start: SourcePosition): Expression => {
  switch (scanner.kind) {
    case Char.quote:
      return readQuoted(scanner, readExpression);
    case Token.identifier:
      return readName(scanner, start);
    case Token.number:
      return readNumber(scanner, start);
    case Char.openBracket:
      return readTuple(scanner, readExpression);
    case Char.openBrace:
      return readObject(scanner, readExpression);
    case Char.openParenthesis:
      return readParentheses(scanner, start);
    case Token.heredoc:
      return readHeredoc(scanner, readExpression);
    case Token.end:
      scanner.errors.fail("Missing expression", "An expression should start here, but the text ends.", scanner.range());
      return invalid(scanner);
    default:
      scanner.errors.fail(
        "Invalid expression",
        "Expected the start of an expression, but found an invalid expression token.",
        scanner.range(),
      );
      return invalid(scanner);
  }
};

const readNumber = (scanner: Scanner, start: SourcePosition): Expression => {
  const number = scanner.tokenText();
  if (!/^\d+(?:\.\d*)?(?:[eE][+-]?\d+)?$/.test(number)) {
    scanner.errors.fail("Invalid number literal", `"${number}" is not a number.`, scanner.range());
  }
  scanner.advance();
  scanner.height = 1;
  return { kind: "literal", value: { number }, range: scanner.rangeSince(start) };
};

const readName = (scanner: Scanner, start: SourcePosition): Expression => {
  const name = scanner.tokenText();
  scanner.advance();
  if (scanner.kind === Char.openParenthesis || scanner.kind === Token.doubleColon) {
    return readCall(scanner, name, start);
  }
  scanner.height = 1;
  const range = scanner.rangeSince(start);
  switch (name) {
    case "true":
      return { kind: "literal", value: true, range };
    case "false":
      return { kind: "literal", value: false, range };
    case "null":
      return { kind: "literal", value: null, range };
    default:
      return { kind: "variable", name, range } satisfies VariableExpression;
  }
};

const readParentheses = (scanner: Scanner, start: SourcePosition): Expression => {
  const outer = scanner.ignoreNewlines;
  scanner.ignoreNewlines = true;
  scanner.advance();
  const inner = readExpression(scanner);
  scanner.ignoreNewlines = outer;
  if (scanner.kind !== Char.closeParenthesis) {
    const detail = "A closing parenthesis must end the expression.";
    scanner.errors.fail("Unbalanced parentheses", detail, scanner.range());
  }
  scanner.advance();
  scanner.grown(scanner.height + 1);
  return { kind: "parentheses", inner, range: scanner.rangeSince(start) };
};

const readCall = (scanner: Scanner, first: string, start: SourcePosition): Expression => {
  let name = first;
  while (scanner.kind === Token.doubleColon) {
    scanner.advance();
    if (scanner.kind !== Token.identifier) {
      scanner.errors.fail("Missing function name", 'The name of a function must follow "::".', scanner.range());
      return invalid(scanner);
    }
    name += `::${scanner.tokenText()}`;
    scanner.advance();
  }
  const nameRange = scanner.rangeSince(start);
  if (scanner.kind !== Char.openParenthesis) {
    const detail = `"${name}" names a function of a provider, so its arguments in parentheses must follow.`;
    scanner.errors.fail("Missing open parenthesis", detail, scanner.range());
    return invalid(scanner);
  }
  const outer = scanner.ignoreNewlines;
  scanner.ignoreNewlines = true;
  const openEnd = scanner.end;
  scanner.advance();
  const { items, expandFinal, height } = readArguments(scanner, () => ({
    file: scanner.lines.file,
    start,
    end: scanner.lines.at(openEnd),
  }));
  scanner.ignoreNewlines = outer;
  scanner.advance();
  scanner.grown(height + 1);
  return { kind: "call", name, nameRange, arguments: items, expandFinal, range: scanner.rangeSince(start) };
};

/** Up to the closing parenthesis, which stays the current token. */
const readArguments = (scanner: Scanner, opening: () => CallExpression["range"]) => {
  const items: Expression[] = [];
  let height = 0;
  let expandFinal = false;
  while (scanner.kind !== Char.closeParenthesis && !scanner.errors.isQuiet) {
    items.push(readExpression(scanner));
    height = Math.max(height, scanner.height);
    if (scanner.kind === Char.comma) {
      scanner.advance();
    } else if (scanner.kind === Token.ellipsis) {
      const range = scanner.range();
      expandFinal = true;
      scanner.advance();
      if (scanner.kind === Char.closeParenthesis) break;
      const detail = 'Nothing may stand between "..." and the closing parenthesis.';
      scanner.errors.fail("Missing closing parenthesis", detail, range);
    } else if (scanner.kind === Token.end) {
      const detail = "The call has no closing parenthesis. The nesting of what is written inside it may be wrong.";
      scanner.errors.fail("Unterminated function call", detail, opening());
    } else if (scanner.kind !== Char.closeParenthesis) {
      const detail = "Arguments are separated by commas.";
      scanner.errors.fail("Missing argument separator", detail, scanner.range());
    }
  }
  return { items, expandFinal, height };
};

/** What stands where nothing could be read. */
export const invalid = (scanner: Scanner): Expression => ({ kind: "invalid", range: scanner.range() });
