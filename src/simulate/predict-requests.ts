import type { Pod } from "../kubernetes/pod.ts";
import { type Bytes, bytes, type MilliCpu, milliCpu } from "../model/quantity.ts";
import { podRequests } from "./scheduler/requests.ts";

/** What pods ask of a node. */
export interface PodRequests {
  readonly milliCpu: MilliCpu;
  readonly memory: Bytes;
}

/** CPU and memory that the scheduler counts for the pod. Pods of one template share their spec, so each spec is counted once. */
export const requestsOf = (pod: Pod): PodRequests => {
  const kept = bySpec.get(pod.spec);
  if (kept !== undefined) return kept;
  const requests = podRequests(pod);
  const counted = {
    milliCpu: milliCpu(requests.get("cpu") ?? 0),
    memory: bytes(Math.ceil((requests.get("memory") ?? 0) / 1000)),
  };
  bySpec.set(pod.spec, counted);
  return counted;
};

const bySpec = new WeakMap<Pod["spec"], PodRequests>();
