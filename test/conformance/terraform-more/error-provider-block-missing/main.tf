terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "4.79.0" }
  }
}
resource "azurerm_resource_group" "rg" {
  name     = "rg-aks"
  location = "westeurope"
}
resource "azurerm_kubernetes_cluster" "aks" {
  name                = "aks"
  location            = azurerm_resource_group.rg.location
  resource_group_name = azurerm_resource_group.rg.name
  dns_prefix          = "aks"
  default_node_pool {
    name       = "system"
    vm_size    = "Standard_D4s_v5"
    node_count = 3
  }
  identity {
    type = "SystemAssigned"
  }
}
output "principal" { value = azurerm_kubernetes_cluster.aks.identity[0].principal_id }
output "kubelet" { value = azurerm_kubernetes_cluster.aks.kubelet_identity[0].object_id }
output "node_rg" { value = azurerm_kubernetes_cluster.aks.node_resource_group }
