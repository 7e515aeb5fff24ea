import type { Taint } from "../../kubernetes/node.ts";
import type { Toleration } from "../../kubernetes/pod.ts";
import { type FilterPlugin, normalizeByMax, type ScorePlugin } from "./framework.ts";

const name = "TaintToleration";

/** Taints with NoSchedule and NoExecute must be tolerated. Source: `plugins/tainttoleration`, v1.35.4. */
export const taintTolerationFilter: FilterPlugin = {
  name,
  prepare: ({ state, pod }) => {
    const rejection = state.rejections.idOf(name, "UnschedulableAndUnresolvable", "node(s) had untolerated taint(s)");
    const { tolerations } = pod.podClass.shape;
    const bySet = state.nodes.taintSets.map((taints) => (hasUntoleratedTaint(taints, tolerations) ? rejection : 0));
    return { filter: (row) => bySet[state.nodes.taintSet[row] ?? 0] ?? 0 };
  },
};

/** Nodes with fewer untolerated PreferNoSchedule taints are better. Source: as above. */
export const taintTolerationScore: ScorePlugin = {
  name,
  prepare: ({ state, pod }) => {
    const { tolerations } = pod.podClass.shape;
    const bySet = state.nodes.taintSets.map((taints) => countUntoleratedPreferences(taints, tolerations));
    return {
      score: (row) => bySet[state.nodes.taintSet[row] ?? 0] ?? 0,
      normalize: (scores: Float64Array) => normalizeByMax(scores, true),
    };
  },
};

/** Whether some taint keeps the pod away. */
export const hasUntoleratedTaint = (taints: readonly Taint[], tolerations: readonly Toleration[]): boolean =>
  taints.some(
    (taint) => (taint.effect === "NoSchedule" || taint.effect === "NoExecute") && !tolerates(tolerations, taint),
  );

export const countUntoleratedPreferences = (taints: readonly Taint[], tolerations: readonly Toleration[]): number => {
  const relevant = tolerations.filter(({ effect }) => !effect || effect === "PreferNoSchedule");
  return taints.filter((taint) => taint.effect === "PreferNoSchedule" && !tolerates(relevant, taint)).length;
};

/**
 * Whether some toleration covers the taint. The operators Lt and Gt are behind a gate that is off in 1.35 and cover nothing.
 * Source: api v0.35 `core/v1/toleration.go` (ToleratesTaint).
 */
export const tolerates = (tolerations: readonly Toleration[], taint: Taint): boolean =>
  tolerations.some((toleration) => {
    if (toleration.effect && toleration.effect !== taint.effect) return false;
    if (toleration.key && toleration.key !== taint.key) return false;
    const operator = toleration.operator ?? "";
    if (operator === "Exists") return true;
    return (operator === "" || operator === "Equal") && (toleration.value ?? "") === (taint.value ?? "");
  });
