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
  "microsoft.containerservice/managedclusters/maintenanceconfigurations":
    "azurerm_kubernetes_cluster_maintenance_configuration",
  "microsoft.insights/diagnosticsettings": "azurerm_monitor_diagnostic_setting",
  "microsoft.keyvault/vaults": "azurerm_key_vault",
  "microsoft.keyvault/vaults/secrets": "azurerm_key_vault_secret",
  "microsoft.kubernetesconfiguration/extensions": "azurerm_kubernetes_cluster_extension",
  "microsoft.managedidentity/userassignedidentities": "azurerm_user_assigned_identity",
  "microsoft.managedidentity/userassignedidentities/federatedidentitycredentials":
    "azurerm_federated_identity_credential",
  "microsoft.network/applicationgateways": "azurerm_application_gateway",
  "microsoft.network/natgateways": "azurerm_nat_gateway",
  "microsoft.network/networksecuritygroups": "azurerm_network_security_group",
  "microsoft.network/networksecuritygroups/securityrules": "azurerm_network_security_rule",
  "microsoft.network/privatednszones": "azurerm_private_dns_zone",
  "microsoft.network/privatednszones/virtualnetworklinks": "azurerm_private_dns_zone_virtual_network_link",
  "microsoft.network/privateendpoints": "azurerm_private_endpoint",
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
