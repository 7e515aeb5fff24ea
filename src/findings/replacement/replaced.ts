import { usableAddresses } from "../../azure/cidr.ts";
import type { AksCluster, NodePool } from "../../azure/platform.ts";
import { addressesPerNode, counted, highestCount, lowestCount, nameOf, rangesOf, subnetOf } from "../cluster-facts.ts";
import { textAt } from "../instance-values.ts";
import { rotationQuota } from "../placement/vcpu-quota.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { type ChangedPath, type ResourceChange, resourceChanges } from "./resource-change.ts";

const clusterType = "azurerm_kubernetes_cluster";
const poolType = "azurerm_kubernetes_cluster_node_pool";

export const clusterReplaced: Rule = {
  code: "AKS8001",
  title: "The change replaces the cluster",
  severity: "error",
  explain: `Some arguments of a cluster cannot be changed: Terraform deletes the cluster and makes a new one. Everything in it is gone: pods, disks with reclaim policy Delete, addresses of
Services; the kubelet's identity and the issuer URL are new, so roles and federated credentials must follow.
What happens: an outage until everything is deployed again.
Mend: take the change back, or build a second cluster beside the first and move.
Source: azurerm kubernetes_cluster resource 4.79.0, schema and CustomizeDiff.`,
  *check(world) {
    for (const change of changesOf(world, clusterType)) {
      const [first] = change.replaced;
      if (first === undefined) continue;
      const pods = world.base?.predictions.find(({ cluster }) => cluster === change.instance.address);
      const protectedText = change.instance.preventDestroy
        ? " lifecycle prevent_destroy is set, so the plan ends with an error instead."
        : "";
      yield violation(clusterReplaced, {
        subject: change.instance.address,
        range: first.range ?? change.instance.range,
        detail: `${list(change.replaced)}: this cannot be changed, so the cluster is deleted and made anew${
          pods === undefined
            ? ""
            : `, with its ${counted(pods.nodes.length, "node")} and ${counted(pods.placements.length, "pod")}`
        }.${protectedText} Take the change back, or build a second cluster and move.`,
        evidence: { paths: change.replaced.map(({ path }) => path).join(", ") },
        related: relatedTo(...change.replaced.slice(1).map(({ path, range }) => [path, range] as const)),
      });
    }
  },
};

export const poolRotated: Rule = {
  code: "AKS8002",
  title: "The change makes all nodes of the pool anew",
  severity: "warning",
  explain: `With temporary_name_for_rotation azurerm makes a temporary pool, deletes the old one, makes it anew with the new settings and deletes the temporary one. Nodes are not
cordoned and drained: their pods end at once, disruption budgets notwithstanding. Both pools exist for a time: twice the vCPU quota and the addresses.
What happens: the pods of the pool are interrupted; the apply fails half-way when quota or subnet are too small.
Mend: a second pool with the new settings, move the pods, then delete the first.
Source: azurerm kubernetes_cluster resource, temporary_name_for_rotation; update functions of 4.79.0.`,
  *check(world) {
    for (const { change, pool, cluster } of rotations(world)) {
      const [first] = change.rotated;
      if (first === undefined || temporaryName(change) === undefined) continue;
      const room = roomForTwo(world, cluster, pool);
      const quota = rotationQuota(world, { cluster, pool });
      yield violation(poolRotated, {
        subject: change.instance.address,
        range: first.range ?? change.instance.range,
        severity: room?.fits === false || quota !== undefined ? "error" : "warning",
        detail: `${list(change.rotated)}: all nodes of pool "${nameOf(pool)}" are made anew through a temporary pool "${temporaryName(change)}", without draining: its pods are interrupted.${
          room === undefined
            ? ""
            : room.fits
              ? ` Meanwhile subnet "${room.subnet}" holds both pools (${room.needed} of ${room.usable} addresses).`
              : ` Meanwhile subnet "${room.subnet}" would need ${room.needed} addresses for both pools, ${room.usable} are usable: the apply fails half-way.`
        }${
          quota === undefined
            ? ""
            : ` Both pools together need ${quota.needed} vCPU of "${quota.family}", ${quota.free} may be used: the apply fails half-way with QuotaExceeded.`
        } Add a second pool with the new settings and move the pods instead.`,
        evidence: {
          paths: change.rotated.map(({ path }) => path).join(", "),
          ...(room === undefined ? {} : { neededAddresses: room.needed, usableAddresses: room.usable }),
        },
      });
    }
  },
};

export const rotationNameMissing: Rule = {
  code: "AKS8003",
  title: "Rotation without temporary_name_for_rotation",
  severity: "error",
  explain: `A change of vm_size, zones, max_pods, os_disk_type and others of a pool makes its nodes anew through a temporary pool, whose name must be given. The plan shows an
in-place update and goes through.
What happens: the apply fails: "temporary_name_for_rotation must be specified when updating any of the following properties".
Mend: temporary_name_for_rotation, at most 12 lower-case letters and digits.
Source: azurerm kubernetes_cluster resource, update function of 4.79.0.`,
  *check(world) {
    for (const { change, pool } of rotations(world)) {
      const [first] = change.rotated;
      if (first === undefined || temporaryName(change) !== undefined) continue;
      yield violation(rotationNameMissing, {
        subject: change.instance.address,
        range: first.range ?? change.instance.range,
        detail: `${list(change.rotated)}: the plan shows an update, but the apply fails because pool "${nameOf(pool)}" has no temporary_name_for_rotation. Set it, such as "${(nameOf(pool).slice(0, 9) || "pool").replace(/[^a-z0-9]/g, "")}tmp".`,
        evidence: { paths: change.rotated.map(({ path }) => path).join(", ") },
      });
    }
  },
};

export const poolReplaced: Rule = {
  code: "AKS8004",
  title: "The change replaces the node pool",
  severity: "error",
  explain: `Some arguments of a pool cannot be changed: Terraform deletes the pool and makes a new one of the same name. The nodes go first, with all their pods at once; new ones come
minutes later. With create_before_destroy the names clash.
What happens: the pods of the pool are gone until the new nodes are ready, and stay Pending where no other pool takes them.
Mend: a second pool with another name, move the pods, then delete the first.
Source: azurerm kubernetes_cluster_node_pool resource 4.79.0 and 3.116.0, schema.`,
  *check(world) {
    for (const change of changesOf(world, poolType)) {
      const [first] = change.replaced;
      if (first === undefined) continue;
      // A pool that goes with its cluster is told by AKS8001.
      if (change.replaced.every(({ path }) => path === "kubernetes_cluster_id")) continue;
      const found = poolAt(world, change.instance.address);
      const name = found === undefined ? change.instance.address : nameOf(found.pool);
      const pods = world.base?.predictions
        .flatMap(({ pools }) => pools)
        .find(({ address }) => address === change.instance.address);
      yield violation(poolReplaced, {
        subject: change.instance.address,
        range: first.range ?? change.instance.range,
        detail: `${list(change.replaced)}: pool "${name}" is deleted and made anew${
          pods === undefined ? "" : `; its ${pods.nodes.predicted.high} nodes and ${pods.pods} pods end at once`
        }.${change.instance.createBeforeDestroy ? " With create_before_destroy the new pool clashes with the old one's name." : ""} Add a second pool and move the pods instead.`,
        evidence: { paths: change.replaced.map(({ path }) => path).join(", ") },
      });
    }
  },
};

/** Types whose replacement loses what they hold. */
const holders: ReadonlySet<string> = new Set([
  "azurerm_key_vault",
  "azurerm_container_registry",
  "azurerm_storage_account",
  "azurerm_managed_disk",
  "azurerm_log_analytics_workspace",
  "azurerm_postgresql_flexible_server",
  "azurerm_mysql_flexible_server",
  "azurerm_mssql_server",
  "azurerm_mssql_database",
  "azurerm_redis_cache",
  "azurerm_cosmosdb_account",
  "azurerm_servicebus_namespace",
  "azurerm_eventhub_namespace",
]);

/** Types that others lie in or refer to by id, so that a replacement fails or reaches further. */
const carriers: ReadonlySet<string> = new Set([
  "azurerm_resource_group",
  "azurerm_virtual_network",
  "azurerm_subnet",
  "azurerm_public_ip",
  "azurerm_nat_gateway",
  "azurerm_user_assigned_identity",
]);

export const resourceReplaced: Rule = {
  code: "AKS8012",
  title: "The change replaces a resource that others rest on",
  severity: "warning",
  explain: `A replacement deletes first and makes anew. Vaults, registries, accounts, disks, workspaces and databases lose what they hold. A subnet or network with nodes in it cannot be
deleted at all; a public IP comes back with another address, an identity with other ids.
What happens: data is lost, addresses change, or the apply fails with InUseSubnetCannotBeDeleted.
Mend: take the change back, or make the new resource beside the old one and move.
Source: azurerm resource schemas 4.79.0.`,
  *check(world) {
    for (const change of resourceChanges(world)) {
      const [first] = change.replaced;
      const { instance } = change;
      if (first === undefined || (!holders.has(instance.type) && !carriers.has(instance.type))) continue;
      const inUse =
        (instance.type === "azurerm_subnet" || instance.type === "azurerm_virtual_network") &&
        holdsNodes(world, instance.address);
      yield violation(resourceReplaced, {
        subject: instance.address,
        range: first.range ?? instance.range,
        severity: inUse || holders.has(instance.type) ? "error" : "warning",
        detail: `${list(change.replaced)}: ${instance.address} is deleted and made anew; ${
          holders.has(instance.type)
            ? "what it holds is lost"
            : inUse
              ? "nodes are in it, so the deletion fails (InUseSubnetCannotBeDeleted)"
              : instance.type === "azurerm_public_ip"
                ? "its address changes"
                : "what refers to it must follow"
        }. Take the change back, or make a second one and move.`,
        evidence: { paths: change.replaced.map(({ path }) => path).join(", ") },
      });
    }
  },
};

const holdsNodes = (world: World, address: string): boolean =>
  world.platform.clusters.some((cluster) =>
    cluster.pools.some((pool) => {
      const subnet = subnetOf(world, pool);
      return subnet !== undefined && (subnet.address === address || subnet.virtualNetwork.address === address);
    }),
  );

const changesOf = (world: World, type: string): readonly ResourceChange[] =>
  resourceChanges(world).filter(({ instance }) => instance.type === type);

interface Rotation {
  readonly change: ResourceChange;
  readonly cluster: AksCluster;
  readonly pool: NodePool;
}

const rotations = (world: World): readonly Rotation[] =>
  [...changesOf(world, clusterType), ...changesOf(world, poolType)].flatMap((change) => {
    const found = change.rotated.length === 0 ? undefined : poolAt(world, change.instance.address);
    return found === undefined ? [] : [{ change, ...found }];
  });

/** The pool of a pool's or, for the default pool, a cluster's address. */
const poolAt = (
  world: World,
  address: string,
): { readonly cluster: AksCluster; readonly pool: NodePool } | undefined => {
  for (const cluster of world.platform.clusters) {
    const pool = cluster.pools.find(
      (candidate) => candidate.address === address || (cluster.address === address && candidate.isDefault),
    );
    if (pool !== undefined) return { cluster, pool };
  }
  return undefined;
};

const temporaryName = ({ instance }: ResourceChange): string | undefined =>
  instance.type === clusterType
    ? textAt(instance, ["default_node_pool", "temporary_name_for_rotation"])
    : textAt(instance, ["temporary_name_for_rotation"]);

/** Whether the subnet holds the pool twice beside everything else. */
const roomForTwo = (
  world: World,
  cluster: AksCluster,
  pool: NodePool,
):
  | { readonly subnet: string; readonly needed: number; readonly usable: number; readonly fits: boolean }
  | undefined => {
  const subnet = subnetOf(world, pool);
  const usable =
    subnet === undefined ? 0 : rangesOf(subnet.addressPrefixes).reduce((sum, range) => sum + usableAddresses(range), 0);
  if (subnet === undefined || usable === 0) return undefined;
  let needed = (lowestCount(pool) ?? 1) * addressesPerNode(cluster, pool);
  for (const other of cluster.pools) {
    if (subnetOf(world, other) !== subnet) continue;
    const predicted = world.predictions.flatMap(({ pools }) => pools).find(({ address }) => address === other.address)
      ?.nodes.predicted.low;
    needed += (predicted ?? lowestCount(other) ?? highestCount(other) ?? 0) * addressesPerNode(cluster, other);
  }
  return { subnet: nameOf(subnet), needed, usable, fits: needed <= usable };
};

const list = (paths: readonly ChangedPath[]): string =>
  paths
    .slice(0, 4)
    .map(({ path, before, after }) => `${path} from ${quoted(before)} to ${quoted(after)}`)
    .join(", ");

const quoted = (text: string): string =>
  /^(not set|set|not known|known after apply|\d+|true|false)$/.test(text) ? text : `"${text}"`;
