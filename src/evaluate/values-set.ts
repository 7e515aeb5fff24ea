import type { Type } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import { valueEquals } from "./values-equality.ts";
import { compareNum } from "./values-number.ts";
import { formatGeneral } from "./values-number-text.ts";
import { compareUtf8, isPrimitive } from "./values-type.ts";

/** A set of unmarked items without equals, in cty's iteration order (cty `set_internals.go`): unknowns after values, nulls last. */
export const setFromItems = (element: Type, items: readonly Value[]): Value & { readonly kind: "set" } => ({
  kind: "set",
  type: { kind: "set", element },
  items: element.kind === "string" ? stringItems(items) : sortItems(element, distinct(items)),
});

/** Strings are by far the commonest members, and need no hash. */
const stringItems = (items: readonly Value[]): readonly Value[] => {
  const seen = new Map<string, Value>();
  for (const item of items) {
    if (item.kind !== "string") return sortItems({ kind: "string" }, distinct(items));
    if (!seen.has(item.value)) seen.set(item.value, item);
  }
  return [...seen.values()].sort((a, b) => compareUtf8((a as { value: string }).value, (b as { value: string }).value));
};

/** Members of a set are one where cty's equality says a known true; unknowns stay apart. */
const distinct = (items: readonly Value[]): Value[] => {
  const buckets = new Map<string, Value[]>();
  const kept: Value[] = [];
  for (const item of items) {
    const key = setKey(item);
    const bucket = buckets.get(key);
    if (bucket === undefined) buckets.set(key, [item]);
    else if (bucket.some((other) => valueEquals(item, other) === true)) continue;
    else bucket.push(item);
    kept.push(item);
  }
  return kept;
};

const sortItems = (element: Type, items: Value[]): readonly Value[] => {
  if (items.length < 2) return items;
  if (isPrimitive(element)) return items.sort(comparePrimitive);
  return items
    .map((item) => ({ item, key: setKey(item) }))
    .sort((a, b) => rank(a.item) - rank(b.item) || compareUtf8(a.key, b.key))
    .map(({ item }) => item);
};

const rank = (value: Value): number => (value.kind === "null" ? 2 : value.kind === "unknown" ? 1 : 0);

const comparePrimitive = (a: Value, b: Value): number => {
  if (a.kind === "string" && b.kind === "string") return compareUtf8(a.value, b.value);
  if (a.kind === "number" && b.kind === "number") return compareNum(a.value, b.value);
  if (a.kind === "bool" && b.kind === "bool") return Number(a.value) - Number(b.value);
  return rank(a) - rank(b);
};

/** The text by which cty hashes and orders members (numbers with ten digits, strings quoted as Go does). */
export const setKey = (value: Value): string => {
  switch (value.kind) {
    case "unknown":
      return "?";
    case "null":
      return "~";
    case "string":
      return quoteGo(value.value);
    case "number":
      return formatGeneral(value.value, 10);
    case "bool":
      return value.value ? "T" : "F";
    case "list":
    case "set":
      return `[${value.items.map((item) => `${setKey(item)};`).join("")}]`;
    case "tuple":
      return `<${value.items.map((item) => `${setKey(item)};`).join("")}>`;
    case "map":
      return `{${[...value.fields].map(([key, item]) => `${quoteGo(key)}:${setKey(item)};`).join("")}}`;
    case "object":
      return `<${[...value.fields.values()].map((item) => `${setKey(item)};`).join("")}>`;
  }
};

/** A string in double quotes with Go's escapes (strconv.Quote). */
export const quoteGo = (text: string): string => {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  let out = '"';
  for (const char of text) out += quotedChar(char);
  return `${out}"`;
};

const named: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

const quotedChar = (char: string): string => {
  const short = named[char];
  if (short !== undefined) return short;
  if (/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(char)) return char;
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
};
