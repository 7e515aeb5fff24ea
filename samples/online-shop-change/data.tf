resource "azurerm_container_registry" "shop" {
  name                          = "acrshop${var.environment}"
  resource_group_name           = azurerm_resource_group.platform.name
  location                      = azurerm_resource_group.platform.location
  sku                           = "Premium"
  admin_enabled                 = false
  public_network_access_enabled = false
  tags                          = local.tags
}

resource "azurerm_role_assignment" "kubelet_pull" {
  scope                = azurerm_container_registry.shop.id
  role_definition_name = "AcrPull"
  principal_id         = azurerm_user_assigned_identity.kubelet.principal_id
}

data "azurerm_client_config" "current" {}

resource "azurerm_key_vault" "shop" {
  name                          = "kv-${local.name}"
  resource_group_name           = azurerm_resource_group.platform.name
  location                      = azurerm_resource_group.platform.location
  tenant_id                     = data.azurerm_client_config.current.tenant_id
  sku_name                      = "standard"
  rbac_authorization_enabled    = true
  purge_protection_enabled      = true
  public_network_access_enabled = false
  tags                          = local.tags
}

locals {
  private_links = {
    registry = {
      resource_id = azurerm_container_registry.shop.id
      subresource = "registry"
      zone        = "privatelink.azurecr.io"
    }
    vault = {
      resource_id = azurerm_key_vault.shop.id
      subresource = "vault"
      zone        = "privatelink.vaultcore.azure.net"
    }
  }
}

resource "azurerm_private_dns_zone" "link" {
  for_each = local.private_links

  name                = each.value.zone
  resource_group_name = azurerm_resource_group.platform.name
  tags                = local.tags
}

resource "azurerm_private_dns_zone_virtual_network_link" "link" {
  for_each = local.private_links

  name                  = "link-${each.key}"
  resource_group_name   = azurerm_resource_group.platform.name
  private_dns_zone_name = azurerm_private_dns_zone.link[each.key].name
  virtual_network_id    = module.network.virtual_network_id
}

resource "azurerm_private_endpoint" "link" {
  for_each = local.private_links

  name                = "pe-${local.name}-${each.key}"
  resource_group_name = azurerm_resource_group.platform.name
  location            = azurerm_resource_group.platform.location
  subnet_id           = module.network.subnet_ids["private-endpoints"]
  tags                = local.tags

  private_service_connection {
    name                           = each.key
    private_connection_resource_id = each.value.resource_id
    subresource_names              = [each.value.subresource]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "default"
    private_dns_zone_ids = [azurerm_private_dns_zone.link[each.key].id]
  }
}
