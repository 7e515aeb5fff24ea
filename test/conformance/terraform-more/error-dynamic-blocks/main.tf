terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "4.79.0" }
  }
}
provider "azurerm" {
  features {}
}
resource "azurerm_virtual_network" "v" {
  name                = "v"
  location            = "x"
  resource_group_name = "x"
  address_space       = ["10.0.0.0/8"]
  dynamic "subnet" {
    for_each = null
    content {}
  }
  dynamic "nosuch" {
    for_each = [1]
    content {}
  }
  dynamic "encryption" {
    for_each = [1]
  }
  dynamic "ddos_protection_plan" {
    content { id = 1 }
  }
  dynamic "subnet" {
    for_each = "abc"
    content {
      name = subnet.value
      address_prefixes = ["x"]
    }
  }
}
