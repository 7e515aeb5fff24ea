import { assumedKubernetesVersion } from "../../azure/kubernetes-version.ts";
import { maxPodsOf } from "../../azure/network-mode.ts";
import { usesNodeProvisioning } from "../../azure/node-provisioning.ts";
import type { AksCluster, NodePool } from "../../azure/platform.ts";
import { regionName } from "../../azure/regions.ts";
import type { VmPrices } from "../../azure/retail-prices.ts";
import type { VmSizeOverrides } from "../../azure/vm-sizes.ts";
import { defaultPod } from "../../kubernetes/defaults-pod.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import type { DaemonSet } from "../../kubernetes/workloads.ts";
import type { JsonObject } from "../../model/json.ts";
import { known } from "../../model/unknown.ts";
import { nodeResourceGroupName } from "../nodes/names.ts";
import { defaultNodeProvisioning } from "./karpenter-defaults.ts";
import { type InstanceType, instanceTypes } from "./karpenter-instance-types.ts";
import type { LaunchMarket } from "./karpenter-launch.ts";
import { isNodeClass, type KarpenterNodeClass, readNodeClass } from "./karpenter-node-class.ts";
import { byWeight, isNodePool, type KarpenterNodePool, readNodePool } from "./karpenter-node-pool.ts";

/** What every output that rests on this model says of it. */
export const provisioningModel =
  "first model, after Karpenter v1.14.0 and karpenter-provider-azure v1.14.2; which version AKS runs is not published";

/** A NodePool with all that its nodes come from. */
export interface ProvisioningPool {
  readonly pool: KarpenterNodePool;
  readonly nodeClass: KarpenterNodeClass;
  readonly maxPods: number;
  readonly types: readonly InstanceType[];
  /** The NodePool as a pool of Azure's, for what reckons with those: subnet, network mode, addresses. */
  readonly azurePool: NodePool;
}

export interface ProvisioningSetup {
  readonly cluster: AksCluster;
  readonly kubernetesVersion: string;
  readonly nodeResourceGroup: string;
  /** By weight. */
  readonly pools: readonly ProvisioningPool[];
  /** NodePools that take no part, and why. */
  readonly unusable: ReadonlyMap<string, string>;
  readonly daemons: readonly Pod[];
  readonly market: LaunchMarket;
  /** The user's SKU dump tells of the region: no other size is offered there. */
  readonly isSizeListComplete: boolean;
}

export interface ProvisioningInput {
  readonly cluster: AksCluster;
  /** AKS's own objects and the user's. */
  readonly objects: readonly KubeObject[];
  readonly sizes?: VmSizeOverrides | undefined;
  readonly prices?: VmPrices | undefined;
}

/**
 * NodePools, classes and sizes of a cluster with node auto-provisioning; `unknown` where the region, which decides on sizes and zones, is
 * not known before apply; nothing for other clusters.
 */
export const provisioningSetup = (
  input: ProvisioningInput,
): ProvisioningSetup | { readonly unknown: string } | undefined => {
  const { cluster, sizes, prices } = input;
  if (!usesNodeProvisioning(cluster)) return undefined;
  const location = known(cluster.location);
  if (location === undefined) return { unknown: "the cluster's location is not known before apply" };
  const region = regionName(location);
  const nodeResourceGroup =
    known(cluster.nodeResourceGroup) ??
    nodeResourceGroupName(known(cluster.resourceGroup) ?? "group", known(cluster.name) ?? "cluster", region);
  const given = withDefaults(cluster, input.objects);
  const classes = new Map(given.filter(isNodeClass).map((object) => [object.metadata.name, readNodeClass(object)]));
  const unusable = new Map<string, string>();
  const pools: ProvisioningPool[] = [];
  for (const pool of given.filter(isNodePool).map(readNodePool).sort(byWeight)) {
    const nodeClass = classes.get(pool.nodeClass?.name ?? "");
    if (nodeClass === undefined) {
      unusable.set(pool.name, `AKSNodeClass "${pool.nodeClass?.name ?? ""}" is not there`);
      continue;
    }
    const azurePool = azurePoolOf(cluster, pool, nodeClass);
    const maxPods = nodeClass.maxPods ?? maxPodsOf(cluster, azurePool);
    const types = typesOf({ location, nodeClass, maxPods, nodeResourceGroup, sizes, prices });
    pools.push({ pool, nodeClass, maxPods, types, azurePool });
  }
  return {
    cluster,
    kubernetesVersion: known(cluster.kubernetesVersion) ?? assumedKubernetesVersion,
    nodeResourceGroup,
    pools,
    unusable,
    daemons: input.objects.filter(isDaemonSet).map(daemonPod),
    market: { region, prices, sizes },
    isSizeListComplete: [...(sizes?.values() ?? [])].some(({ zonesByRegion }) => zonesByRegion?.has(region) === true),
  };
};

/** AKS's own NodePools, and the user's, which win over those of the same name. */
const withDefaults = (cluster: AksCluster, objects: readonly KubeObject[]): readonly KubeObject[] => {
  const byName = new Map<string, KubeObject>();
  for (const object of [...defaultNodeProvisioning(cluster), ...objects])
    if (isNodePool(object) || isNodeClass(object)) byName.set(`${object.kind}/${object.metadata.name}`, object);
  return [...byName.values()];
};

type TypesInput = Parameters<typeof instanceTypes>[0];

/** Sizes of one class are made once for all runs of a sweep. */
const typesOf = (input: TypesInput): readonly InstanceType[] => {
  const owner = input.prices ?? input.sizes ?? noFiles;
  const kept = typesBefore.get(owner) ?? new Map<string, readonly InstanceType[]>();
  typesBefore.set(owner, kept);
  const { name: _, subnetId: __, ...nodeClass } = input.nodeClass;
  const key = JSON.stringify([input.location, nodeClass, input.maxPods, input.nodeResourceGroup]);
  const known = kept.get(key) ?? instanceTypes(input);
  kept.set(key, known);
  return known;
};

const noFiles = {};
const typesBefore = new WeakMap<object, Map<string, readonly InstanceType[]>>();

/** A pool of the same network as the default pool, unless the class names a subnet. */
const azurePoolOf = (cluster: AksCluster, pool: KarpenterNodePool, nodeClass: KarpenterNodeClass): NodePool => {
  const name = `NodePool/${pool.name}`;
  const base = cluster.pools.find(({ isDefault }) => isDefault) ?? cluster.pools[0];
  const nothing = () => undefined;
  return {
    address: name,
    type: "karpenter.sh/NodePool",
    name,
    resourceGroup: cluster.resourceGroup,
    location: cluster.location,
    tags: {},
    range: undefined,
    rangeAt: nothing,
    isData: false,
    dependsOn: [],
    cluster: { address: cluster.address, id: undefined },
    isDefault: false,
    mode: pool.labels["kubernetes.azure.com/mode"] ?? "user",
    vmSize: undefined,
    osType: "Linux",
    osSku: undefined,
    osDiskSizeGb: nodeClass.osDiskSizeGb,
    osDiskType: undefined,
    kubeletDiskType: undefined,
    orchestratorVersion: cluster.kubernetesVersion,
    zones: undefined,
    nodeCount: undefined,
    autoscaling: false,
    minCount: undefined,
    maxCount: undefined,
    maxPods: nodeClass.maxPods,
    subnet: nodeClass.subnetId === undefined ? base?.subnet : { address: undefined, id: nodeClass.subnetId },
    podSubnet: undefined,
    labels: pool.labels,
    taints: [],
    priority: undefined,
    evictionPolicy: undefined,
    spotMaxPrice: undefined,
    scaleDownMode: undefined,
    upgrade: { maxSurge: undefined, maxUnavailable: undefined, drainTimeoutMinutes: undefined, soakMinutes: undefined },
    temporaryNameForRotation: undefined,
    publicIpPerNode: undefined,
    onlyCriticalAddons: undefined,
    kubeletConfig: {},
    ultraSsd: undefined,
    ignoresNodeCount: true,
  };
};

const isDaemonSet = (object: KubeObject): object is DaemonSet => object.kind === "DaemonSet";

const daemonPod = ({ metadata, spec }: DaemonSet): Pod => {
  const { template } = spec;
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...metadata, labels: template.metadata?.labels ?? {} },
    spec: template.spec,
  };
  return defaultPod(pod as unknown as JsonObject) as unknown as Pod;
};
