import type { AksCluster, ClusterNetwork, NodePool, Platform, ResourceRef } from "../azure/platform.ts";
import { type Fact, isUnknown, known } from "../model/unknown.ts";
import { clusterAddons } from "./azure-cluster-addons.ts";
import { clusterLoadBalancer } from "./azure-cluster-balancers.ts";
import { boolFact, knownTexts, numberFact, rawText, textFact, textsFact } from "./azure-facts.ts";
import { blockPools, resourcePool, scalarsOf } from "./azure-node-pool.ts";
import { azureResource, type Mapping, withParent } from "./azure-resource.ts";
import { blocksAt, hasBlock, type ResourceView, settingAt } from "./azure-view.ts";

/** Types that become clusters with their node pools. */
export const clusterTypes = [
  "azurerm_kubernetes_cluster",
  "azurerm_kubernetes_cluster_node_pool",
  "azurerm_kubernetes_cluster_load_balancer",
] as const;

export const mapClusters = (mapping: Mapping): Pick<Platform, "clusters"> => {
  const pools = mapping.of("azurerm_kubernetes_cluster_node_pool").map((view) => resourcePool(mapping, view));
  const views = mapping.of("azurerm_kubernetes_cluster");
  // A pool whose cluster cannot be told belongs to the only one there is.
  const [only, ...others] = views;
  const address = others.length === 0 ? only?.instance.address : undefined;
  const placed = <T extends { readonly cluster: ResourceRef }>(item: T): T =>
    item.cluster.address === undefined && address !== undefined
      ? { ...item, cluster: { ...item.cluster, address } }
      : item;
  const balancers = mapping
    .of("azurerm_kubernetes_cluster_load_balancer")
    .map((view) => placed(clusterLoadBalancer(mapping, view)));
  const placedPools = pools.map(placed);
  return {
    clusters: views.map((view) => {
      const found = cluster(mapping, view, placedPools);
      const own = balancers.filter((balancer) => balancer.cluster.address === found.address);
      return own.length === 0 ? found : { ...found, loadBalancers: own };
    }),
  };
};

/** A data source that reads one of the pools is no further pool. */
const withoutRead = (pools: readonly NodePool[]): readonly NodePool[] => {
  const made = new Set(pools.filter(({ isData }) => !isData).map(({ name }) => known(name)));
  return pools.filter(
    ({ isData, name }) => !isData || made.size === 0 || (known(name) !== undefined && !made.has(known(name))),
  );
};

/** AKS puts a pool that names no subnet into that of the default pool (hashicorp/terraform-provider-azurerm#8662). */
const inDefaultSubnet = (pools: readonly NodePool[]): readonly NodePool[] => {
  const subnet = pools.find(({ isDefault }) => isDefault)?.subnet;
  return subnet === undefined ? pools : pools.map((pool) => (pool.subnet === undefined ? { ...pool, subnet } : pool));
};

const cluster = (mapping: Mapping, view: ResourceView, allPools: readonly NodePool[]): AksCluster => {
  const resource = azureResource(view);
  const inBlocks = blockPools(mapping, view, blocksAt(view, "other_node_pools"));
  const ofOwn = allPools.filter((pool) => belongsTo(pool, resource.address)).map((pool) => withParent(pool, resource));
  const text = (path: string): Fact<string> => textFact(settingAt(view, path));
  const bool = (path: string): Fact<boolean> => boolFact(settingAt(view, path));
  const apiServerSubnet = mapping.resolver.at(view, "api_server_access_profile.subnet_id");
  return {
    ...resource,
    kubernetesVersion: text("kubernetes_version"),
    skuTier: text("sku_tier"),
    skuName: text("sku_name"),
    dnsPrefix: textFact(settingAt(view, "dns_prefix", "dns_prefix_private_cluster")),
    privateCluster: boolFact(settingAt(view, "private_cluster_enabled", "private_link_enabled")),
    privateDnsZone: privateDnsZone(mapping, view),
    authorizedIpRanges: textsFact(
      settingAt(view, "api_server_access_profile.authorized_ip_ranges", "api_server_authorized_ip_ranges"),
    ),
    ...(apiServerSubnet === undefined ? {} : { apiServerSubnet }),
    vnetIntegration: bool("api_server_access_profile.virtual_network_integration_enabled"),
    nodeResourceGroup: text("node_resource_group"),
    identity: {
      type: text("identity.type"),
      userAssigned: mapping.resolver.listAt(view, "identity.identity_ids", "identity.user_assigned_identity_id"),
      servicePrincipalId: text("service_principal.client_id"),
    },
    kubeletIdentity: mapping.resolver.at(
      view,
      "kubelet_identity.user_assigned_identity_id",
      "kubelet_identity.client_id",
    ),
    network: network(mapping, view),
    autoscalerProfile: scalarsOf(settingAt(view, "auto_scaler_profile")),
    nodeProvisioningMode: text("node_provisioning_profile.mode"),
    nodeProvisioningDefaultPools: text("node_provisioning_profile.default_node_pools"),
    addons: clusterAddons(mapping, view),
    localAccountDisabled: bool("local_account_disabled"),
    entra: entra(view),
    oidcIssuer: bool("oidc_issuer_enabled"),
    workloadIdentity: bool("workload_identity_enabled"),
    automaticUpgradeChannel: text("automatic_upgrade_channel"),
    nodeOsUpgradeChannel: text("node_os_upgrade_channel"),
    maintenanceWindow: hasMaintenanceWindow(mapping, view),
    runCommand: bool("run_command_enabled"),
    storage: {
      disk: bool("storage_profile.disk_driver_enabled"),
      file: bool("storage_profile.file_driver_enabled"),
      blob: bool("storage_profile.blob_driver_enabled"),
      snapshot: bool("storage_profile.snapshot_controller_enabled"),
    },
    pools: inDefaultSubnet(withoutRead([...inBlocks, ...ofOwn])),
    windowsAdmin: hasBlock(view, "windows_profile"),
  };
};

const belongsTo = (pool: NodePool, address: string): boolean => pool.cluster.address === address;

/** "System" and "None" are words; anything else names a zone. */
const privateDnsZone = (mapping: Mapping, view: ResourceView): AksCluster["privateDnsZone"] => {
  const word = rawText(settingAt(view, "private_dns_zone_id"));
  return word !== undefined && !word.startsWith("/") ? word : mapping.resolver.at(view, "private_dns_zone_id");
};

const network = (mapping: Mapping, view: ResourceView): ClusterNetwork => {
  const text = (path: string): Fact<string> => textFact(settingAt(view, `network_profile.${path}`));
  const number = (path: string): Fact<number> => numberFact(settingAt(view, `network_profile.${path}`));
  const texts = (path: string): Fact<readonly string[]> => textsFact(settingAt(view, `network_profile.${path}`));
  const podCidrs = texts("pod_cidrs");
  const serviceCidrs = texts("service_cidrs");
  return {
    plugin: text("network_plugin"),
    pluginMode: lower(text("network_plugin_mode")),
    dataPlane: lower(text("network_data_plane")),
    policy: text("network_policy"),
    podCidr: text("pod_cidr") ?? firstIpv4(podCidrs),
    podCidrs,
    serviceCidrs,
    ipVersions: texts("ip_versions"),
    serviceCidr: text("service_cidr") ?? firstIpv4(serviceCidrs),
    dnsServiceIp: text("dns_service_ip"),
    outboundType: text("outbound_type"),
    loadBalancerSku: lower(text("load_balancer_sku")),
    loadBalancer: {
      managedOutboundIps: number("load_balancer_profile.managed_outbound_ip_count"),
      managedOutboundIpv6: number("load_balancer_profile.managed_outbound_ipv6_count"),
      outboundIps: mapping.resolver.listAt(view, "network_profile.load_balancer_profile.outbound_ip_address_ids"),
      outboundIpPrefixes: mapping.resolver.listAt(view, "network_profile.load_balancer_profile.outbound_ip_prefix_ids"),
      outboundPortsAllocated: number("load_balancer_profile.outbound_ports_allocated"),
      idleTimeoutMinutes: number("load_balancer_profile.idle_timeout_in_minutes"),
      backendPoolType: text("load_balancer_profile.backend_pool_type"),
    },
    natGateway: {
      managedOutboundIps: number("nat_gateway_profile.managed_outbound_ip_count"),
      idleTimeoutMinutes: number("nat_gateway_profile.idle_timeout_in_minutes"),
    },
  };
};

/** The IPv4 range of a list for both families. */
const firstIpv4 = (ranges: Fact<readonly string[]>): Fact<string> =>
  ranges === undefined || isUnknown(ranges) ? ranges : ranges.find((range) => !range.includes(":"));

/** Azure compares these words without case, and both `Overlay` and `overlay` are written. */
const lower = (fact: Fact<string>): Fact<string> => (fact === undefined || isUnknown(fact) ? fact : fact.toLowerCase());

const entra = (view: ResourceView): AksCluster["entra"] => {
  const block = [
    "azure_active_directory_role_based_access_control",
    "role_based_access_control.azure_active_directory",
  ].find((path) => hasBlock(view, path));
  if (block === undefined) return undefined;
  const managed = boolFact(settingAt(view, `${block}.managed`));
  return {
    // azurerm 4.x has no other kind left.
    managed: managed === undefined || isUnknown(managed) ? true : managed,
    azureRbac: boolFact(settingAt(view, `${block}.azure_rbac_enabled`)),
    adminGroups: knownTexts(settingAt(view, `${block}.admin_group_object_ids`)),
  };
};

const hasMaintenanceWindow = (mapping: Mapping, view: ResourceView): boolean =>
  ["maintenance_window", "maintenance_window_auto_upgrade", "maintenance_window_node_os"].some((block) =>
    hasBlock(view, block),
  ) ||
  mapping
    .of("azurerm_kubernetes_cluster_maintenance_configuration")
    .some((window) => mapping.resolver.at(window, "kubernetes_cluster_id")?.address === view.instance.address);
