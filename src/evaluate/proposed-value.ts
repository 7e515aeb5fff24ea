import type { MappingValue, SequenceValue, Value } from "../model/value.ts";
import { emptyFields, objectOfSchema } from "./block-value.ts";
import type { AttributeSchema, BlockSchema, NestedBlockSchema } from "./schema.ts";
import { mapValue, nullValue, objectValue, tupleValue, unknownValue } from "./values-construct.ts";
import { sameValue } from "./values-equality.ts";
import { marksOf, setValue, unmark, unmarkDeep, withMarks } from "./values-marks.ts";
import { hasDynamic, typeOf } from "./values-type.ts";

/**
 * What Terraform proposes to a provider: the configuration, with what the provider computes taken over from the state before
 * (internal/plans/objchange `ProposedNew`, Terraform 1.11). `undefined` stands for no state before.
 */
export const proposedValue = (
  schema: BlockSchema,
  prior: MappingValue | undefined,
  configuration: MappingValue,
): MappingValue =>
  proposeBlock(schema, prior ?? objectOfSchema(schema, emptyFields(schema)), configuration) as MappingValue;

/** What a data source that cannot be read yet will hold: the configuration, and all else unknown. */
export const plannedDataValue = (schema: BlockSchema, configuration: MappingValue, because: string): MappingValue =>
  proposeBlock(schema, unknownValue(typeOf(configuration), because), configuration) as MappingValue;

type Prior = Value;

const proposeBlock = (schema: BlockSchema, prior: Prior, configuration: Value): Value => {
  if (configuration.kind !== "object") return configuration.kind === "null" ? prior : configuration;
  const fields = new Map<string, Value>();
  for (const [name, given] of configuration.fields) {
    const before = memberOf(prior, name, given);
    const attribute = schema.attributes.get(name);
    const nested = schema.blocks.get(name);
    if (attribute !== undefined) fields.set(name, proposeAttribute(attribute, before, given));
    else fields.set(name, nested === undefined ? given : proposeNestedBlock(nested, before, given));
  }
  return withMarks(objectOfSchema(schema, fields), marksOf(configuration));
};

const memberOf = (prior: Prior, name: string, like: Value): Value => {
  if (prior.kind === "object") return prior.fields.get(name) ?? nullValue(typeOf(like));
  return prior.kind === "unknown" ? unknownValue(typeOf(like), prior.because) : nullValue(typeOf(like));
};

const proposeAttribute = (attribute: AttributeSchema, prior: Value, given: Value): Value => {
  if (attribute.computed && given.kind === "null")
    return attribute.optional && attribute.nested !== undefined && holdsConfigured(attribute.nested.attributes, prior)
      ? given
      : prior;
  return attribute.nested === undefined ? given : proposeNested(attribute.nested, prior, given);
};

/** True where the state before holds something that only a configuration can have set. */
const holdsConfigured = (attributes: ReadonlyMap<string, AttributeSchema>, value: Value): boolean => {
  switch (value.kind) {
    case "list":
    case "tuple":
    case "set":
      return value.items.some((item) => holdsConfigured(attributes, item));
    case "map":
      return [...value.fields.values()].some((item) => holdsConfigured(attributes, item));
    case "object":
      return [...value.fields].some(([name, item]) => {
        const attribute = attributes.get(name);
        if (attribute === undefined || item.kind === "null") return false;
        return (
          !attribute.computed || (attribute.nested !== undefined && holdsConfigured(attribute.nested.attributes, item))
        );
      });
    default:
      return false;
  }
};

type NestedAttribute = NonNullable<AttributeSchema["nested"]>;

const proposeNested = (nested: NestedAttribute, prior: Value, given: Value): Value =>
  proposeMembers(
    nested.mode,
    prior,
    given,
    (before, member) => {
      if (member.kind !== "object") return member;
      const fields = new Map<string, Value>();
      for (const [name, item] of member.fields) {
        const attribute = nested.attributes.get(name);
        fields.set(
          name,
          attribute === undefined ? item : proposeAttribute(attribute, memberOf(before, name, item), item),
        );
      }
      return withMarks({ ...member, fields }, marksOf(member));
    },
    nested.attributes,
  );

const proposeNestedBlock = (nested: NestedBlockSchema, prior: Value, given: Value): Value =>
  proposeMembers(
    nested.mode === "group" ? "single" : nested.mode,
    prior,
    given,
    (before, member) =>
      proposeBlock(
        nested.block,
        before.kind === "null" ? objectOfSchema(nested.block, emptyFields(nested.block)) : before,
        member,
      ),
    nested.block,
  );

type Propose = (prior: Value, member: Value) => Value;

const proposeMembers = (
  mode: "single" | "list" | "set" | "map",
  prior: Value,
  given: Value,
  propose: Propose,
  schema: BlockSchema | ReadonlyMap<string, AttributeSchema>,
): Value => {
  if (given.kind === "null" || given.kind === "unknown") return given;
  const marks = marksOf(given);
  const plain = unmark(given);
  switch (mode) {
    case "single":
      return withMarks(propose(unmark(prior), plain), marks);
    case "list":
      return plain.kind === "list" || plain.kind === "tuple"
        ? withMarks(proposeList(plain, unmark(prior), propose), marks)
        : given;
    case "map":
      return plain.kind === "map" || plain.kind === "object"
        ? withMarks(proposeMap(plain, unmark(prior), propose), marks)
        : given;
    case "set":
      return plain.kind === "set"
        ? withMarks(proposeSet(plain, unmarkDeep(prior).value, propose, schema), marks)
        : given;
  }
};

const proposeList = (given: SequenceValue, prior: Value, propose: Propose): Value => {
  const items = given.items.map((item, index) => {
    if (prior.kind === "unknown") return propose(unknownValue(typeOf(item), prior.because), item);
    const before = prior.kind === "list" || prior.kind === "tuple" ? prior.items[index] : undefined;
    return before === undefined ? item : propose(before, item);
  });
  return given.kind === "tuple" ? tupleValue(items) : { ...given, items };
};

const proposeMap = (given: MappingValue, prior: Value, propose: Propose): Value => {
  const fields = [...given.fields].map(([key, item]) => {
    const before =
      prior.kind === "map" || prior.kind === "object"
        ? (prior.fields.get(key) ?? nullValue(typeOf(item)))
        : prior.kind === "unknown"
          ? unknownValue(typeOf(item), prior.because)
          : nullValue(typeOf(item));
    return [key, propose(before, item)] as const;
  });
  return given.type.kind === "map" ? mapValue(given.type.element, fields) : objectValue(fields);
};

/** Members of a set have no place to find them by: one goes with the first unused member before that it could have come from. */
const proposeSet = (
  given: SequenceValue,
  prior: Value,
  propose: Propose,
  schema: BlockSchema | ReadonlyMap<string, AttributeSchema>,
): Value => {
  const unused = prior.kind === "set" ? [...prior.items] : [];
  const items = given.items.map((item) => {
    const at = unused.findIndex((candidate) => couldComeFrom(candidate, item, schema));
    const before = at < 0 ? undefined : unused.splice(at, 1)[0];
    return propose(before ?? nullValue(typeOf(item)), item);
  });
  return setValue(
    given.type.kind === "set" && !hasDynamic(given.type.element)
      ? given.type.element
      : typeOf(items[0] ?? nullValue(given.type)),
    items,
  );
};

/** True where the configured member differs from the member before only in what the provider computes. */
const couldComeFrom = (
  prior: Value,
  given: Value,
  schema: BlockSchema | ReadonlyMap<string, AttributeSchema>,
): boolean => {
  if (sameValue(prior, given)) return true;
  if (prior.kind !== "object" || given.kind !== "object") return false;
  const isBlock = "attributes" in schema;
  const attributes = isBlock ? schema.attributes : schema;
  for (const [name, before] of prior.fields) {
    const now = given.fields.get(name);
    if (now === undefined) return false;
    if (sameValue(before, now)) continue;
    if (typeOf(now).kind === "set") return false;
    const attribute = attributes.get(name);
    if (attribute?.nested !== undefined) {
      if (!nestedCouldCome(before, now, attribute.nested.attributes)) return false;
      continue;
    }
    if (attribute !== undefined) {
      if (!attribute.computed || now.kind !== "null") return false;
      continue;
    }
    const nested = isBlock ? schema.blocks.get(name) : undefined;
    if (nested === undefined || !nestedCouldCome(before, now, nested.block)) return false;
  }
  return true;
};

const nestedCouldCome = (
  before: Value,
  now: Value,
  schema: BlockSchema | ReadonlyMap<string, AttributeSchema>,
): boolean => {
  if ((before.kind === "list" || before.kind === "tuple") && (now.kind === "list" || now.kind === "tuple"))
    return (
      before.items.length <= now.items.length &&
      before.items.every((item, index) => {
        const other = now.items[index];
        return other !== undefined && couldComeFrom(item, other, schema);
      })
    );
  if (before.kind === "map" && now.kind === "map")
    return [...before.fields].every(([key, item]) => {
      const other = now.fields.get(key);
      return other !== undefined && couldComeFrom(item, other, schema);
    });
  return couldComeFrom(before, now, schema);
};
