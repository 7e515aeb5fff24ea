import { dynamicType, type Type } from "../model/type.ts";
import type {
  BigFloat,
  BoolValue,
  MappingValue,
  NullValue,
  NumberValue,
  Refinement,
  SequenceValue,
  StringValue,
  UnknownValue,
  Value,
} from "../model/value.ts";
import { emptyObjectType, emptyTupleType, sortedMap, typeOf } from "./values-type.ts";

/** A string value in Unicode normal form C (cty `StringVal`). */
export const stringValue = (text: string): StringValue => ({ kind: "string", value: normalizeText(text) });

/** Below U+0300 every text is in normal form already. */
export const normalizeText = (text: string): string => (/[^\u0000-\u02ff]/.test(text) ? text.normalize("NFC") : text);

/** A number with the precision of a literal, 512 bits. */
export const numberValue = (value: number | BigFloat): NumberValue => ({ kind: "number", value });

/** A number that Terraform makes from a machine integer (64 bits) or a double (53 bits); the precision shows in quotients and in print. */
export const machineNumber = (value: number | BigFloat, precision: 53 | 64 = 64): NumberValue => ({
  kind: "number",
  value,
  precision,
});

export const trueValue: BoolValue = { kind: "bool", value: true };
export const falseValue: BoolValue = { kind: "bool", value: false };
export const boolValue = (value: boolean): BoolValue => (value ? trueValue : falseValue);

export const nullValue = (type: Type): NullValue => ({ kind: "null", type });

/** `null` as written, of no type yet. */
export const dynamicNull: NullValue = { kind: "null", type: dynamicType };

export const listValue = (element: Type, items: readonly Value[]): SequenceValue => ({
  kind: "list",
  type: { kind: "list", element },
  items,
});

export const tupleValue = (items: readonly Value[]): SequenceValue => ({
  kind: "tuple",
  type: items.length === 0 ? emptyTupleType : { kind: "tuple", elements: items.map(typeOf) },
  items,
});

export const mapValue = (element: Type, fields: Iterable<readonly [string, Value]>): MappingValue => ({
  kind: "map",
  type: { kind: "map", element },
  fields: sortedMap(fields),
});

/** An object of the given fields; its type follows from them. */
export const objectValue = (entries: Iterable<readonly [string, Value]>): MappingValue => {
  const fields = sortedMap(entries);
  if (fields.size === 0) return { kind: "object", type: emptyObjectType, fields };
  const attributes = new Map<string, Type>();
  for (const [name, value] of fields) attributes.set(name, typeOf(value));
  return { kind: "object", type: { kind: "object", attributes }, fields };
};

/** A value that is not known before apply, and why. */
export const unknownValue = (type: Type, because: string, refinement?: Refinement): UnknownValue => ({
  kind: "unknown",
  type,
  because,
  ...(refinement === undefined ? {} : { refinement }),
});

/** The unknown attribute of a resource instance; `origin` is kept while it is passed on. */
export const unknownAttribute = (
  type: Type,
  address: string,
  path: readonly (string | number)[],
  refinement?: Refinement,
): UnknownValue => ({
  kind: "unknown",
  type,
  because: `${address}${path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("")} is known after apply`,
  origin: { address, path },
  ...(refinement === undefined ? {} : { refinement }),
});

/** What stands for a value that could not be computed because of a problem already reported. */
export const invalidValue: UnknownValue = unknownValue(dynamicType, "its expression is in error");

/** The first unknown found in the value, itself included. */
export const firstUnknown = (value: Value): UnknownValue | undefined => {
  switch (value.kind) {
    case "unknown":
      return value;
    case "list":
    case "set":
    case "tuple":
      for (const item of value.items) {
        const found = firstUnknown(item);
        if (found !== undefined) return found;
      }
      return undefined;
    case "map":
    case "object":
      for (const item of value.fields.values()) {
        const found = firstUnknown(item);
        if (found !== undefined) return found;
      }
      return undefined;
    default:
      return undefined;
  }
};

/** True where neither the value nor any part of it is unknown. */
export const isWhollyKnown = (value: Value): boolean => firstUnknown(value) === undefined;

/** An unknown result of an operation on the operands: its reason is that of the first unknown among them. */
export const unknownFrom = (type: Type, operands: readonly Value[], refinement?: Refinement): UnknownValue => {
  for (const operand of operands) {
    const cause = firstUnknown(operand);
    if (cause !== undefined) return unknownValue(type, cause.because, refinement);
  }
  return unknownValue(type, "it depends on values known after apply", refinement);
};
