terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "4.79.0" }
  }
}
provider "azurerm" {
  features {
    key_vault { purge_soft_delete_on_destroy = "maybe" }
    nosuch {}
  }
  foo = 1
}
module "m" {
  source = "./m"
}
