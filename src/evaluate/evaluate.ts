import type { TerraformState } from "../load/plan/state.ts";
import type { SourceTree } from "../load/source-tree.ts";
import type { Diagnostic, Outcome } from "../model/diagnostic.ts";
import type { SourceRange } from "../model/source-range.ts";
import type { Value } from "../model/value.ts";
import { createBeforeDestroy } from "./create-before-destroy.ts";
import { treeFileReader, treeModuleFiles } from "./evaluate-files.ts";
import { instancesOf, orphanInstances } from "./evaluate-instances.ts";
import { builtinFunctions } from "./functions-table.ts";
import { buildGraph, type GraphNode, nodeReferences } from "./graph-nodes.ts";
import { orderNodes } from "./graph-order.ts";
import { languageVersion } from "./language-version.ts";
import type { Mocks } from "./mocks.ts";
import { loadModuleTree, type ModuleNode } from "./module-tree.ts";
import { addressesAfterMoves, applyMoves } from "./moves.ts";
import { findOrphans, type Orphan } from "./orphans.ts";
import { hasErrors } from "./problems.ts";
import { withProviderFunctions } from "./provider-functions.ts";
import { checkProviders, providerLookup, unconfiguredProblems } from "./provider-lookup.ts";
import { validateModuleProviders } from "./provider-validation.ts";
import { goodReferences } from "./reference.ts";
import type { ResourceInstance } from "./resource-instance.ts";
import { collectVariables, type VariableOption } from "./root-variables.ts";
import { priorState } from "./state.ts";
import type { Walk, WalkSettings } from "./walk.ts";
import { importProblems } from "./walk-imports.ts";
import { runWalk } from "./walk-run.ts";

export interface EvaluateInput {
  readonly tree: SourceTree;
  /** The directory of the root module, below the root of the tree; `""` for the root itself. */
  readonly directory: string;
  /** `-var` and `-var-file` in the order of the command line. */
  readonly variables?: readonly VariableOption[];
  /** Values of `TF_VAR_name`, by name. */
  readonly environment?: ReadonlyMap<string, string>;
  /** Values of data sources: `{"data.TYPE": {...}, "data.TYPE.NAME": {...}}`. */
  readonly mocks?: Mocks;
  readonly state?: TerraformState;
  /** `1.11` for the language before `&&` and `||` stopped at the side that decides; the newest otherwise. */
  readonly terraformVersion?: string;
  readonly workspace?: string;
  /** A provider that needs a provider block and has none is an error, as in Terraform, and not a warning. */
  readonly requireProviders?: boolean;
  /** Directories for module sources that are not on disk, by source. */
  readonly moduleSources?: ReadonlyMap<string, string>;
}

/** What a configuration comes to: everything later rooms need of Terraform. */
export interface Evaluation {
  readonly instances: readonly ResourceInstance[];
  /** Outputs of the root module. */
  readonly outputs: ReadonlyMap<string, EvaluatedOutput>;
  /** Variables of the root module. */
  readonly variables: ReadonlyMap<string, Value>;
  readonly checks: readonly EvaluatedCheck[];
  readonly moduleCalls: readonly EvaluatedModuleCall[];
  /** What the form of `terraform show -json` is made from; only where a configuration was evaluated. */
  readonly walk: Walk | undefined;
  readonly orphans: readonly Orphan[];
  /** Where an address of an earlier configuration is now. */
  readonly moved: (address: string) => string;
  /** The version of Terraform whose language the configuration was read in. */
  readonly terraformVersion: string;
}

export interface EvaluatedOutput {
  readonly value: Value;
  readonly sensitive: boolean;
  readonly range: SourceRange | undefined;
}

export interface EvaluatedCheck {
  /** `check.zones`, `azurerm_subnet.nodes[0]`, `var.cidr`, `output.x`. */
  readonly address: string;
  readonly status: "pass" | "fail" | "error" | "unknown";
  readonly problems: readonly string[];
}

export interface EvaluatedModuleCall {
  readonly address: string;
  readonly source: string;
  readonly version: string | undefined;
  readonly onDisk: boolean;
  readonly range: SourceRange;
}

/** Evaluates a Terraform configuration as `terraform plan` does, without providers, credentials or network. */
export const evaluateTerraform = (input: EvaluateInput): Outcome<Evaluation> => {
  const diagnostics: Diagnostic[] = [];
  const report = (problem: Diagnostic): void => {
    diagnostics.push(problem);
  };
  const files = treeModuleFiles(input.tree, report);
  const root = loadModuleTree(
    { files, directory: input.directory, moduleSources: input.moduleSources ?? new Map() },
    report,
  );
  const isBlocked = (): boolean => hasErrors(diagnostics.filter(({ code }) => code !== notOnDisk));
  const quiet = (): void => {};
  const version = languageVersion(root, input.terraformVersion);
  if (hasErrors(version.problems)) diagnostics.length = 0;
  diagnostics.push(...version.problems);
  validateModuleProviders(root, isBlocked() ? quiet : report);
  const isReadable = !isBlocked();
  const settings = prepare(input, files, root, version.shortCircuit, isReadable ? report : quiet);
  const order = orderNodes(settings.graph.nodes);
  const unconfigured = checkProviders(settings.graph, settings.providerOf, isBlocked() ? quiet : report);
  const isStrict = input.requireProviders ?? false;
  // A missing variable does not hide a cycle, so that one run tells both.
  if (isReadable) diagnostics.push(...order.cycles);
  const first = runWalk(settings, "validate", order.nodes);
  if (!isBlocked()) diagnostics.push(...first.diagnostics);
  const moved: Diagnostic[] = [];
  const prior = applyMoves(settings.prior, root, (problem) => moved.push(problem));
  if (!isBlocked()) diagnostics.push(...moved);
  const wasBlocked = isBlocked();
  if (!wasBlocked) diagnostics.push(...unconfigured.flatMap((provider) => unconfiguredProblems(provider, isStrict)));
  const missing = new Set(isStrict ? unconfigured : []);
  const second = runWalk({ ...settings, prior }, "plan", order.nodes, missing);
  const planned = new Set(second.walk.planned.map(({ address }) => address));
  const modules = new Set([...second.walk.instances.values()].flatMap((all) => all.map(({ address }) => address)));
  const orphans = findOrphans(prior, root, planned, modules, settings.providerOfSource, wasBlocked ? quiet : report);
  if (!wasBlocked)
    diagnostics.push(...importProblems(settings.graph), ...second.diagnostics.filter(isNew(first.diagnostics)));
  return {
    value: evaluationOf(root, second.walk, orphans, version.text),
    diagnostics: sortProblems(unique(diagnostics)),
  };
};

/** A module that is not on disk does not keep the rest from being evaluated. */
const notOnDisk = "AKS9110";

/** Warnings of the first look come again in the second. */
const isNew = (before: readonly Diagnostic[]): ((problem: Diagnostic) => boolean) => {
  const known = new Set(before.map(identity));
  return (problem) => !known.has(identity(problem));
};

const identity = ({ summary, detail, range }: Diagnostic): string =>
  `${summary}|${detail}|${range?.file}:${range?.start.offset}:${range?.end.offset}`;

const unique = (problems: readonly Diagnostic[]): readonly Diagnostic[] => [
  ...new Map(problems.map((problem) => [identity(problem), problem])).values(),
];

/** By place, so that the order does not depend on how the work was done. */
const sortProblems = (problems: readonly Diagnostic[]): readonly Diagnostic[] =>
  [...problems].sort(
    (a, b) =>
      compare(a.range?.file ?? "\uffff", b.range?.file ?? "\uffff") ||
      (a.range?.start.offset ?? 0) - (b.range?.start.offset ?? 0) ||
      compare(a.summary, b.summary) ||
      compare(a.detail, b.detail),
  );

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

const prepare = (
  input: EvaluateInput,
  files: ReturnType<typeof treeModuleFiles>,
  root: ModuleNode,
  shortCircuit: boolean,
  report: (problem: Diagnostic) => void,
): WalkSettings & { readonly providerOfSource: ReturnType<typeof providerLookup>["ofSource"] } => {
  const graph = buildGraph(root);
  const providers = providerLookup(
    root,
    files.read(`${input.directory === "" ? "" : `${input.directory}/`}.terraform.lock.hcl`),
  );
  const functionContext = { files: treeFileReader(input.tree, input.directory) };
  const rootVariables =
    root.module === undefined
      ? new Map()
      : collectVariables(
          root.module,
          {
            files,
            directory: input.directory,
            options: input.variables ?? [],
            environment: input.environment ?? new Map(),
          },
          report,
        );
  return {
    graph,
    root,
    functions: withProviderFunctions(builtinFunctions()),
    functionContext: () => functionContext,
    shortCircuit,
    workspace: input.workspace ?? "default",
    directory: input.directory,
    providerOf: providers.of,
    providerOfSource: providers.ofSource,
    rootVariables,
    mocks: input.mocks ?? {},
    prior: priorState(input.state),
    createBeforeDestroy: createBeforeDestroy(graph),
    referred: referredAttributes(graph.nodes),
  };
};

/** Names of attributes that are referred to, by resource type. */
const referredAttributes = (nodes: readonly GraphNode[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const found = new Map<string, Set<string>>();
  for (const node of nodes) {
    const references = nodeReferences(node);
    for (const { subject, rest } of goodReferences(references)) {
      const first = rest[0];
      if (subject.kind !== "resource" || first?.kind !== "attribute") continue;
      const names = found.get(subject.type) ?? new Set();
      names.add(String(first.key));
      found.set(subject.type, names);
    }
  }
  return found;
};

const evaluationOf = (
  root: ModuleNode,
  walk: Walk,
  orphans: readonly Orphan[],
  terraformVersion: string,
): Evaluation => {
  const instance = walk.instances.get(root)?.[0];
  const outputs = new Map<string, EvaluatedOutput>();
  for (const [name, block] of root.module?.outputs ?? []) {
    const value = instance?.outputs.get(name);
    if (value !== undefined) outputs.set(name, { value, sensitive: block.sensitive, range: block.range });
  }
  return {
    instances: [...instancesOf(walk), ...orphanInstances(orphans)],
    outputs,
    variables: instance?.variables ?? new Map(),
    checks: [...walk.checks.values()].flatMap((check) =>
      [...check.instances.values()].map((record) => ({
        address: record.module.address === "" ? check.name : `${record.module.address}.${check.name}`,
        status: record.status,
        problems: record.problems,
      })),
    ),
    moduleCalls: moduleCalls(root),
    walk,
    orphans,
    moved: addressesAfterMoves(root),
    terraformVersion,
  };
};

const moduleCalls = (node: ModuleNode): readonly EvaluatedModuleCall[] =>
  [...node.children.values()].flatMap((child) => [
    {
      address: child.address,
      source: child.call?.source ?? "",
      version: child.call?.version,
      onDisk: child.module !== undefined,
      range: child.call?.range ?? {
        file: "",
        start: { line: 1, column: 1, offset: 0 },
        end: { line: 1, column: 1, offset: 0 },
      },
    },
    ...moduleCalls(child),
  ]);
