import type { ClusterState } from "./cluster-state.ts";
import { MAX_NODE_SCORE } from "./framework.ts";
import type { PodRecord } from "./pod-record.ts";
import type { ResourceWeight, ScoringStrategy } from "./profile.ts";
import { isScalarResource } from "./requests.ts";

/** Reads, for one resource of one pod, what a row has and what would be taken of it with the pod there; [0, 0] where it does not count. */
export interface ResourceReader {
  readonly weight: number;
  readonly allocatable: (row: number) => number;
  readonly requested: (row: number) => number;
}

/**
 * What the scoring of resources looks at. `nonZero`: count a small amount for containers without requests.
 * Source: `plugins/noderesources/resource_allocation.go`, v1.35.4.
 */
export const resourceReaders = (
  { nodes }: ClusterState,
  pod: PodRecord,
  resources: readonly ResourceWeight[],
  nonZero: boolean,
): readonly ResourceReader[] => {
  const wanted = nonZero ? pod.podClass.shape.scoreRequests.nonZero : pod.podClass.shape.scoreRequests.plain;
  return resources.map(({ name, weight }) => {
    const own = wanted.get(name) ?? 0;
    switch (name) {
      case "cpu":
        return {
          weight,
          allocatable: (row) => nodes.cpu.allocatable[row] ?? 0,
          requested: (row) => ((nonZero ? nodes.nonZeroCpu : nodes.cpu.requested)[row] ?? 0) + own,
        };
      case "memory":
        return {
          weight,
          allocatable: (row) => nodes.memory.allocatable[row] ?? 0,
          requested: (row) => ((nonZero ? nodes.nonZeroMemory : nodes.memory.requested)[row] ?? 0) + own,
        };
      case "ephemeral-storage":
        return {
          weight,
          allocatable: (row) => nodes.ephemeralStorage.allocatable[row] ?? 0,
          requested: (row) => (nodes.ephemeralStorage.requested[row] ?? 0) + own,
        };
      default: {
        if (!isScalarResource(name) || own === 0) return { weight, allocatable: () => 0, requested: () => 0 };
        const column = nodes.scalar(name);
        return {
          weight,
          allocatable: (row) => column.allocatable[row] ?? 0,
          requested: (row) => (column.requested[row] ?? 0) + own,
        };
      }
    }
  });
};

/** The score of a row under a strategy: the weighted mean over the resources that the row has. */
export const resourceScorer = (
  state: ClusterState,
  pod: PodRecord,
  strategy: ScoringStrategy,
): ((row: number) => number) => {
  const readers = resourceReaders(state, pod, strategy.resources, true);
  const scoreOf = scoreFunction(strategy);
  const isRatio = strategy.type === "RequestedToCapacityRatio";
  return (row) => {
    let sum = 0;
    let weights = 0;
    for (const { weight, allocatable, requested } of readers) {
      const capacity = allocatable(row);
      if (capacity === 0) continue;
      const score = scoreOf(requested(row), capacity);
      if (isRatio && score <= 0) continue;
      sum += score * weight;
      weights += weight;
    }
    if (weights === 0) return 0;
    return isRatio ? Math.round(sum / weights) : Math.floor(sum / weights);
  };
};

const scoreFunction = ({ type, shape }: ScoringStrategy): ((requested: number, capacity: number) => number) => {
  switch (type) {
    case "LeastAllocated":
      return (requested, capacity) =>
        requested > capacity ? 0 : Math.floor(((capacity - requested) * MAX_NODE_SCORE) / capacity);
    case "MostAllocated":
      return (requested, capacity) => Math.floor((Math.min(requested, capacity) * MAX_NODE_SCORE) / capacity);
    case "RequestedToCapacityRatio": {
      const curve = brokenLine(shape.map(({ utilization, score }) => ({ utilization, score: score * 10 })));
      return (requested, capacity) => curve(requested > capacity ? 100 : Math.floor((requested * 100) / capacity));
    }
  }
};

/** A line through the points, level before the first and after the last. Source: `plugins/helper/shape_score.go`, v1.35.4. */
const brokenLine =
  (points: readonly { readonly utilization: number; readonly score: number }[]) =>
  (at: number): number => {
    const next = points.findIndex(({ utilization }) => at <= utilization);
    const to = points[next];
    if (to === undefined) return points.at(-1)?.score ?? 0;
    const from = points[next - 1];
    if (from === undefined) return to.score;
    const rise = (to.score - from.score) * (at - from.utilization);
    return from.score + Math.trunc(rise / (to.utilization - from.utilization));
  };
