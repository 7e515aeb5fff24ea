import { dynamicType, stringType, type Type } from "../model/type.ts";
import type { MappingValue, Refinement, SequenceValue, UnknownValue, Value } from "../model/value.ts";
import {
  boolValue,
  listValue,
  mapValue,
  nullValue,
  numberValue,
  objectValue,
  stringValue,
  tupleValue,
  unknownFrom,
} from "./values-construct.ts";
import { marksOf, setValue, unmark, withMarks } from "./values-marks.ts";
import { mismatchMessage } from "./values-mismatch.ts";
import { formatNum, parseNum } from "./values-number-text.ts";
import { definitelyNotNull, isOpenSet, lengthBounds, refine } from "./values-refine.ts";
import { isCollection, typeEquals, typeOf, withoutOptional } from "./values-type.ts";
import { canConvert, commonElement, fillDynamic, unify } from "./values-unify.ts";

/** A conversion that cannot be done: what is wrong, and where in the value. */
export interface ConversionFailure {
  readonly kind: "failure";
  readonly message: string;
  readonly path: ValuePath;
}

/** Attribute names as `{ attribute }`, keys of maps and lists plain. */
export type ValuePath = readonly (string | number | { readonly attribute: string })[];

export const isFailure = <T extends { readonly kind: string }>(
  result: T | ConversionFailure,
): result is ConversionFailure => result.kind === "failure";

/** The path as Terraform prints it before a message: `.pools["user"].count`. */
export const formatPath = (path: ValuePath): string =>
  path.map((step) => (typeof step === "object" ? `.${step.attribute}` : `[${JSON.stringify(step)}]`)).join("");

/** Converts a value to the type, with Terraform's rules and messages (cty `convert.Convert`, 1.16). */
export const convertValue = (value: Value, want: Type): Value | ConversionFailure => {
  const type = typeOf(value);
  if (type === want || typeEquals(type, withoutOptional(want))) return value;
  if (!canConvert(type, want, true)) return { kind: "failure", message: mismatchMessage(type, want), path: [] };
  return apply(value, want, [], true);
};

/** Converts a part of a value; only a part of type `dynamic` can still turn out not to fit. */
const apply = (value: Value, want: Type, path: ValuePath, unsafe: boolean): Value | ConversionFailure => {
  if (want.kind === "dynamic") return value;
  if (value.marks !== undefined) {
    const converted = apply(unmark(value), want, path, unsafe);
    return isFailure(converted) ? converted : withMarks(converted, marksOf(value));
  }
  const type = typeOf(value);
  if (value.kind === "unknown") return convertUnknown(value, fillDynamic(type, withoutOptional(want)));
  if (value.kind === "null") return nullValue(fillDynamic(type, withoutOptional(want)));
  if (typeEquals(type, want)) return value;
  if (!canConvert(type, want, true)) return { kind: "failure", message: mismatchMessage(type, want), path };
  switch (want.kind) {
    case "list":
    case "set":
      return value.kind === "list" || value.kind === "set" || value.kind === "tuple"
        ? toSequence(value, { kind: want.kind, element: want.element }, path, unsafe)
        : failure(path, mismatchMessage(type, want));
    case "tuple":
      return value.kind === "tuple" ? toTuple(value, want.elements, path, unsafe) : failure(path, "tuple required");
    case "map":
      return value.kind === "map" || value.kind === "object"
        ? toMap(value, want.element, path, unsafe)
        : failure(path, mismatchMessage(type, want));
    case "object":
      return value.kind === "map" || value.kind === "object"
        ? toObject(value, want, path, unsafe)
        : failure(path, mismatchMessage(type, want));
    default:
      return toPrimitive(value, want, path);
  }
};

const failure = (path: ValuePath, message: string): ConversionFailure => ({ kind: "failure", message, path });

const toPrimitive = (value: Value, want: Type, path: ValuePath): Value | ConversionFailure => {
  if (want.kind === "string") {
    if (value.kind === "number") return stringValue(formatNum(value.value, value.precision));
    if (value.kind === "bool") return stringValue(value.value ? "true" : "false");
  }
  if (value.kind !== "string") return failure(path, mismatchMessage(typeOf(value), want));
  if (want.kind === "number") {
    const number = parseNum(value.value);
    return number === undefined ? failure(path, "a number is required") : numberValue(number);
  }
  return toBool(value.value, path);
};

const toBool = (text: string, path: ValuePath): Value | ConversionFailure => {
  if (text === "true" || text === "1") return boolValue(true);
  if (text === "false" || text === "0") return boolValue(false);
  const lower = text.toLowerCase();
  return failure(
    path,
    lower === "true" || lower === "false"
      ? `a bool is required; to convert from string, use lowercase "${lower}"`
      : "a bool is required",
  );
};

/** An unknown keeps its reason, origin, and what is known of its size. */
const convertUnknown = (value: UnknownValue, type: Type): Value => {
  const { refinement, ...rest } = value;
  const kept: Refinement = {
    ...(definitelyNotNull(value) ? { notNull: true } : {}),
    ...sizeAfter(value, type),
  };
  const open: UnknownValue = { ...rest, type };
  return Object.keys(kept).length === 0 ? open : refine(open, kept);
};

const sizeAfter = (value: UnknownValue, type: Type): Refinement => {
  const from = value.type;
  if (from.kind === "object" && type.kind === "map") return exactly(from.attributes.size);
  if (from.kind === "tuple" && type.kind === "list") return exactly(from.elements.length);
  if (from.kind === "tuple" && type.kind === "set")
    return { minLength: Math.min(1, from.elements.length), maxLength: from.elements.length };
  if (!isCollection(from) || !isCollection(type) || value.refinement === undefined) return {};
  const [min, max] = lengthBounds(value);
  return {
    ...(min > 0 ? { minLength: type.kind === "set" ? 1 : min } : {}),
    ...(Number.isFinite(max) ? { maxLength: max } : {}),
  };
};

const exactly = (length: number): Refinement => ({ minLength: length, maxLength: length });

const toSequence = (
  value: SequenceValue,
  want: { readonly kind: "list" | "set"; readonly element: Type },
  path: ValuePath,
  unsafe: boolean,
): Value | ConversionFailure => {
  const given = value.type.kind === "list" || value.type.kind === "set" ? value.type.element : undefined;
  if (want.kind === "list" && isOpenSet(value))
    return unknownFrom({ kind: "list", element: given ?? want.element }, [value]);
  if (value.items.length === 0)
    return sequence(
      want.kind,
      want.element.kind === "dynamic" && given !== undefined ? given : withoutOptional(want.element),
      [],
    );
  const element =
    value.kind === "tuple" && want.element.kind === "dynamic"
      ? commonElement(value.items.map(typeOf), unsafe, true)
      : want.element;
  if (element === undefined) return failure(path, mismatchMessage(value.type, want));
  const items: Value[] = [];
  for (const [index, item] of value.items.entries()) {
    const converted = apply(item, element, [...path, index], unsafe);
    if (isFailure(converted)) return converted;
    items.push(value.kind === "tuple" && want.kind === "list" ? converted : withPlainNull(converted));
  }
  return gather(want.kind, value.kind === "tuple" && want.kind === "list", items, path, unsafe);
};

const sequence = (kind: "list" | "set", element: Type, items: readonly Value[]): Value =>
  kind === "list" ? listValue(element, items) : setValue(element, items);

/** Members of a list or set are of one type; those of unknown type take it on. */
const gather = (
  kind: "list" | "set",
  join: boolean,
  items: readonly Value[],
  path: ValuePath,
  unsafe: boolean,
): Value | ConversionFailure => {
  const element = commonType(items);
  if (element !== undefined) return sequence(kind, element, retype(items, element));
  const joined = join ? unify(items.map(typeOf), unsafe) : undefined;
  if (joined === undefined)
    return failure(
      path,
      join
        ? "cannot find a common base type for all elements"
        : `element types must all match for conversion to ${kind}`,
    );
  const unified: Value[] = [];
  for (const [index, item] of items.entries()) {
    const converted = apply(item, joined, [...path, index], unsafe);
    if (isFailure(converted)) return converted;
    unified.push(converted);
  }
  const common = commonType(unified);
  if (common === undefined) return failure(path, `element types must all match for conversion to ${kind}`);
  return sequence(kind, common, retype(unified, common));
};

/** The type that all values have, unknowns of unknown type aside; `undefined` where they differ. */
export const commonType = (items: readonly Value[]): Type | undefined => {
  let common: Type = dynamicType;
  for (const item of items) {
    const type = typeOf(item);
    if (type === common || type.kind === "dynamic") continue;
    if (common.kind === "dynamic") common = type;
    else if (!typeEquals(common, type)) return undefined;
  }
  return common;
};

/** Unknowns and nulls of unknown type take on the type of their collection. */
export const retype = (items: readonly Value[], type: Type): readonly Value[] =>
  type.kind !== "dynamic" && items.some(isUntyped)
    ? items.map((item) => (isUntyped(item) ? { ...item, type } : item))
    : items;

const isUntyped = (value: Value): value is Value & { readonly kind: "unknown" | "null" } =>
  (value.kind === "unknown" || value.kind === "null") && value.type.kind === "dynamic";

const toTuple = (
  value: SequenceValue,
  elements: readonly Type[],
  path: ValuePath,
  unsafe: boolean,
): Value | ConversionFailure => {
  const items: Value[] = [];
  for (const [index, item] of value.items.entries()) {
    const converted = apply(item, elements[index] ?? dynamicType, [...path, index], unsafe);
    if (isFailure(converted)) return converted;
    items.push(converted);
  }
  return tupleValue(items);
};

const toMap = (value: MappingValue, want: Type, path: ValuePath, unsafe: boolean): Value | ConversionFailure => {
  if (value.fields.size === 0)
    return mapValue(
      want.kind === "dynamic" && value.type.kind === "map" ? value.type.element : withoutOptional(want),
      [],
    );
  const element =
    value.kind === "object" && want.kind === "dynamic"
      ? commonElement([...value.fields.values()].map(typeOf), unsafe, false)
      : want;
  if (element === undefined) return failure(path, mismatchMessage(value.type, { kind: "map", element: want }));
  const fields = convertFields(value.fields, element, path, unsafe);
  if (!(fields instanceof Map)) return fields;
  const common = commonType([...fields.values()]);
  if (common !== undefined) return typedMap(common, fields);
  const joined = unify([...fields.values()].map(typeOf), unsafe && value.kind === "object");
  if (joined === undefined) return failure(path, "cannot find a common base type for all elements");
  const unified = convertFields(fields, joined, path, unsafe);
  if (!(unified instanceof Map)) return unified;
  const type = commonType([...unified.values()]);
  return type === undefined
    ? failure(path, `${value.kind === "object" ? "attribute" : "element"} types must all match for conversion to map`)
    : typedMap(type, unified);
};

const typedMap = (element: Type, fields: ReadonlyMap<string, Value>): Value => {
  const items = retype([...fields.values()], element);
  return mapValue(
    element,
    [...fields.keys()].map((key, index) => [key, items[index] ?? nullValue(element)]),
  );
};

const convertFields = (
  fields: ReadonlyMap<string, Value>,
  want: Type,
  path: ValuePath,
  unsafe: boolean,
): Map<string, Value> | ConversionFailure => {
  const converted = new Map<string, Value>();
  for (const [key, item] of fields) {
    const result = apply(item, want, [...path, key], unsafe);
    if (isFailure(result)) return result;
    converted.set(key, result);
  }
  return converted;
};

const toObject = (
  value: MappingValue,
  want: Type & { readonly kind: "object" },
  path: ValuePath,
  unsafe: boolean,
): Value | ConversionFailure => {
  const fields = new Map<string, Value>();
  for (const [name, type] of want.attributes) {
    const item = value.fields.get(name);
    if (item === undefined) {
      if (want.optional?.has(name) !== true)
        return failure(path, `map has no element for required attribute ${JSON.stringify(name)}`);
      fields.set(name, nullValue(withoutOptional(type)));
      continue;
    }
    if (value.kind === "map" && !canConvert(typeOf(item), type, unsafe))
      return failure(
        path,
        `map element type is incompatible with attribute ${JSON.stringify(name)}: ${mismatchMessage(typeOf(item), type)}`,
      );
    const converted = apply(item, type, [...path, value.kind === "map" ? name : { attribute: name }], unsafe);
    if (isFailure(converted)) return converted;
    fields.set(name, withPlainNull(converted));
  }
  return objectValue(fields);
};

/** In sets, objects and lists made of collections a null loses its marks (cty 1.16 makes it anew). */
const withPlainNull = (value: Value): Value => (value.kind === "null" ? unmark(value) : value);

/** A list of the items as they are, or `undefined` where they are not all of one type. */
export const listOfItems = (items: readonly Value[], empty: Type = dynamicType): Value | undefined => {
  const element = items.length === 0 ? empty : commonType(items);
  return element === undefined ? undefined : listValue(element, retype(items, element));
};

/** The value as text, for the places where Terraform wants a string; `undefined` where it has none. */
export const asText = (value: Value): string | undefined => {
  const converted = convertValue(unmark(value), stringType);
  return converted.kind === "string" ? converted.value : undefined;
};
