import { dynamicType, type Type } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import { boolValue, nullValue, numberValue, objectValue, stringValue, tupleValue } from "./values-construct.ts";
import { type ConversionFailure, convertValue } from "./values-convert.ts";
import { formatNum, parseNum } from "./values-number-text.ts";

/** JSON as data, numbers as their exact text. */
export type ExactJson =
  | null
  | boolean
  | string
  | { readonly number: string }
  | readonly ExactJson[]
  | ReadonlyMap<string, ExactJson>;

/** What cannot be written as JSON. */
export type JsonProblem = { readonly problem: "unknown" | "infinity"; readonly value: Value };

/** Compact JSON of a wholly known value, marks ignored, keys in order, `<`, `>` and `&` escaped as Go does (cty json `Marshal`). */
export const valueToJsonText = (value: Value): string | JsonProblem => {
  const parts: string[] = [];
  const problem = write(value, parts);
  return problem ?? parts.join("");
};

const write = (value: Value, out: string[]): JsonProblem | undefined => {
  switch (value.kind) {
    case "null":
      out.push("null");
      return undefined;
    case "unknown":
      return { problem: "unknown", value };
    case "string":
      out.push(quoteJson(value.value));
      return undefined;
    case "bool":
      out.push(value.value ? "true" : "false");
      return undefined;
    case "number":
      if (typeof value.value === "number" && !Number.isFinite(value.value)) return { problem: "infinity", value };
      out.push(formatNum(value.value, value.precision));
      return undefined;
    case "list":
    case "set":
    case "tuple":
      return writeItems(value.items, out);
    default:
      return writeFields(value.fields, out);
  }
};

const writeItems = (items: readonly Value[], out: string[]): JsonProblem | undefined => {
  out.push("[");
  for (const [index, item] of items.entries()) {
    if (index > 0) out.push(",");
    const problem = write(item, out);
    if (problem !== undefined) return problem;
  }
  out.push("]");
  return undefined;
};

const writeFields = (fields: ReadonlyMap<string, Value>, out: string[]): JsonProblem | undefined => {
  out.push("{");
  let first = true;
  for (const [key, item] of fields) {
    if (!first) out.push(",");
    first = false;
    out.push(quoteJson(key), ":");
    const problem = write(item, out);
    if (problem !== undefined) return problem;
  }
  out.push("}");
  return undefined;
};

/** A string in JSON as Go's encoder writes it. */
export const quoteJson = (text: string): string => {
  const quoted = JSON.stringify(text);
  return /[<>&\u2028\u2029\b\f\u007f]|\\[bfu]/.test(quoted)
    ? quoted.replace(/[<>&\u2028\u2029]|\\[bf]/g, goEscape)
    : quoted;
};

const goEscape = (match: string): string => {
  if (match === "\\b") return "\\b";
  if (match === "\\f") return "\\f";
  return `\\u${match.charCodeAt(0).toString(16).padStart(4, "0")}`;
};

/** The type that Terraform gives to JSON without one: objects and tuples (cty json `ImpliedType`). */
export const jsonToValue = (json: ExactJson): Value => {
  if (json === null) return nullValue(dynamicType);
  if (typeof json === "string") return stringValue(json);
  if (typeof json === "boolean") return boolValue(json);
  if (Array.isArray(json)) return tupleValue(json.map(jsonToValue));
  if (json instanceof Map)
    return objectValue([...json].map(([key, item]) => [stringValue(key).value, jsonToValue(item)]));
  return numberValue(parseNum((json as { number: string }).number) ?? 0);
};

/** Plain parsed JSON (`JSON.parse`) as a value; numbers have the precision of a double. */
export const plainJsonToValue = (json: unknown): Value => {
  if (json === null || json === undefined) return nullValue(dynamicType);
  if (typeof json === "string") return stringValue(json);
  if (typeof json === "boolean") return boolValue(json);
  if (typeof json === "number") return numberValue(parseNum(String(json)) ?? 0);
  if (Array.isArray(json)) return tupleValue(json.map(plainJsonToValue));
  return objectValue(Object.entries(json as object).map(([key, item]) => [key, plainJsonToValue(item)]));
};

/** Plain parsed JSON as a value of the type. */
export const typedJsonToValue = (json: unknown, type: Type): Value | ConversionFailure =>
  convertValue(plainJsonToValue(json), type);

/** The value as plain data for `JSON.stringify`; `undefined` for what is unknown. Numbers become doubles. */
export const valueToPlainJson = (value: Value): unknown => {
  switch (value.kind) {
    case "unknown":
      return undefined;
    case "null":
      return null;
    case "string":
    case "bool":
      return value.value;
    case "number":
      return typeof value.value === "number" ? value.value : Number(formatNum(value.value, value.precision));
    case "list":
    case "set":
    case "tuple":
      return value.items.map(valueToPlainJson);
    default:
      return Object.fromEntries([...value.fields].map(([key, item]) => [key, valueToPlainJson(item)]));
  }
};
