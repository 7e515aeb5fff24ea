import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { Json } from "../model/json.ts";
import { stringType } from "../model/type.ts";
import {
  type AttributeSchema,
  type BlockMode,
  type BlockSchema,
  type NestedBlockSchema,
  nestedAttributeType,
  optionalAttribute,
  type ResourceSchema,
  readTypeNotation,
} from "./schema.ts";

export type SchemaKind = "resource" | "data" | "ephemeral" | "provider";

/** The schemas of one provider version, read one type at a time: only what a configuration uses is ever parsed. */
export interface SchemaFile {
  readonly find: (kind: SchemaKind, type: string) => ResourceSchema | undefined;
  readonly names: (kind: SchemaKind) => readonly string[];
}

/**
 * Reads a `data/*.schema` file: lines `KIND NAME<tab>JSON`, sorted by their bytes, so that a type is found by halving.
 * The JSON: `a` attributes ("flags type", or [flags, nesting, attributes]), `b` blocks ([nesting, min, max, block]), `t` the
 * attributes of `timeouts`, `v` version, `d` defaults, `f` force-new paths, `c` optional and computed blocks.
 */
export const openSchemaFile = (path: string): SchemaFile => {
  const bytes = readWhole(path);
  const found = new Map<string, ResourceSchema | undefined>();
  return {
    find: (kind, type) => {
      const key = `${kind} ${type}`;
      if (found.has(key)) return found.get(key);
      const line = findLine(bytes, key);
      const schema = line === undefined ? undefined : readResourceSchema(JSON.parse(line) as RawResource);
      found.set(key, schema);
      return schema;
    },
    names: (kind) =>
      bytes
        .toString("utf8")
        .split("\n")
        .filter((line) => line.startsWith(`${kind} `))
        .map((line) => line.slice(kind.length + 1, line.indexOf("\t"))),
  };
};

const readWhole = (path: string): Buffer => {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.allocUnsafe(fstatSync(file).size);
    let at = 0;
    while (at < bytes.length) {
      const count = readSync(file, bytes, at, bytes.length - at, at);
      if (count === 0) break;
      at += count;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
};

const newline = 10;
const tab = 9;

const findLine = (bytes: Buffer, key: string): string | undefined => {
  const wanted = Buffer.from(key);
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const start = middle === 0 ? 0 : bytes.lastIndexOf(newline, middle - 1) + 1;
    const end = bytes.indexOf(newline, start);
    const stop = bytes.indexOf(tab, start);
    if (end < 0 || stop < 0) return undefined;
    const order = wanted.compare(bytes, start, stop);
    if (order === 0) return bytes.toString("utf8", stop + 1, end);
    if (order < 0) high = start;
    else low = end + 1;
  }
  return undefined;
};

type RawAttribute = string | readonly [string, "single" | "list" | "set" | "map", RawAttributes];
type RawAttributes = Readonly<Record<string, RawAttribute>>;

interface RawBlock {
  readonly a?: RawAttributes;
  readonly b?: Readonly<Record<string, readonly [BlockMode, number, number, RawBlock]>>;
  readonly t?: string;
}

interface RawResource extends RawBlock {
  readonly v?: number;
  readonly d?: Readonly<Record<string, Json>>;
  readonly f?: readonly string[];
  readonly c?: readonly string[];
}

const readResourceSchema = (raw: RawResource): ResourceSchema => ({
  version: raw.v ?? 0,
  block: readBlock(raw),
  defaults: new Map(Object.entries(raw.d ?? {})),
  forceNew: new Set(raw.f ?? []),
  computedBlocks: new Set(raw.c ?? []),
});

const readBlock = (raw: RawBlock): BlockSchema => {
  const blocks = new Map<string, NestedBlockSchema>();
  for (const [name, [mode, min, max, block]] of Object.entries(raw.b ?? {}))
    blocks.set(name, { mode, min, max, block: readBlock(block) });
  if (raw.t !== undefined) blocks.set("timeouts", timeouts(raw.t));
  return { attributes: readAttributes(raw.a ?? {}), blocks };
};

const timeouts = (names: string): NestedBlockSchema => ({
  mode: "single",
  min: 0,
  max: 0,
  block: {
    attributes: new Map(names.split(" ").map((name) => [name, optionalAttribute(stringType)])),
    blocks: new Map(),
  },
});

const readAttributes = (raw: RawAttributes): ReadonlyMap<string, AttributeSchema> => {
  const attributes = new Map<string, AttributeSchema>();
  for (const [name, attribute] of Object.entries(raw)) attributes.set(name, readAttribute(attribute));
  return attributes;
};

const readAttribute = (raw: RawAttribute): AttributeSchema => {
  if (typeof raw === "string") {
    const space = raw.indexOf(" ");
    return withFlags(raw.slice(0, space), { type: readTypeNotation(raw.slice(space + 1)) });
  }
  const [flags, mode, nested] = raw;
  const attributes = readAttributes(nested);
  return withFlags(flags, { type: nestedAttributeType(mode, attributes), nested: { mode, attributes } });
};

const withFlags = (flags: string, rest: Pick<AttributeSchema, "type" | "nested">): AttributeSchema => ({
  ...rest,
  required: flags.includes("r"),
  optional: flags.includes("o"),
  computed: flags.includes("c"),
  sensitive: flags.includes("x"),
  writeOnly: flags.includes("w"),
});
