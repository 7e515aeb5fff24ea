import type { Diagnostic } from "../model/diagnostic.ts";
import type { Value } from "../model/value.ts";
import type { CheckRule, VariableBlock } from "./module.ts";
import { hasErrors, inputError } from "./problems.ts";
import { goodReferences, referencesIn } from "./reference.ts";
import { applyDefaults } from "./type-defaults.ts";
import { unknownValue } from "./values-construct.ts";
import { convertValue, formatPath, isFailure } from "./values-convert.ts";
import { marksDeep, unmarkDeep, withMarks } from "./values-marks.ts";
import { withoutOptional } from "./values-type.ts";
import type { ModuleInstance, Walk } from "./walk.ts";
import { asBool, checkRecord, errorMessage } from "./walk-checks.ts";
import { evaluateIn } from "./walk-scope.ts";

/** Gives a variable its value in one instance of its module. */
export const evaluateVariable = (
  walk: Walk,
  instance: ModuleInstance,
  block: VariableBlock,
  problems: Diagnostic[],
): void => {
  const value =
    instance.parent === undefined
      ? rootValue(walk, block, problems)
      : argumentValue(walk, instance, instance.parent, block, problems);
  const shown =
    walk.mode === "validate"
      ? unknownValue(withoutOptional(block.constraint.type), `var.${block.name} is not given yet`)
      : value;
  instance.variables.set(block.name, marked(block, shown));
};

const marked = (block: VariableBlock, value: Value): Value => {
  const marks = [
    ...(block.sensitive ? (["sensitive"] as const) : []),
    ...(block.ephemeral ? (["ephemeral"] as const) : []),
  ];
  return marks.length === 0 ? value : withMarks(value, new Set(marks));
};

const rootValue = (walk: Walk, block: VariableBlock, problems: Diagnostic[]): Value => {
  if (walk.mode === "validate")
    return unknownValue(withoutOptional(block.constraint.type), `var.${block.name} is not given yet`);
  const given = walk.rootVariables.get(block.name);
  return finalValue(block, given?.value, { range: given?.range, from: given?.from }, problems);
};

const argumentValue = (
  walk: Walk,
  instance: ModuleInstance,
  parent: ModuleInstance,
  block: VariableBlock,
  problems: Diagnostic[],
): Value => {
  const argument = instance.node.call?.arguments.get(block.name);
  if (argument === undefined) return finalValue(block, undefined, { range: block.range, from: undefined }, problems);
  const start = problems.length;
  const value = evaluateIn(walk, parent, argument.value, { repetition: instance.repetition }, problems);
  if (hasErrors(problems.slice(start)))
    return unknownValue(withoutOptional(block.constraint.type), `the value given for ${block.name} is in error`);
  return finalValue(block, value, { range: argument.value.range, from: undefined }, problems);
};

/** Converts what is given to the variable's type; a null takes the default where the variable is not nullable. */
const finalValue = (
  block: VariableBlock,
  given: Value | undefined,
  source: { readonly range: Diagnostic["range"]; readonly from: string | undefined },
  problems: Diagnostic[],
): Value => {
  const type = withoutOptional(block.constraint.type);
  const unknown = (because: string): Value => unknownValue(type, because);
  if (given === undefined) return block.default ?? unknown(`var.${block.name} is not given`);
  const filled = given.kind === "null" ? given : applyDefaults(block.constraint.defaults, given);
  const value = convertValue(filled, block.constraint.type);
  const range = block.sensitive || source.range === undefined ? block.range : source.range;
  if (isFailure(value)) {
    const path = formatPath(value.path);
    const origin = source.from === undefined ? "" : ` It is given by ${source.from}.`;
    problems.push(
      inputError(
        "Invalid value for input variable",
        `The value does not fit var.${block.name}, declared at ${block.range.file}:${block.range.start.line}: ${path === "" ? "" : `${path}: `}${value.message}.${origin}`,
        range,
      ),
    );
    return unknown(`the value given for var.${block.name} does not fit its type`);
  }
  if (value.kind === "null" && !block.nullable) {
    if (block.default !== undefined) return block.default;
    problems.push(inputError("Required variable not set", `var.${block.name} may not be null.`, range));
    return unknown(`var.${block.name} may not be null`);
  }
  if (!block.ephemeral && marksDeep(value).has("ephemeral"))
    problems.push(
      inputError(
        "Ephemeral value not allowed",
        `var.${block.name} is not declared ephemeral, so no ephemeral value can be given for it.`,
        range,
      ),
    );
  return value;
};

/** Evaluates a variable's `validation` blocks in one instance of its module. */
export const validateVariable = (
  walk: Walk,
  instance: ModuleInstance,
  block: VariableBlock,
  problems: Diagnostic[],
): void => {
  const record = checkRecord(walk, { kind: "var", module: instance.node, name: block.name }, instance, undefined);
  const argument = instance.node.call?.arguments.get(block.name);
  const range = argument?.value.range ?? block.range;
  for (const rule of block.validations) {
    const own: Diagnostic[] = [];
    const condition = evaluateIn(walk, instance, rule.condition, {}, own);
    const message = errorMessage(walk, instance, rule, {}, own);
    const failed = hasErrors(own);
    problems.push(
      ...own.flatMap((problem) => {
        if (!problem.summary.startsWith("Error message refers")) return [problem];
        return looksElsewhere(rule, block.name) ? [{ ...problem, severity: "error" as const }] : [];
      }),
    );
    if (failed) {
      record.status = "error";
      continue;
    }
    const result = asBool(
      unmarkDeep(condition).value,
      "Invalid variable validation result",
      rule.condition.range,
      problems,
    );
    if (result === undefined) {
      if (record.status === "pass") record.status = "unknown";
    } else if (!result) fail(block, rule, message, range, record, problems);
  }
};

/** Terraform shows a variable's own value in the message even where it is sensitive; we leave it out, and that is no error. */
const looksElsewhere = (rule: CheckRule, name: string): boolean =>
  rule.errorMessage !== undefined &&
  goodReferences(referencesIn(rule.errorMessage)).some(
    ({ subject }) => subject.kind !== "variable" || subject.name !== name,
  );

const fail = (
  block: VariableBlock,
  rule: CheckRule,
  message: string | undefined,
  range: Diagnostic["range"],
  record: { status: string; readonly problems: string[] },
  problems: Diagnostic[],
): void => {
  const text = message ?? `The value of var.${block.name} is not valid.`;
  record.status = "fail";
  record.problems.push(text);
  problems.push({
    ...inputError(
      "Invalid value for variable",
      `${text}\n\nThe rule stands at ${rule.range.file}:${rule.range.start.line}.`,
      range,
    ),
    related: [{ message: "This rule is not met", range: rule.range }],
  });
};
