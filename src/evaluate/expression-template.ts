import type { TemplatePart } from "../load/hcl/ast.ts";
import { stringType } from "../model/type.ts";
import type { UnknownValue, Value } from "../model/value.ts";
import { evaluate } from "./expression.ts";
import { decideConditional } from "./expression-conditional.ts";
import { bind, startLoop } from "./expression-for.ts";
import { type EvaluationContext, hasErrors, reportError } from "./expression-scope.ts";
import { invalidValue, stringValue, unknownValue } from "./values-construct.ts";
import { convertValue } from "./values-convert.ts";
import { joinMarks, type Marks, marksOf, noMarks, unmark, withMarks } from "./values-marks.ts";
import { refine, safePrefix } from "./values-refine.ts";

/** Longest text that a template may grow to, in UTF-16 units. */
const maxText = 1 << 26;

/** A string with interpolations and directives (hclsyntax `TemplateExpr`): the known beginning of an unknown result is kept. */
export const evaluateTemplate = (parts: readonly TemplatePart[], context: EvaluationContext): Value => {
  let text = "";
  let marks: Marks = noMarks;
  let open: UnknownValue | undefined;
  const draft: Value[] = [];
  const before = context.diagnostics.length;
  for (const part of parts) {
    if (context.budget.exceeded) break;
    const value = partValue(part, context);
    if (value.kind === "null") {
      reportError(
        context,
        "Invalid template interpolation value",
        "The expression result is null. Cannot include a null value in a string template.",
        part.kind === "interpolation" ? part.value.range : part.range,
      );
      continue;
    }
    marks = joinMarks(marks, marksOf(value));
    draft.push(value);
    if (value.kind === "unknown") {
      open ??= value;
      continue;
    }
    const converted = value.kind === "string" ? value : convertValue(unmark(value), stringType);
    if (converted.kind === "failure")
      reportError(
        context,
        "Invalid template interpolation value",
        `Cannot include the given value in a string template: ${converted.message}.`,
        part.kind === "interpolation" ? part.value.range : part.range,
      );
    else if (converted.kind === "string" && open === undefined) text += converted.value;
    if (text.length > maxText) context.budget.exceeded = true;
  }
  if (open === undefined) return withMarks(stringValue(text), marks);
  const result: UnknownValue = { ...unknownValue(stringType, open.because), draft: { kind: "text", parts: draft } };
  const prefix = hasErrors(context.diagnostics, before) ? "" : safePrefix(firstBytes(text, 128));
  return withMarks(refine(result, { notNull: true, ...(prefix === "" ? {} : { prefix }) }), marks);
};

/** As much of the text as fits into the given number of UTF-8 bytes, whole characters only. */
const firstBytes = (text: string, limit: number): string => {
  let bytes = 0;
  let end = 0;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > limit) break;
    end += char.length;
  }
  return text.slice(0, end);
};

const partValue = (part: TemplatePart, context: EvaluationContext): Value => {
  switch (part.kind) {
    case "text":
      return { kind: "string", value: part.text };
    case "interpolation":
      return evaluate(part.value, context);
    case "if":
      return decideConditional(
        {
          condition: (inner) => evaluate(part.condition, inner),
          whenTrue: (inner) => evaluateTemplate(part.then, inner),
          whenFalse: (inner) => evaluateTemplate(part.otherwise, inner),
          conditionRange: part.condition.range,
          thenRange: part.range,
          otherwiseRange: part.range,
        },
        context,
      );
    case "for":
      return repeat(part, context);
  }
};

/** `%{ for }`: the texts of all rounds in a row. */
const repeat = (part: TemplatePart & { readonly kind: "for" }, context: EvaluationContext): Value => {
  const loop = startLoop({ ...part, condition: undefined }, context);
  if (loop.kind !== "loop") return loop.kind === "unknown" ? { ...loop, type: stringType } : invalidValue;
  let marks = loop.marks;
  let text = "";
  let open: UnknownValue | undefined;
  for (const [key, value] of loop.entries) {
    if (context.budget.exceeded) break;
    const round = evaluateTemplate(part.body, bind(part, key, value, context));
    marks = joinMarks(marks, marksOf(round));
    if (round.kind === "string") text += round.value;
    else if (round.kind === "unknown") open ??= round;
    if (text.length > maxText) context.budget.exceeded = true;
  }
  return withMarks(open === undefined ? stringValue(text) : unknownValue(stringType, open.because), marks);
};
