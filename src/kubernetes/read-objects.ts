import { type Diagnostic, diagnostic, type Outcome } from "../model/diagnostic.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { SourceRange } from "../model/source-range.ts";
import { kindInfo, kindKey } from "./kinds.ts";
import type { KubeObject, SourcedObject } from "./object.ts";
import { isClusterWide, removedIn } from "./removed-versions.ts";
import { conform, type ShapeProblem, schemaOf } from "./schema.ts";

/** A document as a reader hands it over: plain JSON and where its parts stand. */
export interface ReadDocument {
  readonly value: Json;
  readonly range: SourceRange;
  readonly rangeAt: (path: readonly (string | number)[]) => SourceRange;
  /** Address of the cluster that it is for, where the input says so. */
  readonly cluster?: string | undefined;
  /** Some of it is known after apply and left out. */
  readonly partial?: boolean | undefined;
}

/**
 * Turns documents into objects. Every problem is reported with its place; a field of a wrong type is left out, a document that is no
 * object is left out, an object of an unknown kind is carried. Of two objects of one name the later counts, as with `kubectl apply`.
 */
export const readObjects = (documents: readonly ReadDocument[]): Outcome<readonly SourcedObject[]> => {
  const objects = new Map<string, SourcedObject>();
  const diagnostics: Diagnostic[] = [];
  const scopes = customScopes(documents);
  for (const document of documents) {
    const before = diagnostics.length;
    const object = readObject(document, scopes, diagnostics);
    const misshapen = diagnostics.slice(before).some(({ code }) => code === wrongType);
    if (object === undefined) continue;
    const { kind, apiVersion, metadata } = object;
    const key = `${document.cluster ?? ""} ${kindKey(apiVersion, kind)} ${metadata.namespace ?? ""}/${metadata.name}`;
    const earlier = objects.get(key);
    if (earlier !== undefined) {
      diagnostics.push(duplicate(object, document, earlier));
      objects.delete(key);
    }
    objects.set(key, sourced(object, document, misshapen));
  }
  return { value: [...objects.values()], diagnostics };
};

const wrongType = "AKS9115";

const sourced = (object: KubeObject, document: ReadDocument, misshapen: boolean): SourcedObject => ({
  object,
  get range() {
    return document.range;
  },
  rangeAt: document.rangeAt,
  ...(document.cluster === undefined ? {} : { cluster: document.cluster }),
  ...(document.partial === true ? { partial: true as const } : {}),
  ...(misshapen ? { misshapen: true as const } : {}),
});

const readObject = (
  document: ReadDocument,
  scopes: ReadonlyMap<string, string>,
  diagnostics: Diagnostic[],
): KubeObject | undefined => {
  const { value } = document;
  if (!isJsonObject(value) || (value["kind"] === undefined && value["apiVersion"] === undefined)) {
    diagnostics.push(notAnObject(document));
    return undefined;
  }
  const { apiVersion, kind, metadata } = value;
  const problem =
    typeof kind !== "string" || kind === ""
      ? missing("kind", document)
      : typeof apiVersion !== "string" || apiVersion === ""
        ? missing("apiVersion", document)
        : isJsonObject(metadata) && nameOf(metadata) !== undefined
          ? undefined
          : missing("metadata.name", document);
  if (problem !== undefined) {
    diagnostics.push(problem);
    return undefined;
  }
  const info = kindInfo(apiVersion as string, kind as string);
  const type = schemaOf(apiVersion as string, kind as string);
  const removed = type === undefined ? removedIn(apiVersion as string, kind as string) : undefined;
  if (type === undefined) {
    if (removed !== undefined) diagnostics.push(noLongerServed(value, removed, document));
  }
  const shaped = type === undefined ? { value, problems: [] } : conform(value, type);
  for (const found of shaped.problems) diagnostics.push(shapeDiagnostic(found, value, document));
  const namespaced =
    info?.namespaced ??
    ((removed === undefined || !isClusterWide(kind as string)) &&
      (scopes.get(`${apiVersion} ${kind}`) ?? "Namespaced") === "Namespaced");
  return withNames(shaped.value, namespaced);
};

const withNames = (value: JsonObject, namespaced: boolean): KubeObject => {
  const metadata = value["metadata"] as JsonObject;
  const name = nameOf(metadata) ?? "";
  const namespace =
    typeof metadata["namespace"] === "string" && metadata["namespace"] !== "" ? metadata["namespace"] : "default";
  if (metadata["name"] === name && metadata["namespace"] === (namespaced ? namespace : undefined)) {
    return value as unknown as KubeObject;
  }
  const { namespace: _, ...rest } = metadata;
  return {
    ...value,
    metadata: { ...rest, name, ...(namespaced ? { namespace } : {}) },
  } as unknown as KubeObject;
};

const nameOf = (metadata: JsonObject): string | undefined => {
  const { name, generateName } = metadata;
  if (typeof name === "string" && name !== "") return name;
  if (typeof name === "number" || typeof name === "boolean") return String(name);
  return typeof generateName === "string" && generateName !== "" ? generateName.replace(/-$/, "") : undefined;
};

/** The scope of kinds that the input itself defines. */
const customScopes = (documents: readonly ReadDocument[]): ReadonlyMap<string, string> => {
  const scopes = new Map<string, string>();
  for (const { value } of documents) {
    if (!isJsonObject(value) || value["kind"] !== "CustomResourceDefinition") continue;
    const spec = value["spec"];
    if (!isJsonObject(spec) || !isJsonObject(spec["names"] ?? null) || !Array.isArray(spec["versions"])) continue;
    const kind = (spec["names"] as JsonObject)["kind"];
    for (const version of spec["versions"] as readonly Json[]) {
      if (isJsonObject(version)) scopes.set(`${spec["group"]}/${version["name"]} ${kind}`, String(spec["scope"]));
    }
  }
  return scopes;
};

const subjectOf = (value: JsonObject): string => {
  const metadata = value["metadata"];
  const name = isJsonObject(metadata) ? (nameOf(metadata) ?? "") : "";
  const namespace =
    isJsonObject(metadata) && typeof metadata["namespace"] === "string" ? `${metadata["namespace"]}/` : "";
  return `${value["kind"]}/${namespace}${name}`;
};

const notAnObject = (document: ReadDocument): Diagnostic =>
  diagnostic({
    code: "AKS9116",
    severity: "info",
    summary: "A document is no Kubernetes object",
    detail: "It has neither apiVersion nor kind, so it is left out. Nothing to do if it is not a manifest.",
    range: document.range,
  });

const missing = (field: string, document: ReadDocument): Diagnostic =>
  diagnostic({
    code: "AKS9111",
    severity: "error",
    summary: "An object lacks a field that every object needs",
    detail: `"${field}" is missing or no text, so the object is left out. Add it.`,
    range: document.range,
  });

const duplicate = (object: KubeObject, document: ReadDocument, earlier: SourcedObject): Diagnostic =>
  diagnostic({
    code: "AKS9112",
    severity: "warning",
    summary: "An object is defined twice",
    detail: `${subjectOf(object as unknown as JsonObject)} is defined again; the later definition counts, as with "kubectl apply". Remove or rename one.`,
    subject: subjectOf(object as unknown as JsonObject),
    range: document.rangeAt(["metadata", "name"]),
    related: [{ message: "defined here first", range: earlier.rangeAt(["metadata", "name"]) }],
  });

const shapeDiagnostic = (found: ShapeProblem, value: JsonObject, document: ReadDocument): Diagnostic => {
  const path = found.path
    .map((step, index) => (typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`))
    .join("");
  const subject = subjectOf(value);
  return found.problem === "unknown field"
    ? diagnostic({
        code: "AKS9114",
        severity: "warning",
        summary: "A field does not exist",
        detail: `${subject} has "${path}", which ${found.owner} does not know; kubectl refuses it, or the API server drops it. Check spelling and indentation.`,
        subject,
        range: document.rangeAt(found.path),
      })
    : diagnostic({
        code: wrongType,
        severity: "error",
        summary: "A field has the wrong type",
        detail: `"${path}" of ${subject} must be ${found.expected}, not ${shown(found.found)}; the API server refuses the object. Correct it.`,
        subject,
        range: document.rangeAt(found.path),
      });
};

const shown = (value: Json): string =>
  Array.isArray(value) ? "a list" : isJsonObject(value) ? "a mapping" : JSON.stringify(value).slice(0, 60);

const noLongerServed = (
  value: JsonObject,
  removed: { readonly version: string; readonly use: string },
  document: ReadDocument,
): Diagnostic =>
  diagnostic({
    code: "AKS9113",
    severity: "error",
    summary: "An API version is no longer served",
    detail: `${subjectOf(value)} uses ${value["apiVersion"]}, which Kubernetes ${removed.version} removed. Use ${removed.use}.`,
    subject: subjectOf(value),
    range: document.rangeAt(["apiVersion"]),
  });
