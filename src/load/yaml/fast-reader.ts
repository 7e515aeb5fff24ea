import type { Json } from "../../model/json.ts";
import { keyText, resolvePlainScalar } from "./plain-scalar.ts";

// Past 300 lines: one recursive reader over one text; the parts share its position and would only pass it around.

/** Where the parts of a container were written: key or index to [key start, value start, value end]. */
export type PlaceTable = Map<object, Map<string | number, readonly [number, number, number]>>;

export interface FastResult {
  readonly value: Json;
  readonly duplicates: readonly { readonly key: string; readonly offset: number }[];
}

/** Thrown inside this file only: the text uses something that the fast reader leaves to the full one. */
const unusual = new Error("left to the full reader");

const space = 32;
const newline = 10;
const tab = 9;
const maximumDepth = 200;

/**
 * Reads the part of YAML that manifests are made of: block and flow collections, plain and one-line quoted scalars, literal and
 * folded text. Returns undefined for everything else (anchors, tags, merge keys, errors), which the full reader then decides.
 */
export const readFast = (text: string, start: number, end: number, places?: PlaceTable): FastResult | undefined => {
  try {
    return new Reader(text, start, end, places).document();
  } catch (error) {
    if (error === unusual) return undefined;
    throw error;
  }
};

class Reader {
  readonly text: string;
  readonly end: number;
  readonly places: PlaceTable | undefined;
  readonly duplicates: { key: string; offset: number }[] = [];
  pos: number;
  /** Column of the token at `pos`, when `advance` has just moved to a new line. */
  column = 0;
  /** End of the value read last. */
  valueEnd = 0;
  depth = 0;
  /** Where `advance` stopped last; asking again there changes nothing. */
  token = -1;

  constructor(text: string, start: number, end: number, places: PlaceTable | undefined) {
    this.text = text;
    this.pos = start;
    this.end = end;
    this.places = places;
  }

  document(): FastResult {
    this.advance();
    if (this.pos >= this.end) return { value: null, duplicates: [] };
    if (this.text.startsWith("---", this.pos)) throw unusual;
    const value = this.blockNode(-1);
    this.advance();
    if (this.pos < this.end) throw unusual;
    return { value, duplicates: this.duplicates };
  }

  /** Moves over blanks, comments and line ends to the next token; leaves its column when a line was passed. */
  advance(): void {
    const { text, end } = this;
    if (this.pos === this.token) return;
    let at = this.pos;
    let lineStart = at === 0 || text.charCodeAt(at - 1) === newline ? at : -1;
    for (; at < end; at++) {
      const unit = text.charCodeAt(at);
      if (unit === space) continue;
      if (unit === newline) {
        lineStart = at + 1;
        continue;
      }
      if (unit === 35) {
        if (at > 0 && lineStart !== at) {
          const before = text.charCodeAt(at - 1);
          if (before !== space && before !== newline) throw unusual;
        }
        const stop = text.indexOf("\n", at);
        at = stop === -1 || stop >= end ? end - 1 : stop - 1;
        continue;
      }
      if (unit === tab || unit === 13) throw unusual;
      break;
    }
    if (lineStart === -1 && at < end) throw unusual;
    this.column = at - lineStart;
    this.pos = at;
    this.token = at;
  }

  /** A node that begins on its own line, deeper than its parent. */
  blockNode(parent: number): Json {
    if (++this.depth > maximumDepth) throw unusual;
    const value = this.isDash(this.pos)
      ? this.sequence(this.column)
      : this.keyEnd(this.pos) !== -1
        ? this.mapping(this.column)
        : this.inlineValue(parent);
    this.depth--;
    return value;
  }

  isDash(at: number): boolean {
    if (this.text.charCodeAt(at) !== 45) return false;
    if (at + 1 >= this.end) return true;
    const next = this.text.charCodeAt(at + 1);
    if (next === tab || next === 13) throw unusual;
    return next === space || next === newline;
  }

  sequence(column: number): Json {
    const items: Json[] = [];
    const table = this.tableFor(items);
    for (;;) {
      const dash = this.pos;
      this.pos++;
      this.skipSpaces();
      let value: Json;
      const unit = this.pos < this.end ? this.text.charCodeAt(this.pos) : newline;
      let from = this.pos;
      if (unit === newline || unit === 35) {
        this.advance();
        from = this.pos;
        if (this.pos < this.end && this.column > column) value = this.blockNode(column);
        else {
          value = null;
          from = dash;
          this.valueEnd = dash + 1;
        }
      } else {
        this.column = column + (this.pos - dash);
        value =
          this.isDash(this.pos) || this.keyEnd(this.pos) !== -1 ? this.blockNode(column) : this.inlineValue(column);
      }
      table?.set(items.length, [from, from, this.valueEnd]);
      items.push(value);
      this.advance();
      if (this.pos >= this.end || this.column < column) return items;
      if (this.column > column) throw unusual;
      if (!this.isDash(this.pos)) return items;
    }
  }

  mapping(column: number): Json {
    const fields: Record<string, Json> = {};
    const table = this.tableFor(fields);
    for (;;) {
      const keyStart = this.pos;
      const keyStop = this.keyEnd(keyStart);
      if (keyStop === -1) throw unusual;
      const key = this.key(keyStart, keyStop);
      this.skipSpaces();
      if (this.text.charCodeAt(this.pos) !== 58) throw unusual;
      this.pos++;
      this.skipSpaces();
      let value: Json;
      let from = this.pos;
      const unit = this.pos < this.end ? this.text.charCodeAt(this.pos) : newline;
      if (unit === newline || unit === 35) {
        this.valueEnd = this.pos;
        this.advance();
        if (this.pos < this.end && (this.column > column || (this.column === column && this.isDash(this.pos)))) {
          from = this.pos;
          value = this.column > column ? this.blockNode(column) : this.sequence(column);
        } else value = null;
      } else {
        value = this.inlineValue(column);
      }
      this.put(fields, key, value, keyStart);
      table?.set(key, [keyStart, from, this.valueEnd]);
      this.advance();
      if (this.pos >= this.end || this.column < column) return fields;
      if (this.column > column) throw unusual;
      if (this.isDash(this.pos)) throw unusual;
    }
  }

  put(fields: Record<string, Json>, key: string, value: Json, offset: number): void {
    if (key in fields) {
      if (Object.hasOwn(fields, key)) this.duplicates.push({ key, offset });
      else if (key === "__proto__") throw unusual;
    }
    fields[key] = value;
  }

  tableFor(container: object): Map<string | number, readonly [number, number, number]> | undefined {
    if (this.places === undefined) return undefined;
    const table = new Map<string | number, readonly [number, number, number]>();
    this.places.set(container, table);
    return table;
  }

  skipSpaces(): void {
    while (this.pos < this.end && this.text.charCodeAt(this.pos) === space) this.pos++;
    if (this.text.charCodeAt(this.pos) === tab) throw unusual;
  }

  /** End of the key that starts at `at` when the line holds one (`key:` and a blank), else -1. */
  keyEnd(at: number): number {
    const { text, end } = this;
    const first = text.charCodeAt(at);
    if (first === 34 || first === 39) {
      const close = this.quoteEnd(at, first);
      if (close === -1) return -1;
      let colon = close;
      while (colon < end && text.charCodeAt(colon) === space) colon++;
      return text.charCodeAt(colon) === 58 ? close : -1;
    }
    if (first === 123 || first === 91) return -1;
    for (let scan = at; scan < end; scan++) {
      const unit = text.charCodeAt(scan);
      if (unit === newline) return -1;
      if (unit === 58) {
        const next = scan + 1 < end ? text.charCodeAt(scan + 1) : newline;
        if (next === space || next === newline) return scan;
        if (next === 13 || next === tab) throw unusual;
      } else if (unit === 35 && scan > at && text.charCodeAt(scan - 1) === space) return -1;
    }
    return -1;
  }

  key(start: number, stop: number): string {
    const first = this.text.charCodeAt(start);
    this.pos = stop;
    if (first === 34 || first === 39) return this.quoted(start, stop, first);
    this.refuseIndicator(start);
    const plain = this.text.slice(start, stop).trimEnd();
    if (plain === "<<") throw unusual;
    const key = keyText(resolvePlainScalar(plain));
    if (key === undefined) throw unusual;
    return key;
  }

  /** A value that begins on the line of its key or dash. */
  inlineValue(parent: number): Json {
    const first = this.text.charCodeAt(this.pos);
    switch (first) {
      case 123:
      case 91: {
        const value = this.flowNode();
        this.valueEnd = this.pos;
        this.endOfLine();
        return value;
      }
      case 34:
      case 39: {
        const stop = this.quoteEnd(this.pos, first);
        if (stop === -1) throw unusual;
        const value = this.quoted(this.pos, stop, first);
        this.pos = stop;
        this.valueEnd = stop;
        this.endOfLine();
        return value;
      }
      case 124:
      case 62:
        return this.blockScalar(first === 124, parent);
      default:
        return this.plain(parent);
    }
  }

  /** After a complete value only blanks and a comment may follow on the line. */
  endOfLine(): void {
    const before = this.pos;
    this.skipSpaces();
    const unit = this.pos < this.end ? this.text.charCodeAt(this.pos) : newline;
    if (unit === newline) return;
    if (unit !== 35 || this.pos === before) throw unusual;
  }

  refuseIndicator(at: number): void {
    switch (this.text.charCodeAt(at)) {
      case 33: // !
      case 37: // %
      case 38: // &
      case 42: // *
      case 44: // ,
      case 64: // @
      case 93: // ]
      case 96: // `
      case 125: // }
      case 35: // #
      case 124: // |
      case 62: // >
      case 58: // :
        throw unusual;
      case 63: // ?
      case 45: {
        const next = this.text.charCodeAt(at + 1);
        if (next === space || next === newline || next === 58 || at + 1 >= this.end) throw unusual;
      }
    }
  }

  /** An unquoted value in block context, with the lines that continue it. */
  plain(parent: number): Json {
    this.refuseIndicator(this.pos);
    let text = this.plainLine();
    let lines = 1;
    let blank = 0;
    for (;;) {
      const stop = this.pos;
      // A comment ends the scalar.
      if (stop < this.end && this.text.charCodeAt(stop) !== newline) break;
      let at = stop + 1;
      let lineStart = at;
      while (at < this.end) {
        const unit = this.text.charCodeAt(at);
        if (unit === newline) {
          blank++;
          lineStart = at + 1;
        } else if (unit !== space) break;
        at++;
      }
      if (at >= this.end || at - lineStart <= parent || this.text.charCodeAt(at) === 35) break;
      if (this.keyEnd(at) !== -1 || this.text.charCodeAt(at) === tab) throw unusual;
      this.pos = at;
      const line = this.plainLine();
      text += blank > 0 ? "\n".repeat(blank) + line : ` ${line}`;
      blank = 0;
      lines++;
    }
    return lines === 1 ? resolvePlainScalar(text) : text;
  }

  /** One line of an unquoted value; leaves `pos` at its end or at the comment after it. */
  plainLine(): string {
    const { text, end } = this;
    const start = this.pos;
    let at = start;
    for (; at < end; at++) {
      const unit = text.charCodeAt(at);
      if (unit === newline) break;
      if (unit === 58) {
        const next = at + 1 < end ? text.charCodeAt(at + 1) : newline;
        if (next === space || next === newline || next === tab) throw unusual;
      } else if (unit === 35) {
        if (text.charCodeAt(at - 1) === space) break;
      } else if (unit < space) throw unusual;
    }
    let stop = at;
    while (stop > start && text.charCodeAt(stop - 1) === space) stop--;
    this.pos = at;
    this.valueEnd = stop;
    return text.slice(start, stop);
  }

  /** Offset after the closing quote when the scalar ends on its line, else -1. */
  quoteEnd(at: number, quote: number): number {
    const { text, end } = this;
    for (let scan = at + 1; scan < end; scan++) {
      const unit = text.charCodeAt(scan);
      if (unit === newline) return -1;
      if (unit === 92 && quote === 34) scan++;
      else if (unit === quote) {
        if (quote === 39 && text.charCodeAt(scan + 1) === 39) scan++;
        else return scan + 1;
      }
    }
    return -1;
  }

  quoted(start: number, stop: number, quote: number): string {
    const inner = this.text.slice(start + 1, stop - 1);
    if (quote === 39) return inner.includes("'") ? inner.replaceAll("''", "'") : inner;
    if (!inner.includes("\\")) return inner;
    return inner.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[\s\S])/g, (_, code: string) => decodeEscape(code));
  }

  /** Literal (`|`) and folded (`>`) text. */
  blockScalar(literal: boolean, parent: number): string {
    const { text, end } = this;
    let at = this.pos + 1;
    let chomp = "";
    const sign = text[at];
    if (at < end && (sign === "-" || sign === "+")) {
      chomp = sign;
      at++;
    }
    while (at < end && text.charCodeAt(at) === space) at++;
    const header = at < end ? text.charCodeAt(at) : newline;
    if (header !== newline && (header !== 35 || text.charCodeAt(at - 1) !== space)) throw unusual;
    const lineEnd = text.indexOf("\n", at);
    at = lineEnd === -1 || lineEnd >= end ? end : lineEnd + 1;
    const lines: string[] = [];
    let indent = -1;
    let last = 0;
    this.valueEnd = Math.min(at, end);
    while (at < end) {
      const found = text.indexOf("\n", at);
      const stop = found === -1 || found > end ? end : found;
      let token = at;
      while (token < stop && text.charCodeAt(token) === space) token++;
      if (token === stop) {
        if (indent === -1 ? token - at > 0 && token - at > parent + 1 : token - at > indent) {
          if (indent === -1) throw unusual;
          lines.push(text.slice(at + indent, stop));
          last = lines.length;
        } else lines.push("");
        at = stop + 1;
        continue;
      }
      if (text.charCodeAt(token) === tab && indent === -1) throw unusual;
      const column = token - at;
      if (indent === -1) {
        if (column <= parent) break;
        indent = column;
      } else if (column < indent) {
        if (column > parent) throw unusual;
        break;
      }
      if (text.charCodeAt(stop - 1) === 13) throw unusual;
      lines.push(text.slice(at + indent, stop));
      last = lines.length;
      this.valueEnd = stop;
      at = stop + 1;
    }
    this.pos = Math.min(at, end);
    const trailing = lines.length - last;
    const content = lines.slice(0, last);
    const tail =
      chomp === "-" || (last === 0 && chomp === "")
        ? ""
        : chomp === "+"
          ? "\n".repeat(trailing + (last > 0 ? 1 : 0))
          : "\n";
    return (literal ? content.join("\n") : fold(content)) + tail;
  }

  /** `{…}`, `[…]` or a scalar inside one. */
  flowNode(): Json {
    if (++this.depth > maximumDepth) throw unusual;
    const first = this.text.charCodeAt(this.pos);
    const value =
      first === 123
        ? this.flowMapping()
        : first === 91
          ? this.flowSequence()
          : first === 34 || first === 39
            ? this.flowQuoted(first)
            : resolvePlainScalar(this.flowPlain());
    this.depth--;
    return value;
  }

  flowSpace(): number {
    const { text, end } = this;
    for (; this.pos < end; this.pos++) {
      const unit = text.charCodeAt(this.pos);
      if (unit === space || unit === newline || unit === tab || unit === 13) continue;
      if (unit === 35) {
        const stop = text.indexOf("\n", this.pos);
        if (stop === -1 || text.charCodeAt(this.pos - 1) > space) throw unusual;
        this.pos = stop;
        continue;
      }
      return unit;
    }
    throw unusual;
  }

  flowSequence(): Json {
    const items: Json[] = [];
    const table = this.tableFor(items);
    this.pos++;
    for (;;) {
      if (this.flowSpace() === 93) break;
      const from = this.pos;
      const value = this.flowNode();
      table?.set(items.length, [from, from, this.pos]);
      items.push(value);
      const unit = this.flowSpace();
      if (unit === 44) this.pos++;
      else if (unit !== 93) throw unusual;
    }
    this.pos++;
    return items;
  }

  flowMapping(): Json {
    const fields: Record<string, Json> = {};
    const table = this.tableFor(fields);
    this.pos++;
    for (;;) {
      const first = this.flowSpace();
      if (first === 125) break;
      const keyStart = this.pos;
      const isQuoted = first === 34 || first === 39;
      const plain = isQuoted ? this.flowQuoted(first) : this.flowPlain();
      const key = isQuoted ? plain : keyText(resolvePlainScalar(plain));
      if (key === undefined || (key === "<<" && !isQuoted)) throw unusual;
      if (this.flowSpace() !== 58) throw unusual;
      this.pos++;
      const next = this.text.charCodeAt(this.pos);
      if (!isQuoted && next > space) throw unusual;
      const unit = this.flowSpace();
      const from = this.pos;
      const value = unit === 44 || unit === 125 ? null : this.flowNode();
      this.put(fields, key, value, keyStart);
      table?.set(key, [keyStart, from, this.pos]);
      const after = this.flowSpace();
      if (after === 44) this.pos++;
      else if (after !== 125) throw unusual;
    }
    this.pos++;
    return fields;
  }

  flowQuoted(quote: number): string {
    const stop = this.quoteEnd(this.pos, quote);
    if (stop === -1) throw unusual;
    const value = this.quoted(this.pos, stop, quote);
    this.pos = stop;
    return value;
  }

  flowPlain(): string {
    this.refuseIndicator(this.pos);
    const { text, end } = this;
    const start = this.pos;
    let at = start;
    for (; at < end; at++) {
      const unit = text.charCodeAt(at);
      if (unit === 44 || unit === 93 || unit === 125 || unit === newline) break;
      if (unit === 123 || unit === 91 || unit === 13 || unit === tab) throw unusual;
      if (unit === 58) {
        const next = at + 1 < end ? text.charCodeAt(at + 1) : newline;
        if (next <= space || next === 44 || next === 93 || next === 125) break;
      }
      if (unit === 35 && text.charCodeAt(at - 1) === space) throw unusual;
    }
    this.pos = at;
    return text.slice(start, at).trimEnd();
  }
}

const named: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  '"': '"',
  "\\": "\\",
  "/": "/",
  " ": " ",
  "0": "\0",
  a: "\x07",
  b: "\b",
  e: "\x1b",
  f: "\f",
  v: "\v",
};

const decodeEscape = (code: string): string => {
  if (code.length > 1) return String.fromCharCode(parseInt(code.slice(1), 16));
  const text = named[code];
  if (text === undefined) throw unusual;
  return text;
};

/** Joins the lines of a folded scalar: a line end becomes a blank, unless a line beside it is indented or empty. */
const fold = (lines: readonly string[]): string => {
  let text = "";
  let pendingBlank = 0;
  let previousIndented = false;
  lines.forEach((line, index) => {
    if (line === "") {
      pendingBlank++;
      return;
    }
    const indented = line.startsWith(" ") || line.startsWith("\t");
    if (index === 0 || text === "") text += "\n".repeat(pendingBlank);
    else if (indented || previousIndented) text += "\n".repeat(pendingBlank + 1);
    else text += pendingBlank > 0 ? "\n".repeat(pendingBlank) : " ";
    text += line;
    pendingBlank = 0;
    previousIndented = indented;
  });
  return text;
};
