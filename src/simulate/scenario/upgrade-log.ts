import type { PoolUpgrade } from "./result.ts";
import type { ScenarioWorld } from "./world.ts";
import type { WorldPod, WorldWorkload } from "./world-state.ts";

/** One upgrade on its way, to be filled in as it goes. */
export interface OpenUpgrade {
  readonly pool: string;
  readonly what: PoolUpgrade["what"];
  readonly since: number;
  until: number | undefined;
  result: PoolUpgrade["result"];
  reason: string | undefined;
  readonly surge: number;
  readonly nodes: number;
  readonly blocked: Map<string, { nodes: number; longestMs: number; totalMs: number }>;
  readonly moves: Map<string, { workload: string; from: string; to: string; pods: number }>;
  readonly lowest: Map<string, { ready: number; wanted: number; at: number }>;
}

/** What happens to workloads while pools are upgraded. */
export class UpgradeLog {
  readonly #world: ScenarioWorld;
  readonly #all: OpenUpgrade[] = [];

  constructor(world: ScenarioWorld) {
    this.#world = world;
  }

  open(pool: string, what: PoolUpgrade["what"], surge: number, nodes: number): OpenUpgrade {
    const upgrade: OpenUpgrade = {
      pool,
      what,
      since: this.#world.now,
      until: undefined,
      result: "running",
      reason: undefined,
      surge,
      nodes,
      blocked: new Map(),
      moves: new Map(),
      lowest: new Map(),
    };
    this.#all.push(upgrade);
    return upgrade;
  }

  close(upgrade: OpenUpgrade, result: "done" | "failed", reason: string | undefined): void {
    upgrade.until = this.#world.now;
    upgrade.result = result;
    upgrade.reason = reason;
  }

  /** A drain was held up by a budget for so long. */
  blocked(upgrade: OpenUpgrade, budget: string, ms: number): void {
    const known = upgrade.blocked.get(budget);
    if (known === undefined) upgrade.blocked.set(budget, { nodes: 1, longestMs: ms, totalMs: ms });
    else {
      known.nodes += 1;
      known.longestMs = Math.max(known.longestMs, ms);
      known.totalMs += ms;
    }
  }

  moved(pod: WorldPod, from: string, to: string): void {
    const { workload } = pod;
    for (const upgrade of this.#running()) {
      const key = `${workload?.address} ${from} ${to}`;
      const known = upgrade.moves.get(key);
      if (known === undefined) upgrade.moves.set(key, { workload: workload?.address ?? "", from, to, pods: 1 });
      else known.pods += 1;
    }
  }

  look({ address, ready, wanted }: WorldWorkload): void {
    if (wanted === 0 || ready >= wanted) return;
    for (const upgrade of this.#running()) {
      const known = upgrade.lowest.get(address);
      if (known === undefined || ready / wanted < known.ready / known.wanted)
        upgrade.lowest.set(address, { ready, wanted, at: this.#world.now });
    }
  }

  finish(): readonly PoolUpgrade[] {
    return this.#all.map(({ blocked, moves, lowest, ...rest }) => ({
      ...rest,
      blocked: [...blocked].map(([budget, each]) => ({ budget, ...each })).sort((a, b) => b.longestMs - a.longestMs),
      moves: [...moves.values()],
      lowest: [...lowest].map(([workload, each]) => ({ workload, ...each })),
    }));
  }

  #running(): readonly OpenUpgrade[] {
    return this.#all.filter(({ result }) => result === "running");
  }
}
