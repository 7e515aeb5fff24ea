import { type EvaluateInput, type Evaluation, evaluateTerraform } from "../../src/evaluate/evaluate.ts";
import type { SourceEntry, SourceTree } from "../../src/load/source-tree.ts";
import { diagnostic, type Outcome } from "../../src/model/diagnostic.ts";

const clean = (path: string): string =>
  path
    .split("/")
    .filter((part) => part !== "." && part !== "")
    .join("/");

/** A folder of the given files, in memory. */
export const treeOf = (files: Readonly<Record<string, string>>): SourceTree => {
  const missing = (path: string) => ({
    value: undefined,
    diagnostics: [
      diagnostic({
        code: path.includes("..") || path.startsWith("/") ? "AKS9010" : "AKS9013",
        severity: "error",
        summary: "File not found",
        detail: path,
      }),
    ],
  });
  const isFolder = (path: string): boolean =>
    clean(path) === "" || Object.keys(files).some((name) => name.startsWith(`${clean(path)}/`));
  return {
    root: "/",
    readText: (path) => {
      const text = path.startsWith("/") ? undefined : files[clean(path)];
      return text === undefined ? missing(path) : { value: text, diagnostics: [] };
    },
    readBytes: (path) => {
      const text = path.startsWith("/") ? undefined : files[clean(path)];
      return text === undefined ? missing(path) : { value: Buffer.from(text), diagnostics: [] };
    },
    kindOf: (path) =>
      path.startsWith("/")
        ? undefined
        : files[clean(path)] !== undefined
          ? "file"
          : isFolder(path)
            ? "directory"
            : undefined,
    list: (path) => {
      const prefix = clean(path) === "" ? "" : `${clean(path)}/`;
      const entries = new Map<string, SourceEntry>();
      for (const name of Object.keys(files)) {
        if (!name.startsWith(prefix)) continue;
        const [first = "", ...rest] = name.slice(prefix.length).split("/");
        entries.set(first, { name: first, kind: rest.length === 0 ? "file" : "directory" });
      }
      return [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    shownPath: clean,
  };
};

/** Evaluates files that stand in the test. A text alone is `main.tf`. */
export const evaluateFiles = (
  files: string | Readonly<Record<string, string>>,
  input: Partial<Omit<EvaluateInput, "tree">> = {},
): Outcome<Evaluation> =>
  evaluateTerraform({
    tree: treeOf(typeof files === "string" ? { "main.tf": files } : files),
    directory: "",
    ...input,
  });
