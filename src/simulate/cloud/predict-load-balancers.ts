import { parseIp } from "../../azure/cidr.ts";
import { type IpFamily, isDualStack } from "../../azure/ip-families.ts";
import { automaticPortsPerNode } from "../../azure/outbound.ts";
import type { AksCluster, Platform, PublicIp, ResourceRef, Subnet } from "../../azure/platform.ts";
import { regionName, regionZones } from "../../azure/regions.ts";
import type { Service, ServicePort } from "../../kubernetes/networking.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import { known, knownOr } from "../../model/unknown.ts";
import { nodeResourceGroupName } from "../nodes/names.ts";
import type { LoadBalancerPrediction, PublicIpPrediction, ServicePrediction } from "../prediction.ts";
import { lastPart } from "./azure-account.ts";
import { balancerConfigurations, namespaceLabels } from "./balancer-configurations.ts";
import { annotation } from "./load-balancer-service.ts";
import type {
  CloudConfig,
  InputNode,
  InputPublicIp,
  InputSubnet,
  LoadBalancer,
  LoadBalancerInput,
} from "./load-balancer-types.ts";
import { type LoadBalancerOutcome, simulateLoadBalancers } from "./load-balancers.ts";
import { serviceFamilies } from "./service-families.ts";

export interface BalancersInput {
  readonly platform: Platform;
  readonly cluster: AksCluster;
  /** All Services of the cluster, those of add-ons among them. */
  readonly services: readonly Service[];
  /** Nodes at the highest load that is predicted, for the ports each has. */
  readonly nodes: number;
  /** Nodes of each pool at that load by name, for public addresses of nodes. */
  readonly nodesByPool?: ReadonlyMap<string, number>;
  /** Namespace objects, for load balancers that select by their labels. */
  readonly namespaces?: readonly KubeObject[];
}

export interface BalancersPrediction {
  readonly loadBalancers: readonly LoadBalancerPrediction[];
  readonly publicIps: readonly PublicIpPrediction[];
  readonly services: readonly ServicePrediction[];
  /** Internal frontends for the addresses of subnets. */
  readonly internalFrontends: readonly {
    readonly service: string;
    readonly subnet: string | undefined;
    readonly family?: IpFamily;
  }[];
}

/** What the Azure cloud provider makes of the cluster's Services, and the public addresses that the cluster's egress takes. */
export const predictLoadBalancers = (input: BalancersInput): BalancersPrediction => {
  const balanced = input.services.filter(
    (service) => service.spec.type === "LoadBalancer" && service.spec.loadBalancerClass === undefined,
  );
  const outcome = simulateLoadBalancers({
    ...severalBalancers(input),
    cloudConfig: cloudConfigOf(input),
    regionZones: regionZones(knownOr(input.cluster.location, "")) === "zonal" ? ["1", "2", "3"] : [],
    subnets: subnetsOf(input),
    publicIPs: publicIpsOf(input, balanced),
    managedOutboundIPs: outboundAddresses(input.cluster).filter(({ family }) => family !== 6).length,
    steps: balanced.map((service, index) => ({ apply: allocated(input.cluster, service, index) })),
  });
  const bases: Bases = new Map(balanced.map((service, index) => [baseOf(service, index), keyOf(service)]));
  return {
    loadBalancers: [...outcome.account.loadBalancers.values()].map((balancer) => describe(input, balancer, bases)),
    publicIps: [...egressAddresses(input), ...serviceAddresses(input, outcome)],
    services: balanced.map((service, index) => servicePrediction(input, service, outcome, index, bases)),
    internalFrontends: internalFrontends(outcome, bases),
  };
};

/** Services by the base of their names. */
type Bases = ReadonlyMap<string, string>;

/** The Service that a frontend or rule is named after: names begin with its base, which has no dash. */
const serviceOf = (name: string, bases: Bases): string | undefined => bases.get(name.split("-", 1)[0] ?? "");

/** The words with the uids, which nobody knows before apply, told by the Services they are of. */
const readable = (text: string, bases: Bases): string => {
  let words = text;
  for (const [base, service] of bases) words = words.replaceAll(base, `a<uid of ${service}>`);
  return words;
};

const keyOf = (service: Service): string => `${service.metadata.namespace ?? "default"}/${service.metadata.name}`;

/** The base of a Service's names: 32 characters of the uid, shortened so that two Services never share one. */
const stepUid = (service: Service, index: number): string =>
  service.metadata.uid ?? `${String(index).padStart(8, "0")}${keyOf(service).replace(/[^a-z0-9]/g, "")}`;

/** The Service with what the API server allocates: families, protocol, node ports. The ports' numbers are placeholders. */
const allocated = (cluster: AksCluster, service: Service, index: number): Service => {
  const given = serviceFamilies(cluster, service);
  const first = 30000 + ((index * 7) % 2700);
  const ports = (service.spec.ports ?? []).map(
    (port, position): ServicePort => ({
      ...port,
      protocol: port.protocol ?? "TCP",
      ...(port.nodePort === undefined && service.spec.allocateLoadBalancerNodePorts !== false
        ? { nodePort: first + position }
        : {}),
    }),
  );
  const local = service.spec.externalTrafficPolicy === "Local";
  return {
    ...service,
    metadata: {
      ...service.metadata,
      namespace: service.metadata.namespace ?? "default",
      uid: stepUid(service, index),
    },
    spec: {
      ...service.spec,
      ports,
      // One that the API server refuses is played with what it asks for; a rule tells of it.
      ipFamilies: "families" in given ? given.families : (service.spec.ipFamilies ?? ["IPv4"]),
      ...(local ? { healthCheckNodePort: service.spec.healthCheckNodePort ?? 32767 - (index % 60) } : {}),
    },
  };
};

const nodeGroup = (cluster: AksCluster): string =>
  known(cluster.nodeResourceGroup) ??
  nodeResourceGroupName(
    knownOr(cluster.resourceGroup, "group"),
    knownOr(cluster.name, "cluster"),
    regionName(knownOr(cluster.location, "region")),
  );

/** What only several load balancers ask for: the nodes, which are shared out among them, and the labels of namespaces. */
const severalBalancers = (input: BalancersInput): Pick<LoadBalancerInput, "nodes" | "namespaces"> =>
  balancerConfigurations(input.cluster) === undefined
    ? {}
    : { nodes: balancedNodes(input), namespaces: namespaceLabels(input.services, input.namespaces ?? []) };

/** Nodes of the pools; only the pool that each is of matters, their names and addresses are placeholders. */
const balancedNodes = ({ cluster, nodesByPool }: BalancersInput): readonly InputNode[] => {
  let made = 0;
  return cluster.pools.flatMap((pool) => {
    const name = knownOr(pool.name, pool.address);
    return Array.from({ length: nodesByPool?.get(name) ?? 0 }, (_, index): InputNode => {
      made += 1;
      const rest = `${(made >> 8) & 255}.${made & 255}`;
      return {
        name: `${name}-${index}`,
        scaleSet: name,
        instance: String(index),
        ips: [`100.64.${rest}`, ...(isDualStack(cluster) === true ? [`fd00::${made.toString(16)}`] : [])],
        labels: { agentpool: name, "kubernetes.azure.com/agentpool": name, ...pool.labels },
      };
    });
  });
};

const cloudConfigOf = ({ platform, cluster }: BalancersInput): CloudConfig => {
  const home = findSubnet(platform, homeSubnet(cluster));
  const network = home === undefined ? undefined : findNetwork(platform, home);
  const outbound = knownOr(cluster.network.outboundType, "loadBalancer").toLowerCase() === "loadbalancer";
  const several = balancerConfigurations(cluster);
  return {
    subscriptionId: knownOr(platform.subscriptionId, "subscription"),
    resourceGroup: nodeGroup(cluster),
    location: regionName(knownOr(cluster.location, "region")),
    vnetName: network?.name ?? "aks-vnet",
    vnetResourceGroup: network?.group ?? nodeGroup(cluster),
    subnetName: home === undefined ? "aks-subnet" : knownOr(home.name, home.address),
    securityGroupName: "aks-agentpool-nsg",
    loadBalancerBackendPoolConfigurationType: knownOr(
      cluster.network.loadBalancer.backendPoolType,
      "NodeIPConfiguration",
    ),
    disableOutboundSNAT: outbound,
    ...(several === undefined ? {} : { multipleStandardLoadBalancerConfigurations: several }),
  };
};

const homeSubnet = (cluster: AksCluster): ResourceRef | undefined =>
  (cluster.pools.find((pool) => pool.isDefault) ?? cluster.pools[0])?.subnet;

const findSubnet = (platform: Platform, ref: ResourceRef | undefined): Subnet | undefined => {
  if (ref === undefined) return undefined;
  const id = known(ref.id);
  return platform.subnets.find(
    (subnet) =>
      subnet.address === ref.address ||
      (id !== undefined &&
        ref.address === undefined &&
        known(subnet.name)?.toLowerCase() === lastPart(id).toLowerCase()),
  );
};

const findNetwork = (
  platform: Platform,
  subnet: Subnet,
): { readonly name: string; readonly group: string } | undefined => {
  const { address, id } = subnet.virtualNetwork;
  const network = platform.virtualNetworks.find((item) => item.address === address);
  const text = known(id);
  const name = known(network?.name) ?? (text === undefined ? address : lastPart(text));
  const group = known(network?.resourceGroup) ?? known(subnet.resourceGroup);
  return name === undefined ? undefined : { name, group: group ?? "network" };
};

/** Subnets of the cluster's own network, which are those that a Service may name. */
const subnetsOf = ({ platform, cluster, services }: BalancersInput): readonly InputSubnet[] => {
  const home = findSubnet(platform, homeSubnet(cluster));
  const config = cloudConfigOf({ platform, cluster, services: [], nodes: 0 });
  const place = { resourceGroup: config.vnetResourceGroup ?? "", vnet: config.vnetName ?? "" };
  if (home === undefined) return [{ ...place, name: "aks-subnet", prefixes: ["10.224.0.0/16"] }];
  const same = platform.subnets.filter(
    (subnet) =>
      subnet === home ||
      (subnet.virtualNetwork.address !== undefined && subnet.virtualNetwork.address === home.virtualNetwork.address),
  );
  const shown = same.map((subnet) => ({
    ...place,
    name: knownOr(subnet.name, subnet.address),
    prefixes: knownOr(subnet.addressPrefixes, ["10.0.0.0/8"]),
  }));
  const network = platform.virtualNetworks.find((item) => item.address === home.virtualNetwork.address);
  if (network !== undefined && !network.isData) return shown;
  // Of a network that is made elsewhere only some subnets are seen: those that Services name are taken to exist.
  const names = new Set(shown.map((subnet) => subnet.name));
  const named = services.flatMap((service) => service.metadata.annotations?.[annotation.internalSubnet]?.trim() || []);
  return [
    ...shown,
    ...[...new Set(named)]
      .filter((name) => !names.has(name))
      .map((name) => ({ ...place, name, prefixes: ["10.0.0.0/8"] })),
  ];
};

/**
 * The public IPs of the configuration, and those that Services ask for and the configuration does not show: they are taken to exist in the
 * group where the provider looks, since what is made elsewhere cannot be seen from here.
 */
const publicIpsOf = (input: BalancersInput, services: readonly Service[]): readonly InputPublicIp[] => {
  const found = input.platform.publicIps.flatMap((address) => publicIpOf(input, address));
  const ips = new Set(found.map((address) => address.ip));
  const names = new Set(found.map((address) => address.name.toLowerCase()));
  for (const service of services) {
    const annotations = service.metadata.annotations ?? {};
    if (annotations[annotation.internal] === "true") continue;
    const resourceGroup = annotations[annotation.resourceGroup]?.trim() || nodeGroup(input.cluster);
    for (const ip of requested(service))
      if (!ips.has(ip)) {
        ips.add(ip);
        found.push({ resourceGroup, name: `public IP ${ip}`, ip, version: ip.includes(":") ? "IPv6" : "IPv4" });
      }
    for (const [name, version] of [
      [annotations[annotation.pipName], "IPv4"],
      [annotations[annotation.pipNameIpv6], "IPv6"],
    ] as const)
      if (name && !names.has(name.toLowerCase())) {
        names.add(name.toLowerCase());
        found.push({ resourceGroup, name, version });
      }
  }
  return found;
};

/** A public IP of the configuration in the place where a Service would find it. */
const publicIpOf = ({ cluster }: BalancersInput, address: PublicIp): readonly InputPublicIp[] => {
  const name = known(address.name);
  if (name === undefined) return [];
  const group = known(address.resourceGroup) ?? nodeGroup(cluster);
  const ip = known(address.ipAddress);
  const label = known(address.domainNameLabel);
  return [
    {
      resourceGroup: group,
      name,
      ...(ip === undefined ? {} : { ip }),
      ...(known(address.ipVersion)?.toLowerCase() === "ipv6" ? { version: "IPv6" } : {}),
      sku: knownOr(address.sku, "Standard"),
      allocation: knownOr(address.allocationMethod, "Static"),
      zones: address.zones,
      ...(label === undefined ? {} : { dnsLabel: label }),
    },
  ];
};

interface OutboundAddress {
  readonly name: string;
  readonly managed: boolean;
  readonly family?: 6;
}

/** The addresses of the outbound rules: the user's own, else managed ones, by default one of each family that the cluster has. */
const outboundAddresses = (cluster: AksCluster): readonly OutboundAddress[] => {
  if (knownOr(cluster.network.outboundType, "loadBalancer").toLowerCase() !== "loadbalancer") return [];
  const { outboundIps, outboundIpPrefixes, managedOutboundIps, managedOutboundIpv6 } = cluster.network.loadBalancer;
  const own = [...outboundIps, ...outboundIpPrefixes];
  if (own.length > 0) return own.map((ref) => ({ name: ref.address ?? knownOr(ref.id, "?"), managed: false }));
  const count = Math.max(1, knownOr(managedOutboundIps, 1));
  const second = isDualStack(cluster) === true ? Math.max(1, knownOr(managedOutboundIpv6, 1)) : 0;
  return [
    ...Array.from({ length: count }, (_, index) => ({ name: `managed outbound IP ${index + 1}`, managed: true })),
    ...Array.from({ length: second }, (_, index): OutboundAddress => {
      return { name: `managed outbound IPv6 ${index + 1}`, managed: true, family: 6 };
    }),
  ];
};

const egressAddresses = (input: BalancersInput): readonly PublicIpPrediction[] => {
  const { platform, cluster } = input;
  const owner = cluster.address;
  const found: PublicIpPrediction[] = outboundAddresses(cluster).map((address) => ({
    ...address,
    purpose: "outbound",
    owner,
  }));
  const type = knownOr(cluster.network.outboundType, "loadBalancer").toLowerCase();
  if (type === "managednatgateway") {
    const count = Math.max(1, knownOr(cluster.network.natGateway.managedOutboundIps, 1));
    for (let index = 1; index <= count; index++)
      found.push({ name: `managed NAT gateway IP ${index}`, purpose: "nat-gateway", owner, managed: true });
  }
  const gateways = new Set(cluster.pools.map((pool) => findSubnet(platform, pool.subnet)?.natGateway?.address));
  for (const gateway of platform.natGateways) {
    if (!gateways.has(gateway.address)) continue;
    for (const ref of [...gateway.publicIps, ...gateway.publicIpPrefixes])
      found.push({
        name: ref.address ?? knownOr(ref.id, "?"),
        purpose: "nat-gateway",
        owner: gateway.address,
        managed: false,
      });
  }
  for (const pool of cluster.pools) {
    if (!knownOr(pool.publicIpPerNode, false)) continue;
    const count = input.nodesByPool?.get(knownOr(pool.name, "")) ?? 0;
    for (let index = 0; index < count; index++)
      found.push({
        name: `node ${index + 1} of pool ${knownOr(pool.name, "?")}`,
        purpose: "node",
        owner: pool.address,
        managed: true,
      });
  }
  const gateway = cluster.addons.applicationGateway;
  if (gateway !== undefined && gateway.gateway === undefined)
    found.push({ name: "application gateway of the add-on", purpose: "ingress", owner, managed: true });
  return found;
};

/** Public IPs that the provider makes for Services. */
const serviceAddresses = (input: BalancersInput, outcome: LoadBalancerOutcome): readonly PublicIpPrediction[] =>
  [...outcome.account.publicIps.values()].flatMap((address) => {
    const service = address.tags["k8s-azure-service"];
    if (service === undefined || service === "") return [];
    const ingress = service.startsWith("app-routing-system/");
    const own = input.platform.publicIps.some((given) => known(given.name) === address.name);
    return [
      {
        name: `kubernetes-a<uid of ${service}>${address.version === "IPv6" ? "-IPv6" : ""}`,
        purpose: ingress ? "ingress" : "service",
        owner: service,
        managed: !own,
        ...(address.version === "IPv6" ? { family: 6 as const } : {}),
      },
    ];
  });

const describe = (input: BalancersInput, balancer: LoadBalancer, bases: Bases): LoadBalancerPrediction => {
  const internal = balancer.name.endsWith("-internal");
  const outbound = new Set(balancer.outboundRules.flatMap((rule) => rule.frontends));
  const asked = knownOr(input.cluster.network.loadBalancer.outboundPortsAllocated, 0);
  return {
    name: balancer.name,
    internal,
    frontends: balancer.frontends.map((frontend) => {
      const users = new Set<string>();
      for (const rule of balancer.rules) {
        const user = rule.frontend === frontend.id ? serviceOf(rule.name, bases) : undefined;
        if (user !== undefined) users.add(user);
      }
      const ip = frontend.allocation === "Static" ? frontend.privateIp : undefined;
      return { name: frontendLabel(frontend.name, bases, outbound.has(frontend.id)), ip, services: [...users].sort() };
    }),
    rules: balancer.rules.length,
    probes: balancer.probes.length,
    snatPortsPerNode: outbound.size > 0 ? asked || automaticPortsPerNode(input.nodes) : undefined,
  };
};

const baseOf = (service: Service, index: number): string =>
  `a${stepUid(service, index)}`.replaceAll("-", "").slice(0, 32);

const frontendLabel = (name: string, bases: Bases, outbound: boolean): string => {
  if (outbound) return "outbound";
  const service = serviceOf(name, bases);
  return service === undefined ? name : `a<uid of ${service}>`;
};

const servicePrediction = (
  input: BalancersInput,
  service: Service,
  outcome: LoadBalancerOutcome,
  index: number,
  bases: Bases,
): ServicePrediction => {
  // A provider that does not start serves none.
  const step = outcome.steps[0]?.call === "InitializeCloudFromConfig" ? outcome.steps[0] : outcome.steps[index];
  const base = baseOf(service, index);
  const owned = (name: string): boolean => name.startsWith(base);
  const balancers = [...outcome.account.loadBalancers.values()];
  const given = new Set([
    ...input.platform.publicIps.flatMap((address) => known(address.ipAddress) ?? []),
    ...requested(service),
  ]);
  return {
    service: keyOf(service),
    internal: service.metadata.annotations?.[annotation.internal] === "true",
    addresses: (step?.ingress ?? []).flatMap(({ ip }) => (ip !== undefined && given.has(ip) ? [ip] : [])),
    state: step?.error === undefined ? "served" : "pending",
    message: readable(step?.error ?? "", bases),
    rules: count(balancers, (balancer) => balancer.rules.filter((rule) => owned(rule.name)).length),
    probes: count(balancers, (balancer) => balancer.probes.filter((probe) => owned(probe.name)).length),
  };
};

const requested = (service: Service): readonly string[] =>
  [
    service.spec.loadBalancerIP,
    service.metadata.annotations?.[annotation.ipv4],
    service.metadata.annotations?.[annotation.ipv6],
  ].filter((ip): ip is string => ip !== undefined && parseIp(ip) !== undefined);

const count = (balancers: readonly LoadBalancer[], of: (balancer: LoadBalancer) => number): number =>
  balancers.reduce((sum, balancer) => sum + of(balancer), 0);

const internalFrontends = (outcome: LoadBalancerOutcome, bases: Bases): BalancersPrediction["internalFrontends"] => {
  return [...outcome.account.loadBalancers.values()].flatMap((balancer) =>
    balancer.frontends.flatMap((frontend) =>
      frontend.subnet === undefined
        ? []
        : [
            {
              service: serviceOf(frontend.name, bases) ?? frontend.name,
              subnet: lastPart(frontend.subnet),
              ...(frontend.version === "IPv6" ? { family: 6 as const } : {}),
            },
          ],
    ),
  );
};
