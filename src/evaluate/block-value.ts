import type { MappingValue, Value } from "../model/value.ts";
import { type BlockSchema, impliedType, type NestedBlockSchema } from "./schema.ts";
import { listValue, mapValue, nullValue, objectValue, tupleValue } from "./values-construct.ts";
import { setValue } from "./values-marks.ts";
import { hasDynamic, typeOf } from "./values-type.ts";

/** An object of the schema's own type, unless a member's type is only known from its value. */
export const objectOfSchema = (schema: BlockSchema, fields: ReadonlyMap<string, Value>): MappingValue => {
  const type = impliedType(schema);
  return hasDynamic(type) ? objectValue(fields) : { kind: "object", type, fields };
};

/** Nested blocks of one type as the value that the enclosing object has for them. */
export const combineBlocks = (
  nested: NestedBlockSchema,
  values: readonly Value[],
  labels: readonly string[],
): Value => {
  const element = impliedType(nested.block);
  const mixed = hasDynamic(element);
  switch (nested.mode) {
    case "single":
      return values[0] ?? nullValue(element);
    case "group":
      return values[0] ?? objectOfSchema(nested.block, emptyFields(nested.block));
    case "list":
      return mixed ? tupleValue(values) : listValue(element, values);
    case "set":
      return setValue(mixed && values[0] !== undefined ? typeOf(values[0]) : element, values);
    case "map": {
      const entries = values.map((value, index) => [labels[index] ?? "", value] as const);
      return mixed ? objectValue(entries) : mapValue(element, entries);
    }
  }
};

/** What a block holds when nothing is set: null attributes and no nested blocks (configschema `EmptyValue`). */
export const emptyFields = (schema: BlockSchema): ReadonlyMap<string, Value> => {
  const fields = new Map<string, Value>();
  for (const name of impliedType(schema).attributes.keys()) {
    const attribute = schema.attributes.get(name);
    const nested = schema.blocks.get(name);
    if (attribute !== undefined) fields.set(name, nullValue(attribute.type));
    else if (nested !== undefined) fields.set(name, combineBlocks(nested, [], []));
  }
  return fields;
};
