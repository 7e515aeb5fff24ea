import type { ScenarioAction, ScenarioEvent } from "../../model/scenario.ts";
import { evictLost, nodeFails, nodeLost, nodeReturns } from "./node-life.ts";
import { rotatePool, type UpgradeContext, upgradePools } from "./upgrade.ts";
import type { UpgradeLog } from "./upgrade-log.ts";
import type { ScenarioWorld } from "./world.ts";
import type { WorldPools } from "./world-pools.ts";
import type { WorldNode, WorldPool } from "./world-state.ts";

/** Kube-controller-manager's `--node-monitor-grace-period` since 1.32, and the tolerations that admission gives every pod. */
const GRACE_MS = 50_000;
const TOLERATION_MS = 300_000;
/** One node of a zone every ten seconds is tainted for eviction (`--node-eviction-rate`). */
const EVICTION_MS = 10_000;
/** AKS repairs a node that is NotReady for ten minutes; with its restart fifteen, an assumption. */
const REPAIR_MS = 900_000;
/** Notice before a spot machine is taken ("Use Azure Spot Virtual Machines"). */
const NOTICE_MS = 30_000;

/** Plans the scenario's events; returns what cannot be played. */
export const startActions = (
  world: ScenarioWorld,
  pools: WorldPools,
  log: UpgradeLog,
  events: readonly ScenarioEvent[],
  /** Begins the change under review; undefined where there is none to apply. */
  apply: ((manifests: "after" | "before") => void) | undefined,
): readonly string[] => {
  const context = { world, pools, log };
  const problems: string[] = [];
  for (const { at, action } of events) {
    const problem =
      action.kind === "apply" && apply === undefined
        ? "apply: there is no base to begin with; give --base, --base-ref or --base-plan"
        : problemOf(context, action);
    if (problem !== undefined) problems.push(problem);
    else world.after(at, action.kind, () => play(context, action, apply), 1);
  }
  return problems;
};

const problemOf = ({ world, pools }: UpgradeContext, action: ScenarioAction): string | undefined => {
  if (action.kind === "deploy" || action.kind === "scale") {
    const workload = world.workload(action.workload);
    if (workload === undefined) return `${action.kind}: there is no "${action.workload}"`;
    if (action.kind === "deploy" && workload.kind !== "Deployment" && workload.kind !== "StatefulSet")
      return `deploy of ${action.workload}: only Deployments and StatefulSets roll out`;
    if (action.kind === "scale" && !["Deployment", "StatefulSet", "ReplicaSet"].includes(workload.kind))
      return `scale of ${action.workload}: it has no replicas`;
  }
  const named =
    action.kind === "upgrade" ? action.pools : "pool" in action && action.pool !== undefined ? [action.pool] : [];
  const missing = named.find((name) => pools.named(name) === undefined);
  return missing === undefined ? undefined : `${action.kind}: there is no pool "${missing}"`;
};

const play = (
  context: UpgradeContext,
  action: ScenarioAction,
  apply: (manifests: "after" | "before") => void = () => {},
): void => {
  const { world, pools } = context;
  const isOperation =
    action.kind === "upgrade" || action.kind === "rotatePool" || action.kind === "stop" || action.kind === "apply";
  const [running] = pools.operations;
  if (isOperation && running !== undefined) {
    world.tell(action.kind, "cluster", `refused: ${running} is in progress`);
    return;
  }
  switch (action.kind) {
    case "deploy": {
      const workload = world.workload(action.workload);
      world.tell("deploy", action.workload, action.image ?? "restart of all pods");
      if (workload !== undefined) world.deploy(workload, action.image);
      return;
    }
    case "scale": {
      const workload = world.workload(action.workload);
      world.tell("scale", action.workload, `to ${action.replicas} replicas`);
      if (workload !== undefined) world.scale(workload, action.replicas);
      return;
    }
    case "nodeFailure": {
      const nodes = candidates(context, action.pool).slice(0, action.count);
      failNodes(world, nodes, action.duration ?? REPAIR_MS);
      return;
    }
    case "zoneLoss":
      loseZone(context, action.zone, action.duration);
      return;
    case "spotEviction":
      evictSpot(context, action);
      return;
    case "registryDown": {
      const registry = action.registry ?? "*";
      world.downRegistries.add(registry);
      world.tell("registry", registry, "does not answer");
      later(world, action.duration, "registry up", () => {
        world.downRegistries.delete(registry);
        world.tell("registry", registry, "answers again");
      });
      return;
    }
    case "provisioningFailure": {
      const hit = action.pool === undefined ? pools.all : pools.all.filter(({ pool }) => pool.name === action.pool);
      refuse(world, hit, action.reason, action.duration);
      return;
    }
    case "upgrade":
      upgradePools(
        context,
        action.pools.length === 0 ? pools.all : pools.all.filter(({ pool }) => action.pools.includes(pool.name)),
        action.what,
      );
      return;
    case "rotatePool": {
      const pool = pools.named(action.pool);
      if (pool !== undefined) rotatePool(context, pool);
      return;
    }
    case "stop":
      stop(context, action.duration);
      return;
    case "apply":
      apply(action.manifests);
      return;
  }
};

const later = (world: ScenarioWorld, duration: number | undefined, label: string, run: () => void): void => {
  if (duration !== undefined) world.after(duration, label, run, 1);
};

const candidates = ({ world }: UpgradeContext, pool: string | undefined): readonly WorldNode[] =>
  [...world.nodes.values()].filter((node) => !node.isDown && (pool === undefined || node.pool.pool.name === pool));

/** Machines stop answering; the node controller notices, waits for the tolerations, and evicts node by node. */
const failNodes = (world: ScenarioWorld, nodes: readonly WorldNode[], duration: number | undefined): void => {
  nodes.forEach((node, index) => {
    const isThere = (): boolean => world.nodes.get(node.name) === node && node.isDown;
    nodeFails(node);
    world.tell("node", `Node/${node.name}`, "stops answering");
    world.after(GRACE_MS, "node lost", () => {
      if (!isThere()) return;
      nodeLost(world, node);
      world.after(TOLERATION_MS + index * EVICTION_MS, "evict lost", () => {
        if (isThere()) evictLost(world, node);
      });
    });
    later(world, duration, "node returns", () => {
      if (!isThere()) return;
      nodeReturns(world, node);
      world.tell("node", `Node/${node.name}`, "answers again");
    });
  });
};

const loseZone = ({ world, pools }: UpgradeContext, name: string, duration: number | undefined): void => {
  const zones = new Set(
    pools.all.flatMap(({ pool }) => pool.template.zones).filter((zone) => zone === name || zone.endsWith(`-${name}`)),
  );
  for (const zone of zones) pools.lostZones.add(zone);
  const nodes = [...world.nodes.values()].filter(
    ({ zone, isDown }) => !isDown && zone !== undefined && zones.has(zone),
  );
  world.tell("zone", `zone ${name}`, `is lost, with ${nodes.length} nodes`);
  failNodes(world, nodes, duration);
  later(world, duration, "zone returns", () => {
    for (const zone of zones) pools.lostZones.delete(zone);
    world.tell("zone", `zone ${name}`, "is back");
  });
};

const evictSpot = (context: UpgradeContext, action: Extract<ScenarioAction, { kind: "spotEviction" }>): void => {
  const { world, pools } = context;
  const hit = pools.all.filter(({ pool }) => pool.spot && (action.pool === undefined || pool.name === action.pool));
  const nodes = candidates(context, undefined)
    .filter(({ pool }) => hit.includes(pool))
    .slice(0, action.count);
  world.tell("spot", hit.map(({ pool }) => `pool ${pool.name}`).join(", "), `${nodes.length} machines are taken back`);
  refuse(world, hit, "SkuNotAvailable: no spot capacity", action.duration);
  world.after(NOTICE_MS, "spot eviction", () => pools.lose(nodes.map(({ name }) => name)));
};

const refuse = (
  world: ScenarioWorld,
  pools: readonly WorldPool[],
  reason: string,
  duration: number | undefined,
): void => {
  for (const pool of pools) {
    pool.refusal = reason;
    later(world, duration, "capacity returns", () => {
      pool.refusal = undefined;
    });
  }
};

/** Stops the cluster: all machines go, all pods wait. Started again, each pool has the nodes it had. */
const stop = ({ world, pools }: UpgradeContext, duration: number | undefined): void => {
  const counts = pools.all.map((pool) => ({ pool, count: pool.instances.length }));
  pools.operations.add("the stop of the cluster");
  world.isStopped = true;
  world.tell("cluster", "cluster", "is stopped");
  for (const { pool } of counts) pools.lose([...pool.instances]);
  later(world, duration, "start", () => {
    pools.operations.delete("the stop of the cluster");
    world.isStopped = false;
    world.tell("cluster", "cluster", "is started");
    for (const { pool, count } of counts) if (count > 0) pools.increase(pool, count);
    world.resume();
  });
};
