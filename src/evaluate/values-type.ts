import { boolType, dynamicType, numberType, stringType, type Type } from "../model/type.ts";
import type { Value } from "../model/value.ts";

/** The type of a value. */
export const typeOf = (value: Value): Type => {
  switch (value.kind) {
    case "string":
      return stringType;
    case "number":
      return numberType;
    case "bool":
      return boolType;
    default:
      return value.type;
  }
};

/** Orders two strings by their UTF-8 bytes, as Go does. */
export const compareUtf8 = (a: string, b: string): number => {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return left >= 0xd800 && right >= 0xd800 ? weight(left) - weight(right) : left - right;
  }
  return a.length - b.length;
};

/** Surrogates stand for code points above U+FFFF, so they come after the rest of the plane. */
const weight = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit + 0x2000);

/** Entries in order of their keys' UTF-8 bytes; the last of equal keys wins. */
export const sortedMap = <T>(entries: Iterable<readonly [string, T]>): Map<string, T> => {
  const map = new Map(entries);
  let previous: string | undefined;
  for (const key of map.keys()) {
    if (previous !== undefined && compareUtf8(previous, key) > 0)
      return new Map([...map].sort((a, b) => compareUtf8(a[0], b[0])));
    previous = key;
  }
  return map;
};

/** An object type; attributes may come in any order. */
export const objectOf = (attributes: Iterable<readonly [string, Type]>, optional?: ReadonlySet<string>): Type => ({
  kind: "object",
  attributes: sortedMap(attributes),
  ...(optional === undefined || optional.size === 0 ? {} : { optional }),
});

/** A tuple type. */
export const tupleOf = (elements: readonly Type[]): Type => ({ kind: "tuple", elements });

export const emptyObjectType = objectOf([]);
export const emptyTupleType = tupleOf([]);

/** Structural equality of types; optional attributes count (cty `Type.Equals`). */
export const typeEquals = (a: Type, b: Type): boolean => {
  if (a === b) return true;
  if (a.kind !== b.kind) return false;
  switch (a.kind) {
    case "list":
    case "set":
    case "map":
      return typeEquals(a.element, (b as typeof a).element);
    case "tuple": {
      const other = (b as typeof a).elements;
      return a.elements.length === other.length && a.elements.every((e, i) => typeEquals(e, other[i] ?? dynamicType));
    }
    case "object":
      return objectTypeEquals(a, b as typeof a);
    default:
      return true;
  }
};

type ObjectType = Type & { readonly kind: "object" };

const objectTypeEquals = (a: ObjectType, b: ObjectType): boolean => {
  if (a.attributes.size !== b.attributes.size) return false;
  for (const [name, type] of a.attributes) {
    const other = b.attributes.get(name);
    if (other === undefined || !typeEquals(type, other)) return false;
    if ((a.optional?.has(name) ?? false) !== (b.optional?.has(name) ?? false)) return false;
  }
  return true;
};

export const isPrimitive = (type: Type): boolean =>
  type.kind === "string" || type.kind === "number" || type.kind === "bool";

export const isCollection = (type: Type): type is Type & { readonly kind: "list" | "set" | "map" } =>
  type.kind === "list" || type.kind === "set" || type.kind === "map";

/** True where `dynamic` stands anywhere in the type. */
export const hasDynamic = (type: Type): boolean => {
  switch (type.kind) {
    case "dynamic":
      return true;
    case "list":
    case "set":
    case "map":
      return hasDynamic(type.element);
    case "tuple":
      return type.elements.some(hasDynamic);
    case "object":
      for (const attribute of type.attributes.values()) if (hasDynamic(attribute)) return true;
      return false;
    default:
      return false;
  }
};

/** The same type without optional markers: the type that values of a constraint have. */
export const withoutOptional = (type: Type): Type => {
  switch (type.kind) {
    case "list":
    case "set":
    case "map": {
      const element = withoutOptional(type.element);
      return element === type.element ? type : { kind: type.kind, element };
    }
    case "tuple": {
      const elements = type.elements.map(withoutOptional);
      return elements.every((element, index) => element === type.elements[index]) ? type : { kind: "tuple", elements };
    }
    case "object": {
      let changed = type.optional !== undefined;
      const attributes = new Map<string, Type>();
      for (const [name, attribute] of type.attributes) {
        const plain = withoutOptional(attribute);
        changed ||= plain !== attribute;
        attributes.set(name, plain);
      }
      return changed ? { kind: "object", attributes } : type;
    }
    default:
      return type;
  }
};

/** The name of a type in messages: `list of string`, `object` (cty `FriendlyName`). */
export const friendlyName = (type: Type): string => {
  switch (type.kind) {
    case "list":
    case "set":
    case "map":
      return `${type.kind} of ${friendlyName(type.element)}`;
    default:
      return type.kind;
  }
};

/** The name of a type that is asked for: `any type` where any will do (cty `FriendlyNameForConstraint`). */
export const friendlyConstraintName = (type: Type): string => {
  switch (type.kind) {
    case "dynamic":
      return "any type";
    case "list":
    case "set":
    case "map":
      return type.element.kind === "dynamic"
        ? `${type.kind} of any single type`
        : `${type.kind} of ${friendlyConstraintName(type.element)}`;
    default:
      return type.kind;
  }
};
