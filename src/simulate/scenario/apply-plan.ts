import type { AksCluster, NodePool } from "../../azure/platform.ts";
import { known } from "../../model/unknown.ts";
import { isSame, rotatingChanges, versionOf } from "../predict-during.ts";
import type { PredictedPool } from "../predict-pools.ts";

/** What the apply does to one pool, in the order in which azurerm and AKS do it. */
export type PoolChange =
  | { readonly kind: "create"; readonly pool: PredictedPool }
  | { readonly kind: "delete"; readonly address: string; readonly name: string }
  | { readonly kind: "replace"; readonly address: string; readonly pool: PredictedPool; readonly because: string }
  | { readonly kind: "rotate"; readonly address: string; readonly pool: PredictedPool; readonly because: string }
  | { readonly kind: "refused"; readonly address: string; readonly name: string; readonly because: string }
  | {
      readonly kind: "update";
      readonly address: string;
      readonly pool: PredictedPool;
      /** `1.32 → 1.33`, where its nodes are upgraded. */
      readonly upgrade: string | undefined;
      /** Nodes that it is set to; undefined where the configuration leaves the number alone. */
      readonly count: number | undefined;
      readonly because: string;
    };

/** The apply in Terraform's order. */
export interface ApplyPlan {
  /** The cluster's own resource changes, its first pool among it: it waits for the pools that go, and the others wait for it. */
  readonly clusterChanges: boolean;
  readonly versions: { readonly from: string; readonly to: string } | undefined;
  readonly gone: readonly PoolChange[];
  /** The pool of the cluster's own resource. */
  readonly first: readonly PoolChange[];
  readonly others: readonly PoolChange[];
  /** Why it cannot be played at all. */
  readonly impossible: string | undefined;
  /** What is left out. */
  readonly notSupported: readonly string[];
}

interface Side {
  readonly cluster: AksCluster;
  readonly pools: readonly PredictedPool[];
}

/**
 * What becomes of the cluster and its pools between two configurations. Terraform destroys what depends on a resource before it updates that
 * resource, and creates and updates dependents after it (Terraform, `docs/destroying.md`); resources without a change wait for nobody.
 */
export const planApply = (base: Side, head: Side): ApplyPlan => {
  const before = new Map(base.pools.map((pool) => [pool.pool.address, pool]));
  const after = new Map(head.pools.map((pool) => [pool.pool.address, pool]));
  const declared = new Set(head.cluster.pools.map(({ address }) => address));
  const notSupported = head.cluster.pools
    .filter(({ address }) => !after.has(address))
    .map((pool) => `apply: pool "${known(pool.name) ?? pool.address}" is left out, since its VM size is not known`);
  const gone = base.pools
    .filter(({ pool }) => !declared.has(pool.address))
    .map(({ pool, name }): PoolChange => ({ kind: "delete", address: pool.address, name }));
  const first: PoolChange[] = [];
  const others: PoolChange[] = [];
  for (const pool of head.pools) {
    const earlier = before.get(pool.pool.address);
    const change: PoolChange | undefined =
      earlier === undefined ? { kind: "create", pool } : changeOf(base.cluster, head.cluster, earlier, pool);
    if (change !== undefined) (pool.pool.isDefault ? first : others).push(change);
  }
  const [from, to] = [known(base.cluster.kubernetesVersion), known(head.cluster.kubernetesVersion)];
  const versions = from === undefined || to === undefined || from === to ? undefined : { from, to };
  return {
    clusterChanges: first.length > 0 || versions !== undefined || shown(base.cluster) !== shown(head.cluster),
    versions,
    gone,
    first,
    others,
    impossible: impossible(base.cluster, head.cluster),
    notSupported,
  };
};

/** Attributes that make azurerm replace a pool of its own resource (azurerm documentation, `kubernetes_cluster_node_pool`). */
const replacing: readonly (readonly [name: string, of: (pool: NodePool) => unknown])[] = [
  ["name", (pool) => pool.name],
  ["priority", (pool) => pool.priority],
  ["os_type", (pool) => pool.osType],
  ["eviction_policy", (pool) => pool.evictionPolicy],
  ["spot_max_price", (pool) => pool.spotMaxPrice],
];

const changeOf = (
  baseCluster: AksCluster,
  headCluster: AksCluster,
  earlier: PredictedPool,
  pool: PredictedPool,
): PoolChange | undefined => {
  const { address } = pool.pool;
  const because = (names: readonly string[]): string => `${names.join(", ")} change${names.length === 1 ? "s" : ""}`;
  const replaced = replacing.filter(([, of]) => !isSame(of(earlier.pool), of(pool.pool))).map(([name]) => name);
  if (replaced.length > 0 && !pool.pool.isDefault)
    return { kind: "replace", address, pool, because: because(replaced) };
  const rotated = rotatingChanges(earlier.pool, pool.pool);
  if (rotated.length > 0)
    return known(pool.pool.temporaryNameForRotation) === undefined
      ? {
          kind: "refused",
          address,
          name: pool.name,
          because: `${because(rotated)}, and azurerm wants temporary_name_for_rotation for that`,
        }
      : { kind: "rotate", address, pool, because: because(rotated) };
  const [from, to] = [versionOf(baseCluster, earlier.pool), versionOf(headCluster, pool.pool)];
  const changed = settings
    .filter(([, of]) => JSON.stringify(of(earlier)) !== JSON.stringify(of(pool)))
    .map(([name]) => name);
  if (changed.length === 0 && from === to) return undefined;
  const isCounted = !pool.pool.ignoresNodeCount && (!pool.autoscaling || earlier.initial !== pool.initial);
  return {
    kind: "update",
    address,
    pool,
    upgrade: from === to ? undefined : `${from} → ${to}`,
    count: isCounted ? pool.initial : undefined,
    because: because([...changed, ...(from === to ? [] : ["orchestrator_version"])]),
  };
};

const settings: readonly (readonly [name: string, of: (pool: PredictedPool) => unknown])[] = [
  ["node_count", (pool) => pool.initial],
  ["min_count", (pool) => (pool.autoscaling ? pool.min : null)],
  ["max_count", (pool) => (pool.autoscaling ? pool.max : null)],
  ["auto_scaling_enabled", (pool) => pool.autoscaling],
  ["node_labels", (pool) => pool.pool.labels],
  ["node_taints", (pool) => pool.template.taints],
  ["mode", (pool) => pool.system],
  ["upgrade_settings", (pool) => pool.pool.upgrade],
];

/** Changes after which it is another cluster (azurerm documentation, `kubernetes_cluster`). */
const impossible = (base: AksCluster, head: AksCluster): string | undefined => {
  const first = ({ pools }: AksCluster): NodePool | undefined => pools.find(({ isDefault }) => isDefault);
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ["name", base.name, head.name],
    ["location", base.location, head.location],
    ["resource_group_name", base.resourceGroup, head.resourceGroup],
    ["dns_prefix", base.dnsPrefix, head.dnsPrefix],
    ["private_cluster_enabled", base.privateCluster, head.privateCluster],
    ["network_profile.network_plugin", base.network.plugin, head.network.plugin],
    ["network_profile.pod_cidr", base.network.podCidr, head.network.podCidr],
    ["network_profile.service_cidr", base.network.serviceCidr, head.network.serviceCidr],
    ["network_profile.load_balancer_sku", base.network.loadBalancerSku, head.network.loadBalancerSku],
    ["default_node_pool.name", first(base)?.name, first(head)?.name],
  ];
  const changed = pairs.filter(([, a, b]) => !isSame(a ?? null, b ?? null)).map(([name]) => name);
  return changed.length === 0
    ? undefined
    : `${changed.join(", ")} of the cluster change: azurerm replaces the cluster, and everything on it is gone until all is made anew`;
};

/** The cluster's own settings, without its pools and without places in the text. */
const shown = ({ pools: _, ...cluster }: AksCluster): string =>
  JSON.stringify(cluster, (key, value: unknown) => (places.has(key) ? undefined : value));

const places: ReadonlySet<string> = new Set(["range", "rangeAt", "dependsOn", "origin", "because"]);
