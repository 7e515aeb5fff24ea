import type { PlanModule, PlanModuleCall, PlanReference } from "../load/plan/plan-configuration.ts";
import { inModule, keyText, splitAddress } from "./address.ts";

/** A module of the configuration in a plan, with the modules around it. */
export interface PlanScope {
  readonly module: PlanModule;
  /** The address of the module instance as far as it is known. */
  readonly address: string;
  readonly call: PlanModuleCall | undefined;
  readonly parent: PlanScope | undefined;
}

/** A resource attribute that a reference leads to. */
export interface PlanTarget {
  readonly address: string;
  readonly path: readonly (string | number)[];
}

/** The scope of a module instance: `module.net["a"].module.split`. */
export const scopeOfModule = (root: PlanModule, address: string): PlanScope | undefined => {
  let scope: PlanScope = { module: root, address: "", call: undefined, parent: undefined };
  const parts = splitAddress(address);
  for (let index = 1; index < parts.length; index += 2) {
    const part = parts[index];
    const call: PlanModuleCall | undefined = scope.module.calls.find(({ name }) => name === part?.name);
    if (part === undefined || call === undefined) return undefined;
    scope = {
      module: call.module,
      address: inModule(scope.address, `module.${part.name}${keyText(part.key)}`),
      call,
      parent: scope,
    };
  }
  return scope;
};

/** Follows a reference through variables and module outputs to resources. What a local value holds, a plan does not say. */
export const planTargets = (to: string, scope: PlanScope, depth = 0): readonly PlanTarget[] => {
  if (depth > 50) return [];
  const parts = splitAddress(to);
  const [first, second, third] = parts;
  if (first === undefined || second === undefined) return [];
  switch (first.name) {
    case "local":
    case "each":
    case "count":
    case "path":
    case "terraform":
    case "self":
      return [];
    case "var":
      return argumentTargets(second.name, parts.slice(2), scope, depth);
    case "module":
      return outputTargets(second, third?.name, parts.slice(3), scope, depth);
    case "data":
      return third === undefined
        ? []
        : [target(scope, `data.${second.name}.${third.name}${keyText(third.key)}`, parts.slice(3))];
    default:
      return [target(scope, `${first.name}.${second.name}${keyText(second.key)}`, parts.slice(2))];
  }
};

type Parts = ReturnType<typeof splitAddress>;

const target = (scope: PlanScope, local: string, rest: Parts): PlanTarget => ({
  address: inModule(scope.address, local),
  path: pathOf(rest),
});

const pathOf = (parts: Parts): readonly (string | number)[] =>
  parts.flatMap(({ name, key }) => (key === undefined ? [name] : [name, key]));

const extended = (targets: readonly PlanTarget[], rest: Parts): readonly PlanTarget[] =>
  rest.length === 0 ? targets : targets.map(({ address, path }) => ({ address, path: [...path, ...pathOf(rest)] }));

const argumentTargets = (name: string, rest: Parts, scope: PlanScope, depth: number): readonly PlanTarget[] => {
  const { call, parent } = scope;
  if (call === undefined || parent === undefined) return [];
  return extended(
    call.references.filter(({ path }) => path[0] === name).flatMap(({ to }) => planTargets(to, parent, depth + 1)),
    rest,
  );
};

const outputTargets = (
  module: Parts[number],
  output: string | undefined,
  rest: Parts,
  scope: PlanScope,
  depth: number,
): readonly PlanTarget[] => {
  const call = scope.module.calls.find(({ name }) => name === module.name);
  if (call === undefined) return [];
  const inner: PlanScope = {
    module: call.module,
    address: inModule(scope.address, `module.${module.name}${keyText(module.key)}`),
    call,
    parent: scope,
  };
  const references: readonly PlanReference[] = call.module.outputs
    .filter(({ name }) => output === undefined || name === output)
    .flatMap((each) => each.references);
  return extended(
    references.flatMap(({ to }) => planTargets(to, inner, depth + 1)),
    rest,
  );
};
