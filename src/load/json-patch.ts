import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";

/** Applies the operations of a JSON patch (RFC 6902); what it says where one cannot be applied. */
export const applyJsonPatch = (
  given: Json,
  operations: readonly Json[],
): { readonly value: Json } | { readonly problem: string } => {
  let value = given;
  for (const operation of operations) {
    if (!isJsonObject(operation)) return { problem: "an operation is no mapping" };
    const { op, path, from } = operation;
    if (typeof op !== "string" || typeof path !== "string") return { problem: "an operation lacks op or path" };
    const changed = applyOne(value, op, path, operation, typeof from === "string" ? from : "");
    if (changed === undefined) return { problem: `"${op}" finds nothing at "${path}"` };
    value = changed;
  }
  return { value };
};

const applyOne = (value: Json, op: string, path: string, operation: JsonObject, from: string): Json | undefined => {
  const steps = stepsOf(path);
  switch (op) {
    case "add":
      return put(value, steps, operation["value"] ?? null, "insert");
    case "replace":
      return valueAt(value, steps) === undefined ? undefined : put(value, steps, operation["value"] ?? null, "set");
    case "remove":
      return valueAt(value, steps) === undefined ? undefined : put(value, steps, undefined, "set");
    case "test":
      return JSON.stringify(valueAt(value, steps)) === JSON.stringify(operation["value"]) ? value : undefined;
    case "copy":
    case "move": {
      const moved = valueAt(value, stepsOf(from));
      if (moved === undefined) return undefined;
      const rest = op === "copy" ? value : put(value, stepsOf(from), undefined, "set");
      return rest === undefined ? undefined : put(rest, steps, moved, "insert");
    }
    default:
      return undefined;
  }
};

const stepsOf = (pointer: string): readonly string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));

const valueAt = (value: Json, steps: readonly string[]): Json | undefined =>
  steps.reduce<Json | undefined>((at, step) => {
    if (Array.isArray(at)) return at[Number(step)];
    return isJsonObject(at ?? null) ? (at as JsonObject)[step] : undefined;
  }, value);

/** The value with something else at the path; `undefined` takes it away. */
const put = (
  at: Json,
  [step, ...rest]: readonly string[],
  given: Json | undefined,
  how: "insert" | "set",
): Json | undefined => {
  if (step === undefined) return given ?? null;
  if (Array.isArray(at)) {
    const index = step === "-" ? at.length : Number(step);
    if (!Number.isInteger(index) || index < 0 || index > at.length) return undefined;
    if (rest.length === 0) {
      const isAdded = given !== undefined && (how === "insert" || index === at.length);
      return given === undefined ? at.toSpliced(index, 1) : at.toSpliced(index, isAdded ? 0 : 1, given);
    }
    const inner = at[index];
    const changed = inner === undefined ? undefined : put(inner, rest, given, how);
    return changed === undefined ? undefined : at.with(index, changed);
  }
  if (!isJsonObject(at)) return undefined;
  if (rest.length === 0) {
    if (given !== undefined) return { ...at, [step]: given };
    const { [step]: _, ...others } = at;
    return others;
  }
  const inner = at[step];
  const changed = inner === undefined ? undefined : put(inner, rest, given, how);
  return changed === undefined ? undefined : { ...at, [step]: changed };
};
