provider "azurerm" {
  features {}
}
resource "azurerm_resource_group" "a" {
  name = "a"
  location = "x"
}
