import type { Node } from "../../kubernetes/node.ts";
import { quantityValue } from "../../kubernetes/quantity.ts";
import type { AutoscalerOptions } from "./autoscaler-profile.ts";

/** Cores and bytes of a node by its capacity, in whole units. */
export interface NodeSize {
  readonly cores: number;
  readonly memory: number;
}

/** Source: cluster-autoscaler 1.33.0 `core/utils`, GetNodeCoresAndMemory. */
export const nodeSize = (node: Node): NodeSize => {
  const capacity = node.status?.capacity;
  if (capacity === undefined) return nothing;
  const known = sizes.get(capacity);
  if (known !== undefined) return known;
  const size = { cores: quantityValue(capacity["cpu"] ?? 0) ?? 0, memory: quantityValue(capacity["memory"] ?? 0) ?? 0 };
  sizes.set(capacity, size);
  return size;
};

const nothing: NodeSize = { cores: 0, memory: 0 };

/** Asked of every node in every loop: what was read of a node's capacity once is kept. */
const sizes = new WeakMap<object, NodeSize>();

/** What may still be added to, or taken from, the cluster as a whole; undefined where there is no limit. */
export interface LimitsLeft {
  readonly cores: number | undefined;
  readonly memory: number | undefined;
}

export const roomToGrow = (options: AutoscalerOptions, total: NodeSize): LimitsLeft => ({
  cores: options.cores.max > 0 ? Math.max(0, options.cores.max - total.cores) : undefined,
  memory: options.memoryBytes.max > 0 ? Math.max(0, options.memoryBytes.max - total.memory) : undefined,
});

export const roomToShrink = (options: AutoscalerOptions, total: NodeSize): LimitsLeft => ({
  cores: options.cores.min > 0 ? Math.max(0, total.cores - options.cores.min) : undefined,
  memory: options.memoryBytes.min > 0 ? Math.max(0, total.memory - options.memoryBytes.min) : undefined,
});

/** The names of the limits that one more node of this size would break. */
export const exceededLimits = (left: LimitsLeft, size: NodeSize): readonly string[] => [
  ...(left.cores !== undefined && size.cores > 0 && size.cores > left.cores ? ["cpu"] : []),
  ...(left.memory !== undefined && size.memory > 0 && size.memory > left.memory ? ["memory"] : []),
];

/** How many of the wanted nodes the limits allow; 0 when none. */
export const cappedByLimits = (left: LimitsLeft, size: NodeSize, wanted: number): number => {
  const byCores = left.cores === undefined || size.cores === 0 ? wanted : Math.floor(left.cores / size.cores);
  const byMemory = left.memory === undefined || size.memory === 0 ? wanted : Math.floor(left.memory / size.memory);
  return Math.min(wanted, byCores, byMemory);
};

export const minus = (left: LimitsLeft, size: NodeSize): LimitsLeft => ({
  cores: left.cores === undefined ? undefined : left.cores - size.cores,
  memory: left.memory === undefined ? undefined : left.memory - size.memory,
});
