import type { Expression, GetAttributeExpression, IndexExpression, VariableExpression } from "../load/hcl/ast.ts";
import type { SourceRange } from "../model/source-range.ts";
import type { Value } from "../model/value.ts";
import { evaluate } from "./expression.ts";
import { type EvaluationContext, reportError } from "./expression-scope.ts";
import { getAttribute, getIndex } from "./values-access.ts";
import { invalidValue, machineNumber } from "./values-construct.ts";

/** A root name alone. */
export const evaluateVariable = (expression: VariableExpression, context: EvaluationContext): Value =>
  resolveRoot(expression, [], context).value;

/** `source.name` and the legacy `source.0`. */
export const evaluateAttribute = (expression: GetAttributeExpression, context: EvaluationContext): Value => {
  const root = rootOf(expression);
  if (root === undefined) return step(evaluate(expression.source, context), expression, context);
  const steps = attributeSteps(expression);
  const names = leadingNames(steps);
  const { value, used } = resolveRoot(root, names, context);
  let current = value;
  for (let index = used; index < steps.length; index++) {
    const next = steps[index];
    if (next === undefined) break;
    const before = context.diagnostics.length;
    current = step(current, next, context);
    if (context.diagnostics.length > before) return current;
  }
  return current;
};

const step = (source: Value, expression: GetAttributeExpression, context: EvaluationContext): Value => {
  const found = expression.legacyIndex
    ? getIndex(source, machineNumber(Number(expression.name)))
    : getAttribute(source, expression.name);
  if (found.kind !== "failure") return found;
  reportError(context, found.summary, found.message, stepRange(expression));
  return invalidValue;
};

/** The text of the step alone: from the dot, or the bracket, on. */
const stepRange = (expression: GetAttributeExpression | IndexExpression): SourceRange => ({
  file: expression.range.file,
  start: expression.source.range.end,
  end: expression.range.end,
});

/** `source[key]`. */
export const evaluateIndex = (expression: IndexExpression, context: EvaluationContext): Value => {
  const source = evaluate(expression.source, context);
  const key = evaluate(expression.key, context);
  const found = getIndex(source, key);
  if (found.kind !== "failure") return found;
  reportError(context, found.summary, found.message, stepRange(expression));
  return invalidValue;
};

/** The root name that a chain of attributes starts from, if it starts from one. */
const rootOf = (expression: Expression): VariableExpression | undefined => {
  let current = expression;
  while (current.kind === "attribute") current = current.source;
  return current.kind === "variable" ? current : undefined;
};

const attributeSteps = (expression: GetAttributeExpression): readonly GetAttributeExpression[] => {
  const steps: GetAttributeExpression[] = [];
  let current: Expression = expression;
  while (current.kind === "attribute") {
    steps.push(current);
    current = current.source;
  }
  return steps.reverse();
};

const leadingNames = (steps: readonly GetAttributeExpression[]): readonly string[] => {
  const names: string[] = [];
  for (const { name, legacyIndex } of steps) {
    if (legacyIndex) break;
    names.push(name);
  }
  return names;
};

const resolveRoot = (
  root: VariableExpression,
  names: readonly string[],
  context: EvaluationContext,
): { readonly value: Value; readonly used: number } => {
  for (let local = context.locals; local !== undefined; local = local.outer)
    if (local.name === root.name) return { value: local.value, used: 0 };
  const resolved = context.scope.resolve(root.name, names, root.range, (problem) => {
    context.diagnostics.push(problem);
  });
  if (resolved !== undefined) return resolved;
  reportError(context, "Unknown variable", `There is no variable named ${JSON.stringify(root.name)}.`, root.range);
  return { value: invalidValue, used: names.length };
};
