import { celValue, type EvaluateCel } from "../cluster/cel.ts";
import { addressOf } from "../kubernetes/object.ts";
import type { Policy } from "../load/configuration-policies.ts";
import { type Diagnostic, diagnostic } from "../model/diagnostic.ts";
import { isJsonObject, type JsonObject } from "../model/json.ts";
import type { SourceRange } from "../model/source-range.ts";
import { instanceAt } from "./instance-values.ts";
import { type PolicyModel, policyModel } from "./policy-model.ts";
import type { World } from "./rule.ts";

/**
 * Asks every policy of `aks-twin.yaml` over the predicted world: each that does not hold is a finding with the policy's code, and what
 * is wrong with an expression is told where it stands. `cel` is loaded by the caller, and only where there are policies.
 */
export const checkPolicies = (
  policies: readonly Policy[],
  world: World,
  cel: EvaluateCel | undefined,
): readonly Diagnostic[] => {
  const [first] = policies;
  if (first === undefined) return [];
  if (cel === undefined) return [notAsked(first, policies.length)];
  const model = policyModel(world);
  const variables = Object.fromEntries(Object.entries(model).map(([name, list]) => [name, list.map(typed)]));
  const placeOf = placeFinder(world);
  return policies.flatMap((policy) => {
    const lists = policy.each === undefined ? undefined : itemsOf(policy.each, model);
    if (policy.each !== undefined && lists === undefined) return [noList(policy, policy.each, model)];
    if (lists === undefined) return checkWhole(policy, variables, cel);
    return checkEach(policy, lists, variables, cel, placeOf);
  });
};

const itemsOf = (name: string, model: PolicyModel): readonly JsonObject[] | undefined =>
  Object.hasOwn(model, name) ? model[name] : undefined;

type Variables = Readonly<Record<string, unknown>>;

const checkWhole = (policy: Policy, variables: Variables, cel: EvaluateCel): readonly Diagnostic[] => {
  const answer = ask(policy, variables, cel);
  if (answer === true) return [];
  return [answer === false ? violation(policy, undefined, policy.range) : answer];
};

const checkEach = (
  policy: Policy,
  items: readonly JsonObject[],
  variables: Variables,
  cel: EvaluateCel,
  placeOf: (address: string) => SourceRange | undefined,
): readonly Diagnostic[] => {
  const found: Diagnostic[] = [];
  for (const item of items) {
    const answer = ask(policy, { ...variables, item: typed(item) }, cel);
    if (answer === true) continue;
    // A wrong expression is wrong for every item in much the same words.
    if (answer !== false) return [...found, answer];
    const address = String(item["address"]);
    found.push(violation(policy, address, placeOf(address) ?? policy.range));
  }
  return found;
};

/** True, false, or what is wrong with the expression. */
const ask = (policy: Policy, variables: Variables, cel: EvaluateCel): boolean | Diagnostic => {
  try {
    const answer = cel(policy.expression, variables);
    if (typeof answer === "boolean") return answer;
    return wrongExpression(policy, `it gives ${kindOf(answer)} where true or false is wanted`);
  } catch (error) {
    // CEL's message ends in a picture of the expression.
    const words = error instanceof Error ? (error.message.split("\n\n")[0] ?? "") : String(error);
    return wrongExpression(policy, words);
  }
};

const kindOf = (answer: unknown): string =>
  answer === null
    ? "null"
    : Array.isArray(answer)
      ? "a list"
      : typeof answer === "bigint"
        ? "an int"
        : `a ${typeof answer}`;

const violation = (policy: Policy, subject: string | undefined, range: SourceRange): Diagnostic =>
  diagnostic({
    code: policy.code,
    severity: policy.severity,
    summary: policy.title,
    detail: [
      `The policy "${oneLine(policy.expression)}" does not hold${subject === undefined ? "" : ` for ${subject}`}.`,
      ...(policy.message === undefined ? [] : [policy.message]),
    ].join(" "),
    range,
    ...(subject === undefined ? {} : { subject }),
    ...(range === policy.range ? {} : { related: [{ message: "the policy", range: policy.range }] }),
  });

const wrongExpression = (policy: Policy, words: string): Diagnostic =>
  diagnostic({
    code: "AKS9408",
    severity: "error",
    summary: "A policy's expression cannot be evaluated",
    detail: `${policy.code}, "${oneLine(policy.expression)}": ${words}. What policies see stands in docs/policies.md.`,
    range: policy.range,
  });

const noList = (policy: Policy, name: string, model: PolicyModel): Diagnostic =>
  diagnostic({
    code: "AKS9408",
    severity: "error",
    summary: "A policy's expression cannot be evaluated",
    detail: `${policy.code}: there is no list "${name}" to take each item of; there are ${Object.keys(model).join(", ")}.`,
    range: policy.range,
  });

const notAsked = (first: Policy, count: number): Diagnostic =>
  diagnostic({
    code: "AKS9409",
    severity: "warning",
    summary: "Policies were not asked",
    detail: `${count} of aks-twin.yaml: the caller gave no evaluator of CEL. Give the review one (ReviewOptions.cel, from loadCel).`,
    range: first.range,
  });

const oneLine = (text: string): string => {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= 200 ? line : `${line.slice(0, 200)}…`;
};

/** Shares are doubles even where they are 0 or 1; all other numbers are ints. */
const shares = new Set(["use", "cpuUse", "memoryUse", "podUse", "diskUse"]);

const typed = (value: JsonObject): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      shares.has(key) ? item : isJsonObject(item) ? typed(item) : celValue(item),
    ]),
  );

const placeFinder = (world: World): ((address: string) => SourceRange | undefined) => {
  let objects: ReadonlyMap<string, SourceRange> | undefined;
  return (address) => {
    objects ??= new Map(world.objects.map(({ object, range }) => [addressOf(object), range]));
    return instanceAt(world, address)?.range ?? objects.get(address);
  };
};
