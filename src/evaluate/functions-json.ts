import { dynamicType, stringType, type Type } from "../model/type.ts";
import type { UnknownValue, Value } from "../model/value.ts";
import { type FunctionDefinition, type FunctionFailure, fail, notNull, unknownResult } from "./functions-definition.ts";
import { isWhollyKnown, stringValue } from "./values-construct.ts";
import { type ExactJson, jsonToValue, valueToJsonText } from "./values-json.ts";
import { definitelyNotNull, refine, stringPrefix } from "./values-refine.ts";
import { quoteGo } from "./values-set.ts";
import { typeOf } from "./values-type.ts";

/** Deeper documents are refused; Go's decoder has a limit of the same kind. */
const maxDepth = 5_000;

/** Where the reader stands within the document, as Go's json.Decoder names it in its errors. */
const lookingFor = " looking for beginning of value";

class JsonProblem extends Error {}

/** Reads JSON with exact numbers and Go's error texts (encoding/json `Decoder.Token`). */
export const parseExactJson = (text: string): ExactJson | FunctionFailure => {
  const reader = new JsonReader(text);
  try {
    const value = reader.value(reader.peek(), lookingFor, 0);
    if (reader.more()) return fail("extraneous data after JSON object");
    return value;
  } catch (problem) {
    if (problem instanceof JsonProblem) return fail(problem.message);
    throw problem;
  }
};

class JsonReader {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** The next character that is no space. */
  peek(): string {
    this.at = skipSpaces(this.text, this.at);
    const char = this.text[this.at];
    if (char === undefined) throw new JsonProblem("EOF");
    return char;
  }

  more(): boolean {
    this.at = skipSpaces(this.text, this.at);
    const char = this.text[this.at];
    return char !== undefined && char !== "]" && char !== "}";
  }

  unexpected(context: string): never {
    throw new JsonProblem(`invalid character ${quoteChar(this.text, this.at)}${context}`);
  }

  value(char: string, context: string, depth: number): ExactJson {
    if (depth > maxDepth) throw new JsonProblem("exceeded max depth");
    switch (char) {
      case "{":
        this.at++;
        return this.object(depth);
      case "[":
        this.at++;
        return this.array(depth);
      case '"':
        return this.string();
      case "t":
        return this.word("true", true);
      case "f":
        return this.word("false", false);
      case "n":
        return this.word("null", null);
      default:
        if (char === "-" || (char >= "0" && char <= "9")) return { number: this.number() };
        return this.unexpected(context);
    }
  }

  object(depth: number): ExactJson {
    const fields = new Map<string, ExactJson>();
    let char = this.peek();
    if (char === "}") {
      this.at++;
      return fields;
    }
    for (let first = true; ; first = false) {
      if (char !== '"') this.unexpected(first ? "" : " looking for beginning of object key string");
      const key = this.string();
      if (this.peek() !== ":") this.unexpected(" after object key");
      this.at++;
      fields.set(key, this.value(this.peek(), lookingFor, depth + 1));
      char = this.peek();
      if (char === "}") break;
      if (char !== ",") this.unexpected(" after object key:value pair");
      this.at++;
      char = this.peek();
    }
    this.at++;
    return fields;
  }

  array(depth: number): ExactJson {
    const items: ExactJson[] = [];
    let char = this.peek();
    if (char === "]") {
      this.at++;
      return items;
    }
    for (;;) {
      items.push(this.value(char, lookingFor, depth + 1));
      char = this.peek();
      if (char === "]") break;
      if (char !== ",") this.unexpected(" after array element");
      this.at++;
      char = this.peek();
    }
    this.at++;
    return items;
  }

  word<T extends boolean | null>(word: string, value: T): T {
    for (let index = 1; index < word.length; index++) {
      const found = this.text[this.at + index];
      if (found === word[index]) continue;
      if (found === undefined) throw new JsonProblem("unexpected EOF");
      this.at += index;
      this.unexpected(` in literal ${word} (expecting '${word[index]}')`);
    }
    this.at += word.length;
    return value;
  }

  number(): string {
    const start = this.at;
    if (this.text[this.at] === "-") this.at++;
    if (this.text[this.at] === "0") this.at++;
    else this.digits(" in numeric literal");
    if (this.text[this.at] === ".") {
      this.at++;
      this.digits(" after decimal point in numeric literal");
    }
    if (/[eE]/.test(this.text[this.at] ?? "")) {
      this.at++;
      if (/[+-]/.test(this.text[this.at] ?? "")) this.at++;
      this.digits(" in exponent of numeric literal");
    }
    return this.text.slice(start, this.at);
  }

  digits(context: string): void {
    const start = this.at;
    while (/[0-9]/.test(this.text[this.at] ?? "")) this.at++;
    if (this.at > start) return;
    if (this.at >= this.text.length) throw new JsonProblem("unexpected EOF");
    this.unexpected(context);
  }

  string(): string {
    const start = this.at;
    this.at++;
    for (;;) {
      const char = this.text[this.at];
      if (char === undefined) throw new JsonProblem("unexpected EOF");
      if (char === '"') break;
      if (char < " ") this.unexpected(" in string literal");
      this.at++;
      if (char === "\\") this.escape();
    }
    this.at++;
    return (JSON.parse(this.text.slice(start, this.at)) as string).toWellFormed();
  }

  escape(): void {
    const char = this.text[this.at];
    if (char === undefined) throw new JsonProblem("unexpected EOF");
    if (!/["\\/bfnrtu]/.test(char)) this.unexpected(" in string escape code");
    this.at++;
    if (char !== "u") return;
    for (let count = 0; count < 4; count++, this.at++) {
      const digit = this.text[this.at];
      if (digit === undefined) throw new JsonProblem("unexpected EOF");
      if (!/[0-9a-fA-F]/.test(digit)) this.unexpected(" in \\u hexadecimal character escape");
    }
  }
}

const skipSpaces = (text: string, from: number): number => {
  let at = from;
  while (text[at] === " " || text[at] === "\n" || text[at] === "\t" || text[at] === "\r") at++;
  return at;
};

/** The first byte of a character in single quotes, as Go shows it. */
const quoteChar = (text: string, at: number): string => {
  const char = text[at] ?? "";
  if (char === "'") return "'\\''";
  if (char === '"') return "'\"'";
  const code = text.codePointAt(at) ?? 0;
  const byte = code < 0x80 ? code : (Buffer.from(String.fromCodePoint(code))[0] ?? 0);
  return `'${quoteGo(String.fromCharCode(byte)).slice(1, -1)}'`;
};

const jsondecode: FunctionDefinition = {
  parameters: [{ name: "str", type: stringType }],
  result: ([text]) => {
    if (text?.kind === "string") {
      const json = parseExactJson(text.value);
      return isFailure(json) ? json : typeOf(jsonToValue(json));
    }
    return text === undefined ? dynamicType : typeFromPrefix(stringPrefix(text).trim());
  },
  call: ([text]) => {
    const json = parseExactJson(text?.kind === "string" ? text.value : "");
    return isFailure(json) ? json : jsonToValue(json);
  },
};

const isFailure = (json: ExactJson | FunctionFailure): json is FunctionFailure =>
  typeof json === "object" && json !== null && "kind" in json;

/** What the known beginning of a document says of its type. */
const typeFromPrefix = (prefix: string): Type | FunctionFailure => {
  const first = [...prefix][0];
  if (first === undefined || /[{[n]/.test(first)) return dynamicType;
  if (first === '"') return stringType;
  if (/[tf]/.test(first)) return { kind: "bool" };
  if (/[-0-9.]/.test(first)) return { kind: "number" };
  return fail(`a JSON document cannot begin with the character '${first}'`, 0);
};

const jsonencode: FunctionDefinition = {
  parameters: [{ name: "val", type: dynamicType, allowUnknown: true, allowDynamic: true, allowNull: true }],
  result: stringType,
  refinement: notNull,
  call: ([value]) => {
    if (value === undefined) return stringValue("null");
    if (!isWhollyKnown(value)) return openJson(value);
    const text = valueToJsonText(value);
    return typeof text === "string" ? stringValue(text) : fail("cannot serialize infinity as JSON");
  },
};

const openJson = (value: Value): Value => {
  const unknown = unknownResult(stringType, [value]);
  if (unknown.kind !== "unknown") return unknown;
  const open: UnknownValue = { ...unknown, draft: { kind: "json", value } };
  if (!definitelyNotNull(value)) return open;
  const { kind } = typeOf(value);
  const prefix =
    kind === "string"
      ? '"'
      : kind === "object" || kind === "map"
        ? "{"
        : kind === "tuple" || kind === "list" || kind === "set"
          ? "["
          : "";
  return prefix === "" ? open : refine(open, { prefix });
};

/** jsondecode and jsonencode. */
export const jsonFunctions: Readonly<Record<string, FunctionDefinition>> = { jsondecode, jsonencode };
