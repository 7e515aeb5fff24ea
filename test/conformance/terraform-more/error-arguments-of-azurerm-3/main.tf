terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "3.116.0" }
  }
}
provider "azurerm" {
  features {}
}

resource "azurerm_kubernetes_cluster" "k" {
  name                = "k"
  location            = "x"
  resource_group_name = "y"
  dns_prefix          = "z"
  enable_auto_scaling = true
  default_node_pool {
    name                = "sys"
    vm_size             = "x"
    enable_auto_scaling = true
    min_count           = 1
    max_count           = 3
    enable_node_public_ip = false
  }
  identity { type = "SystemAssigned" }
  network_profile {
    network_plugin = "kubenet"
    pod_cidr       = "10.244.0.0/16"
  }
}
