/** A sound platform as text, of which each row changes one thing. */

export const provider = `
terraform {
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.50"
    }
  }
}
`;

export interface Shop {
  /** Lines inside `network_profile`. */
  readonly network?: string;
  /** Lines inside the cluster. */
  readonly cluster?: string;
  /** Lines inside `default_node_pool`. */
  readonly system?: string;
  /** Lines inside the user pool. */
  readonly user?: string;
  /** Blocks beside. */
  readonly more?: string;
  readonly subnet?: string;
  readonly subnetMore?: string;
  readonly space?: string;
  readonly identity?: string;
  /** The network role of the identity; `""` takes it away. */
  readonly networkRole?: string;
}

export const networkRole = `
resource "azurerm_role_assignment" "network" {
  scope                = azurerm_subnet.nodes.id
  role_definition_name = "Network Contributor"
  principal_id         = azurerm_user_assigned_identity.cluster.principal_id
}
`;

export const shop = (parts: Shop = {}): string => `${provider}
resource "azurerm_resource_group" "rg" {
  name     = "rg-shop"
  location = "westeurope"
}

resource "azurerm_virtual_network" "main" {
  name                = "vnet"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  address_space       = ["${parts.space ?? "10.1.0.0/16"}"]
}

resource "azurerm_subnet" "nodes" {
  name                 = "nodes"
  resource_group_name  = azurerm_resource_group.rg.name
  virtual_network_name = azurerm_virtual_network.main.name
  address_prefixes     = ["${parts.subnet ?? "10.1.0.0/22"}"]
  ${parts.subnetMore ?? ""}
}

resource "azurerm_user_assigned_identity" "cluster" {
  name                = "id-cluster"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
}
${parts.networkRole ?? networkRole}
resource "azurerm_kubernetes_cluster" "main" {
  name                = "aks"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  dns_prefix          = "aks"
  kubernetes_version  = "1.33"
  oidc_issuer_enabled       = true
  workload_identity_enabled = true
  ${parts.cluster ?? ""}

  default_node_pool {
    name           = "system"
    vnet_subnet_id = azurerm_subnet.nodes.id
    upgrade_settings {
      max_surge = "10%"
    }
    ${parts.system ?? 'vm_size = "Standard_D4s_v5"\n    node_count = 3\n    zones = ["1", "2", "3"]'}
  }

  ${
    parts.identity ??
    `identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.cluster.id]
  }`
  }

  network_profile {
    ${parts.network ?? 'network_plugin = "azure"\n    network_policy = "azure"\n    service_cidr = "172.20.0.0/16"\n    dns_service_ip = "172.20.0.10"'}
  }
}

resource "azurerm_kubernetes_cluster_node_pool" "user" {
  name                  = "user"
  kubernetes_cluster_id = azurerm_kubernetes_cluster.main.id
  vnet_subnet_id        = azurerm_subnet.nodes.id
  ${parts.user ?? 'vm_size = "Standard_D4s_v5"\n  auto_scaling_enabled = true\n  min_count = 3\n  max_count = 6\n  zones = ["1", "2", "3"]'}
}
${parts.more ?? ""}
`;
