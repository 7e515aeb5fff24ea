import { dynamicType, stringType, type Type } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import {
  type FunctionDefinition,
  type FunctionFailure,
  type FunctionResult,
  fail,
  notNull,
} from "./functions-definition.ts";
import {
  compilePattern,
  type Program,
  type Subject,
  searchPattern,
  subjectOf,
  type Visited,
  visitedFor,
} from "./functions-regex-match.ts";
import { type PatternError, parsePattern } from "./functions-regex-parse.ts";
import { listValue, nullValue, objectValue, stringValue, tupleValue, unknownValue } from "./values-construct.ts";
import { objectOf, tupleOf } from "./values-type.ts";

interface Compiled {
  readonly program: Program;
  readonly groups: readonly string[];
}

const compiled = new Map<string, Compiled | PatternError>();

const compile = (text: string): Compiled | PatternError => {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  const parsed = parsePattern(text);
  const result =
    "error" in parsed
      ? parsed
      : { program: compilePattern(parsed.pattern, parsed.groups.length), groups: parsed.groups };
  if (compiled.size > 1000) compiled.clear();
  compiled.set(text, result);
  return result;
};

const tooLarge = fail("the string is too long for this pattern");

/** The type of what a pattern captures: a string, a tuple of groups, or an object of named groups (cty `regexPatternResultType`). */
const captureType = (text: string): Type | FunctionFailure => {
  const pattern = compile(text);
  if ("error" in pattern) return fail(`invalid regexp pattern: ${pattern.error} in ${pattern.part}`, 0);
  const { groups } = pattern;
  if (groups.length === 0) return stringType;
  const named = groups.filter((name) => name !== "");
  if (named.length === 0) return tupleOf(groups.map(() => stringType));
  if (named.length < groups.length)
    return fail("invalid regexp pattern: cannot mix both named and unnamed capture groups", 0);
  return objectOf(named.map((name) => [name, stringType]));
};

const captured = (groups: readonly string[], subject: Subject, found: readonly number[], type: Type): Value => {
  const group = (index: number): Value => {
    const from = found[index * 2] ?? -1;
    const to = found[index * 2 + 1] ?? -1;
    return from < 0 || to < 0 ? nullValue(stringType) : stringValue(subject.slice(from, to));
  };
  if (type.kind === "tuple") return tupleValue(groups.map((_, index) => group(index + 1)));
  if (type.kind === "object") return objectValue(groups.map((name, index) => [name, group(index + 1)]));
  return group(0);
};

const text = (value: Value | undefined): string => (value?.kind === "string" ? value.value : "");

const parameters = [
  { name: "pattern", type: stringType },
  { name: "string", type: stringType },
] as const;

const regex: FunctionDefinition = {
  parameters,
  result: ([pattern]) => (pattern?.kind === "string" ? captureType(pattern.value) : dynamicType),
  refinement: notNull,
  call: ([patternValue, stringGiven], type) => {
    const pattern = compile(text(patternValue));
    if ("error" in pattern) return fail(pattern.error, 0);
    const subject = subjectOf(text(stringGiven));
    const found = searchPattern(pattern.program, subject, 0, visitedFor(pattern.program, subject));
    if (found === "too large") return tooLarge;
    return found === undefined
      ? fail("pattern did not match any part of the given string")
      : captured(pattern.groups, subject, found, type);
  },
};

const regexall: FunctionDefinition = {
  parameters,
  result: ([pattern]) => {
    const element = pattern?.kind === "string" ? captureType(pattern.value) : dynamicType;
    return element.kind === "failure" ? element : { kind: "list", element };
  },
  refinement: notNull,
  call: ([patternValue, stringGiven], type) => {
    const pattern = compile(text(patternValue));
    const element = type.kind === "list" ? type.element : dynamicType;
    if ("error" in pattern || element.kind === "dynamic") return unknownValue(type, "the pattern is not known");
    const subject = subjectOf(text(stringGiven));
    const visited = visitedFor(pattern.program, subject);
    const found: Value[] = [];
    let previousEnd = -1;
    for (let at = 0; at <= subject.codes.length; ) {
      const match = searchPattern(pattern.program, subject, at, visited);
      if (match === "too large") return tooLarge;
      if (match === undefined) break;
      const [from = 0, to = 0] = match;
      // An empty match right after another is none.
      const isAccepted = to !== at || from !== previousEnd;
      at = to === at ? at + 1 : to;
      previousEnd = to;
      if (isAccepted) found.push(captured(pattern.groups, subject, match, element));
    }
    return listValue(element, found);
  },
};

/** `replace` with a pattern: `$1`, `${name}` and `$$` in the replacement (Go `ReplaceAllString`). */
export const replaceByPattern = (given: string, patternText: string, replacement: string): FunctionResult => {
  const pattern = compile(patternText);
  if ("error" in pattern) return fail(`error parsing regexp: ${pattern.error}: \`${pattern.part}\``);
  const subject = subjectOf(given);
  const visited = visitedFor(pattern.program, subject);
  const result = replaceAll(pattern, subject, replacement, visited);
  return typeof result === "string" ? stringValue(result) : result;
};

const replaceAll = (
  pattern: Compiled,
  subject: Subject,
  replacement: string,
  visited: Visited,
): string | FunctionFailure => {
  const { length } = subject.codes;
  let out = "";
  let lastEnd = 0;
  let at = 0;
  while (at <= length) {
    const match = searchPattern(pattern.program, subject, at, visited);
    if (match === "too large") return tooLarge;
    if (match === undefined) break;
    const [from = 0, to = 0] = match;
    out += subject.slice(lastEnd, from);
    if (to > lastEnd || from === 0) out += expand(replacement, pattern.groups, subject, match);
    lastEnd = to;
    at = Math.max(at + 1, to);
  }
  return out + subject.slice(lastEnd, length);
};

const expand = (template: string, groups: readonly string[], subject: Subject, match: readonly number[]): string =>
  template.replace(/\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu, (whole, bare?: string, braced?: string) => {
    const name = bare ?? braced;
    if (name === undefined) return whole === "$$" ? "$" : whole;
    const index = /^(0|[1-9]\d{0,8})$/.test(name) ? Number(name) : groups.indexOf(name) + 1;
    if (index === 0 && name !== "0") return "";
    const from = match[index * 2] ?? -1;
    return from < 0 ? "" : subject.slice(from, match[index * 2 + 1] ?? from);
  });

/** regex and regexall; `replace` with a pattern is in functions-string.ts. */
export const regexFunctions: Readonly<Record<string, FunctionDefinition>> = { regex, regexall };
