# Workloads that reach the Key Vault, by service account in namespace "shop".
locals {
  vault_readers = toset(["orders", "payments"])
}

resource "azurerm_user_assigned_identity" "workload" {
  for_each = local.vault_readers

  name                = "id-${local.name}-${each.key}"
  resource_group_name = azurerm_resource_group.platform.name
  location            = azurerm_resource_group.platform.location
  tags                = local.tags
}

resource "azurerm_federated_identity_credential" "workload" {
  for_each = local.vault_readers

  name                = each.key
  resource_group_name = azurerm_resource_group.platform.name
  parent_id           = azurerm_user_assigned_identity.workload[each.key].id
  issuer              = azurerm_kubernetes_cluster.shop.oidc_issuer_url
  audience            = ["api://AzureADTokenExchange"]
  subject             = "system:serviceaccount:shop:${each.key}"
}

resource "azurerm_role_assignment" "workload_secrets" {
  for_each = local.vault_readers

  scope                = azurerm_key_vault.shop.id
  role_definition_name = "Key Vault Secrets User"
  principal_id         = azurerm_user_assigned_identity.workload[each.key].principal_id
}
