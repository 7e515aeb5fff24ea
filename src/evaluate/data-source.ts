import type { MappingValue, Value } from "../model/value.ts";
import { objectOfSchema } from "./block-value.ts";
import type { Mocks } from "./mocks.ts";
import type { AttributeSchema, ResourceSchema } from "./schema.ts";
import { unknownAttribute } from "./values-construct.ts";
import { isFailure } from "./values-convert.ts";
import { typedJsonToValue } from "./values-json.ts";
import { sensitiveMark, withMarks } from "./values-marks.ts";

/**
 * What a data source would bring: its configuration, and for the rest what is given in place of a real read. What is not given stays
 * unknown: nothing is fetched.
 */
export const readData = (
  schema: ResourceSchema,
  subject: {
    readonly address: string;
    readonly kind: "data" | "ephemeral";
    readonly type: string;
    readonly name: string;
  },
  configuration: MappingValue,
  mocks: Mocks,
): MappingValue => {
  const ofType = `${subject.kind}.${subject.type}`;
  const given: Readonly<Record<string, unknown>> = {
    ...mocks[ofType],
    ...mocks[`${ofType}.${subject.name}`],
  };
  const texts = textsOf(configuration);
  const fields = new Map<string, Value>();
  for (const [name, value] of configuration.fields) {
    const attribute = schema.block.attributes.get(name);
    if (attribute === undefined) {
      fields.set(name, value);
      continue;
    }
    const read =
      value.kind === "null" && attribute.computed
        ? readAttribute(name, attribute, given, texts, subject.address)
        : value;
    fields.set(name, attribute.sensitive ? withMarks(read, sensitiveMark) : read);
  }
  return objectOfSchema(schema.block, fields);
};

const readFromProvider = "is read from the provider; its value can be given with mocks";

/** True for a reason that Terraform itself would not have: it would have read the value. */
export const isUnread = (because: string): boolean => because.endsWith(readFromProvider);

const textsOf = (configuration: MappingValue): ReadonlyMap<string, string> => {
  const texts = new Map<string, string>();
  for (const [name, value] of configuration.fields) if (value.kind === "string") texts.set(name, value.value);
  return texts;
};

const readAttribute = (
  name: string,
  attribute: AttributeSchema,
  given: Readonly<Record<string, unknown>>,
  texts: ReadonlyMap<string, string>,
  address: string,
): Value => {
  if (Object.hasOwn(given, name)) {
    const filled = fillHoles(given[name], texts);
    const value = filled === undefined ? undefined : typedJsonToValue(completed(filled, attribute), attribute.type);
    if (value !== undefined && !isFailure(value)) return value;
  }
  const unknown = unknownAttribute(attribute.type, address, [name]);
  return { ...unknown, because: `${address}.${name} ${readFromProvider}` };
};

/** Attributes of objects that are left out become null. */
const completed = (json: unknown, attribute: AttributeSchema): unknown => complete(json, attribute.type);

const complete = (json: unknown, type: AttributeSchema["type"]): unknown => {
  if ((type.kind === "list" || type.kind === "set") && Array.isArray(json))
    return json.map((item) => complete(item, type.element));
  if (type.kind !== "object" || typeof json !== "object" || json === null || Array.isArray(json)) return json;
  const given = json as Readonly<Record<string, unknown>>;
  return Object.fromEntries([...type.attributes].map(([name, inner]) => [name, complete(given[name] ?? null, inner)]));
};

/** `${name}` in a text takes an argument of the same block; `undefined` where that is not known. */
const fillHoles = (json: unknown, texts: ReadonlyMap<string, string>): unknown => {
  if (typeof json !== "string") return json;
  let missing = false;
  const filled = json.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const text = texts.get(name);
    missing ||= text === undefined;
    return text ?? "";
  });
  return missing ? undefined : filled;
};
