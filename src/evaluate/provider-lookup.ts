import type { Diagnostic } from "../model/diagnostic.ts";
import type { SourceRange } from "../model/source-range.ts";
import { type Graph, providerNode } from "./graph-nodes.ts";
import { providerSource } from "./module-decode-terraform.ts";
import type { ModuleNode } from "./module-tree.ts";
import { inputError, inputWarning } from "./problems.ts";
import { type ProviderSchemas, providerSchemas } from "./schema-store.ts";
import { parseConstraints, type VersionConstraint } from "./version-constraint.ts";

export interface ProviderLookup {
  /** By the provider key of a resource in its module: `azurerm`, `azurerm.hub`. */
  readonly of: (module: ModuleNode, key: string) => ProviderSchemas;
  /** By source: `hashicorp/azurerm`. */
  readonly ofSource: (source: string) => ProviderSchemas;
}

/** Finds the schemas of each provider for what all modules require of it together, and for the lock file. */
export const providerLookup = (root: ModuleNode, lockFile: string | undefined): ProviderLookup => {
  const locked = readLockFile(lockFile ?? "");
  const constraints = collectConstraints(root);
  const found = new Map<string, ProviderSchemas>();
  const ofSource = (source: string): ProviderSchemas => {
    const known = found.get(source);
    if (known !== undefined) return known;
    const schemas = providerSchemas(source, constraints.get(source) ?? [], locked.get(source));
    found.set(source, schemas);
    return schemas;
  };
  const sources = new WeakMap<ModuleNode, Map<string, ProviderSchemas>>();
  return {
    ofSource,
    of: (module, key) => {
      const ofModule = sources.get(module) ?? new Map<string, ProviderSchemas>();
      sources.set(module, ofModule);
      const known = ofModule.get(key) ?? ofSource(sourceOf(module, key));
      ofModule.set(key, known);
      return known;
    },
  };
};

/** The source of the provider that a local name means in a module; without `required_providers`, one of HashiCorp's. */
export const sourceOf = (module: ModuleNode, key: string): string => {
  const name = key.split(".")[0] ?? key;
  if (name === "terraform") return "terraform.io/builtin/terraform";
  return module.module?.requiredProviders.get(name)?.source ?? `hashicorp/${name}`;
};

const collectConstraints = (root: ModuleNode): ReadonlyMap<string, readonly VersionConstraint[]> => {
  const found = new Map<string, VersionConstraint[]>();
  const add = (source: string, constraints: readonly VersionConstraint[]): void => {
    const all = found.get(source) ?? [];
    all.push(...constraints);
    found.set(source, all);
  };
  const visit = (node: ModuleNode): void => {
    for (const required of node.module?.requiredProviders.values() ?? []) add(required.source, required.constraints);
    for (const provider of node.module?.providers.values() ?? [])
      if (provider.version !== undefined) add(sourceOf(node, provider.name), parseConstraints(provider.version) ?? []);
    for (const child of node.children.values()) visit(child);
  };
  visit(root);
  return found;
};

/** Versions in `.terraform.lock.hcl`, by source. */
const readLockFile = (text: string): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  for (const [, address, version] of text.matchAll(/provider\s+"([^"]+)"\s*\{[^}]*?version\s*=\s*"([^"]+)"/g)) {
    const source = providerSource(address ?? "");
    if (source !== undefined && version !== undefined) found.set(source, version);
  }
  return found;
};

/**
 * Reports resources whose provider configuration is nowhere: an alias that no block declares and no call passes. Returns the providers that
 * cannot do without a provider block, and have none.
 */
export const checkProviders = (
  graph: Graph,
  of: ProviderLookup["of"],
  report: (problem: Diagnostic) => void,
): readonly ProviderSchemas[] => {
  const unconfigured: ProviderSchemas[] = [];
  const implied = new Set<ProviderSchemas>();
  for (const node of graph.nodes) {
    if (node.kind !== "resource") continue;
    if (!node.block.providerKey.includes(".")) {
      const provider = of(node.module, node.block.providerKey);
      if (implied.has(provider)) continue;
      implied.add(provider);
      if (providerNode(node.module, node.block.providerKey, graph) === undefined && needsConfiguration(provider))
        unconfigured.push(provider);
      continue;
    }
    const { providerKey, providerRange } = node.block;
    const isPassed = node.module.module?.requiredProviders
      .get(providerKey.split(".")[0] ?? "")
      ?.aliases.includes(providerKey);
    if (providerNode(node.module, providerKey, graph) !== undefined || (isPassed && node.module.parent === undefined))
      continue;
    report({
      ...inputError(
        "Provider configuration not present",
        `${node.label} is to be made with the provider configuration "${providerKey}", and there is none. Declare a provider block with this alias, or pass one to the module.`,
        undefined,
        node.label,
      ),
      related:
        providerRange === undefined ? [] : [{ message: "The configuration is named here", range: providerRange }],
    });
  }
  return unconfigured;
};

const needsConfiguration = (provider: ProviderSchemas): boolean => missingSettings(provider).length > 0;

/** What a provider block must have, as problems of a block that is not there. */
const missingSettings = (provider: ProviderSchemas): readonly Diagnostic[] => {
  const block = provider.find("provider", provider.source.slice(provider.source.lastIndexOf("/") + 1))?.block;
  const needed = (kind: string, name: string, summary: string): Diagnostic =>
    inputError(summary, `The provider ${provider.source} needs the ${kind} "${name}" in a provider block.`, nowhere);
  return [
    ...[...(block?.attributes ?? [])].flatMap(([name, { required }]) =>
      required ? [needed("argument", name, "Missing required argument")] : [],
    ),
    ...[...(block?.blocks ?? [])].flatMap(([name, { min }]) =>
      min > 0 ? [needed("block", name, `Insufficient ${name} blocks`)] : [],
    ),
  ];
};

const origin = { line: 0, column: 0, offset: 0 };
const nowhere: SourceRange = { file: "<empty>", start: origin, end: origin };

/** A provider without the block that it needs: an error as in Terraform, or a warning for a module that is to be called from elsewhere. */
export const unconfiguredProblems = (provider: ProviderSchemas, isStrict: boolean): readonly Diagnostic[] => {
  const summary = "Invalid provider configuration";
  const detail = `The provider ${provider.source} needs a provider block, and the configuration has none.`;
  return isStrict
    ? [...missingSettings(provider), inputError(summary, `${detail} Declare one in the root module.`, undefined)]
    : [
        inputWarning(
          summary,
          `${detail} Terraform would stop here; a module that is to be called from elsewhere is read all the same.`,
          undefined,
        ),
      ];
};
