import type { ScenarioWorld } from "./world.ts";
import type { WorldNode } from "./world-state.ts";

/** The machine no longer answers: nothing on it starts or ends any more; the API server does not know yet. */
export const nodeFails = (node: WorldNode): void => {
  node.isDown = true;
};

/** The grace period is over: the node is NotReady, its pods count as not ready. */
export const nodeLost = (world: ScenarioWorld, node: WorldNode): void => {
  node.ready = false;
  node.readySince = world.now;
  for (const pod of node.pods) {
    const { workload } = pod;
    if (workload === undefined || (pod.phase !== "ready" && pod.phase !== "starting")) continue;
    world.book.move(pod, "lost");
    world.hasChanged(workload);
  }
  world.showNode(node);
};

/** Tolerations of the unreachable node have run out: its pods are to be deleted, and others are made. */
export const evictLost = (world: ScenarioWorld, node: WorldNode): void => {
  for (const pod of [...node.pods]) if (pod.workload !== undefined && pod.phase === "lost") world.replace(pod);
};

/** The machine answers again: what was to end ends, the rest is ready. */
export const nodeReturns = (world: ScenarioWorld, node: WorldNode): void => {
  node.isDown = false;
  node.ready = true;
  node.readySince = world.now;
  for (const pod of [...node.pods]) {
    const { workload } = pod;
    if (workload === undefined) continue;
    if (pod.phase === "terminating") world.after(workload.stopTime, "pod stops", () => world.drop(pod));
    else if (pod.phase === "lost") world.becomeReady(pod);
    else if (pod.phase === "starting") world.scheduling.start(pod, node);
  }
  world.showNode(node);
};
