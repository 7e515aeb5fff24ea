import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

/** A commit's files in a folder of their own, to be removed after use. */
export interface CheckedOut {
  /** The folder that stands for the reviewed one. */
  readonly directory: string;
  /** The folder that stands for the repository. */
  readonly root: string;
  readonly remove: () => void;
}

/**
 * Writes the files of a commit to a temporary folder: neither the work tree nor the index of the repository is touched. Modules that
 * `terraform init` fetched beside the reviewed folder are not in git, so they are taken along.
 */
export const checkOut = (ref: string, root: string, directory: string): CheckedOut | { readonly problem: string } => {
  if (!existsSync(join(root, ".git"))) return { problem: `--base-ref needs a git repository; "${root}" is none.` };
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const folder = mkdtempSync(join(tmpdir(), "aks-twin-base-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const tree = join(folder, "tree");
  const git = (...args: readonly string[]): string | undefined => {
    const result = spawnSync("git", ["-C", root, ...args], {
      encoding: "utf8",
      env: { ...process.env, GIT_INDEX_FILE: join(folder, "index") },
    });
    if (result.error !== undefined) return "git is not on PATH";
    return result.status === 0 ? undefined : result.stderr.trim().split("\n")[0];
  };
  const failure =
    git("read-tree", "--end-of-options", ref) ?? git("checkout-index", "--all", "--quiet", `--prefix=${tree}/`);
  if (failure !== undefined) {
    remove();
    return { problem: `cannot read "${ref}": ${failure}. In CI, fetch it first (fetch-depth: 0).` };
  }
  const below = relative(root, directory);
  const modules = join(directory, ".terraform", "modules");
  const target = join(tree, below);
  if (existsSync(modules) && existsSync(target) && !existsSync(join(target, ".terraform")))
    cpSync(modules, join(target, ".terraform", "modules"), { recursive: true });
  return { directory: target, root: tree, remove };
};
