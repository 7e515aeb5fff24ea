import type { FilterPlugin } from "./framework.ts";
import { tolerates } from "./taint-toleration.ts";

/** Cordoned nodes take only pods that tolerate the taint of the same meaning. Source: `plugins/nodeunschedulable`, v1.35.4. */
export const nodeUnschedulable: FilterPlugin = {
  name: "NodeUnschedulable",
  prepare: ({ state, pod }) => {
    const rejection = state.rejections.idOf(
      "NodeUnschedulable",
      "UnschedulableAndUnresolvable",
      "node(s) were unschedulable",
    );
    const taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };
    const tolerated = tolerates(pod.podClass.shape.tolerations, taint);
    return { filter: (row) => (state.nodes.unschedulable[row] === 1 && !tolerated ? rejection : 0) };
  },
};
