import type { SourcePosition, SourceRange } from "../../model/source-range.ts";
import { formatPlace, spanOf } from "../../model/source-range.ts";
import type { Attribute, Block, Body } from "./ast.ts";
import { readExpression } from "./expression.ts";
import { readLabels } from "./labels.ts";
import { isBlockAtMargin, skipItem } from "./recovery.ts";
import type { Scanner } from "./scanner.ts";
import { Char, Token } from "./tokens.ts";

/** The content of a whole file. HCL native syntax specification, "Structural elements". */
export const readFileBody = (scanner: Scanner): Body => {
  const content = newContent();
  scanner.scan(0);
  const start = scanner.lines.at(0);
  for (;;) {
    readItems(scanner, content, false);
    if (scanner.kind === Token.end || scanner.errors.isFull) break;
    if (scanner.kind !== Char.closeBrace) continue;
    // After an error a brace too many is most likely its consequence.
    if (scanner.errors.count === 0) {
      failItem(scanner, "An argument or a block must stand here; this brace closes nothing.");
      scanner.errors.recover();
    }
    scanner.advance();
  }
  return {
    ...finished(content),
    range: { file: scanner.lines.file, start, end: scanner.lines.at(scanner.text.length) },
  };
};

interface Content {
  readonly attributes: Attribute[];
  readonly blocks: Block[];
  /** Made when there are many attributes; a few are found quicker without. */
  byName: Map<string, Attribute> | undefined;
}

const newContent = (): Content => ({ attributes: [], blocks: [], byName: undefined });

const finished = ({ attributes, blocks }: Content): Pick<Body, "attributes" | "blocks"> => ({ attributes, blocks });

/** Items up to a closing brace, the end, or, within a block, a block at the margin that shows that a brace is missing. */
const readItems = (scanner: Scanner, content: Content, isNested: boolean): void => {
  while (scanner.kind !== Token.end && scanner.kind !== Char.closeBrace && !scanner.errors.isFull) {
    const from = scanner.start;
    if (scanner.kind === Token.newline) {
      scanner.advance();
      continue;
    }
    if (scanner.kind === Token.identifier) readItem(scanner, content);
    else if (scanner.kind === Char.quote) {
      scanner.errors.fail("Invalid argument name", "The name of an argument stands without quotes.", scanner.range());
    } else failItem(scanner, "An argument or a block must stand here.");
    if (!scanner.errors.isQuiet) continue;
    skipItem(scanner, from);
    if (isNested && isAtMargin(scanner)) return;
    // The brace belongs to what has just been complained about.
    if (!isNested && scanner.kind === Char.closeBrace) scanner.advance();
  }
};

/** At a block that begins in the first column: surely none of an unclosed one. */
const isAtMargin = (scanner: Scanner): boolean =>
  scanner.position().column === 1 && isBlockAtMargin(scanner.text, scanner.start);

const failItem = (scanner: Scanner, detail: string, range = scanner.range()): void =>
  scanner.errors.fail("Argument or block definition required", detail, range);

const readItem = (scanner: Scanner, content: Content): void => {
  const start = scanner.position();
  const name = scanner.tokenText();
  scanner.advance();
  const nameRange = scanner.rangeSince(start);
  switch (scanner.kind) {
    case Char.equals:
      addAttribute(scanner, content, readAttribute(scanner, name, nameRange));
      if (!scanner.errors.isQuiet) endAttribute(scanner);
      break;
    case Char.quote:
    case Char.openBrace:
    case Token.identifier:
      content.blocks.push(readBlock(scanner, name, nameRange));
      break;
    default:
      failItem(
        scanner,
        'An argument or a block must stand here. An argument has an equals sign ("=") after its name.',
        nameRange,
      );
  }
};

const readAttribute = (scanner: Scanner, name: string, nameRange: SourceRange): Attribute => {
  scanner.advance();
  const start = scanner.position();
  scanner.depth++;
  const read = readExpression(scanner);
  scanner.depth--;
  const value = scanner.errors.isQuiet ? ({ kind: "invalid", range: scanner.rangeSince(start) } as const) : read;
  return { name, nameRange, value, range: spanOf(nameRange, value.range) };
};

const addAttribute = (scanner: Scanner, content: Content, attribute: Attribute): void => {
  const first = attributeNamed(content, attribute.name);
  if (first === undefined) {
    content.byName?.set(attribute.name, attribute);
    content.attributes.push(attribute);
    return;
  }
  const detail = `The argument "${attribute.name}" is set already at ${formatPlace(first.nameRange)}. It can be set once.`;
  scanner.errors.note("Attribute redefined", detail, attribute.nameRange);
};

const attributeNamed = (content: Content, name: string): Attribute | undefined => {
  const { attributes } = content;
  if (attributes.length < 16) return attributes.find((attribute) => attribute.name === name);
  content.byName ??= new Map(attributes.map((attribute) => [attribute.name, attribute]));
  return content.byName.get(name);
};

const endAttribute = (scanner: Scanner): void => {
  switch (scanner.kind) {
    case Token.newline:
      scanner.advance();
      break;
    case Token.end:
      break;
    case Char.comma:
      scanner.errors.fail(
        "Unexpected comma after argument",
        "Arguments are separated by newlines, not by commas.",
        scanner.range(),
      );
      break;
    default:
      scanner.errors.fail("Missing newline after argument", "An argument ends with its line.", scanner.range());
  }
};

const readBlock = (scanner: Scanner, type: string, typeRange: SourceRange): Block => {
  const labels = readLabels(scanner);
  const headerRange = spanOf(typeRange, labels.at(-1)?.range ?? typeRange);
  const hasBody = !scanner.errors.isQuiet;
  const body = readBlockBody(scanner, typeRange.start);
  if (!scanner.errors.isQuiet) {
    if (scanner.kind === Token.newline) scanner.advance();
    else if (scanner.kind !== Token.end && !isAtMargin(scanner)) {
      scanner.errors.fail("Missing newline after block definition", "A block ends with its line.", scanner.range());
    }
  }
  return { type, typeRange, labels, body, headerRange, range: spanOf(typeRange, hasBody ? body.range : headerRange) };
};

/** After an error in its header a block stands empty at its start, as hclsyntax has it. */
const readBlockBody = (scanner: Scanner, blockStart: SourcePosition): Body => {
  const content = newContent();
  const bodyStart = scanner.errors.isQuiet ? blockStart : scanner.position();
  if (scanner.errors.isQuiet || !scanner.enter()) return emptyBody(scanner, bodyStart);
  const opening = scanner.range();
  const errorsBefore = scanner.errors.count;
  scanner.advance();
  if (scanner.kind === Token.newline || scanner.kind === Char.closeBrace || scanner.kind === Token.end) {
    readItems(scanner, content, true);
    if (scanner.kind === Char.closeBrace) scanner.advance();
    else if (scanner.errors.count === errorsBefore) failUnclosed(scanner, opening);
  } else {
    readOnlyAttribute(scanner, content, opening);
  }
  scanner.depth--;
  return { ...finished(content), range: covering(scanner.rangeSince(bodyStart), content) };
};

/** After an error what could not be read may reach further than the last token that could. */
const covering = (range: SourceRange, { attributes, blocks }: Content): SourceRange => {
  const ends = [attributes.at(-1)?.range.end, blocks.at(-1)?.range.end, range.end];
  const end = ends.reduce((last, next) => (next !== undefined && (last?.offset ?? 0) < next.offset ? next : last));
  return end === undefined ? range : { ...range, end };
};

const emptyBody = (scanner: Scanner, start: SourcePosition): Body => ({
  attributes: [],
  blocks: [],
  range: { file: scanner.lines.file, start, end: start },
});

const failUnclosed = (scanner: Scanner, opening: SourceRange): void => {
  const detail = "The block has no closing brace. The nesting of what is written inside it may be wrong.";
  scanner.errors.note("Unclosed configuration block", detail, opening);
};

/** `x { a = 1 }`: a block on one line holds one argument and no blocks. */
const readOnlyAttribute = (scanner: Scanner, content: Content, opening: SourceRange): void => {
  const start = scanner.position();
  const name = scanner.tokenText();
  if (scanner.kind !== Token.identifier) {
    failItem(scanner, "An argument or a block must stand here.");
    return;
  }
  scanner.advance();
  const nameRange = scanner.rangeSince(start);
  switch (scanner.kind) {
    case Char.equals:
      addAttribute(scanner, content, readAttribute(scanner, name, nameRange));
      break;
    case Char.quote:
    case Char.openBrace:
    case Token.identifier: {
      const range = { ...nameRange, end: nestedHeaderEnd(scanner) };
      const detail = `A block on one line holds one argument. Set "${name}" with an equals sign, or put the nested block on lines of its own.`;
      scanner.errors.fail("Argument definition required", detail, range);
      break;
    }
    default:
      failItem(scanner, 'An argument has an equals sign ("=") after its name.', nameRange);
  }
  if (scanner.errors.isQuiet) return;
  if (scanner.kind === Char.closeBrace) {
    scanner.advance();
    return;
  }
  if (scanner.kind === Token.end) {
    failUnclosed(scanner, opening);
    return;
  }
  const detail =
    scanner.kind === Token.newline
      ? "The block began on the line of its argument, so its closing brace must stand on that line as well."
      : "A block on one line holds one argument and ends with a closing brace. Put several arguments on lines of their own.";
  scanner.errors.fail("Invalid single-argument block definition", detail, scanner.range());
};

const nestedHeaderEnd = (scanner: Scanner): SourcePosition => scanner.lines.at(scanner.end);
