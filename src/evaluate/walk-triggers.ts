import type { Expression } from "../load/hcl/ast.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Value } from "../model/value.ts";
import { type InstanceKey, instanceAddress } from "./address.ts";
import type { ResourceBlock } from "./module.ts";
import { inputError } from "./problems.ts";
import { parseReference } from "./reference.ts";
import type { Traversal, TraversalStep } from "./traversal.ts";
import { valueEquals } from "./values-equality.ts";
import { unmark, unmarkDeep } from "./values-marks.ts";
import { toDouble } from "./values-number.ts";
import type { ModuleInstance, PlannedInstance, RepetitionData, Walk } from "./walk.ts";
import { evaluateIn } from "./walk-scope.ts";

/** True where something named in `replace_triggered_by` is going to change (Terraform 1.11, `EvaluateReplaceTriggeredBy`). */
export const isTriggered = (
  walk: Walk,
  block: ResourceBlock,
  instance: ModuleInstance,
  repetition: RepetitionData,
  problems: Diagnostic[],
): boolean =>
  block.replaceTriggeredBy.some((expression) => {
    const traversal = traversalWithKeys(walk, instance, expression, repetition, problems);
    const reference = traversal === undefined ? undefined : parseReference(traversal);
    if (reference === undefined || !("subject" in reference) || reference.subject.kind !== "resource") {
      problems.push(
        inputError(
          "Invalid replace_triggered_by expression",
          "Only resources, their instances and their attributes can be named here.",
          expression.range,
        ),
      );
      return false;
    }
    const { mode, type, name, key } = reference.subject;
    const changes = changesOf(walk, instance, mode, type, name, key);
    return changes.some((change) =>
      reference.rest.length === 0 ? isChanged(change) : isChangedAt(change, reference.rest),
    );
  });

const changesOf = (
  walk: Walk,
  instance: ModuleInstance,
  mode: ResourceBlock["mode"],
  type: string,
  name: string,
  key: InstanceKey,
): readonly PlannedInstance[] => {
  const expansion = instance.resources.get(mode === "managed" ? `${type}.${name}` : `${mode}.${type}.${name}`);
  const keys = key === undefined ? [...(expansion?.items.keys() ?? [])] : [key];
  return keys.flatMap(
    (each) => walk.changedInstances.get(instanceAddress(instance.address, mode, type, name, each)) ?? [],
  );
};

const isChanged = (change: PlannedInstance): boolean =>
  change.actions.includes("update") || (change.actions.includes("delete") && change.actions.includes("create"));

const isChangedAt = (change: PlannedInstance, steps: readonly TraversalStep[]): boolean => {
  const before = change.before === undefined ? undefined : at(change.before, steps);
  const after = at(change.values, steps);
  if (before === undefined || after === undefined) return change.before !== undefined && before !== after;
  return valueEquals(unmarkDeep(before).value, unmarkDeep(after).value) !== true;
};

const at = (value: Value, steps: readonly TraversalStep[]): Value | undefined => {
  let here: Value | undefined = value;
  for (const { key } of steps) {
    if (here === undefined) return undefined;
    const plain: Value = unmark(here);
    if (plain.kind === "object" || plain.kind === "map") here = plain.fields.get(String(key));
    else if (plain.kind === "list" || plain.kind === "tuple") here = plain.items[Number(key)];
    else return plain.kind === "unknown" ? plain : undefined;
  }
  return here;
};

/** The expression as a traversal, with `each.key` and `count.index` in brackets put in. */
const traversalWithKeys = (
  walk: Walk,
  instance: ModuleInstance,
  expression: Expression,
  repetition: RepetitionData,
  problems: Diagnostic[],
): Traversal | undefined => {
  const steps: TraversalStep[] = [];
  let here = expression;
  for (;;) {
    if (here.kind === "variable") return { root: here.name, rootRange: here.range, steps: steps.reverse() };
    if (here.kind !== "attribute" && here.kind !== "index") return undefined;
    const range = { file: here.range.file, start: here.source.range.end, end: here.range.end };
    if (here.kind === "attribute") steps.push({ kind: "attribute", key: here.name, range });
    else {
      const key = unmark(evaluateIn(walk, instance, here.key, { repetition }, problems));
      if (key.kind !== "string" && key.kind !== "number") return undefined;
      steps.push({ kind: "index", key: key.kind === "string" ? key.value : toDouble(key.value), range });
    }
    here = here.source;
  }
};
