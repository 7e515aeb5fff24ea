import type { Diagnostic } from "../model/diagnostic.ts";
import type { MappingValue } from "../model/value.ts";
import { addressNames, splitAddress } from "./address.ts";
import type { ModuleNode } from "./module-tree.ts";
import { findModule } from "./moves.ts";
import { openSchema } from "./open-schema.ts";
import { inputWarning } from "./problems.ts";
import type { ResourceSchema } from "./schema.ts";
import type { ProviderSchemas } from "./schema-store.ts";
import { type PriorState, type StateInstance, stateValues } from "./state.ts";

/** Something in the state that the configuration no longer has. */
export interface Orphan {
  readonly instance: StateInstance;
  readonly action: "delete" | "forget";
  readonly reason: string;
  readonly provider: ProviderSchemas;
  readonly schema: ResourceSchema;
  readonly before: MappingValue;
}

/** What is in the state and not among the instances that were planned, and why it goes (Terraform 1.11, action reasons). */
export const findOrphans = (
  prior: PriorState,
  root: ModuleNode,
  planned: ReadonlySet<string>,
  modules: ReadonlySet<string>,
  providerOfSource: (source: string) => ProviderSchemas,
  report: (problem: Diagnostic) => void,
): readonly Orphan[] => {
  const orphans: Orphan[] = [];
  for (const instance of prior.instances.values()) {
    if (instance.mode !== "managed" || planned.has(instance.address)) continue;
    const provider = providerOfSource(instance.provider.replace(/^registry\.terraform\.io\//, ""));
    const schema = provider.find("resource", instance.type) ?? openSchema(noBody, new Set());
    orphans.push({
      instance,
      action: isForgotten(instance, root) ? "forget" : "delete",
      reason: reasonFor(instance, root, modules),
      provider,
      schema,
      before: stateValues(instance, schema),
    });
  }
  const forgotten = orphans.filter(({ action }) => action === "forget");
  if (forgotten.length > 0)
    report(
      inputWarning(
        "Some objects will no longer be managed by Terraform",
        `These stay as they are, and Terraform forgets them: ${forgotten.map(({ instance }) => instance.address).join(", ")}.`,
        undefined,
      ),
    );
  return orphans;
};

const position = { line: 1, column: 1, offset: 0 };
const noBody = { attributes: [], blocks: [], range: { file: "", start: position, end: position } };

/** A `removed` block with `destroy = false` about the resource or a module around it. */
const isForgotten = (instance: StateInstance, root: ModuleNode): boolean => {
  const address = stripKeys(`${instance.module === "" ? "" : `${instance.module}.`}${instance.type}.${instance.name}`);
  const matches = (module: ModuleNode): boolean =>
    (module.module?.removed ?? []).some((block) => {
      const from = module.address === "" ? addressNames(block.from) : `${module.address}.${addressNames(block.from)}`;
      return !block.destroy && (address === from || address.startsWith(`${from}.`));
    }) || [...module.children.values()].some(matches);
  return matches(root);
};

const stripKeys = (address: string): string =>
  splitAddress(address)
    .map(({ name }) => name)
    .join(".");

const reasonFor = (instance: StateInstance, root: ModuleNode, modules: ReadonlySet<string>): string => {
  const block = findModule(root, instance.module)?.module?.resources.get(`${instance.type}.${instance.name}`);
  if (block === undefined)
    return instance.previousAddress === undefined
      ? "delete_because_no_resource_config"
      : "delete_because_no_move_target";
  if (!modules.has(instance.module)) return "delete_because_no_module";
  const wanted = block.count !== undefined ? "number" : block.forEach !== undefined ? "string" : "undefined";
  if (typeof instance.key !== wanted) return "delete_because_wrong_repetition";
  return wanted === "number" ? "delete_because_count_index" : "delete_because_each_key";
};
