import { type Diagnostic, diagnostic, type Outcome } from "../model/diagnostic.ts";
import { readKustomization, referencedDirectories } from "./kustomize.ts";
import { findManifestSources, type ManifestSource, readText, shownPath } from "./manifest-files.ts";
import { type Render, renderChart } from "./render.ts";
import { parseYamlDocuments, type YamlDocument } from "./yaml/documents.ts";

export interface ManifestOptions {
  /** Paths are taken from here, and ranges are shown from here. */
  readonly root: string;
  /** Runs programs such as `helm` for overlays and charts; without it they are not run. Only after the user asked (`--allow-exec`). */
  readonly render?: Render;
}

/**
 * Reads files and folders of manifests. Kustomizations are rendered when a renderer is given, else read directly where they only list
 * local resources; Helm charts are rendered or named as not seen.
 */
export const loadManifests = (paths: readonly string[], options: ManifestOptions): Outcome<readonly YamlDocument[]> => {
  const { sources, diagnostics: problems } = findManifestSources(paths, options.root);
  const documents: YamlDocument[] = [];
  const diagnostics: Diagnostic[] = [...problems];
  const used = new Set(
    sources.flatMap((source) => (source.kind === "kustomization" ? referencedDirectories(source) : [])),
  );
  for (const source of sources) {
    if (source.kind === "kustomization" && used.has(source.directory)) continue;
    const read = readSource(source, options);
    documents.push(...read.value);
    diagnostics.push(...read.diagnostics);
  }
  return { value: documents, diagnostics };
};

const readSource = (source: ManifestSource, options: ManifestOptions): Outcome<readonly YamlDocument[]> => {
  switch (source.kind) {
    case "file":
      return readManifestFile(source.path, options);
    case "kustomization":
      return readKustomization(source, options, (path) => readManifestFile(path, options));
    case "chart":
      return renderChart(source.directory, options.root, options.render);
  }
};

/** Reads one file of YAML or JSON, such as a manifest or a dump made with `kubectl get -A -o json`. */
export const readManifestFile = (
  path: string,
  options: Pick<ManifestOptions, "root">,
): Outcome<readonly YamlDocument[]> => {
  const text = readText(path);
  const shown = shownPath(path, options.root);
  if (text !== undefined) return withoutForeign(text, parseYamlDocuments(text, shown));
  return {
    value: [],
    diagnostics: [
      diagnostic({
        code: "AKS9103",
        severity: "error",
        summary: "A manifest path does not exist",
        detail: `"${shown}" cannot be read. Check the path and the permissions of the file.`,
      }),
    ],
  };
};

/** A file that never says apiVersion holds no manifests: what is wrong in it is for others to say. */
const withoutForeign = (text: string, read: Outcome<readonly YamlDocument[]>): Outcome<readonly YamlDocument[]> =>
  read.diagnostics.length === 0 || text.includes("apiVersion")
    ? read
    : { ...read, diagnostics: read.diagnostics.map((each) => ({ ...each, severity: "info" as const })) };
