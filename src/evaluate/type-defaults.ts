import { dynamicType, type Type } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import { listValue, mapValue, objectValue, tupleValue } from "./values-construct.ts";
import { convertValue } from "./values-convert.ts";
import { marksOf, setValue, unmark, withMarks } from "./values-marks.ts";
import { typeOf } from "./values-type.ts";
import { unify } from "./values-unify.ts";

/** Default values of optional attributes at every depth of a type. */
export interface TypeDefaults {
  readonly type: Type;
  /** By attribute name, converted to the attribute's type. */
  readonly values: ReadonlyMap<string, Value>;
  /** By attribute name or tuple index; `""` for the elements of a collection. */
  readonly children: ReadonlyMap<string, TypeDefaults>;
}

/** Fills in defaults where an attribute is missing or null; done before the value is converted to the type (hcl typeexpr `Defaults.Apply`). */
export const applyDefaults = (defaults: TypeDefaults | undefined, value: Value): Value => {
  if (defaults === undefined) return value;
  const marks = marksOf(value);
  const plain = unmark(value);
  switch (plain.kind) {
    case "list":
    case "set":
    case "tuple": {
      const items = plain.items.map((item, index) => applyDefaults(childOf(defaults, String(index)), item));
      return withMarks(rebuildSequence(plain.kind, typeOf(plain), items), marks);
    }
    case "map":
    case "object": {
      const fields = new Map<string, Value>();
      for (const [name, item] of plain.fields) fields.set(name, applyDefaults(childOf(defaults, name), item));
      for (const [name, fallback] of defaults.values) {
        const given = fields.get(name);
        if (given === undefined || given.kind === "null")
          fields.set(name, applyDefaults(defaults.children.get(name), fallback));
      }
      return withMarks(rebuildMapping(plain.kind, typeOf(plain), fields), marks);
    }
    default:
      return value;
  }
};

const childOf = (defaults: TypeDefaults, key: string): TypeDefaults | undefined =>
  defaults.children.get(defaults.type.kind === "tuple" || defaults.type.kind === "object" ? key : "");

/** Elements that now differ in type are brought to a common one, or the collection becomes a tuple. */
const rebuildSequence = (kind: "list" | "set" | "tuple", type: Type, items: readonly Value[]): Value => {
  if (kind === "tuple") return tupleValue(items);
  if (items.length === 0) {
    const element = type.kind === "list" || type.kind === "set" ? type.element : dynamicType;
    return kind === "list" ? listValue(element, []) : setValue(element, []);
  }
  const common = unified(items);
  if (common === undefined) return tupleValue(items);
  return kind === "list" ? listValue(common.type, common.items) : setValue(common.type, common.items);
};

const rebuildMapping = (kind: "map" | "object", type: Type, fields: ReadonlyMap<string, Value>): Value => {
  if (kind === "object") return objectValue(fields);
  if (fields.size === 0) return mapValue(type.kind === "map" ? type.element : dynamicType, []);
  const common = unified([...fields.values()]);
  if (common === undefined) return objectValue(fields);
  const entries = [...fields.keys()].map((key, index) => [key, common.items[index]] as const);
  return mapValue(
    common.type,
    entries.flatMap(([key, item]) => (item === undefined ? [] : [[key, item] as const])),
  );
};

const unified = (items: readonly Value[]): { readonly type: Type; readonly items: readonly Value[] } | undefined => {
  const type = unify(items.map(typeOf), true);
  if (type === undefined) return undefined;
  const converted: Value[] = [];
  for (const item of items) {
    const result = convertValue(item, type);
    if (result.kind === "failure") return undefined;
    converted.push(result);
  }
  return { type, items: converted };
};
