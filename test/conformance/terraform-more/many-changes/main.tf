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

resource "azurerm_kubernetes_cluster" "a" {
  name                = "a"
  location            = "x"
  resource_group_name = "y"
  dns_prefix          = "p"
  default_node_pool {
    name    = "sys"
    vm_size = "big"
    node_count = 3
    upgrade_settings { max_surge = "33%" }
  }
  identity { type = "SystemAssigned" }
  network_profile {
    network_plugin = "azure"
    network_policy = "calico"
  }
  linux_profile {
    admin_username = "u2"
    ssh_key { key_data = "k" }
  }
  lifecycle { ignore_changes = [default_node_pool[0].node_count, tags] }
  tags = { x = "new" }
}
resource "azurerm_network_security_group" "n" {
  name                = "n"
  location            = "x"
  resource_group_name = "y"
  security_rule {
    name = "b"
    priority                   = 101
    direction                  = "Inbound"
    access                     = "Allow"
    protocol                   = "Tcp"
    source_port_range          = "*"
    destination_port_range     = "443"
    source_address_prefix      = "*"
    destination_address_prefix = "*"
  }
}
resource "azurerm_virtual_network" "v" {
  name                = "v"
  location            = "x"
  resource_group_name = "y"
  address_space       = ["10.0.0.0/16"]
  subnet {
    name             = "a"
    address_prefixes = ["10.0.0.0/24"]
  }
  subnet {
    name             = "c"
    address_prefixes = ["10.0.2.0/24"]
  }
}
resource "azurerm_subnet" "s" {
  name                 = "s"
  resource_group_name  = "y"
  virtual_network_name = azurerm_virtual_network.v.name
  address_prefixes     = ["10.0.9.0/24"]
}
resource "azurerm_public_ip" "ip" {
  name                = "ip"
  location            = "x"
  resource_group_name = "y"
  allocation_method   = "Static"
  zones = ["1", "2"]
}
resource "random_string" "s" {
  length  = 8
}
output "ip" { value = azurerm_public_ip.ip.ip_address }
output "s" { value = random_string.s.result }
output "gone_new" { value = 1 }
