locals {
  name = "shop-${var.environment}"
  tags = merge(var.tags, { environment = var.environment })
}

resource "azurerm_resource_group" "platform" {
  name     = "rg-${local.name}"
  location = var.location
  tags     = local.tags
}

module "network" {
  source = "./modules/network"

  name                = local.name
  resource_group_name = azurerm_resource_group.platform.name
  location            = azurerm_resource_group.platform.location
  address_space       = var.address_space
  tags                = local.tags

  subnets = {
    aks               = { newbits = 2, netnum = 0 }
    private-endpoints = { newbits = 6, netnum = 16 }
  }
}

resource "azurerm_log_analytics_workspace" "platform" {
  name                = "log-${local.name}"
  resource_group_name = azurerm_resource_group.platform.name
  location            = azurerm_resource_group.platform.location
  sku                 = "PerGB2018"
  retention_in_days   = 30
  tags                = local.tags
}
