import type { PoolNodeCounts } from "./capacity-model.ts";
import { replicasAtMost } from "./capacity-moments.ts";
import type { Prepared } from "./predict.ts";
import type { PredictedPool } from "./predict-pools.ts";

/** More nodes of one pool than these are not tried beyond its max_count. */
const triedBeyond = 64;

type Counts = ReadonlyMap<string, number>;
type Load = "low" | "high" | "hpaMax";

/**
 * The smallest node counts that carry each load: all pods placed that any number of nodes would place. The pools are made small one after the
 * other, by bisection, each with those before it at their smallest and those after it at what the autoscaler rests at, system pools last. They keep one
 * node ("Manage system node pools in AKS").
 */
export const smallestNodeCounts = (
  prepared: Prepared,
  rests: Readonly<Record<Load, Counts>>,
): readonly PoolNodeCounts[] => {
  const { replicas, pools } = prepared;
  const loads: Readonly<Record<Load, Counts>> = {
    low: replicas.low,
    high: replicas.high,
    hpaMax: replicasAtMost(prepared),
  };
  const needed = {
    low: smallest(prepared, loads.low, rests.low),
    high: smallest(prepared, loads.high, rests.high),
    hpaMax: smallest(prepared, loads.hpaMax, rests.hpaMax),
  };
  return pools.map((pool): PoolNodeCounts => {
    const of = (load: Load): number => needed[load].get(pool.name) ?? 0;
    const zones = pool.template.zones.length;
    return {
      pool: pool.name,
      configured: { min: pool.min, max: pool.max },
      needed: { low: of("low"), high: of("high"), hpaMax: of("hpaMax") },
      smallest: { min: of("low"), max: Math.max(of("low"), of("high")) },
      notes: [
        ...(zones > 1 && of("low") < zones ? [`fewer than ${zones} nodes leave a zone empty`] : []),
        ...(pool.system && of("high") < 2
          ? ["AKS asks for two nodes in a system pool (Manage system node pools in AKS)"]
          : []),
        ...(of("hpaMax") > pool.max ? [`max_count ${pool.max} is less than every HPA at maxReplicas needs`] : []),
      ],
    };
  });
};

const smallest = (prepared: Prepared, replicas: Counts, atRest: Counts): Counts => {
  const counts = new Map(prepared.pools.map((pool) => [pool.name, Math.max(atRest.get(pool.name) ?? 0, least(pool))]));
  const waiting = (given: Counts): number =>
    prepared.run(
      replicas,
      prepared.pools.map((pool) => ({ ...pool, autoscaling: false, initial: given.get(pool.name) ?? 0 })),
    ).pending.length;
  let best = waiting(counts);
  // Where pods wait at the limits, each pool is doubled for as long as that places more.
  for (const pool of prepared.pools) {
    while (best > 0 && (counts.get(pool.name) ?? 0) < pool.max + triedBeyond) {
      const more = new Map(counts).set(pool.name, Math.max(1, 2 * (counts.get(pool.name) ?? 0)));
      const left = waiting(more);
      if (left >= best) break;
      best = left;
      counts.set(pool.name, more.get(pool.name) ?? 0);
    }
  }
  for (const pool of [...prepared.pools].sort(dearestFirst)) {
    let enough = counts.get(pool.name) ?? 0;
    let short = least(pool) - 1;
    while (enough - short > 1) {
      const middle = Math.floor((enough + short) / 2);
      if (waiting(new Map(counts).set(pool.name, middle)) <= best) enough = middle;
      else short = middle;
    }
    counts.set(pool.name, enough);
  }
  return counts;
};

/** The pools of the user before those of the system, whose pods would else move over to them; larger sizes first. */
const dearestFirst = (a: PredictedPool, b: PredictedPool): number =>
  Number(a.system) - Number(b.system) || b.template.size.vcpus - a.template.size.vcpus;

const least = (pool: PredictedPool): number => (pool.system ? 1 : 0);
