import type { ScenarioWorld } from "./world.ts";
import type { WorldNode } from "./world-state.ts";

/** `kubectl drain` and AKS ask again after five seconds where a budget refused. */
const RETRY_MS = 5_000;

export type DrainResult =
  | { readonly kind: "drained" | "gone" }
  | { readonly kind: "timeout"; readonly budget: string | undefined };

/** Cordons a node and evicts its pods, but for those of DaemonSets, until none is left or the time is over. */
export const drain = (
  world: ScenarioWorld,
  node: WorldNode,
  timeoutMs: number,
  blocked: (budget: string, ms: number) => void,
  done: (result: DrainResult) => void,
): void => {
  const until = world.now + timeoutMs;
  /** Budgets that refuse at present, since when. */
  const since = new Map<string, number>();
  const settle = (refusing: ReadonlySet<string>): void => {
    for (const budget of refusing) if (!since.has(budget)) since.set(budget, world.now);
    for (const [budget, from] of since)
      if (!refusing.has(budget)) {
        blocked(budget, world.now - from);
        since.delete(budget);
      }
  };
  const look = (): void => {
    if (world.nodes.get(node.name) !== node) {
      settle(new Set());
      done({ kind: "gone" });
      return;
    }
    const refusing = new Set<string>();
    let left = 0;
    for (const pod of [...node.pods]) {
      if (pod.workload === undefined) continue;
      left += 1;
      if (pod.phase === "terminating") continue;
      const verdict = world.evict(pod);
      if (!verdict.allowed) refusing.add(verdict.budget);
    }
    settle(refusing);
    if (left === 0) {
      done({ kind: "drained" });
      return;
    }
    if (world.now >= until) {
      settle(new Set());
      done({ kind: "timeout", budget: [...refusing][0] });
      return;
    }
    world.after(RETRY_MS, "drain", look);
  };
  node.isCordoned = true;
  world.showNode(node);
  look();
};
