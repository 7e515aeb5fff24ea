terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "4.79.0" }
    azapi = { source = "azure/azapi", version = "~> 2.0" }
    random = { source = "hashicorp/random" }
  }
}
provider "azurerm" {
  features {}
}

data "azurerm_client_config" "c" {}
data "azurerm_resource_group" "r" { name = "x" }
data "azurerm_subnet" "s" {
  for_each             = toset(["a", "b"])
  name                 = each.key
  virtual_network_name = "v"
  resource_group_name  = data.azurerm_resource_group.r.name
}
data "azurerm_virtual_network" "later" {
  name                = azurerm_virtual_network.v.name
  resource_group_name = azurerm_resource_group.rg.id
}
data "azurerm_kubernetes_cluster" "k" {
  name                = "k"
  resource_group_name = "x"
}
resource "azurerm_resource_group" "rg" {
  name     = data.azurerm_resource_group.r.name
  location = data.azurerm_resource_group.r.location
}
resource "azurerm_virtual_network" "v" {
  name                = "v"
  location            = "x"
  resource_group_name = azurerm_resource_group.rg.name
  address_space       = data.azurerm_subnet.s["a"].address_prefixes
}
module "m" {
  source     = "./m"
  depends_on = [azurerm_virtual_network.v]
}
output "ids" { value = { for k, s in data.azurerm_subnet.s : k => s.id } }
output "k" { value = data.azurerm_kubernetes_cluster.k.identity[0].principal_id }
output "m" { value = module.m.t }
output "later" { value = data.azurerm_virtual_network.later.address_space }
