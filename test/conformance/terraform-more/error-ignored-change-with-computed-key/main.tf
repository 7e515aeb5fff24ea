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
  location = "northeurope"
  tags     = { a = "2", b = "2" }
  lifecycle {
    ignore_changes = [tags[sensitive("s")], location]
  }
}
