import type { Diagnostic } from "../model/diagnostic.ts";
import { dynamicType } from "../model/type.ts";
import { type InstanceKey, inModule, keyText } from "./address.ts";
import { missingArgument, unexpectedArgument, unexpectedBlock } from "./body-content.ts";
import type { LocalBlock, ModuleCallBlock, OutputBlock } from "./module.ts";
import type { ModuleNode } from "./module-tree.ts";
import { hasErrors, inputError } from "./problems.ts";
import { unknownValue } from "./values-construct.ts";
import { marksDeep } from "./values-marks.ts";
import type { ModuleInstance, RepetitionData, Walk } from "./walk.ts";
import { checkRecord, evaluateRules } from "./walk-checks.ts";
import { repeat } from "./walk-repetition.ts";
import { evaluateIn } from "./walk-scope.ts";

/** The one instance of the root module. */
export const rootInstance = (node: ModuleNode): ModuleInstance => newInstance(node, "", undefined, undefined, {});

const newInstance = (
  node: ModuleNode,
  address: string,
  key: InstanceKey,
  parent: ModuleInstance | undefined,
  repetition: RepetitionData,
): ModuleInstance => ({
  node,
  address,
  key,
  parent,
  repetition,
  variables: new Map(),
  locals: new Map(),
  outputs: new Map(),
  resources: new Map(),
  calls: new Map(),
});

/** Makes the instances of a module call in each instance of the calling module. */
export const expandModule = (walk: Walk, node: ModuleNode, call: ModuleCallBlock, problems: Diagnostic[]): void => {
  const instances: ModuleInstance[] = [];
  for (const parent of (node.parent && walk.instances.get(node.parent)) ?? []) {
    const repeated = repeat(walk, parent, call, problems);
    const items = new Map<InstanceKey, ModuleInstance>();
    for (const { key, data } of repeated.instances) {
      const address = inModule(parent.address, `module.${call.name}${keyText(key)}`);
      const instance = newInstance(node, address, key, parent, data);
      items.set(key, instance);
      instances.push(instance);
    }
    parent.calls.set(call.name, { mode: repeated.mode, unknown: repeated.unknown, items });
  }
  walk.instances.set(node, instances);
};

/** Holds the arguments of a call against the variables of the module. */
export const checkArguments = (node: ModuleNode, call: ModuleCallBlock): readonly Diagnostic[] => {
  if (node.module === undefined) return [];
  const { variables } = node.module;
  const problems: Diagnostic[] = [];
  for (const [name, variable] of variables)
    if (variable.default === undefined && !call.arguments.has(name))
      problems.push(missingArgument(name, { ...call.body, range: call.wholeBody.range }));
  const free = [...variables.keys()].filter((name) => !call.arguments.has(name));
  for (const attribute of call.arguments.values())
    if (!variables.has(attribute.name)) problems.push(unexpectedArgument(attribute, free, []));
  for (const block of call.body.blocks) problems.push(unexpectedBlock(block, variables.keys(), []));
  return problems;
};

export const evaluateLocal = (
  walk: Walk,
  instance: ModuleInstance,
  block: LocalBlock,
  problems: Diagnostic[],
): void => {
  instance.locals.set(block.name, evaluateIn(walk, instance, block.expression, {}, problems));
};

/** The value of an output; what a root module would show must be declared sensitive where it is. */
export const evaluateOutput = (
  walk: Walk,
  instance: ModuleInstance,
  block: OutputBlock,
  problems: Diagnostic[],
): void => {
  const start = problems.length;
  if (block.ephemeral && instance.parent === undefined)
    problems.push(
      inputError(
        "Ephemeral output not allowed",
        "An output of the root module is stored, so it cannot be ephemeral.",
        block.range,
      ),
    );
  if (block.preconditions.length > 0) {
    const record = checkRecord(
      walk,
      { kind: "output_value", module: instance.node, name: block.name },
      instance,
      undefined,
    );
    evaluateRules(walk, instance, "Module output value precondition", block.preconditions, {}, record, problems);
  }
  const failed = hasErrors(problems.slice(start));
  const value =
    block.expression === undefined || failed
      ? unknownValue(dynamicType, `output ${block.name} is in error`)
      : evaluateIn(walk, instance, block.expression, {}, problems);
  instance.outputs.set(block.name, value);
  if (hasErrors(problems.slice(start))) return;
  const marks = marksDeep(value);
  const isRoot = instance.parent === undefined;
  if (marks.has("ephemeral") && !block.ephemeral)
    problems.push(
      inputError(
        "Ephemeral value not allowed",
        `The output "${block.name}" is not declared ephemeral, so it cannot hold an ephemeral value.`,
        block.expression?.range,
      ),
    );
  if (!isRoot && block.ephemeral && !marks.has("ephemeral"))
    problems.push(
      inputError(
        "Value not allowed in ephemeral output",
        `The output "${block.name}" is declared ephemeral, so its value must be ephemeral.`,
        block.expression?.range,
      ),
    );
  if (isRoot && marks.has("sensitive") && !block.sensitive)
    problems.push(
      inputError(
        "Output refers to sensitive values",
        `The output "${block.name}" holds a sensitive value. Set "sensitive = true" in it if it is to be an output at all.`,
        block.range,
      ),
    );
};
