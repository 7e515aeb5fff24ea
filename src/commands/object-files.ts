import { createReadStream, openSync, readFileSync, readSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { createGunzip, gunzipSync } from "node:zlib";
import type { KubeObject } from "../kubernetes/object.ts";
import { parseYamlDocuments } from "../load/yaml/documents.ts";
import { type Diagnostic, diagnostic, type Outcome } from "../model/diagnostic.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { JsonItems } from "./json-items.ts";

/** Texts up to here are read whole; larger ones must be JSON and are read object by object. */
const WHOLE_BYTES = 256 * 1024 * 1024;

/** Reads Kubernetes objects from files of YAML or JSON, gzipped or not; `-` is standard input. Past `wholeBytes` a file is read object by object. */
export const readObjectFiles = async (
  paths: readonly string[],
  cwd: string,
  stdin: () => Promise<string>,
  wholeBytes = WHOLE_BYTES,
): Promise<Outcome<readonly KubeObject[]>> => {
  const objects: KubeObject[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const path of paths) {
    const read =
      path === "-"
        ? parseObjects(await stdin(), "standard input")
        : await readFile(resolve(cwd, path), path, wholeBytes);
    for (const object of read.value) objects.push(object);
    diagnostics.push(...read.diagnostics);
  }
  return { value: objects, diagnostics };
};

const readFile = async (path: string, shown: string, wholeBytes: number): Promise<Outcome<readonly KubeObject[]>> => {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isDirectory()) {
    return failed(
      shown,
      "A file cannot be read",
      `"${shown}" is ${found === undefined ? "not there" : "a folder"}. Give a file of objects.`,
    );
  }
  const isGzip = startsAsGzip(path);
  if (found.size > (isGzip ? wholeBytes / 16 : wholeBytes)) return readLarge(path, shown, isGzip);
  try {
    const bytes = readFileSync(path);
    return parseObjects(
      (isGzip ? gunzipSync(bytes, { maxOutputLength: wholeBytes * 2 }) : bytes).toString("utf8"),
      shown,
    );
  } catch (error) {
    if (isGzip && isTooLarge(error)) return readLarge(path, shown, isGzip);
    return failed(
      shown,
      "A file cannot be read",
      `"${shown}": ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
};

const isTooLarge = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";

/** Reads a file as text, gzipped or not; undefined when it cannot be had. */
export const readTextFile = (path: string): string | undefined => {
  try {
    const bytes = readFileSync(path);
    return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString("utf8");
  } catch {
    return undefined;
  }
};

const startsAsGzip = (path: string): boolean => {
  const head = Buffer.alloc(2);
  const file = openSync(path, "r");
  readSync(file, head, 0, 2, 0);
  return head[0] === 0x1f && head[1] === 0x8b;
};

const parseObjects = (text: string, shown: string): Outcome<readonly KubeObject[]> => {
  const json = /^\s*[{[]/.test(text) ? parseJson(text) : undefined;
  if (json !== undefined) return sortOut([json], shown);
  const { value, diagnostics } = parseYamlDocuments(text, shown);
  const sorted = sortOut(
    value.map((document) => document.value),
    shown,
  );
  return { value: sorted.value, diagnostics: [...diagnostics, ...sorted.diagnostics] };
};

const parseJson = (text: string): Json | undefined => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
};

/** Unrolls lists and leaves out what is no object of Kubernetes. */
const sortOut = (values: readonly Json[], shown: string): Outcome<readonly KubeObject[]> => {
  const objects: KubeObject[] = [];
  const diagnostics: Diagnostic[] = [];
  const visit = (value: Json | undefined): void => {
    if (Array.isArray(value)) {
      for (const each of value) visit(each);
    } else if (isJsonObject(value) && Array.isArray(value["items"])) {
      visit(value["items"]);
    } else if (isKubeObject(value)) {
      objects.push(value);
    } else if (value !== null && value !== undefined) {
      const detail = `In "${shown}": ${JSON.stringify(value).slice(0, 80)}. Each object needs a kind and a metadata.name.`;
      diagnostics.push(problem(shown, "A document is no Kubernetes object", detail));
    }
  };
  for (const value of values) visit(value);
  return { value: objects, diagnostics };
};

const isKubeObject = (value: unknown): value is KubeObject =>
  isJsonObject(value) &&
  typeof value["kind"] === "string" &&
  isJsonObject(value["metadata"]) &&
  typeof value["metadata"]["name"] === "string";

const readLarge = async (path: string, shown: string, isGzip: boolean): Promise<Outcome<readonly KubeObject[]>> => {
  const items = new JsonItems();
  const objects: KubeObject[] = [];
  const stream = createReadStream(path, { highWaterMark: 1 << 22 });
  try {
    for await (const chunk of isGzip ? stream.pipe(createGunzip()) : stream) {
      for (const text of items.push(chunk as Buffer)) {
        const value = JSON.parse(text) as Json;
        if (isKubeObject(value)) objects.push(slim(value));
      }
    }
  } catch (error) {
    return failed(
      shown,
      "A file cannot be read",
      `"${shown}": ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
  if (objects.length > 0 && items.isComplete()) return { value: objects, diagnostics: [] };
  const detail = `"${shown}" is larger than one text can be, and no complete JSON list of objects. Give it as JSON (kubectl get -o json), or in parts.`;
  return failed(shown, "A file is too large to read", detail);
};

/** Of a large file only what decides about placement is kept: environment, mounts, probes and bookkeeping are dropped. */
const slim = (object: KubeObject): KubeObject => {
  const { metadata, ...rest } = object as unknown as Readonly<Record<string, JsonObject>>;
  const { managedFields: _, ...kept } = metadata ?? {};
  if (object.kind !== "Pod") return { ...rest, metadata: kept } as unknown as KubeObject;
  const { annotations: _annotations, ...pod } = kept;
  const { containers, initContainers, ...spec } = rest["spec"] ?? {};
  const fewer = (list: Json | undefined): Json =>
    Array.isArray(list)
      ? list.map((each: Json) => {
          if (!isJsonObject(each)) return each;
          const { name, image, resources, ports, restartPolicy } = each;
          return pruned({ name, image, resources, ports, restartPolicy });
        })
      : (list ?? null);
  const lists = pruned({ containers, initContainers });
  const slimmed = Object.fromEntries(Object.entries(lists).map(([key, list]) => [key, fewer(list)]));
  return { ...rest, metadata: pod, spec: { ...spec, ...slimmed } } as unknown as KubeObject;
};

const pruned = (object: Readonly<Record<string, Json | undefined>>): JsonObject =>
  Object.fromEntries(Object.entries(object).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));

const problem = (subject: string, summary: string, detail: string): Diagnostic =>
  diagnostic({ code: "AKS9603", severity: "error", summary, detail, subject });

const failed = (subject: string, summary: string, detail: string): Outcome<readonly KubeObject[]> => ({
  value: [],
  diagnostics: [problem(subject, summary, detail)],
});
