import type { MappingValue, Value } from "../model/value.ts";
import { type PlanSubject, plannedValue } from "./planned-value.ts";
import { proposedValue } from "./proposed-value.ts";
import type { BlockSchema } from "./schema.ts";
import { nullValue } from "./values-construct.ts";
import { sameValue, valueEquals } from "./values-equality.ts";
import { containsMarks, marksOf, unmarkDeep } from "./values-marks.ts";
import { typeOf } from "./values-type.ts";

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
  if (before === undefined) return { actions: ["create"], ...created(fresh()), replacePaths: [], reason: undefined };
  if (prior === undefined)
    return { actions: replace, ...created(fresh()), replacePaths: [], reason: "replace_because_tainted" };
  const plainPrior = unmarkDeep(prior).value as MappingValue;
  const proposed = proposedValue(block, plainPrior, options.ignore(plainPrior, configuration, false));
  const planned = options.ignore(plainPrior, plannedValue(subject, plainPrior, proposed), true);
  const plain = unmarkDeep(planned).value as MappingValue;
  const replacePaths = forcedPaths(subject, plainPrior, plain);
  if (options.triggered || replacePaths.length > 0)
    return {
      actions: replace,
      after: fresh(),
      shown: plannedValue(subject, undefined, proposedValue(block, undefined, configuration), false),
      replacePaths,
      reason: options.triggered ? "replace_by_triggers" : "replace_because_cannot_update",
    };
  const isSame = valueEquals(plain, plainPrior) === true && sameMarks(planned, prior);
  return { actions: [isSame ? "no-op" : "update"], ...created(planned), replacePaths: [], reason: undefined };
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

/** The changed paths that make a replacement (`azurerm-forcenew`), as SDKv2 counts them: a block only where members come or go. */
const forcedPaths = (subject: PlanSubject, prior: MappingValue, planned: MappingValue): readonly Path[] => {
  if (subject.type === "terraform_data") {
    const [was, will] = [prior.fields.get("triggers_replace"), planned.fields.get("triggers_replace")];
    return was !== undefined && will !== undefined && !sameValue(was, will) ? [["triggers_replace"]] : [];
  }
  const paths: Path[] = [];
  for (const names of subject.schema.forceNew)
    collectForced(names.split("."), prior, planned, [], subject.schema.block, paths);
  return paths;
};

const collectForced = (
  names: readonly string[],
  prior: Value | undefined,
  planned: Value | undefined,
  path: Path,
  schema: BlockSchema | undefined,
  found: Path[],
): void => {
  const [name, ...rest] = names;
  if (name === undefined) return;
  const [was, will] = [fieldOf(prior, name), fieldOf(planned, name)];
  if (was === undefined && will === undefined) return;
  const here = [...path, name];
  const nested = schema?.blocks.get(name);
  if (rest.length === 0) {
    if (nested === undefined) {
      if (differ(was, will)) found.push(here);
    } else collectBlock(was, will, here, found);
    return;
  }
  if (isSet(was) || isSet(will)) return;
  const [before, after] = [itemsOf(was), itemsOf(will)];
  if (before === undefined && after === undefined) {
    collectForced(rest, was, will, here, nested?.block, found);
    return;
  }
  for (let index = 0; index < Math.max(before?.length ?? 0, after?.length ?? 0); index++)
    collectForced(rest, before?.[index], after?.[index], [...here, index], nested?.block, found);
};

const collectBlock = (was: Value | undefined, will: Value | undefined, here: Path, found: Path[]): void => {
  const [before, after] = [itemsOf(was), itemsOf(will)];
  if (before === undefined || after === undefined) {
    if (differ(was, will)) found.push(here);
    return;
  }
  if (before.length === after.length) return;
  found.push(here);
  for (let index = Math.min(before.length, after.length); index < Math.max(before.length, after.length); index++)
    found.push([...here, index]);
};

const isSet = (value: Value | undefined): boolean => value?.kind === "set";

const fieldOf = (value: Value | undefined, name: string): Value | undefined =>
  value?.kind === "object" || value?.kind === "map" ? value.fields.get(name) : undefined;

const itemsOf = (value: Value | undefined): readonly Value[] | undefined =>
  value?.kind === "list" || value?.kind === "tuple" || value?.kind === "set" ? value.items : undefined;

const differ = (was: Value | undefined, will: Value | undefined): boolean => {
  const other = was ?? will;
  if (other === undefined) return false;
  const missing = nullValue(typeOf(other));
  return valueEquals(was ?? missing, will ?? missing) !== true;
};
