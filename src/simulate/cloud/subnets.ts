import { type Cidr, formatCidr, parseCidr, usableAddresses } from "../../azure/cidr.ts";
import { assumedKubernetesVersion } from "../../azure/kubernetes-version.ts";
import { defaultRanges, maxClusterNodes, maxPodsOf, type NetworkMode, networkMode } from "../../azure/network-mode.ts";
import type { AksCluster, NodePool, Platform, PrivateEndpoint, ResourceRef, Subnet } from "../../azure/platform.ts";
import { upgradeSurge } from "../../azure/upgrade-surge.ts";
import { type Diagnostic, diagnostic, type Outcome } from "../../model/diagnostic.ts";
import { isUnknown, known, knownOr } from "../../model/unknown.ts";
import type { SubnetPrediction } from "../prediction.ts";
import { nodeBlockLength, nodeSubnetDemand, podSubnetDemand } from "./address-demand.ts";

/** One pool's nodes at the three moments that the arithmetic knows. */
export interface PoolUse {
  readonly pool: NodePool;
  /** When the apply ends. */
  readonly now: number;
  /** At the highest load that is predicted. */
  readonly predicted: number;
  /** max_count, or the fixed count. */
  readonly max: number;
  /** Nodes that an upgrade adds at `max`; the pool's own setting where left out. */
  readonly surge?: number;
  /** Pods with an address of their own (not on the host's network) on a node; max_pods where left out. */
  readonly podsPerNode?: number;
}

export interface ClusterUse {
  readonly cluster: AksCluster;
  readonly pools: readonly PoolUse[];
  /** Internal load balancer frontends, each with the name of the subnet that its Service asks for. */
  readonly internalFrontends?: readonly { readonly service: string; readonly subnet: string | undefined }[];
}

export interface SubnetsInput extends ClusterUse {
  readonly platform: Platform;
  /** Other clusters of the configuration, for the subnets they share with this one. */
  readonly others?: readonly ClusterUse[];
}

/**
 * Addresses of each subnet and pod range that the cluster's nodes, pods and frontends take: used at the predicted load, and what
 * max_count and an upgrade's surge ask for on top ("Plan IP addressing for AKS clusters").
 */
export const predictSubnets = (input: SubnetsInput): Outcome<readonly SubnetPrediction[]> => {
  const diagnostics: Diagnostic[] = [];
  const demands = [input, ...(input.others ?? [])].flatMap((use, index) => demandsOf(use, index === 0));
  const own = new Set(demands.filter((demand) => demand.own).map((demand) => demand.key));
  const predictions: SubnetPrediction[] = [];
  for (const key of [...own]) {
    const parts = demands.filter((demand) => demand.key === key);
    const first = parts[0];
    if (first === undefined) continue;
    const space = spaceOf(input, key, first, diagnostics);
    if (space !== undefined) predictions.push(predictionOf(space, parts, input.platform));
  }
  return { value: predictions, diagnostics };
};

/** A share of one subnet or pod range. */
interface Demand {
  /** Address of the subnet, or of the cluster with what the range is to it. */
  readonly key: string;
  readonly own: boolean;
  readonly ref: ResourceRef | undefined;
  readonly cluster: AksCluster;
  readonly range: "subnet" | "podRange";
  readonly what: string;
  readonly used: number;
  readonly reserved: number;
}

interface Space {
  readonly address: string;
  readonly name: string;
  readonly prefix: string;
  readonly usable: number;
  readonly subnet: Subnet | undefined;
}

const demandsOf = (use: ClusterUse, own: boolean): readonly Demand[] => {
  const demands: Demand[] = [];
  const add = (
    ref: ResourceRef | undefined,
    range: Demand["range"],
    what: string,
    used: number,
    reserved: number,
  ): void => {
    const key = range === "podRange" ? `${use.cluster.address}/pods` : subnetKey(ref, use.cluster);
    demands.push({ key, own, ref, cluster: use.cluster, range, what, used, reserved });
  };
  for (const pool of use.pools) poolDemand(use.cluster, pool, add);
  const home = use.cluster.pools.find((pool) => pool.isDefault)?.subnet;
  for (const frontend of use.internalFrontends ?? []) {
    const named = frontend.subnet === undefined ? home : refNamed(frontend.subnet);
    add(named, "subnet", `internal frontend of ${frontend.service}`, 1, 0);
  }
  const integrated = use.cluster.apiServerSubnet !== undefined || knownOr(use.cluster.vnetIntegration, false);
  if (use.cluster.apiServerSubnet !== undefined)
    add(use.cluster.apiServerSubnet, "subnet", "API server", apiServerAddresses, 0);
  else if (knownOr(use.cluster.privateCluster, false) && !integrated)
    add(home, "subnet", "private endpoint of the API server", 1, 0);
  return demands;
};

/** Addresses that the API server takes of a subnet of its own ("API Server VNet Integration in AKS"). */
const apiServerAddresses = 9;

type Add = (ref: ResourceRef | undefined, range: Demand["range"], what: string, used: number, reserved: number) => void;

const poolDemand = (cluster: AksCluster, use: PoolUse, add: Add): void => {
  const { pool } = use;
  const mode = networkMode(cluster, pool);
  const maxPods = maxPodsOf(cluster, pool);
  const name = knownOr(pool.name, "?");
  // The figure at the end of the apply may lie above the prediction: the autoscaler needs time to take nodes away.
  const used = Math.max(use.now, use.predicted);
  const more = Math.max(use.max, used) + surgeOf(cluster, use) - used;
  const nodes = nodeSubnetDemand(mode, maxPods);
  add(pool.subnet, "subnet", `nodes of pool "${name}"`, used, more);
  if (nodes > 1)
    add(pool.subnet, "subnet", `pods of pool "${name}", ${maxPods} a node`, used * (nodes - 1), more * (nodes - 1));
  const pods = podSubnetDemand(mode, maxPods, Math.min(use.podsPerNode ?? maxPods, maxPods));
  if (pods > 0)
    add(pool.podSubnet, "subnet", `pods of pool "${name}", ${pods} addresses a node`, used * pods, more * pods);
  if (mode === "overlay" || mode === "kubenet")
    add(
      undefined,
      "podRange",
      `a /${nodeBlockLength} for each node of pool "${name}"`,
      used * blockSize,
      more * blockSize,
    );
};

const blockSize = 2 ** (32 - nodeBlockLength);

/** Nodes that an upgrade adds when the pool stands at its largest. */
export const surgeOf = (cluster: AksCluster, use: PoolUse): number =>
  use.surge ??
  upgradeSurge(Math.max(use.max, use.predicted, use.now), {
    maxSurge: known(use.pool.upgrade.maxSurge),
    kubernetesVersion:
      known(use.pool.orchestratorVersion) ?? known(cluster.kubernetesVersion) ?? assumedKubernetesVersion,
    spot: knownOr(use.pool.priority, "").toLowerCase() === "spot",
  }).nodes;

const subnetKey = (ref: ResourceRef | undefined, cluster: AksCluster): string =>
  ref?.address ?? (ref === undefined ? undefined : known(ref.id)) ?? `${cluster.address}/managed`;

/** A subnet that an annotation names: known by its name alone. */
const refNamed = (name: string): ResourceRef => ({ address: undefined, id: name });

const spaceOf = (input: SubnetsInput, key: string, demand: Demand, diagnostics: Diagnostic[]): Space | undefined => {
  if (demand.range === "podRange") return podRange(demand.cluster, diagnostics);
  if (key === `${demand.cluster.address}/managed`) {
    const range = parseCidr(defaultRanges.managedSubnet);
    if (range === undefined) return undefined;
    return {
      address: demand.cluster.address,
      name: "aks-subnet",
      prefix: defaultRanges.managedSubnet,
      usable: usableAddresses(range),
      subnet: undefined,
    };
  }
  const subnet = findSubnet(input.platform, key);
  const prefixes = subnet === undefined ? undefined : known(subnet.addressPrefixes);
  const ranges = prefixes?.flatMap((text) => ipv4(text) ?? []);
  if (subnet === undefined || ranges === undefined || ranges.length === 0) {
    diagnostics.push(prefixUnknown(key, subnet, demand));
    return undefined;
  }
  return {
    address: subnet.address,
    name: knownOr(subnet.name, subnet.address),
    prefix: ranges.map(formatCidr).join(", "),
    usable: ranges.reduce((sum, range) => sum + usableAddresses(range), 0),
    subnet,
  };
};

const ipv4 = (text: string): Cidr | undefined => {
  const range = parseCidr(text);
  return range?.family === 4 ? range : undefined;
};

const findSubnet = (platform: Platform, key: string): Subnet | undefined => {
  const tail = key.split("/").at(-1);
  return (
    platform.subnets.find((subnet) => subnet.address === key) ??
    platform.subnets.find((subnet) => known(subnet.name)?.toLowerCase() === tail?.toLowerCase())
  );
};

/** The pod range as addresses of whole node blocks; kubenet has no more blocks than its route table has routes. */
const podRange = (cluster: AksCluster, diagnostics: Diagnostic[]): Space | undefined => {
  const fact = known(cluster.network.podCidr) ?? known(cluster.network.podCidrs)?.find((text) => ipv4(text));
  const range = ipv4(fact ?? defaultRanges.podCidr);
  if (range === undefined || (isUnknown(cluster.network.podCidr) && fact === undefined)) {
    diagnostics.push(podCidrUnknown(cluster));
    return undefined;
  }
  const first = cluster.pools[0];
  const mode: NetworkMode = first === undefined ? "overlay" : networkMode(cluster, first);
  const blocks = range.length > nodeBlockLength ? 0 : 2 ** (nodeBlockLength - range.length);
  return {
    address: `${cluster.address}.network_profile[0].pod_cidr`,
    name: "pod_cidr",
    prefix: formatCidr(range),
    usable: Math.min(blocks, mode === "kubenet" ? maxClusterNodes(mode) : blocks) * blockSize,
    subnet: undefined,
  };
};

const predictionOf = (space: Space, demands: readonly Demand[], platform: Platform): SubnetPrediction => {
  const parts = demands.map(({ what, used, reserved, own, cluster }) => ({
    what: own ? what : `${what} of ${cluster.address}`,
    used,
    reserved,
  }));
  if (space.subnet !== undefined) parts.push(...tenantsOf(platform, space.subnet));
  const used = parts.reduce((sum, part) => sum + part.used, 0);
  const reserved = parts.reduce((sum, part) => sum + part.reserved, 0);
  return {
    address: space.address,
    name: space.name,
    prefix: space.prefix,
    usable: space.usable,
    used,
    reserved,
    free: space.usable - used - reserved,
    parts: parts.filter((part) => part.used > 0 || part.reserved > 0),
  };
};

/** What else lies in the subnet: private endpoints, and network interfaces and internal load balancers of the configuration. */
const tenantsOf = (platform: Platform, subnet: Subnet): SubnetPrediction["parts"][number][] => [
  ...platform.privateEndpoints
    .filter((endpoint) => isSubnet(endpoint.subnet, subnet))
    .map((endpoint) => ({
      what: `private endpoint ${endpoint.address}`,
      used: endpointAddresses(endpoint),
      reserved: 0,
    })),
  ...platform.others
    .filter((other) => addressedTypes.has(other.type) && other.dependsOn.includes(subnet.address))
    .map((other) => ({ what: other.address, used: 1, reserved: 0 })),
];

const addressedTypes: ReadonlySet<string> = new Set(["azurerm_network_interface", "azurerm_lb"]);

const isSubnet = (ref: ResourceRef, subnet: Subnet): boolean =>
  ref.address === subnet.address ||
  (ref.address === undefined && known(ref.id)?.split("/").at(-1)?.toLowerCase() === known(subnet.name)?.toLowerCase());

/** One address an endpoint; a container registry takes one more for its data endpoint ("Connect privately to an Azure container registry"). */
const endpointAddresses = (endpoint: PrivateEndpoint): number =>
  endpoint.subresources.some((name) => name.toLowerCase() === "registry") ? 2 : 1;

const prefixUnknown = (key: string, subnet: Subnet | undefined, demand: Demand): Diagnostic => {
  const range = subnet?.range ?? demand.cluster.range;
  return diagnostic({
    code: "AKS9302",
    severity: "info",
    summary: "Address range of a subnet is not known",
    detail: `The prefix of "${key}" is not in the configuration, so the addresses that "${demand.what}" and others take there are not counted. Give it with --mocks or under subnets in aks-twin.yaml.`,
    subject: key,
    ...(range === undefined ? {} : { range }),
  });
};

const podCidrUnknown = (cluster: AksCluster): Diagnostic =>
  diagnostic({
    code: "AKS9303",
    severity: "info",
    summary: "Pod range of the cluster is not known",
    detail: `pod_cidr of "${cluster.address}" is not an IPv4 range that is known before apply, so the nodes' blocks of it are not counted.`,
    subject: cluster.address,
    ...(cluster.range === undefined ? {} : { range: cluster.range }),
  });
