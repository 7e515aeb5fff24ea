import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { canonicalQuantity } from "./quantity.ts";
import { itemCodeOf, referencedType, type SchemaField, type SchemaType } from "./schema.ts";

/**
 * An object as the API server's JSON encoder writes it: fields in the order of the Go types, unknown ones gone, empty ones left out or
 * written out as the type says, quantities in their canonical text. The object must have the right shape (`conform`).
 */
export const canonicalObject = (value: JsonObject, type: SchemaType): JsonObject => {
  const result: Record<string, Json> = {};
  writeFields(value, type, result);
  return result;
};

/**
 * An object as Go holds it after decoding, without its zero values: an empty text or a zero in a plain field is no value there, and
 * gets the default like a field that was not given.
 */
export const withoutZeroValues = (value: JsonObject, type: SchemaType): JsonObject => {
  const result: Record<string, Json> = {};
  for (const [name, item] of Object.entries(value)) {
    const field = type.fields.get(name);
    if (field === undefined) {
      result[name] = item;
      continue;
    }
    const isZero = isEmpty(item) && !(typeof item === "object" && /^[#[]/.test(field.code));
    if (item === null || (!field.pointer && isZero)) continue;
    result[name] = withoutZerosIn(item, field.code);
  }
  return result;
};

const withoutZerosIn = (value: Json, code: string): Json => {
  switch (code[0]) {
    case "#": {
      const type = referencedType(code);
      return type === undefined || !isJsonObject(value) ? value : withoutZeroValues(value, type);
    }
    case "[":
      return (value as readonly Json[]).map((item) => withoutZerosIn(item, itemCodeOf(code)));
    case "{":
      return code.includes("#")
        ? Object.fromEntries(
            Object.entries(value as JsonObject).map(([key, item]) => [key, withoutZerosIn(item, itemCodeOf(code))]),
          )
        : value;
    default:
      return value;
  }
};

const writeFields = (value: JsonObject, type: SchemaType, result: Record<string, Json>): void => {
  for (const field of type.goFields) {
    if (field.inline) {
      const inner = referencedType(field.code);
      if (inner !== undefined) writeFields(value, inner, result);
      continue;
    }
    const written = writeField(value[field.name], field);
    if (written !== undefined) result[field.name] = written;
  }
};

const writeField = (value: Json | undefined, field: SchemaField): Json | undefined => {
  if (value === undefined || value === null) {
    if (field.omitZero) return undefined;
    if (field.pointer) return field.omitEmpty ? undefined : null;
    if (field.code.startsWith("#")) return writeValue({}, field.code);
    // Go leaves out no structs, and times, quantities and the like are structs.
    return field.omitEmpty && !/^[tTqx]/.test(field.code) ? undefined : zeroOf(field.code);
  }
  if (!field.pointer && field.omitEmpty && isEmpty(value)) {
    return field.code.startsWith("#") && !field.omitZero ? writeValue(value, field.code) : undefined;
  }
  return writeValue(value, field.code);
};

const isEmpty = (value: Json): boolean =>
  value === "" ||
  value === 0 ||
  value === false ||
  (typeof value === "object" && value !== null && Object.keys(value).length === 0);

/** What an empty field of the type is written as; objects, lists and maps as null. */
export const zeroOf = (code: string): Json => {
  switch (code[0]) {
    case "s":
      return "";
    case "b":
      return false;
    case "i":
    case "u":
    case "n":
    case "x":
      return 0;
    case "q":
      return "0";
    default:
      return null;
  }
};

const writeValue = (value: Json, code: string): Json => {
  switch (code[0]) {
    case "#": {
      const type = referencedType(code);
      return type === undefined || !isJsonObject(value) ? value : canonicalObject(value, type);
    }
    case "[": {
      const item = itemCodeOf(code);
      return (value as readonly Json[]).map((element) => (element === null ? null : writeValue(element, item)));
    }
    case "{": {
      const item = itemCodeOf(code);
      const written: Record<string, Json> = {};
      for (const key of Object.keys(value as JsonObject).sort()) {
        const element = (value as JsonObject)[key] ?? null;
        written[key] = element === null ? element : writeValue(element, item);
      }
      return written;
    }
    case "q":
      return canonicalQuantity(value as string | number) ?? value;
    default:
      return value;
  }
};
