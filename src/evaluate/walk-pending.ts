import { type GraphNode, nodeReferences, targetsOf } from "./graph-nodes.ts";
import { goodReferences } from "./reference.ts";
import type { ModuleInstance, Walk } from "./walk.ts";

/**
 * What a data source waits for: a managed resource that it names, or that its `depends_on` or that of a module around it leads to, and
 * which will change (Terraform 1.11, `dependenciesHavePendingChanges`). With conditions, everything that it depends on counts.
 */
export const pendingFor = (walk: Walk, node: GraphNode, instance: ModuleInstance): string | undefined => {
  if (node.kind !== "resource") return undefined;
  const hasConditions = node.block.preconditions.length + node.block.postconditions.length > 0;
  const seen = new Set<GraphNode>();
  const queue = [...waitedFor(walk, node), ...(hasConditions ? node.dependencies : [])];
  for (let target = queue.pop(); target !== undefined; target = queue.pop()) {
    if (seen.has(target)) continue;
    seen.add(target);
    if (target.kind !== "resource" || hasConditions) queue.push(...target.dependencies);
    if (isChanging(walk, target, node, instance)) return target.label;
  }
  return undefined;
};

/** Within one module, only a change in the same instance of it counts. */
const isChanging = (walk: Walk, target: GraphNode, node: GraphNode, instance: ModuleInstance): boolean => {
  const changing = walk.changing.get(target);
  return changing !== undefined && (target.module !== node.module || changing.has(instance.address));
};

const waitedFor = (walk: Walk, node: GraphNode & { readonly kind: "resource" }): readonly GraphNode[] => {
  const named = goodReferences(nodeReferences(node)).filter(
    ({ subject }) => subject.kind === "resource" && subject.mode === "managed",
  );
  const targets = [...named, ...node.block.dependsOn].flatMap((reference) =>
    targetsOf(reference, node.module, walk.graph),
  );
  for (let { module } = node; module.parent !== undefined; module = module.parent)
    for (const reference of module.call?.dependsOn ?? [])
      targets.push(...targetsOf(reference, module.parent, walk.graph));
  return targets;
};
