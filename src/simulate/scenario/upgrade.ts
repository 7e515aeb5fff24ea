import { upgradeSurge } from "../../azure/upgrade-surge.ts";
import { known } from "../../model/unknown.ts";
import { drain } from "./drain.ts";
import type { OpenUpgrade, UpgradeLog } from "./upgrade-log.ts";
import type { ScenarioWorld } from "./world.ts";
import type { WorldPools } from "./world-pools.ts";
import type { WorldNode, WorldPool } from "./world-state.ts";

const MINUTE = 60_000;
/** Where `drain_timeout_in_minutes` is left out ("Upgrade options for AKS clusters"). */
const DRAIN_MINUTES = 30;

export interface UpgradeContext {
  readonly world: ScenarioWorld;
  readonly pools: WorldPools;
  readonly log: UpgradeLog;
}

/**
 * Upgrades pools one after another, system pools first: surge nodes come, each old node is cordoned, drained, left to soak and reimaged, the
 * surge nodes are drained and go ("Upgrade an AKS cluster"). A drain past its time ends the whole operation.
 */
export const upgradePools = (
  context: UpgradeContext,
  pools: readonly WorldPool[],
  what: "cluster" | "nodeImage",
): void => {
  const name = `the ${what} upgrade`;
  context.pools.operations.add(name);
  const next = ([pool, ...rest]: readonly WorldPool[]): void => {
    if (pool === undefined) {
      context.pools.operations.delete(name);
      return;
    }
    upgradePool(context, pool, what, (problem) => {
      if (problem === undefined) return next(rest);
      context.pools.operations.delete(name);
      if (rest.length > 0)
        context.world.tell(
          "upgrade",
          rest.map(({ pool: each }) => `pool ${each.name}`).join(", "),
          "not upgraded: the operation has failed",
        );
    });
  };
  next([...pools].sort((a, b) => Number(b.pool.system) - Number(a.pool.system)));
};

/**
 * Renews a pool by way of a temporary one, as azurerm does with `temporary_name_for_rotation`: twice all nodes are replaced. `count` is what
 * the pool has afterwards.
 */
export const rotatePool = (
  context: UpgradeContext,
  pool: WorldPool,
  done: Done = () => {},
  count = pool.instances.length,
): void => {
  const { world, pools } = context;
  const name = `the rotation of pool ${pool.pool.name}`;
  pools.operations.add(name);
  const upgrade = begin(context, pool, "rotation", count, count);
  const end = (problem: string | undefined): void => {
    pools.operations.delete(name);
    if (problem === undefined) finish(context, pool, upgrade);
    else fail(context, pool, upgrade, problem);
    done(problem);
  };
  const replaceAll = (next: () => void): void => {
    const old = nodesOf(world, pool);
    addAll(context, pool, count, (refusal) => {
      if (refusal !== undefined) return end(refusal);
      let open = old.length;
      let failed: string | undefined;
      for (const node of old)
        drainOne(context, pool, upgrade, node, (problem) => {
          failed ??= problem;
          if (problem === undefined) pools.remove([node.name]);
          open -= 1;
          if (open > 0) return;
          if (failed !== undefined) end(failed);
          else next();
        });
      if (old.length === 0) next();
    });
  };
  replaceAll(() => replaceAll(() => end(undefined)));
};

/** Drains nodes, all at once, and deletes the machines; the first node that is not drained in time ends it. */
export const drainAway = (
  context: UpgradeContext,
  pool: WorldPool,
  names: readonly string[],
  what: "deletion" | "scale-down",
  done: Done,
): void => {
  const { world, pools } = context;
  pool.isHeld = true;
  // Machines that are not there yet have nothing to drain.
  pools.remove(names.filter((name) => !world.nodes.has(name)));
  const nodes = names.flatMap((name) => world.nodes.get(name) ?? []);
  const upgrade = begin(context, pool, what, 0, nodes.length);
  drainAll(context, pool, upgrade, nodes, done);
};

/** How an operation ended: what went wrong, or nothing. */
export type Done = (problem: string | undefined) => void;

/** Upgrades one pool to what it is set to. */
export const upgradePool = (
  context: UpgradeContext,
  pool: WorldPool,
  what: "cluster" | "nodeImage",
  done: Done,
): void => {
  const { world, pools } = context;
  const nodes = nodesOf(world, pool);
  const { template, spot } = pool.pool;
  const { upgrade: settings } = pool.pool.pool;
  const { maxSurge, soakMinutes, maxUnavailable } = settings;
  const surge = upgradeSurge(nodes.length, {
    maxSurge: known(maxSurge),
    kubernetesVersion: template.kubernetesVersion,
    spot,
  }).nodes;
  const upgrade = begin(context, pool, what, surge, nodes.length);
  if (nodes.length === 0) {
    finish(context, pool, upgrade);
    done(undefined);
    return;
  }
  const before = new Set(nodes.map(({ name }) => name));
  const queue = [...nodes];
  const slots = Math.max(1, surge, surge === 0 ? Number.parseInt(known(maxUnavailable) ?? "1", 10) || 1 : 1);
  let busy = 0;
  let failed: string | undefined;
  const next = (): void => {
    if (failed !== undefined) {
      if (busy === 0) {
        fail(context, pool, upgrade, failed);
        done(failed);
      }
      return;
    }
    while (busy < slots && queue.length > 0) {
      const node = queue.shift();
      if (node === undefined) break;
      busy += 1;
      renew(node);
    }
    if (busy === 0 && queue.length === 0) removeSurge(context, pool, upgrade, before, done);
  };
  const renew = (node: WorldNode): void =>
    drainOne(context, pool, upgrade, node, (problem) => {
      const release = (): void => {
        busy -= 1;
        next();
      };
      if (problem !== undefined || world.nodes.get(node.name) !== node) {
        failed ??= problem;
        release();
        return;
      }
      world.after((known(soakMinutes) ?? 0) * MINUTE, "soak", () => {
        world.removeNode(node.name);
        world.after(pools.provisionTime(pool), "reimaged", () => {
          if (pool.instances.includes(node.name)) world.addNode(pools.renew(node));
          release();
        });
      });
    });
  addAll(context, pool, surge, (refusal) => {
    if (refusal === undefined) next();
    else {
      fail(context, pool, upgrade, refusal);
      done(refusal);
    }
  });
};

/** Drains what came on top and gives it back. */
const removeSurge = (
  context: UpgradeContext,
  pool: WorldPool,
  upgrade: OpenUpgrade,
  before: ReadonlySet<string>,
  done: Done,
): void => {
  const extra = nodesOf(context.world, pool)
    .filter(({ name }) => !before.has(name))
    .slice(0, upgrade.surge);
  drainAll(context, pool, upgrade, extra, done);
};

const drainOne = (
  { world, log }: UpgradeContext,
  pool: WorldPool,
  upgrade: OpenUpgrade,
  node: WorldNode,
  done: (problem: string | undefined) => void,
): void => {
  const minutes = known(pool.pool.pool.upgrade.drainTimeoutMinutes) ?? DRAIN_MINUTES;
  drain(
    world,
    node,
    minutes * MINUTE,
    (budget, ms) => log.blocked(upgrade, budget, ms),
    (result) => {
      const why = result.kind === "timeout" ? (result.budget ?? "pods that do not end") : "";
      done(result.kind === "timeout" ? `node ${node.name} is not drained after ${minutes} min: ${why}` : undefined);
    },
  );
};

/** Asks for nodes and waits until all are ready. */
export const addAll = (
  { pools }: UpgradeContext,
  pool: WorldPool,
  count: number,
  done: (refusal: string | undefined) => void,
): void => {
  if (count === 0) {
    done(undefined);
    return;
  }
  let open = count;
  const refusal = pools.increase(pool, count, () => {
    open -= 1;
    if (open === 0) done(undefined);
  });
  if (refusal !== undefined) done(refusal);
};

const begin = (
  { world, log }: UpgradeContext,
  pool: WorldPool,
  what: OpenUpgrade["what"],
  surge: number,
  nodes: number,
): OpenUpgrade => {
  pool.isHeld = true;
  pool.surged = surge;
  const more = surge === 0 ? "" : `, ${surge} more at a time`;
  world.tell("upgrade", `pool ${pool.pool.name}`, `${what} begins: ${nodes} nodes${more}`);
  return log.open(pool.pool.name, what, surge, nodes);
};

const finish = ({ world, log }: UpgradeContext, pool: WorldPool, upgrade: OpenUpgrade): void => {
  pool.isHeld = false;
  pool.surged = 0;
  log.close(upgrade, "done", undefined);
  world.tell("upgrade", `pool ${pool.pool.name}`, `${upgrade.what} is done`);
};

/** The nodes stay as they are: some renewed, some cordoned, the surge nodes with them. */
const fail = ({ world, log }: UpgradeContext, pool: WorldPool, upgrade: OpenUpgrade, reason: string): void => {
  pool.isHeld = false;
  log.close(upgrade, "failed", reason);
  world.tell("upgrade", `pool ${pool.pool.name}`, `${upgrade.what} has failed: ${reason}`);
};

const nodesOf = (world: ScenarioWorld, pool: WorldPool): WorldNode[] =>
  pool.instances.flatMap((name) => world.nodes.get(name) ?? []);

/** Drains and removes nodes side by side; done when the last one is gone or has failed. */
const drainAll = (
  context: UpgradeContext,
  pool: WorldPool,
  upgrade: OpenUpgrade,
  nodes: readonly WorldNode[],
  done: Done,
): void => {
  let open = nodes.length;
  let failed: string | undefined;
  const end = (): void => {
    if (failed === undefined) finish(context, pool, upgrade);
    else fail(context, pool, upgrade, failed);
    done(failed);
  };
  if (open === 0) end();
  for (const node of nodes)
    drainOne(context, pool, upgrade, node, (problem) => {
      failed ??= problem;
      if (problem === undefined) context.pools.remove([node.name]);
      open -= 1;
      if (open === 0) end();
    });
};
