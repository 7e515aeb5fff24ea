import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** How far above the root module a configuration without a repository is followed. */
const highest = 6;

/**
 * The folder that a configuration may be read from: the repository around the root module; without one, the nearest folder that holds
 * the module and all local modules that it calls (`source = "../.."`).
 */
export const configurationRoot = (directory: string): string => {
  const repository = repositoryAbove(directory);
  if (repository !== undefined) return repository;
  const modules = localModules(directory);
  let root = directory;
  for (let steps = 0; steps < highest && !modules.every((path) => isBelow(path, root)); steps++) root = dirname(root);
  return root;
};

/** The nearest folder upwards that holds `.git`. */
export const repositoryAbove = (directory: string): string | undefined => {
  for (let at = directory; ; at = dirname(at)) {
    if (existsSync(join(at, ".git"))) return at;
    if (dirname(at) === at) return undefined;
  }
};

const isBelow = (path: string, root: string): boolean => path === root || path.startsWith(join(root, "/"));

/** Folders of the local modules that are called from the directory, directly or not, as far as they hold Terraform files. */
const localModules = (directory: string): readonly string[] => {
  const found = new Set<string>([directory]);
  for (const at of found) {
    for (const source of localSources(at)) {
      const target = resolve(at, source);
      if (found.size < 1000 && terraformFiles(target).length > 0) found.add(target);
    }
  }
  return [...found];
};

const localSources = (directory: string): readonly string[] =>
  terraformFiles(directory).flatMap((file) => {
    try {
      const text = readFileSync(join(directory, file), "utf8");
      return [...text.matchAll(/^\s*"?source"?\s*[=:]\s*"(\.\.?\/[^"]*)"/gm)].map((match) => match[1] ?? "");
    } catch {
      return [];
    }
  });

const terraformFiles = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory).filter((name) => name.endsWith(".tf") || name.endsWith(".tf.json"));
  } catch {
    return [];
  }
};
