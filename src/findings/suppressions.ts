import { addressOf, type SourcedObject } from "../kubernetes/object.ts";
import type { SourceRange } from "../model/source-range.ts";
import type { Finding, Suppression } from "./finding.ts";
import { instanceAt } from "./instance-values.ts";
import type { World } from "./rule.ts";

/** An entry of `aks-twin.yaml` under `ignore`. */
export interface IgnoreEntry {
  readonly code: string;
  /** Address of the resource or object; all where left out. `*` stands for any text. */
  readonly subject?: string;
  readonly reason?: string;
  /** `2026-12-31`: the last day on which it counts. */
  readonly until?: string;
}

export interface SuppressionSources {
  /** The text of a file by the name that ranges use; without it comments are not read. */
  readonly textOf?: (file: string) => string | undefined;
  readonly ignore?: readonly IgnoreEntry[];
  /** The present day, `2026-11-25`, for entries with an end; without it no entry ends. */
  readonly today?: string;
}

const annotation = "aks-twin/ignore";

/**
 * Marks the findings that their authors have answered: by a comment `# aks-twin:ignore AKS1234 reason` on the line, right above it, or on
 * the head of the resource or object; by the annotation `aks-twin/ignore: AKS1234 reason`; or in `aks-twin.yaml`. A comment may end
 * with `until=2026-12-31`; several codes are parted by commas.
 */
export const applySuppressions = (
  findings: readonly Finding[],
  world: World,
  sources: SuppressionSources,
): readonly Finding[] => {
  const comments = commentReader(sources);
  const headOf = headFinder(world);
  const annotated = annotationsOf(world, sources.today);
  return findings.map((finding) => {
    const suppressed = byConfig(finding, sources) ?? annotated(finding) ?? byComment(finding, headOf, comments);
    return suppressed === undefined ? finding : { ...finding, suppressed };
  });
};

const byConfig = (finding: Finding, sources: SuppressionSources): Suppression | undefined => {
  const entry = sources.ignore?.find(
    (candidate) =>
      candidate.code === finding.code &&
      (candidate.subject === undefined || matchesPattern(candidate.subject, finding.subject ?? "")) &&
      isCurrent(candidate.until, sources.today),
  );
  return entry === undefined ? undefined : { reason: entry.reason ?? "", range: undefined };
};

const matchesPattern = (pattern: string, text: string): boolean => {
  const parts = pattern.split("*");
  if (parts.length === 1) return pattern === text;
  let at = 0;
  for (const [index, part] of parts.entries()) {
    const found = index === parts.length - 1 && index > 0 ? text.length - part.length : text.indexOf(part, at);
    if (found < at || !text.startsWith(part, found) || (index === 0 && found !== 0)) return false;
    at = found + part.length;
  }
  return true;
};

const isCurrent = (until: string | undefined, today: string | undefined): boolean =>
  until === undefined || today === undefined || today <= until;

const annotationsOf = (world: World, today: string | undefined): ((finding: Finding) => Suppression | undefined) => {
  const bySubject = new Map<string, { text: string; range: SourceRange }>();
  for (const source of world.objects) {
    const text = source.object.metadata.annotations?.[annotation];
    if (text !== undefined) {
      bySubject.set(addressOf(source.object), { text, range: source.rangeAt(["metadata", "annotations", annotation]) });
    }
  }
  return (finding) => {
    const found = bySubject.get(finding.subject ?? "");
    if (found === undefined) return undefined;
    for (const line of found.text.split(/[;\n]/)) {
      const note = parseNote(line.trim());
      if (note?.codes.includes(finding.code) === true && isCurrent(note.until, today)) {
        return { reason: note.reason, range: found.range };
      }
    }
    return undefined;
  };
};

interface Note {
  readonly codes: readonly string[];
  readonly reason: string;
  readonly until: string | undefined;
}

/** `AKS1001,AKS1002 the reason until=2026-12-31`. */
const parseNote = (text: string): Note | undefined => {
  const match = /^([A-Z][A-Z0-9_-]*\d(?:\s*,\s*[A-Z][A-Z0-9_-]*\d)*)(?:[\s:]+(.*))?$/.exec(text);
  if (match === null) return undefined;
  const rest = match[2] ?? "";
  const until = /\buntil=(\d{4}-\d{2}-\d{2})\b/.exec(rest)?.[1];
  return {
    codes: (match[1] ?? "").split(",").map((code) => code.trim()),
    reason: rest.replace(/\s*\buntil=\S+/, "").trim(),
    until,
  };
};

type CommentReader = (file: string, line: number) => { readonly note: Note | undefined; readonly isComment: boolean };

/** Reads single lines of files, each file once, and only those that hold the marker at all. */
const commentReader = (sources: SuppressionSources): CommentReader => {
  const files = new Map<string, readonly string[]>();
  const linesOf = (file: string): readonly string[] => {
    let lines = files.get(file);
    if (lines === undefined) {
      const text = sources.textOf?.(file) ?? "";
      lines = text.includes("aks-twin:ignore") ? text.split(/\r\n|\r|\n/) : [];
      files.set(file, lines);
    }
    return lines;
  };
  return (file, line) => {
    const text = linesOf(file)[line - 1];
    if (text === undefined) return { note: undefined, isComment: false };
    const match = /(?:#|\/\/|\/\*)\s*aks-twin:ignore\s+(.*?)\s*(?:\*\/\s*)?$/.exec(text);
    const note = parseNote(match?.[1] ?? "");
    const current = note !== undefined && isCurrent(note.until, sources.today);
    return { note: current ? note : undefined, isComment: /^\s*(#|\/\/|\/\*)/.test(text) };
  };
};

const byComment = (finding: Finding, headOf: HeadFinder, read: CommentReader): Suppression | undefined => {
  const heads = [finding.range, headOf(finding)];
  for (const range of heads) {
    const found = range === undefined ? undefined : noteFor(finding.code, range, read);
    if (found !== undefined) return found;
  }
  return undefined;
};

type HeadFinder = (finding: Finding) => SourceRange | undefined;

/** Where the resource or object that a finding is about begins. */
const headFinder = (world: World): HeadFinder => {
  let objects: ReadonlyMap<string, SourcedObject> | undefined;
  return ({ subject }) => {
    if (subject === undefined) return undefined;
    const instance = instanceAt(world, subject);
    if (instance !== undefined) return instance.range;
    objects ??= new Map(world.objects.map((source) => [addressOf(source.object), source]));
    return objects.get(subject)?.range;
  };
};

/** The note on the line itself, or in the comment lines right above it. */
const noteFor = (code: string, range: SourceRange, read: CommentReader): Suppression | undefined => {
  let line = range.start.line;
  let current = read(range.file, line);
  while (true) {
    if (current.note?.codes.includes(code) === true) {
      const place = { line, column: 1, offset: 0 };
      return { reason: current.note.reason, range: { file: range.file, start: place, end: place } };
    }
    line -= 1;
    current = line < 1 ? { note: undefined, isComment: false } : read(range.file, line);
    if (!current.isComment) return undefined;
  }
};
