import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type Diagnostic, diagnostic, type Outcome } from "../../model/diagnostic.ts";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { type Section, sectionsOf, textOf } from "./json-sections.ts";

/** The longest text that the JavaScript engine can hold, and so the largest single value that can be read (V8, 2^29 - 24 characters). */
const largestFile = 512 * 1024 * 1024;

/** Reads a plan or state file of any reasonable size. `shown` is what diagnostics call it. */
export const readJsonFile = (path: string, shown: string): Outcome<Uint8Array | undefined> => {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const stats = fstatSync(file);
    if (!stats.isFile()) return failed(problem("AKS9013", "Not a file", `"${shown}" is not an ordinary file.`, shown));
    if (stats.size > largestFile) return failed(tooLarge(shown, stats.size));
    const bytes = Buffer.allocUnsafe(stats.size);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(file, bytes, length, bytes.length - length, null);
    }
    return { value: bytes.subarray(0, length), diagnostics: [] };
  } catch {
    return failed(problem("AKS9013", "File not found", `"${shown}" cannot be read.`, shown));
  } finally {
    if (file !== undefined) closeSync(file);
  }
};

/** A JSON object whose members are read when they are asked for. */
export interface JsonDocument {
  readonly has: (name: string) => boolean;
  /** A member's value; `undefined` when it is not there or cannot be read. */
  readonly member: (name: string) => Json | undefined;
  /** The items of a member that is a list, one by one; nothing for any other. */
  readonly items: (name: string) => Iterable<Json>;
  /** What went wrong so far. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Opens a plan or state for reading; `what` names it in diagnostics, as in "a plan as JSON". */
export const openJsonDocument = (bytes: Uint8Array, file: string, what: string): Outcome<JsonDocument | undefined> => {
  const text = plainUtf8(bytes);
  const sections = sectionsOf(text, 0);
  if (sections === undefined || text[firstSolid(text)] !== 0x7b) return failed(notJson(bytes, file, what));
  const byName = new Map(sections.map((section) => [section.name, section]));
  const diagnostics: Diagnostic[] = [];
  const parse = (section: Section): Json | undefined => {
    try {
      return JSON.parse(textOf(text, section.start, section.end)) as Json;
    } catch {
      diagnostics.push(unreadable(file, section, what));
      return undefined;
    }
  };
  const document: JsonDocument = {
    has: (name) => byName.has(name),
    member: (name) => {
      const section = byName.get(name);
      return section === undefined ? undefined : parse(section);
    },
    *items(name) {
      const list = byName.get(name);
      for (const section of (list && text[list.start] === 0x5b && sectionsOf(text, list.start)) || []) {
        const value = parse(section);
        if (value !== undefined) yield value;
      }
    },
    diagnostics,
  };
  return { value: document, diagnostics: [] };
};

const failed = (found: Diagnostic): Outcome<undefined> => ({ value: undefined, diagnostics: [found] });

const problem = (code: string, summary: string, detail: string, file: string): Diagnostic =>
  diagnostic({ code, severity: "error", summary, detail, range: beginningOf(file) });

const beginningOf = (file: string) => {
  const start = { line: 1, column: 1, offset: 0 };
  return { file, start, end: start };
};

const tooLarge = (file: string, sizeBytes: number): Diagnostic => ({
  ...problem(
    "AKS9011",
    "File too large",
    `"${file}" has ${sizeBytes} bytes; at most ${largestFile} can be read. Plan a part of the configuration, or give its folder instead.`,
    file,
  ),
  evidence: { sizeBytes, limitBytes: largestFile },
});

/** Windows PowerShell writes UTF-16 with a mark; a mark before UTF-8 is no part of the text. */
const plainUtf8 = (bytes: Uint8Array): Uint8Array => {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) {
    return Buffer.from(Buffer.from(bytes.buffer, bytes.byteOffset + 2, bytes.byteLength - 2).toString("utf16le"));
  }
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
};

const firstSolid = (bytes: Uint8Array): number => bytes.findIndex((byte) => byte > 0x20);

const notJson = (bytes: Uint8Array, file: string, what: string): Diagnostic => {
  const isBinaryPlan = bytes[0] === 0x50 && bytes[1] === 0x4b;
  return isBinaryPlan
    ? problem(
        "AKS9031",
        "Binary plan file",
        `"${file}" is a plan in Terraform's own form. Turn it into JSON with "terraform show -json ${file} > plan.json".`,
        file,
      )
    : problem(
        "AKS9031",
        "Invalid JSON",
        `"${file}" is not ${what}: it is no complete JSON object, or nested too deep.`,
        file,
      );
};

const unreadable = (file: string, section: Section, what: string): Diagnostic =>
  problem(
    "AKS9031",
    "Invalid JSON",
    `"${file}" is not ${what}: ${section.name === "" ? "an item" : `the member "${section.name}"`} at byte ${section.start} cannot be read.`,
    file,
  );

/** The member as text, or empty. */
export const textMember = (object: JsonObject, name: string): string => {
  const value = object[name];
  return typeof value === "string" ? value : "";
};

/** The member as an object, or an empty one. */
export const objectMember = (object: JsonObject, name: string): JsonObject => {
  const value = object[name];
  return isJsonObject(value) ? value : {};
};

/** The member as a list, or an empty one. */
export const listMember = (object: JsonObject, name: string): readonly Json[] => {
  const value = object[name];
  return Array.isArray(value) ? value : [];
};
