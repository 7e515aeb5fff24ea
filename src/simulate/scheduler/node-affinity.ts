import { compileNodeSelector, compileNodeSelectorTerm } from "../../kubernetes/selectors.ts";
import { type FilterPlugin, normalizeByMax, type ScorePlugin } from "./framework.ts";

const name = "NodeAffinity";

/** nodeSelector, required node affinity and the profile's added affinity. Source: `plugins/nodeaffinity`, v1.35.4. */
export const nodeAffinityFilter: FilterPlugin = {
  name,
  prepare: ({ state, pod, profile }) => {
    const { requiredNodeAffinity: required, nodeNames } = pod.podClass.shape;
    const addedRequired = profile.addedAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    if (required === undefined && addedRequired === undefined) return "skip";
    const idOf = (reason: string) => state.rejections.idOf(name, "UnschedulableAndUnresolvable", reason);
    if (nodeNames?.size === 0) return { reject: idOf("pod affinity terms conflict") };
    const added = addedRequired === undefined ? undefined : compileNodeSelector(addedRequired);
    const enforced = idOf("node(s) didn't match scheduler-enforced node affinity");
    const mismatch = idOf("node(s) didn't match Pod's node affinity/selector");
    const { nodes } = state;
    return {
      filter: (row) => {
        const labels = nodes.labels[row];
        const nodeName = nodes.names[row] ?? "";
        if (added !== undefined && !added.matches(labels, nodeName)) return enforced;
        return required === undefined || required.matches(labels, nodeName) ? 0 : mismatch;
      },
      ...(nodeNames === undefined ? {} : { nodeNames }),
    };
  },
};

/** The sum of the weights of preferred terms that match. Source: as above. */
export const nodeAffinityScore: ScorePlugin = {
  name,
  prepare: ({ state, pod, profile }) => {
    const { preferredNodeTerms, preferredProblem } = pod.podClass.shape;
    const added = profile.addedAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    if (preferredProblem !== undefined) return { error: preferredProblem };
    const terms = [
      ...added.map(({ weight, preference }) => ({ weight, matcher: compileNodeSelectorTerm(preference) })),
      ...preferredNodeTerms,
    ];
    const given = pod.pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
    if ((given === undefined || given === null) && added.length === 0) return "skip";
    const { nodes } = state;
    return {
      score: (row) => {
        let sum = 0;
        for (const { weight, matcher } of terms) {
          if (matcher.matches(nodes.labels[row], nodes.names[row] ?? "")) sum += weight;
        }
        return sum;
      },
      normalize: (scores: Float64Array) => normalizeByMax(scores, false),
    };
  },
};
