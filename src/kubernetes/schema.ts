import { readFileSync } from "node:fs";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";

/** A field of a Go type: names, code and flags as scripts/kubernetes-types/main.go explains them. */
export interface SchemaField {
  readonly goName: string;
  readonly name: string;
  readonly code: string;
  readonly pointer: boolean;
  readonly omitEmpty: boolean;
  readonly omitZero: boolean;
  readonly inline: boolean;
  /** The key that strategic merge patches match list items by; empty for lists of scalars. */
  readonly mergeKey: string | undefined;
  readonly retainKeys: boolean;
}

/** A struct of the Kubernetes API. */
export interface SchemaType {
  readonly name: string;
  /** In the order of the Go type, inlined structs as one field. */
  readonly goFields: readonly SchemaField[];
  /** By JSON name, inlined structs taken apart. */
  readonly fields: ReadonlyMap<string, SchemaField>;
}

interface StoredSchema {
  readonly kinds: Readonly<Record<string, number>>;
  readonly types: readonly {
    readonly name: string;
    readonly fields: readonly (readonly [string, string, string, string])[];
  }[];
}

export interface ShapeProblem {
  readonly path: readonly (string | number)[];
  readonly problem: "unknown field" | "wrong type";
  /** What the field takes, in words. */
  readonly expected: string;
  readonly found: Json;
  /** The struct fields on the way, without indexes and keys of maps: how Go's decoder names the place. */
  readonly goPath: string;
  /** The type that holds the field, and the code of the field. */
  readonly owner: string;
  readonly code: string;
}

/** The type of a kind; undefined for kinds that the API server does not serve. */
export const schemaOf = (apiVersion: string, kind: string): SchemaType | undefined => {
  const number = stored().kinds[`${apiVersion.includes("/") ? apiVersion : `/${apiVersion}`}/${kind}`];
  return number === undefined ? undefined : typeNumbered(number);
};

/** The type that a field code refers to, for `#N`, `[#N` and `{#N`. */
export const referencedType = (code: string): SchemaType | undefined => {
  const at = code.indexOf("#");
  return at === -1 ? undefined : typeNumbered(Number.parseInt(code.slice(at + 1), 10));
};

/** The code of a list's items or a map's values. */
export const itemCodeOf = (code: string): string => {
  const end = code.indexOf("~");
  return end === -1 ? code.slice(1) : code.slice(1, end);
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
  return { value: conformObject(value, type, undefined, problems), problems };
};

/** The way to a value, put together only when there is something to say about it. */
interface Place {
  readonly up: Place | undefined;
  readonly step: string | number;
  readonly isField: boolean;
}

const stepsOf = (place: Place): readonly Place[] => {
  const steps: Place[] = [];
  for (let at: Place | undefined = place; at !== undefined; at = at.up) steps.unshift(at);
  return steps;
};

const problemAt = (place: Place, parts: Omit<ShapeProblem, "path" | "goPath">): ShapeProblem => {
  const steps = stepsOf(place);
  const goPath = steps.filter(({ isField }) => isField).map(({ step }) => step);
  return { ...parts, path: steps.map(({ step }) => step), goPath: goPath.join(".") };
};

const conformObject = (
  value: JsonObject,
  type: SchemaType,
  up: Place | undefined,
  problems: ShapeProblem[],
): JsonObject => {
  let changed: Record<string, Json> | undefined;
  for (const field in value) {
    const item = value[field] as Json;
    const code = type.fields.get(field)?.code;
    const place = { up, step: field, isField: true };
    if (code === undefined) {
      problems.push(
        problemAt(place, { problem: "unknown field", expected: "", found: item, owner: type.name, code: "" }),
      );
      continue;
    }
    const kept = conformCode(item, code, type.name, place, problems);
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
  place: Place,
  problems: ShapeProblem[],
): Json | undefined => {
  if (code === "*") return value;
  if (value === null) return undefined;
  switch (code.charCodeAt(0)) {
    case 35: // #
      if (isJsonObject(value))
        return conformObject(value, typeNumbered(Number.parseInt(code.slice(1), 10)), place, problems);
      break;
    case 91: // [
      if (Array.isArray(value)) return conformList(value, itemCodeOf(code), owner, place, problems);
      break;
    case 123: // {
      if (isJsonObject(value)) return conformMap(value, itemCodeOf(code), owner, place, problems);
      break;
    default:
      if (isScalar(value, code)) return value;
  }
  problems.push(problemAt(place, { problem: "wrong type", expected: inWords(code), found: value, owner, code }));
  return undefined;
};

const conformList = (
  value: readonly Json[],
  code: string,
  owner: string,
  up: Place,
  problems: ShapeProblem[],
): Json => {
  let changed: Json[] | undefined;
  value.forEach((item, index) => {
    const kept = conformCode(item, code, owner, { up, step: index, isField: false }, problems);
    if (kept === item) {
      if (changed !== undefined) changed.push(item);
      return;
    }
    changed ??= value.slice(0, index);
    if (kept !== undefined) changed.push(kept);
  });
  return changed ?? value;
};

const conformMap = (value: JsonObject, code: string, owner: string, up: Place, problems: ShapeProblem[]): Json => {
  let changed: Record<string, Json> | undefined;
  for (const key in value) {
    const item = value[key] as Json;
    // Go decodes a null in a map to the zero value.
    const kept =
      item === null && code.startsWith("s")
        ? ""
        : conformCode(item, code, owner, { up, step: key, isField: false }, problems);
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
    case "T":
      return typeof value === "string";
    case "y":
      return typeof value === "string" && isBase64(value);
    case "i":
    case "u":
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

const isBase64 = (text: string): boolean => badBase64At(text) === undefined;

/** Where a text stops being base64, as Go's decoder counts. */
export const badBase64At = (text: string): number | undefined => {
  const bare = text.replace(/[\r\n]/g, "");
  const match = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.exec(bare);
  if (match !== null) return undefined;
  const bad = /[^A-Za-z0-9+/]/.exec(bare);
  return bad?.index ?? bare.length - (bare.length % 4);
};

const isQuantity = (text: string): boolean =>
  /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$/.test(text);

const words: Readonly<Record<string, string>> = {
  s: "a text",
  t: "a time such as 2026-01-31T12:00:00Z",
  T: "a time such as 2026-01-31T12:00:00.000000Z",
  y: "a text in base64",
  i: "a whole number",
  u: "a whole number",
  n: "a number",
  b: "true or false",
  q: "a quantity such as 500m or 1Gi",
  x: "a whole number or a text",
  "#": "a mapping",
  "[": "a list",
  "{": "a mapping",
};

const inWords = (code: string): string => words[code[0] ?? ""] ?? "something else";

/** The `number`th type, made ready at its first use. */
const typeNumbered = (number: number): SchemaType => {
  const known = ready[number];
  if (known !== undefined) return known;
  const given = stored().types[number];
  if (given === undefined) throw new Error(`the schema has no type ${number}`);
  const goFields = given.fields.map(([goName, name, code, flags]): SchemaField => {
    const words = flags.split(",");
    return {
      goName,
      name,
      code,
      pointer: words.includes("p"),
      omitEmpty: words.includes("o"),
      omitZero: words.includes("z"),
      inline: words.includes("i"),
      mergeKey: words.find((word) => word.startsWith("m="))?.slice(2),
      retainKeys: words.includes("r"),
    };
  });
  const fields = new Map<string, SchemaField>();
  for (const field of goFields) {
    if (!field.inline) fields.set(field.name, field);
    else for (const [name, inner] of referencedType(field.code)?.fields ?? []) fields.set(name, inner);
  }
  const type = { name: given.name, goFields, fields };
  ready[number] = type;
  return type;
};

const ready: SchemaType[] = [];
let loaded: StoredSchema | undefined;
const stored = (): StoredSchema => {
  loaded ??= JSON.parse(readFileSync(new URL("./data/schema.json", import.meta.url), "utf8")) as StoredSchema;
  return loaded;
};
