import { addressOf } from "../../kubernetes/object.ts";
import type { DaemonSet } from "../../kubernetes/workloads.ts";
import { expandWorkload } from "../controllers/expand-workload.ts";
import { requestsOf } from "../predict-requests.ts";
import { type AdmissionClasses, admitPod } from "../scheduler/admit-pod.ts";
import { keyOf } from "../scheduler/cluster-run.ts";
import type { WorldNode, WorldPod } from "./world-state.ts";

/** The pod of a DaemonSet for a node, ready at once; undefined where the node is none of its own, `"full"` where it does not fit. */
export const daemonPodFor = (
  daemon: DaemonSet,
  node: WorldNode,
  classes: AdmissionClasses,
  now: number,
): WorldPod | "full" | undefined => {
  const made = expandWorkload(daemon, undefined, [node.base]).pods[0];
  if (made === undefined) return undefined;
  const name = `${daemon.metadata.name}-${node.name}`;
  const object = admitPod({ ...made, metadata: { ...made.metadata, name } }, classes);
  const { milliCpu, memory } = requestsOf(object);
  if (!hasRoom(node, milliCpu, memory)) return "full";
  return {
    key: keyOf(object),
    object,
    workload: undefined,
    revision: undefined,
    daemon: addressOf(daemon),
    createdAt: now,
    milliCpu,
    memory,
    movedFrom: undefined,
    phase: "ready",
    node: node.name,
    boundAt: now,
    readyAt: now,
    epoch: 0,
    isTold: false,
  };
};

const hasRoom = ({ pods, template }: WorldNode, milliCpu: number, memory: number): boolean => {
  const { allocatable, pods: mostPods } = template.resources;
  let cpu = milliCpu;
  let bytes = memory;
  for (const pod of pods) {
    cpu += pod.milliCpu;
    bytes += pod.memory;
  }
  return pods.size < mostPods && cpu <= allocatable.milliCpu && bytes <= allocatable.memory;
};
