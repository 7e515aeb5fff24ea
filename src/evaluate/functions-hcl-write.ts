import type { Value } from "../model/value.ts";
import { graphemeCount } from "./values-grapheme.ts";
import { formatNum } from "./values-number-text.ts";

/** A line without its margin, and by how many brackets it opens more than it closes. */
interface Line {
  text: string;
  depth: number;
}

/** A known value as an HCL expression, laid out as `terraform fmt` does (hclwrite `TokensForValue`). */
export const writeHcl = (value: Value): string => layOut(linesOf(value));

/** Variables as the text of a `.tfvars` file. */
export const writeTfvars = (fields: ReadonlyMap<string, Value>): string => {
  const lines = fieldLines(fields);
  return lines.length === 0 ? "" : `${layOut(lines)}\n`;
};

const linesOf = (value: Value): Line[] => {
  switch (value.kind) {
    case "list":
    case "set":
    case "tuple":
      return sequenceLines(value.items);
    case "map":
    case "object":
      if (value.fields.size === 0) return [{ text: "{}", depth: 0 }];
      return [{ text: "{", depth: 1 }, ...fieldLines(value.fields), { text: "}", depth: -1 }];
    case "string":
      return [{ text: quote(value.value), depth: 0 }];
    case "number":
      return [{ text: formatNum(value.value, value.precision), depth: 0 }];
    case "bool":
      return [{ text: String(value.value), depth: 0 }];
    default:
      return [{ text: "null", depth: 0 }];
  }
};

const sequenceLines = (items: readonly Value[]): Line[] => {
  const lines: Line[] = [{ text: "[", depth: 1 }];
  for (const [index, item] of items.entries()) append(lines, index === 0 ? "" : ", ", linesOf(item));
  append(lines, "", [{ text: "]", depth: -1 }]);
  return lines;
};

/** Goes on in the last line. */
const append = (lines: Line[], separator: string, more: readonly Line[]): void => {
  const [first, ...rest] = more;
  const last = lines.at(-1);
  if (first === undefined || last === undefined) return;
  last.text += separator + first.text;
  last.depth += first.depth;
  lines.push(...rest);
};

/** Equals signs of neighbouring fields stand below each other, unless a value takes several lines. */
const fieldLines = (fields: ReadonlyMap<string, Value>): Line[] => {
  const items = [...fields].map(([name, value]) => ({ key: keyText(name), lines: linesOf(value) }));
  const lines: Line[] = [];
  for (let start = 0; start < items.length; ) {
    let end = start;
    while (items[end]?.lines.length === 1) end++;
    const group = items.slice(start, Math.max(end, start + 1));
    const width = Math.max(...group.map(({ key }) => graphemeCount(key)));
    for (const { key, lines: own } of group) {
      const line = { text: `${key}${" ".repeat(width - graphemeCount(key))} = `, depth: 0 };
      lines.push(line);
      append(lines, "", own);
    }
    start += group.length;
  }
  return lines;
};

const keyText = (name: string): string => (/^[\p{ID_Start}][\p{ID_Continue}-]*$/u.test(name) ? name : quote(name));

/** Brackets that open in one line make one level together. */
const layOut = (lines: readonly Line[]): string => {
  const levels: number[] = [];
  return lines
    .map(({ text, depth }) => {
      if (depth < 0) closeLevels(levels, -depth);
      const margin = "  ".repeat(levels.length);
      if (depth > 0) levels.push(depth);
      return margin + text;
    })
    .join("\n");
};

const closeLevels = (levels: number[], count: number): void => {
  let left = count;
  while (left > 0) {
    const level = levels.pop();
    if (level === undefined) return;
    if (level > left) levels.push(level - left);
    left -= level;
  }
};

const escapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\" };

const quote = (text: string): string => {
  let out = "";
  for (const char of text) out += escapes[char] ?? (isPrintable(char) ? char : escapeCode(char));
  return `"${out.replace(/([$%])(?=\{)/g, "$1$1")}"`;
};

const isPrintable = (char: string): boolean => /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(char);

const escapeCode = (char: string): string => {
  const code = char.codePointAt(0) ?? 0;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
};
