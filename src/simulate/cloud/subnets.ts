// Longer than most, because both families of subnets and pod ranges are one piece of arithmetic.
import { type Cidr, formatCidr, parseCidr, usableAddresses } from "../../azure/cidr.ts";
import { familiesOf, type IpFamily, isDualStack, podRangeOf } from "../../azure/ip-families.ts";
import { assumedKubernetesVersion } from "../../azure/kubernetes-version.ts";
import { defaultRanges, maxClusterNodes, maxPodsOf, type NetworkMode, networkMode } from "../../azure/network-mode.ts";
import type { AksCluster, NodePool, Platform, PrivateEndpoint, ResourceRef, Subnet } from "../../azure/platform.ts";
import { upgradeSurge } from "../../azure/upgrade-surge.ts";
import { type Diagnostic, diagnostic, type Outcome } from "../../model/diagnostic.ts";
import { isUnknown, known, knownOr } from "../../model/unknown.ts";
import type { SubnetPrediction } from "../prediction.ts";
import { nodeBlockLength, nodeBlockLengthIpv6, nodeSubnetDemand, podSubnetDemand } from "./address-demand.ts";
import { blocksOf } from "./ipam.ts";

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
  readonly internalFrontends?: readonly {
    readonly service: string;
    readonly subnet: string | undefined;
    /** IPv4 where left out. */
    readonly family?: IpFamily;
  }[];
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
  const demands = [input, ...(input.others ?? [])].flatMap((use, index) => demandsOf(use, index === 0, input.platform));
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
  readonly family: IpFamily;
  readonly what: string;
  /** The pool whose nodes ask for it, and for how much each. */
  readonly pool: NodePool | undefined;
  readonly perNode: number;
  readonly counts: NodeCounts;
}

/** Nodes of a pool at the moments that count; for what is there once, ones. */
interface NodeCounts {
  readonly used: number;
  readonly reserved: number;
  readonly now: number;
  readonly predicted: number;
  readonly max: number;
  readonly rotation: number;
}

const once: NodeCounts = { used: 1, reserved: 0, now: 1, predicted: 1, max: 1, rotation: 1 };

interface Space {
  readonly address: string;
  readonly name: string;
  readonly prefix: string;
  readonly usable: number;
  readonly family: IpFamily;
  readonly subnet: Subnet | undefined;
}

const demandsOf = (use: ClusterUse, own: boolean, platform: Platform): readonly Demand[] => {
  const demands: Demand[] = [];
  const add: Add = (ref, range, what, perNode, counts = once, pool = undefined, family = 4) => {
    const place = range === "podRange" ? `${use.cluster.address}/pods` : subnetKey(ref, use.cluster, platform);
    const key = family === 6 ? `${place}${ipv6Mark}` : place;
    demands.push({ key, own, ref, cluster: use.cluster, range, family, what, pool, perNode, counts });
  };
  for (const pool of use.pools) poolDemand(use.cluster, pool, add);
  const home = use.cluster.pools.find((pool) => pool.isDefault)?.subnet;
  for (const frontend of use.internalFrontends ?? []) {
    const named = frontend.subnet === undefined ? home : refNamed(frontend.subnet);
    add(named, "subnet", `internal frontend of ${frontend.service}`, 1, once, undefined, frontend.family ?? 4);
  }
  const integrated = use.cluster.apiServerSubnet !== undefined || knownOr(use.cluster.vnetIntegration, false);
  if (use.cluster.apiServerSubnet !== undefined)
    add(use.cluster.apiServerSubnet, "subnet", "API server", apiServerAddresses);
  else if (knownOr(use.cluster.privateCluster, false) && !integrated)
    add(home, "subnet", "private endpoint of the API server", 1);
  return demands;
};

/** What the key and the address of a range's IPv6 part end in. */
const ipv6Mark = "/ipv6";

/** Addresses that the API server takes of a subnet of its own ("API Server VNet Integration in AKS"). */
const apiServerAddresses = 9;

type Add = (
  ref: ResourceRef | undefined,
  range: Demand["range"],
  what: string,
  perNode: number,
  counts?: NodeCounts,
  pool?: NodePool,
  family?: IpFamily,
) => void;

const poolDemand = (cluster: AksCluster, use: PoolUse, add: Add): void => {
  const { pool } = use;
  const mode = networkMode(cluster, pool);
  const maxPods = maxPodsOf(cluster, pool);
  const name = knownOr(pool.name, "?");
  // The figure at the end of the apply may lie above the prediction: the autoscaler needs time to take nodes away.
  const used = Math.max(use.now, use.predicted);
  const max = Math.max(use.max, used);
  const rotates = pool.isDefault || pool.temporaryNameForRotation !== undefined;
  const counts: NodeCounts = {
    used,
    reserved: max + surgeOf(cluster, use) - used,
    now: use.now,
    predicted: use.predicted,
    max,
    rotation: rotates ? 2 * use.predicted : use.predicted,
  };
  const take = (ref: ResourceRef | undefined, range: Demand["range"], what: string, perNode: number): void =>
    add(ref, range, what, perNode, counts, pool);
  const nodes = nodeSubnetDemand(mode, maxPods);
  take(pool.subnet, "subnet", `nodes of pool "${name}"`, 1);
  if (nodes > 1) take(pool.subnet, "subnet", `pods of pool "${name}", ${maxPods} a node`, nodes - 1);
  const pods = podSubnetDemand(mode, maxPods, Math.min(use.podsPerNode ?? maxPods, maxPods));
  if (pods > 0) take(pool.podSubnet, "subnet", `pods of pool "${name}", ${pods} addresses a node`, pods);
  if (mode === "overlay" || mode === "kubenet")
    take(undefined, "podRange", `a /${nodeBlockLength} for each node of pool "${name}"`, blockSize);
  if (isDualStack(cluster) !== true) return;
  // One IPv6 address a node; its pods have theirs of the pod range in every mode that knows two families.
  add(pool.subnet, "subnet", `nodes of pool "${name}"`, 1, counts, pool, 6);
  if (mode === "overlay" || mode === "kubenet")
    add(undefined, "podRange", `a /${nodeBlockLengthIpv6} for each node of pool "${name}"`, 1, counts, pool, 6);
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

/** One key a subnet, whether it is meant by reference, by id or, in a Service's annotation, by its name. */
const subnetKey = (ref: ResourceRef | undefined, cluster: AksCluster, platform: Platform): string => {
  const id = ref === undefined ? undefined : known(ref.id);
  const named = id === undefined ? undefined : findSubnet(platform, id)?.address;
  // A subnet that is given and not known is not the one that AKS would make.
  const none = ref === undefined ? `${cluster.address}/managed` : `the subnet of ${cluster.address}`;
  return ref?.address ?? named ?? id ?? none;
};

/** A subnet that an annotation names: known by its name alone. */
const refNamed = (name: string): ResourceRef => ({ address: undefined, id: name });

const spaceOf = (input: SubnetsInput, key: string, demand: Demand, diagnostics: Diagnostic[]): Space | undefined => {
  if (demand.family === 6) return demand.range === "podRange" ? podRangeIpv6(demand.cluster) : subnetIpv6(input, key);
  if (demand.range === "podRange") return podRange(demand.cluster, diagnostics);
  if (key === `${demand.cluster.address}/managed`) {
    const range = parseCidr(defaultRanges.managedSubnet);
    if (range === undefined) return undefined;
    return {
      address: demand.cluster.address,
      name: "aks-subnet",
      prefix: defaultRanges.managedSubnet,
      usable: usableAddresses(range),
      family: 4,
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
    family: 4,
    subnet,
  };
};

/** Most addresses that are told apart: a /64 has more than numbers hold. */
const most = 2 ** 52;

/** The IPv6 range of a subnet; one without is the matter of a rule, and that of a network which AKS makes is not known. */
const subnetIpv6 = (input: SubnetsInput, key: string): Space | undefined => {
  const subnet = findSubnet(input.platform, key.slice(0, -ipv6Mark.length));
  const ranges = known(subnet?.addressPrefixes)?.flatMap((text) => {
    const range = parseCidr(text);
    return range?.family === 6 ? [range] : [];
  });
  if (subnet === undefined || ranges === undefined || ranges.length === 0) return undefined;
  return {
    address: `${subnet.address}${ipv6Mark}`,
    name: `${knownOr(subnet.name, subnet.address)} (IPv6)`,
    prefix: ranges.map(formatCidr).join(", "),
    usable: Math.min(
      most,
      ranges.reduce((sum, range) => sum + usableAddresses(range), 0),
    ),
    family: 6,
    subnet,
  };
};

/** The IPv6 pod range, counted in the blocks that nodes get of it. */
const podRangeIpv6 = (cluster: AksCluster): Space | undefined => {
  const range = podRangeOf(cluster, 6);
  const [first] = cluster.pools;
  if (range === undefined || first === undefined) return undefined;
  return {
    address: `${cluster.address}.network_profile[0].pod_cidrs${ipv6Mark}`,
    name: `pod_cidr (IPv6, /${nodeBlockLengthIpv6} blocks)`,
    prefix: formatCidr(range),
    usable: blocksOf(range, networkMode(cluster, first), 2).total,
    family: 6,
    subnet: undefined,
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
    usable:
      Math.min(blocks, mode === "kubenet" ? maxClusterNodes(mode, familiesOf(cluster).length) : blocks) * blockSize,
    family: 4,
    subnet: undefined,
  };
};

const predictionOf = (space: Space, demands: readonly Demand[], platform: Platform): SubnetPrediction => {
  const parts = demands.map(({ what, perNode, counts, own, cluster }) => ({
    what: own ? what : `${what} of ${cluster.address}`,
    used: counts.used * perNode,
    reserved: counts.reserved * perNode,
  }));
  // Private endpoints and the like have IPv4 addresses.
  const tenants = space.subnet === undefined || space.family === 6 ? [] : tenantsOf(platform, space.subnet);
  const beside = tenants.reduce((sum, part) => sum + part.used, 0);
  const at = (of: (counts: NodeCounts) => number): number =>
    demands.reduce((sum, { perNode, counts }) => sum + perNode * of(counts), beside);
  const used = at((counts) => counts.used);
  const surge = at((counts) => counts.used + counts.reserved);
  return {
    address: space.address,
    name: space.name,
    prefix: space.prefix,
    ...(space.family === 6 ? { family: 6 as const } : {}),
    usable: space.usable,
    used,
    reserved: surge - used,
    free: space.usable - surge,
    moments: {
      now: at((counts) => counts.now),
      predicted: at((counts) => counts.predicted),
      max: at((counts) => counts.max),
      surge,
      rotation: at((counts) => counts.rotation),
    },
    ...moreNodes(demands, space.usable - used),
    parts: [...parts, ...tenants].filter((part) => part.used > 0 || part.reserved > 0),
  };
};

/** Nodes that would still fit, of the pool whose nodes take most here; nothing is said of a range without nodes. */
const moreNodes = (demands: readonly Demand[], room: number): { readonly moreNodes?: number } => {
  const byPool = new Map<NodePool, number>();
  for (const { pool, perNode } of demands) if (pool !== undefined) byPool.set(pool, (byPool.get(pool) ?? 0) + perNode);
  const most = Math.max(0, ...byPool.values());
  return most === 0 ? {} : { moreNodes: Math.max(0, Math.floor(room / most)) };
};

/** What else lies in the subnet: private endpoints, and network interfaces and internal load balancers of the configuration. */
const tenantsOf = (platform: Platform, subnet: Subnet): SubnetPrediction["parts"][number][] => [
  ...(subnet.usedByOthers === undefined
    ? []
    : [{ what: "others, as aks-twin.yaml says", used: subnet.usedByOthers, reserved: 0 }]),
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
