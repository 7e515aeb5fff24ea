import { basename, resolve } from "node:path";
import { type Diagnostic, diagnostic, type Outcome } from "../model/diagnostic.ts";
import { isComponent, readKustomization, referencedDirectories } from "./kustomize.ts";
import type { KustomizeTools } from "./kustomize-transform.ts";
import { findManifestSources, type ManifestSource, readText, shownPath } from "./manifest-files.ts";
import { type Render, renderChart } from "./render.ts";
import { parseYamlDocuments, type YamlDocument } from "./yaml/documents.ts";

export interface ManifestOptions {
  /** Paths are taken from here, and ranges are shown from here. */
  readonly root: string;
  /** Runs programs such as `helm` for overlays and charts; without it they are not run. Only after the user asked (`--allow-exec`). */
  readonly render?: Render;
  /** Builds kustomizations that change their resources; without it they are named as not seen. */
  readonly kustomize?: KustomizeTools;
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
  const overlays = chosenOverlays(sources, used, paths, options.root);
  diagnostics.push(...overlays.diagnostics);
  for (const source of sources) {
    if (source.kind === "kustomization" && (used.has(source.directory) || overlays.left.has(source.directory)))
      continue;
    if (isComponent(source)) continue;
    const read = readSource(source, options);
    documents.push(...read.value);
    diagnostics.push(...read.diagnostics);
  }
  return { value: documents, diagnostics };
};

/**
 * Of the overlays of one base only one runs on a cluster: the one that was named, else that of production, else the last by name. The
 * others are left, and said.
 */
const chosenOverlays = (
  sources: readonly ManifestSource[],
  used: ReadonlySet<string>,
  paths: readonly string[],
  root: string,
): { readonly left: ReadonlySet<string>; readonly diagnostics: readonly Diagnostic[] } => {
  const named = new Set(paths.map((path) => resolve(root, path)));
  const byBase = new Map<string, string[]>();
  for (const source of sources) {
    if (source.kind !== "kustomization" || used.has(source.directory) || named.has(source.directory)) continue;
    for (const base of referencedDirectories(source)) byBase.set(base, [...(byBase.get(base) ?? []), source.directory]);
  }
  const left = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  for (const overlays of byBase.values()) {
    const open = overlays.filter((directory) => !left.has(directory));
    if (open.length < 2) continue;
    const taken = open.find((directory) => /^(prod|production|prd|live)$/i.test(basename(directory))) ?? open.at(-1);
    const others = open.filter((directory) => directory !== taken);
    for (const directory of others) left.add(directory);
    diagnostics.push(
      severalOverlays(
        shownPath(taken ?? "", root),
        others.map((directory) => shownPath(directory, root)),
      ),
    );
  }
  return { left, diagnostics };
};

const severalOverlays = (taken: string, others: readonly string[]): Diagnostic =>
  diagnostic({
    code: "AKS9107",
    severity: "info",
    summary: "Several overlays build on one base",
    detail: `"${taken}" is read, and ${others.map((other) => `"${other}"`).join(", ")} ${others.length === 1 ? "is" : "are"} not: one cluster runs one of them. Name another with --manifests.`,
  });

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
