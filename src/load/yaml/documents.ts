import { type Diagnostic, diagnostic, type Outcome } from "../../model/diagnostic.ts";
import { isJsonObject, type Json } from "../../model/json.ts";
import type { SourceRange } from "../../model/source-range.ts";
import { type PlaceTable, readFast } from "./fast-reader.ts";
import { readFull } from "./full-reader.ts";
import { createLineIndex, type LineIndex } from "./line-index.ts";

export type JsonPath = readonly (string | number)[];

/** One document of a YAML or JSON text as plain JSON, and where each part was written. */
export interface YamlDocument {
  readonly value: Json;
  readonly range: SourceRange;
  /** The range of the value at the path, or of its nearest ancestor that has one. */
  readonly rangeAt: (path: JsonPath) => SourceRange;
}

/** Texts past this are refused: nothing that a cluster takes is near it. */
const maximumLength = 512 * 1024 * 1024;

/**
 * Reads a YAML stream or JSON as kubectl does (sigs.k8s.io/yaml 1.6). Empty documents are left out; `List` objects are unrolled.
 * A document that cannot be read becomes a diagnostic and the others go on. Ranges cost nothing until they are asked for.
 */
export const parseYamlDocuments = (text: string, file: string): Outcome<readonly YamlDocument[]> => {
  const index = createLineIndex(text, file);
  if (text.length > maximumLength) {
    return { value: [], diagnostics: [refused("The file is too large", `${text.length} characters`, index, 0, 0)] };
  }
  if (/^\s*[{[]/.test(text)) {
    const json = parseJson(text, index);
    if (json !== undefined) return { value: unrolled(json), diagnostics: [] };
  }
  const documents: YamlDocument[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const [start, end] of documentBounds(text)) {
    const { value, duplicates, problems } = readDocument(text, start, end);
    for (const { key, offset } of duplicates) diagnostics.push(duplicateKey(key, offset, index));
    for (const problem of problems) {
      diagnostics.push(
        refused(
          "The YAML cannot be read",
          `${problem.message}. The document is left out; mend it there.`,
          index,
          problem.start,
          problem.end,
        ),
      );
    }
    if (value !== null && problems.length === 0)
      documents.push(...unrolled(documentOf(value, text, start, end, index)));
  }
  return { value: documents, diagnostics };
};

const readDocument = (text: string, start: number, end: number, places?: PlaceTable) => {
  const fast = readFast(text, start, end, places);
  return fast === undefined ? readFull(text, start, end, places) : { ...fast, problems: [] };
};

/** The stretches between `---` and `...` lines; a directive or text on the marker's line stays with its document. */
const documentBounds = (text: string): [number, number][] => {
  const bounds: [number, number][] = [];
  const marker = /^(?:---|\.\.\.)(?=[\s]|$)/gm;
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  for (let match = marker.exec(text); match !== null; match = marker.exec(text)) {
    if (match.index > start) bounds.push([start, match.index]);
    const lineEnd = text.indexOf("\n", match.index);
    const rest = text.slice(match.index + 3, lineEnd === -1 ? text.length : lineEnd);
    const isBare = /^\s*(#.*)?$/.test(rest);
    start = isBare ? (lineEnd === -1 ? text.length : lineEnd + 1) : match.index;
    if (!isBare) marker.lastIndex = match.index + 3;
  }
  if (start < text.length) bounds.push([start, text.length]);
  return bounds.filter(([from, to]) => !isDirectivesOnly(text, from, to));
};

const isDirectivesOnly = (text: string, start: number, end: number): boolean =>
  text.charCodeAt(start) === 37 && /^(?:%[^\n]*\n|\s*#[^\n]*\n|\s*\n)*$/.test(text.slice(start, end));

const documentOf = (value: Json, text: string, start: number, end: number, index: LineIndex): YamlDocument => {
  let places: PlaceTable | undefined;
  let root: Json = null;
  const from = contentStart(text, start, end);
  const to = contentEnd(text, start, end);
  return {
    value,
    get range() {
      return index.rangeOf(from, to);
    },
    rangeAt: (path) => {
      if (places === undefined) {
        places = new Map();
        root = readDocument(text, start, end, places).value;
      }
      return locate(root, path, places, from, to, index);
    },
  };
};

const locate = (
  root: Json,
  path: JsonPath,
  places: PlaceTable,
  from: number,
  to: number,
  index: LineIndex,
): SourceRange => {
  let node: Json | undefined = root;
  let found: readonly [number, number] = [from, to];
  for (const step of path) {
    if (typeof node !== "object" || node === null) break;
    const place = places.get(node)?.get(step);
    if (place === undefined) break;
    found = [place[1], Math.max(place[1], place[2])];
    node = (node as Readonly<Record<string | number, Json>>)[step];
  }
  return index.rangeOf(found[0], found[1]);
};

const contentStart = (text: string, start: number, end: number): number => {
  const found = /[^\s#]/.exec(text.slice(start, Math.min(end, start + 1)));
  if (found !== null) return start;
  const match = /^(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*/.exec(text.slice(start, end));
  return start + (match?.[0].length ?? 0);
};

const contentEnd = (text: string, start: number, end: number): number => {
  let at = end;
  while (at > start && text.charCodeAt(at - 1) <= 32) at--;
  return at;
};

/** JSON takes the quick way; its places are read by the YAML reader, which JSON is a part of. */
const parseJson = (text: string, index: LineIndex): YamlDocument | undefined => {
  try {
    return documentOf(JSON.parse(text) as Json, text, 0, text.length, index);
  } catch {
    return undefined;
  }
};

/** `kind: List` and `PodList` alike: each item is a document of its own. */
const unrolled = (document: YamlDocument): readonly YamlDocument[] => {
  const { value } = document;
  if (!isJsonObject(value) || typeof value["kind"] !== "string" || !value["kind"].endsWith("List")) return [document];
  const items = value["items"];
  if (!Array.isArray(items)) return [document];
  const kind = value["kind"].slice(0, -4);
  return (items as readonly Json[]).flatMap((item, position) =>
    unrolled({
      value: kind === "" ? item : withTypeOf(item, kind, value["apiVersion"] ?? null),
      get range() {
        return document.rangeAt(["items", position]);
      },
      rangeAt: (path) => document.rangeAt(["items", position, ...path]),
    }),
  );
};

/** Items of a typed list leave their kind to the list. */
const withTypeOf = (item: Json, kind: string, apiVersion: Json): Json =>
  isJsonObject(item) && item["kind"] === undefined ? { apiVersion, kind, ...item } : item;

const refused = (summary: string, detail: string, index: LineIndex, start: number, end: number): Diagnostic =>
  diagnostic({ code: "AKS9101", severity: "error", summary, detail, range: index.rangeOf(start, end) });

const duplicateKey = (key: string, offset: number, index: LineIndex): Diagnostic =>
  diagnostic({
    code: "AKS9102",
    severity: "warning",
    summary: "A key is given twice",
    detail: `"${key}" stands twice in one mapping; the last one counts, as for kubectl. Remove one.`,
    range: index.rangeOf(offset, offset + key.length),
  });
