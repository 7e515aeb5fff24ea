import { bodyReferences } from "./body-references.ts";
import { providerNode } from "./graph-nodes.ts";
import type { ModuleNode } from "./module-tree.ts";
import { goodReferences, type Reference } from "./reference.ts";
import type { Walk } from "./walk.ts";

/** A reference of a provider block, and the module whose names it is written in. */
export interface ProviderReference {
  readonly reference: Reference;
  readonly module: ModuleNode;
}

/** What the configuration of a provider refers to: the cluster, for `provider "kubernetes" { host = azurerm_kubernetes_cluster.blue... }`. */
export const providerReferences = (
  walk: Walk,
  module: ModuleNode,
  providerKey: string,
): readonly ProviderReference[] => {
  const node = providerNode(module, providerKey, walk.graph);
  if (node?.kind !== "provider") return [];
  return goodReferences(bodyReferences(node.block.body)).map((reference) => ({ reference, module: node.module }));
};
