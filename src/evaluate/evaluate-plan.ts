import type { PlanIdentity, PlanResource, PlanResourceChange, TerraformPlan } from "../load/plan/plan.ts";
import type { Outcome } from "../model/diagnostic.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { SourceRange } from "../model/source-range.ts";
import type { Type } from "../model/type.ts";
import type { MappingValue, Value } from "../model/value.ts";
import { splitAddress } from "./address.ts";
import type { Evaluation } from "./evaluate.ts";
import { type PlanTarget, planTargets, scopeOfModule } from "./plan-references.ts";
import type { InstanceReference, ResourceInstance } from "./resource-instance.ts";
import { impliedType, type ResourceSchema } from "./schema.ts";
import { type ProviderSchemas, providerSchemas } from "./schema-store.ts";
import { listValue, mapValue, nullValue, objectValue, tupleValue, unknownAttribute } from "./values-construct.ts";
import { isFailure } from "./values-convert.ts";
import { plainJsonToValue, typedJsonToValue } from "./values-json.ts";
import { sensitiveMark, setValue, withMarks } from "./values-marks.ts";
import { hasDynamic } from "./values-type.ts";
import { parseConstraints } from "./version-constraint.ts";

/** The evaluation that a plan of `terraform show -json` amounts to: the other door to the same hall. */
export const evaluatePlan = (plan: TerraformPlan): Outcome<Evaluation> => {
  const lookup = planProviders(plan);
  const changes = plan.resourceChanges.filter(({ deposedKey }) => deposedKey === undefined);
  const changed = new Set(changes.map(({ address }) => address));
  const read = plan.priorResources.filter(({ mode, address }) => mode === "data" && !changed.has(address));
  const instances = [
    ...changes.map((change) => changedInstance(plan, lookup(change.provider), change)),
    ...read.map((resource) => readInstance(plan, lookup(resource.provider), resource)),
  ];
  const outputs = new Map(
    plan.outputChanges.map((output) => [
      output.name,
      {
        value: combine(output.after, output.afterUnknown, undefined, [], () => undefined, `output.${output.name}`),
        sensitive: output.isSensitive,
        range: undefined,
      },
    ]),
  );
  const variables = new Map(Object.entries(plan.variables).map(([name, json]) => [name, plainJsonToValue(json)]));
  return {
    value: {
      instances,
      outputs,
      variables,
      checks: [],
      moduleCalls: planCalls(plan),
      walk: undefined,
      orphans: [],
      moved: (address) => address,
      terraformVersion: plan.terraformVersion,
    },
    diagnostics: [],
  };
};

/** A plan has no text that a range could point to. */
const nowhere: SourceRange = {
  file: "",
  start: { line: 1, column: 1, offset: 0 },
  end: { line: 1, column: 1, offset: 0 },
};

const planCalls = (plan: TerraformPlan): Evaluation["moduleCalls"] => {
  const visit = (module: TerraformPlan["configuration"], prefix: string): Evaluation["moduleCalls"] =>
    module.calls.flatMap((call) => {
      const address = `${prefix === "" ? "" : `${prefix}.`}module.${call.name}`;
      return [
        { address, source: call.source, version: call.version, onDisk: true, range: nowhere },
        ...visit(call.module, address),
      ];
    });
  return visit(plan.configuration, "");
};

const planProviders = (plan: TerraformPlan): ((name: string) => ProviderSchemas) => {
  const found = new Map<string, ProviderSchemas>();
  return (name) => {
    const known = found.get(name);
    if (known !== undefined) return known;
    const source = name.replace(/^registry\.terraform\.io\//, "");
    const constraints = plan.providers
      .filter(({ fullName }) => fullName === name)
      .flatMap(({ versionConstraint }) => parseConstraints(versionConstraint ?? "") ?? []);
    const schemas = providerSchemas(source, constraints, undefined);
    found.set(name, schemas);
    return schemas;
  };
};

const changedInstance = (
  plan: TerraformPlan,
  provider: ProviderSchemas,
  change: PlanResourceChange,
): ResourceInstance => {
  const schema = provider.find(change.mode === "data" ? "data" : "resource", change.type);
  const origins = originsOf(plan, change);
  const before =
    change.before === null
      ? undefined
      : (toValue(change.before, {}, change.beforeSensitive, schema, change.address, () => undefined) as MappingValue);
  const after =
    change.after ?? (change.actions.includes("delete") || change.actions.includes("forget") ? change.before : {});
  const isGone = change.after === null && before !== undefined;
  const values = isGone
    ? before
    : (toValue(
        after ?? {},
        change.afterUnknown,
        change.afterSensitive,
        schema,
        change.address,
        origins.at,
      ) as MappingValue);
  return {
    ...identity(change, provider),
    values,
    dependsOn: origins.dependsOn,
    references: origins.references,
    get providerTargets() {
      return providerTargetsOf(plan, change);
    },
    get providerUses() {
      return providerUsesOf(plan, change);
    },
    actions: change.actions,
    before,
    replacePaths: [
      ...new Set(change.replacePaths.map((path) => path.filter((step) => typeof step === "string").join("."))),
    ].sort(),
    createBeforeDestroy: change.actions[0] === "create" && change.actions[1] === "delete",
  };
};

const readInstance = (plan: TerraformPlan, provider: ProviderSchemas, resource: PlanResource): ResourceInstance => {
  const schema = provider.find("data", resource.type);
  const origins = originsOf(plan, resource);
  return {
    ...identity(resource, provider),
    values: toValue(
      resource.values,
      {},
      resource.sensitiveValues,
      schema,
      resource.address,
      () => undefined,
    ) as MappingValue,
    dependsOn: origins.dependsOn,
    references: origins.references,
    actions: ["read"],
    before: undefined,
    replacePaths: [],
    createBeforeDestroy: false,
  };
};

const identity = (resource: PlanIdentity, provider: ProviderSchemas) => ({
  address: resource.address,
  mode: resource.mode,
  type: resource.type,
  name: resource.name,
  key: resource.key,
  module: resource.module,
  provider: provider.source,
  providerMajor: provider.version === undefined ? undefined : Number(provider.version.split(".")[0]),
  range: undefined,
  rangeAt: () => undefined,
  ignoreChanges: [],
  isLifecycleKnown: false as const,
  preventDestroy: false,
});

interface Origins {
  readonly at: (path: Path) => PlanTarget | undefined;
  readonly dependsOn: readonly string[];
  readonly references: readonly InstanceReference[];
}

type Path = readonly (string | number)[];

/** What the arguments of a resource refer to, by path. */
const originsOf = (plan: TerraformPlan, resource: PlanIdentity): Origins => {
  const scope = scopeOfModule(plan.configuration, resource.module);
  const block = scope?.module.resources.find(
    ({ mode, type, name }) => mode === resource.mode && type === resource.type && name === resource.name,
  );
  if (scope === undefined || block === undefined) return { at: () => undefined, dependsOn: [], references: [] };
  const follow = (to: string): readonly PlanTarget[] => planTargets(to, scope);
  const byPath = new Map<string, PlanTarget[]>();
  const references: InstanceReference[] = [];
  for (const { path, to } of block.references) {
    const targets = follow(to);
    const key = JSON.stringify(path);
    byPath.set(key, [...(byPath.get(key) ?? []), ...targets]);
    for (const { address } of targets) references.push({ path, to: address, range: nowhere });
  }
  for (const to of block.dependsOn)
    for (const { address } of follow(to)) references.push({ path: ["depends_on"], to: address, range: nowhere });
  return {
    at: (path) => {
      const targets =
        byPath.get(JSON.stringify(path)) ??
        byPath.get(JSON.stringify(path.slice(0, -1))) ??
        targetsInside(byPath, path);
      const [only, second] = targets ?? [];
      return second === undefined && only !== undefined && only.path.length > 0 ? only : undefined;
    },
    dependsOn: [...new Set(references.map(({ to }) => withoutKeys(to)))].sort(),
    references,
  };
};

/**
 * What a part of an object refers to. Of an argument that is one whole object, such as azapi's `body`, a plan lists all references together;
 * the name of the part tells which is meant where it is the name of one resource's type: `vnetSubnetID` is the id of the azurerm_subnet.
 */
const targetsInside = (
  byPath: ReadonlyMap<string, readonly PlanTarget[]>,
  path: Path,
): readonly PlanTarget[] | undefined => {
  const names = path.filter((step): step is string => typeof step === "string").map(bareName);
  const wanted = `${names.at(-2) ?? ""}${names.at(-1) ?? ""}`;
  for (let length = path.length - 2; length > 0; length--) {
    const all = byPath.get(JSON.stringify(path.slice(0, length)));
    if (all === undefined) continue;
    const fitting = new Map<string, PlanTarget>();
    for (const target of all) {
      const type =
        splitAddress(target.address)
          .at(-2)
          ?.name.replace(/^azure(rm|ad)_/, "") ?? "";
      if (target.path.at(-1) === "id" && wanted.includes(bareName(type))) fitting.set(target.address, target);
    }
    return [...fitting.values()];
  }
  return undefined;
};

const bareName = (name: string): string => name.toLowerCase().replaceAll("_", "");

/** Resources that the configuration of the resource's provider refers to. */
const providerTargetsOf = (plan: TerraformPlan, resource: PlanIdentity): readonly string[] =>
  [...new Set(providerReferencesOf(plan, resource).map(({ address }) => address))].sort();

/** The same with the attribute that it takes. */
const providerUsesOf = (plan: TerraformPlan, resource: PlanIdentity): readonly InstanceReference[] =>
  providerReferencesOf(plan, resource).map(({ address, path }) => ({ path, to: address, range: nowhere }));

const providerReferencesOf = (
  plan: TerraformPlan,
  { module, mode, type, name }: PlanIdentity,
): readonly PlanTarget[] => {
  const block = scopeOfModule(plan.configuration, module)?.module.resources.find(
    (resource) => resource.mode === mode && resource.type === type && resource.name === name,
  );
  const provider = plan.providers.find(({ key }) => key === block?.providerKey);
  const scope = provider === undefined ? undefined : scopeOfModule(plan.configuration, provider.module);
  if (provider === undefined || scope === undefined) return [];
  return provider.references.flatMap(({ to }) => planTargets(to, scope));
};

const withoutKeys = (address: string): string =>
  splitAddress(address)
    .map(({ name }) => name)
    .join(".");

const toValue = (
  json: JsonObject,
  unknown: Json,
  sensitive: Json,
  schema: ResourceSchema | undefined,
  address: string,
  origin: Origins["at"],
): Value =>
  markFlags(
    combine(json, unknown, schema === undefined ? undefined : impliedType(schema.block), [], origin, address),
    sensitive,
  );

/** Puts known values and unknown places together, in the type of the schema where there is one. */
const combine = (
  json: Json | undefined,
  unknown: Json | undefined,
  type: Type | undefined,
  path: Path,
  origin: Origins["at"],
  address: string,
): Value => {
  if (unknown === true) return unknownAt(type ?? { kind: "dynamic" }, path, origin, address);
  if (!holdsTrue(unknown)) return knownValue(json ?? null, type);
  const flags = unknown;
  if (Array.isArray(flags)) {
    const items = Array.isArray(json) ? (json as readonly Json[]) : [];
    const element = type?.kind === "list" || type?.kind === "set" ? type.element : undefined;
    const values = (flags as readonly Json[]).map((flag, index) =>
      combine(items[index], flag, element, [...path, index], origin, address),
    );
    if (type?.kind === "set" && element !== undefined) return setValue(element, values);
    return element === undefined ? tupleValue(values) : listValue(element, values);
  }
  const fields = isJsonObject(json) ? json : {};
  const flagged = isJsonObject(flags) ? flags : {};
  if (type?.kind === "object") {
    const members = [...type.attributes].map(
      ([name, inner]) => [name, combine(fields[name], flagged[name], inner, [...path, name], origin, address)] as const,
    );
    return hasDynamic(type) ? objectValue(members) : { kind: "object", type, fields: new Map(members) };
  }
  const names = [...new Set([...Object.keys(fields), ...Object.keys(flagged)])];
  const element = type?.kind === "map" ? type.element : undefined;
  const members = names.map(
    (name) => [name, combine(fields[name], flagged[name], element, [...path, name], origin, address)] as const,
  );
  return element === undefined ? objectValue(members) : mapValue(element, members);
};

const holdsTrue = (flags: Json | undefined): flags is Json => {
  if (flags === true) return true;
  if (Array.isArray(flags)) return flags.some((flag: Json) => holdsTrue(flag));
  return isJsonObject(flags) && Object.values(flags).some((flag) => holdsTrue(flag));
};

const knownValue = (json: Json, type: Type | undefined): Value => {
  if (type === undefined) return plainJsonToValue(json);
  const value = typedJsonToValue(completed(json, type), type);
  return isFailure(value) ? (json === null ? nullValue(type) : plainJsonToValue(json)) : value;
};

/** A plan leaves no attribute out but those that are unknown; an older schema may. */
const completed = (json: Json, type: Type): Json => {
  if ((type.kind === "list" || type.kind === "set") && Array.isArray(json))
    return json.map((item: Json) => completed(item, type.element));
  if (type.kind !== "object" || !isJsonObject(json)) return json;
  return Object.fromEntries([...type.attributes].map(([name, inner]) => [name, completed(json[name] ?? null, inner)]));
};

/** An attribute that takes over an unknown one of another resource has that as its origin. */
const unknownAt = (type: Type, path: Path, origin: Origins["at"], address: string): Value => {
  const target = origin(path);
  return target === undefined
    ? unknownAttribute(type, address, path)
    : unknownAttribute(type, target.address, target.path);
};

const markFlags = (value: Value, flags: Json): Value => {
  if (flags === true) return withMarks(value, sensitiveMark);
  if (!holdsTrue(flags)) return value;
  if ((value.kind === "list" || value.kind === "tuple") && Array.isArray(flags))
    return {
      ...value,
      items: value.items.map((item, index) => markFlags(item, (flags[index] as Json | undefined) ?? false)),
    };
  if (value.kind === "set") return withMarks(value, sensitiveMark);
  if ((value.kind === "object" || value.kind === "map") && isJsonObject(flags)) {
    const fields = new Map(
      [...value.fields].map(([name, item]) => [name, markFlags(item, flags[name] ?? false)] as const),
    );
    return { ...value, fields };
  }
  return value;
};
