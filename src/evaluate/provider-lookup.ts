import { providerSource } from "./module-decode-terraform.ts";
import type { ModuleNode } from "./module-tree.ts";
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
