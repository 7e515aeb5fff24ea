import type { Expression, SplatStep, TemplatePart } from "../load/hcl/ast.ts";
import type { SourceRange } from "../model/source-range.ts";

/** A name and the fixed steps after it: `azurerm_subnet.nodes["a"].id`. A step that must be computed ends it. */
export interface Traversal {
  readonly root: string;
  readonly rootRange: SourceRange;
  readonly steps: readonly TraversalStep[];
}

export interface TraversalStep {
  readonly kind: "attribute" | "index";
  readonly key: string | number;
  /** The step's own text, `.id` or `["a"]`. */
  readonly range: SourceRange;
}

const collected = new WeakMap<Expression, readonly Traversal[]>();

/** Every traversal in the expression that does not start at a name of a `for` around it, in the order of the text. */
export const traversalsIn = (expression: Expression): readonly Traversal[] => {
  const known = collected.get(expression);
  if (known !== undefined) return known;
  const found: Traversal[] = [];
  walk(expression, noNames, found);
  collected.set(expression, found);
  return found;
};

/** The expression as one traversal, where it is nothing else. */
export const asTraversal = (expression: Expression): Traversal | undefined => {
  const steps: TraversalStep[] = [];
  let at = expression;
  for (;;) {
    switch (at.kind) {
      case "variable":
        return { root: at.name, rootRange: at.range, steps: steps.reverse() };
      case "attribute":
        steps.push({
          kind: at.legacyIndex ? "index" : "attribute",
          key: at.legacyIndex ? Number(at.name) : at.name,
          range: after(at.source.range, at.range),
        });
        at = at.source;
        break;
      case "index": {
        const key = literalKey(at.key);
        if (key === undefined) return undefined;
        steps.push({ kind: "index", key, range: after(at.source.range, at.range) });
        at = at.source;
        break;
      }
      default:
        return undefined;
    }
  }
};

const after = (source: SourceRange, whole: SourceRange): SourceRange => ({
  file: whole.file,
  start: source.end,
  end: whole.end,
});

const literalKey = (key: Expression): string | number | undefined => {
  if (key.kind !== "literal") return undefined;
  if (typeof key.value === "string") return key.value;
  return typeof key.value === "object" && key.value !== null ? Number(key.value.number) : undefined;
};

type Names = ReadonlySet<string>;
const noNames: Names = new Set();

const walk = (expression: Expression, hidden: Names, found: Traversal[]): void => {
  switch (expression.kind) {
    case "literal":
    case "invalid":
      return;
    case "variable":
    case "attribute":
    case "index":
      walkTraversal(expression, hidden, found);
      return;
    case "template":
      for (const part of expression.parts) walkPart(part, hidden, found);
      return;
    case "wrap":
    case "parentheses":
      walk(expression.inner, hidden, found);
      return;
    case "splat":
      walk(expression.source, hidden, found);
      for (const step of expression.steps) walkStep(step, hidden, found);
      return;
    case "call":
      for (const argument of expression.arguments) walk(argument, hidden, found);
      return;
    case "unary":
      walk(expression.operand, hidden, found);
      return;
    case "binary":
      walk(expression.left, hidden, found);
      walk(expression.right, hidden, found);
      return;
    case "conditional":
      walk(expression.condition, hidden, found);
      walk(expression.then, hidden, found);
      walk(expression.otherwise, hidden, found);
      return;
    case "tuple":
      for (const item of expression.items) walk(item, hidden, found);
      return;
    case "object":
      for (const { key, value } of expression.items) {
        if (key.kind !== "variable") walk(key, hidden, found);
        walk(value, hidden, found);
      }
      return;
    case "for": {
      walk(expression.collection, hidden, found);
      const inner = new Set([...hidden, expression.valueName]);
      if (expression.keyName !== undefined) inner.add(expression.keyName);
      if (expression.key !== undefined) walk(expression.key, inner, found);
      walk(expression.value, inner, found);
      if (expression.condition !== undefined) walk(expression.condition, inner, found);
      return;
    }
  }
};

const walkTraversal = (
  expression: Expression & { readonly kind: "variable" | "attribute" | "index" },
  hidden: Names,
  found: Traversal[],
): void => {
  const traversal = asTraversal(expression);
  if (traversal !== undefined) {
    if (!hidden.has(traversal.root)) found.push(traversal);
    return;
  }
  if (expression.kind === "variable") return;
  walk(expression.source, hidden, found);
  if (expression.kind === "index") walk(expression.key, hidden, found);
};

const walkStep = (step: SplatStep, hidden: Names, found: Traversal[]): void => {
  if (step.kind === "index") walk(step.key, hidden, found);
  if (step.kind === "splat") for (const inner of step.steps) walkStep(inner, hidden, found);
};

const walkPart = (part: TemplatePart, hidden: Names, found: Traversal[]): void => {
  switch (part.kind) {
    case "text":
      return;
    case "interpolation":
      walk(part.value, hidden, found);
      return;
    case "if":
      walk(part.condition, hidden, found);
      for (const inner of part.then) walkPart(inner, hidden, found);
      for (const inner of part.otherwise) walkPart(inner, hidden, found);
      return;
    case "for": {
      walk(part.collection, hidden, found);
      const names = new Set([...hidden, part.valueName]);
      if (part.keyName !== undefined) names.add(part.keyName);
      for (const inner of part.body) walkPart(inner, names, found);
      return;
    }
  }
};
