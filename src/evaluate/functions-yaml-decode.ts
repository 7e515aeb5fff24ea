import { dynamicType, stringType } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import { decodeBase64 } from "./functions-encoding.ts";
import { formatTimestamp } from "./functions-timestamp.ts";
import {
  parserProblem,
  type YamlMark,
  YamlProblem,
  YamlScanner,
  type YamlStyle,
  type YamlToken,
} from "./functions-yaml-scan.ts";
import { boolValue, nullValue, numberValue, objectValue, stringValue, tupleValue } from "./values-construct.ts";
import { convertValue } from "./values-convert.ts";
import { parseNum } from "./values-number-text.ts";
import { quoteGo } from "./values-set.ts";
import { friendlyName, typeOf } from "./values-type.ts";

/** Reads one YAML document as Terraform does (go-cty-yaml 1.1): YAML 1.1 scalars, merge keys, exact numbers. */
export const parseYaml = (text: string): Value | { readonly kind: "failure"; readonly message: string } => {
  try {
    return new YamlReader(text).document();
  } catch (problem) {
    if (problem instanceof YamlProblem) return { kind: "failure", message: problem.message };
    throw problem;
  }
};

const maxDepth = 1_000;
/** Aliases can stand for each other; the values they lead to are shared, but not without limit when walked. */
const maxNodes = 5_000_000;

interface Properties {
  readonly anchor: string | undefined;
  readonly tag: string;
  readonly start: YamlMark;
}

class YamlReader {
  readonly scanner: YamlScanner;
  readonly anchors = new Map<string, Value>();
  readonly sizes = new Map<string, number>();
  readonly pending = new Set<string>();
  nodes = 0;
  depth = 0;

  constructor(text: string) {
    this.scanner = new YamlScanner(text);
  }

  document(): Value {
    const first = this.scanner.peek();
    if (first.type === "streamEnd") throw parserProblem("missing start of document", first.start);
    this.documentStart();
    const next = this.scanner.peek();
    const isEmpty =
      next.type === "documentStart" ||
      next.type === "documentEnd" ||
      next.type === "streamEnd" ||
      next.type === "directive";
    const value = isEmpty ? nullValue(dynamicType) : this.node(true, false);
    while (this.scanner.peek().type === "documentEnd") this.scanner.take();
    const last = this.scanner.peek();
    if (last.type === "streamEnd") return value;
    const start = this.documentStart(true);
    throw parserProblem("unexpected extra content after value", start);
  }

  /** Directives and `---`; bare content starts a document too, but only the first. */
  documentStart(explicit = false): YamlMark {
    const first = this.scanner.peek();
    if (!explicit && first.type !== "directive" && first.type !== "documentStart") return first.start;
    while (this.scanner.peek().type === "directive") this.scanner.take();
    const token = this.scanner.peek();
    if (token.type !== "documentStart") throw parserProblem("did not find expected <document start>", token.start);
    this.scanner.take();
    return first.start;
  }

  node(block: boolean, indentless: boolean): Value {
    if (++this.depth > maxDepth) throw parserProblem("nested too deeply", this.scanner.peek().start);
    if (++this.nodes > maxNodes) throw parserProblem("too many nodes", this.scanner.peek().start);
    const value = this.nodeWithin(block, indentless);
    this.depth--;
    return value;
  }

  nodeWithin(block: boolean, indentless: boolean): Value {
    const first = this.scanner.peek();
    if (first.type === "alias") {
      this.scanner.take();
      return this.alias(first);
    }
    const properties = this.properties(first.start);
    const { anchor } = properties;
    if (anchor !== undefined) this.pending.add(anchor);
    const before = this.nodes;
    const value = this.content(properties, block, indentless);
    if (anchor !== undefined) {
      this.pending.delete(anchor);
      this.anchors.set(anchor, value);
      this.sizes.set(anchor, this.nodes - before + 1);
    }
    return value;
  }

  alias(token: YamlToken): Value {
    const name = token.text;
    if (this.pending.has(name))
      throw parserProblem(`cannot refer to anchor ${quoteGo(name)} from inside its own definition`, token.start);
    const value = this.anchors.get(name);
    if (value === undefined) throw parserProblem(`reference to undefined anchor ${quoteGo(name)}`, token.start);
    this.nodes += this.sizes.get(name) ?? 1;
    if (this.nodes > maxNodes) throw parserProblem("too many nodes", token.start);
    return value;
  }

  properties(start: YamlMark): Properties {
    let anchor: string | undefined;
    let tag = "";
    for (;;) {
      const token = this.scanner.peek();
      if (token.type === "anchor" && anchor === undefined) anchor = token.text;
      else if (token.type === "tag" && tag === "") tag = token.text;
      else return { anchor, tag, start };
      this.scanner.take();
    }
  }

  content(properties: Properties, block: boolean, indentless: boolean): Value {
    const token = this.scanner.peek();
    if (indentless && token.type === "blockEntry") return this.indentlessSequence(properties);
    switch (token.type) {
      case "scalar":
        this.scanner.take();
        return this.scalar(properties, token);
      case "flowSequenceStart":
        return this.flowSequence(properties);
      case "flowMappingStart":
        return this.flowMapping(properties);
      case "blockSequenceStart":
        if (block) return this.blockSequence(properties);
        break;
      case "blockMappingStart":
        if (block) return this.blockMapping(properties);
        break;
      default:
    }
    if (properties.anchor !== undefined || properties.tag !== "")
      return resolveAt(properties.tag, "", "plain", properties.start);
    throw parserProblem("did not find expected node content", token.start, properties.start);
  }

  scalar({ tag, start }: Properties, token: YamlToken): Value {
    const value = resolveAt(tag, token.text, token.style, start);
    // A block scalar counts as text, but is resolved as if it were plain first, as upstream.
    if (token.style !== "block" || tag !== "") return value;
    const text = convertValue(value, stringType);
    return text.kind === "failure" ? value : text;
  }

  checkTag({ tag, start }: Properties, own: string, what: string): void {
    if (tag !== "" && tag !== `tag:yaml.org,2002:${own}`)
      throw parserProblem(`can't interpret ${what} as ${tag}`, start);
  }

  blockSequence(properties: Properties): Value {
    this.checkTag(properties, "seq", "sequence");
    const open = this.scanner.take();
    const items: Value[] = [];
    while (this.scanner.peek().type === "blockEntry") {
      this.scanner.take();
      const { type } = this.scanner.peek();
      items.push(type === "blockEntry" || type === "blockEnd" ? nullValue(dynamicType) : this.node(true, false));
    }
    const close = this.scanner.peek();
    if (close.type !== "blockEnd") throw parserProblem("did not find expected '-' indicator", close.start, open.start);
    this.scanner.take();
    return tupleValue(items);
  }

  indentlessSequence(properties: Properties): Value {
    this.checkTag(properties, "seq", "sequence");
    const items: Value[] = [];
    while (this.scanner.peek().type === "blockEntry") {
      this.scanner.take();
      const { type } = this.scanner.peek();
      const isEmpty = type === "blockEntry" || type === "key" || type === "value" || type === "blockEnd";
      items.push(isEmpty ? nullValue(dynamicType) : this.node(true, false));
    }
    return tupleValue(items);
  }

  blockMapping(properties: Properties): Value {
    this.checkTag(properties, "map", "mapping");
    const open = this.scanner.take();
    const fields = new Map<string, Value>();
    for (;;) {
      const token = this.scanner.peek();
      if (token.type === "blockEnd") break;
      if (token.type !== "key" && token.type !== "value")
        throw parserProblem("did not find expected key", token.start, open.start);
      const key = this.blockKey(token);
      const value = (): Value => {
        if (this.scanner.peek().type !== "value") return nullValue(dynamicType);
        this.scanner.take();
        return this.endsEntry() ? nullValue(dynamicType) : this.node(true, true);
      };
      this.addField(fields, key, value);
    }
    this.scanner.take();
    return objectValue(fields);
  }

  endsEntry(): boolean {
    const { type } = this.scanner.peek();
    return type === "key" || type === "value" || type === "blockEnd";
  }

  blockKey(token: YamlToken): Key {
    if (token.type === "value") return emptyKey(token.start);
    this.scanner.take();
    return this.endsEntry() ? emptyKey(token.end) : this.key(true);
  }

  /** A key as it is written: only scalars may be keys. */
  key(block: boolean): Key {
    const first = this.scanner.peek();
    if (first.type === "alias") throw parserProblem("only strings are allowed as mapping keys", first.start);
    const properties = this.properties(first.start);
    const token = this.scanner.peek();
    if (token.type === "scalar") {
      this.scanner.take();
      const value = resolveScalar(properties.tag, token.text, token.style);
      return { value, start: properties.start };
    }
    const isCollection =
      /^(?:flow(?:Sequence|Mapping)Start)$/.test(token.type) ||
      (block && /^block(?:Sequence|Mapping)Start$|^blockEntry$/.test(token.type));
    if (isCollection) throw parserProblem("only strings are allowed as mapping keys", properties.start);
    if (properties.anchor !== undefined || properties.tag !== "") return emptyKey(properties.start);
    throw parserProblem("did not find expected node content", token.start, properties.start);
  }

  addField(fields: Map<string, Value>, key: Key, read: () => Value): void {
    if (key.value === "merge") {
      const merged = read();
      if (!("fields" in merged))
        throw parserProblem(`cannot merge ${friendlyName(typeOf(merged))} into mapping`, key.start);
      for (const [name, item] of merged.fields) fields.set(name, item);
      return;
    }
    const name = convertValue(key.value, stringType);
    if (name.kind === "null") throw parserProblem("mapping key cannot be null", key.start);
    if (name.kind !== "string") throw parserProblem("only strings are allowed as mapping keys", key.start);
    fields.set(name.value, read());
  }

  flowSequence(properties: Properties): Value {
    this.checkTag(properties, "seq", "sequence");
    const open = this.scanner.take();
    const items: Value[] = [];
    for (let first = true; this.scanner.peek().type !== "flowSequenceEnd"; first = false) {
      if (!first) {
        const token = this.scanner.peek();
        if (token.type !== "flowEntry")
          throw parserProblem("did not find expected ',' or ']'", token.start, open.start);
        this.scanner.take();
        if (this.scanner.peek().type === "flowSequenceEnd") break;
      }
      items.push(this.scanner.peek().type === "key" ? this.flowPair() : this.node(false, false));
    }
    this.scanner.take();
    return tupleValue(items);
  }

  /** `[a: b]`: a mapping of one field. */
  flowPair(): Value {
    const fields = new Map<string, Value>();
    const { end } = this.scanner.take();
    const { type } = this.scanner.peek();
    const isEmpty = type === "value" || type === "flowEntry" || type === "flowSequenceEnd";
    const key = isEmpty ? emptyKey(end) : this.key(false);
    this.addField(fields, key, () => this.flowValue("flowSequenceEnd"));
    return objectValue(fields);
  }

  flowValue(close: YamlToken["type"]): Value {
    if (this.scanner.peek().type !== "value") return nullValue(dynamicType);
    this.scanner.take();
    const { type } = this.scanner.peek();
    return type === "flowEntry" || type === close ? nullValue(dynamicType) : this.node(false, false);
  }

  flowMapping(properties: Properties): Value {
    this.checkTag(properties, "map", "mapping");
    const open = this.scanner.take();
    const fields = new Map<string, Value>();
    for (let first = true; this.scanner.peek().type !== "flowMappingEnd"; first = false) {
      if (!first) {
        const token = this.scanner.peek();
        if (token.type !== "flowEntry")
          throw parserProblem("did not find expected ',' or '}'", token.start, open.start);
        this.scanner.take();
        if (this.scanner.peek().type === "flowMappingEnd") break;
      }
      const key = this.flowKey();
      this.addField(fields, key, () => this.flowValue("flowMappingEnd"));
    }
    this.scanner.take();
    return objectValue(fields);
  }

  flowKey(): Key {
    const token = this.scanner.peek();
    if (token.type !== "key") return token.type === "value" ? emptyKey(token.start) : this.key(false);
    this.scanner.take();
    const { type } = this.scanner.peek();
    return type === "value" || type === "flowEntry" || type === "flowMappingEnd"
      ? emptyKey(token.end)
      : this.key(false);
  }
}

interface Key {
  readonly value: Value | "merge";
  readonly start: YamlMark;
}

const emptyKey = (start: YamlMark): Key => ({ value: nullValue(dynamicType), start });

const resolveAt = (tag: string, text: string, style: YamlStyle, start: YamlMark): Value => {
  try {
    const value = resolveScalar(tag, text, style);
    return value === "merge" ? stringValue("<<") : value;
  } catch (problem) {
    if (problem instanceof YamlProblem) throw parserProblem(problem.message, start);
    throw problem;
  }
};

const prefix = "tag:yaml.org,2002:";

const words: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map(
    (word) => [word, boolValue(true)] as const,
  ),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map(
    (word) => [word, boolValue(false)] as const,
  ),
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, nullValue(dynamicType)] as const),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map(
    (word) => [word, numberValue(Number.POSITIVE_INFINITY)] as const,
  ),
  ...["-.inf", "-.Inf", "-.INF"].map((word) => [word, numberValue(Number.NEGATIVE_INFINITY)] as const),
]);

const resolvable = new Set([
  "",
  ...["str", "bool", "int", "float", "null", "timestamp", "binary"].map((tag) => prefix + tag),
]);

/** The value of a scalar by its tag and text (go-cty-yaml `resolveScalar`). */
const resolveScalar = (tag: string, text: string, style: YamlStyle): Value | "merge" => {
  if (!resolvable.has(tag)) throw new YamlProblem(`unsupported tag ${quoteGo(tag)}`);
  let own = tag.slice(prefix.length);
  const mayBeMore = text === "" || /^[+\-0-9yYnNtTfFoO~.]/.test(text);
  if (mayBeMore && own !== "str" && own !== "binary") {
    if (style === "single" || style === "double") return stringValue(text);
    const word = words.get(text);
    if (word !== undefined) return word;
    if (own === "" && /^\.(?:nan|NaN|NAN)$/.test(text)) throw new YamlProblem("floating point NaN is not supported");
    const number = text.startsWith(".") ? parseNum(text) : undefined;
    if (number !== undefined) return numberValue(number);
    if (/^[+\-0-9]/.test(text)) {
      const time = own === "" || own === "timestamp" ? timestamp(text) : undefined;
      if (time !== undefined) return stringValue(time);
      if (/^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$/.test(text)) own = "int";
      else if (/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(text)) own = "float";
    }
  }
  if (tag === "" && text === "<<") return "merge";
  return resolveTagged(own, tag, text);
};

const resolveTagged = (own: string, tag: string, text: string): Value => {
  const cannot = new YamlProblem(`cannot parse ${quoteGo(text)} as ${tag === "" ? `${prefix}${own}` : tag}`);
  switch (own) {
    case "binary":
      if (typeof decodeBase64(text) === "number")
        throw new YamlProblem(`cannot parse ${quoteGo(text)} as ${tag}: not valid base64`);
      return stringValue(text);
    case "bool": {
      const word = words.get(text);
      if (word?.kind !== "bool") throw cannot;
      return word;
    }
    case "int":
    case "float": {
      const plain = text.replaceAll("_", "");
      const number = parseNum(plain);
      if (number !== undefined) return numberValue(number);
      if (/^[+-]?0[xXoObB][0-9a-fA-F]+$/.test(plain)) return numberValue(Number(plain));
      throw cannot;
    }
    case "timestamp": {
      const time = timestamp(text);
      if (time === undefined) throw cannot;
      return stringValue(time);
    }
    case "null":
      return nullValue(dynamicType);
    default:
      return stringValue(text);
  }
};

/** A date or time of YAML 1.1 in RFC 3339 form. */
const timestamp = (text: string): string | undefined => {
  const match =
    /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt](\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?(Z|[+-]\d\d:\d\d)| (\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?)?$/.exec(
      text,
    );
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0] = match.slice(1, 4).map(Number);
  const [hour = 0, minute = 0, second = 0] = [match[4] ?? match[8], match[5] ?? match[9], match[6] ?? match[10]].map(
    (part) => Number(part ?? "0"),
  );
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59)
    return undefined;
  const zone = match[7] ?? "Z";
  const offset =
    zone === "Z" ? 0 : (zone.startsWith("-") ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6)));
  const seconds = date.getTime() / 1000 + hour * 3600 + minute * 60 + second - offset * 60;
  return formatTimestamp({ seconds, nanos: 0, offset });
};
