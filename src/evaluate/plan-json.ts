import type { Diagnostic } from "../model/diagnostic.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { Value } from "../model/value.ts";
import { compareKeys, type InstanceKey, inModule, keyText, splitAddress } from "./address.ts";
import type { Evaluation } from "./evaluate.ts";
import type { Orphan } from "./orphans.ts";
import { orderPaths } from "./path-order.ts";
import { checksJson } from "./plan-json-checks.ts";
import { diagnosticJson, type PlanJsonOptions } from "./plan-json-diagnostics.ts";
import { knownJson, sensitiveJson, typeJson, unknownJson } from "./plan-json-values.ts";
import { isWhollyKnown } from "./values-construct.ts";
import { sameValue } from "./values-equality.ts";
import { plainJsonToValue } from "./values-json.ts";
import { unmarkDeep } from "./values-marks.ts";
import { typeOf } from "./values-type.ts";
import type { PlannedInstance } from "./walk.ts";

/** The evaluation in the form of `terraform show -json` of a plan (JSON output format 1.2), with the diagnostics. */
export const planJson = (
  evaluation: Evaluation,
  diagnostics: readonly Diagnostic[],
  options: PlanJsonOptions,
): JsonObject => {
  const { walk, orphans } = evaluation;
  const isErrored = diagnostics.some(({ severity }) => severity === "error");
  const planned = walk === undefined ? [] : [...walk.planned].sort(byAddress);
  const changes = resourceChanges(planned, orphans);
  const outputs = outputChanges(evaluation);
  const checks = walk === undefined ? [] : checksJson(walk);
  return {
    format_version: "1.2",
    terraform_version: options.terraformVersion,
    ...optional("variables", variablesJson(evaluation)),
    planned_values: {
      ...optional("outputs", plannedOutputs(evaluation)),
      root_module: plannedModule(planned, orphans),
    },
    ...(changes.length === 0 ? {} : { resource_changes: changes }),
    ...optional("output_changes", outputs),
    ...(checks.length === 0 ? {} : { checks }),
    applyable: !isErrored && (changes.some(isChange) || Object.values(outputs).some(isOutputChange)),
    complete: !isErrored,
    errored: isErrored,
    diagnostics: diagnostics.map((problem) => diagnosticJson(problem, options)),
  };
};

const optional = (name: string, value: JsonObject): JsonObject =>
  Object.keys(value).length === 0 ? {} : { [name]: value };

const isChange = (change: JsonObject): boolean => {
  const inner = change["change"];
  const actions = typeof inner === "object" && inner !== null && "actions" in inner ? inner["actions"] : [];
  return Array.isArray(actions) && !["no-op", "read"].includes(String(actions[0]));
};

const isOutputChange = (change: Json): boolean =>
  typeof change === "object" &&
  change !== null &&
  "actions" in change &&
  Array.isArray(change["actions"]) &&
  change["actions"][0] !== "no-op";

type ModulePath = readonly (readonly [string, InstanceKey])[];

const moduleOrder = (planned: PlannedInstance): ModulePath => {
  const path: [string, InstanceKey][] = [];
  for (let module = planned.module; module.parent !== undefined; module = module.parent)
    path.unshift([module.node.call?.name ?? "", module.key]);
  return path;
};

/** By module, then mode (data first), type, name and key. */
const byAddress = (a: PlannedInstance, b: PlannedInstance): number => {
  return (
    compareParts(moduleOrder(a), moduleOrder(b)) ||
    compareText(a.block.mode, b.block.mode) ||
    compareText(a.block.type, b.block.type) ||
    compareText(a.block.name, b.block.name) ||
    compareKeys(a.key, b.key)
  );
};

const compareParts = (left: ModulePath, right: ModulePath): number => {
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const [nameA, keyA] = left[index] ?? ["", undefined];
    const [nameB, keyB] = right[index] ?? ["", undefined];
    const order = compareText(nameA, nameB) || compareKeys(keyA, keyB);
    if (order !== 0) return order;
  }
  return left.length - right.length;
};

const compareText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

const variablesJson = ({ walk }: Evaluation): JsonObject => {
  const variables: Record<string, Json> = {};

  for (const name of [...(walk?.root.module?.variables.keys() ?? [])].sort()) {
    const given = walk?.rootVariables.get(name)?.value ?? walk?.root.module?.variables.get(name)?.default;
    if (given === undefined) continue;
    const json = knownJson(given);
    variables[name] = json === undefined ? {} : { value: json };
  }
  return variables;
};

const providerName = (source: string): string =>
  source.split("/").length === 2 ? `registry.terraform.io/${source}` : source;

const identityJson = (mode: string, type: string, name: string, key: InstanceKey, provider: string): JsonObject => ({
  mode,
  type,
  name,
  ...(key === undefined ? {} : { index: key }),
  provider_name: providerName(provider),
});

/** Data sources that could be read are part of the state before, and no change. */
const isShown = ({ block, reason }: PlannedInstance): boolean => block.mode === "managed" || reason !== undefined;

const resourceChanges = (planned: readonly PlannedInstance[], orphans: readonly Orphan[]): readonly JsonObject[] => {
  const changes = planned.filter(isShown).map(changeJson);
  const gone = orphans.map(orphanJson);
  return [...changes, ...gone].sort((a, b) => compareChange(a, b));
};

const compareChange = (a: JsonObject, b: JsonObject): number => {
  const text = (json: JsonObject, name: string): string => String(json[name] ?? "");
  const key = (json: JsonObject): InstanceKey => {
    const index = json["index"];
    return typeof index === "string" || typeof index === "number" ? index : undefined;
  };
  const modules = compareParts(modulePath(text(a, "module_address")), modulePath(text(b, "module_address")));
  if (modules !== 0) return modules;
  for (const name of ["mode", "type", "name"]) {
    const order = compareText(text(a, name), text(b, name));
    if (order !== 0) return order;
  }
  return compareKeys(key(a), key(b));
};

/** Names and keys of the module calls in a module address. */
const modulePath = (address: string): ModulePath =>
  address === ""
    ? []
    : splitAddress(address)
        .filter((_, index) => index % 2 === 1)
        .map(({ name, key }) => [name, key]);

const changeJson = (planned: PlannedInstance): JsonObject => {
  const { block, before, values, importing, replacePaths } = planned;
  const after = knownJson(values);
  return {
    address: planned.address,
    ...(planned.previousAddress === undefined ? {} : { previous_address: planned.previousAddress }),
    ...(planned.module.address === "" ? {} : { module_address: planned.module.address }),
    ...identityJson(block.mode, block.type, block.name, planned.key, planned.provider.source),
    change: {
      actions: planned.actions,
      before: before === undefined ? null : (knownJson(before) ?? null),
      ...(after === undefined ? {} : { after }),
      after_unknown: isWhollyKnown(values) ? {} : unknownJson(values),
      before_sensitive: before === undefined ? false : sensitiveJson(before),
      after_sensitive: sensitiveJson(values),
      ...(replacePaths.length === 0 ? {} : { replace_paths: orderPaths(replacePaths) }),
      ...(importing === undefined ? {} : { importing: { id: importing } }),
    },
    ...(planned.reason === undefined ? {} : { action_reason: planned.reason }),
  };
};

const orphanJson = ({ instance, action, reason, before, provider }: Orphan): JsonObject => ({
  address: instance.address,
  ...(instance.previousAddress === undefined ? {} : { previous_address: instance.previousAddress }),
  ...(instance.module === "" ? {} : { module_address: instance.module }),
  ...identityJson("managed", instance.type, instance.name, instance.key, provider.source),
  change: {
    actions: [action],
    before: knownJson(before) ?? null,
    after: null,
    after_unknown: {},
    before_sensitive: sensitiveJson(before),
    after_sensitive: false,
  },
  action_reason: reason,
});

const plannedOutputs = ({ outputs }: Evaluation): JsonObject => {
  const shown: Record<string, Json> = {};
  for (const name of [...outputs.keys()].sort()) {
    const output = outputs.get(name);
    if (output === undefined) continue;
    const plain = unmarkDeep(output.value).value;
    shown[name] = {
      sensitive: output.sensitive,
      ...(isWhollyKnown(plain)
        ? { type: plain.kind === "null" ? "dynamic" : typeJson(typeOf(plain)), value: knownJson(plain) ?? null }
        : {}),
    };
  }
  return shown;
};

const outputChanges = ({ outputs, walk }: Evaluation): JsonObject => {
  const changes: Record<string, Json> = {};
  const prior = walk?.prior.outputs ?? {};
  for (const name of [...new Set([...outputs.keys(), ...Object.keys(prior)])].sort()) {
    const output = outputs.get(name);
    const before = Object.hasOwn(prior, name) ? prior[name] : undefined;
    const after = output === undefined ? undefined : knownJson(output.value);
    const sensitive = output?.sensitive ?? false;
    changes[name] = {
      actions: [outputAction(output?.value, before?.value)],
      before: before?.value ?? null,
      ...(output === undefined ? { after: null } : after === undefined ? {} : { after }),
      after_unknown: output === undefined ? false : outputUnknown(output.value),
      before_sensitive: sensitive,
      after_sensitive: sensitive,
    };
  }
  return changes;
};

const outputUnknown = (value: Value): Json => (isWhollyKnown(value) ? false : unknownJson(value));

const outputAction = (value: Value | undefined, before: Json | undefined): string => {
  if (value === undefined) return "delete";
  const plain = unmarkDeep(value).value;
  if (before === undefined) return plain.kind === "null" ? "no-op" : "create";
  if (!isWhollyKnown(plain)) return "update";
  return JSON.stringify(knownJson(plain)) === JSON.stringify(before) || sameValue(plain, plainJsonToValue(before))
    ? "no-op"
    : "update";
};

interface ModuleJson {
  readonly address: string;
  readonly resources: JsonObject[];
  readonly children: Map<string, ModuleJson>;
}

const plannedModule = (planned: readonly PlannedInstance[], orphans: readonly Orphan[]): JsonObject => {
  const root: ModuleJson = { address: "", resources: [], children: new Map() };
  const at = (module: string): ModuleJson => {
    let here = root;
    for (const address of moduleAddresses(module)) {
      const child = here.children.get(address) ?? { address, resources: [], children: new Map() };
      here.children.set(address, child);
      here = child;
    }
    return here;
  };
  for (const instance of planned)
    if (isShown(instance)) at(instance.module.address).resources.push(plannedResource(instance));
  for (const { instance, action, provider, schema } of orphans)
    if (action === "forget")
      at(instance.module).resources.push({
        address: instance.address,
        ...identityJson("managed", instance.type, instance.name, instance.key, provider.source),
        schema_version: schema.version,
        sensitive_values: false,
      });
  return moduleJson(root);
};

/** The addresses of a module and of all modules around it, from the outside in. */
const moduleAddresses = (address: string): readonly string[] => {
  const addresses: string[] = [];
  const parts = splitAddress(address);
  let here = "";
  for (let index = 1; index < parts.length; index += 2) {
    const part = parts[index];
    here = inModule(here, `module.${part?.name ?? ""}${keyText(part?.key)}`);
    addresses.push(here);
  }
  return addresses;
};

const moduleJson = (module: ModuleJson): JsonObject => ({
  ...(module.resources.length === 0
    ? {}
    : { resources: [...module.resources].sort((a, b) => compareText(String(a["address"]), String(b["address"]))) }),
  ...(module.address === "" ? {} : { address: module.address }),
  ...(module.children.size === 0
    ? {}
    : {
        child_modules: [...module.children.values()].sort((a, b) => compareText(a.address, b.address)).map(moduleJson),
      }),
});

const plannedResource = (planned: PlannedInstance): JsonObject => {
  const { block, schema, shown } = planned;
  const values = knownJson(planned.values);
  return {
    address: planned.address,
    ...identityJson(block.mode, block.type, block.name, planned.key, planned.provider.source),
    schema_version: block.mode === "managed" ? schema.version : 0,
    ...(isJsonObject(values) && Object.keys(values).length > 0 ? { values } : {}),
    sensitive_values: sensitiveJson(shown),
  };
};
