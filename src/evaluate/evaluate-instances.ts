import type { MappingValue } from "../model/value.ts";
import { inModule, instanceAddress, keyText } from "./address.ts";
import { bodyReferences } from "./body-references.ts";
import { type GraphNode, targetsOf } from "./graph-nodes.ts";
import { ignoredNames } from "./ignore-changes.ts";
import type { ModuleNode } from "./module-tree.ts";
import type { Orphan } from "./orphans.ts";
import { rangeAtPath, writtenAttributes } from "./places.ts";
import { providerReferences } from "./provider-targets.ts";
import { goodReferences, type Reference, referencesIn, resourceKey } from "./reference.ts";
import type { InstanceReference, ResourceInstance } from "./resource-instance.ts";
import type { PlannedInstance, Walk } from "./walk.ts";

/** The planned instances in the form that all later rooms read. */
export const instancesOf = (walk: Walk): readonly ResourceInstance[] => {
  const reach = new Map<GraphNode, readonly string[]>();
  return walk.planned.map((planned) => instanceOf(walk, planned, reach));
};

const instanceOf = (
  walk: Walk,
  planned: PlannedInstance,
  reach: Map<GraphNode, readonly string[]>,
): ResourceInstance => {
  const { block, module, places } = planned;
  const key = resourceKey(block.mode, block.type, block.name);
  const node = walk.graph.find(module.node, "resource", key);
  let references: readonly InstanceReference[] | undefined;
  return {
    address: planned.address,
    mode: block.mode === "data" ? "data" : "managed",
    type: block.type,
    name: block.name,
    key: planned.key,
    module: module.address,
    provider: planned.provider.source,
    providerMajor: majorOf(planned.provider.version),
    values: planned.values,
    range: block.range,
    rangeAt: (path) => rangeAtPath(places, path),
    dependsOn: node === undefined ? [] : reachable(node, reach),
    get references() {
      references ??= referencesOf(walk, planned);
      return references;
    },
    get providerTargets() {
      return providerTargetsOf(walk, planned);
    },
    get providerUses() {
      return providerUsesOf(walk, planned);
    },
    ignoreChanges: ignoredNames(block),
    preventDestroy: block.preventDestroy,
    createBeforeDestroy: node !== undefined && walk.createBeforeDestroy.has(node),
    actions: planned.actions,
    before: planned.before,
    replacePaths: [
      ...new Set(planned.replacePaths.map((path) => path.filter((step) => typeof step === "string").join("."))),
    ].sort(),
  };
};

const majorOf = (version: string | undefined): number | undefined =>
  version === undefined ? undefined : Number(version.split(".")[0]);

/** Resources that a node depends on, itself or through variables, locals, outputs and modules. */
const reachable = (node: GraphNode, memo: Map<GraphNode, readonly string[]>): readonly string[] => {
  const known = memo.get(node);
  if (known !== undefined) return known;
  const found = new Set<string>();
  const seen = new Set<GraphNode>([node]);
  const queue = [...node.dependencies];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (next.kind === "resource") found.add(next.label);
    else queue.push(...next.dependencies);
  }
  const sorted = [...found].sort();
  memo.set(node, sorted);
  return sorted;
};

const referencesOf = (walk: Walk, { block, module, places }: PlannedInstance): readonly InstanceReference[] => {
  const found: InstanceReference[] = [];
  const add = (path: InstanceReference["path"], reference: Reference): void => {
    for (const to of resourcesBehind(walk, reference, module.node, module.address))
      found.push({ path, to, range: reference.fullRange });
  };
  for (const { path, attribute } of writtenAttributes(places))
    for (const reference of goodReferences(referencesIn(attribute.value))) add(path, reference);
  for (const [name, expression] of [
    ["count", block.count],
    ["for_each", block.forEach],
  ] as const)
    if (expression !== undefined)
      for (const reference of goodReferences(referencesIn(expression))) add([name], reference);
  for (const reference of block.dependsOn) add(["depends_on"], reference);
  for (const reference of goodReferences(bodyReferences(block.body)))
    if (!found.some(({ range }) => range === reference.fullRange)) add([], reference);
  return found;
};

/** Resources that the provider's configuration is made from; a module call that is named by its key keeps it. */
const providerTargetsOf = (walk: Walk, { block, module }: PlannedInstance): readonly string[] => {
  const found = providerReferences(walk, module.node, block.providerKey).flatMap(({ reference, module: of }) => {
    const targets = resourcesBehind(walk, reference, of, of.address);
    const { subject } = reference;
    if (subject.kind !== "module" || subject.key === undefined) return targets;
    const call = inModule(of.address, `module.${subject.name}`);
    return targets.map((target) =>
      target.startsWith(`${call}.`) ? `${call}${keyText(subject.key)}${target.slice(call.length)}` : target,
    );
  });
  return [...new Set(found)].sort();
};

/** What the provider's configuration takes of resources, by the attribute's path. */
const providerUsesOf = (walk: Walk, { block, module }: PlannedInstance): readonly InstanceReference[] =>
  providerReferences(walk, module.node, block.providerKey).flatMap(({ reference, module: of }) => {
    const { subject, rest, fullRange } = reference;
    if (subject.kind !== "resource") return [];
    const path = rest.map(({ key }) => key);
    return resourcesBehind(walk, reference, of, of.address).map((to) => ({ path, to, range: fullRange }));
  });

/** A reference to a resource leads to it; one to a local value, variable or output to what stands behind that. */
const resourcesBehind = (walk: Walk, reference: Reference, module: ModuleNode, address: string): readonly string[] => {
  const { subject } = reference;
  if (subject.kind === "resource") {
    if (module.module?.resources.has(resourceKey(subject.mode, subject.type, subject.name)) !== true) return [];
    return [instanceAddress(address, subject.mode, subject.type, subject.name, subject.key)];
  }
  const memo = new Map<GraphNode, readonly string[]>();
  return [...new Set(targetsOf(reference, module, walk.graph).flatMap((target) => reachable(target, memo)))].sort();
};

/** What the state has and the configuration no longer, as instances that will go. */
export const orphanInstances = (orphans: readonly Orphan[]): readonly ResourceInstance[] =>
  orphans.map(({ instance, action, before, provider }) => ({
    address: instance.address,
    mode: "managed",
    type: instance.type,
    name: instance.name,
    key: instance.key,
    module: instance.module,
    provider: provider.source,
    providerMajor: majorOf(provider.version),
    values: before as MappingValue,
    range: undefined,
    rangeAt: () => undefined,
    dependsOn: instance.dependencies,
    references: [],
    providerTargets: [],
    ignoreChanges: [],
    preventDestroy: false,
    createBeforeDestroy: instance.createBeforeDestroy,
    actions: [action],
    before,
    replacePaths: [],
  }));
