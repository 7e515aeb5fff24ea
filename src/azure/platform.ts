import type { SourceRange } from "../model/source-range.ts";
import type { Fact } from "../model/unknown.ts";

/**
 * The Azure resources of a configuration in one typed model, whichever door they came through: azurerm 3.x or 4.x, azapi,
 * HCL or plan JSON. `evaluate/` fills it; nobody after it knows Terraform. A reference to another resource is a `ResourceRef`.
 */
export interface Platform {
  readonly subscriptionId: Fact<string>;
  readonly resourceGroups: readonly ResourceGroup[];
  readonly virtualNetworks: readonly VirtualNetwork[];
  readonly subnets: readonly Subnet[];
  readonly peerings: readonly Peering[];
  readonly securityGroups: readonly SecurityGroup[];
  readonly routeTables: readonly RouteTable[];
  readonly natGateways: readonly NatGateway[];
  readonly publicIps: readonly PublicIp[];
  readonly publicIpPrefixes: readonly PublicIpPrefix[];
  readonly privateEndpoints: readonly PrivateEndpoint[];
  readonly privateDnsZones: readonly PrivateDnsZone[];
  readonly dnsZones?: readonly DnsZone[];
  readonly dnsRecords?: readonly DnsRecord[];
  readonly clusters: readonly AksCluster[];
  readonly registries: readonly ContainerRegistry[];
  readonly keyVaults: readonly KeyVault[];
  readonly storageAccounts: readonly StorageAccount[];
  readonly disks: readonly ManagedDisk[];
  readonly identities: readonly ManagedIdentity[];
  readonly federatedCredentials: readonly FederatedCredential[];
  readonly roleAssignments: readonly RoleAssignment[];
  readonly roleDefinitions: readonly RoleDefinition[];
  readonly logWorkspaces: readonly LogWorkspace[];
  readonly diagnosticSettings: readonly DiagnosticSetting[];
  readonly extensions: readonly ClusterExtension[];
  /** Azure Monitor beside workspaces and diagnostic settings; left out where the configuration has nothing of it. */
  readonly monitoring?: MonitoringResources;
  /** Every other resource instance: carried, drawn in the graph, not simulated. */
  readonly others: readonly AzureResource[];
  /** Addresses of data sources that read a resource of the same configuration, and that resource's address. */
  readonly aliases?: ReadonlyMap<string, string>;
  /** Ranges behind a peering or a gateway that only the user knows of. */
  readonly peeredRanges?: readonly PeeredRange[];
}

/** A range of addresses that the cluster's network can reach, with the user's name for it. */
export interface PeeredRange {
  readonly name: string;
  readonly prefix: string;
  readonly range: SourceRange | undefined;
}

/** What every resource has. `address` is Terraform's, such as `module.aks.azurerm_subnet.nodes["a"]`. */
export interface AzureResource {
  readonly address: string;
  /** Terraform's type, such as `azurerm_subnet`, or the ARM type of an `azapi_resource`. */
  readonly type: string;
  readonly name: Fact<string>;
  readonly resourceGroup: Fact<string>;
  readonly location: Fact<string>;
  readonly tags: Readonly<Record<string, string>>;
  /** The block's header, and the range of an attribute by its dotted path (`default_node_pool.vm_size`), the block's where it has none. */
  readonly range: SourceRange | undefined;
  readonly rangeAt: (path: string) => SourceRange | undefined;
  /** True for a data source: it exists already, and its attributes come from mocks or stay unknown. */
  readonly isData: boolean;
  /** Addresses of resources that the configuration says it depends on, references and depends_on, sorted. */
  readonly dependsOn: readonly string[];
}

/**
 * A reference to another resource: `address` where the configuration refers to an instance that is in it; `id` where it
 * gives an ARM id as text; both where the id of a known instance is known.
 */
export interface ResourceRef {
  readonly address: string | undefined;
  readonly id: Fact<string>;
}

export interface ResourceGroup extends AzureResource {
  readonly managedBy?: string;
}

export interface VirtualNetwork extends AzureResource {
  readonly addressSpace: Fact<readonly string[]>;
  readonly dnsServers: readonly string[];
}

export interface Subnet extends AzureResource {
  readonly virtualNetwork: ResourceRef;
  readonly addressPrefixes: Fact<readonly string[]>;
  readonly securityGroup: ResourceRef | undefined;
  readonly routeTable: ResourceRef | undefined;
  readonly natGateway: ResourceRef | undefined;
  /** Service names such as `Microsoft.ContainerService/managedClusters`. */
  readonly delegations: readonly string[];
  readonly serviceEndpoints: readonly string[];
  /** Addresses that machines outside of the configuration have, where the user says so. */
  readonly usedByOthers?: number;
}

export interface Peering extends AzureResource {
  readonly virtualNetwork: ResourceRef;
  readonly remoteVirtualNetwork: ResourceRef;
}

export interface SecurityRule {
  readonly name: string;
  readonly priority: Fact<number>;
  readonly direction: string;
  readonly access: string;
  readonly protocol: string;
  readonly sourcePrefixes: readonly string[];
  readonly destinationPrefixes: readonly string[];
  readonly sourcePorts: readonly string[];
  readonly destinationPorts: readonly string[];
  readonly range: SourceRange | undefined;
}

export interface SecurityGroup extends AzureResource {
  readonly rules: readonly SecurityRule[];
}

export interface RouteTable extends AzureResource {
  readonly routes: readonly {
    readonly name: string;
    readonly addressPrefix: Fact<string>;
    readonly nextHopType: string;
    readonly nextHopAddress: Fact<string>;
  }[];
}

export interface NatGateway extends AzureResource {
  readonly sku: Fact<string>;
  readonly zones: readonly string[];
  readonly idleTimeoutMinutes: Fact<number>;
  readonly publicIps: readonly ResourceRef[];
  readonly publicIpPrefixes: readonly ResourceRef[];
}

export interface PublicIp extends AzureResource {
  readonly sku: Fact<string>;
  readonly allocationMethod: Fact<string>;
  readonly zones: readonly string[];
  readonly ipAddress: Fact<string>;
  /** `IPv4` where left out. */
  readonly ipVersion?: Fact<string>;
  readonly domainNameLabel: Fact<string>;
  /** Azure adds a hash to the label where a scope is set (`TenantReuse` …). */
  readonly domainNameLabelScope?: Fact<string>;
}

export interface PublicIpPrefix extends AzureResource {
  readonly prefixLength: Fact<number>;
}

export interface PrivateEndpoint extends AzureResource {
  readonly subnet: ResourceRef;
  readonly target: ResourceRef;
  readonly subresources: readonly string[];
  readonly dnsZones: readonly ResourceRef[];
  /** Whether it has a DNS zone group; left out where it has none and nobody else is left to write one. */
  readonly dnsZoneGroup?: Fact<boolean>;
}

export interface PrivateDnsZone extends AzureResource {
  readonly linkedNetworks: readonly ResourceRef[];
}

/** A public zone. */
export interface DnsZone extends AzureResource {}

/** A record set of a public or a private zone; its name is `@` for the zone itself. */
export interface DnsRecord extends AzureResource {
  /** Other kinds have no targets here. */
  readonly kind: "A" | "AAAA" | "CNAME" | "NS" | "other";
  readonly isPrivate: boolean;
  readonly zone: ResourceRef;
  readonly zoneName: Fact<string>;
  readonly targets: readonly DnsTarget[];
  /** False where there may be targets that are not known. */
  readonly isWhole: boolean;
}

/** An address or name that a record leads to, and the resource whose attribute it is, where it is one. */
export interface DnsTarget {
  readonly value: Fact<string>;
  readonly source: string | undefined;
}

export interface AksCluster extends AzureResource {
  readonly kubernetesVersion: Fact<string>;
  readonly skuTier: Fact<string>;
  readonly skuName: Fact<string>;
  readonly dnsPrefix: Fact<string>;
  readonly privateCluster: Fact<boolean>;
  readonly privateDnsZone: ResourceRef | Fact<string>;
  readonly authorizedIpRanges: Fact<readonly string[]>;
  /** API server VNet integration: the subnet of its own that the API server has then. */
  readonly apiServerSubnet?: ResourceRef;
  readonly vnetIntegration?: Fact<boolean>;
  readonly nodeResourceGroup: Fact<string>;
  readonly identity: ClusterIdentity;
  readonly kubeletIdentity: ResourceRef | undefined;
  readonly network: ClusterNetwork;
  readonly autoscalerProfile: Readonly<Record<string, Fact<string | number | boolean>>>;
  /** From azapi or azurerm 4.x; `Auto` is node auto-provisioning. */
  readonly nodeProvisioningMode: Fact<string>;
  /** `Auto` or `None`: whether AKS makes NodePools of its own. */
  readonly nodeProvisioningDefaultPools?: Fact<string>;
  readonly addons: ClusterAddons;
  readonly localAccountDisabled: Fact<boolean>;
  readonly entra:
    | { readonly managed: boolean; readonly azureRbac: Fact<boolean>; readonly adminGroups: readonly string[] }
    | undefined;
  readonly oidcIssuer: Fact<boolean>;
  readonly workloadIdentity: Fact<boolean>;
  readonly automaticUpgradeChannel: Fact<string>;
  readonly nodeOsUpgradeChannel: Fact<string>;
  readonly maintenanceWindow: boolean;
  readonly runCommand: Fact<boolean>;
  readonly storage: {
    readonly disk: Fact<boolean>;
    readonly file: Fact<boolean>;
    readonly blob: Fact<boolean>;
    readonly snapshot: Fact<boolean>;
  };
  /** The default pool first, then the pools that name this cluster, in address order. */
  readonly pools: readonly NodePool[];
  /** Several Standard load balancers in place of one (preview); left out where there is one. */
  readonly loadBalancers?: readonly ClusterLoadBalancer[];
  readonly windowsAdmin: boolean;
}

/** One of several load balancers of a cluster (`managedClusters/loadBalancers`); its name is the load balancer's. */
export interface ClusterLoadBalancer extends AzureResource {
  readonly cluster: ResourceRef;
  /** The pool whose nodes are always behind it. */
  readonly primaryPool: Fact<string>;
  /** True where left out. */
  readonly allowServicePlacement: Fact<boolean>;
  readonly serviceLabelSelector: Fact<LabelRequirements>;
  readonly serviceNamespaceSelector: Fact<LabelRequirements>;
  readonly nodeSelector: Fact<LabelRequirements>;
}

/** What Kubernetes calls a label selector. */
export interface LabelRequirements {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** Who the control plane acts as. */
export interface ClusterIdentity {
  readonly type: Fact<string>;
  readonly userAssigned: readonly ResourceRef[];
  readonly servicePrincipalId: Fact<string>;
}

export interface ClusterNetwork {
  /** `azure`, `kubenet` or `none`. */
  readonly plugin: Fact<string>;
  readonly pluginMode: Fact<string>;
  /** `azure`, `cilium`. */
  readonly dataPlane: Fact<string>;
  /** `azure`, `calico`, `cilium`, or undefined. */
  readonly policy: Fact<string>;
  readonly podCidr: Fact<string>;
  /** Both families of a dual-stack cluster, where given as lists. */
  readonly podCidrs?: Fact<readonly string[]>;
  readonly serviceCidrs?: Fact<readonly string[]>;
  readonly ipVersions?: Fact<readonly string[]>;
  readonly serviceCidr: Fact<string>;
  readonly dnsServiceIp: Fact<string>;
  readonly outboundType: Fact<string>;
  readonly loadBalancerSku: Fact<string>;
  readonly loadBalancer: {
    readonly managedOutboundIps: Fact<number>;
    /** Beside them, in a dual-stack cluster. */
    readonly managedOutboundIpv6?: Fact<number>;
    readonly outboundIps: readonly ResourceRef[];
    readonly outboundIpPrefixes: readonly ResourceRef[];
    /** SNAT ports a node; 0 is Azure's own allocation. */
    readonly outboundPortsAllocated: Fact<number>;
    readonly idleTimeoutMinutes: Fact<number>;
    readonly backendPoolType: Fact<string>;
  };
  readonly natGateway: { readonly managedOutboundIps: Fact<number>; readonly idleTimeoutMinutes: Fact<number> };
}

export interface ClusterAddons {
  /** Container insights: the workspace it writes to. */
  readonly omsAgent: ResourceRef | undefined;
  /** Container insights by the cluster's identity and data collection rules, and not by the workspace's key. */
  readonly omsAgentMsiAuth?: Fact<boolean>;
  readonly monitorMetrics: boolean;
  /** Add-ons of which not even their being there is known, or that are left to others (`oms_agent`, `monitor_metrics`). */
  readonly unsureAddons?: readonly string[];
  readonly azurePolicy: Fact<boolean>;
  readonly keyVaultSecretsProvider: { readonly rotation: Fact<boolean> } | undefined;
  readonly webAppRouting:
    | {
        readonly dnsZones: readonly ResourceRef[];
        /** `AnnotationControlled`, `External`, `Internal` or `None`. */
        readonly defaultNginxController?: Fact<string>;
      }
    | undefined;
  readonly applicationGateway:
    | { readonly gateway: ResourceRef | undefined; readonly subnet: ResourceRef | undefined }
    | undefined;
  readonly httpApplicationRouting: Fact<boolean>;
  readonly openServiceMesh: Fact<boolean>;
  readonly serviceMesh:
    | { readonly mode: string; readonly internalGateway: boolean; readonly externalGateway: boolean }
    | undefined;
  readonly keda: Fact<boolean>;
  readonly vpa: Fact<boolean>;
  readonly defender: ResourceRef | undefined;
  readonly imageCleaner: Fact<boolean>;
  readonly virtualNode: { readonly subnetName: Fact<string> } | undefined;
  readonly costAnalysis: Fact<boolean>;
}

export interface NodePool extends AzureResource {
  readonly cluster: ResourceRef;
  readonly isDefault: boolean;
  readonly mode: Fact<string>;
  readonly vmSize: Fact<string>;
  readonly osType: Fact<string>;
  readonly osSku: Fact<string>;
  readonly osDiskSizeGb: Fact<number>;
  readonly osDiskType: Fact<string>;
  readonly kubeletDiskType: Fact<string>;
  readonly orchestratorVersion: Fact<string>;
  readonly zones: Fact<readonly string[]>;
  readonly nodeCount: Fact<number>;
  readonly autoscaling: Fact<boolean>;
  readonly minCount: Fact<number>;
  readonly maxCount: Fact<number>;
  readonly maxPods: Fact<number>;
  readonly subnet: ResourceRef | undefined;
  readonly podSubnet: ResourceRef | undefined;
  /** `DynamicIndividual` or `StaticBlock` (azapi `podIPAllocationMode`). */
  readonly podIpAllocationMode?: Fact<string>;
  readonly labels: Readonly<Record<string, string>>;
  /** As Terraform writes them: `key=value:Effect`. */
  readonly taints: readonly string[];
  readonly priority: Fact<string>;
  readonly evictionPolicy: Fact<string>;
  readonly spotMaxPrice: Fact<number>;
  readonly scaleDownMode: Fact<string>;
  readonly upgrade: {
    readonly maxSurge: Fact<string>;
    readonly maxUnavailable: Fact<string>;
    readonly drainTimeoutMinutes: Fact<number>;
    readonly soakMinutes: Fact<number>;
  };
  readonly temporaryNameForRotation: Fact<string>;
  readonly publicIpPerNode: Fact<boolean>;
  readonly onlyCriticalAddons: Fact<boolean>;
  readonly kubeletConfig: Readonly<Record<string, Fact<string | number | boolean>>>;
  readonly ultraSsd: Fact<boolean>;
  readonly ignoresNodeCount: boolean;
}

export interface ContainerRegistry extends AzureResource {
  readonly sku: Fact<string>;
  readonly loginServer: Fact<string>;
  readonly adminEnabled: Fact<boolean>;
  readonly publicNetworkAccess: Fact<boolean>;
  readonly anonymousPull: Fact<boolean>;
  readonly networkDefaultAction: Fact<string>;
  /** `AbacRepositoryPermissions` where repository roles count instead of AcrPull. */
  readonly roleAssignmentMode?: Fact<string>;
}

export interface KeyVault extends AzureResource {
  readonly rbacAuthorization: Fact<boolean>;
  readonly publicNetworkAccess: Fact<boolean>;
  readonly networkDefaultAction: Fact<string>;
  readonly allowedSubnets: readonly ResourceRef[];
  readonly accessPolicies: readonly {
    readonly objectId: PrincipalRef;
    readonly secretPermissions: readonly string[];
    readonly keyPermissions: readonly string[];
    readonly certificatePermissions: readonly string[];
    readonly range: SourceRange | undefined;
  }[];
  readonly purgeProtection: Fact<boolean>;
  readonly secrets: readonly { readonly address: string; readonly name: Fact<string> }[];
}

export interface StorageAccount extends AzureResource {
  readonly tier: Fact<string>;
  readonly replication: Fact<string>;
  readonly kind: Fact<string>;
  readonly sharedKeyAccess: Fact<boolean>;
  readonly publicNetworkAccess: Fact<boolean>;
  readonly networkDefaultAction: Fact<string>;
}

export interface ManagedDisk extends AzureResource {
  readonly sizeGb: Fact<number>;
  readonly sku: Fact<string>;
  readonly zone: Fact<string>;
}

export interface ManagedIdentity extends AzureResource {
  readonly clientId: Fact<string>;
  readonly principalId: Fact<string>;
}

export interface FederatedCredential extends AzureResource {
  readonly identity: ResourceRef;
  readonly issuer: Fact<string>;
  /** The cluster whose `oidc_issuer_url` the issuer refers to. */
  readonly issuerCluster: ResourceRef | undefined;
  readonly subject: Fact<string>;
  readonly audiences: readonly string[];
}

/** Who a role is given to: an identity of the configuration, or an object id as text. */
export interface PrincipalRef {
  /** The resource that the id was taken from, and which of its identities: `identity`, `kubelet_identity`, `key_vault_secrets_provider`, … */
  readonly address: string | undefined;
  readonly part: string | undefined;
  readonly id: Fact<string>;
}

export interface RoleAssignment extends AzureResource {
  readonly principal: PrincipalRef;
  readonly roleName: Fact<string>;
  readonly roleDefinitionId: Fact<string>;
  readonly scope: ResourceRef;
  /** The namespace of the cluster that is `scope`, where the role is for that alone (`…/namespaces/shop`). */
  readonly namespace?: Fact<string>;
  /** The ABAC condition, as text. */
  readonly condition?: Fact<string>;
}

export interface RoleDefinition extends AzureResource {
  readonly permissions: readonly {
    readonly actions: readonly string[];
    readonly notActions: readonly string[];
    readonly dataActions: readonly string[];
    readonly notDataActions: readonly string[];
  }[];
}

export interface LogWorkspace extends AzureResource {
  readonly sku: Fact<string>;
  readonly retentionDays: Fact<number>;
  readonly dailyQuotaGb: Fact<number>;
  /** False: agents reach it through a private link scope alone. */
  readonly internetIngestion?: Fact<boolean>;
  /** False: the workspace takes no data that is signed with its key. */
  readonly localAuthentication?: Fact<boolean>;
}

export interface DiagnosticSetting extends AzureResource {
  readonly target: ResourceRef;
  readonly workspace: ResourceRef | undefined;
  /** Log categories and category groups that are switched on. */
  readonly categories: readonly string[];
  readonly metrics?: readonly string[];
  readonly storage?: ResourceRef;
  /** The authorization rule of the event hub's namespace. */
  readonly eventHub?: ResourceRef;
  readonly partner?: ResourceRef;
  /** `Dedicated`: the tables of the resource's kind in the workspace, and not AzureDiagnostics. */
  readonly destinationType?: Fact<string>;
  /** False where there may be categories that are not known. */
  readonly isWhole?: boolean;
}

/** What collects, forwards and tells. */
export interface MonitoringResources {
  readonly collectionRules: readonly CollectionRule[];
  readonly collectionEndpoints: readonly CollectionEndpoint[];
  readonly associations: readonly CollectionAssociation[];
  readonly metricWorkspaces: readonly AzureResource[];
  readonly alerts: readonly AlertRule[];
  readonly actionGroups: readonly ActionGroup[];
  readonly processingRules: readonly AlertProcessingRule[];
  readonly grafanas: readonly Grafana[];
  readonly privateLinkScopes: readonly AzureResource[];
  readonly scopedServices: readonly ScopedService[];
  readonly logSolutions: readonly LogSolution[];
}

/** A data collection rule. */
export interface CollectionRule extends AzureResource {
  readonly endpoint: ResourceRef | undefined;
  readonly sources: readonly {
    /** The block's name: `extension`, `prometheus_forwarder`, `syslog` … */
    readonly kind: string;
    /** Of an extension, such as `ContainerInsights`. */
    readonly extension: Fact<string>;
    readonly streams: readonly string[];
    /** Container insights: the namespaces that alone, or that not, are collected. */
    readonly namespaces?: { readonly mode: "include" | "exclude"; readonly names: readonly string[] };
  }[];
  readonly destinations: readonly {
    /** `log_analytics`, `monitor_account` … */
    readonly kind: string;
    readonly name: Fact<string>;
    readonly target: ResourceRef;
  }[];
  readonly flows: readonly {
    readonly streams: readonly string[];
    readonly destinations: Fact<readonly string[]>;
  }[];
  /** False where there may be sources, destinations or flows that are not known. */
  readonly isWhole: boolean;
}

export interface CollectionEndpoint extends AzureResource {
  readonly publicNetworkAccess: Fact<boolean>;
}

/** Hands a rule, or an endpoint to read rules from, to the agents of a cluster. */
export interface CollectionAssociation extends AzureResource {
  readonly target: ResourceRef;
  /** A rule, or an Azure Monitor workspace that brings one. */
  readonly rule: ResourceRef | undefined;
  readonly endpoint: ResourceRef | undefined;
}

export interface AlertRule extends AzureResource {
  readonly kind: "metric" | "logQuery" | "activityLog" | "prometheus";
  readonly enabled: Fact<boolean>;
  readonly scopes: readonly ResourceRef[];
  /** The cluster that a group of Prometheus rules is for, by name. */
  readonly clusterName?: Fact<string>;
  readonly conditions: readonly AlertCondition[];
  readonly actionGroups: readonly ResourceRef[];
  /** False where there may be actions or conditions that are not known. */
  readonly isWhole: boolean;
}

/** One criterion, query or rule. */
export interface AlertCondition {
  /** The metric's or the rule's name. */
  readonly name: Fact<string>;
  readonly dimensions: readonly {
    readonly name: Fact<string>;
    readonly operator: Fact<string>;
    readonly values: Fact<readonly string[]>;
  }[];
  /** KQL or PromQL. */
  readonly query: Fact<string>;
  /** False for recording rules, which tell nobody. */
  readonly isAlert: boolean;
  readonly enabled: Fact<boolean>;
  /** Of the condition alone, as Prometheus rules have them. */
  readonly actionGroups: readonly ResourceRef[];
  /** The dotted path of its query or its dimensions, for ranges. */
  readonly path: string;
}

export interface ActionGroup extends AzureResource {
  readonly enabled: Fact<boolean>;
  /** Kinds of receivers, one for each: `email_receiver`, `webhook_receiver` … */
  readonly receivers: readonly string[];
  readonly isWhole: boolean;
}

/** Adds action groups to the alerts of its scopes, or keeps them from telling anybody. */
export interface AlertProcessingRule extends AzureResource {
  readonly kind: "adds" | "suppresses";
  readonly enabled: Fact<boolean>;
  readonly scopes: readonly ResourceRef[];
  readonly actionGroups: readonly ResourceRef[];
}

export interface Grafana extends AzureResource {
  readonly identityType: Fact<string>;
  readonly metricWorkspaces: readonly ResourceRef[];
}

/** A resource that a private link scope holds. */
export interface ScopedService extends AzureResource {
  readonly scope: ResourceRef;
  readonly linked: ResourceRef;
}

export interface LogSolution extends AzureResource {
  readonly solution: Fact<string>;
  readonly workspace: ResourceRef;
}

export interface ClusterExtension extends AzureResource {
  readonly cluster: ResourceRef;
  readonly extensionType: Fact<string>;
}
