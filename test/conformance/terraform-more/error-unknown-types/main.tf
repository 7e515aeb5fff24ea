terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "3.116.0" }
  }
}
provider "azurerm" {
  features {}
}

data "azurerm_subnets" "x" {}
resource "azurerm_subscription_x" "x" {}
resource "azurerm_client_config" "y" {}
ephemeral "azurerm_key_vault_secrets" "z" {}
