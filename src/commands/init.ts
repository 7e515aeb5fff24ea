import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { repositoryAbove } from "../load/configuration-root.ts";
import { toolVersion } from "../version.ts";
import type { CommandIo, ConfigureCommand } from "./command.ts";
import { configurationText, workflows } from "./init-files.ts";

interface Flags {
  readonly github?: true;
  readonly azure?: true;
  readonly gitlab?: true;
  readonly force?: true;
}

/** `aks-twin init`: a commented configuration, and a workflow of the host that is asked for. */
export const configure: ConfigureCommand = (command, io) => {
  command
    .argument("[dir]", "the folder of the root module", ".")
    .option("--github", "write .github/workflows/aks-twin.yml too")
    .option("--azure", "write azure-pipelines-aks-twin.yml too")
    .option("--gitlab", "write .gitlab/aks-twin.yml too")
    .option("--force", "overwrite what is there")
    .action((directory: string, flags: Flags) => {
      const problem = initialize(directory, flags, io);
      if (problem === undefined) return;
      io.err(`aks-twin init: ${problem}\n`);
      io.exit(1);
    });
};

interface NewFile {
  readonly path: string;
  readonly text: string;
  readonly next?: string;
  /** Stays as it is where it is there and more than it is asked for. */
  readonly isKept: boolean;
}

/** Writes the files; what is returned is why not. */
const initialize = (directory: string, flags: Flags, io: CommandIo): string | undefined => {
  const folder = resolve(io.cwd, directory);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    return `"${directory}" is not a directory. Give the folder of the root module.`;
  const files = newFiles(folder, flags);
  const shown = ({ path }: NewFile): string => relative(io.cwd, path) || path;
  const there = flags.force === true ? [] : files.filter(({ path }) => existsSync(path));
  const isKept = (file: NewFile): boolean => file.isKept && files.length > 1 && there.includes(file);
  // All or nothing: a half-written set would have to be sorted out by hand. A configuration is kept: a workflow is often asked for later.
  const inTheWay = there.filter((file) => !isKept(file));
  if (inTheWay.length > 0)
    return `${inTheWay.map(shown).join(", ")} is there already; nothing was written. Give --force to overwrite.`;
  for (const file of files) {
    if (isKept(file)) {
      io.out(`Kept ${shown(file)}, which is there already.\n`);
      continue;
    }
    try {
      mkdirSync(dirname(file.path), { recursive: true });
      writeFileSync(file.path, file.text);
    } catch (error) {
      return `"${shown(file)}" cannot be written: ${error instanceof Error ? error.message : String(error)}.`;
    }
    io.out(`Wrote ${shown(file)}.${file.next === undefined ? "" : ` ${file.next}`}\n`);
  }
  io.out(`Next: aks-twin review ${directory}\n`);
  return undefined;
};

const newFiles = (folder: string, flags: Flags): readonly NewFile[] => {
  const version = toolVersion();
  const root = repositoryAbove(folder) ?? folder;
  const below = relative(root, folder).replaceAll("\\", "/") || ".";
  return [
    { path: join(folder, "aks-twin.yaml"), text: configurationText(version), isKept: true },
    ...(["github", "azure", "gitlab"] as const)
      .filter((host) => flags[host] === true)
      .map((host): NewFile => {
        const { path, text, next } = workflows[host];
        return { path: join(root, path), text: text(version, below), next, isKept: false };
      }),
  ];
};
