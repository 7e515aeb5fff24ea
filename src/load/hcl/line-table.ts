import type { SourcePosition, SourceRange } from "../../model/source-range.ts";

const beyondEveryOffset = 0xffffffff;

/** Where a text begins in its file, for a text that is only a part of it. */
export interface Origin {
  readonly file: string;
  readonly start: SourcePosition;
}

/** The origin of a text that is a whole file. */
export const wholeFile = (file: string): Origin => ({ file, start: { line: 1, column: 1, offset: 0 } });

/** Turns offsets of a text into lines and columns. Fast when asked in ascending order; columns are grapheme clusters, as in HCL. */
export class LineTable {
  readonly file: string;
  readonly #text: string;
  readonly #start: SourcePosition;
  readonly #lineStarts: Uint32Array;
  readonly #isAscii: boolean;
  #line = 0;
  #last: SourcePosition | undefined;
  #columns: { readonly line: number; readonly of: Uint32Array } | undefined;

  constructor(text: string, origin: Origin) {
    this.file = origin.file;
    this.#text = text;
    this.#start = origin.start;
    this.#lineStarts = lineStartsOf(text);
    this.#isAscii = isAscii(text);
  }

  at(offset: number): SourcePosition {
    const last = this.#last;
    if (last !== undefined && last.offset === offset + this.#start.offset) return last;
    const starts = this.#lineStarts;
    let line = this.#line;
    while (offset < (starts[line] as number)) line--;
    while (offset >= (starts[line + 1] as number)) line++;
    this.#line = line;
    const column = this.#isAscii ? offset - (starts[line] as number) : this.#graphemesBefore(line, offset);
    const position = {
      line: line + this.#start.line,
      column: line === 0 ? column + this.#start.column : column + 1,
      offset: offset + this.#start.offset,
    };
    this.#last = position;
    return position;
  }

  range(start: number, end: number): SourceRange {
    return { file: this.file, start: this.at(start), end: this.at(end) };
  }

  textOf(offset: number, length: number): string {
    return this.#text.slice(offset, offset + length);
  }

  #graphemesBefore(line: number, offset: number): number {
    const start = this.#lineStarts[line] as number;
    if (this.#columns?.line !== line) {
      const next = this.#lineStarts[line + 1] as number;
      const text = this.#text.slice(start, next === beyondEveryOffset ? undefined : next);
      this.#columns = { line, of: graphemeColumns(text) };
    }
    return this.#columns.of[offset - start] as number;
  }
}

const lineStartsOf = (text: string): Uint32Array => {
  let count = 2;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count++;
  const starts = new Uint32Array(count);
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts[line++] = at + 1;
  starts[line] = beyondEveryOffset;
  return starts;
};

const isAscii = (text: string): boolean => !/[^\0-\x7f]/.test(text);

/** For each UTF-16 offset of a line, and for its end, how many grapheme clusters begin before it. */
const graphemeColumns = (line: string): Uint32Array => {
  const columns = new Uint32Array(line.length + 1);
  if (isAscii(line)) {
    for (let at = 0; at <= line.length; at++) columns[at] = at;
    return columns;
  }
  let count = 0;
  for (const { segment, index } of new Intl.Segmenter("en", { granularity: "grapheme" }).segment(line)) {
    columns[index] = count++;
    for (let at = index + 1; at < index + segment.length; at++) columns[at] = count;
  }
  columns[line.length] = count;
  return columns;
};
