import type { AksCluster, NodePool } from "../azure/platform.ts";
import { upgradeSurge } from "../azure/upgrade-surge.ts";
import type { VmSizeOverrides } from "../azure/vm-sizes.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { isUnknown, known, knownOr } from "../model/unknown.ts";
import { isSpot, type NodeTemplate, nodeTemplate } from "./nodes/node-template.ts";
import { configuredCount } from "./nodes/system-objects.ts";
import type { Assumption } from "./prediction.ts";

/** A node pool with the figures that the simulation starts from. */
export interface PredictedPool {
  readonly pool: NodePool;
  readonly name: string;
  readonly template: NodeTemplate;
  readonly subnetName: string | undefined;
  readonly autoscaling: boolean;
  /** Nodes when the apply ends. */
  readonly initial: number;
  readonly min: number;
  readonly max: number;
  /** Nodes that an upgrade adds when the pool stands at its largest. */
  readonly surge: number;
  readonly spot: boolean;
  readonly system: boolean;
}

export interface PredictedPools {
  readonly pools: readonly PredictedPool[];
  /** Names of pools whose VM size is not known: their nodes are missing from the prediction. */
  readonly leftOut: readonly string[];
  readonly assumptions: readonly Assumption[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The cluster's pools as far as their VM size is known; what is not known before apply is assumed and said. */
export const predictedPools = (cluster: AksCluster, sizes: VmSizeOverrides | undefined): PredictedPools => {
  const assumptions: Assumption[] = [];
  const diagnostics: Diagnostic[] = [];
  const leftOut: string[] = [];
  const names = new Set(cluster.pools.map((pool) => known(pool.name)));
  const pools = cluster.pools.flatMap((given): readonly PredictedPool[] => {
    const pool = known(given.name) === undefined ? { ...given, name: standInName(given, names) } : given;
    if (pool !== given) assumptions.push(nameAssumption(given, pool));
    const { value: template, diagnostics: problems } = nodeTemplate(
      cluster,
      pool,
      sizes === undefined ? {} : { sizes },
    );
    diagnostics.push(...problems);
    if (template === undefined) {
      leftOut.push(knownOr(pool.name, "?"));
      return [];
    }
    assumptions.push(...countAssumptions(pool));
    return [predictedPool(pool, template)];
  });
  return { pools, leftOut, assumptions, diagnostics };
};

const predictedPool = (pool: NodePool, template: NodeTemplate): PredictedPool => {
  const autoscaling = knownOr(pool.autoscaling, false);
  const initial = configuredCount(pool);
  const max = autoscaling ? Math.max(knownOr(pool.maxCount, initial), initial) : initial;
  const spot = isSpot(pool);
  return {
    pool,
    name: template.pool,
    template,
    subnetName: subnetNameOf(pool),
    autoscaling,
    initial,
    min: autoscaling ? knownOr(pool.minCount, 0) : initial,
    max,
    surge: upgradeSurge(max, {
      maxSurge: known(pool.upgrade.maxSurge),
      kubernetesVersion: template.kubernetesVersion,
      spot,
    }).nodes,
    spot,
    system: template.mode === "system",
  };
};

/** A name for a pool whose own is made at apply: what its address calls it, at most twelve letters and digits, not yet taken. */
const standInName = (pool: NodePool, taken: Set<string | undefined>): string => {
  const key = /\["([^"]*)"\]$/.exec(pool.address)?.[1] ?? pool.address.split(".").at(-1) ?? "pool";
  const base =
    key
      .toLowerCase()
      .replace(/[^a-z0-9]/g, "")
      .slice(0, 12) || "pool";
  let name = base;
  for (let count = 2; taken.has(name); count++) name = `${base.slice(0, 12 - String(count).length)}${count}`;
  taken.add(name);
  return name;
};

const nameAssumption = (given: NodePool, named: NodePool): Assumption => ({
  key: `poolName/${given.address}`,
  text: `The name of ${given.address} is made at apply; the pool is called "${knownOr(named.name, "?")}" here.`,
  override: "name in the configuration",
  certainty: "documented",
});

const subnetNameOf = (pool: NodePool): string | undefined => known(pool.subnet?.id)?.split("/").at(-1);

const countAssumptions = (pool: NodePool): readonly Assumption[] => {
  const unknownOnes = (
    [
      ["node_count", pool.nodeCount],
      ["min_count", pool.minCount],
      ["max_count", pool.maxCount],
      ["auto_scaling_enabled", pool.autoscaling],
    ] as const
  ).filter(([, fact]) => isUnknown(fact));
  return unknownOnes.map(([attribute]) => ({
    key: `${attribute}/${knownOr(pool.name, "?")}`,
    text: `${attribute} of pool "${knownOr(pool.name, "?")}" is not known before apply; the prediction starts from ${configuredCount(pool)} nodes.`,
    override: `${attribute} with -var or in the configuration`,
    certainty: "uncertain",
  }));
};
