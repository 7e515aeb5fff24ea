import { createRequire } from "node:module";
import type { Document, Pair, ParsedNode, YAMLMap, Node as YamlNode } from "yaml";
import type { Json, JsonObject } from "../../model/json.ts";
import type { PlaceTable } from "./fast-reader.ts";
import { keyText, resolvePlainScalar, type ScalarValue } from "./plain-scalar.ts";

export interface FullResult {
  readonly value: Json;
  readonly duplicates: readonly { readonly key: string; readonly offset: number }[];
  readonly problems: readonly { readonly message: string; readonly start: number; readonly end: number }[];
}

type YamlLibrary = typeof import("yaml");

let library: YamlLibrary | undefined;
/** The package is loaded when the first unusual document is met: most runs never do, and it takes 30 ms. */
const yaml = (): YamlLibrary => {
  library ??= createRequire(import.meta.url)("yaml") as YamlLibrary;
  return library;
};

/** Reads one document with everything YAML 1.1 has, resolved by the rules of sigs.k8s.io/yaml 1.6. */
export const readFull = (text: string, start: number, end: number, places?: PlaceTable): FullResult => {
  const slice = text.slice(start, end);
  try {
    const document = yaml().parseDocument(slice, {
      version: "1.1",
      schema: "failsafe",
      merge: false,
      uniqueKeys: false,
      prettyErrors: false,
      strict: true,
      logLevel: "silent",
    });
    const problems = document.errors.slice(0, 3).map((error) => ({
      message: error.message,
      start: start + error.pos[0],
      end: start + error.pos[1],
    }));
    if (problems.length > 0) return { value: null, duplicates: [], problems };
    const builder = new Builder(document, start, places);
    const value = document.contents === null ? null : builder.build(document.contents);
    return { value, duplicates: builder.duplicates, problems: [] };
  } catch (error) {
    if (error instanceof Refused) {
      return {
        value: null,
        duplicates: [],
        problems: [{ message: error.message, start: error.start, end: error.end }],
      };
    }
    if (error instanceof RangeError) {
      const message = "the document is nested too deeply";
      return { value: null, duplicates: [], problems: [{ message, start, end: start }] };
    }
    throw error;
  }
};

class Refused extends Error {
  readonly start: number;
  readonly end: number;
  constructor(message: string, start: number, end: number) {
    super(message);
    this.start = start;
    this.end = end;
  }
}

const maximumDepth = 1000;

/** Builds plain JSON from the package's tree: own scalar rules, merge keys in order, and an end to alias bombs. */
class Builder {
  readonly duplicates: { key: string; offset: number }[] = [];
  readonly document: Document.Parsed;
  readonly offset: number;
  readonly places: PlaceTable | undefined;
  readonly anchors = new Map<string, YamlNode>();
  readonly open = new Set<YamlNode>();
  decoded = 0;
  aliased = 0;
  aliasDepth = 0;
  depth = 0;

  constructor(document: Document.Parsed, offset: number, places: PlaceTable | undefined) {
    this.document = document;
    this.offset = offset;
    this.places = places;
  }

  build(node: YamlNode | null): Json {
    if (node === null) return null;
    this.count(node);
    const { isAlias, isMap, isSeq, isScalar } = yaml();
    if (isAlias(node)) return this.alias(node);
    if ("anchor" in node && typeof node.anchor === "string") this.anchors.set(node.anchor, node);
    if (isScalar(node)) return scalarJson(this.scalar(node), () => this.refuse("not a JSON number", node));
    if (++this.depth > maximumDepth) this.refuse("the document is nested too deeply", node);
    this.open.add(node);
    const value = isMap(node) ? this.mapping(node) : isSeq(node) ? this.sequence(node.items as YamlNode[]) : null;
    this.open.delete(node);
    this.depth--;
    return value;
  }

  /** The limit of goyaml.v2 (decode.go, allowedAliasRatio): small documents may alias freely, large ones hardly. */
  count(node: YamlNode): void {
    this.decoded++;
    if (this.aliasDepth > 0) this.aliased++;
    if (this.aliased <= 100 || this.decoded <= 1000) return;
    const low = 400_000;
    const high = 4_000_000;
    const allowed =
      this.decoded <= low ? 0.99 : this.decoded >= high ? 0.1 : 0.99 - 0.89 * ((this.decoded - low) / (high - low));
    if (this.aliased / this.decoded > allowed) this.refuse("document contains excessive aliasing", node);
  }

  alias(node: YamlNode & { readonly source: string }): Json {
    const target = this.anchors.get(node.source);
    if (target === undefined) return this.refuse(`unknown anchor '${node.source}' referenced`, node);
    if (this.open.has(target)) return this.refuse(`anchor '${node.source}' value contains itself`, node);
    this.aliasDepth++;
    const value = this.build(target);
    this.aliasDepth--;
    return value;
  }

  mapping(node: YAMLMap): Json {
    const fields: Record<string, Json> = {};
    const table = this.tableFor(fields);
    for (const pair of node.items as Pair<ParsedNode, ParsedNode | null>[]) {
      if (this.isMerge(pair.key)) {
        this.merge(pair.value, fields);
        continue;
      }
      const key = this.key(pair.key);
      const [keyStart] = this.rangeOf(pair.key);
      if (Object.hasOwn(fields, key)) this.duplicates.push({ key, offset: keyStart });
      const value = this.build(pair.value);
      define(fields, key, value);
      const [from, to] = pair.value === null ? [keyStart, keyStart] : this.rangeOf(pair.value);
      table?.set(key, [keyStart, from, to]);
    }
    return fields;
  }

  sequence(nodes: readonly (YamlNode | null)[]): Json {
    const items: Json[] = [];
    const table = this.tableFor(items);
    for (const node of nodes) {
      if (node !== null && table !== undefined) {
        const [from, to] = this.rangeOf(node);
        table.set(items.length, [from, from, to]);
      }
      items.push(this.build(node));
    }
    return items;
  }

  /** goyaml.v2 merges where the `<<` stands, so that a merge below a key replaces it; of a list the first item wins. */
  merge(node: YamlNode | null, into: Record<string, Json>): void {
    const value = this.build(node);
    const sources = Array.isArray(value) ? [...value].reverse() : [value];
    for (const source of sources as readonly Json[]) {
      if (typeof source !== "object" || source === null || Array.isArray(source)) {
        this.refuse("map merge requires map or sequence of maps as the value", node);
      }
      for (const [key, item] of Object.entries(source as JsonObject)) define(into, key, item);
    }
  }

  isMerge(key: unknown): boolean {
    const { isScalar } = yaml();
    return isScalar(key) && key.type === "PLAIN" && key.value === "<<" && key.tag === undefined;
  }

  key(node: ParsedNode): string {
    const { isScalar, isAlias } = yaml();
    const target = isAlias(node) ? this.anchors.get(node.source) : node;
    if (target !== undefined && isScalar(target)) {
      if ("anchor" in target && typeof target.anchor === "string") this.anchors.set(target.anchor, target);
      const text = keyText(this.scalar(target));
      if (text !== undefined) return text;
    }
    return this.refuse("the key of a mapping must be a text, a number or a boolean", node);
  }

  scalar(node: {
    readonly value: unknown;
    readonly tag?: string;
    readonly type?: string;
    readonly source?: string;
  }): ScalarValue {
    const text = typeof node.value === "string" ? node.value : (node.source ?? "");
    const tag = node.tag?.replace(/^tag:yaml\.org,2002:/, "");
    const plain = node.type === "PLAIN" || node.type === undefined;
    switch (tag) {
      case undefined:
        return plain ? resolvePlainScalar(text) : text;
      case "str":
        // The package gives this tag to every scalar of the failsafe schema; the explicit one keeps the text.
        return text;
      case "bool":
      case "int":
      case "float":
      case "null":
        return resolvePlainScalar(text);
      case "binary":
        return Buffer.from(text, "base64").toString("utf8");
      default:
        return text;
    }
  }

  rangeOf(node: ParsedNode | YamlNode): readonly [number, number] {
    const range = node.range ?? [0, 0, 0];
    return [this.offset + range[0], this.offset + range[1]];
  }

  tableFor(container: object): Map<string | number, readonly [number, number, number]> | undefined {
    if (this.places === undefined) return undefined;
    const table = new Map<string | number, readonly [number, number, number]>();
    this.places.set(container, table);
    return table;
  }

  refuse(message: string, node: YamlNode | null): never {
    const [start, end] = node === null ? [this.offset, this.offset] : this.rangeOf(node);
    throw new Refused(message, start, end);
  }
}

const scalarJson = (value: ScalarValue, refuse: () => never): Json =>
  typeof value === "number" && !Number.isFinite(value) ? refuse() : value;

/** Sets an own property, also for the name `__proto__`. */
const define = (fields: Record<string, Json>, key: string, value: Json): void => {
  if (key === "__proto__") {
    Object.defineProperty(fields, key, { value, enumerable: true, configurable: true, writable: true });
  } else fields[key] = value;
};
