import type { StateInstance as StoredInstance, TerraformState } from "../load/plan/state.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { Type } from "../model/type.ts";
import type { MappingValue, Value } from "../model/value.ts";
import { type InstanceKey, inModule, instanceAddress, splitAddress } from "./address.ts";
import type { ResourceMode } from "./reference.ts";
import { impliedType, type ResourceSchema } from "./schema.ts";
import { nullValue, objectValue } from "./values-construct.ts";
import { isFailure } from "./values-convert.ts";
import { plainJsonToValue, typedJsonToValue } from "./values-json.ts";
import { containsMarks, sensitiveMark, withMarks } from "./values-marks.ts";
import { objectOf, tupleOf } from "./values-type.ts";

/** What Terraform remembers of the last apply, by address. */
export interface PriorState {
  readonly instances: ReadonlyMap<string, StateInstance>;
  readonly outputs: Readonly<Record<string, { readonly value: Json; readonly isSensitive: boolean }>>;
}

export interface StateInstance extends StoredInstance {
  /** Where it was before `moved` blocks were followed. */
  readonly previousAddress?: string;
}

/** The state by address; without one, nothing exists. Deposed objects are what a failed replacement left, and are not planned here. */
export const priorState = (state: TerraformState | undefined): PriorState => {
  const instances = new Map<string, StateInstance>();
  for (const instance of state?.resources ?? []) {
    if (instance.deposedKey !== undefined) continue;
    const { module, mode, type, name, key } = instance;
    const address = instanceAddress(module, mode, type, name, key);
    instances.set(address, { ...instance, address });
  }
  return { instances, outputs: state?.outputs ?? {} };
};

/** The values of an instance in the form of the schema. What the schema does not know is left out. */
export const stateValues = (instance: StateInstance, schema: ResourceSchema): MappingValue => {
  if (schema.open === true) return plainJsonToValue(instance.values) as MappingValue;
  const type = impliedType(schema.block);
  const fields = new Map<string, Value>();
  for (const [name, attribute] of type.attributes) {
    const json = instance.values[name];
    const value = json === undefined ? nullOrEmpty(name, schema) : storedValue(json, attribute);
    fields.set(name, isFailure(value) ? nullValue(attribute) : value);
  }
  const whole = type.attributes.size === 0 ? objectValue([]) : objectOfFields(schema, fields);
  return instance.sensitivePaths.reduce(
    (value, path) => markAt(value, path),
    withSchemaMarks(whole, schema),
  ) as MappingValue;
};

/** A value of any type is stored with its type. */
const storedValue = (json: Json, type: Type): ReturnType<typeof typedJsonToValue> => {
  if (type.kind !== "dynamic" || !isJsonObject(json)) return typedJsonToValue(json, type);
  const { type: given, value, ...rest } = json;
  const stored = given === undefined || Object.keys(rest).length > 0 ? undefined : typeOfJson(given);
  return stored === undefined || value === undefined ? typedJsonToValue(json, type) : typedJsonToValue(value, stored);
};

/** A type as cty writes it in JSON. */
const typeOfJson = (json: Json): Type | undefined => {
  if (typeof json === "string")
    return json === "string" || json === "number" || json === "bool" || json === "dynamic" ? { kind: json } : undefined;
  if (!Array.isArray(json)) return undefined;
  const [kind, inner] = json as readonly Json[];
  if (kind === "tuple" && Array.isArray(inner)) {
    const elements = (inner as readonly Json[]).flatMap((item) => typeOfJson(item) ?? []);
    return elements.length === inner.length ? tupleOf(elements) : undefined;
  }
  if (kind === "object" && isJsonObject(inner)) {
    const attributes = Object.entries(inner).flatMap(([name, item]) => {
      const type = typeOfJson(item);
      return type === undefined ? [] : [[name, type] as const];
    });
    return attributes.length === Object.keys(inner).length ? objectOf(attributes) : undefined;
  }
  const element = inner === undefined ? undefined : typeOfJson(inner);
  return element !== undefined && (kind === "list" || kind === "set" || kind === "map") ? { kind, element } : undefined;
};

const objectOfFields = (schema: ResourceSchema, fields: ReadonlyMap<string, Value>): MappingValue => {
  const value = objectValue(fields);
  return {
    ...value,
    type: [...impliedType(schema.block).attributes.values()].some((type) => type.kind === "dynamic")
      ? value.type
      : impliedType(schema.block),
  };
};

const nullOrEmpty = (name: string, schema: ResourceSchema): Value => {
  const nested = schema.block.blocks.get(name);
  const type = impliedType(schema.block).attributes.get(name) ?? { kind: "dynamic" };
  if (nested === undefined || nested.mode === "single" || nested.mode === "group") return nullValue(type);
  const value = typedJsonToValue(nested.mode === "map" ? {} : [], type);
  return isFailure(value) ? nullValue(type) : value;
};

const withSchemaMarks = (value: MappingValue, schema: ResourceSchema): Value => markBlock(value, schema.block);

/** Marks what the schema calls sensitive. */
export const markBlock = (value: Value, block: ResourceSchema["block"]): Value => {
  if (value.kind === "list" || value.kind === "tuple")
    return { ...value, items: value.items.map((item) => markBlock(item, block)) };
  if (value.kind === "map")
    return { ...value, fields: new Map([...value.fields].map(([key, item]) => [key, markBlock(item, block)])) };
  if (value.kind === "set")
    return value.items.some((item) => containsMarks(markBlock(item, block))) ? withMarks(value, sensitiveMark) : value;
  if (value.kind !== "object") return value;
  const fields = new Map(value.fields);
  for (const [name, attribute] of block.attributes) {
    const item = fields.get(name);
    if (item !== undefined && attribute.sensitive) fields.set(name, withMarks(item, sensitiveMark));
  }
  for (const [name, nested] of block.blocks) {
    const item = fields.get(name);
    if (item !== undefined) fields.set(name, markBlock(item, nested.block));
  }
  return { ...value, fields };
};

const markAt = (value: Value, path: readonly (string | number)[]): Value => {
  const [step, ...rest] = path;
  if (step === undefined) return withMarks(value, sensitiveMark);
  if (value.kind === "object" || value.kind === "map") {
    const item = value.fields.get(String(step));
    return item === undefined
      ? value
      : { ...value, fields: new Map([...value.fields, [String(step), markAt(item, rest)]]) };
  }
  if (value.kind === "list" || value.kind === "tuple")
    return { ...value, items: value.items.map((item, index) => (index === step ? markAt(item, rest) : item)) };
  return value.kind === "set" ? withMarks(value, sensitiveMark) : value;
};

export interface AddressParts {
  readonly module: string;
  readonly mode: ResourceMode;
  readonly type: string;
  readonly name: string;
  readonly key: InstanceKey;
}

/** The parts of the address of an instance: its module's address, type, name and key. */
export const readInstanceAddress = (address: string): AddressParts | undefined => {
  const parts = [...splitAddress(address)];
  let module = "";
  while (parts[0]?.name === "module" && parts[1] !== undefined) {
    const { name, key } = parts[1];
    module = inModule(
      module,
      `module.${name}${key === undefined ? "" : typeof key === "number" ? `[${key}]` : `["${key}"]`}`,
    );
    parts.splice(0, 2);
  }
  const mode: ResourceMode =
    parts[0]?.name === "data" ? "data" : parts[0]?.name === "ephemeral" ? "ephemeral" : "managed";
  if (mode !== "managed") parts.shift();
  const [type, name] = parts;
  return type === undefined || name === undefined
    ? undefined
    : { module, mode, type: type.name, name: name.name, key: name.key };
};
