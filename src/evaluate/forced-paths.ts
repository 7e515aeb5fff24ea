import type { MappingValue, Value } from "../model/value.ts";
import type { Path } from "./planned-change.ts";
import type { BlockSchema, ResourceSchema } from "./schema.ts";
import { sameValue, valueEquals } from "./values-equality.ts";

/** A member of a set has no place of its own: what changes in it is told of the set. */
const inSet = Symbol("member of a set");

type Step = string | number | typeof inSet;

/**
 * The changed paths that force a new resource. A difference counts at the first forced argument on the way to it; a forced block counts
 * only where the block itself or one of its members comes or goes, as in SDKv2 (differences as terraform-plugin-go 0.31 `Value.Diff` lists them).
 */
export const forcedPaths = (schema: ResourceSchema, prior: MappingValue, planned: MappingValue): readonly Path[] => {
  if (schema.forceNew.size === 0) return [];
  const found = new Map<string, Path>();
  const emit = (steps: readonly Step[]): void => {
    const path = forcedPrefix(schema, steps);
    if (path === undefined || found.has(JSON.stringify(path))) return;
    const [was, will] = [valueAt(prior, path), valueAt(planned, path)];
    if (was === undefined && will === undefined) return;
    if (was === undefined || will === undefined || valueEquals(was, will) !== true)
      found.set(JSON.stringify(path), path);
  };
  removed(prior, planned, [], emit);
  changed(planned, prior, [], emit);
  return [...found.values()];
};

const forcedPrefix = (schema: ResourceSchema, steps: readonly Step[]): Path | undefined => {
  const path: (string | number)[] = [];
  let names = "";
  let isOpen = true;
  for (const [index, step] of steps.entries()) {
    if (step === inSet) isOpen = false;
    else if (isOpen) path.push(step);
    if (typeof step === "string") names = names === "" ? step : `${names}.${step}`;
    if (schema.forceNew.has(names) && (index === steps.length - 1 || !isBlock(schema.block, names))) return path;
  }
  return undefined;
};

const isBlock = (block: BlockSchema, names: string): boolean => {
  let here: BlockSchema | undefined = block;
  for (const name of names.split(".")) {
    here = here?.blocks.get(name)?.block;
    if (here === undefined) return false;
  }
  return true;
};

type Emit = (steps: readonly Step[]) => void;

/** What was there and no longer is, without what was in it. */
const removed = (prior: Value, planned: Value, steps: readonly Step[], emit: Emit): void => {
  if (sameValue(prior, planned)) return;
  for (const [step, was] of members(prior)) {
    const will = memberOf(planned, step, was);
    if (will === undefined) emit([...steps, step]);
    else removed(was, will, [...steps, step], emit);
  }
};

/** What is new, with all that is in it, and what differs. */
const changed = (planned: Value, prior: Value | undefined, steps: readonly Step[], emit: Emit): void => {
  if (prior !== undefined && sameValue(planned, prior)) return;
  if (prior === undefined || isDifferent(planned, prior)) emit(steps);
  for (const [step, will] of members(planned))
    changed(will, prior === undefined ? undefined : memberOf(prior, step, will), [...steps, step], emit);
};

/** A container differs in being there and in the number of its members; the members speak for themselves. */
const isDifferent = (planned: Value, prior: Value): boolean => {
  if (planned.kind === "unknown" || prior.kind === "unknown") return planned.kind !== prior.kind;
  if (planned.kind === "null" || prior.kind === "null") return planned.kind !== prior.kind;
  switch (planned.kind) {
    case "list":
    case "set":
    case "tuple":
      return !("items" in prior) || prior.items.length !== planned.items.length;
    case "map":
    case "object":
      return !("fields" in prior) || prior.fields.size !== planned.fields.size;
    default:
      return valueEquals(planned, prior) !== true;
  }
};

const members = (value: Value): readonly (readonly [Step, Value])[] => {
  switch (value.kind) {
    case "list":
    case "tuple":
      return value.items.map((item, index) => [index, item]);
    case "set":
      return value.items.map((item) => [inSet, item]);
    case "map":
    case "object":
      return [...value.fields];
    default:
      return [];
  }
};

const memberOf = (value: Value, step: Step, like: Value): Value | undefined => {
  switch (value.kind) {
    case "list":
    case "tuple":
      return typeof step === "number" ? value.items[step] : undefined;
    case "set":
      return value.items.find((item) => sameValue(item, like));
    case "map":
    case "object":
      return typeof step === "string" ? value.fields.get(step) : undefined;
    default:
      return undefined;
  }
};

const valueAt = (value: Value, path: Path): Value | undefined => {
  let here: Value | undefined = value;
  for (const step of path) here = here === undefined ? undefined : memberOf(here, step, here);
  return here;
};
