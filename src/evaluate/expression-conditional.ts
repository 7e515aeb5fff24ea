import type { ConditionalExpression } from "../load/hcl/ast.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { type SourceRange, spanOf } from "../model/source-range.ts";
import { boolType, dynamicType, type Type } from "../model/type.ts";
import type { Refinement, Value } from "../model/value.ts";
import { evaluate } from "./expression.ts";
import { type EvaluationContext, reportError, withDiagnostics } from "./expression-scope.ts";
import { nullValue, unknownFrom, unknownValue } from "./values-construct.ts";
import { convertValue } from "./values-convert.ts";
import { joinMarks, marksOf, unmark, withMarks } from "./values-marks.ts";
import { definitelyNotNull, lengthBounds, numberBounds, refine } from "./values-refine.ts";
import { friendlyName, isCollection, typeEquals, typeOf } from "./values-type.ts";
import { unify } from "./values-unify.ts";

/** `condition ? then : otherwise`: both sides are evaluated and given one type (hclsyntax `ConditionalExpr`, 2.23). */
export const evaluateConditional = (expression: ConditionalExpression, context: EvaluationContext): Value =>
  decideConditional(
    {
      condition: (inner) => evaluate(expression.condition, inner),
      whenTrue: (inner) => evaluate(expression.then, inner),
      whenFalse: (inner) => evaluate(expression.otherwise, inner),
      conditionRange: expression.condition.range,
      thenRange: expression.then.range,
      otherwiseRange: expression.otherwise.range,
    },
    context,
  );

type Part = (context: EvaluationContext) => Value;

/** A conditional whose parts are given as functions, so that `%{ if }` of templates can use it too. */
export interface ConditionalParts {
  readonly condition: Part;
  readonly whenTrue: Part;
  readonly whenFalse: Part;
  readonly conditionRange: SourceRange;
  readonly thenRange: SourceRange;
  readonly otherwiseRange: SourceRange;
}

export const decideConditional = (parts: ConditionalParts, context: EvaluationContext): Value => {
  const thenProblems: Diagnostic[] = [];
  const otherwiseProblems: Diagnostic[] = [];
  const then = parts.whenTrue(withDiagnostics(context, thenProblems));
  const otherwise = parts.whenFalse(withDiagnostics(context, otherwiseProblems));
  const type = resultType(then, otherwise);
  if (type === undefined) {
    reportError(
      context,
      "Inconsistent conditional result types",
      `The true and false result expressions must have consistent types. ${describeMismatch(typeOf(then), typeOf(otherwise))}.`,
      spanOf(parts.thenRange, parts.otherwiseRange),
    );
    return unknownFrom(dynamicType, [then, otherwise]);
  }
  const condition = parts.condition(context);
  if (condition.kind === "null") {
    reportError(
      context,
      "Null condition",
      "The condition value is null. Conditions must either be true or false.",
      parts.conditionRange,
    );
    return unknownFrom(type, []);
  }
  const marks = joinMarks(joinMarks(marksOf(condition), marksOf(then)), marksOf(otherwise));
  if (condition.kind === "unknown")
    return withMarks(openResult(condition.because, unmark(then), unmark(otherwise), type), marks);
  const decision = convertValue(unmark(condition), boolType);
  if (decision.kind !== "bool") {
    reportError(
      context,
      "Incorrect condition type",
      "The condition expression must be of type bool.",
      parts.conditionRange,
    );
    return unknownFrom(type, []);
  }
  context.diagnostics.push(...(decision.value ? thenProblems : otherwiseProblems));
  const chosen = decision.value ? then : otherwise;
  const converted = convertValue(unmark(chosen), type);
  if (converted.kind !== "failure") return withMarks(converted, marks);
  reportError(
    context,
    "Inconsistent conditional result types",
    `The ${decision.value} result value has the wrong type: ${converted.message}.`,
    decision.value ? parts.thenRange : parts.otherwiseRange,
  );
  return withMarks(unknownFrom(type, []), marks);
};

/** An untyped `null` takes the other side's type; an unknown type leaves the result open. */
const resultType = (then: Value, otherwise: Value): Type | undefined => {
  const a = typeOf(then);
  const b = typeOf(otherwise);
  if (isUntypedNull(then)) return b;
  if (isUntypedNull(otherwise)) return a;
  if (a.kind === "dynamic" || b.kind === "dynamic") return dynamicType;
  return a === b || typeEquals(a, b) ? a : unify([a, b], true);
};

const isUntypedNull = (value: Value): boolean =>
  value.kind === "null" && value.type.kind === "dynamic" && value.marks === undefined;

/** The condition is not known: the result is what both sides have in common. */
const openResult = (because: string, then: Value, otherwise: Value, type: Type): Value => {
  if (then.kind === "null" && otherwise.kind === "null") return nullValue(type);
  const filled = definitelyNotNull(then) && definitelyNotNull(otherwise);
  const bounds: Refinement = { ...(filled ? { notNull: true } : {}), ...commonBounds(then, otherwise) };
  const open = unknownValue(type, because);
  return Object.keys(bounds).length === 0 ? open : refine(open, bounds);
};

const commonBounds = (then: Value, otherwise: Value): Refinement => {
  const a = typeOf(then);
  const b = typeOf(otherwise);
  if (a.kind === "number" && b.kind === "number") return numberHull(then, otherwise);
  if (!isCollection(a) || !typeEquals(a, b)) return {};
  const [leastA, mostA] = lengthBounds(then);
  const [leastB, mostB] = lengthBounds(otherwise);
  const most = Math.max(mostA, mostB);
  return { minLength: Math.min(leastA, leastB), ...(Number.isFinite(most) ? { maxLength: most } : {}) };
};

const numberHull = (then: Value, otherwise: Value): Refinement => {
  const a = numberBounds(then);
  const b = numberBounds(otherwise);
  const min = a.min.value < b.min.value ? a.min : a.min.value > b.min.value ? b.min : either(a.min, b.min);
  const max = a.max.value > b.max.value ? a.max : a.max.value < b.max.value ? b.max : either(a.max, b.max);
  return {
    ...(Number.isFinite(min.value) ? { min } : {}),
    ...(Number.isFinite(max.value) ? { max } : {}),
  };
};

type Bound = NonNullable<Refinement["min"]>;

const either = (a: Bound, b: Bound): Bound => ({ value: a.value, inclusive: a.inclusive || b.inclusive });

/** Where the two types part ways, in Terraform's words (hclsyntax `describeConditionalTypeMismatch`). */
const describeMismatch = (then: Type, otherwise: Type): string => {
  const inner = describeInner(then, otherwise);
  if (inner !== undefined) return inner;
  const [a, b] = [friendlyName(then), friendlyName(otherwise)];
  return a === b
    ? "At least one deeply-nested attribute or element is not compatible across both the 'true' and the 'false' value"
    : `The 'true' value is ${a}, but the 'false' value is ${b}`;
};

const describeInner = (then: Type, otherwise: Type): string | undefined => {
  if (then.kind === "object" && otherwise.kind === "object")
    return describeObjects(then.attributes, otherwise.attributes);
  if (then.kind === "tuple" && otherwise.kind === "tuple") return describeTuples(then.elements, otherwise.elements);
  if (!isCollection(then) || !isCollection(otherwise) || then.kind !== otherwise.kind) return undefined;
  const structural =
    (then.element.kind === "object" || then.element.kind === "tuple") && then.element.kind === otherwise.element.kind;
  return structural
    ? `Mismatched ${then.kind} element types: ${describeMismatch(then.element, otherwise.element)}`
    : undefined;
};

const describeObjects = (then: ReadonlyMap<string, Type>, otherwise: ReadonlyMap<string, Type>): string | undefined => {
  for (const [name, type] of then) {
    const other = otherwise.get(name);
    if (other === undefined)
      return `The 'true' value includes object attribute ${JSON.stringify(name)}, which is absent in the 'false' value`;
    if (!typeEquals(type, other))
      return `Type mismatch for object attribute ${JSON.stringify(name)}: ${describeMismatch(type, other)}`;
  }
  for (const name of otherwise.keys())
    if (!then.has(name))
      return `The 'false' value includes object attribute ${JSON.stringify(name)}, which is absent in the 'true' value`;
  return undefined;
};

const describeTuples = (then: readonly Type[], otherwise: readonly Type[]): string | undefined => {
  if (then.length !== otherwise.length)
    return `The 'true' tuple has length ${then.length}, but the 'false' tuple has length ${otherwise.length}`;
  for (const [index, type] of then.entries()) {
    const other = otherwise[index] ?? dynamicType;
    if (!typeEquals(type, other)) return `Type mismatch for tuple element ${index}: ${describeMismatch(type, other)}`;
  }
  return undefined;
};
