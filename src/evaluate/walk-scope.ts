import type { Expression } from "../load/hcl/ast.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { dynamicType, numberType, stringType } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import type { Iterators } from "./dynamic-block.ts";
import { evaluateInto } from "./expression.ts";
import type { Resolved, Scope } from "./expression-scope.ts";
import { relativePath } from "./module-path.ts";
import { resourceKey } from "./reference.ts";
import { invalidValue, objectValue, stringValue, tupleValue, unknownValue } from "./values-construct.ts";
import { joinMarks, type Marks, sensitiveMark, withMarks } from "./values-marks.ts";
import { objectOf } from "./values-type.ts";
import type { Expansion, ModuleInstance, RepetitionData, Walk } from "./walk.ts";

/** Names that a place in the configuration has besides those of its module. */
export interface LocalNames {
  readonly repetition?: RepetitionData;
  readonly self?: Value;
  readonly iterators?: Iterators;
}

/** The value of an expression within a module instance. */
export const evaluateIn = (
  walk: Walk,
  instance: ModuleInstance,
  expression: Expression,
  names: LocalNames,
  problems: Diagnostic[],
): Value => evaluateInto(expression, scopeOf(walk, instance, names), problems);

/** What the names in a module instance lead to. Their existence has been checked before (walk-references.ts). */
export const scopeOf = (walk: Walk, instance: ModuleInstance, names: LocalNames): Scope => ({
  resolve: (root, attributes) => {
    const iterator = names.iterators?.get(root);
    if (iterator !== undefined) return { value: iterator, used: 0 };
    return resolve(walk, instance, names, root, attributes);
  },
  functions: walk.functions,
  functionContext: walk.functionContext(instance.node),
  shortCircuit: walk.shortCircuit,
});

const found = (value: Value | undefined, used: number): Resolved => ({ value: value ?? invalidValue, used });

const resolve = (
  walk: Walk,
  instance: ModuleInstance,
  names: LocalNames,
  root: string,
  attributes: readonly string[],
): Resolved | undefined => {
  const [first, second, third] = attributes;
  switch (root) {
    case "var":
      return found(instance.variables.get(first ?? ""), 1);
    case "local":
      return found(instance.locals.get(first ?? ""), 1);
    case "each":
      return found(first === "key" ? names.repetition?.key : names.repetition?.value, 1);
    case "count":
      return found(names.repetition?.index, 1);
    case "self":
      return found(names.self, 0);
    case "path":
      return found(pathValue(walk, instance, first), 1);
    case "terraform":
      return found(terraformValue(walk, first), 1);
    case "module":
      return resolveModule(walk, instance, first ?? "", second);
    case "data":
    case "ephemeral":
      return found(resourceValue(walk, instance, resourceKey(root, first ?? "", second ?? "")), 2);
    case "resource":
      return found(resourceValue(walk, instance, `${first}.${second}`), 2);
    default:
      return third === undefined && first === undefined
        ? undefined
        : found(resourceValue(walk, instance, `${root}.${first}`), 1);
  }
};

const pathValue = (walk: Walk, instance: ModuleInstance, name: string | undefined): Value => {
  if (name === "module") return stringValue(relativePath(walk.directory, instance.node.module?.directory ?? ""));
  if (name === "root") return stringValue(".");
  return unknownValue(stringType, "path.cwd is the directory that Terraform is started in");
};

const terraformValue = (walk: Walk, name: string | undefined): Value =>
  name === "workspace" ? stringValue(walk.workspace) : invalidValue;

/** The value of a resource as other expressions see it: an object, a tuple of them, or an object by key. */
export const resourceValue = (walk: Walk, instance: ModuleInstance, key: string): Value => {
  const ephemeral: Marks | undefined = key.startsWith("ephemeral.") ? new Set(["ephemeral"] as const) : undefined;
  const mark = (value: Value): Value => (ephemeral === undefined ? value : withMarks(value, ephemeral));
  if (walk.mode === "validate") return mark(unknownValue(dynamicType, `${key} is known after apply`));
  const expansion = instance.resources.get(key);
  if (expansion === undefined) return mark(unknownValue(dynamicType, `${key} could not be evaluated`));
  return mark(gather(expansion));
};

const gathered = new WeakMap<Expansion<Value>, Value>();

const gather = (expansion: Expansion<Value>): Value => {
  if (expansion.unknown !== undefined) return unknownValue(dynamicType, expansion.unknown);
  if (expansion.mode === "single") return expansion.items.get(undefined) ?? invalidValue;
  const known = gathered.get(expansion);
  if (known !== undefined) return known;
  const value =
    expansion.mode === "count"
      ? tupleValue([...expansion.items.values()])
      : objectValue([...expansion.items].map(([key, item]) => [String(key), item] as const));
  gathered.set(expansion, value);
  return value;
};

const resolveModule = (walk: Walk, instance: ModuleInstance, name: string, output: string | undefined): Resolved => {
  const child = instance.node.children.get(name);
  if (child?.module === undefined)
    return found(unknownValue(dynamicType, `module.${name} is not on disk, so its outputs are not known`), 1);
  if (walk.mode === "validate") return found(uncheckedModule(child.module.outputs.keys(), child.call), 1);
  const expansion = instance.calls.get(name);
  if (expansion === undefined) return found(unknownValue(dynamicType, `module.${name} could not be evaluated`), 1);
  if (expansion.unknown !== undefined) return found(unknownValue(dynamicType, expansion.unknown), 1);
  if (expansion.mode === "single") {
    const only = expansion.items.get(undefined);
    if (only === undefined) return found(undefined, 1);
    if (output !== undefined && child.module.outputs.has(output)) return found(outputValue(only, output), 2);
    return found(moduleObject(only), 1);
  }
  const objects = [...expansion.items].map(([key, item]) => [String(key), moduleObject(item)] as const);
  return found(expansion.mode === "count" ? tupleValue(objects.map(([, value]) => value)) : objectValue(objects), 1);
};

const moduleObject = (instance: ModuleInstance): Value =>
  objectValue(
    [...(instance.node.module?.outputs.keys() ?? [])].map((name) => [name, outputValue(instance, name)] as const),
  );

const outputValue = (instance: ModuleInstance, name: string): Value => {
  const value = instance.outputs.get(name) ?? unknownValue(dynamicType, `module output ${name} could not be evaluated`);
  return instance.node.module?.outputs.get(name)?.sensitive
    ? withMarks(value, joinMarks(sensitiveMark, value.marks ?? new Set()))
    : value;
};

/** A module at the first look: its outputs exist and nothing more is known of them. */
const uncheckedModule = (
  outputs: Iterable<string>,
  call: { readonly count: unknown; readonly forEach: unknown } | undefined,
): Value => {
  const names = [...outputs];
  const type = objectOf(names.map((name) => [name, dynamicType] as const));
  if (call?.count !== undefined) return unknownValue({ kind: "list", element: type }, "count is not known yet");
  if (call?.forEach !== undefined) return unknownValue({ kind: "map", element: type }, "for_each is not known yet");
  return unknownValue(type, "outputs are not known yet");
};

/** `each` and `count` where instances are not told apart yet. */
export const unknownRepetition = (mode: "single" | "count" | "for_each", because: string): RepetitionData => {
  if (mode === "count") return { index: unknownValue(numberType, because) };
  if (mode === "for_each") return { key: unknownValue(stringType, because), value: unknownValue(dynamicType, because) };
  return {};
};
