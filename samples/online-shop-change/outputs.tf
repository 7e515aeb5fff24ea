output "cluster_name" {
  description = "Name of the cluster."
  value       = azurerm_kubernetes_cluster.shop.name
}

output "registry" {
  description = "Login server of the registry."
  value       = azurerm_container_registry.shop.login_server
}

output "workload_client_ids" {
  description = "Client ids of the workload identities, for the service accounts' annotation."
  value       = { for name, identity in azurerm_user_assigned_identity.workload : name => identity.client_id }
}
