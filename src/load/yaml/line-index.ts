import type { SourcePosition, SourceRange } from "../../model/source-range.ts";

/** Turns offsets of one text into lines and columns; the table of lines is made at the first question. */
export interface LineIndex {
  readonly positionAt: (offset: number) => SourcePosition;
  readonly rangeOf: (start: number, end: number) => SourceRange;
}

export const createLineIndex = (text: string, file: string): LineIndex => {
  let starts: number[] | undefined;
  const positionAt = (offset: number): SourcePosition => {
    starts ??= lineStarts(text);
    const line = lastAtOrBefore(starts, offset);
    const start = starts[line] ?? 0;
    return { line: line + 1, column: codePoints(text, start, offset) + 1, offset };
  };
  return {
    positionAt,
    rangeOf: (start, end) => ({ file, start: positionAt(start), end: positionAt(Math.max(start, end)) }),
  };
};

const lineStarts = (text: string): number[] => {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
};

const lastAtOrBefore = (starts: readonly number[], offset: number): number => {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
};

const codePoints = (text: string, start: number, end: number): number => {
  let count = 0;
  for (let at = start; at < end && at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 0xd800 && unit <= 0xdbff) at++;
    count++;
  }
  return count;
};
