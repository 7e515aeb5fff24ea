terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "4.79.0" }
  }
}
provider "azurerm" {
  features {}
}
resource "azurerm_kubernetes_cluster_node_pool" "u" {
  name                        = "user"
  kubernetes_cluster_id       = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/a"
  vm_size                     = "Standard_D8s_v5"
  node_count                  = 3
  temporary_name_for_rotation = "tmp"
}
resource "azurerm_kubernetes_cluster_node_pool" "spot" {
  name                  = "spot"
  kubernetes_cluster_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/a"
  vm_size               = "Standard_D4s_v5"
  node_count            = 1
  priority              = "Spot"
}
terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "4.79.0" }
  }
}
