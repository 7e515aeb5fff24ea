import { readFileSync } from "node:fs";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";

/** A type of the Kubernetes API: field names and their codes; scripts/kubernetes-schema.mjs explains the codes. */
export interface SchemaType {
  readonly name: string;
  readonly required?: readonly string[];
  readonly fields: Readonly<Record<string, string>>;
}

interface Schema {
  readonly kinds: Readonly<Record<string, number>>;
  readonly types: readonly SchemaType[];
}

export interface ShapeProblem {
  readonly path: readonly (string | number)[];
  readonly problem: "unknown field" | "wrong type";
  /** What the field takes, in words. */
  readonly expected: string;
  readonly found: Json;
  /** The type that holds the field, and the code of the field. */
  readonly owner: string;
  readonly code: string;
}

/** The type of a kind; undefined for kinds that the API server does not serve. */
export const schemaOf = (apiVersion: string, kind: string): SchemaType | undefined => {
  const { kinds, types } = schema();
  const number = kinds[`${apiVersion.includes("/") ? apiVersion : `/${apiVersion}`}/${kind}`];
  return number === undefined ? undefined : types[number];
};

/** The type that a field code refers to, for `#N`, `[#N` and `{#N`. */
export const referencedType = (code: string): SchemaType | undefined => {
  const match = /#(\d+)/.exec(code);
  return match === null ? undefined : schema().types[Number(match[1])];
};

/**
 * Holds a value against its type. Fields of a wrong type and nulls are left out of the returned value, unknown fields stay; a value
 * without problems is returned as it is.
 */
export const conform = (
  value: JsonObject,
  type: SchemaType,
): { readonly value: JsonObject; readonly problems: readonly ShapeProblem[] } => {
  const problems: ShapeProblem[] = [];
  return { value: conformObject(value, type, [], problems), problems };
};

type Path = readonly (string | number)[];

const conformObject = (value: JsonObject, type: SchemaType, path: Path, problems: ShapeProblem[]): JsonObject => {
  let changed: Record<string, Json> | undefined;
  for (const field in value) {
    const item = value[field] as Json;
    const code = Object.hasOwn(type.fields, field) ? type.fields[field] : undefined;
    if (code === undefined) {
      if (path.length > 0 || (field !== "apiVersion" && field !== "kind")) {
        problems.push({
          path: [...path, field],
          problem: "unknown field",
          expected: "",
          found: item,
          owner: type.name,
          code: "",
        });
      }
      continue;
    }
    const kept = conformCode(item, code, type.name, path, field, problems);
    if (kept === item) continue;
    changed ??= { ...value };
    if (kept === undefined) delete changed[field];
    else changed[field] = kept;
  }
  return changed ?? value;
};

const conformCode = (
  value: Json,
  code: string,
  owner: string,
  path: Path,
  step: string | number,
  problems: ShapeProblem[],
): Json | undefined => {
  if (code === "*") return value;
  if (value === null) return undefined;
  switch (code.charCodeAt(0)) {
    case 35: // #
      if (isJsonObject(value)) return conformObject(value, typeAt(code), [...path, step], problems);
      break;
    case 91: // [
      if (Array.isArray(value)) return conformList(value, itemCode(code), owner, [...path, step], problems);
      break;
    case 123: // {
      if (isJsonObject(value)) return conformMap(value, code.slice(1), owner, [...path, step], problems);
      break;
    default:
      if (isScalar(value, code)) return value;
  }
  problems.push({ path: [...path, step], problem: "wrong type", expected: inWords(code), found: value, owner, code });
  return undefined;
};

const conformList = (
  value: readonly Json[],
  code: string,
  owner: string,
  path: Path,
  problems: ShapeProblem[],
): Json => {
  let changed: Json[] | undefined;
  value.forEach((item, index) => {
    const kept = conformCode(item, code, owner, path, index, problems);
    if (kept === item) {
      if (changed !== undefined) changed.push(item);
      return;
    }
    changed ??= value.slice(0, index);
    if (kept !== undefined) changed.push(kept);
  });
  return changed ?? value;
};

const conformMap = (value: JsonObject, code: string, owner: string, path: Path, problems: ShapeProblem[]): Json => {
  let changed: Record<string, Json> | undefined;
  for (const key in value) {
    const item = value[key] as Json;
    const kept = conformCode(item, code, owner, path, key, problems);
    if (kept === item) continue;
    changed ??= { ...value };
    if (kept === undefined) delete changed[key];
    else changed[key] = kept;
  }
  return changed ?? value;
};

const isScalar = (value: Json, code: string): boolean => {
  switch (code[0]) {
    case "s":
    case "t":
      return typeof value === "string";
    case "i":
      return typeof value === "number" && Number.isInteger(value);
    case "n":
      return typeof value === "number";
    case "b":
      return typeof value === "boolean";
    case "q":
      return typeof value === "number" || (typeof value === "string" && isQuantity(value));
    case "x":
      return typeof value === "string" || (typeof value === "number" && Number.isInteger(value));
    default:
      return true;
  }
};

const isQuantity = (text: string): boolean =>
  /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$/.test(text);

const itemCode = (code: string): string => {
  const end = code.search(/[@!]/);
  return end === -1 ? code.slice(1) : code.slice(1, end);
};

const typeAt = (code: string): SchemaType => {
  const type = schema().types[Number.parseInt(code.slice(1), 10)];
  if (type === undefined) throw new Error(`schema has no type ${code}`);
  return type;
};

const words: Readonly<Record<string, string>> = {
  s: "a text",
  t: "a time such as 2026-01-31T12:00:00Z",
  i: "a whole number",
  n: "a number",
  b: "true or false",
  q: "a quantity such as 500m or 1Gi",
  x: "a whole number or a text",
  "#": "a mapping",
  "[": "a list",
  "{": "a mapping",
};

const inWords = (code: string): string => words[code[0] ?? ""] ?? "something else";

let loaded: Schema | undefined;
const schema = (): Schema => {
  loaded ??= JSON.parse(readFileSync(new URL("./data/schema.json", import.meta.url), "utf8")) as Schema;
  return loaded;
};
