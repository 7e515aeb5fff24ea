import { plainLine } from "./escape.ts";

export type Alignment = "left" | "right";

/** Columns of text, two blanks apart, indented by two; the last column is not padded. */
export const table = (
  header: readonly string[],
  rows: readonly (readonly string[])[],
  alignment: readonly Alignment[],
): readonly string[] => {
  const cells = [header, ...rows].map((row) => row.map(plainLine));
  const widths = header.map((_, column) => Math.max(...cells.map((row) => displayWidth(row[column] ?? ""))));
  return cells.map((row) =>
    `  ${row.map((cell, column) => pad(cell, widths[column] ?? 0, alignment[column] ?? "left")).join("  ")}`.trimEnd(),
  );
};

const pad = (cell: string, width: number, alignment: Alignment): string => {
  const blanks = " ".repeat(Math.max(0, width - displayWidth(cell)));
  return alignment === "right" ? blanks + cell : cell + blanks;
};

const displayWidth = (text: string): number => [...text].length;

/** Breaks a text into lines of at most `width` characters, each indented; a longer word stands alone. */
export const wrap = (text: string, width: number, indent: string): readonly string[] => {
  const lines: string[] = [];
  let line = "";
  for (const word of plainLine(text).split(/ +/)) {
    if (line !== "" && line.length + 1 + word.length + indent.length > width) {
      lines.push(indent + line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  if (line !== "") lines.push(indent + line);
  return lines;
};
