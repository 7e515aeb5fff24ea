import { createHash } from "node:crypto";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";

/** Objects that a kustomization makes itself, and whether their names get a hash of their content. */
export interface Generated {
  readonly object: JsonObject;
  readonly isHashed: boolean;
  /** `create`, or what becomes of an object of that name that is there already. */
  readonly behavior: string;
}

/** What `configMapGenerator` and `secretGenerator` make (kustomize api/internal/generators); `read` gives the text of a file. */
export const generatedObjects = (
  content: JsonObject,
  read: (path: string) => string | undefined,
): readonly Generated[] => {
  const common = objectOf(content["generatorOptions"]);
  return [
    ...listOf(content["configMapGenerator"]).map((entry) => generated("ConfigMap", entry, common, read)),
    ...listOf(content["secretGenerator"]).map((entry) => generated("Secret", entry, common, read)),
  ];
};

const generated = (
  kind: "ConfigMap" | "Secret",
  entry: JsonObject,
  common: JsonObject,
  read: (path: string) => string | undefined,
): Generated => {
  const options = { ...common, ...objectOf(entry["options"]) };
  const data = Object.fromEntries(
    entriesOf(entry, read).map(([key, text]) => [key, kind === "Secret" ? Buffer.from(text).toString("base64") : text]),
  );
  const { namespace } = entry;
  const labels = objectOf(options["labels"]);
  const annotations = objectOf(options["annotations"]);
  return {
    object: {
      apiVersion: "v1",
      kind,
      metadata: {
        name: typeof entry["name"] === "string" ? entry["name"] : "",
        ...(typeof namespace === "string" ? { namespace } : {}),
        ...(Object.keys(labels).length === 0 ? {} : { labels }),
        ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      },
      ...(kind === "Secret" ? { type: typeof entry["type"] === "string" ? entry["type"] : "Opaque" } : {}),
      data,
    },
    isHashed: options["disableNameSuffixHash"] !== true,
    behavior: typeof entry["behavior"] === "string" ? entry["behavior"] : "create",
  };
};

const entriesOf = (
  entry: JsonObject,
  read: (path: string) => string | undefined,
): readonly (readonly [string, string])[] => [
  ...textsOf(entry["literals"]).map((literal): readonly [string, string] => {
    const [key, value] = halves(literal);
    return [key, value.replace(/^(["'])(.*)\1$/s, "$2")];
  }),
  ...textsOf(entry["files"]).map((file): readonly [string, string] => {
    const [key, path] = file.includes("=") ? halves(file) : [file.slice(file.lastIndexOf("/") + 1), file];
    return [key, read(path) ?? ""];
  }),
  ...[...textsOf(entry["envs"]), ...textsOf([entry["env"] ?? null])].flatMap((file) =>
    (read(file) ?? "")
      .split(/\r?\n/)
      .filter((line) => /^\s*[^#\s][^=]*=/.test(line))
      .map((line) => halves(line.trimStart())),
  ),
];

const halves = (text: string): readonly [string, string] => {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
};

/** The end that a generated name gets, of the name and the content (kustomize api/hasher/hasher.go). */
export const contentHash = (object: JsonObject): string => {
  const { kind, type, data } = object;
  const name = objectOf(object["metadata"])["name"] ?? "";
  const hex = createHash("sha256")
    .update(
      goJson({
        data: sorted(objectOf(data)),
        kind: kind ?? "",
        name,
        ...(kind === "Secret" ? { type: type ?? "" } : {}),
      }),
    )
    .digest("hex");
  return [...hex.slice(0, 10)].map((letter) => replaced[letter] ?? letter).join("");
};

const replaced: Readonly<Record<string, string>> = { "0": "g", "1": "h", "3": "k", a: "m", e: "t" };

const sorted = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));

/** JSON as Go writes it: these letters are escaped. */
const goJson = (value: Json): string =>
  JSON.stringify(value)
    .replaceAll("<", "\\u003c")
    .replaceAll(">", "\\u003e")
    .replaceAll("&", "\\u0026")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");

const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value ?? null) ? (value as JsonObject) : {});
const listOf = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : [];
const textsOf = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
