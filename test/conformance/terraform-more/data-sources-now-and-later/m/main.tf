terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}
data "azurerm_client_config" "c" {}
output "t" { value = data.azurerm_client_config.c.tenant_id }
