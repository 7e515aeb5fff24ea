import { isUtf8 } from "node:buffer";
import { type Dirent, readdirSync, readFileSync, realpathSync, type Stats, statSync } from "node:fs";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { type Diagnostic, diagnostic, type Outcome } from "../model/diagnostic.ts";

/** The largest text file that is read; far above any configuration that a person wrote, far below what exhausts memory. */
const largestFile = 16 * 1024 * 1024;

export interface SourceEntry {
  readonly name: string;
  readonly kind: "file" | "directory";
}

/**
 * The user's folder, and nothing but it: paths are taken relative to the root, symbolic links are resolved, and what then lies
 * outside is not there. Everything that reads a configuration goes through this.
 */
export interface SourceTree {
  /** The real absolute path of the root. */
  readonly root: string;
  /** A file as text; `undefined` with a diagnostic when it is not there, lies outside, is too large or is not UTF-8. */
  readonly readText: (path: string) => Outcome<string | undefined>;
  readonly readBytes: (path: string) => Outcome<Uint8Array | undefined>;
  readonly kindOf: (path: string) => "file" | "directory" | undefined;
  /** Entries of a folder in order of name; what leads outside of the root is left out. Empty for what is not a folder. */
  readonly list: (path: string) => readonly SourceEntry[];
  /** Relative to the root with forward slashes, as it stands in ranges; `undefined` for a path outside. */
  readonly shownPath: (path: string) => string | undefined;
}

/** Opens a folder for reading. `undefined` when there is no such folder. */
export const openSourceTree = (
  folder: string,
  limits: { readonly fileBytes?: number } = {},
): SourceTree | undefined => {
  const root = realPath(resolve(folder));
  if (root === undefined || !statOf(root)?.isDirectory()) return undefined;
  const fileBytes = limits.fileBytes ?? largestFile;
  const find = (path: string): string | undefined => {
    const real = realPath(resolve(root, path));
    return real !== undefined && isInside(root, real) ? real : undefined;
  };
  const readBytes = (path: string): Outcome<Uint8Array | undefined> => {
    const real = find(path);
    if (real === undefined) return failed(missing(root, path));
    return readReal(path, real, fileBytes);
  };
  return {
    root,
    readBytes,
    readText: (path) => {
      const { value, diagnostics } = readBytes(path);
      if (value === undefined) return { value: undefined, diagnostics };
      if (!isUtf8(value)) return failed(notUtf8(path));
      return { value: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("utf8"), diagnostics };
    },
    kindOf: (path) => {
      const real = find(path);
      return real === undefined ? undefined : kindOf(statOf(real));
    },
    list: (path) => {
      const real = find(path);
      return real === undefined ? [] : entriesOf(root, real);
    },
    shownPath: (path) => {
      const shown = relative(root, resolve(root, path));
      return isOutside(shown) ? undefined : shown.split(sep).join("/");
    },
  };
};

const failed = (problem: Diagnostic): Outcome<undefined> => ({ value: undefined, diagnostics: [problem] });

const realPath = (path: string): string | undefined => {
  try {
    return path.includes("\0") ? undefined : realpathSync.native(path);
  } catch {
    return undefined;
  }
};

const statOf = (path: string): Stats | undefined => {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
};

const kindOf = (stats: Stats | undefined): "file" | "directory" | undefined =>
  stats?.isFile() ? "file" : stats?.isDirectory() ? "directory" : undefined;

const isOutside = (shown: string): boolean => shown === ".." || shown.startsWith(`..${sep}`) || isAbsolute(shown);

const isInside = (root: string, path: string): boolean => !isOutside(relative(root, path));

const readReal = (path: string, real: string, fileBytes: number): Outcome<Uint8Array | undefined> => {
  const stats = statOf(real);
  if (stats?.isDirectory()) return failed(problem("AKS9013", "Not a file", `"${path}" is a folder.`));
  // A pipe or a device would block or never end.
  if (!stats?.isFile()) return failed(problem("AKS9013", "Not a file", `"${path}" is not an ordinary file.`));
  if (stats.size > fileBytes) {
    const detail = `"${path}" has ${stats.size} bytes; at most ${fileBytes} are read.`;
    return failed({
      ...problem("AKS9011", "File too large", detail),
      evidence: { sizeBytes: stats.size, limitBytes: fileBytes },
    });
  }
  try {
    return { value: readFileSync(real), diagnostics: [] };
  } catch {
    return failed(problem("AKS9013", "Cannot read file", `"${path}" cannot be read. Check its permissions.`));
  }
};

const entriesOf = (root: string, folder: string): readonly SourceEntry[] =>
  direntsOf(folder)
    .flatMap((entry) => {
      const kind = entry.isSymbolicLink() ? linkedKind(root, join(folder, entry.name)) : direntKind(entry);
      return kind === undefined ? [] : [{ name: entry.name, kind }];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));

const direntsOf = (folder: string): readonly Dirent[] => {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
};

const direntKind = (entry: Dirent): SourceEntry["kind"] | undefined =>
  entry.isFile() ? "file" : entry.isDirectory() ? "directory" : undefined;

const linkedKind = (root: string, path: string): SourceEntry["kind"] | undefined => {
  const real = realPath(path);
  return real !== undefined && isInside(root, real) ? kindOf(statOf(real)) : undefined;
};

const problem = (code: string, summary: string, detail: string): Diagnostic =>
  diagnostic({ code, severity: "error", summary, detail });

const missing = (root: string, path: string): Diagnostic =>
  realPath(resolve(root, path)) === undefined && isInside(root, resolve(root, path))
    ? problem("AKS9013", "File not found", `There is no file "${path}".`)
    : problem(
        "AKS9010",
        "File outside of the configuration",
        `"${path}" lies outside of the folder that is read, or leads out of it. Only files inside are read.`,
      );

const notUtf8 = (path: string): Diagnostic =>
  problem("AKS9012", "Invalid character encoding", `"${path}" is not UTF-8. Save it with that encoding.`);
