import type { Type } from "../model/type.ts";
import type { Refinement, UnknownValue, Value } from "../model/value.ts";
import { firstUnknown, listValue, mapValue, numberValue, unknownValue } from "./values-construct.ts";
import { toDouble } from "./values-number.ts";
import { setFromItems } from "./values-set.ts";
import { isCollection } from "./values-type.ts";

/** True where the value can be told not to be null. */
export const definitelyNotNull = (value: Value): boolean =>
  value.kind === "unknown" ? value.refinement?.notNull === true : value.kind !== "null";

/** The value with "not null" added, where it is unknown; a value of unknown type cannot be refined (cty `RefineNotNull`). */
export const refineNotNull = (value: Value): Value =>
  value.kind === "unknown" ? refine(value, { notNull: true }) : value;

/** Adds refinements; what they leave no choice about becomes a known value, as cty's builder does. */
export const refine = (value: UnknownValue, added: Refinement): Value => {
  if (value.type.kind === "dynamic") return value;
  const merged = joinRefinements(value.refinement, added);
  if (merged.notNull === true) {
    const decided = decide(value, merged);
    if (decided !== undefined) return value.marks === undefined ? decided : { ...decided, marks: value.marks };
  }
  return { ...value, refinement: merged };
};

const joinRefinements = (a: Refinement | undefined, b: Refinement): Refinement => {
  if (a === undefined) return b;
  const joined: { -readonly [K in keyof Refinement]: Refinement[K] } = { ...a, ...b };
  if (a.prefix !== undefined && (b.prefix === undefined || b.prefix.length < a.prefix.length)) joined.prefix = a.prefix;
  if (a.minLength !== undefined) joined.minLength = Math.max(a.minLength, b.minLength ?? 0);
  if (a.maxLength !== undefined) joined.maxLength = Math.min(a.maxLength, b.maxLength ?? a.maxLength);
  if (a.min !== undefined && (b.min === undefined || b.min.value < a.min.value)) joined.min = a.min;
  if (a.max !== undefined && (b.max === undefined || b.max.value > a.max.value)) joined.max = a.max;
  return joined;
};

const decide = (value: UnknownValue, { min, max, minLength, maxLength }: Refinement): Value | undefined => {
  const { type, because } = value;
  if (type.kind === "number" && min?.inclusive === true && max?.inclusive === true && min.value === max.value)
    return numberValue(min.value);
  if (!isCollection(type) || minLength === undefined || minLength !== maxLength) return undefined;
  if (minLength === 0) return emptyCollection(type);
  const item = unknownValue(type.element, because);
  if (type.kind === "list") return listValue(type.element, new Array<Value>(minLength).fill(item));
  return type.kind === "set" && minLength === 1 ? setFromItems(type.element, [item]) : undefined;
};

/** The empty list, set or map of a type. */
export const emptyCollection = (type: Type & { readonly kind: "list" | "set" | "map" }): Value =>
  type.kind === "map"
    ? mapValue(type.element, [])
    : type.kind === "list"
      ? listValue(type.element, [])
      : setFromItems(type.element, []);

/** What can be said of a value's size: exact for known values, the refinement for unknown ones. */
export const numberBounds = (
  value: Value,
): { readonly min: NonNullable<Refinement["min"]>; readonly max: NonNullable<Refinement["max"]> } => {
  if (value.kind === "number") {
    const bound = { value: toDouble(value.value), inclusive: true };
    return { min: bound, max: bound };
  }
  const refinement = value.kind === "unknown" ? value.refinement : undefined;
  return {
    min: refinement?.min ?? { value: Number.NEGATIVE_INFINITY, inclusive: false },
    max: refinement?.max ?? { value: Number.POSITIVE_INFINITY, inclusive: false },
  };
};

/** The least and greatest number of elements; `Infinity` where there is no limit. */
export const lengthBounds = (value: Value): readonly [number, number] => {
  switch (value.kind) {
    case "list":
    case "tuple":
      return [value.items.length, value.items.length];
    case "set":
      // Unknown members may turn out to be one; cty then says nothing of the size here.
      return isOpenSet(value) ? [0, Number.POSITIVE_INFINITY] : [value.items.length, value.items.length];
    case "map":
    case "object":
      return [value.fields.size, value.fields.size];
    case "unknown":
      return [value.refinement?.minLength ?? 0, value.refinement?.maxLength ?? Number.POSITIVE_INFINITY];
    default:
      return [0, Number.POSITIVE_INFINITY];
  }
};

/** A set of several members of which some are not wholly known: nobody can tell how many they are. */
export const isOpenSet = (value: Value): boolean =>
  value.kind === "set" && value.items.length > 1 && firstUnknown(value) !== undefined;

/** The known beginning of a string. */
export const stringPrefix = (value: Value): string =>
  value.kind === "string" ? value.value : value.kind === "unknown" ? (value.refinement?.prefix ?? "") : "";

/** The part of a prefix that stays whatever follows: its last character may still combine with the next (cty `SafeKnownPrefix`). */
export const safePrefix = (prefix: string): string => {
  const last = lastGrapheme(prefix);
  return delimiter.test(last) ? prefix : prefix.slice(0, prefix.length - last.length);
};

/** Characters with which no following mark combines. */
const delimiter = /^[-_:;/\\,.(){}[\]|?!~ \t@#$%^&*+"']$/;

let graphemes: Intl.Segmenter | undefined;

const lastGrapheme = (text: string): string => {
  graphemes ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  let last = "";
  for (const { segment } of graphemes.segment(text.slice(-32))) last = segment;
  return last;
};
