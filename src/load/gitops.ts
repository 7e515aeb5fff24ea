import { type Diagnostic, diagnostic } from "../model/diagnostic.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { SourceRange } from "../model/source-range.ts";

/** What an Argo CD Application or a Flux Kustomization points at. */
export interface GitOpsSource {
  readonly what: string;
  /** Relative to the root of the repository that the source names. */
  readonly path: string;
  /** Where objects without a namespace go. */
  readonly namespace: string | undefined;
  readonly range: SourceRange;
}

interface Document {
  readonly value: Json;
  readonly range: SourceRange;
}

/** The folders that Argo CD Applications and Flux Kustomizations among the documents deploy. */
export const gitOpsSources = (documents: readonly Document[]): readonly GitOpsSource[] =>
  documents.flatMap(({ value, range }) => {
    if (!isJsonObject(value) || !isJsonObject(value["spec"])) return [];
    const { spec } = value as { readonly spec: JsonObject };
    const api = String(value["apiVersion"] ?? "");
    const name = isJsonObject(value["metadata"]) ? String(value["metadata"]["name"] ?? "") : "";
    if (value["kind"] === "Application" && api.startsWith("argoproj.io/")) {
      const destination = isJsonObject(spec["destination"]) ? spec["destination"]["namespace"] : undefined;
      const sources = Array.isArray(spec["sources"]) ? (spec["sources"] as readonly Json[]) : [spec["source"] ?? null];
      return sources.flatMap((source) =>
        isJsonObject(source) && typeof source["path"] === "string"
          ? [{ what: `Argo CD Application "${name}"`, path: source["path"], namespace: text(destination), range }]
          : [],
      );
    }
    if (value["kind"] === "Kustomization" && api.startsWith("kustomize.toolkit.fluxcd.io/"))
      return typeof spec["path"] === "string"
        ? [
            {
              what: `Flux Kustomization "${name}"`,
              path: spec["path"],
              namespace: text(spec["targetNamespace"]),
              range,
            },
          ]
        : [];
    return [];
  });

const text = (value: Json | undefined): string | undefined => (typeof value === "string" ? value : undefined);

/** A source whose folder is not in this repository. */
export const sourceNotSeen = (source: GitOpsSource): Diagnostic =>
  diagnostic({
    code: "AKS9412",
    severity: "info",
    summary: "What a GitOps source deploys is not seen",
    detail: `${source.what} deploys "${source.path}", which is not in this repository, so its objects are missing from the prediction. Give them with --manifests.`,
    range: source.range,
  });

/** Objects without a namespace as the source's controller places them; a cluster-wide kind keeps none when it is read. */
export const inSourceNamespace = (value: Json, namespace: string | undefined): Json => {
  if (namespace === undefined || !isJsonObject(value) || !isJsonObject(value["metadata"])) return value;
  if (value["metadata"]["namespace"] !== undefined) return value;
  return { ...value, metadata: { ...value["metadata"], namespace } };
};
