terraform {
  required_version = ">= 1.5, < 1.10"
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "abc" }
  }
}
