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
}
resource "azurerm_kubernetes_cluster" "a" {
  name                = "a"
  location            = azurerm_resource_group.rg.locaton
  resource_group_name = azurerm_resource_group.rg.name[0]
  default_node_pool {
    name    = "sys"
    vm_size = "x"
  }
}
output "a" { value = azurerm_kubernetes_cluster.a.default_node_pool.name }
output "b" { value = azurerm_kubernetes_cluster.a.default_node_pool[0].nam }
output "c" { value = azurerm_resource_group.rg.tags.foo.bar }
output "d" { value = azurerm_resource_group.rg[0].id }
output "e" { value = azurerm_resource_group.rg["x"] }
output "f" { value = azurerm_resource_group.rg.timeouts.create }
