import type { PodPhase, WorldPod } from "./world-state.ts";

/** Pods of workloads by phase. */
type PodTotals = Record<"pending" | "starting" | "ready" | "lost" | "terminating" | "preempted", number>;

/** Which pods there are, in which phase, and what they request: every count moves here, and only here. */
export class PodBook {
  readonly pods = new Map<string, WorldPod>();
  readonly pending = new Set<WorldPod>();
  readonly totals: PodTotals = { pending: 0, starting: 0, ready: 0, lost: 0, terminating: 0, preempted: 0 };
  readonly use = { milliCpu: 0, memory: 0, allocatableMilliCpu: 0, allocatableMemory: 0 };

  /** A new pod of a workload: it waits. */
  enter(pod: WorldPod): void {
    const { workload, revision } = pod;
    if (workload === undefined || revision === undefined) return;
    this.pods.set(pod.key, pod);
    workload.active.add(pod);
    revision.pods.add(pod);
    this.totals.pending += 1;
    this.#arrive(pod);
  }

  move(pod: WorldPod, phase: PodPhase): void {
    if (pod.workload === undefined) return;
    this.#depart(pod);
    this.totals[pod.phase] -= 1;
    this.totals[phase] += 1;
    pod.phase = phase;
    this.#arrive(pod);
  }

  /** The pod is on its way out: what is wanted in its place is made anew. */
  release(pod: WorldPod): void {
    this.move(pod, "terminating");
    pod.workload?.active.delete(pod);
    pod.revision?.pods.delete(pod);
    pod.workload?.leaving.add(pod);
  }

  /** The pod is gone for good. */
  remove(pod: WorldPod): void {
    this.pods.delete(pod.key);
    const { workload } = pod;
    if (workload === undefined) return;
    this.#depart(pod);
    this.totals[pod.phase] -= 1;
    workload.active.delete(pod);
    workload.leaving.delete(pod);
    pod.revision?.pods.delete(pod);
  }

  /** What a pod requests on a node comes with 1 and goes with -1. */
  load({ milliCpu, memory }: WorldPod, sign: 1 | -1): void {
    this.use.milliCpu += sign * milliCpu;
    this.use.memory += sign * memory;
  }

  /** So does what a node has to give. */
  room({ milliCpu, memory }: { readonly milliCpu: number; readonly memory: number }, sign: 1 | -1): void {
    this.use.allocatableMilliCpu += sign * milliCpu;
    this.use.allocatableMemory += sign * memory;
  }

  #depart(pod: WorldPod): void {
    const { workload, phase } = pod;
    if (workload === undefined) return;
    if (phase === "pending") {
      this.pending.delete(pod);
      workload.pending -= 1;
    } else if (phase === "ready") workload.ready -= 1;
  }

  #arrive(pod: WorldPod): void {
    const { workload, phase } = pod;
    if (workload === undefined) return;
    workload.version += 1;
    if (phase === "pending") {
      this.pending.add(pod);
      workload.pending += 1;
    } else if (phase === "ready") workload.ready += 1;
  }
}
