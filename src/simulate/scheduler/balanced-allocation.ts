import { MAX_NODE_SCORE, type ScorePlugin } from "./framework.ts";
import { resourceReaders } from "./resource-scorer.ts";

/** Nodes whose resources would be used evenly are better. Source: `plugins/noderesources/balanced_allocation.go`, v1.35.4. */
export const balancedAllocation: ScorePlugin = {
  name: "NodeResourcesBalancedAllocation",
  prepare: ({ state, pod, profile }) => {
    const { plain } = pod.podClass.shape.scoreRequests;
    if (profile.balancedResources.every(({ name }) => (plain.get(name) ?? 0) === 0)) return "skip";
    const readers = resourceReaders(state, pod, profile.balancedResources, false);
    const fractions: number[] = [];
    return {
      score: (row) => {
        fractions.length = 0;
        for (const { allocatable, requested } of readers) {
          const capacity = allocatable(row);
          if (capacity !== 0) fractions.push(Math.min(1, requested(row) / capacity));
        }
        return Math.trunc((1 - deviation(fractions)) * MAX_NODE_SCORE);
      },
    };
  },
};

/** The standard deviation; half the distance when there are two. */
export const deviation = (fractions: readonly number[]): number => {
  if (fractions.length < 2) return 0;
  if (fractions.length === 2) return Math.abs(((fractions[0] ?? 0) - (fractions[1] ?? 0)) / 2);
  let total = 0;
  for (const fraction of fractions) total += fraction;
  const mean = total / fractions.length;
  let squares = 0;
  for (const fraction of fractions) squares += (fraction - mean) * (fraction - mean);
  return Math.sqrt(squares / fractions.length);
};
