terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "4.79.0" }
  }
}
provider "azurerm" {
  features {}
}

resource "azurerm_kubernetes_cluster" "k" {
  name                = "x"
  location            = "x"
  resource_group_name = "x"
  default_node_pool {
    name       = ["a"]
    vm_sizes   = "x"
    node_count = "three"
    upgrade_settings {}
    upgrade_settings {}
    nothing {}
  }
  identity = { type = "x" }
  tags {
    a = 1
  }
  service_principal {
    client_id = "a"
  }
  timeouts {
    create = 1
    foo = 2
  }
  timeouts {}
}
