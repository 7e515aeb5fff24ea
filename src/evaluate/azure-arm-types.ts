/** The parts of an ARM resource id. */
export interface ArmId {
  readonly subscription: string;
  readonly resourceGroup: string | undefined;
  /** `Microsoft.Network/virtualNetworks/subnets`; `Microsoft.Resources/resourceGroups` for a resource group. */
  readonly type: string;
  readonly names: readonly string[];
}

/** Reads `/subscriptions/…/resourceGroups/…/providers/…` ("Azure Resource Manager: resource id format"); `undefined` for any other text. */
export const parseArmId = (text: string): ArmId | undefined => {
  const match = /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?(?:\/providers\/(.+))?$/i.exec(text);
  if (match === null) return undefined;
  const [, subscription = "", resourceGroup, provider] = match;
  if (provider === undefined) {
    return resourceGroup === undefined
      ? { subscription, resourceGroup, type: "Microsoft.Resources/subscriptions", names: [subscription] }
      : { subscription, resourceGroup, type: "Microsoft.Resources/resourceGroups", names: [resourceGroup] };
  }
  // An extension resource names a provider of its own behind its parent's.
  const [namespace = "", ...segments] = (provider.split(/\/providers\//i).at(-1) ?? "").split("/");
  const types = segments.filter((_, at) => at % 2 === 0);
  return {
    subscription,
    resourceGroup,
    type: [namespace, ...types].join("/"),
    names: segments.filter((_, at) => at % 2 === 1),
  };
};

/** The azurerm type for an ARM type, whatever its case; `undefined` for those that have no part in the model. */
export const azurermTypeOfArm = (type: string): string | undefined => azurermTypes[type.toLowerCase()];

const azurermTypes: Readonly<Record<string, string>> = {
  "microsoft.authorization/roleassignments": "azurerm_role_assignment",
  "microsoft.authorization/roledefinitions": "azurerm_role_definition",
  "microsoft.compute/disks": "azurerm_managed_disk",
  "microsoft.containerregistry/registries": "azurerm_container_registry",
  "microsoft.containerservice/managedclusters": "azurerm_kubernetes_cluster",
  "microsoft.containerservice/managedclusters/agentpools": "azurerm_kubernetes_cluster_node_pool",
  // azurerm has no such type.
  "microsoft.containerservice/managedclusters/loadbalancers": "azurerm_kubernetes_cluster_load_balancer",
  "microsoft.containerservice/managedclusters/maintenanceconfigurations":
    "azurerm_kubernetes_cluster_maintenance_configuration",
  "microsoft.alertsmanagement/actionrules": "azurerm_monitor_alert_processing_rule",
  "microsoft.alertsmanagement/prometheusrulegroups": "azurerm_monitor_alert_prometheus_rule_group",
  "microsoft.dashboard/grafana": "azurerm_dashboard_grafana",
  "microsoft.insights/actiongroups": "azurerm_monitor_action_group",
  "microsoft.insights/activitylogalerts": "azurerm_monitor_activity_log_alert",
  "microsoft.insights/datacollectionendpoints": "azurerm_monitor_data_collection_endpoint",
  "microsoft.insights/datacollectionruleassociations": "azurerm_monitor_data_collection_rule_association",
  "microsoft.insights/datacollectionrules": "azurerm_monitor_data_collection_rule",
  "microsoft.insights/diagnosticsettings": "azurerm_monitor_diagnostic_setting",
  "microsoft.insights/metricalerts": "azurerm_monitor_metric_alert",
  "microsoft.insights/privatelinkscopes": "azurerm_monitor_private_link_scope",
  "microsoft.insights/privatelinkscopes/scopedresources": "azurerm_monitor_private_link_scoped_service",
  "microsoft.insights/scheduledqueryrules": "azurerm_monitor_scheduled_query_rules_alert_v2",
  "microsoft.keyvault/vaults": "azurerm_key_vault",
  "microsoft.keyvault/vaults/secrets": "azurerm_key_vault_secret",
  "microsoft.kubernetesconfiguration/extensions": "azurerm_kubernetes_cluster_extension",
  "microsoft.monitor/accounts": "azurerm_monitor_workspace",
  "microsoft.operationsmanagement/solutions": "azurerm_log_analytics_solution",
  "microsoft.managedidentity/userassignedidentities": "azurerm_user_assigned_identity",
  "microsoft.managedidentity/userassignedidentities/federatedidentitycredentials":
    "azurerm_federated_identity_credential",
  "microsoft.network/applicationgateways": "azurerm_application_gateway",
  "microsoft.network/dnszones": "azurerm_dns_zone",
  "microsoft.network/dnszones/a": "azurerm_dns_a_record",
  "microsoft.network/dnszones/aaaa": "azurerm_dns_aaaa_record",
  "microsoft.network/dnszones/cname": "azurerm_dns_cname_record",
  "microsoft.network/dnszones/ns": "azurerm_dns_ns_record",
  "microsoft.network/natgateways": "azurerm_nat_gateway",
  "microsoft.network/networksecuritygroups": "azurerm_network_security_group",
  "microsoft.network/networksecuritygroups/securityrules": "azurerm_network_security_rule",
  "microsoft.network/privatednszones": "azurerm_private_dns_zone",
  "microsoft.network/privatednszones/a": "azurerm_private_dns_a_record",
  "microsoft.network/privatednszones/aaaa": "azurerm_private_dns_aaaa_record",
  "microsoft.network/privatednszones/cname": "azurerm_private_dns_cname_record",
  "microsoft.network/privatednszones/virtualnetworklinks": "azurerm_private_dns_zone_virtual_network_link",
  "microsoft.network/privateendpoints": "azurerm_private_endpoint",
  "microsoft.network/privateendpoints/privatednszonegroups": "azurerm_private_endpoint_dns_zone_group",
  "microsoft.network/publicipaddresses": "azurerm_public_ip",
  "microsoft.network/publicipprefixes": "azurerm_public_ip_prefix",
  "microsoft.network/routetables": "azurerm_route_table",
  "microsoft.network/routetables/routes": "azurerm_route",
  "microsoft.network/virtualnetworks": "azurerm_virtual_network",
  "microsoft.network/virtualnetworks/subnets": "azurerm_subnet",
  "microsoft.network/virtualnetworks/virtualnetworkpeerings": "azurerm_virtual_network_peering",
  "microsoft.operationalinsights/workspaces": "azurerm_log_analytics_workspace",
  "microsoft.resources/resourcegroups": "azurerm_resource_group",
  "microsoft.storage/storageaccounts": "azurerm_storage_account",
};
