import type { SourceTree } from "../load/source-tree.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { FileReader } from "./functions-definition.ts";
import { joinPath } from "./module-path.ts";
import type { ModuleFiles } from "./module-tree.ts";

/** The file tree as the module loader reads it. */
export const treeModuleFiles = (tree: SourceTree, report: (problem: Diagnostic) => void): ModuleFiles => {
  const lists = new Map<string, readonly string[] | undefined>();
  return {
    list: (directory) => {
      if (!lists.has(directory))
        lists.set(
          directory,
          tree.kindOf(here(directory)) === "directory"
            ? tree
                .list(here(directory))
                .filter(({ kind }) => kind === "file")
                .map(({ name }) => name)
            : undefined,
        );
      return lists.get(directory);
    },
    read: (path) => {
      if (tree.kindOf(path) !== "file") return undefined;
      const { value, diagnostics } = tree.readText(path);
      for (const problem of diagnostics) report(problem);
      return value;
    },
  };
};

const here = (directory: string): string => (directory === "" ? "." : directory);

/** Files as `file()` and its like read them: relative to the directory of the root module, never outside of the tree. */
export const treeFileReader = (tree: SourceTree, directory: string): FileReader => {
  const place = (path: string): string => (path.startsWith("/") ? path : here(joinPath(directory, path)));
  return {
    base: ".",
    read: (path) => {
      if (isAtHome(path)) return { problem: "outside" };
      const target = place(path);
      const { value, diagnostics } = tree.readBytes(target);
      if (value !== undefined) return value;
      if (diagnostics.some(({ code }) => code === "AKS9010")) return { problem: "outside" };
      const kind = tree.kindOf(target);
      return { problem: kind === "directory" ? "directory" : kind === undefined ? "missing" : "unreadable" };
    },
    kindOf: (path) => {
      if (isAtHome(path)) return "outside";
      const target = place(path);
      const kind = tree.kindOf(target);
      if (kind !== undefined) return kind;
      return tree.readBytes(target).diagnostics.some(({ code }) => code === "AKS9010") ? "outside" : "missing";
    },
    list: (path) => listAll(tree, place(path), "").sort(),
  };
};

/** Terraform opens such a path in the home directory of who runs it. */
const isAtHome = (path: string): boolean => path === "~" || path.startsWith("~/");

/** No more files than this are listed; a folder with more is not what a configuration reads. */
const mostFiles = 100_000;

const listAll = (tree: SourceTree, folder: string, prefix: string): string[] => {
  const found: string[] = [];
  for (const { name, kind } of tree.list(folder)) {
    if (found.length > mostFiles) break;
    if (kind === "file") found.push(prefix + name);
    else found.push(...listAll(tree, `${folder}/${name}`, `${prefix}${name}/`));
  }
  return found;
};
