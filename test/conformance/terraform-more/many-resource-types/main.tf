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

variable "tags" { default = { a = "1" } }
resource "random_string" "s" {
  length  = 6
  special = false
}
resource "random_pet" "p" {}
resource "random_password" "pw" { length = 12 }
resource "azurerm_resource_group" "rg" {
  name     = "rg-${random_string.s.result}"
  location = "westeurope"
  tags     = merge(var.tags, { pet = random_pet.p.id })
}
resource "azurerm_virtual_network" "v" {
  name                = "v"
  location            = azurerm_resource_group.rg.location
  resource_group_name = azurerm_resource_group.rg.name
  address_space       = ["10.0.0.0/16"]
  subnet {
    name             = "a"
    address_prefixes = ["10.0.0.0/24"]
  }
  subnet {
    name             = random_pet.p.id
    address_prefixes = ["10.0.1.0/24"]
    delegation {
      name = "d"
      service_delegation {
        name    = "x"
        actions = ["b", "a"]
      }
    }
  }
}
resource "azurerm_network_security_group" "n" {
  name                = "n"
  location            = "x"
  resource_group_name = "y"
  security_rule = []
}
resource "azurerm_key_vault" "kv" {
  name                = "kv"
  location            = "x"
  resource_group_name = "y"
  tenant_id           = "t"
  sku_name            = "standard"
  access_policy {
    tenant_id = "a"
    object_id = random_pet.p.id
    secret_permissions = ["Get"]
  }
}
resource "azurerm_kubernetes_cluster" "a" {
  name                = "a"
  location            = "x"
  resource_group_name = "y"
  dns_prefix          = "p"
  default_node_pool {
    name                = "sys"
    vm_size             = "x"
    auto_scaling_enabled = true
    min_count = 1
    max_count = 3
    zones = ["1", "2"]
    upgrade_settings { max_surge = "10%" }
    node_labels = { a = random_pet.p.id }
  }
  identity { type = "SystemAssigned" }
  network_profile {
    network_plugin = "azure"
    load_balancer_profile { managed_outbound_ip_count = 2 }
  }
  linux_profile {
    admin_username = "u"
    ssh_key { key_data = random_password.pw.result }
  }
  azure_active_directory_role_based_access_control {
    azure_rbac_enabled = true
  }
  maintenance_window {
    allowed {
      day = "Monday"
      hours = [1, 2]
    }
  }
  windows_profile {
    admin_username = "x"
    admin_password = "secret"
  }
  timeouts { create = "1h" }
}
resource "azapi_resource" "z" {
  type      = "Microsoft.ContainerService/managedClusters@2024-01-01"
  name      = "z"
  parent_id = azurerm_resource_group.rg.id
  location  = "westeurope"
  body = {
    properties = {
      dnsPrefix = "x"
      agentPoolProfiles = [{ name = "a", count = 1, vmSize = random_pet.p.id }]
    }
  }
  identity { type = "SystemAssigned" }
  response_export_values = ["*"]
}
output "kube" {
  value = azurerm_kubernetes_cluster.a.kube_config
  sensitive = true
}
output "azapi" { value = azapi_resource.z.output }
output "body" { value = azapi_resource.z.body }
output "np" { value = azurerm_kubernetes_cluster.a.network_profile[0].outbound_type }
output "subnets" { value = azurerm_virtual_network.v.subnet }
output "subnet_names" { value = [for s in azurerm_virtual_network.v.subnet : s.name] }
output "pw" {
  value = random_password.pw.result
  sensitive = true
}
