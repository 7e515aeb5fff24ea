import type { FilterPlugin } from "./framework.ts";

/** A pod that names its node goes nowhere else. Source: `plugins/nodename`, v1.35.4. */
export const nodeName: FilterPlugin = {
  name: "NodeName",
  prepare: ({ state, pod }) => {
    const wanted = pod.pod.spec.nodeName;
    if (wanted === undefined || wanted === "") return "skip";
    const rejection = state.rejections.idOf(
      "NodeName",
      "UnschedulableAndUnresolvable",
      "node(s) didn't match the requested node name",
    );
    return { filter: (row) => (state.nodes.names[row] === wanted ? 0 : rejection) };
  },
};
