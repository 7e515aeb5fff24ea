import { type Cidr, parseCidr } from "../azure/cidr.ts";
import { isDualStack, podRangeOf, serviceRangeOf } from "../azure/ip-families.ts";
import { assumedKubernetesVersion } from "../azure/kubernetes-version.ts";
import { defaultRanges, maxPodsOf, networkMode } from "../azure/network-mode.ts";
import type { AksCluster, AzureResource, NodePool, Subnet, VirtualNetwork } from "../azure/platform.ts";
import { upgradeSurge } from "../azure/upgrade-surge.ts";
import type { Workload } from "../graph/pod-templates.ts";
import { resolve } from "../graph/resolve.ts";
import type { HorizontalPodAutoscaler } from "../kubernetes/workloads.ts";
import type { SourceRange } from "../model/source-range.ts";
import { type Fact, isUnknown, known, knownOr } from "../model/unknown.ts";
import type { World } from "./rule.ts";

/** What many rules ask of clusters and pools. Where a fact is not known the answer is `undefined`, and the rule stays silent. */

export interface ClusterPool {
  readonly cluster: AksCluster;
  readonly pool: NodePool;
}

/** Pools of clusters that the configuration manages. */
export const poolsOf = (world: World): readonly ClusterPool[] =>
  managedClusters(world).flatMap((cluster) => cluster.pools.map((pool) => ({ cluster, pool })));

/** Clusters that the configuration makes; a data source is somebody else's. */
export const managedClusters = (world: World): readonly AksCluster[] =>
  world.platform.clusters.filter((cluster) => !cluster.isData);

/** The cluster that the manifests are for: the only one of the platform. */
export const onlyCluster = (world: World): AksCluster | undefined =>
  world.platform.clusters.length === 1 ? world.platform.clusters[0] : undefined;

/** A resource's own name where it is known, else its address. */
export const nameOf = (resource: AzureResource): string => known(resource.name) ?? resource.address;

export const lower = (fact: Fact<string>): string | undefined => known(fact)?.toLowerCase();

export const isWindows = (pool: NodePool): boolean => lower(pool.osType) === "windows";
export const isSpot = (pool: NodePool): boolean => lower(pool.priority) === "spot";
export const isSystem = (pool: NodePool): boolean => pool.isDefault || lower(pool.mode) === "system";
export const isAutoscaled = (pool: NodePool): boolean => known(pool.autoscaling) === true;

/** The taints of a pool's nodes: those that are written, and those that AKS adds. */
export const taintsOf = (pool: NodePool): readonly string[] => [
  ...new Set([
    ...pool.taints,
    ...(known(pool.onlyCriticalAddons) === true ? ["CriticalAddonsOnly=true:NoSchedule"] : []),
    ...(isSpot(pool) ? ["kubernetes.azure.com/scalesetpriority=spot:NoSchedule"] : []),
  ]),
];

/** Most nodes the pool may come to: max_count with the autoscaler, else node_count. */
export const highestCount = (pool: NodePool): number | undefined => {
  if (isUnknown(pool.autoscaling)) return undefined;
  if (isAutoscaled(pool)) return known(pool.maxCount);
  return isUnknown(pool.nodeCount) ? undefined : knownOr(pool.nodeCount, 1);
};

/** Fewest nodes the pool has. */
export const lowestCount = (pool: NodePool): number | undefined => {
  if (isUnknown(pool.autoscaling)) return undefined;
  if (isAutoscaled(pool)) return known(pool.minCount);
  return isUnknown(pool.nodeCount) ? undefined : knownOr(pool.nodeCount, 1);
};

export const versionOf = (cluster: AksCluster): string => knownOr(cluster.kubernetesVersion, assumedKubernetesVersion);

/** Nodes that an upgrade adds to a pool of that many nodes. */
export const surgeOf = (cluster: AksCluster, pool: NodePool, count: number): number =>
  upgradeSurge(count, {
    maxSurge: known(pool.upgrade.maxSurge),
    kubernetesVersion: known(pool.orchestratorVersion) ?? versionOf(cluster),
    spot: isSpot(pool),
  }).nodes;

/** Addresses that one node takes of its subnet: its own, and with node subnet networking one for each pod it may hold. */
export const addressesPerNode = (cluster: AksCluster, pool: NodePool): number =>
  networkMode(cluster, pool) === "nodeSubnet" ? 1 + maxPodsOf(cluster, pool) : 1;

export const subnetOf = (world: World, pool: NodePool): Subnet | undefined =>
  resolve(world.platform.subnets, pool.subnet);

export const podSubnetOf = (world: World, pool: NodePool): Subnet | undefined =>
  resolve(world.platform.subnets, pool.podSubnet);

/** The subnets that a cluster's nodes and pods are in. */
export const subnetsOf = (world: World, cluster: AksCluster): readonly Subnet[] => [
  ...new Set(
    cluster.pools.flatMap((pool) =>
      [subnetOf(world, pool), podSubnetOf(world, pool)].filter((subnet) => subnet !== undefined),
    ),
  ),
];

export const networkOf = (world: World, subnet: Subnet): VirtualNetwork | undefined =>
  resolve(world.platform.virtualNetworks, subnet.virtualNetwork);

/** The networks that a cluster's nodes are in. */
export const networksOf = (world: World, cluster: AksCluster): readonly VirtualNetwork[] => [
  ...new Set(
    subnetsOf(world, cluster)
      .map((subnet) => networkOf(world, subnet))
      .filter((network) => network !== undefined),
  ),
];

/** The networks that peerings join to a network, in either direction. */
export const peeredWith = (world: World, network: VirtualNetwork): readonly VirtualNetwork[] => {
  const all = world.platform.virtualNetworks;
  const others = world.platform.peerings.flatMap((peering) => {
    const ends = [resolve(all, peering.virtualNetwork), resolve(all, peering.remoteVirtualNetwork)];
    return ends.includes(network) ? ends.filter((end) => end !== undefined && end !== network) : [];
  });
  return [...new Set(others.filter((end) => end !== undefined))];
};

/** A network, or a mere range, that the cluster's networks reach. */
export interface ConnectedRange {
  /** `network "hub"`, or the user's name of a range. */
  readonly name: string;
  readonly ranges: readonly Cidr[];
  readonly at: SourceRange | undefined;
}

/** What is peered with networks by the configuration, and what aks-twin.yaml says besides. */
export const connectedRanges = (world: World, networks: readonly VirtualNetwork[]): readonly ConnectedRange[] => [
  ...[...new Set(networks.flatMap((network) => peeredWith(world, network)))].map(
    (network): ConnectedRange => ({
      name: `network "${nameOf(network)}"`,
      ranges: rangesOf(network.addressSpace),
      at: network.rangeAt("address_space"),
    }),
  ),
  ...(world.platform.peeredRanges ?? []).map(
    ({ name, prefix, range }): ConnectedRange => ({ name: `range "${name}"`, ranges: rangesOf([prefix]), at: range }),
  ),
];

/** The ranges that can be read. */
export const rangesOf = (prefixes: Fact<readonly string[]>): readonly Cidr[] =>
  (known(prefixes) ?? []).flatMap((prefix) => parseCidr(prefix) ?? []);

/** The ranges that a cluster's Services get their addresses from; Azure's default where nothing is given. */
export const serviceRanges = (cluster: AksCluster): readonly Cidr[] => {
  const { serviceCidr, serviceCidrs } = cluster.network;
  if (isUnknown(serviceCidr) || isUnknown(serviceCidrs)) return [];
  if (isDualStack(cluster) === true) return bothFamilies(cluster, serviceRangeOf);
  return rangesOf(known(serviceCidrs) ?? [known(serviceCidr) ?? defaultRanges.serviceCidr]);
};

const bothFamilies = (cluster: AksCluster, of: typeof serviceRangeOf): readonly Cidr[] =>
  ([4, 6] as const).flatMap((family) => of(cluster, family) ?? []);

/** The ranges that a cluster's pods get their addresses from, where they are not a subnet's. */
export const podRanges = (cluster: AksCluster): readonly Cidr[] => {
  const { podCidr, podCidrs, plugin } = cluster.network;
  if (isUnknown(podCidr) || isUnknown(podCidrs) || isUnknown(plugin)) return [];
  if (!cluster.pools.some((pool) => ["overlay", "kubenet"].includes(networkMode(cluster, pool)))) return [];
  if (isDualStack(cluster) === true) return bothFamilies(cluster, podRangeOf);
  return rangesOf(known(podCidrs) ?? [known(podCidr) ?? defaultRanges.podCidr]);
};

/** `3 nodes`, `1 node`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : plural}`;

/** `"a", "b" and "c"`. */
export const quotedList = (names: readonly string[], limit = 5): string => {
  const quoted = names.map((name) => `"${name}"`);
  if (quoted.length > limit) return `${quoted.slice(0, limit).join(", ")} and ${quoted.length - limit} more`;
  const last = quoted.pop();
  return quoted.length === 0 ? (last ?? "") : `${quoted.join(", ")} and ${last}`;
};

const deliveryKinds: ReadonlySet<string> = new Set([
  "Application",
  "ApplicationSet",
  "HelmRelease",
  "HelmChart",
  "GitRepository",
]);

/** True where Helm, Argo CD or Flux bring objects that the input does not show: what is missing may come from there. */
export const hasUnseenObjects = (world: World): boolean =>
  world.instances.some(({ type, mode }) => type === "helm_release" && mode === "managed") ||
  world.platform.extensions.some(({ extensionType }) => lower(extensionType) === "microsoft.flux") ||
  world.objects.some(
    ({ object }) =>
      deliveryKinds.has(object.kind) && /argoproj\.io|fluxcd\.io|helm\.cattle\.io/.test(object.apiVersion),
  );

/** The HPA that scales a workload, where there is one. */
export const scalerOf = (world: World, workload: Workload): HorizontalPodAutoscaler | undefined => {
  let index = scalers.get(world.objects);
  if (index === undefined) {
    index = scalersOf(world);
    scalers.set(world.objects, index);
  }
  return index.get(`${workload.kind} ${workload.namespace}/${workload.name}`);
};

const scalers = new WeakMap<World["objects"], ReadonlyMap<string, HorizontalPodAutoscaler>>();

const scalersOf = (world: World): ReadonlyMap<string, HorizontalPodAutoscaler> => {
  const found = new Map<string, HorizontalPodAutoscaler>();
  for (const { object } of world.objects) {
    const target = (object as HorizontalPodAutoscaler).spec?.scaleTargetRef;
    if (object.kind !== "HorizontalPodAutoscaler" || target === undefined) continue;
    const key = `${target.kind} ${object.metadata.namespace ?? "default"}/${target.name}`;
    if (!found.has(key)) found.set(key, object as HorizontalPodAutoscaler);
  }
  return found;
};
