terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "4.79.0" }
  }
}
provider "azurerm" {
  features {}
}

resource "azurerm_resource_group" "rg" {
  name     = "rg"
  location = "westeurope"
  tags = { a = 1, b = true, c = null }
}
resource "azurerm_kubernetes_cluster" "k" {
  name                = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  resource_group_name = azurerm_resource_group.rg.name
  dns_prefix          = null
  dns_prefix_private_cluster = "z"
  kubernetes_version  = 1.31
  private_cluster_enabled = "true"
  default_node_pool {
    name       = "sys"
    vm_size    = "x"
    node_count = "3"
    zones      = [1, 2]
    tags       = azurerm_resource_group.rg.tags
  }
  dynamic "identity" {
    for_each = { u = "UserAssigned" }
    content {
      type         = identity.value
      identity_ids = [azurerm_resource_group.rg.id]
    }
  }
  dynamic "oms_agent" {
    for_each = azurerm_resource_group.rg.id == "" ? [] : [1]
    content {
      log_analytics_workspace_id = "x"
    }
  }
}
output "oms" { value = azurerm_kubernetes_cluster.k.oms_agent }
output "oms0" { value = azurerm_kubernetes_cluster.k.oms_agent[0].log_analytics_workspace_id }
output "tags" { value = azurerm_resource_group.rg.tags }
