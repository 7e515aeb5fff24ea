import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Diagnostic, diagnostic, type Outcome } from "../model/diagnostic.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import {
  findManifestSources,
  isInside,
  kustomizationIn,
  type ManifestSource,
  readText,
  shownPath,
} from "./manifest-files.ts";
import { notRendered, type Render } from "./render.ts";
import { parseYamlDocuments, type YamlDocument } from "./yaml/documents.ts";

type Kustomization = Extract<ManifestSource, { kind: "kustomization" }>;

/** Fields that leave the resources as they are. */
const inert = new Set(["apiVersion", "kind", "metadata", "resources", "bases", "sortOptions", "buildMetadata"]);
const maximumDepth = 16;

/** Folders that a kustomization builds on: they are part of it and not read a second time. */
export const referencedDirectories = (source: Kustomization): readonly string[] =>
  listed(contentOf(source.file))
    .map((entry) => resolve(source.directory, entry))
    .filter((path) => kustomizationIn(path) !== undefined);

/**
 * Renders a kustomization with `kubectl kustomize` or `kustomize` when a renderer is given. Without one a kustomization that only
 * lists local resources is read directly, and anything else is named as not seen.
 */
export const readKustomization = (
  source: Kustomization,
  options: { readonly root: string; readonly render?: Render },
  readFile: (path: string) => Outcome<readonly YamlDocument[]>,
): Outcome<readonly YamlDocument[]> => {
  const shown = shownPath(source.directory, options.root) || ".";
  if (options.render !== undefined) return rendered(source, shown, options.render);
  const root = rootOf(source.directory, options.root);
  const refused = refusal(source, root, 0);
  if (refused !== undefined) {
    return {
      value: [],
      diagnostics: [notRendered("kustomization", shown, `"${shownPath(source.file, options.root)}" ${refused}`)],
    };
  }
  const read = readDirectly(source, root, readFile);
  return { value: read.value, diagnostics: [readAsListed(shown), ...read.diagnostics] };
};

/** What may be read of: the folder under review, or, of a folder that was named outside of it, its own repository, else the folder itself. */
const rootOf = (directory: string, root: string): string => {
  if (isInside(directory, root)) return root;
  for (let folder = directory; folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, ".git"))) return folder;
  return directory;
};

const rendered = (source: Kustomization, shown: string, render: Render): Outcome<readonly YamlDocument[]> => {
  const attempts = [
    ["kubectl", ["kustomize", source.directory]],
    ["kustomize", ["build", source.directory]],
  ] as const;
  let why = 'Neither "kubectl" nor "kustomize" is on PATH';
  for (const [program, args] of attempts) {
    const result = render(program, args);
    if ("output" in result) return parseYamlDocuments(result.output, `${shown} (${program} ${args[0]})`);
    if ("failed" in result) {
      why = `"${program} ${args[0]}" failed: ${result.failed}`;
      break;
    }
  }
  return { value: [], diagnostics: [notRendered("kustomization", shown, why)] };
};

/** Why the kustomization cannot be read without kustomize, or undefined when its resources are just a list. */
const refusal = (source: Kustomization, root: string, depth: number): string | undefined => {
  if (depth > maximumDepth) return "refers to itself or is nested too deeply";
  const content = contentOf(source.file);
  if (!isJsonObject(content)) return "cannot be read";
  const changing = Object.keys(content).filter((key) => !inert.has(key));
  if (changing.length > 0) return `changes its resources (${changing.join(", ")}), which only kustomize can do`;
  for (const entry of listed(content)) {
    if (/^[a-z]+:\/\/|^git@|[?]ref=|^github\.com\//.test(entry)) return `takes "${entry}" from the network`;
    if (!isInside(resolve(source.directory, entry), root))
      return `takes "${entry}" from outside the folder under review`;
    const nested = nestedIn(source, entry);
    const why = nested === undefined ? undefined : refusal(nested, root, depth + 1);
    if (why !== undefined) return `builds on "${entry}", which ${why}`;
  }
  return undefined;
};

const readDirectly = (
  source: Kustomization,
  root: string,
  readFile: (path: string) => Outcome<readonly YamlDocument[]>,
): Outcome<readonly YamlDocument[]> => {
  const documents: YamlDocument[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const entry of listed(contentOf(source.file))) {
    const nested = nestedIn(source, entry);
    const outcomes =
      nested !== undefined
        ? [readDirectly(nested, root, readFile)]
        : findManifestSources([resolve(source.directory, entry)], root).sources.map((found) =>
            found.kind === "file" ? readFile(found.path) : { value: [], diagnostics: [] },
          );
    for (const outcome of outcomes) {
      documents.push(...outcome.value);
      diagnostics.push(...outcome.diagnostics);
    }
  }
  return { value: documents, diagnostics };
};

const nestedIn = (source: Kustomization, entry: string): Kustomization | undefined => {
  const directory = resolve(source.directory, entry);
  const file = kustomizationIn(directory);
  return file === undefined ? undefined : { kind: "kustomization", directory, file };
};

const contentOf = (file: string): Json => {
  const text = readText(file);
  return text === undefined ? null : (parseYamlDocuments(text, file).value[0]?.value ?? null);
};

const listed = (content: Json): readonly string[] =>
  isJsonObject(content)
    ? ["resources", "bases", "components"].flatMap((field) => {
        const entries = content[field];
        return Array.isArray(entries) ? entries.filter((entry): entry is string => typeof entry === "string") : [];
      })
    : [];

const readAsListed = (shown: string): Diagnostic =>
  diagnostic({
    code: "AKS9105",
    severity: "info",
    summary: "A kustomization was read without kustomize",
    detail: `"${shown}" only lists local resources, so they were read as they stand.`,
  });
