import type { Expression } from "../load/hcl/ast.ts";
import type { Diagnostic, Outcome } from "../model/diagnostic.ts";
import { stringType } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import { callExpression } from "./expression-call.ts";
import { evaluateConditional } from "./expression-conditional.ts";
import { evaluateFor } from "./expression-for.ts";
import { evaluateBinary, evaluateUnary } from "./expression-operators.ts";
import { type EvaluationContext, hasErrors, maxDepth, maxSteps, reportError, type Scope } from "./expression-scope.ts";
import { evaluateSplat } from "./expression-splat.ts";
import { evaluateTemplate } from "./expression-template.ts";
import { evaluateAttribute, evaluateIndex, evaluateVariable } from "./expression-traversal.ts";
import {
  boolValue,
  dynamicNull,
  invalidValue,
  numberValue,
  objectValue,
  stringValue,
  tupleValue,
} from "./values-construct.ts";
import { convertValue } from "./values-convert.ts";
import { joinMarks, type Marks, marksOf, noMarks, unmark, withMarks } from "./values-marks.ts";
import { parseNum } from "./values-number-text.ts";

/** The value of an expression in a scope, with the problems that Terraform 1.11.4 would report, in its words. */
export const evaluateExpression = (expression: Expression, scope: Scope): Outcome<Value> => {
  const diagnostics: Diagnostic[] = [];
  const value = evaluateInto(expression, scope, diagnostics);
  return { value, diagnostics };
};

/** As `evaluateExpression`, with the problems added to a list. */
export const evaluateInto = (expression: Expression, scope: Scope, diagnostics: Diagnostic[]): Value => {
  const budget = { steps: maxSteps, depth: 0, exceeded: false };
  const value = evaluate(expression, { scope, diagnostics, locals: undefined, budget });
  if (!budget.exceeded) return value;
  const context = { scope, diagnostics, locals: undefined, budget };
  reportError(
    context,
    "Expression too large",
    `This expression takes more than ${maxSteps} steps, or is nested more than ${maxDepth} deep. Split it, or make the collections that it runs over smaller.`,
    expression.range,
  );
  return invalidValue;
};

/** The value of an expression within an evaluation that is under way. */
export const evaluate = (expression: Expression, context: EvaluationContext): Value => {
  const { budget } = context;
  if (--budget.steps < 0 || budget.depth >= maxDepth) budget.exceeded = true;
  if (budget.exceeded) return invalidValue;
  budget.depth++;
  const value = evaluateKind(expression, context);
  budget.depth--;
  return value;
};

const evaluateKind = (expression: Expression, context: EvaluationContext): Value => {
  switch (expression.kind) {
    case "literal":
      return literalValue(expression.value);
    case "variable":
      return evaluateVariable(expression, context);
    case "attribute":
      return evaluateAttribute(expression, context);
    case "index":
      return evaluateIndex(expression, context);
    case "template":
      return evaluateTemplate(expression.parts, context);
    case "call":
      return callExpression(expression, context);
    case "wrap":
    case "parentheses":
      return evaluate(expression.inner, context);
    case "tuple":
      return tupleValue(expression.items.map((item) => evaluate(item, context)));
    case "object":
      return evaluateObject(expression, context);
    case "conditional":
      return evaluateConditional(expression, context);
    case "binary":
      return evaluateBinary(expression, context);
    case "unary":
      return evaluateUnary(expression, context);
    case "for":
      return evaluateFor(expression, context);
    case "splat":
      return evaluateSplat(expression, context);
    case "invalid":
      return invalidValue;
  }
};

const literalValue = (value: { readonly number: string } | string | boolean | null): Value => {
  if (typeof value === "string") return stringValue(value);
  if (typeof value === "boolean") return boolValue(value);
  return value === null ? dynamicNull : numberValue(parseNum(value.number) ?? 0);
};

/** `{ a = 1, (key) = 2 }`: bare names are keys, anything else is evaluated (hclsyntax `ObjectConsExpr`). */
const evaluateObject = (expression: Expression & { readonly kind: "object" }, context: EvaluationContext): Value => {
  const fields = new Map<string, Value>();
  let marks: Marks = noMarks;
  let known = true;
  for (const item of expression.items) {
    const before = context.diagnostics.length;
    const key = evaluateKey(item.key, context);
    const keyFailed = hasErrors(context.diagnostics, before);
    const value = evaluate(item.value, context);
    if (keyFailed) {
      known = false;
      continue;
    }
    if (key.kind === "null") {
      reportError(context, "Null value as key", "Can't use a null value as a key.", item.value.range);
      known = false;
      continue;
    }
    marks = joinMarks(marks, marksOf(key));
    const name = convertValue(unmark(key), stringType);
    if (name.kind === "string") fields.set(name.value, value);
    else {
      known = false;
      if (name.kind === "failure")
        reportError(context, "Incorrect key type", `Can't use this value as a key: ${name.message}.`, item.key.range);
    }
  }
  return known ? withMarks(objectValue(fields), marks) : invalidOrUnknown(expression, context);
};

const invalidOrUnknown = (expression: Expression, context: EvaluationContext): Value =>
  hasErrors(context.diagnostics)
    ? invalidValue
    : { ...invalidValue, because: `a key of the object at line ${expression.range.start.line} is known after apply` };

const evaluateKey = (key: Expression, context: EvaluationContext): Value => {
  if (key.kind === "variable") return stringValue(key.name);
  if (isTraversal(key)) {
    reportError(
      context,
      "Ambiguous attribute key",
      "If this expression is intended to be a reference, wrap it in parentheses. If it's instead intended as a literal name containing periods, wrap it in quotes to create a string literal.",
      key.range,
    );
    return invalidValue;
  }
  if (key.kind === "literal" && (key.value === null || typeof key.value === "boolean"))
    return stringValue(String(key.value));
  return evaluate(key, context);
};

/** A root name followed by attributes and literal indices. */
const isTraversal = (expression: Expression): boolean => {
  switch (expression.kind) {
    case "variable":
      return true;
    case "attribute":
      return isTraversal(expression.source);
    case "index":
      return expression.key.kind === "literal" && isTraversal(expression.source);
    default:
      return false;
  }
};
