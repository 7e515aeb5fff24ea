import type { Diagnostic } from "../model/diagnostic.ts";
import type { ModuleNode } from "./module-tree.ts";
import { inputError, inputWarning } from "./problems.ts";

/** Holds the providers that calls pass against those that modules ask for (Terraform 1.11, configs `validateProviderConfigs`). */
export const validateModuleProviders = (node: ModuleNode, report: (problem: Diagnostic) => void): void => {
  for (const child of node.children.values()) {
    checkPassed(node, child, report);
    checkRequired(child, report);
    checkRepeated(child, report);
    validateModuleProviders(child, report);
  }
};

const checkPassed = (parent: ModuleNode, child: ModuleNode, report: (problem: Diagnostic) => void): void => {
  for (const { inside, outside, insideRange, outsideRange } of child.call?.passedProviders ?? []) {
    if (child.module === undefined) continue;
    const [name = "", alias] = inside.split(".");
    const required = child.module.requiredProviders.get(name);
    const isNamed = alias === undefined ? required !== undefined : (required?.aliases.includes(inside) ?? false);
    if (!isNamed) report(undefinedProvider(name, child.address, insideRange));
    const [given = "", givenAlias] = outside.split(".");
    if (
      givenAlias === undefined &&
      !parent.module?.requiredProviders.has(given) &&
      !parent.module?.providers.has(given)
    )
      report(undefinedProvider(given, parent.address || "the root module", outsideRange));
  }
};

const undefinedProvider = (name: string, module: string, range: Diagnostic["range"]): Diagnostic =>
  inputWarning(
    "Reference to undefined provider",
    `The provider name "${name}" is not declared in ${module}, so it is taken for hashicorp/${name}. Declare it in required_providers there.`,
    range,
  );

const checkRequired = (child: ModuleNode, report: (problem: Diagnostic) => void): void => {
  const { call, module } = child;
  if (call === undefined || module === undefined) return;
  for (const { aliases, source } of module.requiredProviders.values())
    for (const alias of aliases)
      if (!call.providers.has(alias) && !module.providers.has(alias))
        report(
          inputError(
            "Missing required provider configuration",
            `The module needs a configuration of the provider ${source} under the name "${alias}". Add ${alias} to "providers" of the call.`,
            call.range,
          ),
        );
};

/** A module with a provider block of its own belongs to one place: it cannot be repeated or made to wait. */
const checkRepeated = (child: ModuleNode, report: (problem: Diagnostic) => void): void => {
  const { call } = child;
  const repeated = call?.count ?? call?.forEach;
  if (call === undefined || (repeated === undefined && call.dependsOn.length === 0)) return;
  const holder = configuring(child);
  if (holder === undefined) return;
  report(
    inputError(
      "Module is incompatible with count, for_each, and depends_on",
      `${child.address} has a provider block (${holder}), so it cannot have count, for_each or depends_on. Pass the provider to it instead.`,
      repeated?.range ?? call.dependsOn[0]?.range ?? call.range,
    ),
  );
};

const configuring = (node: ModuleNode): string | undefined => {
  for (const [key, block] of node.module?.providers ?? [])
    if (block.body.attributes.length > 0 || block.body.blocks.length > 0) return `${node.address}: ${key}`;
  for (const child of node.children.values()) {
    const found = configuring(child);
    if (found !== undefined) return found;
  }
  return undefined;
};
