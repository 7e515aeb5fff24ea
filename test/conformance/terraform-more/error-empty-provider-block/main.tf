terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "4.79.0" }
  }
}
provider "azurerm" {}
resource "azurerm_resource_group" "rg" {
  name     = "rg"
  location = "westeurope"
}
