import type { Service } from "../../kubernetes/networking.ts";
import type { LabelSelector } from "../../kubernetes/object.ts";

/** What the simulated cloud provider is given: Azure as it stands, the provider's configuration, and the calls to make. */
export interface LoadBalancerInput {
  /** `kubernetes` where left out, as AKS has it. */
  readonly clusterName?: string;
  readonly cloudConfig: CloudConfig;
  readonly regionZones?: readonly string[];
  readonly subnets?: readonly InputSubnet[];
  readonly publicIPs?: readonly InputPublicIp[];
  readonly managedOutboundIPs?: number;
  readonly securityRules?: readonly InputSecurityRule[];
  readonly nodes?: readonly InputNode[];
  readonly steps: readonly Step[];
  /** Labels of namespaces, for configurations that select by them. */
  readonly namespaces?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Nodes of the endpoints of Services (`namespace/name`), for externalTrafficPolicy Local on several load balancers. */
  readonly endpoints?: Readonly<Record<string, readonly string[]>>;
}

/** The keys of `azure.json` that decide on load balancers. */
export interface CloudConfig {
  readonly subscriptionId?: string;
  readonly networkResourceSubscriptionID?: string;
  readonly resourceGroup?: string;
  readonly location?: string;
  readonly vnetName?: string;
  readonly vnetResourceGroup?: string;
  readonly subnetName?: string;
  readonly securityGroupName?: string;
  readonly securityGroupResourceGroup?: string;
  readonly loadBalancerName?: string;
  readonly loadBalancerResourceGroup?: string;
  readonly loadBalancerBackendPoolConfigurationType?: string;
  readonly preConfiguredBackendPoolLoadBalancerTypes?: string;
  readonly privateLinkServiceResourceGroup?: string;
  readonly excludeMasterFromStandardLB?: boolean;
  readonly disableOutboundSNAT?: boolean;
  readonly clusterServiceLoadBalancerHealthProbeMode?: string;
  readonly clusterServiceSharedLoadBalancerHealthProbePort?: number;
  readonly clusterServiceSharedLoadBalancerHealthProbePath?: string;
  readonly tags?: string;
  readonly tagsMap?: Readonly<Record<string, string>>;
  readonly systemTags?: string;
  readonly multipleStandardLoadBalancerConfigurations?: readonly BalancerConfiguration[];
}

/** One of several Standard load balancers. */
export interface BalancerConfiguration {
  readonly name: string;
  /** The scale set whose nodes are always on it. */
  readonly primaryVMSet?: string;
  /** True where left out. */
  readonly allowServicePlacement?: boolean | null;
  readonly serviceLabelSelector?: LabelSelector | null;
  readonly serviceNamespaceSelector?: LabelSelector | null;
  readonly nodeSelector?: LabelSelector | null;
}

export interface InputSubnet {
  readonly resourceGroup: string;
  readonly vnet: string;
  readonly name: string;
  readonly prefixes?: readonly string[];
}

export interface InputPublicIp {
  readonly resourceGroup: string;
  readonly name: string;
  readonly ip?: string;
  readonly version?: string;
  readonly sku?: string;
  readonly allocation?: string;
  readonly zones?: readonly string[];
  readonly dnsLabel?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface InputSecurityRule {
  readonly name: string;
  readonly priority: number;
  readonly direction: string;
  readonly access: string;
  readonly protocol: string;
  readonly sources?: readonly string[];
  readonly destinations?: readonly string[];
  readonly destinationPorts?: readonly string[];
}

export interface InputNode {
  readonly name: string;
  readonly scaleSet: string;
  readonly instance: string;
  readonly ips?: readonly string[];
  readonly zone?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** One of: apply a Service, delete one, replace the set of nodes. */
export interface Step {
  readonly apply?: Service;
  readonly delete?: string;
  readonly nodes?: readonly InputNode[];
}

export interface StepResult {
  readonly call: string;
  readonly service?: string;
  readonly ingress?: readonly { readonly ip?: string }[];
  readonly error?: string;
  readonly events?: readonly string[];
  readonly writes: readonly string[];
}

/** A load balancer; its lists are replaced, never changed in place. */
export interface LoadBalancer {
  readonly resourceGroup: string;
  readonly name: string;
  readonly location: string;
  frontends: readonly Frontend[];
  pools: readonly BackendPool[];
  rules: readonly LoadBalancingRule[];
  probes: readonly Probe[];
  readonly outboundRules: readonly OutboundRule[];
  tags: Readonly<Record<string, string>>;
}

export interface Frontend {
  readonly name: string;
  readonly id: string;
  readonly zones?: readonly string[];
  readonly publicIp?: string;
  readonly subnet?: string;
  readonly privateIp?: string;
  readonly allocation?: "Static" | "Dynamic";
  readonly version?: "IPv6";
}

export interface BackendPool {
  readonly name: string;
  readonly id: string;
  /** Of a pool of addresses; the members of a pool of network interfaces stand with the instances. */
  readonly addresses: readonly { readonly name: string; readonly ip: string }[];
}

export interface LoadBalancingRule {
  readonly name: string;
  readonly frontend: string;
  readonly pool: string;
  readonly probe: string | undefined;
  readonly protocol: "Tcp" | "Udp" | "All";
  readonly frontendPort: number;
  readonly backendPort: number;
  readonly idleTimeout: number;
  readonly floatingIp: boolean;
  readonly tcpReset: boolean | undefined;
  readonly loadDistribution: "Default" | "SourceIP";
  readonly disableOutboundSnat: boolean;
}

export interface Probe {
  readonly name: string;
  readonly protocol: "Tcp" | "Http" | "Https";
  readonly port: number;
  readonly path: string | undefined;
  readonly interval: number;
  readonly threshold: number;
}

export interface OutboundRule {
  readonly name: string;
  readonly pool: string;
  readonly frontends: readonly string[];
}

export interface PublicIpAddress {
  readonly resourceGroup: string;
  readonly name: string;
  readonly id: string;
  readonly ip: string | undefined;
  readonly version: "IPv4" | "IPv6";
  readonly sku: string | undefined;
  readonly allocation: string;
  readonly zones: readonly string[];
  readonly dnsLabel: string | undefined;
  readonly prefix: string | undefined;
  readonly ipTags: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** A rule of the security group; one prefix stands alone, several in the list, as Azure's API has it. */
export interface SecurityGroupRule {
  readonly name: string;
  readonly priority: number;
  readonly direction: string;
  readonly access: string;
  readonly protocol: string;
  readonly sources: readonly string[];
  readonly destinations: readonly string[];
  readonly destinationPorts: readonly string[];
}

export interface PrivateLinkService {
  readonly resourceGroup: string;
  readonly name: string;
  readonly frontend: string;
  readonly ipConfigurations: readonly PrivateLinkIp[];
  readonly fqdns: readonly string[];
  readonly visibility: readonly string[] | undefined;
  readonly autoApproval: readonly string[] | undefined;
  readonly proxyProtocol: boolean | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export interface PrivateLinkIp {
  readonly name: string;
  readonly subnet: string;
  readonly ip: string | undefined;
  readonly primary: boolean;
}

/** A call that Azure or the provider refused, with the words it would give. */
export interface Failure {
  readonly error: string;
  /** The words are Azure's answer. */
  readonly response?: boolean;
}

export const isFailure = (value: unknown): value is Failure =>
  typeof value === "object" && value !== null && "error" in value;
