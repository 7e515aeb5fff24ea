import type { Expression, ForExpression } from "../load/hcl/ast.ts";
import type { SourceRange } from "../model/source-range.ts";
import { boolType, dynamicType, stringType } from "../model/type.ts";
import type { UnknownValue, Value } from "../model/value.ts";
import { evaluate } from "./expression.ts";
import { type EvaluationContext, hasErrors, reportError, withLocal } from "./expression-scope.ts";
import { invalidValue, machineNumber, objectValue, stringValue, tupleValue, unknownValue } from "./values-construct.ts";
import { convertValue } from "./values-convert.ts";
import { joinMarks, type Marks, marksOf, unmark, withMarks } from "./values-marks.ts";
import { friendlyName, typeOf } from "./values-type.ts";

/** `[for …]` and `{for …}` (hclsyntax `ForExpr`, 2.23). */
export const evaluateFor = (expression: ForExpression, context: EvaluationContext): Value => {
  const loop = startLoop(expression, context);
  if (loop.kind !== "loop") return loop;
  const state: LoopState = { marks: loop.marks, blocked: undefined };
  const result =
    expression.key === undefined
      ? asTuple(expression, loop, state, context)
      : asObject(expression, expression.key, loop, state, context);
  return withMarks(state.blocked ?? result, state.marks);
};

interface Loop {
  readonly kind: "loop";
  readonly entries: Iterable<readonly [Value, Value]>;
  readonly marks: Marks;
}

/** Once blocked the result cannot be known, but the rest is still looked through for problems. */
interface LoopState {
  marks: Marks;
  blocked: UnknownValue | undefined;
}

interface LoopHead {
  readonly keyName: string | undefined;
  readonly valueName: string;
  readonly collection: Expression;
  readonly condition: Expression | undefined;
  readonly range: SourceRange;
}

/** The elements to run over, or the result where there is nothing to run over. */
export const startLoop = (head: LoopHead, context: EvaluationContext): Loop | Value => {
  const collection = evaluate(head.collection, context);
  if (collection.kind === "null") {
    reportError(
      context,
      "Iteration over null value",
      "A null value cannot be used as the collection in a 'for' expression.",
      head.collection.range,
    );
    return invalidValue;
  }
  const type = typeOf(collection);
  if (type.kind === "dynamic") return collection.marks === undefined ? collection : unmark(collection);
  const marks = marksOf(collection);
  if (type.kind === "string" || type.kind === "number" || type.kind === "bool") {
    reportError(
      context,
      "Iteration over non-iterable value",
      `A value of type ${friendlyName(type)} cannot be used as the collection in a 'for' expression.`,
      head.collection.range,
    );
    return invalidValue;
  }
  if (head.condition !== undefined && !conditionMakesSense(head, head.condition, context)) return invalidValue;
  if (collection.kind === "unknown") return withMarks(unknownValue(dynamicType, collection.because), marks);
  return { kind: "loop", entries: entriesOf(collection), marks };
};

/** A condition that fails for any element is reported once, before the first. */
const conditionMakesSense = (head: LoopHead, condition: Expression, context: EvaluationContext): boolean => {
  const any = unknownValue(dynamicType, "it stands for any element");
  const before = context.diagnostics.length;
  const result = evaluate(condition, bind(head, any, any, context));
  if (result.kind === "null") {
    reportError(context, "Condition is null", "The value of the 'if' clause must not be null.", condition.range);
    return false;
  }
  const converted = convertValue(result, boolType);
  if (converted.kind === "failure") {
    reportError(
      context,
      "Invalid 'for' condition",
      `The 'if' clause value is invalid: ${converted.message}.`,
      condition.range,
    );
    return false;
  }
  return !hasErrors(context.diagnostics, before);
};

export const bind = (
  head: { readonly keyName: string | undefined; readonly valueName: string },
  key: Value,
  value: Value,
  context: EvaluationContext,
): EvaluationContext => {
  const outer = head.keyName === undefined ? context : withLocal(context, head.keyName, key);
  return withLocal(outer, head.valueName, value);
};

/** Keys and values in the order in which Terraform runs over them. */
export const entriesOf = function* (collection: Value): Generator<readonly [Value, Value]> {
  switch (collection.kind) {
    case "list":
    case "tuple":
      for (const [index, item] of collection.items.entries()) yield [machineNumber(index), item];
      return;
    case "set":
      for (const item of collection.items) yield [item, item];
      return;
    case "map":
    case "object":
      for (const [key, item] of collection.fields) yield [stringValue(key), item];
  }
};

const block = (state: LoopState, cause: Value): void => {
  state.blocked ??= cause.kind === "unknown" ? unknownValue(dynamicType, cause.because) : invalidValue;
};

/** Whether the element is taken; `undefined` where that cannot be told. */
const isIncluded = (condition: Expression, inner: EvaluationContext, state: LoopState): boolean | undefined => {
  const raw = evaluate(condition, inner);
  if (raw.kind === "null") {
    if (state.blocked === undefined)
      reportError(inner, "Invalid 'for' condition", "The value of the 'if' clause must not be null.", condition.range);
    block(state, raw);
    return undefined;
  }
  state.marks = joinMarks(state.marks, marksOf(raw));
  const included = convertValue(unmark(raw), boolType);
  if (included.kind === "bool") return included.value;
  if (included.kind === "failure" && state.blocked === undefined)
    reportError(
      inner,
      "Invalid 'for' condition",
      `The 'if' clause value is invalid: ${included.message}.`,
      condition.range,
    );
  block(state, raw);
  return undefined;
};

const asTuple = (expression: ForExpression, loop: Loop, state: LoopState, context: EvaluationContext): Value => {
  const items: Value[] = [];
  for (const [key, value] of loop.entries) {
    if (context.budget.exceeded) break;
    const inner = bind(expression, key, value, context);
    if (expression.condition !== undefined && isIncluded(expression.condition, inner, state) !== true) continue;
    items.push(evaluate(expression.value, inner));
  }
  return tupleValue(items);
};

const asObject = (
  expression: ForExpression,
  keyExpression: Expression,
  loop: Loop,
  state: LoopState,
  context: EvaluationContext,
): Value => {
  const fields = new Map<string, Value>();
  const groups = new Map<string, Value[]>();
  for (const [key, value] of loop.entries) {
    if (context.budget.exceeded) break;
    const inner = bind(expression, key, value, context);
    if (expression.condition !== undefined && isIncluded(expression.condition, inner, state) !== true) continue;
    const name = objectKey(keyExpression, inner, state);
    if (name === undefined) continue;
    const item = evaluate(expression.value, inner);
    if (expression.grouping) {
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [item]);
      else group.push(item);
    } else if (fields.has(name)) {
      reportError(
        inner,
        "Duplicate object key",
        `Two different items produced the key ${JSON.stringify(name)} in this 'for' expression. If duplicates are expected, use the ellipsis (...) after the value expression to enable grouping by key.`,
        keyExpression.range,
      );
    } else fields.set(name, item);
  }
  return objectValue(
    expression.grouping ? [...groups].map(([name, group]) => [name, tupleValue(group)] as const) : fields,
  );
};

const objectKey = (expression: Expression, inner: EvaluationContext, state: LoopState): string | undefined => {
  const raw = evaluate(expression, inner);
  if (raw.kind === "null") {
    if (state.blocked === undefined)
      reportError(
        inner,
        "Invalid object key",
        "Key expression in 'for' expression must not produce a null value.",
        expression.range,
      );
    block(state, raw);
    return undefined;
  }
  state.marks = joinMarks(state.marks, marksOf(raw));
  const key = convertValue(unmark(raw), stringType);
  if (key.kind === "string") return key.value;
  if (key.kind === "failure" && state.blocked === undefined)
    reportError(
      inner,
      "Invalid object key",
      `The key expression produced an invalid result: ${key.message}.`,
      expression.range,
    );
  block(state, raw);
  return undefined;
};
