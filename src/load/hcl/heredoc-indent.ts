import type { FlatPart } from "./template-parts.ts";

/**
 * Takes from a `<<-` heredoc the indent that all its lines share (HCL native syntax specification, "Template expressions"). A line
 * of blanks alone counts for nothing and stays as it is; a line that begins with a sequence has no indent.
 */
export const removeIndent = (parts: readonly FlatPart[]): readonly FlatPart[] => {
  const shared = sharedIndent(parts);
  if (shared === 0) return parts;
  return lineStarts(parts).map(({ part, isLineStart }) =>
    part.kind === "text" && isLineStart && !isBlankLine(part.text)
      ? { ...part, text: withoutFirst(part.text, shared) }
      : part,
  );
};

const sharedIndent = (parts: readonly FlatPart[]): number => {
  let least = Number.POSITIVE_INFINITY;
  for (const { part, isLineStart } of lineStarts(parts)) {
    if (!isLineStart) continue;
    if (part.kind !== "text") return 0;
    if (!isBlankLine(part.text)) least = Math.min(least, part.text.length - part.text.trimStart().length);
  }
  return Number.isFinite(least) ? least : 0;
};

const lineStarts = (
  parts: readonly FlatPart[],
): readonly { readonly part: FlatPart; readonly isLineStart: boolean }[] => {
  let isLineStart = true;
  return parts.map((part) => {
    const entry = { part, isLineStart };
    isLineStart = part.kind === "text" && part.text.endsWith("\n");
    return entry;
  });
};

const isBlankLine = (text: string): boolean => text.endsWith("\n") && text.trim() === "";

const withoutFirst = (text: string, count: number): string => text.slice(count);
