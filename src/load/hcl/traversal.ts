import type { SourcePosition } from "../../model/source-range.ts";
import type { Expression, SplatStep } from "./ast.ts";
import type { Scanner } from "./scanner.ts";
import { Char, Token } from "./tokens.ts";

type ReadExpression = (scanner: Scanner) => Expression;

/** The steps after a term: `.name`, `.0`, `[key]`, `.*` and `[*]`. The current token is the first `.` or `[`. */
export const readSteps = (
  scanner: Scanner,
  term: Expression,
  start: SourcePosition,
  readExpression: ReadExpression,
): Expression => {
  let source = term;
  let height = scanner.height;
  while (scanner.kind === Char.dot || scanner.kind === Char.openBracket) {
    const step =
      scanner.kind === Char.dot ? readDotStep(scanner, readExpression) : readBracketStep(scanner, readExpression);
    if (step === undefined) return source;
    height = Math.max(height, scanner.height) + 1;
    scanner.grown(height);
    source = applied(source, step, { file: step.range.file, start, end: step.range.end });
  }
  scanner.height = height;
  return source;
};

const applied = (source: Expression, step: SplatStep, range: SplatStep["range"]): Expression => {
  switch (step.kind) {
    case "attribute":
      return {
        kind: "attribute",
        source,
        name: step.name,
        legacyIndex: step.legacyIndex,
        nameRange: step.range,
        range,
      };
    case "index":
      return { kind: "index", source, key: step.key, range };
    case "splat":
      return { kind: "splat", style: step.style, source, steps: step.steps, range };
  }
};

const readDotStep = (scanner: Scanner, readExpression: ReadExpression): SplatStep | undefined => {
  scanner.advance();
  if (scanner.kind === Char.star) return readAttributeSplat(scanner, readExpression);
  return readName(scanner);
};

/** A name or a legacy index, the dot before it read already. */
const readName = (scanner: Scanner): SplatStep | undefined => {
  const name = scanner.tokenText();
  const legacyIndex = scanner.kind === Token.number;
  if (legacyIndex && !/^\d+$/.test(name)) {
    const detail = `Two indexes may not be chained with dots. Write brackets, as in [${name.split(".").join("][")}].`;
    scanner.errors.fail("Invalid legacy index syntax", detail, scanner.range());
    return undefined;
  }
  if (!legacyIndex && scanner.kind !== Token.identifier) {
    scanner.errors.fail("Invalid attribute name", "The name of an attribute must follow the dot.", scanner.range());
    return undefined;
  }
  const range = scanner.range();
  scanner.advance();
  scanner.height = 1;
  return { kind: "attribute", name, legacyIndex, range };
};

/** `.*` takes the attributes that follow it, but no brackets: those index the whole result. */
const readAttributeSplat = (scanner: Scanner, _readExpression: ReadExpression): SplatStep | undefined => {
  const start = scanner.position();
  scanner.advance();
  const steps: SplatStep[] = [];
  while (scanner.kind === Char.dot) {
    scanner.advance();
    if ((scanner.kind as number) === Char.star) {
      const detail = 'A ".*" may not follow another one. The full form, "[*]", may.';
      scanner.errors.fail("Nested splat expression not allowed", detail, scanner.range());
      return undefined;
    }
    const step = readName(scanner);
    if (step === undefined) return undefined;
    steps.push(step);
  }
  scanner.grown(steps.length + 1);
  return { kind: "splat", style: "attribute", steps, range: scanner.rangeSince(start) };
};

const readBracketStep = (scanner: Scanner, readExpression: ReadExpression): SplatStep | undefined => {
  const start = scanner.position();
  const outer = scanner.ignoreNewlines;
  scanner.ignoreNewlines = true;
  scanner.advance();
  const isSplat = scanner.kind === Char.star;
  if (isSplat) scanner.advance();
  const key = isSplat ? undefined : readExpression(scanner);
  const keyHeight = scanner.height;
  if (scanner.kind !== Char.closeBracket) {
    const summary = isSplat ? "Missing close bracket on splat index" : "Missing close bracket on index";
    scanner.errors.fail(summary, 'A closing bracket ("]") must follow.', scanner.range());
    return undefined;
  }
  scanner.ignoreNewlines = outer;
  scanner.advance();
  scanner.height = keyHeight;
  return key === undefined
    ? readFullSplat(scanner, start, readExpression)
    : { kind: "index", key, range: scanner.rangeSince(start) };
};

/** All steps that follow `[*]` belong to it, further splats included. */
const readFullSplat = (
  scanner: Scanner,
  start: SourcePosition,
  readExpression: ReadExpression,
): SplatStep | undefined => {
  const steps: SplatStep[] = [];
  let height = 0;
  if (!scanner.enter()) return undefined;
  while (scanner.kind === Char.dot || scanner.kind === Char.openBracket) {
    const step =
      scanner.kind === Char.dot ? readDotStep(scanner, readExpression) : readBracketStep(scanner, readExpression);
    if (step === undefined) return undefined;
    steps.push(step);
    height = Math.max(height, scanner.height);
    scanner.grown(Math.max(height, steps.length));
  }
  scanner.depth--;
  scanner.grown(height + steps.length);
  return { kind: "splat", style: "full", steps, range: scanner.rangeSince(start) };
};
