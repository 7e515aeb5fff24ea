import type {
  AksCluster,
  AzureResource,
  ContainerRegistry,
  FederatedCredential,
  ManagedIdentity,
  NodePool,
  PrincipalRef,
  ResourceRef,
  RoleAssignment,
  SecurityGroup,
  Subnet,
  VirtualNetwork,
} from "../../src/azure/platform.ts";
import { unknown } from "../../src/model/unknown.ts";
import { range } from "./report.ts";

/** Small builders of the Azure model: each gives a sound resource, and a row says only what it is about. */

export const ref = (address: string): ResourceRef => ({ address, id: unknown(`${address}.id is known after apply`) });

const resource = (type: string, label: string): AzureResource => ({
  address: `${type}.${label}`,
  type,
  name: label,
  resourceGroup: "rg",
  location: "westeurope",
  tags: {},
  range: range("main.tf", 10),
  rangeAt: () => range("main.tf", 11),
  isData: false,
  dependsOn: [],
});

export const network = (label: string, parts: Partial<VirtualNetwork> = {}): VirtualNetwork => ({
  ...resource("azurerm_virtual_network", label),
  addressSpace: ["10.1.0.0/16"],
  dnsServers: [],
  ...parts,
});

export const subnet = (label: string, prefix: string, parts: Partial<Subnet> = {}): Subnet => ({
  ...resource("azurerm_subnet", label),
  virtualNetwork: ref("azurerm_virtual_network.main"),
  addressPrefixes: [prefix],
  securityGroup: undefined,
  routeTable: undefined,
  natGateway: undefined,
  delegations: [],
  serviceEndpoints: [],
  ...parts,
});

export const securityGroup = (label: string, parts: Partial<SecurityGroup> = {}): SecurityGroup => ({
  ...resource("azurerm_network_security_group", label),
  rules: [],
  ...parts,
});

export const identity = (label: string, parts: Partial<ManagedIdentity> = {}): ManagedIdentity => ({
  ...resource("azurerm_user_assigned_identity", label),
  clientId: unknown("known after apply"),
  principalId: unknown("known after apply"),
  ...parts,
});

export const registry = (label: string, parts: Partial<ContainerRegistry> = {}): ContainerRegistry => ({
  ...resource("azurerm_container_registry", label),
  sku: "Premium",
  loginServer: `${label}.azurecr.io`,
  adminEnabled: false,
  publicNetworkAccess: true,
  anonymousPull: false,
  networkDefaultAction: "Allow",
  ...parts,
});

export const roleAssignment = (
  label: string,
  role: string,
  principal: PrincipalRef,
  scope: ResourceRef,
  parts: Partial<RoleAssignment> = {},
): RoleAssignment => ({
  ...resource("azurerm_role_assignment", label),
  principal,
  roleName: role,
  roleDefinitionId: undefined,
  scope,
  ...parts,
});

/** `principal("azurerm_kubernetes_cluster.main", "kubelet_identity")`. */
export const principal = (address: string, part?: string): PrincipalRef => ({
  address,
  part,
  id: unknown("known after apply"),
});

export const federatedCredential = (
  label: string,
  subject: string,
  parts: Partial<FederatedCredential> = {},
): FederatedCredential => ({
  ...resource("azurerm_federated_identity_credential", label),
  identity: ref("azurerm_user_assigned_identity.app"),
  issuer: unknown("known after apply"),
  issuerCluster: ref("azurerm_kubernetes_cluster.main"),
  subject,
  audiences: ["api://AzureADTokenExchange"],
  ...parts,
});

export const pool = (label: string, parts: Partial<NodePool> = {}): NodePool => ({
  ...resource("azurerm_kubernetes_cluster_node_pool", label),
  cluster: ref("azurerm_kubernetes_cluster.main"),
  isDefault: false,
  mode: "User",
  vmSize: "Standard_D4s_v5",
  osType: "Linux",
  osSku: "Ubuntu",
  osDiskSizeGb: undefined,
  osDiskType: "Managed",
  kubeletDiskType: undefined,
  orchestratorVersion: undefined,
  zones: ["1", "2", "3"],
  nodeCount: 3,
  autoscaling: false,
  minCount: undefined,
  maxCount: undefined,
  maxPods: 30,
  subnet: ref("azurerm_subnet.nodes"),
  podSubnet: undefined,
  labels: {},
  taints: [],
  priority: "Regular",
  evictionPolicy: undefined,
  spotMaxPrice: undefined,
  scaleDownMode: "Delete",
  upgrade: {
    maxSurge: "10%",
    maxUnavailable: undefined,
    drainTimeoutMinutes: undefined,
    soakMinutes: undefined,
  },
  temporaryNameForRotation: undefined,
  publicIpPerNode: false,
  onlyCriticalAddons: undefined,
  kubeletConfig: {},
  ultraSsd: false,
  ignoresNodeCount: false,
  ...parts,
});

export const systemPool = (parts: Partial<NodePool> = {}): NodePool =>
  pool("system", {
    address: "azurerm_kubernetes_cluster.main.default_node_pool",
    isDefault: true,
    mode: "System",
    name: "system",
    ...parts,
  });

export const cluster = (
  parts: Partial<AksCluster> = {},
  networkParts: Partial<AksCluster["network"]> = {},
): AksCluster => ({
  ...resource("azurerm_kubernetes_cluster", "main"),
  kubernetesVersion: "1.33",
  skuTier: "Standard",
  skuName: "Base",
  dnsPrefix: "main",
  privateCluster: false,
  privateDnsZone: undefined,
  authorizedIpRanges: undefined,
  nodeResourceGroup: undefined,
  identity: { type: "SystemAssigned", userAssigned: [], servicePrincipalId: undefined },
  kubeletIdentity: undefined,
  network: {
    plugin: "azure",
    pluginMode: undefined,
    dataPlane: undefined,
    policy: undefined,
    podCidr: undefined,
    serviceCidr: "172.20.0.0/16",
    dnsServiceIp: "172.20.0.10",
    outboundType: "loadBalancer",
    loadBalancerSku: "standard",
    loadBalancer: {
      managedOutboundIps: undefined,
      outboundIps: [],
      outboundIpPrefixes: [],
      outboundPortsAllocated: undefined,
      idleTimeoutMinutes: undefined,
      backendPoolType: undefined,
    },
    natGateway: { managedOutboundIps: undefined, idleTimeoutMinutes: undefined },
    ...networkParts,
  },
  autoscalerProfile: {},
  nodeProvisioningMode: undefined,
  addons: {
    omsAgent: undefined,
    monitorMetrics: false,
    azurePolicy: false,
    keyVaultSecretsProvider: undefined,
    webAppRouting: undefined,
    applicationGateway: undefined,
    httpApplicationRouting: false,
    openServiceMesh: false,
    serviceMesh: undefined,
    keda: false,
    vpa: false,
    defender: undefined,
    imageCleaner: false,
    virtualNode: undefined,
    costAnalysis: false,
  },
  localAccountDisabled: false,
  entra: undefined,
  oidcIssuer: true,
  workloadIdentity: true,
  automaticUpgradeChannel: undefined,
  nodeOsUpgradeChannel: "NodeImage",
  maintenanceWindow: false,
  runCommand: true,
  storage: { disk: true, file: true, blob: false, snapshot: true },
  pools: [systemPool()],
  windowsAdmin: false,
  ...parts,
});
