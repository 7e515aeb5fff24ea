import { boolType, numberType, stringType, type Type } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import { itemsOf } from "./functions-collection.ts";
import { type FunctionDefinition, fail, notNull, stringFunction, unknownResult } from "./functions-definition.ts";
import { integerArgument } from "./functions-numeric.ts";
import { replaceByPattern } from "./functions-regex.ts";
import { boolValue, falseValue, isWhollyKnown, listValue, stringValue, trueValue } from "./values-construct.ts";
import { graphemesOf } from "./values-grapheme.ts";
import { lengthBounds, refine, stringPrefix } from "./values-refine.ts";
import { compareUtf8 } from "./values-type.ts";

const listOfStrings: Type = { kind: "list", element: stringType };

/** The text of a known string. */
export const textOf = (value: Value | undefined): string => (value?.kind === "string" ? value.value : "");

const text = (names: readonly string[], work: (...texts: readonly string[]) => string): FunctionDefinition =>
  stringFunction(names, stringType, (...texts) => stringValue(work(...texts)));

const test = (names: readonly string[], work: (...texts: readonly string[]) => boolean): FunctionDefinition =>
  stringFunction(names, boolType, (...texts) => boolValue(work(...texts)));

/** Unicode white space as Go's unicode.IsSpace has it. */
const space = "[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const spacesAround = new RegExp(`^${space}+|${space}+$`, "g");

const trimSet = (given: string, cutset: string): string => {
  const cut = new Set(cutset);
  const chars = [...given];
  let from = 0;
  let to = chars.length;
  while (from < to && cut.has(chars[from] ?? "")) from++;
  while (to > from && cut.has(chars[to - 1] ?? "")) to--;
  return chars.slice(from, to).join("");
};

/** Character by character, so that no letter becomes two (Go's unicode.ToUpper): ß stays ß. */
const byRune = (given: string, change: (char: string) => string): string => {
  if (/^[\0-\x7f]*$/.test(given)) return change(given);
  let out = "";
  for (const char of given) {
    const changed = change(char);
    out += [...changed].length === 1 ? changed : char;
  }
  return out;
};

/** The first letter of each word in title case; words begin after what is neither letter, digit nor underscore (Go `strings.Title`). */
const titleCase = (given: string): string => {
  let out = "";
  let previous = " ";
  for (const char of given) {
    out += isSeparator(previous) ? byRune(char, titleOf) : char;
    previous = char;
  }
  return out;
};

/** Digraphs such as ǆ have a title form of their own. */
const titleOf = (char: string): string => {
  const digraphs = ["ǅ", "ǈ", "ǋ", "ǲ"];
  return digraphs.find((digraph) => digraph.toLowerCase() === char.toLowerCase()) ?? char.toUpperCase();
};

const isSeparator = (char: string): boolean =>
  char <= "\x7f" ? !/[0-9A-Za-z_]/.test(char) : !/[\p{L}\p{Nd}]/u.test(char) && new RegExp(space).test(char);

const substr: FunctionDefinition = {
  parameters: [
    { name: "str", type: stringType, allowDynamic: true },
    { name: "offset", type: numberType, allowDynamic: true },
    { name: "length", type: numberType, allowDynamic: true },
  ],
  result: stringType,
  refinement: notNull,
  call: ([str, offsetValue, lengthValue]) => {
    const offset = integerArgument(offsetValue);
    if (typeof offset !== "number") return offset;
    const length = integerArgument(lengthValue);
    if (typeof length !== "number") return length;
    const chars = graphemesOf(textOf(str));
    if (offset >= 0 && length === 0) return stringValue("");
    const start = offset < 0 ? offset + chars.length : offset;
    if (start > 0 && chars.length > 0 && start > chars.length) return stringValue("");
    const rest = start > 0 ? chars.slice(start) : chars;
    // A length of zero after a negative offset is no limit: upstream counts up to it and never meets it.
    return stringValue((length > 0 ? rest.slice(0, length) : rest).join(""));
  },
};

const join: FunctionDefinition = {
  parameters: [{ name: "separator", type: stringType }],
  variadic: { name: "lists", type: listOfStrings },
  result: stringType,
  refinement: notNull,
  call: ([separator, ...lists]) => {
    if (lists.length === 0) return fail("at least one list is required");
    if (!lists.every(isWhollyKnown)) return unknownResult(stringType, lists);
    const texts: string[] = [];
    for (const [position, list] of lists.entries()) {
      for (const [at, item] of itemsOf(list).entries()) {
        if (item.kind === "string") texts.push(item.value);
        else
          return fail(
            `element ${at}${lists.length > 1 ? ` of list ${position + 1}` : ""} is null; cannot concatenate null values`,
            position + 1,
          );
      }
    }
    return stringValue(texts.join(textOf(separator)));
  },
};

const sort: FunctionDefinition = {
  parameters: [{ name: "list", type: listOfStrings, allowUnknown: true }],
  result: listOfStrings,
  refinement: notNull,
  call: ([list], result) => {
    if (list === undefined || !isWhollyKnown(list)) {
      const open = unknownResult(result, list === undefined ? [] : [list]);
      const [min, max] = list === undefined ? [0, Number.POSITIVE_INFINITY] : lengthBounds(list);
      return open.kind === "unknown" && (min > 0 || Number.isFinite(max))
        ? refine(open, { minLength: min, ...(Number.isFinite(max) ? { maxLength: max } : {}) })
        : open;
    }
    const items = itemsOf(list);
    const broken = items.findIndex((item) => item.kind !== "string");
    if (broken >= 0) return fail(`given list element ${broken} is null; a null string cannot be sorted`);
    return listValue(
      stringType,
      [...items].sort((a, b) => compareUtf8(textOf(a), textOf(b))),
    );
  },
};

const startswith: FunctionDefinition = {
  parameters: [
    { name: "str", type: stringType, allowUnknown: true },
    { name: "prefix", type: stringType },
  ],
  result: boolType,
  refinement: notNull,
  call: ([str, prefixValue], result) => {
    const prefix = textOf(prefixValue);
    if (str?.kind === "string") return boolValue(str.value.startsWith(prefix));
    if (prefix === "" || str === undefined) return trueValue;
    const known = stringPrefix(str);
    if (known.startsWith(prefix)) return trueValue;
    if (known !== "" && Buffer.byteLength(known) >= Buffer.byteLength(prefix)) return falseValue;
    return unknownResult(result, [str]);
  },
};

const indent: FunctionDefinition = {
  parameters: [
    { name: "spaces", type: numberType },
    { name: "str", type: stringType },
  ],
  result: stringType,
  refinement: notNull,
  call: ([spaces, str]) => {
    const width = integerArgument(spaces);
    if (typeof width !== "number") return width;
    if (width < 0) return fail("panic in function implementation: strings: negative Repeat count");
    if (width > 10_000) return fail("more than 10000 spaces of indent are not supported");
    return stringValue(textOf(str).replaceAll("\n", `\n${" ".repeat(width)}`));
  },
};

/** Splits as Go does: an empty separator parts the characters. */
const splitText = (separator: string, given: string): readonly string[] =>
  separator === "" ? [...given] : given.split(separator);

/** Go's strings.Replace: an empty text is found before each character and at the end. */
const replaceText = (given: string, search: string, replacement: string): string =>
  search === ""
    ? replacement + [...given].map((char) => char + replacement).join("")
    : given.split(search).join(replacement);

/** Functions of text without formatting and patterns. */
export const stringFunctions: Readonly<Record<string, FunctionDefinition>> = {
  chomp: text(["str"], (str = "") => str.replace(/[\r\n]+$/, "")),
  endswith: test(["str", "suffix"], (str = "", suffix = "") => str.endsWith(suffix)),
  indent,
  join,
  // The dotted capital I loses its dot, as in Go.
  lower: text(["str"], (str = "") => byRune(str.replaceAll("\u0130", "i"), (char) => char.toLowerCase())),
  replace: stringFunction(["str", "substr", "replace"], stringType, (str = "", search = "", replacement = "") =>
    search.length > 1 && search.startsWith("/") && search.endsWith("/")
      ? replaceByPattern(str, search.slice(1, -1), replacement)
      : stringValue(replaceText(str, search, replacement)),
  ),
  sort,
  split: stringFunction(["separator", "str"], listOfStrings, (separator = "", str = "") =>
    listValue(stringType, splitText(separator, str).map(stringValue)),
  ),
  startswith,
  strcontains: { ...test(["str", "substr"], (str = "", part = "") => str.includes(part)), refinement: {} },
  strrev: text(["str"], (str = "") => [...graphemesOf(str)].reverse().join("")),
  substr,
  title: text(["str"], (str = "") => titleCase(str)),
  trim: text(["str", "cutset"], (str = "", cutset = "") => trimSet(str, cutset)),
  trimprefix: text(["str", "prefix"], (str = "", prefix = "") =>
    prefix !== "" && str.startsWith(prefix) ? str.slice(prefix.length) : str,
  ),
  trimspace: text(["str"], (str = "") => str.replace(spacesAround, "")),
  trimsuffix: text(["str", "suffix"], (str = "", suffix = "") =>
    suffix !== "" && str.endsWith(suffix) ? str.slice(0, -suffix.length) : str,
  ),
  upper: text(["str"], (str = "") => byRune(str, (char) => char.toUpperCase())),
};
