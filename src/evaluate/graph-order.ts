import type { Diagnostic } from "../model/diagnostic.ts";
import type { GraphNode } from "./graph-nodes.ts";
import { inputError } from "./problems.ts";

export interface Order {
  /** Every node after all that it depends on; members of a cycle stand together. */
  readonly nodes: readonly GraphNode[];
  readonly cycles: readonly Diagnostic[];
}

/** Sorts the nodes so that each comes after its dependencies (Tarjan 1972), without recursion: chains may be long. */
export const orderNodes = (nodes: readonly GraphNode[]): Order => {
  const sorted: GraphNode[] = [];
  const cycles: Diagnostic[] = [];
  const states = new Map<GraphNode, { index: number; low: number; onStack: boolean }>();
  const stack: GraphNode[] = [];
  let counter = 0;
  const enter = (node: GraphNode): Frame => {
    const state = { index: counter, low: counter, onStack: true };
    counter++;
    states.set(node, state);
    stack.push(node);
    return { node, state, next: 0 };
  };
  for (const start of nodes) {
    if (states.has(start)) continue;
    const frames: Frame[] = [enter(start)];
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const target = frame.node.dependencies[frame.next++];
      if (target !== undefined) {
        const known = states.get(target);
        if (known === undefined) frames.push(enter(target));
        else if (known.onStack) frame.state.low = Math.min(frame.state.low, known.index);
        continue;
      }
      frames.pop();
      const outer = frames.at(-1);
      if (outer !== undefined) outer.state.low = Math.min(outer.state.low, frame.state.low);
      if (frame.state.low === frame.state.index) sorted.push(...takeGroup(frame.node, stack, states, cycles));
    }
  }
  return { nodes: sorted, cycles };
};

interface Frame {
  readonly node: GraphNode;
  readonly state: { index: number; low: number; onStack: boolean };
  next: number;
}

const takeGroup = (
  root: GraphNode,
  stack: GraphNode[],
  states: ReadonlyMap<GraphNode, { onStack: boolean }>,
  cycles: Diagnostic[],
): readonly GraphNode[] => {
  const group: GraphNode[] = [];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    const state = states.get(node);
    if (state !== undefined) state.onStack = false;
    group.push(node);
    if (node === root) break;
  }
  if (group.length > 1) cycles.push(cycleProblem(group));
  else if (root.dependencies.includes(root))
    cycles.push(
      inputError(
        `Self reference: ${root.label}`,
        `"${root.label}" depends on itself. Take the reference out.`,
        rangeOf(root),
      ),
    );
  return group;
};

const cycleProblem = (group: readonly GraphNode[]): Diagnostic => {
  const labels = group.map(({ label }) => label);
  return {
    ...inputError(
      `Cycle: ${labels.join(", ")}`,
      `These depend on each other, so none of them can be evaluated first: ${labels.join(", ")}. Break one of the references.`,
      undefined,
    ),
    related: group.flatMap((node) => {
      const range = rangeOf(node);
      return range === undefined ? [] : [{ message: `${node.label} is part of the cycle`, range }];
    }),
  };
};

const rangeOf = (node: GraphNode): GraphNode["block"]["range"] | undefined => node.block.range;
