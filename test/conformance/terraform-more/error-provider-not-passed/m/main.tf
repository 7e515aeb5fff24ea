terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", configuration_aliases = [azurerm.x] }
  }
}
resource "azurerm_resource_group" "a" {
  provider = azurerm.x
  name = "a"
  location = "x"
}
