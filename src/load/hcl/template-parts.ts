import type { SourceRange } from "../../model/source-range.ts";
import { formatPlace } from "../../model/source-range.ts";
import type { Expression, TemplatePart } from "./ast.ts";
import type { Scanner } from "./scanner.ts";

/** The parts of a template in the order of the text, before directives are matched with their ends. */
export type FlatPart =
  | { readonly kind: "text"; text: string; readonly range: SourceRange }
  | { readonly kind: "interpolation"; readonly value: Expression; readonly range: SourceRange }
  | { readonly kind: "if"; readonly condition: Expression; readonly range: SourceRange }
  | { readonly kind: "else" | "endif" | "endfor"; readonly range: SourceRange }
  | {
      readonly kind: "for";
      readonly keyName: string | undefined;
      readonly valueName: string;
      readonly collection: Expression;
      readonly range: SourceRange;
    };

type IfPart = Extract<FlatPart, { kind: "if" }>;
type ForPart = Extract<FlatPart, { kind: "for" }>;

interface Open {
  readonly by: IfPart | ForPart | undefined;
  parts: TemplatePart[];
  /** The parts before `else`, once it has come. */
  before: readonly TemplatePart[] | undefined;
}

/** Matches `if`, `else`, `endif`, `for` and `endfor`, and joins texts that touch; `undefined`, with an error told, where they do not match. */
export const nestParts = (
  scanner: Scanner,
  flat: readonly FlatPart[],
  end: SourceRange,
): readonly TemplatePart[] | undefined => {
  const stack: Open[] = [{ by: undefined, parts: [], before: undefined }];
  const top = () => stack.at(-1) as Open;
  for (const part of flat) {
    switch (part.kind) {
      case "text":
        addText(top().parts, part.text, part.range);
        break;
      case "interpolation":
        top().parts.push(part);
        break;
      case "if":
      case "for":
        stack.push({ by: part, parts: [], before: undefined });
        scanner.grown(stack.length + scanner.height);
        break;
      case "else":
        if (!beginElse(top(), part.range, scanner)) return undefined;
        break;
      default: {
        const closed = stack.pop() as Open;
        const whole = close(closed, part.kind, part.range, scanner);
        if (whole === undefined) return undefined;
        top().parts.push(whole);
      }
    }
  }
  const open = top().by;
  if (open !== undefined) {
    const detail = `The ${open.kind} directive at ${formatPlace(open.range)} has no ${open.kind === "if" ? "endif" : "endfor"}.`;
    scanner.errors.note("Unexpected end of template", detail, end);
    return undefined;
  }
  return (stack[0] as Open).parts;
};

const addText = (parts: TemplatePart[], text: string, range: SourceRange): void => {
  const last = parts.at(-1);
  if (last?.kind !== "text") {
    parts.push({ kind: "text", text, range });
    return;
  }
  parts[parts.length - 1] = { kind: "text", text: last.text + text, range: { ...last.range, end: range.end } };
};

const beginElse = (open: Open, range: SourceRange, scanner: Scanner): boolean => {
  if (open.by?.kind !== "if" || open.before !== undefined) {
    const detail =
      open.by === undefined
        ? "There is no if directive that this else could belong to."
        : `It does not fit the ${open.by.kind} directive at ${formatPlace(open.by.range)}.`;
    scanner.errors.note("Unexpected else directive", detail, range);
    return false;
  }
  open.before = open.parts;
  open.parts = [];
  return true;
};

const close = (open: Open, kind: "endif" | "endfor", end: SourceRange, scanner: Scanner): TemplatePart | undefined => {
  const { by } = open;
  const range = { file: end.file, start: by?.range.start ?? end.start, end: end.end };
  if (by?.kind === "if" && kind === "endif") {
    const then = open.before ?? open.parts;
    return { kind: "if", condition: by.condition, then, otherwise: open.before === undefined ? [] : open.parts, range };
  }
  if (by?.kind === "for" && kind === "endfor") {
    const { keyName, valueName, collection } = by;
    return { kind: "for", keyName, valueName, collection, body: open.parts, range };
  }
  const detail =
    by === undefined
      ? `There is no ${kind.slice(3)} directive that this could end.`
      : `The ${by.kind} directive at ${formatPlace(by.range)} must be ended first.`;
  scanner.errors.note(`Unexpected ${kind} directive`, detail, end);
  return undefined;
};
