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
  /** Every other resource instance: carried, drawn in the graph, not simulated. */
  readonly others: readonly AzureResource[];
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
  readonly domainNameLabel: Fact<string>;
}

export interface PublicIpPrefix extends AzureResource {
  readonly prefixLength: Fact<number>;
}

export interface PrivateEndpoint extends AzureResource {
  readonly subnet: ResourceRef;
  readonly target: ResourceRef;
  readonly subresources: readonly string[];
  readonly dnsZones: readonly ResourceRef[];
}

export interface PrivateDnsZone extends AzureResource {
  readonly linkedNetworks: readonly ResourceRef[];
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
  readonly windowsAdmin: boolean;
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
  readonly monitorMetrics: boolean;
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
}

export interface DiagnosticSetting extends AzureResource {
  readonly target: ResourceRef;
  readonly workspace: ResourceRef | undefined;
  readonly categories: readonly string[];
}

export interface ClusterExtension extends AzureResource {
  readonly cluster: ResourceRef;
  readonly extensionType: Fact<string>;
}
