import { dynamicType, numberType, stringType, type Type } from "../model/type.ts";
import type { UnknownValue, Value } from "../model/value.ts";
import { unknownAttribute, unknownFrom } from "./values-construct.ts";
import { convertValue } from "./values-convert.ts";
import { joinMarks, marksOf, unmark, withMarks } from "./values-marks.ts";
import { isInteger, sign, toInt } from "./values-number.ts";
import { friendlyName, isPrimitive, typeOf } from "./values-type.ts";

/** A step into a value that cannot be made, in Terraform's words. */
export interface AccessFailure {
  readonly kind: "failure";
  readonly summary: string;
  readonly message: string;
}

const failure = (summary: string, message: string): AccessFailure => ({ kind: "failure", summary, message });

const unsupported = (message: string): AccessFailure => failure("Unsupported attribute", message);

/** `value.name` (hcl `GetAttr`, 2.23). */
export const getAttribute = (value: Value, name: string): Value | AccessFailure => {
  if (value.kind === "null")
    return failure(
      "Attempt to get attribute from null value",
      "This value is null, so it does not have any attributes.",
    );
  const type = typeOf(value);
  if (value.kind === "object") {
    const field = value.fields.get(name);
    return field === undefined ? missingAttribute(name) : withMarks(field, marksOf(value));
  }
  if (value.kind === "map") {
    const field = value.fields.get(name);
    return field === undefined
      ? failure("Missing map element", `This map does not have an element with the key ${JSON.stringify(name)}.`)
      : withMarks(field, marksOf(value));
  }
  if (value.kind === "unknown") {
    if (type.kind === "dynamic") return partOf(value, dynamicType, name);
    if (type.kind === "map") return partOf(value, type.element, name);
    if (type.kind === "object") {
      const attribute = type.attributes.get(name);
      return attribute === undefined ? missingAttribute(name) : partOf(value, attribute, name);
    }
  }
  return unsupported(withoutAttributes(type, name));
};

const missingAttribute = (name: string): AccessFailure =>
  unsupported(`This object does not have an attribute named ${JSON.stringify(name)}.`);

const withoutAttributes = (type: Type, name: string): string => {
  if (isPrimitive(type)) return `Can't access attributes on a primitive-typed value (${friendlyName(type)}).`;
  if (type.kind === "list" && type.element.kind === "object")
    return type.element.attributes.has(name)
      ? `Can't access attributes on a list of objects. Did you mean to access attribute ${JSON.stringify(name)} for a specific element of the list, or across all elements of the list?`
      : "Can't access attributes on a list of objects. Did you mean to access an attribute for a specific element of the list, or across all elements of the list?";
  if (type.kind === "set" && type.element.kind === "object")
    return "Can't access attributes on a set of objects. Did you mean to access an attribute across all elements of the set?";
  return "This value does not have any attributes.";
};

/** A part of an unknown value is unknown for the same reason; an attribute of a resource stays one. */
const partOf = (value: UnknownValue, type: Type, step: string | number | undefined): Value => {
  const marks = marksOf(value);
  if (value.origin === undefined || step === undefined)
    return withMarks({ kind: "unknown", type, because: value.because }, marks);
  return withMarks(unknownAttribute(type, value.origin.address, [...value.origin.path, step]), marks);
};

const invalid = (message: string): AccessFailure => failure("Invalid index", message);

const notFound = "The given key does not identify an element in this collection value";

/** `value[key]` (hcl `Index`, 2.23). */
export const getIndex = (value: Value, key: Value): Value | AccessFailure => {
  if (value.kind === "null")
    return failure("Attempt to index null value", "This value is null, so it does not have any indices.");
  if (key.kind === "null") return invalid("Can't use a null value as an indexing key.");
  const type = typeOf(value);
  if (type.kind === "dynamic" || typeOf(key).kind === "dynamic")
    return withMarks(
      value.kind === "unknown" ? openPart(value, dynamicType, key) : unknownFrom(dynamicType, [key]),
      marksOf(value),
    );
  switch (type.kind) {
    case "list":
    case "tuple":
    case "map":
      return indexCollection(value, type, key);
    case "object":
      return indexObject(value, type, key);
    case "set":
      return invalid(
        "Elements of a set are identified only by their value and don't have any separate index or key to select with, so it's only possible to perform operations across all elements of the set.",
      );
    default:
      return invalid("This value does not have any indices.");
  }
};

const openPart = (value: UnknownValue, type: Type, key: Value): Value =>
  partOf(value, type, key.kind === "string" ? key.value : key.kind === "number" ? toInt(key.value) : undefined);

const indexCollection = (
  value: Value,
  type: Type & { readonly kind: "list" | "set" | "tuple" | "map" },
  given: Value,
): Value | AccessFailure => {
  const key = convertValue(given, type.kind === "map" ? stringType : numberType);
  if (key.kind === "failure") return invalid(`${notFound}: ${key.message}.`);
  const element = type.kind === "tuple" ? dynamicType : type.element;
  if (key.kind === "unknown") return withMarks(unknownFrom(element, [key]), marksOf(value));
  const marks = joinMarks(marksOf(value), marksOf(key));
  if (value.kind === "map" && key.kind === "string") {
    const field = value.fields.get(key.value);
    return field === undefined ? invalid(`${notFound}.`) : withMarks(field, marks);
  }
  if (key.kind === "number") return indexSequence(value, type, key, marks);
  return value.kind === "unknown" ? withMarks(openPart(value, element, key), marks) : invalid(`${notFound}.`);
};

const indexSequence = (
  value: Value,
  type: Type,
  key: Value & { readonly kind: "number" },
  marks: ReturnType<typeof marksOf>,
): Value | AccessFailure => {
  const position = toInt(key.value);
  const length = "items" in value ? value.items.length : type.kind === "tuple" ? type.elements.length : undefined;
  if (position !== undefined && position >= 0) {
    if ("items" in value) {
      const item = value.items[position];
      if (item !== undefined) return withMarks(item, marks);
    } else if (value.kind === "unknown" && (length === undefined || position < length)) {
      const element = type.kind === "list" ? type.element : type.kind === "tuple" ? type.elements[position] : undefined;
      return withMarks(partOf(value, element ?? dynamicType, position), marks);
    }
  }
  return invalid(`${notFound}${sequenceProblem(value, key, length)}.`);
};

const sequenceProblem = (
  value: Value,
  key: Value & { readonly kind: "number" },
  length: number | undefined,
): string => {
  if (!isInteger(key.value))
    return ": indexing a sequence requires a whole number, but the given index has a fractional part";
  if (sign(key.value) < 0) return ": a negative number is not a valid index for a sequence";
  const position = toInt(key.value);
  if (length === undefined || position === undefined || position > length || value.marks !== undefined) return "";
  return length === 0
    ? ": the collection has no elements"
    : ": the given index is greater than or equal to the length of the collection";
};

const indexObject = (value: Value, type: Type & { readonly kind: "object" }, given: Value): Value | AccessFailure => {
  const key = convertValue(given, stringType);
  if (key.kind === "failure") return invalid(`${notFound}: ${key.message}.`);
  const name = unmark(key);
  if (value.kind === "unknown")
    return name.kind === "string" && type.attributes.has(name.value)
      ? withMarks({ ...openPart(value, dynamicType, name) }, marksOf(value))
      : withMarks({ kind: "unknown", type: dynamicType, because: value.because }, marksOf(value));
  if (name.kind !== "string") return withMarks(unknownFrom(dynamicType, [name]), marksOf(value));
  const field = value.kind === "object" ? value.fields.get(name.value) : undefined;
  if (field !== undefined) return withMarks(field, marksOf(value));
  return invalid(
    `${notFound}.${typeOf(given).kind === "number" ? " An object only supports looking up attributes by name, not by numeric index." : ""}`,
  );
};
