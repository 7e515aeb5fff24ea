import type { Value } from "../model/value.ts";
import { formatNum } from "./values-number-text.ts";

/** Writes a wholly known value as YAML, in the form in which Terraform does (go-cty-yaml 1.1 with libyaml's emitter). */
export const writeYaml = (value: Value): string => {
  const writer = new YamlWriter();
  writer.node(value, -2, "root");
  // A plain scalar alone might go on, so its end is marked.
  const isPlain = value.kind === "null" || value.kind === "bool" || value.kind === "number";
  return isPlain ? `${writer.finish()}...\n` : writer.finish();
};

type Context = "root" | "sequence" | "mapping";

/** Lines of quoted text are broken at spaces past this column. */
const bestWidth = 80;

class YamlWriter {
  out = "";
  column = 0;

  put(text: string): void {
    this.out += text;
    const end = text.lastIndexOf("\n");
    this.column = end < 0 ? this.column + [...text].length : [...text.slice(end + 1)].length;
  }

  finish(): string {
    return this.out.endsWith("\n") ? this.out : `${this.out}\n`;
  }

  /** `indent` is that of the collection around. The cursor stands after `- `, `key:` or at the start. */
  node(value: Value, indent: number, context: Context): void {
    switch (value.kind) {
      case "list":
      case "set":
      case "tuple":
        if (value.items.length === 0) this.scalar("[]", context);
        else this.sequence(value.items, indent, context);
        return;
      case "map":
      case "object":
        if (value.fields.size === 0) this.scalar("{}", context);
        else this.mapping(value.fields, indent, context);
        return;
      default:
        this.primitive(value, indent, context);
    }
  }

  scalar(text: string, context: Context): void {
    this.put(context === "mapping" ? ` ${text}` : text);
  }

  sequence(items: readonly Value[], indent: number, context: Context): void {
    // Sequences within mappings are not indented.
    const own = context === "mapping" ? indent : indent + 2;
    for (const [index, item] of items.entries()) {
      this.startLine(own, index === 0 && context !== "mapping");
      this.put("- ");
      this.node(item, own, "sequence");
    }
  }

  mapping(fields: ReadonlyMap<string, Value>, indent: number, context: Context): void {
    const own = indent + 2;
    let first = context !== "mapping";
    for (const [key, item] of fields) {
      this.startLine(own, first);
      first = false;
      if (Buffer.byteLength(key) <= 128 && !/[\n\r\u0085\u2028\u2029]/.test(key)) {
        this.quoted(key, own, false);
        this.put(":");
        this.node(item, own, "mapping");
      } else {
        this.put("? ");
        this.text(key, own);
        this.startLine(own, false);
        this.put(": ");
        this.complexValue(item, own);
      }
    }
  }

  /** After `? key` the value stands behind `: `, as an item of a sequence does. */
  complexValue(item: Value, indent: number): void {
    this.node(item, indent, "sequence");
  }

  startLine(indent: number, here: boolean): void {
    if (here) return;
    if (this.column > 0) this.put("\n");
    this.put(" ".repeat(Math.max(indent, 0)));
  }

  primitive(value: Value, indent: number, context: Context): void {
    if (context === "mapping") this.put(" ");
    if (value.kind === "string") this.text(value.value, indent);
    else if (value.kind === "number") this.put(formatNum(value.value, value.precision));
    else if (value.kind === "bool") this.put(value.value ? "true" : "false");
    else this.put("null");
  }

  text(text: string, indent: number): void {
    const own = Math.max(indent, 0) + 2;
    if (text.includes("\n") && isBlockAllowed(text)) this.literal(text, own);
    else this.quoted(text, own, true);
  }

  literal(text: string, indent: number): void {
    this.put(`|${/^[ \n\r\u0085\u2028\u2029]/.test(text) ? "2" : ""}${chomping(text)}\n`);
    for (const [line] of text.matchAll(/[^\n\r\u0085\u2028\u2029]*(?:[\n\r\u0085\u2028\u2029]|$)/g)) {
      if (line === "") continue;
      if (!/^[\n\r\u0085\u2028\u2029]/.test(line)) this.put(" ".repeat(Math.max(indent, 0)));
      this.put(line);
    }
  }

  quoted(text: string, indent: number, mayBreak: boolean): void {
    this.put('"');
    const chars = [...text];
    let afterSpace = false;
    for (const [index, char] of chars.entries()) {
      if (char !== " ") {
        this.put(escaped(char));
        afterSpace = false;
        continue;
      }
      const isInside = index > 0 && index < chars.length - 1;
      if (mayBreak && !afterSpace && this.column > bestWidth && isInside) {
        this.put(`\n${" ".repeat(Math.max(indent, 0))}`);
        if (chars[index + 1] === " ") this.put("\\");
      } else this.put(" ");
      afterSpace = true;
    }
    this.put('"');
  }
}

/** Characters beyond U+FFFF count as not printable upstream and are written as escapes. */
const isPrintable = (char: string): boolean => /^[\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]$/.test(char);

/** Text that a literal block can hold as it is (libyaml `analyze_scalar`). */
const isBlockAllowed = (text: string): boolean =>
  !text.endsWith(" ") && !/ [\n\r\u0085\u2028\u2029]/.test(text) && [...text].every(isPrintable);

const chomping = (text: string): string => {
  if (!/[\n\r\u0085\u2028\u2029]$/.test(text)) return "-";
  return text.length === 1 || /[\n\r\u0085\u2028\u2029]{2}$/.test(text) ? "+" : "";
};

const names: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\u0007": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\u001b": "\\e",
  '"': '\\"',
  "\\": "\\\\",
  "\u0085": "\\N",
  "\u00a0": "\\_",
  "\u2028": "\\L",
  "\u2029": "\\P",
};

const escaped = (char: string): string => {
  const isPlain =
    isPrintable(char) && char !== "\n" && char !== '"' && char !== "\\" && char !== "\u2028" && char !== "\u2029";
  if (isPlain) return char;
  const name = names[char];
  if (name !== undefined) return name;
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
};
