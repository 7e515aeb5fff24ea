/** A place in a text. `line` and `column` count from 1, columns in Unicode code points; `offset` counts UTF-16 units from 0. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

/** A stretch of a file, the end exclusive. `file` is relative to the root that was read, with forward slashes. */
export interface SourceRange {
  readonly file: string;
  readonly start: SourcePosition;
  readonly end: SourcePosition;
}

/** The stretch from the start of `first` to the end of `last`; both lie in the same file. */
export const spanOf = (first: SourceRange, last: SourceRange): SourceRange => ({
  file: first.file,
  start: first.start,
  end: last.end,
});

/** `file:line:column`, the form that editors and terminals turn into a link. */
export const formatPlace = (range: SourceRange): string => `${range.file}:${range.start.line}:${range.start.column}`;
