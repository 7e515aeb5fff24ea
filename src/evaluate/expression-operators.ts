import type { BinaryExpression, BinaryOperator, UnaryExpression } from "../load/hcl/ast.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { boolType, dynamicType, numberType, type Type } from "../model/type.ts";
import type { NumberValue, Value } from "../model/value.ts";
import { evaluate } from "./expression.ts";
import { type EvaluationContext, hasErrors, reportError, withDiagnostics } from "./expression-scope.ts";
import { boolValue, unknownFrom } from "./values-construct.ts";
import { convertValue } from "./values-convert.ts";
import { valueEquals } from "./values-equality.ts";
import { joinMarks, marksOf, unmark, unmarkDeep, withMarks } from "./values-marks.ts";
import {
  addNum,
  compareNum,
  divideNum,
  fullPrecision,
  jointPrecision,
  moduloNum,
  multiplyNum,
  type Num,
  negate,
  subtractNum,
} from "./values-number.ts";
import { numberBounds, refine } from "./values-refine.ts";

/** `a op b` (hclsyntax `BinaryOpExpr`, cty stdlib): operands are converted, nulls refused, marks carried on. */
export const evaluateBinary = (expression: BinaryExpression, context: EvaluationContext): Value => {
  const { operator } = expression;
  const logical = operator === "&&" || operator === "||";
  if (logical && context.scope.shortCircuit) return shortCircuit(expression, operator, context);
  const before = context.diagnostics.length;
  const left = operand(expression, "left", evaluate(expression.left, context), context);
  const right = operand(expression, "right", evaluate(expression.right, context), context);
  return finish(expression, left, right, before, context);
};

const operandType = (operator: BinaryOperator): Type =>
  operator === "==" || operator === "!=" ? dynamicType : operator === "&&" || operator === "||" ? boolType : numberType;

const resultType = (operator: BinaryOperator): Type =>
  operator === "+" || operator === "-" || operator === "*" || operator === "/" || operator === "%"
    ? numberType
    : boolType;

const operand = (
  expression: BinaryExpression,
  side: "left" | "right",
  value: Value,
  context: EvaluationContext,
): Value => {
  const converted = convertValue(value, operandType(expression.operator));
  if (converted.kind !== "failure") return converted;
  reportError(
    context,
    "Invalid operand",
    `Unsuitable value for ${side} operand: ${converted.message}.`,
    expression[side].range,
  );
  return unknownFrom(operandType(expression.operator), [value]);
};

const finish = (
  expression: BinaryExpression,
  left: Value,
  right: Value,
  before: number,
  context: EvaluationContext,
): Value => {
  const { operator } = expression;
  const type = resultType(operator);
  if (hasErrors(context.diagnostics, before)) return unknownFrom(type, [left, right]);
  const equality = operator === "==" || operator === "!=";
  if (!equality && (left.kind === "null" || right.kind === "null"))
    return failed(expression, "argument must not be null", type, context);
  const result = equality ? compareEqual(operator, left, right) : compute(operator, left, right);
  return typeof result === "string" ? failed(expression, result, type, context) : result;
};

const failed = (expression: BinaryExpression, message: string, type: Type, context: EvaluationContext): Value => {
  reportError(context, "Operation failed", `Error during operation: ${message}.`, expression.range);
  return unknownFrom(type, []);
};

const compareEqual = (operator: BinaryOperator, left: Value, right: Value): Value => {
  const a = unmarkDeep(left);
  const b = unmarkDeep(right);
  const equal = valueEquals(a.value, b.value);
  const result =
    equal === undefined
      ? unknownFrom(boolType, [a.value, b.value], { notNull: true })
      : boolValue(equal === (operator === "=="));
  return withMarks(result, joinMarks(a.marks, b.marks));
};

/** The result, or Terraform's words for why there is none. */
const compute = (operator: BinaryOperator, left: Value, right: Value): Value | string => {
  const marks = joinMarks(marksOf(left), marksOf(right));
  const a = unmark(left);
  const b = unmark(right);
  const result =
    operator === "&&" || operator === "||"
      ? logical(operator, a, b)
      : a.kind === "number" && b.kind === "number"
        ? arithmetic(operator, a, b)
        : openArithmetic(operator, a, b);
  return typeof result === "string" ? result : withMarks(result, marks);
};

const logical = (operator: "&&" | "||", a: Value, b: Value): Value => {
  if (a.kind === "bool" && b.kind === "bool")
    return boolValue(operator === "&&" ? a.value && b.value : a.value || b.value);
  return unknownFrom(boolType, [a, b], { notNull: true });
};

const arithmetic = (operator: BinaryOperator, a: NumberValue, b: NumberValue): Value | string => {
  const precision = jointPrecision(a, b);
  switch (operator) {
    case "+":
      return numeric(addNum(a.value, b.value, precision), precision, "can't compute sum of opposing infinities");
    case "-":
      return numeric(subtractNum(a.value, b.value, precision), precision, "can't subtract infinity from itself");
    case "*":
      return numeric(multiplyNum(a.value, b.value), precision, "can't multiply zero by infinity");
    case "/":
      return numeric(
        divideNum(a.value, b.value, precision),
        precision,
        "can't divide zero by zero or infinity by infinity",
      );
    case "%":
      return numeric(moduloNum(a.value, b.value, precision), precision, "can't use modulo with zero and infinity");
    default:
      return boolValue(ordered(operator, compareNum(a.value, b.value)));
  }
};

const ordered = (operator: BinaryOperator, order: number): boolean => {
  switch (operator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    default:
      return order >= 0;
  }
};

const numeric = (value: Num | undefined, precision: number, message: string): Value | string =>
  value === undefined ? message : { kind: "number", value, ...(precision === fullPrecision ? {} : { precision }) };

/** With an operand that is unknown, bounds may still decide a comparison; sums and products carry none over (hcl calls cty's functions). */
const openArithmetic = (operator: BinaryOperator, a: Value, b: Value): Value => {
  const open = unknownFrom(resultType(operator), [a, b]);
  const x = numberBounds(a);
  const y = numberBounds(b);
  switch (operator) {
    case "<":
    case ">=": {
      const less = x.max.value < y.min.value ? true : x.min.value > y.max.value ? false : undefined;
      const strict = less === undefined ? undefined : less === (operator === "<");
      return strict === undefined ? refine(open, { notNull: true }) : boolValue(strict);
    }
    case ">":
    case "<=": {
      const greater = x.min.value > y.max.value ? true : x.max.value < y.min.value ? false : undefined;
      const strict = greater === undefined ? undefined : greater === (operator === ">");
      return strict === undefined ? refine(open, { notNull: true }) : boolValue(strict);
    }
    default:
      return refine(open, { notNull: true });
  }
};

/**
 * From Terraform 1.12 on (hcl 2.24): both sides are looked at, but problems of the side that does not decide are dropped, and
 * an unknown side hides the problems of the other.
 */
const shortCircuit = (expression: BinaryExpression, operator: "&&" | "||", context: EvaluationContext): Value => {
  const leftProblems: Diagnostic[] = [];
  const rightProblems: Diagnostic[] = [];
  const before = context.diagnostics.length;
  const left = operand(expression, "left", evaluate(expression.left, withDiagnostics(context, leftProblems)), context);
  const right = operand(
    expression,
    "right",
    evaluate(expression.right, withDiagnostics(context, rightProblems)),
    context,
  );
  if (hasErrors(context.diagnostics, before)) {
    context.diagnostics.push(...leftProblems, ...rightProblems);
    return unknownFrom(boolType, [left, right]);
  }
  const side = controllingSide(left, right, operator === "||", hasErrors(leftProblems));
  if (side === undefined) {
    context.diagnostics.push(...leftProblems, ...rightProblems);
    return finish(expression, left, right, before, context);
  }
  context.diagnostics.push(...(side === "left" ? leftProblems : rightProblems));
  const chosen = side === "left" ? left : right;
  const marks = joinMarks(marksOf(left), marksOf(right));
  if (chosen.kind === "unknown") return withMarks(unknownFrom(boolType, [chosen], { notNull: true }), marks);
  return withMarks(boolValue(operator === "||"), marks);
};

/** A null counts as false here, as upstream. */
const controllingSide = (
  left: Value,
  right: Value,
  deciding: boolean,
  leftFailed: boolean,
): "left" | "right" | undefined => {
  const leftOpen = left.kind === "unknown";
  const rightOpen = right.kind === "unknown";
  if (leftOpen && rightOpen) return leftFailed ? undefined : "left";
  if (!leftOpen && isTrue(left) === deciding) return "left";
  if (!rightOpen && isTrue(right) === deciding) return "right";
  if (leftOpen) return "left";
  return rightOpen ? "right" : undefined;
};

const isTrue = (value: Value): boolean => value.kind === "bool" && value.value;

/** `-a` and `!a`. */
export const evaluateUnary = (expression: UnaryExpression, context: EvaluationContext): Value => {
  const type = expression.operator === "-" ? numberType : boolType;
  const before = context.diagnostics.length;
  const given = evaluate(expression.operand, context);
  const value = convertValue(given, type);
  if (value.kind === "failure")
    reportError(
      context,
      "Invalid operand",
      `Unsuitable value for unary operand: ${value.message}.`,
      expression.operand.range,
    );
  if (value.kind === "failure" || hasErrors(context.diagnostics, before)) return unknownFrom(type, [given]);
  if (value.kind === "null") {
    reportError(context, "Operation failed", "Error during operation: argument must not be null.", expression.range);
    return unknownFrom(type, []);
  }
  const plain = unmark(value);
  if (plain.kind === "number") return withMarks({ ...plain, value: negate(plain.value) }, marksOf(value));
  if (plain.kind === "bool") return withMarks(boolValue(!plain.value), marksOf(value));
  return withMarks(unknownFrom(type, [plain], { notNull: true }), marksOf(value));
};
