import type { Block } from "../load/hcl/ast.ts";
import { parseTfJson } from "../load/hcl/json-body.ts";
import { parseHcl } from "../load/hcl/parse-file.ts";
import { type Diagnostic, diagnostic } from "../model/diagnostic.ts";
import { readContent } from "./body-content.ts";
import type { Module, ModuleCallBlock } from "./module.ts";
import { decodeModule } from "./module-decode.ts";
import { mergeOverrides } from "./module-override.ts";
import { joinPath } from "./module-path.ts";
import { inputError } from "./problems.ts";

/** A module as it is called from one place, with the modules that it calls. Instances come later. */
export interface ModuleNode {
  /** `["network", "split"]`, empty for the root. */
  readonly path: readonly string[];
  /** `module.network.module.split`, `""` for the root. */
  readonly address: string;
  /** `undefined` where the source is not on disk. */
  readonly module: Module | undefined;
  readonly call: ModuleCallBlock | undefined;
  readonly parent: ModuleNode | undefined;
  readonly children: Map<string, ModuleNode>;
}

/** What the loader needs of the file tree. Paths are below its root, with forward slashes. */
export interface ModuleFiles {
  /** Names of the files directly in a directory, sorted; `undefined` where there is no such directory. */
  readonly list: (directory: string) => readonly string[] | undefined;
  readonly read: (path: string) => string | undefined;
}

export interface ModuleTreeInput {
  readonly files: ModuleFiles;
  readonly directory: string;
  /** Directories for module sources that are not local, as `aks-twin.yaml` gives them. */
  readonly moduleSources: ReadonlyMap<string, string>;
}

/** Reads the root module and all modules that it calls, as far as they are on disk. */
export const loadModuleTree = (input: ModuleTreeInput, report: (problem: Diagnostic) => void): ModuleNode => {
  const installed = installedModules(input);
  const parsed = new Map<string, Module>();
  const load = (directory: string): Module | undefined => {
    const known = parsed.get(directory);
    if (known !== undefined) return known;
    const module = loadModule(input.files, directory, report);
    if (module !== undefined) parsed.set(directory, module);
    return module;
  };
  const grow = (node: ModuleNode, directories: readonly string[]): void => {
    for (const call of node.module?.calls.values() ?? []) {
      const path = [...node.path, call.name];
      const directory = directoryOf(call, node, path, installed, input, directories, report);
      const module = directory === undefined ? undefined : load(directory);
      const child: ModuleNode = {
        path,
        address: path.map((name) => `module.${name}`).join("."),
        module,
        call,
        parent: node,
        children: new Map(),
      };
      node.children.set(call.name, child);
      if (module !== undefined && directory !== undefined) grow(child, [...directories, directory]);
    }
  };
  const module = load(input.directory);
  const root: ModuleNode = {
    path: [],
    address: "",
    module: module ?? decodeModule(input.directory, [], report),
    call: undefined,
    parent: undefined,
    children: new Map(),
  };
  grow(root, [input.directory]);
  return root;
};

const topBlocks = {
  blocks: {
    variable: ["name"],
    required_providers: [],
    output: ["name"],
    locals: [],
    module: ["name"],
    resource: ["type", "name"],
    data: ["type", "name"],
    ephemeral: ["type", "name"],
    provider: ["name"],
    terraform: [],
    check: ["name"],
    moved: [],
    removed: [],
    import: [],
  },
};

const isOverride = (name: string): boolean => /(^|_)override\.tf(\.json)?$/.test(name);
const isConfiguration = (name: string): boolean =>
  (name.endsWith(".tf") || name.endsWith(".tf.json")) && !/^[.#]|~$/.test(name);

const loadModule = (
  files: ModuleFiles,
  directory: string,
  report: (problem: Diagnostic) => void,
): Module | undefined => {
  const names = files.list(directory)?.filter(isConfiguration);
  if (names === undefined) return undefined;
  const primary: Block[] = [];
  const overrides: Block[] = [];
  for (const name of names) {
    const path = joinPath(directory, name);
    const text = files.read(path);
    if (text === undefined) continue;
    const outcome = name.endsWith(".json") ? parseTfJson(text, path) : parseHcl(text, path);
    for (const problem of outcome.diagnostics) report(problem);
    const content = readContent(outcome.value, topBlocks);
    for (const problem of content.diagnostics) report(problem);
    const blocks = content.blocks.filter(({ type }) => type !== "required_providers");
    (isOverride(name) ? overrides : primary).push(...blocks);
    for (const { type, headerRange } of content.blocks)
      if (type === "required_providers")
        report(
          inputError("Invalid required_providers block", 'The block belongs inside a "terraform" block.', headerRange),
        );
  }
  return decodeModule(directory, mergeOverrides(primary, overrides, report), report);
};

/** Where `terraform get` put the modules that were downloaded: `.terraform/modules/modules.json`, by dotted call path. */
const installedModules = ({ files, directory }: ModuleTreeInput): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  const text = files.read(joinPath(directory, ".terraform/modules/modules.json"));
  if (text === undefined) return found;
  try {
    const json = JSON.parse(text) as {
      readonly Modules?: readonly { readonly Key?: unknown; readonly Dir?: unknown }[];
    };
    for (const { Key, Dir } of json.Modules ?? [])
      if (typeof Key === "string" && typeof Dir === "string") found.set(Key, joinPath(directory, Dir));
  } catch {
    return found;
  }
  return found;
};

const isLocal = (source: string): boolean =>
  source.startsWith("./") || source.startsWith("../") || source === "." || source === "..";

const directoryOf = (
  call: ModuleCallBlock,
  caller: ModuleNode,
  path: readonly string[],
  installed: ReadonlyMap<string, string>,
  { files, moduleSources }: ModuleTreeInput,
  directories: readonly string[],
  report: (problem: Diagnostic) => void,
): string | undefined => {
  if (call.source === "") return undefined;
  const given = moduleSources.get(call.source);
  if (isLocal(call.source) || given !== undefined) {
    const directory = given ?? joinPath(caller.module?.directory ?? "", call.source);
    if (directories.includes(directory)) {
      report(
        inputError(
          "Module cycle",
          `The module "${path.join(".")}" calls itself: its source leads to "${directory || "."}", which is being read already.`,
          call.sourceRange,
        ),
      );
      return undefined;
    }
    if (files.list(directory) !== undefined) return directory;
    report({
      ...inputError(
        "Unreadable module directory",
        `There is no directory "${directory}" for the module "${path.join(".")}". Correct the source, or give the directory in which all modules lie as the root.`,
        call.sourceRange,
      ),
      code: "AKS9110",
    });
    return undefined;
  }
  const directory = installed.get(path.join("."));
  if (directory !== undefined && files.list(directory) !== undefined) return directory;
  report(notOnDisk(call, path));
  return undefined;
};

const notOnDisk = (call: ModuleCallBlock, path: readonly string[]): Diagnostic =>
  diagnostic({
    code: "AKS9110",
    severity: "error",
    summary: "Module not installed",
    detail:
      `The module "${path.join(".")}" comes from "${call.source}"${call.version === undefined ? "" : ` ${call.version}`}, which is not on disk, ` +
      `so nothing is known of what it creates. Run "terraform get", which needs no cloud credentials, or name a directory for this source in aks-twin.yaml.`,
    subject: `module.${path.join(".module.")}`,
    range: call.sourceRange,
  });
