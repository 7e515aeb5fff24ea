import type { MappingValue, Value } from "../model/value.ts";
import { forcedPaths } from "./forced-paths.ts";
import { type PlanSubject, plannedValue } from "./planned-value.ts";
import { proposedValue } from "./proposed-value.ts";
import { markBlock } from "./state.ts";
import { sameValue, valueEquals } from "./values-equality.ts";
import { containsMarks, marksOf, unmarkDeep, withMarks } from "./values-marks.ts";

export type Action = "create" | "read" | "update" | "delete" | "no-op" | "forget";

export type Path = readonly (string | number)[];

/** What will be done to one resource instance. */
export interface PlannedChange {
  readonly actions: readonly Action[];
  readonly after: MappingValue;
  /** As `after`, with the marks that Terraform shows. */
  readonly shown: MappingValue;
  readonly replacePaths: readonly Path[];
  readonly reason: string | undefined;
}

export interface ChangeOptions {
  readonly createBeforeDestroy: boolean;
  /** A change of something in `replace_triggered_by`. */
  readonly triggered: boolean;
  readonly isTainted: boolean;
  /** Puts back what `ignore_changes` names. */
  readonly ignore: (prior: MappingValue, value: MappingValue, whole: boolean) => MappingValue;
}

/** Plans one instance of a managed resource (Terraform 1.11, `NodeAbstractResourceInstance.plan`). */
export const planChange = (
  subject: PlanSubject,
  before: MappingValue | undefined,
  configuration: MappingValue,
  options: ChangeOptions,
): PlannedChange => {
  const block = subject.schema.block;
  const prior = options.isTainted ? undefined : before;
  const fresh = (): MappingValue => plannedValue(subject, undefined, proposedValue(block, undefined, configuration));
  const created = (after: MappingValue): Pick<PlannedChange, "after" | "shown"> => ({ after, shown: after });
  const replace: readonly Action[] = options.createBeforeDestroy ? ["create", "delete"] : ["delete", "create"];
  const byTriggers = options.triggered ? "replace_by_triggers" : undefined;
  if (before === undefined) return { actions: ["create"], ...created(fresh()), replacePaths: [], reason: byTriggers };
  if (prior === undefined)
    return { actions: replace, ...created(fresh()), replacePaths: [], reason: byTriggers ?? "replace_because_tainted" };
  const plainPrior = unmarkDeep(prior).value as MappingValue;
  const given = options.ignore(prior, configuration, false);
  const proposed = proposedValue(block, plainPrior, given);
  const planned = markBlock(
    options.ignore(prior, plannedValue(subject, plainPrior, proposed), true),
    block,
  ) as MappingValue;
  const plain = unmarkDeep(planned).value as MappingValue;
  const replacePaths = replacing(subject, plainPrior, plain);
  if (options.triggered || replacePaths.length > 0)
    return {
      actions: replace,
      after: fresh(),
      shown: overlayMarks(
        plannedValue(subject, undefined, proposedValue(block, undefined, configuration), false),
        given,
      ) as MappingValue,
      replacePaths,
      reason: byTriggers ?? "replace_because_cannot_update",
    };
  const isSame = valueEquals(plain, plainPrior) === true && sameMarks(planned, prior);
  return { actions: [isSame ? "no-op" : "update"], ...created(planned), replacePaths: [], reason: undefined };
};

/** Marks of one value put on the same places of another. */
const overlayMarks = (value: Value, marked: Value): Value => {
  if (!containsMarks(marked)) return value;
  const own = withMarks(value, marksOf(marked));
  if ((own.kind === "list" || own.kind === "tuple") && (marked.kind === "list" || marked.kind === "tuple"))
    return { ...own, items: own.items.map((item, index) => overlayMarks(item, marked.items[index] ?? item)) };
  if ((own.kind === "map" || own.kind === "object") && (marked.kind === "map" || marked.kind === "object")) {
    const other = marked.fields;
    return {
      ...own,
      fields: new Map([...own.fields].map(([key, item]) => [key, overlayMarks(item, other.get(key) ?? item)] as const)),
    };
  }
  return own;
};

/** True where the same parts of both values are marked. */
const sameMarks = (a: Value, b: Value): boolean => {
  if (!containsMarks(a) && !containsMarks(b)) return true;
  const [marksA, marksB] = [marksOf(a), marksOf(b)];
  if (marksA.size !== marksB.size || [...marksA].some((mark) => !marksB.has(mark))) return false;
  if ((a.kind === "list" || a.kind === "tuple") && (b.kind === "list" || b.kind === "tuple"))
    return a.items.length === b.items.length && a.items.every((item, index) => sameMarks(item, b.items[index] ?? item));
  if ((a.kind === "map" || a.kind === "object") && (b.kind === "map" || b.kind === "object"))
    return [...a.fields].every(([key, item]) => sameMarks(item, b.fields.get(key) ?? item));
  return true;
};

/** A changed trigger of `terraform_data` makes a new one; of others the schema's rules count. */
const replacing = (subject: PlanSubject, prior: MappingValue, planned: MappingValue): readonly Path[] => {
  if (subject.type !== "terraform_data") return forcedPaths(subject.schema, prior, planned);
  const [was, will] = [prior.fields.get("triggers_replace"), planned.fields.get("triggers_replace")];
  return was !== undefined && will !== undefined && !sameValue(was, will) ? [["triggers_replace"]] : [];
};
