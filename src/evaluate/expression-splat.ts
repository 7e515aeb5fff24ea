import type { SplatExpression, SplatStep } from "../load/hcl/ast.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { SourceRange } from "../model/source-range.ts";
import { dynamicType, type Type } from "../model/type.ts";
import type { Refinement, SequenceValue, Value } from "../model/value.ts";
import { evaluate } from "./expression.ts";
import { type EvaluationContext, hasErrors, reportError, withDiagnostics } from "./expression-scope.ts";
import { getAttribute, getIndex } from "./values-access.ts";
import { invalidValue, listValue, machineNumber, tupleValue, unknownValue } from "./values-construct.ts";
import { listOfItems } from "./values-convert.ts";
import { marksOf, unmark, withMarks } from "./values-marks.ts";
import { definitelyNotNull, refine } from "./values-refine.ts";
import { emptyTupleType, tupleOf, typeOf } from "./values-type.ts";

/** `source[*].a.b` and `source.*.a`: a value that is no sequence counts as one of itself, null as an empty one (hclsyntax `SplatExpr`). */
export const evaluateSplat = (expression: SplatExpression, context: EvaluationContext): Value => {
  const before = context.diagnostics.length;
  const source = evaluate(expression.source, context);
  if (hasErrors(context.diagnostics, before)) return invalidValue;
  return applySplat(
    { steps: expression.steps, range: expression.range, sourceRange: expression.source.range },
    source,
    context,
  );
};

interface Splat {
  readonly steps: readonly SplatStep[];
  readonly range: SourceRange;
  readonly sourceRange: SourceRange;
}

const applySplat = (splat: Splat, source: Value, context: EvaluationContext): Value => {
  const type = typeOf(source);
  const sequence = type.kind === "tuple" || type.kind === "list" || type.kind === "set";
  const marks = marksOf(source);
  if (source.kind === "null") {
    if (!sequence) return withMarks(tupleValue([]), marks);
    reportError(
      context,
      "Splat of null value",
      "Splat expressions (with the * symbol) cannot be applied to null sequences.",
      splat.sourceRange,
    );
    return invalidValue;
  }
  if (type.kind === "dynamic")
    return withMarks(
      unknownValue(dynamicType, source.kind === "unknown" ? source.because : "its type is not known"),
      marks,
    );
  if (!sequence) return splatOfOne(splat, source, context);
  if (source.kind === "unknown") return splatOfUnknown(splat, source, context);
  return "items" in source ? splatOfItems(splat, source, context) : invalidValue;
};

const splatOfOne = (splat: Splat, source: Value, context: EvaluationContext): Value => {
  const marks = marksOf(source);
  const item = followSteps(splat.steps, source, context);
  if (source.kind === "unknown" && !definitelyNotNull(unmark(source)))
    return withMarks(unknownValue(dynamicType, source.because), marks);
  return withMarks(tupleValue([item]), marks);
};

const splatOfUnknown = (
  splat: Splat,
  source: Value & { readonly kind: "unknown" },
  context: EvaluationContext,
): Value => {
  const type = resultType(splat, source.type, source.because, context);
  const open = unknownValue(type, source.because);
  const { minLength, maxLength } = source.refinement ?? {};
  const kept: Refinement = {
    notNull: true,
    ...(minLength === undefined || type.kind !== "list" ? {} : { minLength }),
    ...(maxLength === undefined || type.kind !== "list" ? {} : { maxLength }),
  };
  return withMarks(type.kind === "dynamic" ? open : refine(open, kept), marksOf(source));
};

/** The type that the steps lead to, found by following them into unknown elements. */
const resultType = (splat: Splat, type: Type, because: string, context: EvaluationContext): Type => {
  const after = (element: Type): Type => typeOf(followSteps(splat.steps, unknownValue(element, because), context));
  if (type.kind === "tuple") return type.elements.length === 0 ? emptyTupleType : tupleOf(type.elements.map(after));
  return type.kind === "list" || type.kind === "set" ? { kind: "list", element: after(type.element) } : dynamicType;
};

const splatOfItems = (splat: Splat, source: SequenceValue, context: EvaluationContext): Value => {
  const marks = marksOf(source);
  const before = context.diagnostics.length;
  const items: Value[] = [];
  for (const item of source.items) items.push(followSteps(splat.steps, item, context));
  if (hasErrors(context.diagnostics, before)) return withMarks(invalidValue, marks);
  if (source.kind === "tuple") return withMarks(tupleValue(items), marks);
  if (items.length === 0) {
    const ignored: Diagnostic[] = [];
    const type = resultType(splat, source.type, "the list is empty", withDiagnostics(context, ignored));
    return withMarks(listValue(type.kind === "list" ? type.element : dynamicType, []), marks);
  }
  const list = listOfItems(items);
  if (list !== undefined) return withMarks(list, marks);
  reportError(
    context,
    "Invalid nested splat expressions",
    "The second level of splat expression produced elements of different types, so it isn't possible to construct a valid list to represent the top-level result.\n\nConsider using a for expression instead, to produce a tuple-typed result which can therefore have non-homogenous element types.",
    splat.range,
  );
  return invalidValue;
};

const followSteps = (steps: readonly SplatStep[], item: Value, context: EvaluationContext): Value => {
  let current = item;
  for (const step of steps) {
    if (step.kind === "splat") {
      current = applySplat({ steps: step.steps, range: step.range, sourceRange: step.range }, current, context);
      continue;
    }
    const found =
      step.kind === "index"
        ? getIndex(current, evaluate(step.key, context))
        : step.legacyIndex
          ? getIndex(current, machineNumber(Number(step.name)))
          : getAttribute(current, step.name);
    if (found.kind === "failure") {
      reportError(context, found.summary, found.message, stepRange(step));
      return invalidValue;
    }
    current = found;
  }
  return current;
};

/** A step with its dot. */
const stepRange = (step: SplatStep): SourceRange => {
  if (step.kind !== "attribute") return step.range;
  const { start } = step.range;
  if (step.range.end.offset - start.offset !== step.name.length) return step.range;
  return { ...step.range, start: { line: start.line, column: start.column - 1, offset: start.offset - 1 } };
};
