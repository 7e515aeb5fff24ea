// Longer than most files: one recursive reader of one syntax, whose error texts depend on each other.

/** A regular expression in the RE2 syntax that Terraform takes (Go regexp/syntax). */
export type Pattern =
  | { readonly op: "class"; readonly test: CharTest }
  | { readonly op: "assert"; readonly what: Assertion }
  | { readonly op: "group"; readonly index: number; readonly inner: Pattern }
  | {
      readonly op: "repeat";
      readonly min: number;
      readonly max: number | undefined;
      readonly greedy: boolean;
      readonly inner: Pattern;
    }
  | { readonly op: "sequence" | "choice"; readonly parts: readonly Pattern[] };

export type Assertion = "textStart" | "textEnd" | "lineStart" | "lineEnd" | "word" | "notWord";

/** Whether a code point matches. */
export type CharTest = (code: number) => boolean;

export interface ParsedPattern {
  readonly pattern: Pattern;
  /** Names of the groups from 1 on, `""` where a group has none. */
  readonly groups: readonly string[];
}

/** Why a pattern cannot be read, and the part at fault, in Go's words. */
export interface PatternError {
  readonly error: string;
  readonly part: string;
}

interface Flags {
  readonly fold: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
  readonly ungreedy: boolean;
}

interface Frame {
  readonly index: number | undefined;
  readonly flags: Flags;
  readonly choices: Pattern[];
  current: Pattern[];
}

const maxNesting = 1000;

class Failure extends Error {
  readonly problem: PatternError;
  constructor(error: string, part: string) {
    super(error);
    this.problem = { error, part };
  }
}

/** Reads a pattern. */
export const parsePattern = (text: string): ParsedPattern | PatternError => {
  try {
    return new Reader(text).read();
  } catch (problem) {
    if (problem instanceof Failure) return problem.problem;
    throw problem;
  }
};

class Reader {
  readonly text: string;
  at = 0;
  readonly groups: string[] = [];
  readonly frames: Frame[] = [];
  frame: Frame;
  flags: Flags = { fold: false, multiline: false, dotAll: false, ungreedy: false };

  constructor(text: string) {
    this.text = text;
    this.frame = { index: undefined, flags: this.flags, choices: [], current: [] };
  }

  read(): ParsedPattern {
    let repeatStart: number | undefined;
    while (this.at < this.text.length) {
      const start = this.at;
      const isRepeat = this.readItem(repeatStart);
      repeatStart = isRepeat ? start : undefined;
    }
    if (this.frames.length > 0) throw new Failure("missing closing )", this.text);
    return { pattern: closeFrame(this.frame), groups: this.groups };
  }

  /** Reads one item; true where it was a repetition operator. */
  readItem(repeatStart: number | undefined): boolean {
    const char = this.text[this.at] ?? "";
    switch (char) {
      case "(":
        this.openGroup();
        return false;
      case "|":
        this.at++;
        this.frame.choices.push(sequence(this.frame.current));
        this.frame.current = [];
        return false;
      case ")":
        this.closeGroup();
        return false;
      case "^":
        this.at++;
        this.push({ op: "assert", what: this.flags.multiline ? "lineStart" : "textStart" });
        return false;
      case "$":
        this.at++;
        this.push({ op: "assert", what: this.flags.multiline ? "lineEnd" : "textEnd" });
        return false;
      case ".":
        this.at++;
        this.push({ op: "class", test: this.flags.dotAll ? () => true : (code) => code !== 10 });
        return false;
      case "[":
        this.push({ op: "class", test: this.readClass() });
        return false;
      case "*":
        return this.repeat(this.at, this.at + 1, 0, undefined, repeatStart);
      case "+":
        return this.repeat(this.at, this.at + 1, 1, undefined, repeatStart);
      case "?":
        return this.repeat(this.at, this.at + 1, 0, 1, repeatStart);
      case "{":
        return this.readCount(repeatStart);
      case "\\":
        this.readBackslash();
        return false;
      default:
        this.literal(this.nextCode());
        return false;
    }
  }

  push(pattern: Pattern): void {
    this.frame.current.push(pattern);
  }

  literal(code: number): void {
    this.push({ op: "class", test: this.flags.fold ? classTest(single(code), true) : (other) => other === code });
  }

  nextCode(): number {
    const code = this.text.codePointAt(this.at) ?? 0;
    this.at += code > 0xffff ? 2 : 1;
    return code;
  }

  openGroup(): void {
    if (this.text[this.at + 1] === "?") {
      this.readFlags();
      return;
    }
    this.at++;
    this.open("");
  }

  open(name: string | undefined): void {
    if (this.frames.length >= maxNesting) throw new Failure("expression nests too deeply", this.text);
    if (name !== undefined) this.groups.push(name);
    this.frames.push(this.frame);
    this.frame = {
      index: name === undefined ? undefined : this.groups.length,
      flags: this.flags,
      choices: [],
      current: [],
    };
  }

  closeGroup(): void {
    const outer = this.frames.pop();
    if (outer === undefined) throw new Failure("unexpected )", this.text);
    this.at++;
    const { index, flags } = this.frame;
    const inner = closeFrame(this.frame);
    this.frame = outer;
    this.flags = flags;
    this.push(index === undefined ? { op: "sequence", parts: [inner] } : { op: "group", index, inner });
  }

  /** `(?P<name>`, `(?<name>`, `(?i)`, `(?i:`. */
  readFlags(): void {
    const rest = this.text.slice(this.at);
    const withP = rest.length > 4 && rest.startsWith("P<", 2);
    if (withP || (rest.length > 3 && rest[2] === "<")) {
      this.readName(rest, withP ? 4 : 3);
      return;
    }
    const start = this.at;
    const outer = this.flags;
    let flags = outer;
    let on = true;
    let seen = false;
    this.at += 2;
    while (this.at < this.text.length) {
      const char = String.fromCodePoint(this.nextCode());
      const flag = flagNames[char];
      if (flag !== undefined) {
        flags = { ...flags, [flag]: on };
        seen = true;
      } else if (char === "-" && on) {
        on = false;
        seen = false;
      } else if ((char === ":" || char === ")") && (on || seen)) {
        if (char === ":") this.open(undefined);
        this.flags = flags;
        return;
      } else break;
    }
    throw new Failure("invalid or unsupported Perl syntax", this.text.slice(start, this.at));
  }

  readName(rest: string, from: number): void {
    const end = rest.indexOf(">");
    if (end < 0) throw new Failure("invalid named capture", rest);
    const name = rest.slice(from, end);
    if (!/^[A-Za-z0-9_]+$/.test(name)) throw new Failure("invalid named capture", rest.slice(0, end + 1));
    this.at += end + 1;
    this.open(name);
  }

  repeat(from: number, to: number, min: number, max: number | undefined, repeatStart: number | undefined): boolean {
    let end = to;
    let greedy = !this.flags.ungreedy;
    if (this.text[end] === "?") {
      end++;
      greedy = !greedy;
    }
    if (repeatStart !== undefined)
      throw new Failure("invalid nested repetition operator", this.text.slice(repeatStart, end));
    const inner = this.frame.current.pop();
    if (inner === undefined) throw new Failure("missing argument to repetition operator", this.text.slice(from, end));
    const repeated: Pattern = { op: "repeat", min, max, greedy, inner };
    if (copies(repeated) > 1000) throw new Failure("invalid repeat count", this.text.slice(from, end));
    this.push(repeated);
    this.at = end;
    return true;
  }

  readCount(repeatStart: number | undefined): boolean {
    const match = /^\{(0|[1-9]\d*)(,(0|[1-9]\d*)?)?\}/.exec(this.text.slice(this.at, this.at + 24));
    if (match === null) {
      this.at++;
      this.literal(0x7b);
      return false;
    }
    const [whole, low = "0", comma, high] = match;
    const min = Number(low);
    const max = comma === undefined ? min : high === undefined ? undefined : Number(high);
    if (min > 1000 || (max !== undefined && (max > 1000 || min > max)))
      throw new Failure("invalid repeat count", whole);
    return this.repeat(this.at, this.at + whole.length, min, max, repeatStart);
  }

  readBackslash(): void {
    const letter = this.text[this.at + 1];
    const assertion = letter === undefined ? undefined : assertions[letter];
    if (assertion !== undefined) {
      this.at += 2;
      this.push({ op: "assert", what: assertion });
      return;
    }
    if (letter === "C") throw new Failure("invalid escape sequence", "\\C");
    if (letter === "Q") {
      const end = this.text.indexOf("\\E", this.at + 2);
      for (const char of this.text.slice(this.at + 2, end < 0 ? undefined : end))
        this.literal(char.codePointAt(0) ?? 0);
      this.at = end < 0 ? this.text.length : end + 2;
      return;
    }
    const shorthand = this.readShorthand();
    if (shorthand === undefined) this.literal(this.readEscape());
    else this.push({ op: "class", test: shorthand });
  }

  /** `\d`, `\pL`, `\p{Greek}` as a test, inside and outside of brackets. */
  readShorthand(): CharTest | undefined {
    const letter = this.text[this.at + 1];
    if (letter === "p" || letter === "P") return this.readUnicodeClass(letter === "P");
    const body = letter === undefined ? undefined : shorthands[letter.toLowerCase()];
    if (letter === undefined || body === undefined || !/[dswDSW]/.test(letter)) return undefined;
    this.at += 2;
    const test = classTest(body, this.flags.fold);
    return letter === letter.toLowerCase() ? test : (code) => !test(code);
  }

  readUnicodeClass(negated: boolean): CharTest {
    const start = this.at;
    this.at += 2;
    let name = String.fromCodePoint(this.nextCode());
    if (name === "{") {
      const end = this.text.indexOf("}", start);
      if (end < 0) throw new Failure("invalid character class range", this.text.slice(start));
      name = this.text.slice(start + 3, end);
      this.at = end + 1;
    }
    const inverted = name.startsWith("^");
    const body = unicodeBody(inverted ? name.slice(1) : name);
    if (body === undefined) throw new Failure("invalid character class range", this.text.slice(start, this.at));
    const test = classTest(body, this.flags.fold);
    return negated === inverted ? test : (code) => !test(code);
  }

  /** One escaped character. */
  readEscape(): number {
    const start = this.at;
    const rest = this.text.slice(start + 1);
    if (rest === "") throw new Failure("trailing backslash at end of expression", "");
    const octal = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(rest);
    const hex = /^x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))/.exec(rest);
    const char = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    if (octal !== null) return this.escaped(octal[0].length, Number.parseInt(octal[0], 8));
    if (hex !== null) {
      const code = Number.parseInt(hex[1] ?? hex[2] ?? "", 16);
      if (code <= 0x10ffff) return this.escaped(hex[0].length, code);
    }
    const control = controls[char];
    if (control !== undefined) return this.escaped(1, control);
    if (/^[\0-\x7f]$/.test(char) && !/[0-9A-Za-z]/.test(char)) return this.escaped(1, char.charCodeAt(0));
    throw new Failure("invalid escape sequence", this.text.slice(start, start + 1 + badEscapeLength(rest)));
  }

  escaped(length: number, code: number): number {
    this.at += 1 + length;
    return code;
  }

  readClass(): CharTest {
    const start = this.at;
    this.at++;
    const negated = this.text[this.at] === "^";
    if (negated) this.at++;
    const tests: CharTest[] = [];
    let ranges = "";
    let first = true;
    while (first || this.text[this.at] !== "]") {
      if (this.at >= this.text.length) throw new Failure("missing closing ]", this.text.slice(start));
      first = false;
      const named = this.readNamedClass();
      if (named !== undefined) tests.push(named);
      else if (this.text[this.at] === "\\" && /[pPdswDSW]/.test(this.text[this.at + 1] ?? "")) {
        const shorthand = this.readShorthand();
        if (shorthand !== undefined) tests.push(shorthand);
      } else ranges += this.readRange(start);
    }
    this.at++;
    if (ranges !== "") tests.push(classTest(ranges, this.flags.fold));
    const isMember: CharTest = (code) => tests.some((test) => test(code));
    return cached(negated ? (code) => !isMember(code) : isMember);
  }

  readNamedClass(): CharTest | undefined {
    if (!this.text.startsWith("[:", this.at)) return undefined;
    const end = this.text.indexOf(":]", this.at + 2);
    if (end < 0) return undefined;
    const name = this.text.slice(this.at, end + 2);
    const negated = name[2] === "^";
    const body = posixClasses[name.slice(negated ? 3 : 2, -2)];
    if (body === undefined) throw new Failure("invalid character class range", name);
    this.at = end + 2;
    const test = classTest(body, this.flags.fold);
    return negated ? (code) => !test(code) : test;
  }

  readRange(classStart: number): string {
    const start = this.at;
    const low = this.readClassChar(classStart);
    let high = low;
    if (this.text[this.at] === "-" && this.at + 1 < this.text.length && this.text[this.at + 1] !== "]") {
      this.at++;
      high = this.readClassChar(classStart);
      if (high < low) throw new Failure("invalid character class range", this.text.slice(start, this.at));
    }
    return `${single(low)}-${single(high)}`;
  }

  readClassChar(classStart: number): number {
    if (this.at >= this.text.length) throw new Failure("missing closing ]", this.text.slice(classStart));
    return this.text[this.at] === "\\" ? this.readEscape() : this.nextCode();
  }
}

const flagNames: Readonly<Record<string, keyof Flags>> = { i: "fold", m: "multiline", s: "dotAll", U: "ungreedy" };

const assertions: Readonly<Record<string, Assertion>> = { A: "textStart", z: "textEnd", b: "word", B: "notWord" };

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

const shorthands: Readonly<Record<string, string>> = { d: "0-9", s: "\\t\\n\\f\\r ", w: "0-9A-Za-z_" };

const posixClasses: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  ascii: "\\x00-\\x7F",
  blank: "\\t ",
  cntrl: "\\x00-\\x1F\\x7F",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-\\/:-@\\[-`\\{-~",
  space: "\\t\\n\\v\\f\\r ",
  upper: "A-Z",
  word: "0-9A-Za-z_",
  xdigit: "0-9A-Fa-f",
};

/** How far Go reads before it gives an escape up. */
const badEscapeLength = (rest: string): number => {
  const hex = /^x(?:\{[0-9A-Fa-f]*.?|..?)?/s.exec(rest);
  if (hex !== null) return hex[0].length;
  return (rest.codePointAt(0) ?? 0) > 0xffff ? 2 : 1;
};

const closeFrame = (frame: Frame): Pattern => {
  const last = sequence(frame.current);
  return frame.choices.length === 0 ? last : { op: "choice", parts: [...frame.choices, last] };
};

const sequence = (parts: readonly Pattern[]): Pattern => {
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : { op: "sequence", parts };
};

/** How often the innermost item is copied when counts are written out. */
const copies = (pattern: Pattern): number => {
  switch (pattern.op) {
    case "repeat": {
      const { min, max } = pattern;
      const count = max === undefined ? Math.max(min, 1) : max;
      const isCounted = min >= 2 || (max ?? 0) >= 2;
      return (isCounted ? count : 1) * copies(pattern.inner);
    }
    case "group":
      return copies(pattern.inner);
    case "sequence":
    case "choice":
      return pattern.parts.reduce((most, part) => Math.max(most, copies(part)), 1);
    default:
      return 1;
  }
};

const single = (code: number): string => `\\u{${code.toString(16)}}`;

const unicodeBody = (name: string): string | undefined => {
  if (name === "Any") return "\\u{0}-\\u{10ffff}";
  for (const body of [`\\p{General_Category=${name}}`, `\\p{Script=${name}}`]) {
    if (!/^[A-Za-z_]+$/.test(name)) return undefined;
    try {
      new RegExp(`[${body}]`, "u");
      return body;
    } catch {}
  }
  return undefined;
};

/** A test for a bracket body of JavaScript's syntax, answers remembered. */
const classTest = (body: string, fold: boolean): CharTest => {
  const expression = new RegExp(`^[${body}]$`, fold ? "iu" : "u");
  return cached((code) => expression.test(String.fromCodePoint(code)));
};

const cached = (test: CharTest): CharTest => {
  const known = new Map<number, boolean>();
  return (code) => {
    const answer = known.get(code);
    if (answer !== undefined) return answer;
    const fresh = test(code);
    known.set(code, fresh);
    return fresh;
  };
};
