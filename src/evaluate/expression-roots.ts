import type { Expression, SplatStep, TemplatePart } from "../load/hcl/ast.ts";
import type { SourceRange } from "../model/source-range.ts";

/** A root name that an expression takes from its scope, and where. */
export interface RootName {
  readonly name: string;
  readonly range: SourceRange;
}

/** The names that the scope must know, names bound by `for` aside, in the order of the text (hcl `Variables`). */
export const rootNamesOf = (expression: Expression): readonly RootName[] => {
  const found: RootName[] = [];
  visit(expression, undefined, found);
  return found;
};

interface Bound {
  readonly names: readonly string[];
  readonly outer: Bound | undefined;
}

const isBound = (name: string, bound: Bound | undefined): boolean =>
  bound !== undefined && (bound.names.includes(name) || isBound(name, bound.outer));

const visit = (expression: Expression, bound: Bound | undefined, found: RootName[]): void => {
  switch (expression.kind) {
    case "variable":
      if (!isBound(expression.name, bound)) found.push({ name: expression.name, range: expression.range });
      return;
    case "attribute":
      visit(expression.source, bound, found);
      return;
    case "index":
      visit(expression.source, bound, found);
      visit(expression.key, bound, found);
      return;
    case "splat":
      visit(expression.source, bound, found);
      visitSteps(expression.steps, bound, found);
      return;
    case "wrap":
    case "parentheses":
      visit(expression.inner, bound, found);
      return;
    case "template":
      visitParts(expression.parts, bound, found);
      return;
    case "call":
      for (const argument of expression.arguments) visit(argument, bound, found);
      return;
    case "tuple":
      for (const item of expression.items) visit(item, bound, found);
      return;
    case "object":
      for (const { key, value } of expression.items) {
        if (key.kind !== "variable") visit(key, bound, found);
        visit(value, bound, found);
      }
      return;
    case "unary":
      visit(expression.operand, bound, found);
      return;
    case "binary":
      visit(expression.left, bound, found);
      visit(expression.right, bound, found);
      return;
    case "conditional":
      visit(expression.condition, bound, found);
      visit(expression.then, bound, found);
      visit(expression.otherwise, bound, found);
      return;
    case "for": {
      visit(expression.collection, bound, found);
      const inner = bindNames(expression.keyName, expression.valueName, bound);
      for (const part of [expression.key, expression.value, expression.condition])
        if (part !== undefined) visit(part, inner, found);
      return;
    }
    default:
  }
};

const bindNames = (keyName: string | undefined, valueName: string, outer: Bound | undefined): Bound => ({
  names: keyName === undefined ? [valueName] : [keyName, valueName],
  outer,
});

const visitSteps = (steps: readonly SplatStep[], bound: Bound | undefined, found: RootName[]): void => {
  for (const step of steps) {
    if (step.kind === "index") visit(step.key, bound, found);
    else if (step.kind === "splat") visitSteps(step.steps, bound, found);
  }
};

const visitParts = (parts: readonly TemplatePart[], bound: Bound | undefined, found: RootName[]): void => {
  for (const part of parts) {
    if (part.kind === "interpolation") visit(part.value, bound, found);
    else if (part.kind === "if") {
      visit(part.condition, bound, found);
      visitParts(part.then, bound, found);
      visitParts(part.otherwise, bound, found);
    } else if (part.kind === "for") {
      visit(part.collection, bound, found);
      visitParts(part.body, bindNames(part.keyName, part.valueName, bound), found);
    }
  }
};
