import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface LargePlatform {
  readonly nodes: number;
  readonly pods: number;
}

/** AKS lets a pool have so many nodes. */
const nodesAPool = 1000;
const replicas = 50;
const deploymentsANamespace = 25;

/** Writes a platform of pools with fixed node counts and Deployments that fill them, each with a Service; the same bytes for the same numbers. */
export const writeLargePlatform = (folder: string, { nodes, pods }: LargePlatform): void => {
  mkdirSync(join(folder, "k8s"), { recursive: true });
  writeFileSync(join(folder, "main.tf"), terraform(nodes));
  const deployments = Math.ceil(pods / replicas);
  for (let first = 0; first < deployments; first += deploymentsANamespace) {
    const namespace = `team-${first / deploymentsANamespace}`;
    const own = Array.from({ length: Math.min(deploymentsANamespace, deployments - first) }, (_, index) =>
      workload(namespace, first + index, Math.min(replicas, pods - (first + index) * replicas)),
    );
    writeFileSync(
      join(folder, "k8s", `${namespace}.yaml`),
      [`apiVersion: v1\nkind: Namespace\nmetadata: { name: ${namespace} }\n`, ...own].join("---\n"),
    );
  }
};

const terraform = (nodes: number): string => {
  const pools = Array.from({ length: Math.ceil(nodes / nodesAPool) }, (_, index) => {
    const count = Math.min(nodesAPool, nodes - index * nodesAPool);
    return `
resource "azurerm_kubernetes_cluster_node_pool" "user${index}" {
  name                  = "user${index}"
  kubernetes_cluster_id = azurerm_kubernetes_cluster.large.id
  vm_size               = "Standard_D8s_v5"
  node_count            = ${count}
  max_pods              = 50
  zones                 = ["1", "2", "3"]
  vnet_subnet_id        = azurerm_subnet.nodes.id
}
`;
  });
  return `
provider "azurerm" {
  features {}
}

resource "azurerm_resource_group" "large" {
  name     = "rg-large"
  location = "westeurope"
}

resource "azurerm_virtual_network" "large" {
  name                = "vnet-large"
  location            = azurerm_resource_group.large.location
  resource_group_name = azurerm_resource_group.large.name
  address_space       = ["10.0.0.0/12"]
}

resource "azurerm_subnet" "nodes" {
  name                 = "snet-nodes"
  resource_group_name  = azurerm_resource_group.large.name
  virtual_network_name = azurerm_virtual_network.large.name
  address_prefixes     = ["10.0.0.0/18"]
}

resource "azurerm_kubernetes_cluster" "large" {
  name                = "aks-large"
  location            = azurerm_resource_group.large.location
  resource_group_name = azurerm_resource_group.large.name
  dns_prefix          = "large"
  kubernetes_version  = "1.33"
  sku_tier            = "Standard"

  default_node_pool {
    name           = "system"
    vm_size        = "Standard_D8s_v5"
    node_count     = 3
    zones          = ["1", "2", "3"]
    vnet_subnet_id = azurerm_subnet.nodes.id
  }

  network_profile {
    network_plugin      = "azure"
    network_plugin_mode = "overlay"
    pod_cidr            = "100.64.0.0/11"
    service_cidr        = "172.16.0.0/16"
    dns_service_ip      = "172.16.0.10"
  }

  identity {
    type = "SystemAssigned"
  }
}
${pools.join("")}`;
};

const workload = (namespace: string, number: number, count: number): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: app-${number}, namespace: ${namespace} }
spec:
  replicas: ${count}
  selector: { matchLabels: { app: app-${number} } }
  template:
    metadata: { labels: { app: app-${number} } }
    spec:
      containers:
        - name: app
          image: registry.example.com/app-${number}:1
          resources: { requests: { cpu: ${100 + (number % 5) * 25}m, memory: ${128 + (number % 7) * 64}Mi } }
---
apiVersion: v1
kind: Service
metadata: { name: app-${number}, namespace: ${namespace} }
spec: { selector: { app: app-${number} }, ports: [{ port: 80 }] }
`;
