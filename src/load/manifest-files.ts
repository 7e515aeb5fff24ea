import { type Dirent, existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { type Diagnostic, diagnostic } from "../model/diagnostic.ts";

/** What a path given with `--manifests` turned out to hold. */
export type ManifestSource =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "kustomization"; readonly directory: string; readonly file: string }
  | { readonly kind: "chart"; readonly directory: string };

const skipped = new Set(["node_modules", "dist", "vendor"]);
const kustomizationNames = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
const maximumFiles = 200_000;
const maximumDepth = 32;

/** The kustomization file of a folder, when it has one. */
export const kustomizationIn = (directory: string): string | undefined =>
  kustomizationNames.map((name) => join(directory, name)).find((path) => existsSync(path));

/**
 * Finds manifests under the paths, in order of name; a folder with a `kustomization.yaml` or a `Chart.yaml` is one source.
 * Symbolic links that leave the root are not followed.
 */
export const findManifestSources = (
  paths: readonly string[],
  root: string,
): { readonly sources: readonly ManifestSource[]; readonly diagnostics: readonly Diagnostic[] } => {
  const sources: ManifestSource[] = [];
  const diagnostics: Diagnostic[] = [];
  const visit = (path: string, depth: number): void => {
    if (sources.length >= maximumFiles || depth > maximumDepth) return;
    const kustomization = kustomizationIn(path);
    if (kustomization !== undefined) sources.push({ kind: "kustomization", directory: path, file: kustomization });
    if (existsSync(join(path, "Chart.yaml"))) {
      sources.push({ kind: "chart", directory: path });
      return;
    }
    for (const entry of entriesOf(path)) {
      const child = join(path, entry.name);
      if (entry.name.startsWith(".") || skipped.has(entry.name)) continue;
      if (entry.isSymbolicLink() && !isInside(child, root)) continue;
      const isDirectory = entry.isDirectory() || (entry.isSymbolicLink() && statSync(child).isDirectory());
      if (isDirectory) visit(child, depth + 1);
      else if (kustomization === undefined && isManifestName(entry.name)) sources.push({ kind: "file", path: child });
    }
  };
  for (const given of paths) {
    const path = resolve(root, given);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) diagnostics.push(notFound(given));
    else if (found.isDirectory()) visit(path, 0);
    else if (kustomizationNames.some((name) => path.endsWith(sep + name))) {
      sources.push({ kind: "kustomization", directory: resolve(path, ".."), file: path });
    } else sources.push({ kind: "file", path });
  }
  return { sources, diagnostics };
};

/** A file's text with its path as diagnostics show it; undefined when it cannot be read. */
export const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};

/** Relative to the root with forward slashes; a path outside of it stays as it is. */
export const shownPath = (path: string, root: string): string => {
  const shown = relative(root, path);
  return (shown.startsWith("..") ? path : shown).split(sep).join("/");
};

const isManifestName = (name: string): boolean => /\.(?:ya?ml|json)$/.test(name);

const entriesOf = (path: string): Dirent[] => {
  try {
    return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
};

/** True for a path that, with links followed, lies in the root; also for one that does not exist. */
export const isInside = (path: string, root: string): boolean => {
  try {
    const target = realpathSync(path);
    return target === realpathSync(root) || target.startsWith(realpathSync(root) + sep);
  } catch {
    return !existsSync(path) && resolve(path).startsWith(resolve(root) + sep);
  }
};

const notFound = (path: string): Diagnostic =>
  diagnostic({
    code: "AKS9103",
    severity: "error",
    summary: "A manifest path does not exist",
    detail: `"${path}" is neither a file nor a folder. Give the path as it stands from the folder under review.`,
  });
