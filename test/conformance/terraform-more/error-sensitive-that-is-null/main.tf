terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "4.79.0" }
  }
}
provider "azurerm" {
  features {}
}
variable "s" {
  default = ["a"]
  sensitive = null
}
resource "azurerm_virtual_network" "v" {
  name                = "v"
  location            = "x"
  resource_group_name = "x"
  address_space       = ["10.0.0.0/8"]
  dynamic "subnet" {
    for_each = var.s
    content {
      name = subnet.value
      address_prefixes = ["x"]
    }
  }
}
