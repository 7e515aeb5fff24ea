terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "4.79.0" }
    azapi = { source = "azure/azapi", version = "2.5.0" }
  }
}
provider "azurerm" {
  features {}
}
resource "azurerm_resource_group" "rg" {
  name     = "rg"
  location = "northeurope"
  tags     = {}
}
resource "azapi_resource" "a" {
  type      = "Microsoft.Network/virtualNetworks@2023-09-01"
  name      = "v"
  parent_id = azurerm_resource_group.rg.id
  body      = { properties = { addressSpace = { addressPrefixes = ["10.0.0.0/16", "10.1.0.0/16"] } } }
  retry = {
    error_message_regex = ["x"]
  }
}
resource "azapi_update_resource" "u" {
  type        = "Microsoft.Network/virtualNetworks@2023-09-01"
  resource_id = azapi_resource.a.id
  body        = { properties = { x = azapi_resource.a.output } }
}
resource "azurerm_key_vault" "kv" {
  name                = "kv"
  location            = "x"
  resource_group_name = azurerm_resource_group.rg.name
  tenant_id           = "t"
  sku_name            = "premium"
  network_acls {
    default_action = "Deny"
    bypass         = "AzureServices"
    ip_rules       = ["1.1.1.1"]
  }
}
resource "azurerm_storage_account" "s" {
  name                     = "s"
  location                 = "x"
  resource_group_name      = "y"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  blob_properties {
    versioning_enabled = true
  }
  lifecycle {
    ignore_changes = [account_replication_type, blob_properties[0].versioning_enabled, tags["x"]]
  }
  tags = { x = "new", y = "new" }
}
resource "azurerm_subnet" "sn" {
  name                 = "sn"
  resource_group_name  = "y"
  virtual_network_name = "v"
  address_prefixes     = ["10.0.1.0/24"]
  delegation {
    name = "d"
    service_delegation {
      name    = "Microsoft.ContainerService/managedClusters"
      actions = ["b"]
    }
  }
}
resource "azurerm_lb" "lb" {
  name                = "lb"
  location            = "x"
  resource_group_name = "y"
  sku = "Standard"
  frontend_ip_configuration {
    name = "b"
    public_ip_address_id = "2"
  }
  frontend_ip_configuration {
    name = "a"
    public_ip_address_id = "1"
  }
}
data "azurerm_resource_group" "d" {
  name = azurerm_resource_group.rg.name
}
output "loc" { value = data.azurerm_resource_group.d.location }
output "rgid" { value = azurerm_resource_group.rg.id }
