// Longer than most files: one state machine, whose parts make no sense apart.

/** A place in YAML text, counted from 0 as libyaml does. */
export interface YamlMark {
  readonly index: number;
  readonly line: number;
  readonly column: number;
}

export type YamlStyle = "plain" | "single" | "double" | "block";

export interface YamlToken {
  readonly type:
    | "streamEnd"
    | "directive"
    | "documentStart"
    | "documentEnd"
    | "blockSequenceStart"
    | "blockMappingStart"
    | "blockEnd"
    | "flowSequenceStart"
    | "flowSequenceEnd"
    | "flowMappingStart"
    | "flowMappingEnd"
    | "blockEntry"
    | "flowEntry"
    | "key"
    | "value"
    | "alias"
    | "anchor"
    | "tag"
    | "scalar";
  readonly start: YamlMark;
  readonly end: YamlMark;
  readonly text: string;
  readonly style: YamlStyle;
}

/** A text that is no YAML, with libyaml's words and go-cty-yaml's way of giving the place. */
export class YamlProblem extends Error {}

/** Problems of the scanner are placed at the start of the line after; those on the first line have no place. */
const scannerProblem = (message: string, mark: YamlMark, context: YamlMark): YamlProblem => {
  if (mark.line !== 0) return new YamlProblem(`on line ${mark.line + 1}, column 1: ${message}`);
  if (context.line !== 0) return new YamlProblem(`on line ${context.line}, column ${context.column + 1}: ${message}`);
  return new YamlProblem(message);
};

/** Problems of the parser and of values are placed by a line counted from 0; those on the first line have no place. */
export const parserProblem = (message: string, mark: YamlMark, context: YamlMark = mark): YamlProblem => {
  const place = mark.line === 0 ? context : mark;
  return new YamlProblem(place.line === 0 ? message : `on line ${place.line}, column ${place.column + 1}: ${message}`);
};

interface SimpleKey {
  possible: boolean;
  required: boolean;
  token: number;
  mark: YamlMark;
}

const isBreak = (char: string): boolean =>
  char === "\n" || char === "\r" || char === "\u0085" || char === "\u2028" || char === "\u2029";
const isBlank = (char: string): boolean => char === " " || char === "\t";
const isBlankOrEnd = (char: string): boolean => char === "" || isBlank(char) || isBreak(char);

/** The tokens of YAML 1.1, with block structure made explicit by indentation (libyaml). */
export class YamlScanner {
  readonly text: string;
  index = 0;
  line = 0;
  column = 0;
  tokens: YamlToken[] = [];
  taken = 0;
  indent = -1;
  indents: number[] = [];
  flowLevel = 0;
  simpleKeyAllowed = true;
  simpleKeys: SimpleKey[] = [];
  ended = false;

  constructor(text: string) {
    this.text = text === "" ? "\n" : text.startsWith("\ufeff") ? text.slice(1) : text;
    this.simpleKeys.push(this.noKey());
  }

  /** The next token, left in place. */
  peek(): YamlToken {
    while (!this.ended && this.needsMore()) this.fetch();
    const token = this.tokens[0];
    return token ?? this.make("streamEnd", this.mark());
  }

  take(): YamlToken {
    const token = this.peek();
    this.tokens.shift();
    this.taken++;
    return token;
  }

  needsMore(): boolean {
    if (this.tokens.length === 0) return true;
    this.dropStaleKeys();
    return this.simpleKeys.some((key) => key.possible && key.token === this.taken);
  }

  mark(): YamlMark {
    return { index: this.index, line: this.line, column: this.column };
  }

  char(ahead = 0): string {
    return this.text[this.index + ahead] ?? "";
  }

  skip(count = 1): void {
    for (let step = 0; step < count; step++) {
      const code = this.text.codePointAt(this.index) ?? 0;
      this.index += code > 0xffff ? 2 : 1;
      this.column++;
    }
  }

  /** Takes one line break; `\r\n` counts once. */
  takeBreak(): string {
    const char = this.char();
    this.index += char === "\r" && this.char(1) === "\n" ? 2 : 1;
    this.column = 0;
    this.line++;
    return char === "\r" || char === "\n" || char === "\u0085" ? "\n" : char;
  }

  make(type: YamlToken["type"], start: YamlMark, text = "", style: YamlStyle = "plain"): YamlToken {
    return { type, start, end: this.mark(), text, style };
  }

  noKey(): SimpleKey {
    return { possible: false, required: false, token: 0, mark: this.mark() };
  }

  lastKey(): SimpleKey {
    return this.simpleKeys.at(-1) ?? this.noKey();
  }

  dropStaleKeys(): void {
    for (const key of this.simpleKeys) {
      if (!key.possible || (key.mark.line >= this.line && key.mark.index + 1024 >= this.index)) continue;
      if (key.required) throw scannerProblem("could not find expected ':'", this.mark(), key.mark);
      key.possible = false;
    }
  }

  saveKey(): void {
    const required = this.flowLevel === 0 && this.indent === this.column;
    if (!this.simpleKeyAllowed) return;
    this.removeKey();
    this.simpleKeys[this.simpleKeys.length - 1] = {
      possible: true,
      required,
      token: this.taken + this.tokens.length,
      mark: this.mark(),
    };
  }

  removeKey(): void {
    const key = this.lastKey();
    if (key.possible && key.required) throw scannerProblem("could not find expected ':'", this.mark(), key.mark);
    key.possible = false;
  }

  roll(
    column: number,
    token: number | undefined,
    type: "blockSequenceStart" | "blockMappingStart",
    mark: YamlMark,
  ): void {
    if (this.flowLevel > 0 || this.indent >= column) return;
    this.indents.push(this.indent);
    this.indent = column;
    const start: YamlToken = { type, start: mark, end: mark, text: "", style: "plain" };
    if (token === undefined) this.tokens.push(start);
    else this.tokens.splice(token - this.taken, 0, start);
  }

  unroll(column: number): void {
    if (this.flowLevel > 0) return;
    while (this.indent > column) {
      this.tokens.push(this.make("blockEnd", this.mark()));
      this.indent = this.indents.pop() ?? -1;
    }
  }

  fetch(): void {
    this.skipToToken();
    this.dropStaleKeys();
    this.unroll(this.column);
    const char = this.char();
    if (char === "") {
      this.endStream();
      return;
    }
    if (this.column === 0) {
      if (char === "%") {
        this.fetchDirective();
        return;
      }
      const three = this.text.slice(this.index, this.index + 3);
      if ((three === "---" || three === "...") && isBlankOrEnd(this.char(3))) {
        this.fetchDocument(three === "---" ? "documentStart" : "documentEnd");
        return;
      }
    }
    this.fetchContent(char);
  }

  fetchContent(char: string): void {
    const next = this.char(1);
    const alone = isBlankOrEnd(next);
    switch (char) {
      case "[":
      case "{":
        this.openFlow(char === "[" ? "flowSequenceStart" : "flowMappingStart");
        return;
      case "]":
      case "}":
        this.closeFlow(char === "]" ? "flowSequenceEnd" : "flowMappingEnd");
        return;
      case ",":
        this.removeKey();
        this.simpleKeyAllowed = true;
        this.single("flowEntry");
        return;
      case "*":
      case "&":
        this.fetchAnchor(char === "*" ? "alias" : "anchor");
        return;
      case "!":
        this.fetchTag();
        return;
      case "'":
      case '"':
        this.saveKey();
        this.simpleKeyAllowed = false;
        this.tokens.push(this.quoted(char));
        return;
      default:
    }
    if (char === "-" && alone) this.fetchBlockEntry();
    else if (char === "?" && (this.flowLevel > 0 || alone)) this.fetchKey();
    else if (char === ":" && (this.flowLevel > 0 || alone)) this.fetchValue();
    else if ((char === "|" || char === ">") && this.flowLevel === 0) this.fetchBlockScalar(char === "|");
    else if (this.startsPlain(char, next)) {
      this.saveKey();
      this.simpleKeyAllowed = false;
      this.tokens.push(this.plain());
    } else throw scannerProblem("found character that cannot start any token", this.mark(), this.mark());
  }

  startsPlain(char: string, next: string): boolean {
    if (char === "-") return !isBlank(next);
    if (char === "?" || char === ":") return this.flowLevel === 0 && !isBlankOrEnd(next);
    return !isBlankOrEnd(char) && !/[,[\]{}#&*!|>'"%@`]/.test(char);
  }

  single(type: YamlToken["type"]): void {
    const start = this.mark();
    this.skip();
    this.tokens.push(this.make(type, start));
  }

  endStream(): void {
    if (this.column !== 0) {
      this.column = 0;
      this.line++;
    }
    this.unroll(-1);
    this.removeKey();
    this.simpleKeyAllowed = false;
    this.tokens.push(this.make("streamEnd", this.mark()));
    this.ended = true;
  }

  fetchDirective(): void {
    this.unroll(-1);
    this.removeKey();
    this.simpleKeyAllowed = false;
    const start = this.mark();
    while (this.char() !== "" && !isBreak(this.char())) this.skip();
    const text = this.text.slice(start.index, this.index);
    if (!/^%(?:YAML|TAG)(?=\s|$)/.test(text)) throw scannerProblem("found unknown directive name", this.mark(), start);
    this.tokens.push(this.make("directive", start, text));
    if (this.char() !== "") this.takeBreak();
  }

  fetchDocument(type: "documentStart" | "documentEnd"): void {
    this.unroll(-1);
    this.removeKey();
    this.simpleKeyAllowed = false;
    const start = this.mark();
    this.skip(3);
    this.tokens.push(this.make(type, start));
  }

  openFlow(type: "flowSequenceStart" | "flowMappingStart"): void {
    this.saveKey();
    this.simpleKeys.push(this.noKey());
    this.flowLevel++;
    if (this.flowLevel > 1000) throw scannerProblem("nested too deeply", this.mark(), this.mark());
    this.simpleKeyAllowed = true;
    this.single(type);
  }

  closeFlow(type: "flowSequenceEnd" | "flowMappingEnd"): void {
    this.removeKey();
    if (this.flowLevel > 0) {
      this.flowLevel--;
      this.simpleKeys.pop();
    }
    this.simpleKeyAllowed = false;
    this.single(type);
  }

  fetchBlockEntry(): void {
    if (this.flowLevel === 0) {
      if (!this.simpleKeyAllowed)
        throw scannerProblem("block sequence entries are not allowed in this context", this.mark(), this.mark());
      this.roll(this.column, undefined, "blockSequenceStart", this.mark());
    }
    this.removeKey();
    this.simpleKeyAllowed = true;
    this.single("blockEntry");
  }

  fetchKey(): void {
    if (this.flowLevel === 0) {
      if (!this.simpleKeyAllowed)
        throw scannerProblem("mapping keys are not allowed in this context", this.mark(), this.mark());
      this.roll(this.column, undefined, "blockMappingStart", this.mark());
    }
    this.removeKey();
    this.simpleKeyAllowed = this.flowLevel === 0;
    this.single("key");
  }

  fetchValue(): void {
    const key = this.lastKey();
    if (key.possible) {
      const { mark, token } = key;
      this.tokens.splice(token - this.taken, 0, { type: "key", start: mark, end: mark, text: "", style: "plain" });
      this.roll(mark.column, token, "blockMappingStart", mark);
      key.possible = false;
      this.simpleKeyAllowed = false;
    } else {
      if (this.flowLevel === 0) {
        if (!this.simpleKeyAllowed)
          throw scannerProblem("mapping values are not allowed in this context", this.mark(), this.mark());
        this.roll(this.column, undefined, "blockMappingStart", this.mark());
      }
      this.simpleKeyAllowed = this.flowLevel === 0;
    }
    this.single("value");
  }

  fetchAnchor(type: "alias" | "anchor"): void {
    this.saveKey();
    this.simpleKeyAllowed = false;
    const start = this.mark();
    this.skip();
    const from = this.index;
    while (/[0-9A-Za-z_-]/.test(this.char())) this.skip();
    const name = this.text.slice(from, this.index);
    if (name === "" || !(isBlankOrEnd(this.char()) || /[?:,\]}%@`]/.test(this.char())))
      throw scannerProblem("did not find expected alphabetic or numeric character", this.mark(), start);
    this.tokens.push(this.make(type, start, name));
  }

  fetchTag(): void {
    this.saveKey();
    this.simpleKeyAllowed = false;
    const start = this.mark();
    if (this.char(1) === "<") {
      const end = this.text.indexOf(">", this.index);
      if (end < 0) throw scannerProblem("did not find the expected '>'", this.mark(), start);
      const uri = this.text.slice(this.index + 2, end);
      this.skip(end + 1 - this.index);
      this.tokens.push(this.make("tag", start, uri));
      return;
    }
    const from = this.index;
    while (!isBlankOrEnd(this.char()) && !(this.flowLevel > 0 && /[,[\]{}]/.test(this.char()))) this.skip();
    const text = this.text.slice(from, this.index);
    this.tokens.push(this.make("tag", start, text.startsWith("!!") ? `tag:yaml.org,2002:${text.slice(2)}` : text));
  }

  skipToToken(): void {
    for (;;) {
      while (this.char() === " " || ((this.flowLevel > 0 || !this.simpleKeyAllowed) && this.char() === "\t"))
        this.skip();
      if (this.char() === "#") while (this.char() !== "" && !isBreak(this.char())) this.skip();
      if (this.char() === "" || !isBreak(this.char())) return;
      this.takeBreak();
      if (this.flowLevel === 0) this.simpleKeyAllowed = true;
    }
  }

  plain(): YamlToken {
    const start = this.mark();
    let end = start;
    let text = "";
    let spaces = "";
    let breaks: string | undefined;
    const indent = this.indent + 1;
    for (;;) {
      const three = this.text.slice(this.index, this.index + 3);
      if (this.column === 0 && (three === "---" || three === "...") && isBlankOrEnd(this.char(3))) break;
      if (this.char() === "#") break;
      while (!isBlankOrEnd(this.char()) && !this.endsPlain()) {
        text += breaks === undefined ? spaces : fold(breaks);
        spaces = "";
        breaks = undefined;
        const from = this.index;
        this.skip();
        text += this.text.slice(from, this.index);
        end = this.mark();
      }
      if (!isBlank(this.char()) && !isBreak(this.char())) break;
      while (isBlank(this.char()) || isBreak(this.char())) {
        if (isBreak(this.char())) {
          breaks = (breaks ?? "") + this.takeBreak();
          continue;
        }
        if (breaks !== undefined && this.column < indent && this.char() === "\t")
          throw scannerProblem("found a tab character that violates indentation", this.mark(), start);
        if (breaks === undefined) spaces += this.char();
        this.skip();
      }
      if (this.flowLevel === 0 && this.column < indent) break;
    }
    if (breaks !== undefined) this.simpleKeyAllowed = true;
    return { type: "scalar", start, end, text, style: "plain" };
  }

  endsPlain(): boolean {
    const char = this.char();
    if (char === ":" && isBlankOrEnd(this.char(1))) return true;
    return this.flowLevel > 0 && /[,?[\]{}]/.test(char);
  }

  quoted(quote: string): YamlToken {
    const start = this.mark();
    this.skip();
    let text = "";
    for (;;) {
      const three = this.text.slice(this.index, this.index + 3);
      if (this.column === 0 && (three === "---" || three === "...") && isBlankOrEnd(this.char(3)))
        throw scannerProblem("found unexpected document indicator", this.mark(), start);
      if (this.char() === "") throw scannerProblem("found unexpected end of stream", this.mark(), start);
      let joined = false;
      while (!isBlankOrEnd(this.char())) {
        const char = this.char();
        if (char === quote && !(quote === "'" && this.char(1) === "'")) break;
        if (char === "'" && quote === "'") {
          text += "'";
          this.skip(2);
        } else if (char === "\\" && quote === '"') {
          if (isBreak(this.char(1))) {
            this.skip();
            this.takeBreak();
            joined = true;
            break;
          }
          text += this.escape(start);
        } else {
          const from = this.index;
          this.skip();
          text += this.text.slice(from, this.index);
        }
      }
      if (this.char() === quote) break;
      text += this.quotedSpace(joined);
    }
    this.skip();
    return this.make("scalar", start, text, quote === "'" ? "single" : "double");
  }

  /** Spaces and breaks within quotes: single breaks become spaces. */
  quotedSpace(joined: boolean): string {
    let spaces = "";
    let breaks = joined ? "" : undefined;
    while (isBlank(this.char()) || isBreak(this.char())) {
      if (isBreak(this.char())) breaks = (breaks ?? "") + this.takeBreak();
      else {
        if (breaks === undefined) spaces += this.char();
        this.skip();
      }
    }
    if (breaks === undefined) return spaces;
    return joined ? breaks : fold(breaks);
  }

  escape(start: YamlMark): string {
    const letter = this.char(1);
    const simple = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined;
    if (simple !== undefined) {
      this.skip(2);
      return simple;
    }
    const length = letter === "x" ? 2 : letter === "u" ? 4 : letter === "U" ? 8 : 0;
    if (length === 0) throw scannerProblem("found unknown escape character", this.mark(), start);
    this.skip(2);
    const hex = this.text.slice(this.index, this.index + length);
    if (!new RegExp(`^[0-9a-fA-F]{${length}}$`).test(hex))
      throw scannerProblem("did not find expected hexdecimal number", this.mark(), start);
    const code = Number.parseInt(hex, 16);
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
      throw scannerProblem("found invalid Unicode character escape code", this.mark(), start);
    this.skip(length);
    return String.fromCodePoint(code);
  }

  fetchBlockScalar(literal: boolean): void {
    this.removeKey();
    this.simpleKeyAllowed = true;
    const start = this.mark();
    this.skip();
    const { chomp, increment } = this.blockHeader(start);
    let indent = increment > 0 ? Math.max(this.indent, 0) + increment : 0;
    let text = "";
    let leading = "";
    let isLeadingBlank = false;
    const first = this.blockBreaks(indent, start);
    indent = first.indent;
    let trailing = first.breaks;
    while (this.column === indent && this.char() !== "") {
      const isTrailingBlank = isBlank(this.char());
      if (!literal && leading.startsWith("\n") && !isLeadingBlank && !isTrailingBlank) {
        if (trailing === "") text += " ";
      } else text += leading;
      leading = "";
      text += trailing;
      isLeadingBlank = isBlank(this.char());
      const from = this.index;
      while (this.char() !== "" && !isBreak(this.char())) this.skip();
      text += this.text.slice(from, this.index);
      leading = this.char() === "" ? "" : this.takeBreak();
      const rest = this.blockBreaks(indent, start);
      trailing = rest.breaks;
    }
    if (chomp !== "-") text += leading;
    if (chomp === "+") text += trailing;
    this.tokens.push(this.make("scalar", start, text, "block"));
  }

  blockHeader(start: YamlMark): { readonly chomp: string; readonly increment: number } {
    let chomp = "";
    let increment = 0;
    for (let count = 0; count < 2; count++) {
      const char = this.char();
      if ((char === "+" || char === "-") && chomp === "") chomp = char;
      else if (/[0-9]/.test(char) && increment === 0) {
        increment = Number(char);
        if (increment === 0) throw scannerProblem("found an indentation indicator equal to 0", this.mark(), start);
      } else break;
      this.skip();
    }
    while (isBlank(this.char())) this.skip();
    if (this.char() === "#") while (this.char() !== "" && !isBreak(this.char())) this.skip();
    if (this.char() !== "" && !isBreak(this.char()))
      throw scannerProblem("did not find expected comment or line break", this.mark(), start);
    if (this.char() !== "") this.takeBreak();
    return { chomp, increment };
  }

  /** Empty lines and indentation; an indent of 0 is found out from the deepest of them. */
  blockBreaks(given: number, start: YamlMark): { readonly indent: number; readonly breaks: string } {
    let breaks = "";
    let deepest = 0;
    for (;;) {
      while ((given === 0 || this.column < given) && this.char() === " ") this.skip();
      deepest = Math.max(deepest, this.column);
      if ((given === 0 || this.column < given) && this.char() === "\t")
        throw scannerProblem("found a tab character where an indentation space is expected", this.mark(), start);
      if (this.char() === "" || !isBreak(this.char())) break;
      breaks += this.takeBreak();
    }
    return { indent: given === 0 ? Math.max(deepest, this.indent + 1, 1) : given, breaks };
  }
}

const fold = (breaks: string): string => {
  if (breaks[0] !== "\n") return breaks;
  return breaks.length === 1 ? " " : breaks.slice(1);
};

const escapes: Readonly<Record<string, string>> = {
  "0": "\0",
  a: "\u0007",
  b: "\b",
  t: "\t",
  "\t": "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
  e: "\u001b",
  " ": " ",
  '"': '"',
  "'": "'",
  "/": "/",
  "\\": "\\",
  N: "\u0085",
  _: "\u00a0",
  L: "\u2028",
  P: "\u2029",
};
