import { existsSync, readFileSync, statSync } from "node:fs";
import { relative, resolve } from "node:path";
import type { Command } from "commander";
import { type Mocks, mocksOf } from "../evaluate/mocks.ts";
import type { VariableOption } from "../evaluate/root-variables.ts";
import { configurationRoot } from "../load/configuration-root.ts";
import { readState } from "../load/plan/state.ts";
import { openSourceTree } from "../load/source-tree.ts";
import type { ReviewInput } from "../read-platform.ts";
import type { CommandIo } from "./command.ts";

/** The flags by which `review`, `graph` and `capacity` are told what to read. */
export interface PlatformFlags {
  readonly var: readonly VariableOption[];
  readonly mocks?: string;
  readonly state?: string;
  readonly plan?: string;
  readonly manifests: readonly string[];
  readonly clusterDump?: string;
  readonly allowExec?: true;
  /** Where there are several clusters, the one that the command is about; see `clusterOption`. */
  readonly cluster?: string;
}

/** Adds those flags to a command. */
export const addPlatformOptions = (command: Command): Command => {
  const variables: VariableOption[] = [];
  return command
    .option(
      "--var <name=value>",
      "a value of a variable; may be repeated",
      (text: string) => {
        variables.push(variableOption(text));
        return variables;
      },
      variables,
    )
    .option("--var-file <file>", "a file of values; may be repeated, and later ones win", (path: string) => {
      variables.push({ kind: "file", path });
      return path;
    })
    .option("--mocks <file>", 'values of data sources, {"data.TYPE": {...}, "data.TYPE.NAME": {...}}')
    .option("--state <file>", "the state to plan against")
    .option("--plan <file>", "the output of `terraform show -json PLAN`, read in place of the configuration")
    .option(
      "--manifests <path>",
      "a file or folder of Kubernetes manifests; may be repeated. Default: what aks-twin.yaml names, else k8s/, manifests/ and deploy/",
      (path: string, before: readonly string[]) => [...before, path],
      [] as readonly string[],
    )
    .option("--cluster-dump <file>", "what runs already: the output of `kubectl get -A -o json`")
    .option("--allow-exec", "let kustomize, kubectl and helm from PATH render overlays and charts");
};

/** The flags as the pipeline takes them, or the reason why not. */
export const reviewInput = (
  directory: string,
  flags: PlatformFlags,
  io: Pick<CommandIo, "cwd" | "env">,
  /** The folder that may be read; the repository around the directory where left out. */
  root?: string,
): { readonly input: ReviewInput } | { readonly problem: string } => {
  const absolute = resolve(io.cwd, directory);
  if (!existsSync(absolute) || !statSync(absolute).isDirectory())
    return { problem: `"${directory}" is not a directory. Give the folder of the root module.` };
  const tree = openSourceTree(root ?? configurationRoot(absolute));
  if (tree === undefined) return { problem: `"${directory}" cannot be read. Check its permissions.` };
  const below = tree.shownPath(relative(tree.root, absolute)) ?? "";
  const mocks = flags.mocks === undefined ? {} : readMocks(resolve(io.cwd, flags.mocks));
  if (mocks === undefined) return { problem: `"${flags.mocks}" is not a JSON object of mocks. See --mocks.` };
  const statePath = flags.state === undefined ? undefined : resolve(io.cwd, flags.state);
  if (statePath !== undefined && !existsSync(statePath)) return { problem: `"${flags.state}" is not there.` };
  for (const file of [flags.plan, flags.clusterDump])
    if (file !== undefined && !existsSync(resolve(io.cwd, file))) return { problem: `"${file}" is not there.` };
  return {
    input: {
      tree,
      directory: below,
      cluster: flags.cluster,
      variables: flags.var.map((option) => withText(option, io.cwd, absolute)),
      environment: terraformVariables(io.env),
      mocks,
      state: statePath === undefined ? undefined : readState(readFileSync(statePath), flags.state ?? "").value,
      plan: flags.plan === undefined ? undefined : resolve(io.cwd, flags.plan),
      manifests: flags.manifests.map((path) => resolve(io.cwd, path)),
      clusterDump: flags.clusterDump === undefined ? undefined : resolve(io.cwd, flags.clusterDump),
      allowExec: flags.allowExec === true,
    },
  };
};

/** `NAME=VALUE` of a `--var`. */
export const variableOption = (text: string): VariableOption => {
  const at = text.indexOf("=");
  return { kind: "value", name: at < 0 ? text : text.slice(0, at), text: at < 0 ? "" : text.slice(at + 1) };
};

/** A file of values is looked for where the command was started, then in the folder that is evaluated. */
export const withText = (option: VariableOption, cwd: string, directory: string): VariableOption => {
  if (option.kind === "value") return option;
  for (const base of [cwd, directory]) {
    const path = resolve(base, option.path);
    if (existsSync(path) && statSync(path).isFile()) return { ...option, text: readFileSync(path, "utf8") };
  }
  return option;
};

/** `TF_VAR_name` by name. */
export const terraformVariables = (env: CommandIo["env"]): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  for (const [name, text] of Object.entries(env))
    if (name.startsWith("TF_VAR_") && text !== undefined) found.set(name.slice("TF_VAR_".length), text);
  return found;
};

/** A file of mocks; `undefined` where it cannot be read or is no JSON object. */
export const readMocks = (path: string): Mocks | undefined => {
  try {
    return mocksOf(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined;
  }
};
