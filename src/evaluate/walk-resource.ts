import type { Diagnostic } from "../model/diagnostic.ts";
import { dynamicType } from "../model/type.ts";
import type { MappingValue, Value } from "../model/value.ts";
import { type InstanceKey, instanceAddress } from "./address.ts";
import { type BodyReader, decodeBody } from "./body-decode.ts";
import { ignoredPath, keepIgnored } from "./ignore-changes.ts";
import type { ResourceBlock } from "./module.ts";
import { openSchema } from "./open-schema.ts";
import type { Places } from "./places.ts";
import { type PlannedChange, planChange } from "./planned-change.ts";
import { didYouMean, hasErrors, inputError, notKnownYet } from "./problems.ts";
import { provisionerSchemas } from "./provisioner-schema.ts";
import { resourceKey } from "./reference.ts";
import { rejectEphemeral } from "./reject-ephemeral.ts";
import type { ResourceSchema } from "./schema.ts";
import type { SchemaKind } from "./schema-file.ts";
import type { ProviderSchemas } from "./schema-store.ts";
import { checkTraversal } from "./schema-traversal.ts";
import { markBlock, stateValues } from "./state.ts";
import { stringValue, unknownValue } from "./values-construct.ts";
import type { CheckInstance, ModuleInstance, PlannedInstance, RepetitionData, Walk } from "./walk.ts";
import { checkRecord, checkResult, evaluateRules } from "./walk-checks.ts";
import { type Common, type Planned, planRead, type ResourceNode } from "./walk-read.ts";
import { evaluateChecked } from "./walk-references.ts";
import { modeOf, repeat } from "./walk-repetition.ts";
import type { LocalNames } from "./walk-scope.ts";
import { isTriggered } from "./walk-triggers.ts";

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
  if (hint === "" && provider.isOutdated && !provider.wasKnown(kind, block.type))
    return notKnownYet(`The ${what} "${block.type}"`, `${provider.source} ${provider.version}`, block.typeRange);
  return inputError(summary, `The provider ${provider.source} has no ${what} "${block.type}".${hint}`, block.typeRange);
};

const readConfiguration = (
  walk: Walk,
  { block, provider, schema }: Common,
  instance: ModuleInstance,
  names: LocalNames,
  problems: Diagnostic[],
): { readonly value: MappingValue; readonly places: Places } =>
  decodeBody(block.body, schema.block, {
    evaluate: (expression, iterators) =>
      evaluateChecked(walk, instance, expression, { ...names, iterators }, { repetition: modeOf(block) }, problems),
    report: (problem) => problems.push(problem),
    newer: newerNames(provider, kindOf(block), block.type),
  });

const kindOf = ({ mode }: ResourceBlock): SchemaKind => (mode === "managed" ? "resource" : mode);

const newerNames =
  (provider: ProviderSchemas, kind: SchemaKind, type: string): BodyReader["newer"] =>
  (name, range) =>
    provider.isOutdated && !provider.wasKnown(kind, type, name)
      ? notKnownYet(`"${name}"`, `${provider.source} ${provider.version}`, range)
      : undefined;

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

const planManaged = (
  walk: Walk,
  { node, block, provider, schema }: Common,
  instance: ModuleInstance,
  _key: InstanceKey,
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
    triggered: isTriggered(walk, block, instance, repetition, problems),
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
