import type { Expression } from "../load/hcl/ast.ts";
import { type Diagnostic, diagnostic } from "../model/diagnostic.ts";
import { numberType } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import type { InstanceKey } from "./address.ts";
import { isUnread } from "./data-source.ts";
import type { Repetition } from "./module.ts";
import { hasErrors, inputError } from "./problems.ts";
import { isWhollyKnown, numberValue, stringValue } from "./values-construct.ts";
import { convertValue, isFailure } from "./values-convert.ts";
import { marksOf, unmark } from "./values-marks.ts";
import { isInteger, toDouble } from "./values-number.ts";
import { compareUtf8, friendlyName, typeOf } from "./values-type.ts";
import type { ModuleInstance, RepetitionData, Walk } from "./walk.ts";
import { evaluateIn, unknownRepetition } from "./walk-scope.ts";

/** How often a block stands, and what `count` and `each` mean in each of its instances. */
export interface Repeated {
  readonly mode: "single" | "count" | "for_each";
  readonly unknown: string | undefined;
  readonly instances: readonly { readonly key: InstanceKey; readonly data: RepetitionData }[];
}

export const modeOf = (block: Repetition): Repeated["mode"] =>
  block.count !== undefined ? "count" : block.forEach !== undefined ? "for_each" : "single";

/** Evaluates `count` or `for_each`. Where it is not known, one instance stands for all. */
export const repeat = (walk: Walk, instance: ModuleInstance, block: Repetition, problems: Diagnostic[]): Repeated => {
  const mode = modeOf(block);
  if (mode === "single") return { mode, unknown: undefined, instances: [{ key: undefined, data: {} }] };
  const before = problems.length;
  const instances =
    block.count !== undefined
      ? countInstances(walk, instance, block.count, problems)
      : forEachInstances(walk, instance, block.forEach ?? block.count, problems);
  if (typeof instances === "string" || walk.mode === "validate" || hasErrors(problems.slice(before))) {
    const because = typeof instances === "string" ? instances : `its ${mode} is in error`;
    return { mode, unknown: because, instances: [{ key: undefined, data: unknownRepetition(mode, because) }] };
  }
  return { mode, unknown: undefined, instances };
};

type Instances = Repeated["instances"];

const countSummary = "Invalid count argument";

const countInstances = (
  walk: Walk,
  instance: ModuleInstance,
  expression: Expression,
  problems: Diagnostic[],
): Instances | string => {
  const start = problems.length;
  const given = evaluateIn(walk, instance, expression, {}, problems);
  if (problems.length > start) return "count is in error";
  const { range } = expression;
  if (marksOf(given).has("ephemeral"))
    problems.push(
      inputError(
        countSummary,
        "An ephemeral value is gone after the run, so it cannot say how many instances there are.",
        range,
      ),
    );
  const value = convertValue(unmark(given), numberType);
  if (isFailure(value)) {
    problems.push(inputError("Incorrect value type", `"count" takes a number: ${value.message}.`, range));
    return "count is in error";
  }
  if (value.kind === "unknown") {
    if (walk.mode === "plan" && isUnread(value.because)) problems.push(unread("count", value.because, range));
    else if (walk.mode === "plan")
      problems.push(
        inputError(
          countSummary,
          `How many instances there are is known after apply only: ${value.because}. Let "count" depend on variables and other known values, or apply what it depends on first (-target).`,
          range,
        ),
      );
    return value.because;
  }
  if (value.kind !== "number") {
    problems.push(inputError(countSummary, '"count" is null, and must be a whole number.', range));
    return "count is null";
  }
  const count = toDouble(value.value);
  if (!isInteger(value.value) || count < 0) {
    problems.push(
      inputError(
        countSummary,
        count < 0 ? `"count" is ${count}, and cannot be negative.` : `"count" is ${count}, and must be a whole number.`,
        range,
      ),
    );
    return "count is in error";
  }
  if (count > largestExpansion) {
    problems.push(tooMany("count", count, range));
    return "count is too large";
  }
  return Array.from({ length: count }, (_, index) => ({ key: index, data: { index: numberValue(index) } }));
};

/** Terraform would know; here the value has to be given. */
const unread = (what: string, because: string, range: Expression["range"]): Diagnostic =>
  diagnostic({
    code: "AKS9130",
    severity: "info",
    summary: "The number of instances is not known without reading from Azure",
    detail: `"${what}" depends on a data source: ${because}. One instance stands for all of them; give the value with --mocks, or review a plan.`,
    range,
  });

/** More instances than any plan could hold; the run would only exhaust memory. */
const largestExpansion = 200_000;

const tooMany = (what: string, count: number, range: Expression["range"]): Diagnostic =>
  inputError(
    "Too many instances",
    `"${what}" asks for ${count} instances; at most ${largestExpansion} are evaluated.`,
    range,
  );

const forEachSummary = "Invalid for_each argument";

const forEachInstances = (
  walk: Walk,
  instance: ModuleInstance,
  expression: Expression | undefined,
  problems: Diagnostic[],
): Instances | string => {
  if (expression === undefined) return "for_each is missing";
  const start = problems.length;
  const given = evaluateIn(walk, instance, expression, {}, problems);
  if (problems.length > start) return "for_each is in error";
  const { range } = expression;
  const fail = (detail: string, summary = forEachSummary): string => {
    problems.push(inputError(summary, detail, range));
    return "for_each is in error";
  };
  if (marksOf(given).has("sensitive"))
    fail(
      "The value is sensitive, and its keys would show in the addresses of the instances. Use nonsensitive() on the keys if they are no secret.",
    );
  if (marksOf(given).has("ephemeral"))
    fail("An ephemeral value is gone after the run, so it cannot say which instances there are.");
  if (problems.length > start) return "for_each is in error";
  const value = unmark(given);
  const type = typeOf(value);
  if (value.kind === "null")
    return fail('"for_each" is null; a map or a set of strings is needed, an empty one for no instance.');
  if (type.kind !== "dynamic" && !["map", "set", "object"].includes(type.kind))
    return fail(
      `"for_each" takes a map or a set of strings, and this is a ${friendlyName(type)}. A list becomes a set with toset().`,
    );
  if (value.kind === "unknown" || (value.kind === "set" && !isWhollyKnown(value))) {
    const because = value.kind === "unknown" ? value.because : "members of the set are known after apply";
    if (walk.mode === "plan" && isUnread(because)) problems.push(unread("for_each", because, range));
    else if (walk.mode === "plan")
      fail(
        `Which instances there are is known after apply only: ${because}. Let the keys be known from the configuration and only the values computed.`,
      );
    return because;
  }
  if (value.kind === "set") return setInstances(value.items, type, fail);
  if (value.kind !== "map" && value.kind !== "object") return fail("A map or a set of strings is needed.");
  if (value.fields.size > largestExpansion) {
    problems.push(tooMany("for_each", value.fields.size, range));
    return "for_each is too large";
  }
  return [...value.fields].map(([key, item]) => ({ key, data: { key: stringValue(key), value: item } }));
};

const setInstances = (
  items: readonly Value[],
  type: ReturnType<typeof typeOf>,
  fail: (detail: string, summary?: string) => string,
): Instances | string => {
  if (items.length === 0) return [];
  if (type.kind === "set" && type.element.kind !== "string")
    return fail(
      `"for_each" takes a set of strings, and this is a set of ${friendlyName(type.element)}.`,
      "Invalid for_each set argument",
    );
  const keys: string[] = [];
  for (const item of items) {
    if (item.kind !== "string") return fail('The set for "for_each" holds null.', "Invalid for_each set argument");
    keys.push(item.value);
  }
  return keys.sort(compareUtf8).map((key) => ({ key, data: { key: stringValue(key), value: stringValue(key) } }));
};
