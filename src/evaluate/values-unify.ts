import { dynamicType, type Type } from "../model/type.ts";
import { hasDynamic, isPrimitive, objectOf, tupleOf, typeEquals } from "./values-type.ts";

/**
 * Whether values of one type can be converted to another at all; `unsafe` also allows conversions that may fail for a
 * given value, as from string to number (cty `convert.getConversion`, 1.16).
 */
export const canConvert = (from: Type, to: Type, unsafe: boolean): boolean => {
  if (to.kind === "dynamic" || typeEquals(from, to)) return true;
  if (from.kind === "dynamic") return unsafe;
  if (isPrimitive(from) && isPrimitive(to)) return to.kind === "string" || (unsafe && from.kind === "string");
  switch (to.kind) {
    case "object":
      return canBecomeObject(from, to, unsafe);
    case "tuple":
      return (
        from.kind === "tuple" &&
        from.elements.length === to.elements.length &&
        from.elements.every((element, i) => canConvert(element, to.elements[i] ?? dynamicType, unsafe))
      );
    case "list":
      if (from.kind === "list" || from.kind === "set") return canConvert(from.element, to.element, unsafe);
      return from.kind === "tuple" && canBecomeCollection(from.elements, to.element, unsafe, true);
    case "set":
      if (from.kind === "set" || (from.kind === "list" && unsafe)) return canConvert(from.element, to.element, unsafe);
      return from.kind === "tuple" && canBecomeCollection(from.elements, to.element, unsafe, true);
    case "map":
      if (from.kind === "map") return canConvert(from.element, to.element, unsafe);
      return from.kind === "object" && canBecomeCollection([...from.attributes.values()], to.element, unsafe, false);
    default:
      return false;
  }
};

const canBecomeObject = (from: Type, to: Type & { readonly kind: "object" }, unsafe: boolean): boolean => {
  if (from.kind === "map") {
    if (!unsafe) return false;
    for (const [name, type] of to.attributes)
      if (!canConvert(from.element, type, unsafe) && to.optional?.has(name) !== true) return false;
    return true;
  }
  if (from.kind !== "object") return false;
  for (const [name, type] of to.attributes) {
    const own = from.attributes.get(name);
    if (own === undefined ? to.optional?.has(name) !== true : !canConvert(own, type, unsafe)) return false;
  }
  return true;
};

/** `any` as an element type stands for the one type that all elements can take. */
const canBecomeCollection = (elements: readonly Type[], to: Type, unsafe: boolean, strict: boolean): boolean => {
  if (elements.length === 0) return true;
  const element = to.kind === "dynamic" ? commonElement(elements, unsafe, strict) : to;
  return element !== undefined && elements.every((own) => canConvert(own, element, unsafe));
};

/** The element type of `list(any)` for elements of these types. */
export const commonElement = (elements: readonly Type[], unsafe: boolean, strict: boolean): Type | undefined => {
  const common = unify(elements, unsafe);
  if (strict && common?.kind === "dynamic" && elements.some((element) => element.kind !== "dynamic")) return undefined;
  return common;
};

/** The one type to which values of all the types can be converted, or `undefined` (cty `convert.unify`, 1.16). */
export const unify = (types: readonly Type[], unsafe: boolean): Type | undefined => {
  const [first] = types;
  if (first === undefined) return undefined;
  if (types.every((type) => type === first)) return first;
  const kinds = new Set(types.map((type) => type.kind));
  const dynamic = kinds.delete("dynamic");
  const only = kinds.size === 1 ? [...kinds][0] : undefined;
  if (only === "map" || only === "list" || only === "set") return unifyCollections(only, types, unsafe, dynamic);
  if (only === "object") return dynamic ? dynamicType : unifyObjects(types, unsafe);
  if (only === "tuple") return dynamic ? dynamicType : unifyTuples(types, unsafe);
  const mixed = unifyMixed(kinds, types, unsafe);
  if (mixed !== "undecided") return mixed;
  return sortTypes(types).find((want) => types.every((type) => canConvert(type, want, unsafe)));
};

const unifyMixed = (
  kinds: ReadonlySet<Type["kind"]>,
  types: readonly Type[],
  unsafe: boolean,
): Type | undefined | "undecided" => {
  if (kinds.size === 2 && kinds.has("map") && kinds.has("object")) {
    const map = asCollection(types, "object", unifyObjectsToMap, unsafe);
    if (map?.kind === "map") return map;
  } else if (kinds.size === 2 && kinds.has("list") && kinds.has("tuple")) {
    const list = asCollection(types, "tuple", unifyTuplesToList, unsafe);
    if (list?.kind === "list") return list;
  } else if (kinds.has("object") && kinds.has("tuple")) return undefined;
  return "undecided";
};

const asCollection = (
  types: readonly Type[],
  kind: "object" | "tuple",
  join: (types: readonly Type[], unsafe: boolean) => Type | undefined,
  unsafe: boolean,
): Type | undefined => {
  const joined = join(
    types.filter((type) => type.kind === kind),
    unsafe,
  );
  return joined === undefined
    ? undefined
    : unify(
        types.map((type) => (type.kind === kind ? joined : type)),
        unsafe,
      );
};

const unifyCollections = (
  kind: "map" | "list" | "set",
  types: readonly Type[],
  unsafe: boolean,
  dynamic: boolean,
): Type | undefined => {
  if (dynamic) return dynamicType;
  const element = unify(
    types.flatMap((type) => (type.kind === kind ? [type.element] : [])),
    unsafe,
  );
  return element === undefined ? undefined : ifAllConvert(types, { kind, element }, unsafe);
};

const ifAllConvert = (types: readonly Type[], to: Type, unsafe: boolean): Type | undefined =>
  types.every((type) => canConvert(type, to, unsafe)) ? to : undefined;

const unifyObjects = (types: readonly Type[], unsafe: boolean): Type | undefined => {
  const objects = types.flatMap((type) => (type.kind === "object" ? [type.attributes] : []));
  const [first] = objects;
  if (first === undefined) return undefined;
  const alike = objects.every((own) => own.size === first.size && [...own.keys()].every((name) => first.has(name)));
  if (!alike) return unifyObjectsToMap(types, unsafe);
  const attributes = new Map<string, Type>();
  for (const name of first.keys()) {
    const joined = unify(
      objects.map((own) => own.get(name) ?? dynamicType),
      unsafe,
    );
    if (joined === undefined) return undefined;
    attributes.set(name, joined);
  }
  return ifAllConvert(types, objectOf(attributes), unsafe) ?? unifyObjectsToMap(types, unsafe);
};

const unifyObjectsToMap = (types: readonly Type[], unsafe: boolean): Type | undefined => {
  const element = unify(
    types.flatMap((type) => (type.kind === "object" ? [...type.attributes.values()] : [])),
    unsafe,
  );
  return element === undefined ? undefined : ifAllConvert(types, { kind: "map", element }, unsafe);
};

const unifyTuples = (types: readonly Type[], unsafe: boolean): Type | undefined => {
  const tuples = types.flatMap((type) => (type.kind === "tuple" ? [type.elements] : []));
  const [first] = tuples;
  if (first === undefined) return undefined;
  if (tuples.some((own) => own.length !== first.length)) return unifyTuplesToList(types, unsafe);
  const elements: Type[] = [];
  for (const index of first.keys()) {
    const joined = unify(
      tuples.map((own) => own[index] ?? dynamicType),
      unsafe,
    );
    if (joined === undefined) return undefined;
    elements.push(joined);
  }
  return ifAllConvert(types, tupleOf(elements), unsafe) ?? unifyTuplesToList(types, unsafe);
};

const unifyTuplesToList = (types: readonly Type[], unsafe: boolean): Type | undefined => {
  const element = unify(
    types.flatMap((type) => (type.kind === "tuple" ? type.elements : [])),
    unsafe,
  );
  return element === undefined ? undefined : ifAllConvert(types, { kind: "list", element }, unsafe);
};

/** The types with the more general before the less general, ties in the given order (cty `sortTypes`). */
const sortTypes = (given: readonly Type[]): readonly Type[] => {
  const types = given.filter((type, index) => given.findIndex((other) => typeEquals(other, type)) === index);
  const waits = types.map((type) => types.filter((other) => compareTypes(other, type) < 0).length);
  const queue = types.filter((_, index) => waits[index] === 0);
  for (let next = 0; next < queue.length; next++) {
    for (const [index, type] of types.entries()) {
      if (compareTypes(queue[next] ?? dynamicType, type) >= 0) continue;
      const left = (waits[index] ?? 0) - 1;
      waits[index] = left;
      if (left === 0) queue.push(type);
    }
  }
  return queue;
};

/** Negative where `a` is the more general type, zero where neither is (cty `compareTypes`). */
const compareTypes = (a: Type, b: Type): number => {
  if (a.kind === "dynamic" || b.kind === "dynamic") return Number(a.kind === "dynamic") - Number(b.kind === "dynamic");
  if (isPrimitive(a) && isPrimitive(b)) return Number(a.kind !== "string") - Number(b.kind !== "string");
  if ((a.kind === "list" || a.kind === "set" || a.kind === "map") && a.kind === b.kind)
    return compareTypes(a.element, (b as typeof a).element);
  if (a.kind === "tuple" && b.kind === "tuple")
    return a.elements.length === b.elements.length
      ? dominance(a.elements.map((element, index) => compareTypes(element, b.elements[index] ?? dynamicType)))
      : 0;
  if (a.kind === "object" && b.kind === "object") return compareObjects(a.attributes, b.attributes);
  const [left, right] = [sequenceRank(a), sequenceRank(b)];
  if (left > 0 && right > 0) return right - left;
  return Number(a.kind === "object" && b.kind === "map") - Number(a.kind === "map" && b.kind === "object");
};

/** A list goes before a tuple, and that before a set. */
const sequenceRank = (type: Type): number => {
  switch (type.kind) {
    case "list":
      return 3;
    case "tuple":
      return 2;
    case "set":
      return 1;
    default:
      return 0;
  }
};

const compareObjects = (a: ReadonlyMap<string, Type>, b: ReadonlyMap<string, Type>): number => {
  if (a.size !== b.size) return 0;
  const orders: number[] = [];
  for (const [name, type] of a) {
    const other = b.get(name);
    if (other === undefined) return 0;
    orders.push(compareTypes(type, other));
  }
  return dominance(orders);
};

const dominance = (orders: readonly number[]): number => {
  const above = orders.some((order) => order < 0);
  const below = orders.some((order) => order > 0);
  return above === below ? 0 : above ? -1 : 1;
};

/** The type that an unknown or null of type `from` has once it is converted to `to`: `any` is filled from the source (cty `dynamicReplace`). */
export const fillDynamic = (from: Type, to: Type): Type => {
  if (from.kind === "dynamic" || !hasDynamic(to)) return to;
  switch (to.kind) {
    case "dynamic":
      return from;
    case "map":
      return { kind: "map", element: fillElement(elementsOf(from, "map", "object"), to.element) };
    case "list":
      return { kind: "list", element: fillElement(elementsOf(from, "list", "tuple", "set"), to.element) };
    case "set":
      return { kind: "set", element: fillElement(elementsOf(from, "set", "tuple", "list"), to.element) };
    case "tuple":
      return tupleOf(
        to.elements.map((element, i) =>
          from.kind === "tuple" ? fillDynamic(from.elements[i] ?? dynamicType, element) : element,
        ),
      );
    case "object":
      return objectOf(
        [...to.attributes].map(([name, type]) => {
          const own =
            from.kind === "map" ? from.element : from.kind === "object" ? from.attributes.get(name) : undefined;
          return [name, own === undefined ? type : fillDynamic(own, type)];
        }),
      );
    default:
      return to;
  }
};

const elementsOf = (from: Type, ...kinds: readonly Type["kind"][]): readonly Type[] => {
  if (!kinds.includes(from.kind)) return [];
  if (from.kind === "tuple") return from.elements;
  if (from.kind === "object") return [...from.attributes.values()];
  return from.kind === "list" || from.kind === "set" || from.kind === "map" ? [from.element] : [];
};

const fillElement = (from: readonly Type[], to: Type): Type => {
  const common = unify(from, true);
  return common === undefined ? to : fillDynamic(common, to);
};
