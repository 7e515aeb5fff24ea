import type { Diagnostic } from "../model/diagnostic.ts";
import { boolType, stringType } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import type { InstanceKey } from "./address.ts";
import type { CheckRule } from "./module.ts";
import { hasErrors, inputError, inputWarning } from "./problems.ts";
import { convertValue, isFailure } from "./values-convert.ts";
import { marksDeep, unmark, unmarkDeep } from "./values-marks.ts";
import type { CheckInstance, CheckResult, ModuleInstance, Walk } from "./walk.ts";
import { evaluateIn, type LocalNames } from "./walk-scope.ts";

export type CheckKind =
  | "Resource precondition"
  | "Resource postcondition"
  | "Module output value precondition"
  | "Check block assertion";

/** Evaluates conditions and reports those that do not hold (Terraform 1.11, `evalCheckRules`). */
export const evaluateRules = (
  walk: Walk,
  instance: ModuleInstance,
  kind: CheckKind,
  rules: readonly CheckRule[],
  names: LocalNames,
  record: CheckInstance,
  problems: Diagnostic[],
): void => {
  for (const rule of rules) {
    const own: Diagnostic[] = [];
    // Of a resource's rules only the names and types inside are looked at before its instances are known.
    if (walk.mode === "validate" && kind.startsWith("Resource")) {
      evaluateIn(walk, instance, rule.condition, names, problems);
      if (rule.errorMessage !== undefined) evaluateIn(walk, instance, rule.errorMessage, names, problems);
      continue;
    }
    const message = errorMessage(walk, instance, rule, names, own);
    const condition = evaluateIn(walk, instance, rule.condition, names, own);
    problems.push(...own);
    if (hasErrors(own)) {
      worsen(record, "error");
      continue;
    }
    judge(kind, rule, condition, message, record, problems, walk.mode === "plan");
  }
};

const judge = (
  kind: CheckKind,
  rule: CheckRule,
  condition: Value,
  message: string | undefined,
  record: CheckInstance,
  problems: Diagnostic[],
  isPlan: boolean,
): void => {
  const { range } = rule.condition;
  const isAssertion = kind === "Check block assertion";
  const result = asBool(condition, "Invalid condition result", range, problems);
  if (result === undefined) {
    worsen(record, condition.kind === "unknown" ? "unknown" : "error");
    if (condition.kind === "unknown" && isAssertion && isPlan)
      problems.push(
        inputWarning(`${kind} known after apply`, "Whether the condition holds is known after apply only.", range),
      );
    return;
  }
  if (result || !(isPlan || kind === "Module output value precondition")) return;
  worsen(record, "fail");
  const text = message ?? "The condition does not hold, and its error message could not be evaluated.";
  record.problems.push(text);
  problems.push(isAssertion ? inputWarning(`${kind} failed`, text, range) : inputError(`${kind} failed`, text, range));
};

/** True or false; `undefined` for an unknown, and for what is no bool, which is reported. */
export const asBool = (
  value: Value,
  summary: string,
  range: Diagnostic["range"],
  problems: Diagnostic[],
): boolean | undefined => {
  const plain = unmark(value);
  if (plain.kind === "unknown") return undefined;
  if (plain.kind === "null") {
    problems.push(inputError(summary, "A condition is true or false, and this one is null.", range));
    return undefined;
  }
  const bool = convertValue(plain, boolType);
  if (!isFailure(bool) && bool.kind === "bool") return bool.value;
  problems.push(
    inputError(summary, `A condition is true or false: ${isFailure(bool) ? bool.message : "it is not"}.`, range),
  );
  return undefined;
};

/** The message of a rule as text. Secrets are not shown. */
export const errorMessage = (
  walk: Walk,
  instance: ModuleInstance,
  rule: CheckRule,
  names: LocalNames,
  problems: Diagnostic[],
): string | undefined => {
  if (rule.errorMessage === undefined) return undefined;
  const start = problems.length;
  const value = evaluateIn(walk, instance, rule.errorMessage, names, problems);
  if (hasErrors(problems.slice(start))) return undefined;
  const { range } = rule.errorMessage;
  const marks = marksDeep(value);
  const text = convertValue(unmarkDeep(value).value, stringType);
  if (isFailure(text)) {
    problems.push(inputError("Invalid error message", `The error message must be a text: ${text.message}.`, range));
    return undefined;
  }
  if (text.kind !== "string") return undefined;
  for (const mark of ["sensitive", "ephemeral"] as const)
    if (marks.has(mark)) {
      problems.push(
        inputWarning(
          `Error message refers to ${mark} values`,
          `The error message would show a value that is ${mark}, so it is not shown.`,
          range,
        ),
      );
      return `The error message included ${mark === "sensitive" ? "a sensitive" : "an ephemeral"} value, so it will not be displayed.`;
    }
  return text.value.trim();
};

const order: readonly CheckInstance["status"][] = ["pass", "unknown", "fail", "error"];

const worsen = (record: CheckInstance, status: CheckInstance["status"]): void => {
  if (order.indexOf(status) > order.indexOf(record.status)) record.status = status;
};

/** The record of all instances of an object with conditions, made when it is first asked for. */
export const checkResult = (walk: Walk, about: Omit<CheckResult, "instances">): CheckResult => {
  const id = `${about.kind}|${about.module.address}|${about.mode ?? ""}|${about.type ?? ""}|${about.name}`;
  const known = walk.checks.get(id);
  if (known !== undefined) return known;
  const result: CheckResult = { ...about, instances: new Map() };
  walk.checks.set(id, result);
  return result;
};

/** A new record of one instance of an object with conditions. */
export const checkRecord = (
  walk: Walk,
  about: Omit<CheckResult, "instances">,
  module: ModuleInstance,
  key: InstanceKey,
): CheckInstance => {
  const record: CheckInstance = { module, key, status: "pass", problems: [] };
  checkResult(walk, about).instances.set(`${module.address}|${String(key)}`, record);
  return record;
};
