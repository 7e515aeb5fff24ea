import { assumedKubernetesVersion } from "../azure/kubernetes-version.ts";
import type { AksCluster, NodePool } from "../azure/platform.ts";
import { upgradeSurge } from "../azure/upgrade-surge.ts";
import { type Fact, isUnknown, known } from "../model/unknown.ts";
import { isSpot } from "./nodes/node-template.ts";
import type { PoolPrediction, Prediction, SubnetPrediction } from "./prediction.ts";

/** What the apply does to a pool on its way from one configuration to the next. */
export interface PoolOnTheWay {
  readonly address: string;
  /** `upgrade`: surge nodes come first; `rotate`: a temporary pool of the same size stands in. */
  readonly kind: "upgrade" | "rotate";
  /** Nodes beside those of the pool. */
  readonly extraNodes: number;
  readonly because: string;
}

/** Attributes whose change makes azurerm cycle a pool through `temporary_name_for_rotation` (azurerm documentation, `kubernetes_cluster` and `kubernetes_cluster_node_pool`). */
const rotating: readonly (readonly [name: string, of: (pool: NodePool) => unknown])[] = [
  ["vm_size", (pool) => pool.vmSize],
  ["zones", (pool) => pool.zones],
  ["max_pods", (pool) => pool.maxPods],
  ["os_disk_type", (pool) => pool.osDiskType],
  ["os_disk_size_gb", (pool) => pool.osDiskSizeGb],
  ["kubelet_disk_type", (pool) => pool.kubeletDiskType],
  ["vnet_subnet_id", (pool) => pool.subnet?.address ?? known(pool.subnet?.id)],
  ["pod_subnet_id", (pool) => pool.podSubnet?.address ?? known(pool.podSubnet?.id)],
];

/**
 * Pools of the head that the apply upgrades or rotates, held against the base. A pool that would have to rotate and has no
 * `temporary_name_for_rotation` is left out: what becomes of it is a finding (AKS8xxx), not a moment of the apply.
 */
export const poolsOnTheWay = (
  base: AksCluster,
  head: AksCluster,
  nodes: ReadonlyMap<string, number>,
): readonly PoolOnTheWay[] => {
  const before = new Map(base.pools.map((pool) => [pool.address, pool]));
  return head.pools.flatMap((pool): readonly PoolOnTheWay[] => {
    const earlier = before.get(pool.address);
    if (earlier === undefined) return [];
    const count = nodes.get(pool.address) ?? 0;
    const changed = rotatingChanges(earlier, pool);
    if (changed.length > 0) {
      const because = `${changed.join(", ")} changes`;
      return known(pool.temporaryNameForRotation) === undefined
        ? []
        : [{ address: pool.address, kind: "rotate", extraNodes: count, because }];
    }
    const [from, to] = [versionOf(base, earlier), versionOf(head, pool)];
    if (from === to) return [];
    const surge = upgradeSurge(count, {
      maxSurge: known(pool.upgrade.maxSurge),
      kubernetesVersion: to,
      spot: isSpot(pool),
    });
    if (surge.nodes === 0) return [];
    return [{ address: pool.address, kind: "upgrade", extraNodes: surge.nodes, because: `${from} → ${to}` }];
  });
};

/** Attributes that change and make azurerm rotate the pool. */
export const rotatingChanges = (earlier: NodePool, pool: NodePool): readonly string[] =>
  rotating.filter(([, of]) => !isSame(of(earlier), of(pool))).map(([name]) => name);

/** The Kubernetes version of a pool. */
export const versionOf = (cluster: AksCluster, pool: NodePool): string =>
  known(pool.orchestratorVersion) ?? known(cluster.kubernetesVersion) ?? assumedKubernetesVersion;

/** Unknown on either side is no change that is known of. */
export const isSame = (a: unknown, b: unknown): boolean =>
  isUnknown(a as Fact<unknown>) || isUnknown(b as Fact<unknown>) || JSON.stringify(a) === JSON.stringify(b);

/** The head as it is while the pools are on their way, one after the other: the most nodes and addresses at a time. */
export const duringApply = (after: Prediction, onTheWay: readonly PoolOnTheWay[]): Prediction => {
  const extra = new Map(onTheWay.map((each) => [each.address, each.extraNodes]));
  return {
    ...after,
    pools: after.pools.map((pool): PoolPrediction => {
      const more = extra.get(pool.address) ?? 0;
      const { low, high } = pool.nodes.predicted;
      return { ...pool, nodes: { ...pool.nodes, predicted: { low: low + more, high: high + more } } };
    }),
    subnets: after.subnets.map((subnet) => withExtra(subnet, after.pools, extra)),
    events: onTheWay.map(({ address, kind, extraNodes, because }) => ({
      at: after.events[0]?.at ?? zero,
      subject: address,
      reason: kind,
      message: `${because}: ${extraNodes} more node${extraNodes === 1 ? "" : "s"} until its own are renewed`,
    })),
  };
};

const zero = 0 as Prediction["events"][number]["at"];

/** A subnet's parts name their pool; each grows with the pool's nodes. */
const withExtra = (
  subnet: SubnetPrediction,
  pools: readonly PoolPrediction[],
  extra: ReadonlyMap<string, number>,
): SubnetPrediction => {
  let used = 0;
  const parts = subnet.parts.map((part) => {
    const pool = pools.find(({ name }) => part.what.includes(`pool "${name}"`));
    const count = pool?.nodes.predicted.high ?? 0;
    const more = count === 0 ? 0 : Math.round(((extra.get(pool?.address ?? "") ?? 0) * part.used) / count);
    used += part.used + more;
    return { ...part, used: part.used + more, reserved: Math.max(0, part.reserved - Math.max(0, more)) };
  });
  const reserved = parts.reduce((sum, part) => sum + part.reserved, 0);
  return { ...subnet, used, reserved, free: subnet.usable - used - reserved, parts };
};
