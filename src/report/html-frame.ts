import type { SourceRange } from "../model/source-range.ts";
import { html } from "./escape.ts";

/** What the giver of a source text writes in place of a line that must not be shown; a finding on such a line gets no frame. */
export const hiddenLine = "…";

const around = 2;
const mostMarked = 8;
const widest = 200;

/** A few lines around a range, the range marked, as HTML; "" where the text is not given or must not be shown. */
export const codeFrame = (text: string | undefined, range: SourceRange): string => {
  if (text === undefined || /\.tfvars(\.json)?$/i.test(range.file)) return "";
  const lines = text.split(/\r\n|\r|\n/);
  const { start, end } = range;
  const last = Math.max(start.line, Math.min(end.line, start.line + mostMarked - 1, lines.length));
  if (start.line > lines.length) return "";
  if (lines.slice(start.line - 1, last).some((line) => line === hiddenLine)) return "";
  const from = Math.max(1, start.line - around);
  const to = Math.min(lines.length, last + around);
  const width = String(to).length;
  const rows: string[] = [];
  for (let number = from; number <= to; number++) {
    const isMarked = number >= start.line && number <= last;
    const line = lines[number - 1] ?? "";
    const left = isMarked ? (number === start.line ? start.column - 1 : indentOf(line)) : undefined;
    const right = number === end.line ? Math.max(end.column - 1, (left ?? 0) + 1) : Number.POSITIVE_INFINITY;
    rows.push(`<span class="no">${String(number).padStart(width)}</span> ${marked(line, left, right)}`);
  }
  return `<pre class="frame" tabindex="0" role="region" aria-label="${html(`${range.file}, line ${start.line}`)}">${rows.join("\n")}</pre>`;
};

const indentOf = (line: string): number => line.length - line.trimStart().length;

/** Columns count code points. */
const marked = (line: string, left: number | undefined, right: number): string => {
  const points = [...line];
  const tail = points.length > widest ? "…" : "";
  const piece = (from: number, to: number): string => html(points.slice(from, Math.min(to, widest)).join(""));
  if (left === undefined) return piece(0, widest) + tail;
  return `${piece(0, left)}<mark>${piece(left, right)}</mark>${piece(Math.min(right, widest), widest)}${tail}`;
};
