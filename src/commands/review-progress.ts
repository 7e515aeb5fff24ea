import { dirname } from "node:path";
import type { SourceTree } from "../load/source-tree.ts";
import type { ReviewStage } from "../pipeline.ts";
import type { ReadPlatform } from "../read-platform.ts";
import { plainLine, withoutCommands } from "../report/escape.ts";

/** The stages in the order in which a review goes through them; with a base the first three happen twice. */
const stages: readonly ReviewStage[] = ["read", "predict", "find", "report"];

/** What a terminal shows while a stage lasts. */
export const stageWords: Readonly<Record<ReviewStage, string>> = {
  read: "reading the configuration and the manifests",
  predict: "predicting the cluster",
  find: "looking for problems",
  report: "writing the report",
};

/** Adds up how long each stage takes: a stage lasts until the next one begins, the last one until the lines are asked for. */
export const stageTimer = (
  now: () => number,
): { readonly enter: (stage: ReviewStage) => void; readonly lines: () => string } => {
  const spent = new Map<ReviewStage, number>(stages.map((stage) => [stage, 0]));
  let current: { readonly stage: ReviewStage; readonly since: number } | undefined;
  const leave = (at: number): void => {
    if (current !== undefined) spent.set(current.stage, (spent.get(current.stage) ?? 0) + at - current.since);
  };
  return {
    enter: (stage) => {
      const at = now();
      leave(at);
      current = { stage, since: at };
    },
    lines: () => {
      leave(now());
      current = undefined;
      return stages
        .map((stage) => `${stage.padEnd(7)} ${(spent.get(stage) ?? 0).toFixed(1).padStart(8)} ms\n`)
        .join("");
    },
  };
};

/** The same tree, and the files that were read through it so far. */
export const watchTree = (tree: SourceTree): { readonly tree: SourceTree; readonly read: () => readonly string[] } => {
  const paths = new Set<string>();
  const note = (path: string, isRead: boolean): void => {
    const shown = tree.shownPath(path);
    if (isRead && shown !== undefined) paths.add(shown);
  };
  return {
    tree: {
      ...tree,
      readText: (path) => {
        const outcome = tree.readText(path);
        note(path, outcome.value !== undefined);
        return outcome;
      },
      readBytes: (path) => {
        const outcome = tree.readBytes(path);
        note(path, outcome.value !== undefined);
        return outcome;
      },
    },
    read: () => [...paths].sort(),
  };
};

/** What one side of a review read, one line each: files, the folders of modules among them, manifests, mocks. */
export const readLines = (
  side: "head" | "base",
  read: ReadPlatform,
  files: readonly string[],
  mocksFlag: string | undefined,
): string => {
  const { input, configuration, objects } = read;
  const terraform = files.filter((file) => /\.tf(\.json)?$/.test(file));
  const modules = distinct(terraform.map((file) => dirname(file))).filter(
    (folder) => folder !== (input.directory === "" ? "." : input.directory),
  );
  const own = new Set(files);
  const manifests = distinct(objects.map(({ range }) => range.file)).filter((file) => !own.has(file));
  const mocks = [configuration.mocks, mocksFlag].filter((file) => file !== undefined);
  const named = [configuration.file, input.plan, input.clusterDump].filter((file) => file !== undefined);
  const lines = [
    ...[...files, ...named].map((file) => `file ${file}`),
    ...modules.map((folder) => `module ${folder}`),
    ...manifests.map((file) => `manifest ${file}`),
    ...mocks.map((file) => `mocks ${file}`),
  ];
  return lines.map((line) => `${side}: ${withoutCommands(plainLine(line))}\n`).join("");
};

const distinct = (items: readonly string[]): readonly string[] => [...new Set(items)].sort();
