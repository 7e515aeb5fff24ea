import type { Attribute, Block, Body } from "../load/hcl/ast.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { SourceRange } from "../model/source-range.ts";
import { dynamicType, type Type } from "../model/type.ts";
import type { MappingValue, Value } from "../model/value.ts";
import { checkCount } from "./block-count.ts";
import { combineBlocks, objectOfSchema } from "./block-value.ts";
import { blocksOfJson, isJson, missingArgument, unexpectedArgument, unexpectedBlock } from "./body-content.ts";
import { type ExpandedBlock, expandDynamic, type Iterators } from "./dynamic-block.ts";
import type { Places } from "./places.ts";
import { inputError, nearestName } from "./problems.ts";
import {
  type AttributeSchema,
  type BlockSchema,
  configurationType,
  impliedType,
  type NestedBlockSchema,
  nestedBlockType,
  optionalAttribute,
} from "./schema.ts";
import { nullValue, unknownValue } from "./values-construct.ts";
import { convertValue, formatPath, isFailure } from "./values-convert.ts";
import { withMarks } from "./values-marks.ts";
import { typeOf } from "./values-type.ts";

/** How a body's expressions are evaluated and where its problems go. */
export interface BodyReader {
  readonly evaluate: (expression: Attribute["value"], iterators: Iterators) => Value;
  readonly report: (problem: Diagnostic) => void;
  /** What is said of a name that the schema lacks and that is no misspelling of another, where that need not be wrong. */
  readonly newer?: ((name: string, range: SourceRange) => Diagnostic | undefined) | undefined;
}

export interface DecodedBody {
  readonly value: MappingValue;
  readonly places: Places;
}

/** Reads a body by a provider's schema into a value of the schema's type (hcldec with Terraform's decoder specification). */
export const decodeBody = (
  body: Body,
  schema: BlockSchema,
  reader: BodyReader,
  iterators: Iterators = new Map(),
): DecodedBody => {
  const given = gather(body, schema, reader, iterators);
  const fields = new Map<string, Value>();
  const places = new Map<string, readonly Places[]>();
  for (const name of impliedType(schema).attributes.keys()) {
    const attribute = schema.attributes.get(name);
    if (attribute !== undefined) {
      const blocks = given.blocks.get(name);
      if (blocks === undefined)
        fields.set(name, attributeValue(name, attribute, given.attributes.get(name), body, reader, iterators));
      else decodeInto(name, blockForm(attribute), blocks, body, reader, fields, places, attribute.type);
      continue;
    }
    const nested = schema.blocks.get(name);
    if (nested !== undefined)
      decodeInto(name, nested, given.blocks.get(name) ?? [], body, reader, fields, places, undefined);
  }
  return {
    value: objectOfSchema(schema, fields),
    places: { range: body.range, attributes: given.attributes, blocks: places },
  };
};

interface Given {
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly blocks: ReadonlyMap<string, readonly ExpandedBlock[]>;
}

/** Sorts a body's parts by name, unrolls `dynamic` blocks, and reports what the schema does not name. */
const gather = (body: Body, schema: BlockSchema, reader: BodyReader, iterators: Iterators): Given => {
  const attributes = new Map<string, Attribute>();
  const blocks = new Map<string, ExpandedBlock[]>();
  const add = (type: string, block: ExpandedBlock): void => {
    const list = blocks.get(type);
    if (list === undefined) blocks.set(type, [block]);
    else list.push(block);
  };
  const names = [...schema.attributes.keys(), ...schema.blocks.keys()];
  const newer = (name: string, range: SourceRange): Diagnostic | undefined =>
    names.includes(name) || nearestName(name, names) !== undefined ? undefined : reader.newer?.(name, range);
  const refuseBlock = (block: Block, attributes: readonly string[]): void =>
    reader.report(newer(block.type, block.typeRange) ?? unexpectedBlock(block, attributes, schema.blocks.keys()));
  const isBlockType = (type: string): boolean =>
    schema.blocks.has(type) || isObjectCollection(schema.attributes.get(type)?.type);
  const takeBlock = (block: Block): void => {
    if (block.type === "dynamic" && !isBlockType("dynamic")) {
      const type = block.labels[0]?.text ?? "";
      if (!isBlockType(type)) refuseBlock({ ...block, type, typeRange: block.labels[0]?.range ?? block.typeRange }, []);
      else for (const expanded of expandDynamic(block, type, reader, iterators)) add(type, expanded);
    } else if (isBlockType(block.type))
      add(block.type, {
        body: block.body,
        headerRange: block.headerRange,
        iterators,
        unknown: undefined,
        labels: block.labels.map(({ text }) => text),
      });
    else refuseBlock(block, [...schema.attributes.keys()]);
  };
  for (const attribute of body.attributes) {
    if (schema.attributes.has(attribute.name)) attributes.set(attribute.name, attribute);
    else if (isJson(attribute) && attribute.name === "dynamic")
      for (const block of blocksOfJson(attribute, ["type"])) takeBlock(block);
    else if (isJson(attribute) && schema.blocks.has(attribute.name))
      for (const block of blocksOfJson(attribute, schema.blocks.get(attribute.name)?.mode === "map" ? ["key"] : []))
        takeBlock(block);
    else if (!(isJson(attribute) && attribute.name === "//"))
      reader.report(
        newer(attribute.name, attribute.nameRange) ??
          unexpectedArgument(attribute, freeNames(schema, body), schema.blocks.keys()),
      );
  }
  for (const block of body.blocks) takeBlock(block);
  return { attributes, blocks };
};

const freeNames = (schema: BlockSchema, body: Body): readonly string[] => {
  const used = new Set(body.attributes.map(({ name }) => name));
  return [...schema.attributes.keys()].filter((name) => !used.has(name));
};

/** A list or set of objects is an attribute that may also be written as blocks (Terraform's "attributes as blocks" mode). */
const isObjectCollection = (type: Type | undefined): boolean =>
  type !== undefined && (type.kind === "list" || type.kind === "set") && type.element.kind === "object";

const blockForm = (attribute: AttributeSchema): NestedBlockSchema => {
  const type = attribute.type;
  const element = type.kind === "list" || type.kind === "set" ? type.element : undefined;
  const attributes = element?.kind === "object" ? element.attributes : new Map<string, Type>();
  return {
    mode: type.kind === "set" ? "set" : "list",
    min: 0,
    max: 0,
    block: {
      attributes: new Map([...attributes].map(([name, inner]) => [name, optionalAttribute(inner)])),
      blocks: new Map(),
    },
  };
};

const attributeValue = (
  name: string,
  schema: AttributeSchema,
  attribute: Attribute | undefined,
  body: Body,
  reader: BodyReader,
  iterators: Iterators,
): Value => {
  if (attribute === undefined) {
    if (schema.required) reader.report(missingArgument(name, body));
    return nullValue(schema.type);
  }
  const value = reader.evaluate(attribute.value, iterators);
  const converted = convertValue(value, configurationType(schema));
  if (isFailure(converted)) {
    const path = formatPath(converted.path).replace(/^\./, "");
    reader.report(
      inputError(
        "Incorrect attribute value type",
        `The value given for "${name}" does not fit: ${path === "" ? "" : `${path}: `}${converted.message}.`,
        attribute.value.range,
      ),
    );
    return unknownValue(schema.type, `the value given for ${name} does not fit`);
  }
  if (converted.kind === "null" && schema.required)
    reader.report(
      inputError(
        "Missing required argument",
        `The argument "${name}" must be set, and is null here.`,
        attribute.value.range,
      ),
    );
  return converted;
};

const decodeInto = (
  name: string,
  nested: NestedBlockSchema,
  blocks: readonly ExpandedBlock[],
  body: Body,
  reader: BodyReader,
  fields: Map<string, Value>,
  places: Map<string, readonly Places[]>,
  asAttribute: Type | undefined,
): void => {
  const known = blocks.filter((block) => block.unknown === undefined);
  const unknown = blocks.find((block) => block.unknown !== undefined);
  if (unknown === undefined) checkCount(name, nested, known, body, reader.report);
  if (unknown?.unknown !== undefined && asAttribute !== undefined) {
    fields.set(name, unknownAttributeBlocks(nested, blocks, reader));
    return;
  }
  const decoded = blocks.map((block) => ({
    ...decodeBody(block.body, nested.block, readerOf(block, reader), block.iterators),
    block,
  }));
  const type = asAttribute ?? nestedBlockType(nested);
  if (decoded.length > 0)
    places.set(
      name,
      decoded.map((item) => ({ ...item.places, range: item.block.headerRange })),
    );
  if (unknown?.unknown !== undefined) {
    fields.set(name, unknownValue(type, unknown.unknown));
    return;
  }
  const values = decoded.map(({ value }) => value);
  const value = combineBlocks(
    nested,
    values,
    decoded.map(({ block }) => block.labels[0] ?? ""),
  );
  if (value.kind === "set" && decoded.length > 1)
    places.set(
      name,
      value.items.map((item) => {
        const found = decoded[values.indexOf(item as MappingValue)] ?? decoded[0];
        return found === undefined
          ? { range: body.range, attributes: new Map(), blocks: new Map() }
          : { ...found.places, range: found.block.headerRange };
      }),
    );
  fields.set(name, value);
};

/** An attribute written as `dynamic` blocks of unknown number: one member, in which what is set is unknown (hcl ext/dynblock). */
const unknownAttributeBlocks = (
  nested: NestedBlockSchema,
  blocks: readonly ExpandedBlock[],
  reader: BodyReader,
): Value =>
  combineBlocks(
    nested,
    blocks.map((block) => {
      const { value } = decodeBody(block.body, nested.block, readerOf(block, reader), block.iterators);
      const { unknown } = block;
      if (unknown === undefined) return value;
      const given = new Set(
        [...block.body.attributes, ...block.body.blocks.map(({ type }) => ({ name: type }))].map(({ name }) => name),
      );
      const members = [...value.fields].map(
        ([name, item]) => [name, given.has(name) ? unknownValue(typeOf(item), unknown) : item] as const,
      );
      return objectOfSchema(nested.block, new Map(members));
    }),
    [],
  );

/** Nothing is evaluated in a block that may stand any number of times; what a marked `for_each` makes is marked. */
const readerOf = ({ unknown, marks }: ExpandedBlock, reader: BodyReader): BodyReader => {
  if (unknown !== undefined) return { ...reader, evaluate: () => unknownValue(dynamicType, unknown) };
  if (marks === undefined) return reader;
  return { ...reader, evaluate: (expression, iterators) => withMarks(reader.evaluate(expression, iterators), marks) };
};
