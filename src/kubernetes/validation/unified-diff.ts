import type { Json } from "../../model/json.ts";

const context = 3;

/** The lines in which two values differ, as a unified diff of their indented JSON without a file header (apimachinery pkg/util/diff, v0.35). */
export const unifiedDiff = (a: Json, b: Json): string => {
  const [before, after] = [lines(a), lines(b)];
  return hunks(edits(before, after)).map(hunkText).join("");
};

const lines = (value: Json): readonly string[] => JSON.stringify(value, null, 1).split("\n");

interface Edit {
  readonly sign: " " | "-" | "+";
  readonly text: string;
  readonly oldLine: number;
  readonly newLine: number;
}

/** The longest common part stays, what is left of the first goes, what is left of the second comes. */
const edits = (a: readonly string[], b: readonly string[]): readonly Edit[] => {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const [from, to] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  const width = to.length + 1;
  const table = new Uint32Array((from.length + 1) * width);
  for (let i = from.length - 1; i >= 0; i--) {
    for (let j = to.length - 1; j >= 0; j--) {
      table[i * width + j] =
        from[i] === to[j]
          ? (table[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(table[(i + 1) * width + j] ?? 0, table[i * width + j + 1] ?? 0);
    }
  }
  const result: Edit[] = [];
  let [i, j] = [0, 0];
  const push = (sign: Edit["sign"], text: string): void => {
    result.push({ sign, text, oldLine: start + i, newLine: start + j });
  };
  for (let line = 0; line < start; line++)
    result.push({ sign: " ", text: a[line] ?? "", oldLine: line, newLine: line });
  while (i < from.length || j < to.length) {
    if (i < from.length && j < to.length && from[i] === to[j]) {
      push(" ", from[i] ?? "");
      i++;
      j++;
    } else if (
      i < from.length &&
      (j >= to.length || (table[(i + 1) * width + j] ?? 0) >= (table[i * width + j + 1] ?? 0))
    ) {
      push("-", from[i] ?? "");
      i++;
    } else {
      push("+", to[j] ?? "");
      j++;
    }
  }
  for (let line = a.length - end; line < a.length; line++) {
    result.push({ sign: " ", text: a[line] ?? "", oldLine: line, newLine: line - a.length + b.length });
  }
  return result;
};

const hunks = (all: readonly Edit[]): readonly (readonly Edit[])[] => {
  const result: Edit[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const [index, edit] of all.entries()) {
    if (edit.sign === " ") continue;
    const current = result.at(-1);
    if (current !== undefined && index - last <= 2 * context + 1) current.push(...all.slice(last + 1, index + 1));
    else result.push([...all.slice(Math.max(0, index - context), index + 1)]);
    last = index;
    const next = all.findIndex((other, place) => place > index && other.sign !== " ");
    if (next === -1 || next - index > 2 * context + 1)
      result.at(-1)?.push(...all.slice(index + 1, index + 1 + context));
  }
  return result;
};

const hunkText = (hunk: readonly Edit[]): string => {
  const old = hunk.filter(({ sign }) => sign !== "+");
  const fresh = hunk.filter(({ sign }) => sign !== "-");
  const range = (part: readonly Edit[], line: (edit: Edit) => number): string =>
    part.length === 1
      ? `${line(part[0] as Edit) + 1}`
      : `${(part[0] === undefined ? 0 : line(part[0])) + 1},${part.length}`;
  const header = `@@ -${range(old, ({ oldLine }) => oldLine)} +${range(fresh, ({ newLine }) => newLine)} @@`;
  return `${header}\n${hunk.map(({ sign, text }) => `${sign}${text}`).join("\n")}\n`;
};
