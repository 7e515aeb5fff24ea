import type { Json } from "../model/json.ts";

/** Evaluates a CEL expression over variables; throws with CEL's own words where it cannot. */
export type EvaluateCel = (expression: string, variables: Readonly<Record<string, unknown>>) => unknown;

/** Loads the CEL package, which only clusters with policies need. */
export const loadCel = async (): Promise<EvaluateCel> => {
  const { parse } = await import("@marcbachmann/cel-js");
  const parsed = new Map<string, ReturnType<typeof parse>>();
  return (expression, variables) => {
    let run = parsed.get(expression);
    if (run === undefined) {
      run = parse(expression);
      parsed.set(expression, run);
    }
    return run(variables);
  };
};

/** JSON as CEL sees it: whole numbers are ints, which are bigints here. */
export const celValue = (value: Json | undefined): unknown => {
  if (value === undefined) return null;
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return (value as readonly Json[]).map(celValue);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, celValue(item)]));
  }
  return value;
};
