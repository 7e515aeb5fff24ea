import type { Diagnostic } from "../model/diagnostic.ts";
import { dynamicType } from "../model/type.ts";
import type { MappingValue, Value } from "../model/value.ts";
import { type InstanceKey, instanceAddress } from "./address.ts";
import { decodeBody } from "./body-decode.ts";
import { readData } from "./data-source.ts";
import type { GraphNode } from "./graph-nodes.ts";
import { ignoredPath, keepIgnored } from "./ignore-changes.ts";
import type { ResourceBlock } from "./module.ts";
import { openSchema } from "./open-schema.ts";
import type { Places } from "./places.ts";
import { type PlannedChange, planChange } from "./planned-change.ts";
import { didYouMean, hasErrors, inputError } from "./problems.ts";
import { plannedDataValue } from "./proposed-value.ts";
import { provisionerSchemas } from "./provisioner-schema.ts";
import { resourceKey } from "./reference.ts";
import type { ResourceSchema } from "./schema.ts";
import type { ProviderSchemas } from "./schema-store.ts";
import { markBlock, stateValues } from "./state.ts";
import { firstUnknown, isWhollyKnown, stringValue, unknownValue } from "./values-construct.ts";
import { marksOf, withMarks } from "./values-marks.ts";
import type { CheckInstance, ModuleInstance, PlannedInstance, RepetitionData, Walk } from "./walk.ts";
import { checkRecord, checkResult, evaluateRules } from "./walk-checks.ts";
import { checkTraversal, evaluateChecked } from "./walk-references.ts";
import { modeOf, repeat } from "./walk-repetition.ts";
import type { LocalNames } from "./walk-scope.ts";
import { isTriggered } from "./walk-triggers.ts";

type ResourceNode = GraphNode & { readonly kind: "resource" };

/** All that the instances of one resource have in common. */
interface Common {
  readonly node: ResourceNode;
  readonly block: ResourceBlock;
  readonly provider: ProviderSchemas;
  readonly schema: ResourceSchema;
}

/** Evaluates a resource, data source or ephemeral resource in one instance of its module. */
export const evaluateResource = (
  walk: Walk,
  node: ResourceNode,
  instance: ModuleInstance,
  referred: ReadonlySet<string>,
  problems: Diagnostic[],
): void => {
  const { block } = node;
  const provider = walk.providerOf(node.module, block.providerKey);
  const kind = block.mode === "managed" ? "resource" : block.mode;
  const schema = provider.known ? provider.find(kind, block.type) : openSchema(block.body, referred);
  const repeated = repeat(walk, instance, block, problems);
  const items = new Map<InstanceKey, Value>();
  instance.resources.set(resourceKey(block.mode, block.type, block.name), {
    mode: repeated.mode,
    unknown: repeated.unknown,
    items,
  });
  if (schema === undefined) {
    problems.push(unknownType(block, provider));
    for (const { key } of repeated.instances)
      items.set(key, unknownValue(dynamicType, `${block.type} is not known to its provider`));
    return;
  }
  const common: Common = { node, block, provider, schema };
  if (walk.mode === "validate") {
    for (const { data } of repeated.instances) validateInstance(walk, common, instance, data, problems);
    return;
  }
  if (block.preconditions.length + block.postconditions.length > 0)
    checkResult(walk, {
      kind: "resource",
      module: instance.node,
      mode: block.mode,
      type: block.type,
      name: block.name,
    });
  for (const { key, data } of repeated.instances)
    items.set(key, planInstance(walk, common, instance, key, data, repeated.unknown, problems));
};

const unknownType = (block: ResourceBlock, provider: ProviderSchemas): Diagnostic => {
  const kind = block.mode === "managed" ? "resource" : block.mode;
  const [summary, what] =
    block.mode === "managed"
      ? ["Invalid resource type", "resource type"]
      : block.mode === "data"
        ? ["Invalid data source", "data source"]
        : ["Invalid ephemeral resource", "ephemeral resource type"];
  const hint =
    block.mode === "managed" && provider.find("data", block.type) !== undefined
      ? ` There is a data source of this name: write it as a "data" block.`
      : didYouMean(block.type, provider.names(kind));
  return inputError(summary, `The provider ${provider.source} has no ${what} "${block.type}".${hint}`, block.typeRange);
};

const readConfiguration = (
  walk: Walk,
  { block, schema }: Common,
  instance: ModuleInstance,
  names: LocalNames,
  problems: Diagnostic[],
): { readonly value: MappingValue; readonly places: Places } =>
  decodeBody(block.body, schema.block, {
    evaluate: (expression, iterators) =>
      evaluateChecked(walk, instance, expression, { ...names, iterators }, { repetition: modeOf(block) }, problems),
    report: (problem) => problems.push(problem),
  });

const validateInstance = (
  walk: Walk,
  common: Common,
  instance: ModuleInstance,
  repetition: RepetitionData,
  problems: Diagnostic[],
): void => {
  const { block, schema } = common;
  const start = problems.length;
  const { value, places } = readConfiguration(walk, common, instance, { repetition }, problems);
  if (hasErrors(problems.slice(start))) return;
  rejectEphemeral(value, schema, places, addressOf(block, instance, undefined), problems);
  if (block.ignoreChanges !== "all" && schema.open !== true)
    for (const expression of block.ignoreChanges) {
      const path = ignoredPath(expression);
      if (path !== undefined) problems.push(...checkTraversal(schema.block, path));
    }
  const self = unknownValue(dynamicType, "the resource is not planned yet");
  for (const { type, body } of block.provisioners) {
    const provisioner = Object.hasOwn(provisionerSchemas, type) ? provisionerSchemas[type] : undefined;
    if (provisioner !== undefined)
      decodeBody(body, provisioner, {
        evaluate: (expression, iterators) =>
          evaluateChecked(
            walk,
            instance,
            expression,
            { repetition, self, iterators },
            { repetition: modeOf(block), self: block },
            problems,
          ),
        report: (problem) => problems.push(problem),
      });
  }
  const record: CheckInstance = { module: instance, key: undefined, status: "pass", problems: [] };
  evaluateRules(walk, instance, "Resource precondition", block.preconditions, { repetition }, record, problems);
  evaluateRules(walk, instance, "Resource postcondition", block.postconditions, { repetition, self }, record, problems);
};

const addressOf = (block: ResourceBlock, instance: ModuleInstance, key: InstanceKey): string =>
  instanceAddress(instance.address, block.mode, block.type, block.name, key);

/** Ephemeral values may only go where nothing is stored. */
const rejectEphemeral = (
  value: MappingValue,
  schema: ResourceSchema,
  places: Places,
  address: string,
  problems: Diagnostic[],
): void => {
  for (const [name, item] of value.fields) {
    const attribute = schema.block.attributes.get(name);
    if (attribute?.writeOnly || !holdsEphemeral(item)) continue;
    problems.push(
      inputError(
        "Invalid use of ephemeral value",
        `"${name}" is kept in the state, so an ephemeral value cannot be used for it.`,
        places.attributes.get(name)?.value.range ?? places.blocks.get(name)?.[0]?.range ?? places.range,
        address,
      ),
    );
  }
};

const holdsEphemeral = (value: Value): boolean => {
  if (marksOf(value).has("ephemeral")) return true;
  switch (value.kind) {
    case "list":
    case "set":
    case "tuple":
      return value.items.some(holdsEphemeral);
    case "map":
    case "object":
      return [...value.fields.values()].some(holdsEphemeral);
    default:
      return false;
  }
};

const planInstance = (
  walk: Walk,
  common: Common,
  instance: ModuleInstance,
  key: InstanceKey,
  repetition: RepetitionData,
  standsForMany: string | undefined,
  problems: Diagnostic[],
): Value => {
  const { block, schema } = common;
  const address = addressOf(block, instance, key);
  const hasRules = block.preconditions.length + block.postconditions.length > 0;
  const record: CheckInstance = hasRules
    ? checkRecord(
        walk,
        { kind: "resource", module: instance.node, mode: block.mode, type: block.type, name: block.name },
        instance,
        key,
      )
    : { module: instance, key, status: "pass", problems: [] };
  evaluateRules(walk, instance, "Resource precondition", block.preconditions, { repetition }, record, problems);
  const before = problems.length;
  const { value, places } = readConfiguration(walk, common, instance, { repetition }, problems);
  if (!hasErrors(problems.slice(before))) rejectEphemeral(value, schema, places, address, problems);
  const planned = block.mode === "managed" ? planManaged : planRead;
  const result: PlannedInstance = {
    address,
    block,
    module: instance,
    key,
    provider: common.provider,
    schema,
    places: { ...places, range: block.range },
    standsForMany,
    ...planned(walk, common, instance, key, address, value, repetition, problems),
  };
  if (block.mode !== "ephemeral") {
    walk.planned.push(result);
    walk.changedInstances.set(address, result);
    if (block.mode === "managed" && result.actions[0] !== "no-op") {
      const changing = walk.changing.get(common.node) ?? new Set();
      walk.changing.set(common.node, changing.add(instance.address));
    }
  }
  evaluateRules(
    walk,
    instance,
    "Resource postcondition",
    block.postconditions,
    { repetition, self: result.values },
    record,
    problems,
  );
  return result.values;
};

type Planned = Pick<
  PlannedInstance,
  "values" | "shown" | "before" | "actions" | "reason" | "replacePaths" | "previousAddress" | "importing"
>;

const planManaged = (
  walk: Walk,
  { node, block, provider, schema }: Common,
  instance: ModuleInstance,
  key: InstanceKey,
  address: string,
  configuration: MappingValue,
  repetition: RepetitionData,
  problems: Diagnostic[],
): Planned => {
  const state = walk.prior.instances.get(address);
  const importing = state === undefined ? walk.imports.get(address) : undefined;
  const subject = {
    address,
    type: block.type,
    provider: provider.source.slice(provider.source.lastIndexOf("/") + 1),
    schema,
  };
  const before =
    state !== undefined
      ? stateValues(state, schema)
      : importing !== undefined
        ? importedValues(configuration, importing, schema)
        : undefined;
  const change: PlannedChange = planChange(subject, before, configuration, {
    createBeforeDestroy: walk.createBeforeDestroy.has(node),
    triggered: before !== undefined && isTriggered(walk, block, instance, repetition, problems),
    isTainted: state?.isTainted ?? false,
    ignore: (prior, value, whole) => keepIgnored(block, prior, value, whole ? undefined : schema.block),
  });
  if (block.preventDestroy && change.actions.includes("delete"))
    problems.push(
      inputError(
        "Instance cannot be destroyed",
        `${address} would be destroyed (${change.replacePaths.map((path) => path.join(".")).join(", ") || "it is replaced"}), and its lifecycle has prevent_destroy. Take back the change, or remove prevent_destroy.`,
        block.range,
      ),
    );
  return {
    values: change.after,
    shown: change.shown,
    before,
    actions: change.actions,
    reason: change.reason,
    replacePaths: change.replacePaths,
    previousAddress: state?.previousAddress,
    importing,
  };
};

/** What is imported is taken to be as configured: what it really is, only the import itself will tell. */
const importedValues = (configuration: MappingValue, id: string, schema: ResourceSchema): MappingValue => {
  const fields = new Map(configuration.fields);
  if (fields.has("id")) fields.set("id", stringValue(id));
  return markBlock({ ...configuration, fields }, schema.block) as MappingValue;
};

const planRead = (
  walk: Walk,
  { node, block, schema }: Common,
  instance: ModuleInstance,
  _key: InstanceKey,
  address: string,
  configuration: MappingValue,
): Planned => {
  const read = (values: MappingValue, reason: string | undefined): Planned => ({
    values,
    shown: values,
    before: undefined,
    actions: ["read"],
    reason,
    replacePaths: [],
    previousAddress: undefined,
    importing: undefined,
  });
  const deferred = (because: string, reason: string): Planned =>
    read(markBlock(plannedDataValue(schema.block, configuration, because), schema.block) as MappingValue, reason);
  if (block.mode === "data" && !isWhollyKnown(configuration))
    return deferred(
      `${address} is read during apply, since ${firstUnknown(configuration)?.because ?? "its arguments are not known"}`,
      "read_because_config_unknown",
    );
  const pending = block.mode === "data" ? walk.pendingFor(node, instance) : undefined;
  if (pending !== undefined)
    return deferred(`${address} is read during apply, after ${pending} has changed`, "read_because_dependency_pending");
  const subject = {
    address,
    kind: block.mode === "data" ? ("data" as const) : ("ephemeral" as const),
    type: block.type,
    name: block.name,
  };
  const values = readData(schema, subject, configuration, walk.mocks);
  if (block.mode === "ephemeral")
    return read(withMarks(values, new Set(["ephemeral"] as const)) as MappingValue, undefined);
  return read(values, block.check === undefined ? undefined : "read_because_check_nested");
};
