import { type Diagnostic, diagnostic } from "../model/diagnostic.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { MappingValue, Value } from "../model/value.ts";
import { type InstanceKey, inModule, instanceAddress, splitAddress } from "./address.ts";
import type { ResourceMode } from "./reference.ts";
import { impliedType, type ResourceSchema } from "./schema.ts";
import { nullValue, objectValue } from "./values-construct.ts";
import { isFailure } from "./values-convert.ts";
import { plainJsonToValue, typedJsonToValue } from "./values-json.ts";
import { sensitiveMark, withMarks } from "./values-marks.ts";

/** What Terraform remembers of the last apply. */
export interface PriorState {
  readonly instances: ReadonlyMap<string, StateInstance>;
  readonly outputs: ReadonlyMap<string, StateOutput>;
}

export interface StateOutput {
  readonly value: Json;
  readonly type: Json;
  readonly sensitive: boolean;
}

export interface StateInstance {
  readonly address: string;
  readonly module: string;
  readonly mode: ResourceMode;
  readonly type: string;
  readonly name: string;
  readonly key: InstanceKey;
  /** `registry.terraform.io/hashicorp/azurerm`. */
  readonly provider: string;
  readonly schemaVersion: number;
  readonly attributes: JsonObject;
  readonly sensitivePaths: readonly (readonly (string | number)[])[];
  readonly isTainted: boolean;
  readonly dependencies: readonly string[];
  readonly createBeforeDestroy: boolean;
  /** Where it was before `moved` blocks were followed. */
  readonly previousAddress?: string;
}

export const emptyState: PriorState = { instances: new Map(), outputs: new Map() };

/** Reads a state file of format 4, which Terraform 0.12 and all later versions write. */
export const readState = (text: string, file: string, report: (problem: Diagnostic) => void): PriorState => {
  const fail = (detail: string): PriorState => {
    report(
      diagnostic({ code: "AKS9120", severity: "error", summary: "Unreadable state", detail: `"${file}": ${detail}` }),
    );
    return emptyState;
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return fail('it is no JSON. Give the output of "terraform state pull".');
  }
  if (!isJsonObject(json) || json["version"] !== 4)
    return fail('only state of format 4 is read. Give the output of "terraform state pull".');
  const instances = new Map<string, StateInstance>();
  for (const resource of array(json["resources"]))
    if (isJsonObject(resource))
      for (const instance of readResource(resource)) instances.set(instance.address, instance);
  const outputs = new Map<string, StateOutput>();
  for (const [name, output] of Object.entries(isJsonObject(json["outputs"]) ? json["outputs"] : {}))
    if (isJsonObject(output))
      outputs.set(name, {
        value: output["value"] ?? null,
        type: output["type"] ?? "dynamic",
        sensitive: output["sensitive"] === true,
      });
  return { instances, outputs };
};

const array = (json: Json | undefined): readonly Json[] => (Array.isArray(json) ? (json as readonly Json[]) : []);

const text = (json: Json | undefined): string => (typeof json === "string" ? json : "");

const readResource = (resource: JsonObject): readonly StateInstance[] => {
  const mode = text(resource["mode"]);
  if (mode !== "managed" && mode !== "data") return [];
  const [type, name, module] = [text(resource["type"]), text(resource["name"]), text(resource["module"])];
  const provider = /provider\["([^"]+)"\]/.exec(text(resource["provider"]))?.[1] ?? "";
  return array(resource["instances"]).flatMap((instance) => {
    if (!isJsonObject(instance) || instance["deposed"] !== undefined) return [];
    const index = instance["index_key"];
    const key = typeof index === "string" || typeof index === "number" ? index : undefined;
    return [
      {
        address: instanceAddress(module, mode, type, name, key),
        module,
        mode,
        type,
        name,
        key,
        provider,
        schemaVersion: typeof instance["schema_version"] === "number" ? instance["schema_version"] : 0,
        attributes: isJsonObject(instance["attributes"]) ? instance["attributes"] : {},
        sensitivePaths: array(instance["sensitive_attributes"]).map(readPath),
        isTainted: instance["status"] === "tainted",
        dependencies: array(instance["dependencies"]).map(text),
        createBeforeDestroy: instance["create_before_destroy"] === true,
      },
    ];
  });
};

const readPath = (path: Json): readonly (string | number)[] =>
  array(path).map((step) => {
    const value = isJsonObject(step) ? step["value"] : undefined;
    if (isJsonObject(value)) return text(value["value"]) || Number(value["value"] ?? 0);
    return typeof value === "number" ? value : text(value);
  });

/** The values of an instance in the form of the schema. What the schema does not know is left out. */
export const stateValues = (instance: StateInstance, schema: ResourceSchema): MappingValue => {
  if (schema.open === true) return plainJsonToValue(instance.attributes) as MappingValue;
  const type = impliedType(schema.block);
  const fields = new Map<string, Value>();
  for (const [name, attribute] of type.attributes) {
    const json = instance.attributes[name];
    const value = json === undefined ? nullOrEmpty(name, schema) : typedJsonToValue(json, attribute);
    fields.set(name, isFailure(value) ? nullValue(attribute) : value);
  }
  const whole = type.attributes.size === 0 ? objectValue([]) : objectOfFields(schema, fields);
  return instance.sensitivePaths.reduce(
    (value, path) => markAt(value, path),
    withSchemaMarks(whole, schema),
  ) as MappingValue;
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
    return value.items.length > 0 && holdsSensitive(block) ? withMarks(value, sensitiveMark) : value;
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

const holdsSensitive = (block: ResourceSchema["block"]): boolean =>
  [...block.attributes.values()].some(({ sensitive }) => sensitive) ||
  [...block.blocks.values()].some((nested) => holdsSensitive(nested.block));

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

/** The parts of the address of an instance: its module's address, type, name and key. */
export const readInstanceAddress = (
  address: string,
): Pick<StateInstance, "module" | "mode" | "type" | "name" | "key"> | undefined => {
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
