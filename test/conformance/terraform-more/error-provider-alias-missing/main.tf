terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "4.79.0" }
  }
}
resource "azurerm_resource_group" "rg" {
  provider = azurerm.nope
  name     = "rg"
  location = "westeurope"
}
