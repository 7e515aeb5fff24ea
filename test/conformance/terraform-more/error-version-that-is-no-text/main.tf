terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = {} }
  }
}
provider "azurerm" {
  features {}
}
variable "rules" {
  default = {
    https = { port = 443, priority = 100 }
    http  = { port = 80, priority = 110 }
  }
}
resource "azurerm_network_security_group" "nsg" {
  name                = "nsg"
  location            = "westeurope"
  resource_group_name = "rg"
  dynamic "security_rule" {
    for_each = var.rules
    iterator = rule
    content {
      name                       = rule.key
      priority                   = rule.value.priority
      direction                  = "Inbound"
      access                     = "Allow"
      protocol                   = "Tcp"
      source_port_range          = "*"
      destination_port_range     = rule.value.port
      source_address_prefix      = "*"
      destination_address_prefix = "*"
    }
  }
}
resource "azurerm_virtual_network" "vnet" {
  name                = "vnet"
  location            = "westeurope"
  resource_group_name = "rg"
  address_space       = ["10.0.0.0/16"]
  dynamic "subnet" {
    for_each = toset(["a", "b"])
    content {
      name             = subnet.key
      address_prefixes = [cidrsubnet("10.0.0.0/16", 8, index(["a", "b"], subnet.value))]
      dynamic "delegation" {
        for_each = subnet.value == "a" ? [1] : []
        content {
          name = "d"
          service_delegation {
            name = "Microsoft.ContainerService/managedClusters"
          }
        }
      }
    }
  }
}
