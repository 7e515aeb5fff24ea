import type { Type } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import { compareNum, numEquals } from "./values-number.ts";
import { definitelyNotNull, isOpenSet, lengthBounds, numberBounds, stringPrefix } from "./values-refine.ts";
import { setKey } from "./values-set.ts";
import { hasDynamic, typeEquals, typeOf } from "./values-type.ts";

/** Equality of unmarked values as `==` decides it; `undefined` where an unknown leaves it open (cty `Value.Equals`). */
export const valueEquals = (a: Value, b: Value): boolean | undefined => {
  if (a.kind === "unknown" || b.kind === "unknown") return unknownEquals(a, b);
  if (a.kind === "null" || b.kind === "null") return a.kind === b.kind;
  if (a.kind === "string") return b.kind === "string" && a.value === b.value;
  if (a.kind === "number") return b.kind === "number" && numEquals(a.value, b.value);
  if (a.kind === "bool") return b.kind === "bool" && a.value === b.value;
  if (!hasKnownType(a) || !hasKnownType(b))
    return !conforms(typeOf(a), typeOf(b)) && !conforms(typeOf(b), typeOf(a)) ? false : undefined;
  if (!typeEquals(typeOf(a), typeOf(b))) return false;
  if ("fields" in a) return "fields" in b && fieldsEqual(a.fields, b.fields);
  if (!("items" in b)) return false;
  return a.kind === "set" ? setsEqual(a.items, b.items) : itemsEqual(a.items, b.items);
};

const unknownEquals = (a: Value, b: Value): boolean | undefined => {
  if (a.kind === "null" && definitelyNotNull(b)) return false;
  if (b.kind === "null" && definitelyNotNull(a)) return false;
  if (a.kind === "unknown" && b.kind === "unknown") return undefined;
  const [open, given] = a.kind === "unknown" ? [a, b] : [b, a];
  if (given.kind === "null" || hasDynamic(typeOf(open))) return undefined;
  if (!typeEquals(typeOf(open), typeOf(given)) && !hasDynamic(typeOf(given))) return false;
  return excludes(open, given) ? false : undefined;
};

/** True where the refinements of the unknown rule the given value out. */
const excludes = (open: Value, given: Value): boolean => {
  if (given.kind === "string") return !given.value.startsWith(stringPrefix(open));
  if (given.kind === "number") {
    const { min, max } = numberBounds(open);
    const low = compareNum(given.value, min.value);
    const high = compareNum(given.value, max.value);
    return low < 0 || (low === 0 && !min.inclusive) || high > 0 || (high === 0 && !max.inclusive);
  }
  const [least, most] = given.kind === "set" && isOpenSet(given) ? [1, given.items.length] : lengthBounds(given);
  const [low, high] = lengthBounds(open);
  return typeOf(open).kind !== "tuple" && typeOf(open).kind !== "object" && (most < low || least > high);
};

/** True where no part of the value is of unknown type. */
const hasKnownType = (value: Value): boolean => {
  switch (value.kind) {
    case "unknown":
      return !hasDynamic(value.type);
    case "list":
    case "set":
    case "tuple":
      return !hasDynamic(value.type) || value.items.every(hasKnownType);
    case "map":
    case "object":
      return !hasDynamic(value.type) || [...value.fields.values()].every(hasKnownType);
    default:
      return true;
  }
};

/** True where a value of type `given` could be one of type `want`; `dynamic` in `want` takes all (cty `TestConformance`). */
export const conforms = (given: Type, want: Type): boolean => {
  if (want.kind === "dynamic") return true;
  if (given.kind !== want.kind) return false;
  switch (given.kind) {
    case "list":
    case "set":
    case "map":
      return conforms(given.element, (want as typeof given).element);
    case "tuple": {
      const { elements } = want as typeof given;
      return given.elements.length === elements.length && elements.every((e, i) => conforms(given.elements[i] ?? e, e));
    }
    case "object": {
      const { attributes } = want as typeof given;
      if (attributes.size !== given.attributes.size) return false;
      for (const [name, type] of attributes) {
        const own = given.attributes.get(name);
        if (own === undefined || !conforms(own, type)) return false;
      }
      return true;
    }
    default:
      return true;
  }
};

const itemsEqual = (a: readonly Value[], b: readonly Value[]): boolean | undefined => {
  if (a.length !== b.length) return false;
  for (const [index, item] of a.entries()) {
    const other = b[index];
    const equal = other === undefined ? false : valueEquals(item, other);
    if (equal !== true) return equal;
  }
  return true;
};

const fieldsEqual = (a: ReadonlyMap<string, Value>, b: ReadonlyMap<string, Value>): boolean | undefined => {
  if (a.size !== b.size) return false;
  let open = false;
  for (const [key, item] of a) {
    const other = b.get(key);
    const equal = other === undefined ? false : valueEquals(item, other);
    if (equal === false) return false;
    open ||= equal === undefined;
  }
  return open ? undefined : true;
};

const setsEqual = (a: readonly Value[], b: readonly Value[]): boolean | undefined => {
  if (a.some((item) => item.kind === "unknown") || b.some((item) => item.kind === "unknown")) return undefined;
  return a.length === b.length && isSubset(a, b);
};

const isSubset = (a: readonly Value[], b: readonly Value[]): boolean => {
  const buckets = new Map<string, Value[]>();
  for (const item of b) {
    const key = setKey(item);
    const bucket = buckets.get(key);
    if (bucket === undefined) buckets.set(key, [item]);
    else bucket.push(item);
  }
  return a.every((item) => buckets.get(setKey(item))?.some((other) => valueEquals(item, other) === true) ?? false);
};

/** Sameness of representation: types, unknowns and nulls included (cty `RawEquals`, marks aside). */
export const sameValue = (a: Value, b: Value): boolean => {
  if (a === b) return true;
  if (a.kind !== b.kind) return false;
  if (a.kind === "string" || a.kind === "number" || a.kind === "bool") return valueEquals(a, b) === true;
  if (!typeEquals(a.type, typeOf(b))) return false;
  switch (a.kind) {
    case "list":
    case "set":
    case "tuple": {
      const { items } = b as typeof a;
      return a.items.length === items.length && a.items.every((item, i) => sameValue(item, items[i] ?? item));
    }
    case "map":
    case "object": {
      const { fields } = b as typeof a;
      if (a.fields.size !== fields.size) return false;
      for (const [key, item] of a.fields) {
        const other = fields.get(key);
        if (other === undefined || !sameValue(item, other)) return false;
      }
      return true;
    }
    default:
      return true;
  }
};
