import type { WorkloadOutcome } from "./result.ts";
import type { ScenarioWorld } from "./world.ts";
import type { WorldPod, WorldWorkload } from "./world-state.ts";

/** Keeps each workload's extremes. */
export class WorkloadWatch {
  readonly #world: ScenarioWorld;
  readonly #seen = new Map<WorldWorkload, { low: number; high: number; longestPending: number }>();

  constructor(world: ScenarioWorld) {
    this.#world = world;
    for (const workload of world.workloads)
      this.#seen.set(workload, { low: workload.wanted, high: workload.wanted, longestPending: 0 });
  }

  look(workload: WorldWorkload): void {
    const seen = this.#seen.get(workload);
    if (seen === undefined) return;
    seen.low = Math.min(seen.low, workload.wanted);
    seen.high = Math.max(seen.high, workload.wanted);
  }

  bound(pod: WorldPod): void {
    const seen = pod.workload === undefined ? undefined : this.#seen.get(pod.workload);
    if (seen !== undefined) seen.longestPending = Math.max(seen.longestPending, this.#waited(pod));
  }

  finish(): readonly WorkloadOutcome[] {
    for (const pod of this.#world.pods.values()) if (pod.phase === "pending") this.bound(pod);
    return [...this.#seen].map(([{ address, lowestReady }, { low, high, longestPending }]) => ({
      workload: address,
      wanted: { low, high },
      lowestReady: { ready: lowestReady.ready, wanted: lowestReady.wanted, at: lowestReady.at },
      longestPendingMs: longestPending,
    }));
  }

  #waited({ createdAt }: WorldPod): number {
    return this.#world.now - Math.max(0, createdAt);
  }
}
