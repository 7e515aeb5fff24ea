import type { WorkloadOutcome } from "./result.ts";
import type { ScenarioWorld } from "./world.ts";
import type { WorldPod, WorldWorkload } from "./world-state.ts";

interface Seen {
  low: number;
  high: number;
  longestPending: number;
}

/** Keeps each workload's extremes. */
export class WorkloadWatch {
  readonly #world: ScenarioWorld;
  readonly #seen = new Map<WorldWorkload, Seen>();

  constructor(world: ScenarioWorld) {
    this.#world = world;
    for (const workload of world.workloads) this.#of(workload);
  }

  look(workload: WorldWorkload): void {
    const seen = this.#of(workload);
    seen.low = Math.min(seen.low, workload.wanted);
    seen.high = Math.max(seen.high, workload.wanted);
  }

  bound(pod: WorldPod): void {
    if (pod.workload === undefined) return;
    const seen = this.#of(pod.workload);
    seen.longestPending = Math.max(seen.longestPending, this.#waited(pod));
  }

  finish(): readonly WorkloadOutcome[] {
    for (const pod of this.#world.pods.values()) if (pod.phase === "pending") this.bound(pod);
    return [...this.#seen].map(([{ address, lowestReady }, { low, high, longestPending }]) => ({
      workload: address,
      wanted: { low, high },
      lowestReady: Number.isFinite(lowestReady.share)
        ? { ready: lowestReady.ready, wanted: lowestReady.wanted, at: lowestReady.at }
        : { ready: 0, wanted: 0, at: 0 },
      longestPendingMs: longestPending,
    }));
  }

  #of(workload: WorldWorkload): Seen {
    const known = this.#seen.get(workload);
    if (known !== undefined) return known;
    const seen = { low: workload.wanted, high: workload.wanted, longestPending: 0 };
    this.#seen.set(workload, seen);
    return seen;
  }

  #waited({ createdAt }: WorldPod): number {
    return this.#world.now - Math.max(0, createdAt);
  }
}
