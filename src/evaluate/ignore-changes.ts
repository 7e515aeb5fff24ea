import type { Expression } from "../load/hcl/ast.ts";
import type { MappingValue, Value } from "../model/value.ts";
import type { ResourceBlock } from "./module.ts";
import type { BlockSchema } from "./schema.ts";
import { asTraversal, type TraversalStep } from "./traversal.ts";
import { mapValue, nullValue } from "./values-construct.ts";
import { sameValue } from "./values-equality.ts";
import { containsMarks, marksOf, unmark, withMarks } from "./values-marks.ts";
import { typeOf } from "./values-type.ts";

type Step = Pick<TraversalStep, "kind" | "key">;

/** The path that an entry of `ignore_changes` names: `tags["a"]`. */
export const ignoredPath = (expression: Expression): readonly TraversalStep[] | undefined => {
  const traversal = asTraversal(expression);
  return traversal === undefined
    ? undefined
    : [{ kind: "attribute", key: traversal.root, range: traversal.rootRange }, ...traversal.steps];
};

/** Dotted form of the ignored paths, as findings compare them. */
export const ignoredNames = (block: ResourceBlock): readonly string[] | "all" =>
  block.ignoreChanges === "all"
    ? "all"
    : block.ignoreChanges.flatMap(
        (expression) =>
          ignoredPath(expression)
            ?.map(({ key }) => String(key))
            .join(".") ?? [],
      );

/**
 * Puts back the state before at the places that `ignore_changes` names (Terraform 1.11, `processIgnoreChanges`). `schema` is given for the
 * configuration, where what only the provider decides stays unset.
 */
export const keepIgnored = (
  block: ResourceBlock,
  prior: MappingValue,
  value: MappingValue,
  schema: BlockSchema | undefined,
): MappingValue => {
  if (block.ignoreChanges === "all")
    return schema === undefined ? prior : (withoutComputed(prior, schema) as MappingValue);
  let kept: Value = value;
  for (const expression of block.ignoreChanges) {
    const path = ignoredPath(expression);
    if (path === undefined) continue;
    const last = path.at(-1);
    const isMapKey = last?.kind === "index" && typeof last.key === "string";
    const target = isMapKey ? path.slice(0, -1) : path;
    const before = valueAt(prior, target);
    const now = valueAt(value, target);
    if (before === undefined || now === undefined) continue;
    if (sameValue(before, now) && containsMarks(before) === containsMarks(now)) continue;
    kept = replaceAt(kept, target, (current) => (isMapKey ? keepKey(current, before, String(last.key)) : before));
  }
  return kept as MappingValue;
};

const withoutComputed = (value: Value, schema: BlockSchema): Value => {
  if (value.kind === "list" || value.kind === "tuple" || value.kind === "set")
    return { ...value, items: value.items.map((item) => withoutComputed(item, schema)) };
  if (value.kind !== "object") return value;
  const fields = new Map<string, Value>();
  for (const [name, item] of value.fields) {
    const attribute = schema.attributes.get(name);
    const nested = schema.blocks.get(name);
    if (attribute !== undefined)
      fields.set(name, attribute.computed && !attribute.optional ? nullValue(typeOf(item)) : item);
    else fields.set(name, nested === undefined ? item : withoutComputed(item, nested.block));
  }
  return { ...value, fields };
};

const valueAt = (value: Value, path: readonly Step[]): Value | undefined => {
  let at: Value | undefined = value;
  for (const step of path) {
    if (at === undefined) return undefined;
    const here: Value = unmark(at);
    if (here.kind === "object" || here.kind === "map") at = here.fields.get(String(step.key));
    else if (here.kind === "list" || here.kind === "tuple") at = here.items[Number(step.key)];
    else return undefined;
  }
  return at;
};

const replaceAt = (value: Value, path: readonly Step[], change: (current: Value) => Value): Value => {
  const [step, ...rest] = path;
  if (step === undefined) return change(value);
  if (value.kind === "object" || value.kind === "map") {
    const item = value.fields.get(String(step.key));
    if (item === undefined) return value;
    const fields = new Map(value.fields);
    fields.set(String(step.key), replaceAt(item, rest, change));
    return { ...value, fields };
  }
  if (value.kind === "list" || value.kind === "tuple")
    return {
      ...value,
      items: value.items.map((item, index) => (index === Number(step.key) ? replaceAt(item, rest, change) : item)),
    };
  return value;
};

/** A single key of a map goes back to what it was, or away where it was not. */
const keepKey = (current: Value, before: Value, key: string): Value => {
  const type = typeOf(current);
  if (current.kind === "unknown" || type.kind !== "map") return current;
  const fields = new Map<string, Value>(current.kind === "map" ? current.fields : []);
  const was = before.kind === "map" ? before.fields.get(key) : undefined;
  if (was === undefined) fields.delete(key);
  else fields.set(key, was);
  if (fields.size === 0 && current.kind === "null") return current;
  return withMarks(mapValue(type.element, fields), marksOf(current));
};
