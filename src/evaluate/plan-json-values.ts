import type { Json } from "../model/json.ts";
import type { Type } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import { valueToPlainJson } from "./values-json.ts";
import { unmarkDeep } from "./values-marks.ts";

/** The value without what is unknown: an unknown attribute is left out, an unknown item is null (jsonplan `omitUnknowns`). */
export const knownJson = (value: Value): Json | undefined => {
  switch (value.kind) {
    case "unknown":
      return undefined;
    case "null":
      return null;
    case "list":
    case "set":
    case "tuple":
      return value.items.map((item) => knownJson(item) ?? null);
    case "map":
    case "object": {
      const fields: Record<string, Json> = {};
      for (const [name, item] of value.fields) {
        const json = knownJson(item);
        if (json !== undefined) define(fields, name, json);
      }
      return fields;
    }
    default:
      return valueToPlainJson(unmarkDeep(value).value) as Json;
  }
};

/** `__proto__` is a key like any other. */
const define = (fields: Record<string, Json>, name: string, value: Json): void => {
  if (name === "__proto__")
    Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
  else fields[name] = value;
};

/** Where the value is unknown, true; known attributes are left out, known items are false (jsonplan `unknownAsBool`). */
export const unknownJson = (value: Value): Json => {
  switch (value.kind) {
    case "unknown":
      return true;
    case "list":
    case "set":
    case "tuple":
      return value.items.map(unknownJson);
    case "map":
    case "object":
      return flags(value.fields, unknownJson);
    default:
      return false;
  }
};

/** Where the value is sensitive, true (jsonstate `SensitiveAsBool`). */
export const sensitiveJson = (value: Value): Json => {
  if (value.marks?.has("sensitive")) return true;
  switch (value.kind) {
    case "unknown":
      return emptyOf(value.type);
    case "list":
    case "set":
    case "tuple":
      return value.items.map(sensitiveJson);
    case "map":
    case "object":
      return flags(value.fields, sensitiveJson);
    default:
      return false;
  }
};

const flags = (values: ReadonlyMap<string, Value>, flag: (value: Value) => Json): Json => {
  const fields: Record<string, Json> = {};
  for (const [name, item] of values) {
    const json = flag(item);
    if (json !== false) define(fields, name, json);
  }
  return fields;
};

const emptyOf = (type: Type): Json => {
  switch (type.kind) {
    case "list":
    case "set":
    case "tuple":
      return [];
    case "map":
    case "object":
      return {};
    default:
      return false;
  }
};

/** A type as cty writes it in JSON: `["list", "string"]`. */
export const typeJson = (type: Type): Json => {
  switch (type.kind) {
    case "list":
    case "set":
    case "map":
      return [type.kind, typeJson(type.element)];
    case "tuple":
      return ["tuple", type.elements.map(typeJson)];
    case "object": {
      const fields: Record<string, Json> = {};
      for (const [name, attribute] of type.attributes) define(fields, name, typeJson(attribute));
      return ["object", fields];
    }
    default:
      return type.kind;
  }
};
