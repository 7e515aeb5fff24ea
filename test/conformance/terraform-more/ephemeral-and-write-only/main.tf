terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "4.79.0" }
    random = { source = "hashicorp/random" }
  }
}
provider "azurerm" {
  features {}
}
ephemeral "random_password" "p" { length = 12 }
resource "azurerm_key_vault_secret" "s" {
  name = "s"
  key_vault_id = "k"
  value_wo = ephemeral.random_password.p.result
  value_wo_version = 1
}
module "m" {
  source = "./m"
  p = ephemeral.random_password.p.result
}
