import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Diagnostic, diagnostic, type Outcome } from "../model/diagnostic.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { generatedObjects } from "./kustomize-generators.ts";
import {
  type Carried,
  followed,
  type KustomizeTools,
  type ReadPatch,
  transformed,
  withHashes,
} from "./kustomize-transform.ts";
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

/** A component is nothing by itself: it changes what the kustomizations have that name it. */
export const isComponent = (source: ManifestSource): boolean => {
  const content = source.kind === "kustomization" ? contentOf(source.file) : null;
  return isJsonObject(content) && content["kind"] === "Component";
};

/**
 * Renders a kustomization with `kubectl kustomize` or `kustomize` when a renderer is given. Without one a kustomization that only
 * lists local resources is read directly, and anything else is named as not seen.
 */
export const readKustomization = (
  source: Kustomization,
  options: { readonly root: string; readonly render?: Render; readonly kustomize?: KustomizeTools },
  readFile: (path: string) => Outcome<readonly YamlDocument[]>,
): Outcome<readonly YamlDocument[]> => {
  const shown = shownPath(source.directory, options.root) || ".";
  if (options.render !== undefined) return rendered(source, shown, options.render);
  const root = rootOf(source.directory, options.root);
  const tools = options.kustomize;
  const refused = refusal(source, root, 0, tools === undefined ? inert : followed);
  if (refused !== undefined) {
    return {
      value: [],
      diagnostics: [notRendered("kustomization", shown, `"${shownPath(source.file, options.root)}" ${refused}`)],
    };
  }
  if (tools !== undefined && changes(source, root)) {
    const built = build({ root, tools, readFile }, source);
    const problem = built.problems[0];
    if (problem !== undefined)
      return {
        value: [],
        diagnostics: [notRendered("kustomization", shown, `"${shownPath(source.file, options.root)}" has ${problem}`)],
      };
    return {
      value: documentsOf(withHashes(built.objects), source),
      diagnostics: [builtHere(shown), ...built.diagnostics],
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
const refusal = (
  source: Kustomization,
  root: string,
  depth: number,
  allowed: ReadonlySet<string>,
): string | undefined => {
  if (depth > maximumDepth) return "refers to itself or is nested too deeply";
  const content = contentOf(source.file);
  if (!isJsonObject(content)) return "cannot be read";
  const changing = Object.keys(content).filter((key) => !allowed.has(key));
  if (changing.length > 0) return `changes its resources (${changing.join(", ")}), which only kustomize can do`;
  for (const entry of listed(content)) {
    if (/^[a-z]+:\/\/|^git@|[?]ref=|^github\.com\//.test(entry)) return `takes "${entry}" from the network`;
    if (!isInside(resolve(source.directory, entry), root))
      return `takes "${entry}" from outside the folder under review`;
    const nested = nestedIn(source, entry);
    const why = nested === undefined ? undefined : refusal(nested, root, depth + 1, allowed);
    if (why !== undefined) return `builds on "${entry}", which ${why}`;
  }
  return undefined;
};

/** Whether the kustomization, or one that it builds on, does more than list resources. */
const changes = (source: Kustomization, root: string): boolean => refusal(source, root, 0, inert) !== undefined;

interface Building {
  readonly root: string;
  readonly tools: KustomizeTools;
  readonly readFile: (path: string) => Outcome<readonly YamlDocument[]>;
}

interface Built {
  readonly objects: readonly Carried<YamlDocument>[];
  readonly problems: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Resources first, then the components over them, then what the kustomization does itself. */
const build = (building: Building, source: Kustomization, given: readonly Carried<YamlDocument>[] = []): Built => {
  const content = contentOf(source.file);
  if (!isJsonObject(content)) return { objects: given, problems: [], diagnostics: [] };
  const objects: Carried<YamlDocument>[] = [...given];
  const problems: string[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const entry of [...textsAt(content, "resources"), ...textsAt(content, "bases")]) {
    const nested = nestedIn(source, entry);
    if (nested !== undefined) {
      const built = build(building, nested);
      objects.push(...built.objects);
      problems.push(...built.problems);
      diagnostics.push(...built.diagnostics);
      continue;
    }
    for (const found of findManifestSources([resolve(source.directory, entry)], building.root).sources) {
      if (found.kind !== "file") continue;
      const read = building.readFile(found.path);
      diagnostics.push(...read.diagnostics);
      for (const from of read.value)
        if (isJsonObject(from.value)) objects.push({ object: from.value, from, isHashed: false });
    }
  }
  let carried: readonly Carried<YamlDocument>[] = objects;
  for (const entry of textsAt(content, "components")) {
    const component = nestedIn(source, entry);
    if (component === undefined) continue;
    const built = build(building, component, carried);
    carried = built.objects;
    problems.push(...built.problems);
    diagnostics.push(...built.diagnostics);
  }
  const text = (path: string): string | undefined => insideText(source, path, building.root);
  const result = transformed(
    carried,
    content,
    generatedObjects(content, text),
    patchesOf(content, text),
    building.tools,
  );
  return { objects: result.objects, problems: [...problems, ...result.problems], diagnostics };
};

const insideText = (source: Kustomization, path: string, root: string): string | undefined => {
  const file = resolve(source.directory, path);
  return isInside(file, root) ? readText(file) : undefined;
};

const patchesOf = (content: JsonObject, text: (path: string) => string | undefined): readonly ReadPatch[] => {
  const parsed = (written: string | undefined): readonly Json[] =>
    written === undefined ? [] : parseYamlDocuments(written, "").value.map(({ value }) => value);
  const strategic = textsAt(content, "patchesStrategicMerge").map((entry) => ({
    target: undefined,
    documents: parsed(entry.includes("\n") ? entry : text(entry)),
  }));
  const targeted = ["patches", "patchesJson6902"].flatMap((field) => {
    const entries = content[field];
    return (Array.isArray(entries) ? entries.filter(isJsonObject) : []).map(({ target, path, patch }) => ({
      target: isJsonObject(target ?? null) ? (target as JsonObject) : undefined,
      documents: parsed(typeof patch === "string" ? patch : typeof path === "string" ? text(path) : undefined),
    }));
  });
  return [...strategic, ...targeted];
};

const documentsOf = (objects: readonly Carried<YamlDocument>[], source: Kustomization): readonly YamlDocument[] => {
  const own = parseYamlDocuments(readText(source.file) ?? "", source.file).value[0];
  return objects.flatMap(({ object, from = own }) =>
    from === undefined ? [] : [{ value: object, range: from.range, rangeAt: from.rangeAt }],
  );
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

const textsAt = (content: JsonObject, field: string): readonly string[] => {
  const entries = content[field];
  return Array.isArray(entries) ? entries.filter((entry): entry is string => typeof entry === "string") : [];
};

const builtHere = (shown: string): Diagnostic =>
  diagnostic({
    code: "AKS9105",
    severity: "info",
    summary: "A kustomization was built without kustomize",
    detail: `"${shown}" was built here, with its patches, names, labels and images. Give --allow-exec to let kustomize itself build it.`,
  });

const readAsListed = (shown: string): Diagnostic =>
  diagnostic({
    code: "AKS9105",
    severity: "info",
    summary: "A kustomization was read without kustomize",
    detail: `"${shown}" only lists local resources, so they were read as they stand.`,
  });
