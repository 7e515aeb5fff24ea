import type { Json } from "../model/json.ts";
import { stringType, type Type } from "../model/type.ts";
import { hasDynamic, objectOf, tupleOf } from "./values-type.ts";

/** What a provider says of one resource type: the block's shape, and what a schema alone cannot say. */
export interface ResourceSchema {
  readonly version: number;
  readonly block: BlockSchema;
  /** Values planned where the argument is not set, by dotted path without indices. */
  readonly defaults: ReadonlyMap<string, Json>;
  /** Dotted paths whose change makes a replacement. */
  readonly forceNew: ReadonlySet<string>;
  /** Dotted paths of blocks that are unknown on create where they are absent. */
  readonly computedBlocks: ReadonlySet<string>;
  /** Any attribute and block is accepted: the provider's schema is not known here. */
  readonly open?: true;
}

export interface BlockSchema {
  /** In order of name. */
  readonly attributes: ReadonlyMap<string, AttributeSchema>;
  readonly blocks: ReadonlyMap<string, NestedBlockSchema>;
}

export interface AttributeSchema {
  readonly type: Type;
  readonly nested?: {
    readonly mode: "single" | "list" | "set" | "map";
    readonly attributes: ReadonlyMap<string, AttributeSchema>;
  };
  readonly required: boolean;
  readonly optional: boolean;
  readonly computed: boolean;
  readonly sensitive: boolean;
  readonly writeOnly: boolean;
}

export type BlockMode = "single" | "group" | "list" | "set" | "map";

export interface NestedBlockSchema {
  readonly mode: BlockMode;
  readonly min: number;
  readonly max: number;
  readonly block: BlockSchema;
}

const blockTypes = new WeakMap<BlockSchema, Type & { readonly kind: "object" }>();

/** The object type of a block's values (configschema `ImpliedType`). */
export const impliedType = (block: BlockSchema): Type & { readonly kind: "object" } => {
  const known = blockTypes.get(block);
  if (known !== undefined) return known;
  const fields = new Map<string, Type>();
  for (const [name, attribute] of block.attributes) fields.set(name, attribute.type);
  for (const [name, nested] of block.blocks) fields.set(name, nestedBlockType(nested));
  const type = objectOf(fields) as Type & { readonly kind: "object" };
  blockTypes.set(block, type);
  return type;
};

/** The type that a nested block's name has in the enclosing object. A list whose elements may differ in type is a tuple. */
export const nestedBlockType = (nested: NestedBlockSchema): Type => {
  const element = impliedType(nested.block);
  switch (nested.mode) {
    case "single":
    case "group":
      return element;
    case "list":
      return hasDynamic(element) ? { kind: "dynamic" } : { kind: "list", element };
    case "set":
      return { kind: "set", element };
    case "map":
      return hasDynamic(element) ? { kind: "dynamic" } : { kind: "map", element };
  }
};

/** An optional attribute of a type and nothing else; how the attributes of an object type are read when written as a block. */
export const optionalAttribute = (type: Type): AttributeSchema => ({
  type,
  required: false,
  optional: true,
  computed: false,
  sensitive: false,
  writeOnly: false,
});

/** The type of the values of an attribute with nested attributes. */
export const nestedAttributeType = (
  mode: "single" | "list" | "set" | "map",
  attributes: ReadonlyMap<string, AttributeSchema>,
): Type => {
  const element = objectOf([...attributes].map(([name, attribute]) => [name, attribute.type] as const));
  if (mode === "single") return element;
  return mode === "list" && hasDynamic(element) ? { kind: "dynamic" } : { kind: mode, element };
};

/** The compact notation of types in `data/*.schema`: `s n b d`, `L S M` before an element, `{a:s,b:n}`, `(s,n)`. */
export const readTypeNotation = (text: string): Type => {
  let at = 0;
  const read = (): Type => {
    const letter = text[at++];
    switch (letter) {
      case "s":
        return stringType;
      case "n":
        return { kind: "number" };
      case "b":
        return { kind: "bool" };
      case "d":
        return { kind: "dynamic" };
      case "L":
        return { kind: "list", element: read() };
      case "S":
        return { kind: "set", element: read() };
      case "M":
        return { kind: "map", element: read() };
      case "{":
        return readObject();
      case "(":
        return readTuple();
      default:
        throw new Error(`schema data: type ${JSON.stringify(text)} at ${at}`);
    }
  };
  const readObject = (): Type => {
    const fields: [string, Type][] = [];
    while (text[at] !== "}") {
      const colon = text.indexOf(":", at);
      const name = text.slice(at, colon);
      at = colon + 1;
      fields.push([name, read()]);
      if (text[at] === ",") at++;
    }
    at++;
    return objectOf(fields);
  };
  const readTuple = (): Type => {
    const elements: Type[] = [];
    while (text[at] !== ")") {
      elements.push(read());
      if (text[at] === ",") at++;
    }
    at++;
    return tupleOf(elements);
  };
  return read();
};

const configurationTypes = new WeakMap<AttributeSchema, Type>();

/** The type that a configured value must have: nested attributes that are not required may be left out. */
export const configurationType = (attribute: AttributeSchema): Type => {
  if (attribute.nested === undefined) return attribute.type;
  const known = configurationTypes.get(attribute);
  if (known !== undefined) return known;
  const { mode, attributes } = attribute.nested;
  const element = objectOf(
    [...attributes].map(([name, inner]) => [name, configurationType(inner)] as const),
    new Set([...attributes].filter(([, inner]) => !inner.required).map(([name]) => name)),
  );
  const type: Type = mode === "single" ? element : { kind: mode, element };
  configurationTypes.set(attribute, type);
  return type;
};
