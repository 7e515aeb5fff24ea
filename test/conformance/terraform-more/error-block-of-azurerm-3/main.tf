terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "3.116.0" }
  }
}
provider "azurerm" {
  features {}
}

resource "azurerm_kubernetes_cluster" "k" {
  name                = "k"
  location            = "x"
  resource_group_name = "y"
  dns_prefix          = "z"
  default_node_pool {
    name                = "sys"
    vm_size             = "x"
    enable_auto_scaling = true
    min_count           = 1
    max_count           = 3
    enable_node_public_ip = false
  }
  identity { type = "SystemAssigned" }
  network_profile {
    network_plugin = "azure"
    network_plugin_mode = "overlay"
    outbound_type = "userDefinedRouting"
  }
  key_vault_secrets_provider { secret_rotation_enabled = true }
  api_server_access_profile { authorized_ip_ranges = ["1.2.3.4/32", "0.0.0.0/0"] }
  oms_agent { log_analytics_workspace_id = "x" }
  auto_scaler_profile {
    expander = "least-waste"
    scan_interval = "10s"
  }
  storage_profile {}
  service_mesh_profile {
    mode = "Istio"
    revisions = ["a"]
  }
}
resource "azurerm_kubernetes_cluster_node_pool" "p" {
  for_each = { a = 1, b = 2 }
  name = each.key
  kubernetes_cluster_id = azurerm_kubernetes_cluster.k.id
  vm_size = "x"
  node_count = each.value
  enable_auto_scaling = each.value > 1
  node_taints = ["a=b:NoSchedule"]
  linux_os_config {
    sysctl_config { vm_max_map_count = 65530 }
  }
  windows_profile { outbound_nat_enabled = false }
  lifecycle { create_before_destroy = true }
}
resource "azurerm_role_assignment" "r" {
  scope = azurerm_kubernetes_cluster.k.id
  role_definition_name = "x"
  principal_id = azurerm_kubernetes_cluster.k.kubelet_identity[0].object_id
}
resource "azurerm_application_gateway" "g" {
  name = "g"
  location = "x"
  resource_group_name = "y"
  sku {
    name = "a"
    tier = "b"
    capacity = 1
  }
  gateway_ip_configuration {
    name = "i"
    subnet_id = "s"
  }
  frontend_port {
    name = "p"
    port = 80
  }
  frontend_ip_configuration {
    name = "f"
    public_ip_address_id = "z"
  }
  backend_address_pool { name = "b" }
  backend_http_settings {
    name = "s"
    cookie_based_affinity = "Disabled"
    port = 80
    protocol = "Http"
    request_timeout = 1
  }
  http_listener {
    name = "l"
    frontend_ip_configuration_name = "f"
    frontend_port_name = "p"
    protocol = "Http"
  }
  request_routing_rule {
    name = "r"
    rule_type = "Basic"
    http_listener_name = "l"
    backend_address_pool_name = "b"
    backend_http_settings_name = "s"
    priority = 1
  }
}
