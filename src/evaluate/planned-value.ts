import type { Json } from "../model/json.ts";
import type { Type } from "../model/type.ts";
import type { MappingValue, Value } from "../model/value.ts";
import { objectOfSchema } from "./block-value.ts";
import type { AttributeSchema, BlockSchema, NestedBlockSchema, ResourceSchema } from "./schema.ts";
import { markBlock } from "./state.ts";
import {
  boolValue,
  listValue,
  mapValue,
  nullValue,
  numberValue,
  objectValue,
  stringValue,
  tupleValue,
  unknownAttribute,
} from "./values-construct.ts";
import { isFailure } from "./values-convert.ts";
import { sameValue } from "./values-equality.ts";
import { typedJsonToValue } from "./values-json.ts";
import { marksOf, sensitiveMark, setValue, unmark, withMarks } from "./values-marks.ts";
import { typeOf } from "./values-type.ts";

/** What is known of the resource whose plan is made. */
export interface PlanSubject {
  readonly address: string;
  readonly type: string;
  /** `azurerm`, the last part of the provider's source. */
  readonly provider: string;
  readonly schema: ResourceSchema;
}

type Path = readonly (string | number)[];

/** Providers on SDKv2 show "", 0, false and [] in place of null for what is unset inside the members of a set. */
const onSdk2 = new Set(["azurerm", "azuread", "kubernetes"]);

interface Filling {
  readonly subject: PlanSubject;
  readonly isCreate: boolean;
  readonly prior: Value | undefined;
  readonly zeroes: boolean;
  readonly marksSensitive: boolean;
}

/**
 * What a provider makes of the proposed value: defaults where an argument is unset, unknown where it computes on create. It stands for
 * the `PlanResourceChange` of all providers, on facts of the schema alone.
 */
export const plannedValue = (
  subject: PlanSubject,
  prior: MappingValue | undefined,
  proposed: MappingValue,
  marksSensitive = true,
): MappingValue => {
  if (subject.type === "terraform_data" && subject.provider === "terraform")
    return planTerraformData(subject, prior, proposed);
  const filling = {
    subject,
    isCreate: prior === undefined,
    prior,
    zeroes: onSdk2.has(subject.provider),
    marksSensitive,
  };
  return fillBlock(subject.schema.block, proposed, "", [], false, filling) as MappingValue;
};

const join = (names: string, name: string): string => (names === "" ? name : `${names}.${name}`);

const fillBlock = (
  schema: BlockSchema,
  value: Value,
  names: string,
  path: Path,
  inSet: boolean,
  filling: Filling,
): Value => {
  if (value.kind !== "object") return value;
  const fields = new Map<string, Value>();
  for (const [name, item] of value.fields) {
    const attribute = schema.attributes.get(name);
    const nested = schema.blocks.get(name);
    const here = [...path, name];
    if (attribute !== undefined)
      fields.set(name, fillAttribute(attribute, item, join(names, name), here, inSet, filling));
    else if (nested !== undefined) fields.set(name, fillNested(nested, item, join(names, name), here, inSet, filling));
    else fields.set(name, item);
  }
  return withMarks(objectOfSchema(schema, fields), marksOf(value));
};

const fillAttribute = (
  attribute: AttributeSchema,
  value: Value,
  names: string,
  path: Path,
  inSet: boolean,
  filling: Filling,
): Value => {
  let filled = attribute.writeOnly ? nullValue(attribute.type) : fillValue(attribute, value, names, path, filling);
  if (inSet && filling.zeroes && filled.kind === "null" && !attribute.writeOnly) filled = zeroOf(attribute.type);
  const { nested } = attribute;
  if (nested !== undefined && filled.kind !== "null" && filled.kind !== "unknown")
    filled = eachMember(filled, path, (member, at) => {
      if (member.kind !== "object") return member;
      const fields = new Map<string, Value>();
      for (const [name, item] of member.fields) {
        const inner = nested.attributes.get(name);
        fields.set(
          name,
          inner === undefined ? item : fillAttribute(inner, item, join(names, name), [...at, name], false, filling),
        );
      }
      return { ...member, fields };
    });
  return attribute.sensitive && filling.marksSensitive ? withMarks(filled, sensitiveMark) : filled;
};

const fillValue = (attribute: AttributeSchema, value: Value, names: string, path: Path, filling: Filling): Value => {
  if (value.kind !== "null") return filling.zeroes ? zeroMembers(attribute.type, value) : value;
  const fallback = filling.subject.schema.defaults.get(names);
  if (fallback !== undefined) {
    const given = defaultValue(fallback, attribute.type);
    if (given !== undefined) return withMarks(given, marksOf(value));
  }
  if (attribute.computed && filling.isCreate) return unknownAttribute(attribute.type, filling.subject.address, path);
  return value;
};

const defaultValue = (json: Json, type: Type): Value | undefined => {
  switch (type.kind) {
    case "string":
      return stringValue(typeof json === "string" ? json : JSON.stringify(json));
    case "number":
      return typeof json === "number" ? numberValue(json) : undefined;
    case "bool":
      return typeof json === "boolean" ? boolValue(json) : undefined;
    default: {
      const value = typedJsonToValue(json, type);
      return isFailure(value) ? undefined : value;
    }
  }
};

const fillNested = (
  nested: NestedBlockSchema,
  value: Value,
  names: string,
  path: Path,
  inSet: boolean,
  filling: Filling,
): Value => {
  const isSet = nested.mode === "set";
  const filled =
    value.kind === "null" || value.kind === "unknown"
      ? value
      : eachMember(value, path, (member, at) => fillBlock(nested.block, member, names, at, inSet || isSet, filling));
  if (!filling.subject.schema.computedBlocks.has(names) || !isEmpty(filled)) return filled;
  if (filling.isCreate) return unknownAttribute(typeOf(filled), filling.subject.address, path);
  const kept = valueAt(filling.prior, names.split("."));
  if (kept === undefined) return filled;
  return filling.marksSensitive ? markBlock(kept, nested.block) : kept;
};

const isEmpty = (value: Value): boolean => {
  switch (value.kind) {
    case "null":
      return true;
    case "list":
    case "set":
    case "tuple":
      return value.items.length === 0;
    case "map":
      return value.fields.size === 0;
    default:
      return false;
  }
};

/** The value at a path of names, the first member of every list taken on the way. */
const valueAt = (value: Value | undefined, names: readonly string[]): Value | undefined => {
  let at = value;
  for (const name of names) {
    if (at?.kind === "list" || at?.kind === "tuple") at = at.items[0];
    if (at?.kind !== "object") return undefined;
    at = at.fields.get(name);
  }
  return at;
};

const eachMember = (value: Value, path: Path, change: (member: Value, path: Path) => Value): Value => {
  const marks = marksOf(value);
  const plain = unmark(value);
  switch (plain.kind) {
    case "list":
      return withMarks(
        listValue(
          plain.type.kind === "list" ? plain.type.element : plain.type,
          plain.items.map((item, index) => change(item, [...path, index])),
        ),
        marks,
      );
    case "tuple":
      return withMarks(tupleValue(plain.items.map((item, index) => change(item, [...path, index]))), marks);
    case "set":
      return withMarks(
        setValue(
          plain.type.kind === "set" ? plain.type.element : plain.type,
          plain.items.map((item, index) => change(item, [...path, index])),
        ),
        marks,
      );
    case "map":
      return withMarks(
        mapValue(
          plain.type.kind === "map" ? plain.type.element : plain.type,
          [...plain.fields].map(([key, item]) => [key, change(item, [...path, key])] as const),
        ),
        marks,
      );
    default:
      return withMarks(change(plain, path), marks);
  }
};

const zeroOf = (type: Type): Value => {
  switch (type.kind) {
    case "string":
      return stringValue("");
    case "number":
      return numberValue(0);
    case "bool":
      return boolValue(false);
    case "list":
      return listValue(type.element, []);
    case "set":
      return setValue(type.element, []);
    case "map":
      return mapValue(type.element, []);
    default:
      return nullValue(type);
  }
};

/** A set of objects that the provider serves as an attribute, with what is unset in its members zeroed. */
const zeroMembers = (type: Type, value: Value): Value => {
  if (type.kind !== "set" || type.element.kind !== "object" || value.kind !== "set") return value;
  const items = value.items.map((item) => {
    if (item.kind !== "object") return item;
    const fields = new Map<string, Value>();
    for (const [name, field] of item.fields) fields.set(name, field.kind === "null" ? zeroOf(field.type) : field);
    return { ...item, fields };
  });
  return withMarks(setValue(type.element, items), marksOf(value));
};

/** The built-in provider's own plan: `output` follows `input`, and a changed trigger makes a new resource (Terraform 1.11). */
const planTerraformData = (
  subject: PlanSubject,
  prior: MappingValue | undefined,
  proposed: MappingValue,
): MappingValue => {
  const fields = new Map(proposed.fields);
  const input = proposed.fields.get("input") ?? nullValue({ kind: "dynamic" });
  const before = prior?.fields.get("input");
  const isNew = prior === undefined;
  if (isNew) fields.set("id", unknownAttribute({ kind: "string" }, subject.address, ["id"], { notNull: true }));
  if (isNew || before === undefined || !sameValue(before, input))
    fields.set(
      "output",
      isNew && input.kind === "null" ? input : unknownAttribute(typeOf(input), subject.address, ["output"]),
    );
  return objectValue(fields);
};
