// Longer than other files, because it is one table: what ARM calls each thing that azurerm has a name for.

import { monitoringShapes } from "./azure-azapi-monitoring.ts";

/** One property of an ARM body and the azurerm argument that says the same; both are dotted paths. */
export interface Move {
  readonly from: string;
  readonly to: string;
  /** `items`: each element by `moves`; `ids`: the `id` of each; `presence`: a block where it is true. */
  readonly as?: "not" | "one" | "presence" | "ids" | "underscored" | "items" | "systemPool" | "otherPools";
  readonly moves?: readonly Move[];
}

export interface ArmShape {
  /** The argument of azurerm that `parent_id` stands for. */
  readonly parent?: string;
  readonly moves?: readonly Move[];
}

const move = (from: string, to: string, as?: Move["as"], moves?: readonly Move[]): Move => ({
  from,
  to,
  ...(as === undefined ? {} : { as }),
  ...(moves === undefined ? {} : { moves }),
});

/** All of a list below one ARM path, the names given as `armName: azurerm_name`. */
const under = (prefix: string, target: string, names: Readonly<Record<string, string>>): readonly Move[] =>
  Object.entries(names).map(([from, to]) => move(`${prefix}${from}`, `${target}${to}`));

const poolNames = {
  availabilityZones: "zones",
  count: "node_count",
  enableAutoScaling: "auto_scaling_enabled",
  enableNodePublicIP: "node_public_ip_enabled",
  enableUltraSSD: "ultra_ssd_enabled",
  kubeletDiskType: "kubelet_disk_type",
  maxCount: "max_count",
  maxPods: "max_pods",
  minCount: "min_count",
  mode: "mode",
  name: "name",
  nodeLabels: "node_labels",
  nodeTaints: "node_taints",
  orchestratorVersion: "orchestrator_version",
  osDiskSizeGB: "os_disk_size_gb",
  osDiskType: "os_disk_type",
  osSKU: "os_sku",
  osType: "os_type",
  podIPAllocationMode: "pod_ip_allocation_mode",
  podSubnetID: "pod_subnet_id",
  scaleDownMode: "scale_down_mode",
  scaleSetEvictionPolicy: "eviction_policy",
  scaleSetPriority: "priority",
  spotMaxPrice: "spot_max_price",
  "upgradeSettings.drainTimeoutInMinutes": "upgrade_settings.drain_timeout_in_minutes",
  "upgradeSettings.maxSurge": "upgrade_settings.max_surge",
  "upgradeSettings.maxUnavailable": "upgrade_settings.max_unavailable",
  "upgradeSettings.nodeSoakDurationInMinutes": "upgrade_settings.node_soak_duration_in_minutes",
  vmSize: "vm_size",
  vnetSubnetID: "vnet_subnet_id",
  "kubeletConfig.allowedUnsafeSysctls": "kubelet_config.allowed_unsafe_sysctls",
  "kubeletConfig.containerLogMaxSizeMB": "kubelet_config.container_log_max_size_mb",
  "kubeletConfig.cpuCfsQuota": "kubelet_config.cpu_cfs_quota_enabled",
  "kubeletConfig.cpuManagerPolicy": "kubelet_config.cpu_manager_policy",
  "kubeletConfig.imageGcHighThreshold": "kubelet_config.image_gc_high_threshold",
  "kubeletConfig.imageGcLowThreshold": "kubelet_config.image_gc_low_threshold",
  "kubeletConfig.podMaxPids": "kubelet_config.pod_max_pid",
  "kubeletConfig.topologyManagerPolicy": "kubelet_config.topology_manager_policy",
};

const profile = under("", "", poolNames);

const cluster: readonly Move[] = [
  ...under("", "", { "sku.name": "sku_name", "sku.tier": "sku_tier" }),
  ...under("properties.", "", {
    "aadProfile.adminGroupObjectIDs": "azure_active_directory_role_based_access_control.admin_group_object_ids",
    "aadProfile.enableAzureRBAC": "azure_active_directory_role_based_access_control.azure_rbac_enabled",
    "aadProfile.managed": "azure_active_directory_role_based_access_control.managed",
    "addonProfiles.aciConnectorLinux.config.SubnetName": "aci_connector_linux.subnet_name",
    "addonProfiles.azurepolicy.enabled": "azure_policy_enabled",
    "addonProfiles.httpApplicationRouting.enabled": "http_application_routing_enabled",
    "addonProfiles.ingressApplicationGateway.config.applicationGatewayId": "ingress_application_gateway.gateway_id",
    "addonProfiles.ingressApplicationGateway.config.subnetId": "ingress_application_gateway.subnet_id",
    "addonProfiles.omsagent.config.logAnalyticsWorkspaceResourceID": "oms_agent.log_analytics_workspace_id",
    "addonProfiles.omsagent.config.useAADAuth": "oms_agent.msi_auth_for_monitoring_enabled",
    "addonProfiles.azureKeyvaultSecretsProvider.config.enableSecretRotation":
      "key_vault_secrets_provider.secret_rotation_enabled",
    "addonProfiles.openServiceMesh.enabled": "open_service_mesh_enabled",
    "apiServerAccessProfile.authorizedIPRanges": "api_server_access_profile.authorized_ip_ranges",
    "apiServerAccessProfile.enablePrivateCluster": "private_cluster_enabled",
    "apiServerAccessProfile.enableVnetIntegration": "api_server_access_profile.virtual_network_integration_enabled",
    "apiServerAccessProfile.privateDNSZone": "private_dns_zone_id",
    "apiServerAccessProfile.subnetId": "api_server_access_profile.subnet_id",
    "autoUpgradeProfile.nodeOSUpgradeChannel": "node_os_upgrade_channel",
    "azureMonitorProfile.containerInsights.enabled": "container_insights_enabled",
    "autoUpgradeProfile.upgradeChannel": "automatic_upgrade_channel",
    disableLocalAccounts: "local_account_disabled",
    dnsPrefix: "dns_prefix",
    fqdnSubdomain: "dns_prefix_private_cluster",
    "identityProfile.kubeletidentity.resourceId": "kubelet_identity.user_assigned_identity_id",
    "ingressProfile.webAppRouting.dnsZoneResourceIds": "web_app_routing.dns_zone_ids",
    "ingressProfile.webAppRouting.nginx.defaultIngressControllerType": "web_app_routing.default_nginx_controller",
    kubernetesVersion: "kubernetes_version",
    "metricsProfile.costAnalysis.enabled": "cost_analysis_enabled",
    "networkProfile.dnsServiceIP": "network_profile.dns_service_ip",
    "networkProfile.ipFamilies": "network_profile.ip_versions",
    "networkProfile.loadBalancerProfile.allocatedOutboundPorts":
      "network_profile.load_balancer_profile.outbound_ports_allocated",
    "networkProfile.loadBalancerProfile.backendPoolType": "network_profile.load_balancer_profile.backend_pool_type",
    "networkProfile.loadBalancerProfile.idleTimeoutInMinutes":
      "network_profile.load_balancer_profile.idle_timeout_in_minutes",
    "networkProfile.loadBalancerProfile.managedOutboundIPs.count":
      "network_profile.load_balancer_profile.managed_outbound_ip_count",
    "networkProfile.loadBalancerProfile.managedOutboundIPs.countIPv6":
      "network_profile.load_balancer_profile.managed_outbound_ipv6_count",
    "networkProfile.loadBalancerSku": "network_profile.load_balancer_sku",
    "networkProfile.natGatewayProfile.idleTimeoutInMinutes":
      "network_profile.nat_gateway_profile.idle_timeout_in_minutes",
    "networkProfile.natGatewayProfile.managedOutboundIPProfile.count":
      "network_profile.nat_gateway_profile.managed_outbound_ip_count",
    "networkProfile.networkDataplane": "network_profile.network_data_plane",
    "networkProfile.networkPlugin": "network_profile.network_plugin",
    "networkProfile.networkPluginMode": "network_profile.network_plugin_mode",
    "networkProfile.networkPolicy": "network_profile.network_policy",
    "networkProfile.outboundType": "network_profile.outbound_type",
    "networkProfile.podCidr": "network_profile.pod_cidr",
    "networkProfile.podCidrs": "network_profile.pod_cidrs",
    "networkProfile.serviceCidr": "network_profile.service_cidr",
    "networkProfile.serviceCidrs": "network_profile.service_cidrs",
    nodeResourceGroup: "node_resource_group",
    "nodeProvisioningProfile.defaultNodePools": "node_provisioning_profile.default_node_pools",
    "nodeProvisioningProfile.mode": "node_provisioning_profile.mode",
    "oidcIssuerProfile.enabled": "oidc_issuer_enabled",
    "securityProfile.defender.logAnalyticsWorkspaceResourceId": "microsoft_defender.log_analytics_workspace_id",
    "securityProfile.imageCleaner.enabled": "image_cleaner_enabled",
    "securityProfile.workloadIdentity.enabled": "workload_identity_enabled",
    "servicePrincipalProfile.clientId": "service_principal.client_id",
    "serviceMeshProfile.mode": "service_mesh_profile.mode",
    "storageProfile.blobCSIDriver.enabled": "storage_profile.blob_driver_enabled",
    "storageProfile.diskCSIDriver.enabled": "storage_profile.disk_driver_enabled",
    "storageProfile.fileCSIDriver.enabled": "storage_profile.file_driver_enabled",
    "storageProfile.snapshotController.enabled": "storage_profile.snapshot_controller_enabled",
    "windowsProfile.adminUsername": "windows_profile.admin_username",
    "workloadAutoScalerProfile.keda.enabled": "workload_autoscaler_profile.keda_enabled",
    "workloadAutoScalerProfile.verticalPodAutoscaler.enabled":
      "workload_autoscaler_profile.vertical_pod_autoscaler_enabled",
  }),
  move("properties.apiServerAccessProfile.disableRunCommand", "run_command_enabled", "not"),
  move("properties.autoScalerProfile", "auto_scaler_profile", "underscored"),
  move("properties.azureMonitorProfile.metrics.enabled", "monitor_metrics", "presence"),
  move("properties.addonProfiles.azureKeyvaultSecretsProvider.enabled", "key_vault_secrets_provider_enabled"),
  move("properties.addonProfiles.omsagent.enabled", "oms_agent_enabled"),
  move("properties.addonProfiles.ingressApplicationGateway.enabled", "ingress_application_gateway_enabled"),
  move("properties.ingressProfile.webAppRouting.enabled", "web_app_routing_enabled"),
  move("properties.securityProfile.defender.securityMonitoring.enabled", "microsoft_defender_enabled"),
  move("properties.serviceMeshProfile.istio.components.ingressGateways", "service_mesh_gateways", "items", [
    move("enabled", "enabled"),
    move("mode", "mode"),
  ]),
  move(
    "properties.networkProfile.loadBalancerProfile.outboundIPs.publicIPs",
    "network_profile.load_balancer_profile.outbound_ip_address_ids",
    "ids",
  ),
  move(
    "properties.networkProfile.loadBalancerProfile.outboundIPPrefixes.publicIPPrefixes",
    "network_profile.load_balancer_profile.outbound_ip_prefix_ids",
    "ids",
  ),
  move("properties.agentPoolProfiles", "default_node_pool", "systemPool", profile),
  move("properties.agentPoolProfiles", "other_node_pools", "otherPools", profile),
];

const securityRule = (prefix: string): readonly Move[] => [
  ...under(prefix, "", {
    access: "access",
    destinationAddressPrefix: "destination_address_prefix",
    destinationAddressPrefixes: "destination_address_prefixes",
    destinationPortRange: "destination_port_range",
    destinationPortRanges: "destination_port_ranges",
    direction: "direction",
    priority: "priority",
    protocol: "protocol",
    sourceAddressPrefix: "source_address_prefix",
    sourceAddressPrefixes: "source_address_prefixes",
    sourcePortRange: "source_port_range",
    sourcePortRanges: "source_port_ranges",
  }),
  move("name", "name"),
];

const route = (prefix: string): readonly Move[] => [
  ...under(prefix, "", {
    addressPrefix: "address_prefix",
    nextHopIpAddress: "next_hop_in_ip_address",
    nextHopType: "next_hop_type",
  }),
  move("name", "name"),
];

const subnet: readonly Move[] = [
  move("properties.addressPrefix", "address_prefix"),
  move("properties.addressPrefixes", "address_prefixes"),
  move("properties.networkSecurityGroup.id", "security_group"),
  move("properties.routeTable.id", "route_table_id"),
  move("properties.natGateway.id", "nat_gateway_id"),
  move("properties.delegations", "delegation", "items", [
    move("properties.serviceName", "service_delegation.name"),
    move("name", "name"),
  ]),
  move("properties.serviceEndpoints", "service_endpoint_list", "items", [move("service", "service")]),
  move("name", "name"),
];

const records = (item: string, name: string): readonly Move[] => [
  move(`properties.${item}Records`, "record_objects", "items", [move(name, "value")]),
  move("properties.targetResource.id", "target_resource_id"),
];

const alias: readonly Move[] = [
  move("properties.CNAMERecord.cname", "record"),
  move("properties.targetResource.id", "target_resource_id"),
];

/** By azurerm type. Names are those of the ARM template reference, API versions of 2023 to 2025. */
export const armShapes: Readonly<Record<string, ArmShape>> = {
  ...monitoringShapes,
  azurerm_container_registry: {
    moves: [
      move("sku.name", "sku"),
      ...under("properties.", "", {
        adminUserEnabled: "admin_enabled",
        anonymousPullEnabled: "anonymous_pull_enabled",
        "networkRuleSet.defaultAction": "network_rule_set.default_action",
        publicNetworkAccess: "public_network_access",
        roleAssignmentMode: "role_assignment_mode",
      }),
    ],
  },
  azurerm_dns_a_record: { parent: "dns_zone_id", moves: records("A", "ipv4Address") },
  azurerm_dns_aaaa_record: { parent: "dns_zone_id", moves: records("AAAA", "ipv6Address") },
  azurerm_dns_cname_record: { parent: "dns_zone_id", moves: alias },
  azurerm_dns_ns_record: { parent: "dns_zone_id" },
  azurerm_federated_identity_credential: {
    parent: "user_assigned_identity_id",
    moves: under("properties.", "", { audiences: "audience", issuer: "issuer", subject: "subject" }),
  },
  azurerm_key_vault: {
    moves: [
      ...under("properties.", "", {
        enablePurgeProtection: "purge_protection_enabled",
        enableRbacAuthorization: "rbac_authorization_enabled",
        "networkAcls.defaultAction": "network_acls.default_action",
        publicNetworkAccess: "public_network_access",
      }),
      move("properties.networkAcls.virtualNetworkRules", "network_acls.virtual_network_subnet_ids", "ids"),
      move("properties.accessPolicies", "access_policy", "items", [
        move("objectId", "object_id"),
        move("permissions.secrets", "secret_permissions"),
        move("permissions.keys", "key_permissions"),
        move("permissions.certificates", "certificate_permissions"),
      ]),
    ],
  },
  azurerm_key_vault_secret: { parent: "key_vault_id" },
  azurerm_kubernetes_cluster: { moves: cluster },
  azurerm_kubernetes_cluster_extension: {
    parent: "cluster_id",
    moves: [move("properties.extensionType", "extension_type")],
  },
  azurerm_kubernetes_cluster_load_balancer: {
    parent: "kubernetes_cluster_id",
    moves: under("properties.", "", {
      allowServicePlacement: "allow_service_placement",
      nodeSelector: "node_selector",
      primaryAgentPoolName: "primary_agent_pool_name",
      serviceLabelSelector: "service_label_selector",
      serviceNamespaceSelector: "service_namespace_selector",
    }),
  },
  azurerm_kubernetes_cluster_maintenance_configuration: { parent: "kubernetes_cluster_id" },
  azurerm_kubernetes_cluster_node_pool: { parent: "kubernetes_cluster_id", moves: under("properties.", "", poolNames) },
  azurerm_managed_disk: {
    moves: [
      move("sku.name", "storage_account_type"),
      move("properties.diskSizeGB", "disk_size_gb"),
      move("zones", "zones"),
    ],
  },
  azurerm_nat_gateway: {
    moves: [
      move("sku.name", "sku_name"),
      move("zones", "zones"),
      move("properties.idleTimeoutInMinutes", "idle_timeout_in_minutes"),
      move("properties.publicIpAddresses", "public_ip_address_ids", "ids"),
      move("properties.publicIpPrefixes", "public_ip_prefix_ids", "ids"),
    ],
  },
  azurerm_network_security_group: {
    moves: [move("properties.securityRules", "security_rule", "items", securityRule("properties."))],
  },
  azurerm_network_security_rule: { parent: "network_security_group_id", moves: securityRule("properties.") },
  azurerm_private_dns_a_record: { parent: "private_dns_zone_id", moves: records("A", "ipv4Address") },
  azurerm_private_dns_aaaa_record: { parent: "private_dns_zone_id", moves: records("AAAA", "ipv6Address") },
  azurerm_private_dns_cname_record: { parent: "private_dns_zone_id", moves: alias },
  azurerm_private_dns_zone_virtual_network_link: {
    parent: "private_dns_zone_id",
    moves: [move("properties.virtualNetwork.id", "virtual_network_id")],
  },
  azurerm_private_endpoint: {
    moves: [
      move("properties.subnet.id", "subnet_id"),
      move("properties.privateLinkServiceConnections", "private_service_connection", "items", [
        move("properties.privateLinkServiceId", "private_connection_resource_id"),
        move("properties.groupIds", "subresource_names"),
      ]),
    ],
  },
  azurerm_private_endpoint_dns_zone_group: {
    parent: "private_endpoint_id",
    moves: [
      move("properties.privateDnsZoneConfigs", "zone_configs", "items", [
        move("properties.privateDnsZoneId", "private_dns_zone_id"),
      ]),
    ],
  },
  azurerm_public_ip: {
    moves: [
      move("sku.name", "sku"),
      move("zones", "zones"),
      move("properties.publicIPAllocationMethod", "allocation_method"),
      move("properties.publicIPAddressVersion", "ip_version"),
      move("properties.dnsSettings.domainNameLabel", "domain_name_label"),
      move("properties.dnsSettings.domainNameLabelScope", "domain_name_label_scope"),
    ],
  },
  azurerm_public_ip_prefix: { moves: [move("properties.prefixLength", "prefix_length")] },
  azurerm_role_assignment: {
    parent: "scope",
    moves: under("properties.", "", {
      condition: "condition",
      principalId: "principal_id",
      roleDefinitionId: "role_definition_id",
    }),
  },
  azurerm_role_definition: {
    moves: [
      move("properties.roleName", "name"),
      move("properties.permissions", "permissions", "items", [
        move("actions", "actions"),
        move("notActions", "not_actions"),
        move("dataActions", "data_actions"),
        move("notDataActions", "not_data_actions"),
      ]),
    ],
  },
  azurerm_route: { parent: "route_table_id", moves: route("properties.") },
  azurerm_route_table: { moves: [move("properties.routes", "route", "items", route("properties."))] },
  azurerm_storage_account: {
    moves: [
      move("sku.name", "sku_name"),
      move("kind", "account_kind"),
      ...under("properties.", "", {
        allowSharedKeyAccess: "shared_access_key_enabled",
        "networkAcls.defaultAction": "network_rules.default_action",
        publicNetworkAccess: "public_network_access",
      }),
    ],
  },
  azurerm_subnet: { parent: "virtual_network_id", moves: subnet.filter(({ to }) => to !== "name") },
  azurerm_virtual_network: {
    moves: [
      move("properties.addressSpace.addressPrefixes", "address_space"),
      move("properties.dhcpOptions.dnsServers", "dns_servers"),
      move("properties.subnets", "subnet", "items", subnet),
    ],
  },
  azurerm_virtual_network_peering: {
    parent: "virtual_network_id",
    moves: [move("properties.remoteVirtualNetwork.id", "remote_virtual_network_id")],
  },
};
