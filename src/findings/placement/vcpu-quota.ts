import type { VcpuQuota } from "../../azure/sku-dump.ts";
import { vmSize } from "../../azure/vm-sizes.ts";
import { known } from "../../model/unknown.ts";
import type { Prediction } from "../../simulate/prediction.ts";
import { type ClusterPool, highestCount, isSpot, nameOf, poolsOf, surgeOf } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { violation } from "../violation.ts";

export const vcpuQuota: Rule = {
  code: "AKS2016",
  title: "vCPU quota is too small",
  severity: "error",
  explain: `A subscription has a quota of vCPUs for each VM family and for the region as a whole; spot nodes have one of their own. Surge nodes count too. The figures come from
\`az vm list-usage\`, given as \`usage\` in aks-twin.yaml. What the dump says is in use counts as other people's, less the nodes that the base of a review with --base has; without a
base the nodes of a cluster that runs already are counted twice, so it is a warning then unless the quota is too small for this cluster alone.
What happens: the apply, a scale-up or an upgrade ends with QuotaExceeded or "Insufficient vcpu quota requested …, remaining …".
Mend: ask for a larger quota, or lower max_count.
Source: support article "QuotaExceeded error during creation or upgrade".`,
  *check(world) {
    for (const [key, shares] of sharesByQuota(world)) {
      const quota = world.quotas?.get(key);
      if (quota === undefined) continue;
      const need = needOf(shares);
      const others = Math.max(0, quota.used - ownShare(world, key));
      const free = quota.limit - others;
      const [first] = shares;
      if (first === undefined || need.surge <= free) continue;
      const certain = need.predicted > quota.limit || (world.base !== undefined && need.predicted > free);
      yield violation(vcpuQuota, {
        subject: first.pool.address,
        range: first.pool.rangeAt("vm_size"),
        severity: certain ? "error" : "warning",
        detail: detailOf(world, quota, shares, need, others),
        evidence: {
          neededVcpus: need.surge,
          maxCountVcpus: need.max,
          predictedVcpus: need.predicted,
          quotaVcpus: quota.limit,
          usedVcpus: quota.used,
        },
      });
    }
  },
};

/** The first quota that a rotation goes past: while the temporary pool stands beside the new one both count, with all other pools. */
export const rotationQuota = (
  world: World,
  { cluster, pool }: ClusterPool,
): { readonly family: string; readonly needed: number; readonly free: number } | undefined => {
  for (const key of quotasOf(world, { cluster, pool })) {
    const quota = world.quotas?.get(key);
    if (quota === undefined) continue;
    const shares = sharesByQuota(world).get(key) ?? [];
    const own = shares.find((share) => share.pool.address === pool.address);
    const needed = needOf(shares).predicted + (own === undefined ? 0 : (own.predicted ?? own.max) * own.vcpus);
    const free = quota.limit - Math.max(0, quota.used - ownShare(world, key));
    if (needed > free) return { family: quota.family, needed, free };
  }
  return undefined;
};

/** What one pool asks of a quota. */
interface Share extends ClusterPool {
  readonly vcpus: number;
  readonly max: number;
  readonly surge: number;
  readonly predicted: number | undefined;
}

interface Need {
  readonly predicted: number;
  readonly max: number;
  readonly surge: number;
}

const sharesByQuota = (world: World): ReadonlyMap<string, readonly Share[]> => {
  const shares = new Map<string, Share[]>();
  if (world.quotas === undefined) return shares;
  for (const { cluster, pool } of poolsOf(world)) {
    const size = vmSize(known(pool.vmSize) ?? "", world.sizes);
    const max = highestCount(pool);
    if (size === undefined || max === undefined) continue;
    const predicted = predictedNodes(world.predictions, pool.address);
    const most = Math.max(max, predicted ?? 0);
    const share = { cluster, pool, vcpus: size.vcpus, max: most, surge: surgeOf(cluster, pool, most), predicted };
    for (const key of quotasOf(world, { cluster, pool })) shares.set(key, [...(shares.get(key) ?? []), share]);
  }
  return shares;
};

/** Spot nodes count against a quota of their own, others against their family's and the region's ("vCPU quotas"). */
const quotasOf = (world: World, { pool }: ClusterPool): readonly string[] => {
  const family = vmSize(known(pool.vmSize) ?? "", world.sizes)?.family?.toLowerCase();
  return isSpot(pool) ? ["lowprioritycores"] : ["cores", ...(family === undefined ? [] : [family])];
};

const predictedNodes = (predictions: readonly Prediction[], address: string): number | undefined =>
  predictions.flatMap(({ pools }) => pools).find((pool) => pool.address === address)?.nodes.predicted.high;

const needOf = (shares: readonly Share[]): Need => ({
  predicted: shares.reduce((sum, { predicted, vcpus }) => sum + (predicted ?? 0) * vcpus, 0),
  max: shares.reduce((sum, { max, vcpus }) => sum + max * vcpus, 0),
  surge: shares.reduce((sum, { max, surge, vcpus }) => sum + (max + surge) * vcpus, 0),
});

/** vCPUs of the nodes that run before the change: they are among what the dump says is used. */
const ownShare = (world: World, key: string): number => {
  const { base } = world;
  if (base === undefined) return 0;
  return poolsOf(base)
    .filter((entry) => quotasOf(world, entry).includes(key))
    .reduce((sum, { pool }) => {
      const nodes = predictedNodes(base.predictions, pool.address) ?? known(pool.nodeCount) ?? 0;
      return sum + nodes * (vmSize(known(pool.vmSize) ?? "", world.sizes)?.vcpus ?? 0);
    }, 0);
};

const detailOf = (world: World, quota: VcpuQuota, shares: readonly Share[], need: Need, others: number): string => {
  const free = quota.limit - others;
  const [moment, needed] =
    need.predicted > free
      ? (["at the predicted load already", need.predicted] as const)
      : need.max > free
        ? (["at their highest counts", need.max] as const)
        : (["while they upgrade at their highest counts", need.surge] as const);
  const parts = shares.map(({ pool, vcpus, predicted, max, surge }) => {
    const nodes = needed === need.predicted ? (predicted ?? 0) : needed === need.max ? max : max + surge;
    return `pool "${nameOf(pool)}" ${nodes} × ${vcpus}`;
  });
  const rest = needed === need.surge ? "" : `, and ${need.surge} at their highest counts with surge`;
  const used =
    world.base === undefined
      ? `${quota.used} in use`
      : `${others} in use by others (${quota.used} in all, less the nodes of the base)`;
  const doubt =
    world.base === undefined && quota.used > 0 && need.surge <= quota.limit
      ? " If this cluster runs already its own nodes are among those in use: compare with --base."
      : "";
  return `The pools need ${needed} vCPU of "${quota.family}" ${moment} (${parts.join(", ")})${rest}; ${free} are left of the quota of ${quota.limit}, ${used}.${doubt} Ask for a larger quota or lower max_count.`;
};
