import { boolType, listOf, mapOf, stringType, type Type } from "../model/type.ts";
import { type AttributeSchema, type BlockSchema, optionalAttribute } from "./schema.ts";

const schemaOf = (required: Readonly<Record<string, Type>>, optional: Readonly<Record<string, Type>>): BlockSchema => ({
  attributes: new Map<string, AttributeSchema>([
    ...Object.entries(required).map(
      ([name, type]) => [name, { ...optionalAttribute(type), optional: false, required: true }] as const,
    ),
    ...Object.entries(optional).map(([name, type]) => [name, optionalAttribute(type)] as const),
  ]),
  blocks: new Map(),
});

/** The arguments of Terraform's own provisioners (Terraform language, "Provisioners", 1.11). They are read and never run. */
export const provisionerSchemas: Readonly<Record<string, BlockSchema>> = {
  "local-exec": schemaOf(
    { command: stringType },
    { environment: mapOf(stringType), interpreter: listOf(stringType), quiet: boolType, working_dir: stringType },
  ),
  "remote-exec": schemaOf({}, { inline: listOf(stringType), script: stringType, scripts: listOf(stringType) }),
  file: schemaOf({ destination: stringType }, { content: stringType, source: stringType }),
};
