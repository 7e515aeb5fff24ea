import { expect, test } from "@jest/globals";
import { networkMode } from "../../src/azure/network-mode.ts";
import type { Platform } from "../../src/azure/platform.ts";
import { mayAct } from "../../src/graph/permissions.ts";
import { known } from "../../src/model/unknown.ts";
import { predictSubnets } from "../../src/simulate/cloud/subnets.ts";
import { platformOf } from "../support/evaluated.ts";

const network = `
resource "azurerm_resource_group" "rg" {
  name     = "rg-shop"
  location = "westeurope"
}
resource "azurerm_virtual_network" "v" {
  name                = "vnet"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  address_space       = ["10.1.0.0/16"]
}
resource "azurerm_subnet" "all" {
  for_each             = { nodes = "10.1.0.0/22", pods = "10.1.8.0/22", api = "10.1.4.0/28" }
  name                 = each.key
  resource_group_name  = azurerm_resource_group.rg.name
  virtual_network_name = azurerm_virtual_network.v.name
  address_prefixes     = [each.value]
}`;

const azurerm = (version: string, settings: string): string => `
terraform {
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> ${version}"
    }
  }
}
provider "azurerm" {
  features {}
}
${network}
resource "azurerm_kubernetes_cluster" "aks" {
  name                = "aks"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  dns_prefix          = "aks"
  default_node_pool {
    name           = "system"
    node_count     = 2
    max_pods       = 40
    vm_size        = "Standard_D4s_v5"
    vnet_subnet_id = azurerm_subnet.all["nodes"].id
  }
  identity {
    type = "SystemAssigned"
  }
  ${settings}
}`;

const azapi = (properties: string, pool = ""): string => `
terraform {
  required_providers {
    azapi = {
      source  = "azure/azapi"
      version = "~> 2.0"
    }
  }
}
${network}
resource "azapi_resource" "aks" {
  type      = "Microsoft.ContainerService/managedClusters@2025-01-01"
  name      = "aks"
  parent_id = azurerm_resource_group.rg.id
  location  = "westeurope"
  body = {
    properties = {
      dnsPrefix = "aks"
      agentPoolProfiles = [
        { name = "system", mode = "System", count = 2, maxPods = 40, vmSize = "Standard_D4s_v5", vnetSubnetID = azurerm_subnet.all["nodes"].id, ${pool} },
      ]
      ${properties}
    }
  }
}`;

const overlay = 'network_plugin = "azure"\n network_plugin_mode = "overlay"\n';

const usedOf = (platform: Platform): Readonly<Record<string, readonly [prefix: string, used: number]>> => {
  const [cluster] = platform.clusters;
  if (cluster === undefined) throw new Error("there is a cluster");
  const pools = cluster.pools.map((pool) => ({ pool, now: 2, predicted: 2, max: 2, podsPerNode: 5 }));
  return Object.fromEntries(
    predictSubnets({ platform, cluster, pools }).value.map(({ name, prefix, used }) => [name, [prefix, used]] as const),
  );
};

// "Plan IP addressing for AKS clusters", "API Server VNet Integration in AKS", "static allocation of CIDR blocks".
test.each([
  [
    "azurerm 4: an API server in a subnet of its own takes nine addresses there, and no private endpoint",
    azurerm(
      "4.0",
      `private_cluster_enabled = true
  api_server_access_profile {
    subnet_id                           = azurerm_subnet.all["api"].id
    virtual_network_integration_enabled = true
  }
  network_profile {
    ${overlay}
  }`,
    ),
    { nodes: ["10.1.0.0/22", 2], api: ["10.1.4.0/28", 9], pod_cidr: ["10.244.0.0/16", 512] },
  ],
  [
    "azurerm 3 calls the switch otherwise; the subnet is AKS's where none is given",
    azurerm(
      "3.100",
      `private_cluster_enabled = true
  api_server_access_profile {
    vnet_integration_enabled = true
  }
  network_profile {
    ${overlay}
  }`,
    ),
    { nodes: ["10.1.0.0/22", 2], pod_cidr: ["10.244.0.0/16", 512] },
  ],
  [
    "a private cluster without it has its endpoint among the nodes",
    azurerm("4.0", `private_cluster_enabled = true\n network_profile {\n ${overlay} }`),
    { nodes: ["10.1.0.0/22", 3], pod_cidr: ["10.244.0.0/16", 512] },
  ],
  [
    "of two families the IPv4 range carries the nodes' blocks, wherever it stands",
    azurerm(
      "4.0",
      `network_profile {
    ${overlay}
    ip_versions = ["IPv4", "IPv6"]
    pod_cidrs   = ["fd12:3456:789a::/64", "10.244.0.0/20"]
  }`,
    ),
    {
      nodes: ["10.1.0.0/22", 2],
      pod_cidr: ["10.244.0.0/20", 512],
      "pod_cidr (IPv6, /80 blocks)": ["fd12:3456:789a::/64", 2],
    },
  ],
  [
    "azapi: both families, and the API server's subnet",
    azapi(`
      apiServerAccessProfile = { enablePrivateCluster = true, enableVnetIntegration = true, subnetId = azurerm_subnet.all["api"].id }
      networkProfile = { networkPlugin = "azure", networkPluginMode = "overlay", ipFamilies = ["IPv4", "IPv6"], podCidrs = ["10.245.0.0/18", "fd00::/64"] }`),
    {
      nodes: ["10.1.0.0/22", 2],
      api: ["10.1.4.0/28", 9],
      pod_cidr: ["10.245.0.0/18", 512],
      "pod_cidr (IPv6, /80 blocks)": ["fd00::/64", 2],
    },
  ],
  [
    "azapi: static blocks reserve max_pods, 16 addresses a block",
    azapi(
      'networkProfile = { networkPlugin = "azure" }',
      'podSubnetID = azurerm_subnet.all["pods"].id, podIPAllocationMode = "StaticBlock"',
    ),
    { nodes: ["10.1.0.0/22", 2], pods: ["10.1.8.0/22", 2 * 48] },
  ],
  [
    "azapi: without them the pods there are",
    azapi('networkProfile = { networkPlugin = "azure" }', 'podSubnetID = azurerm_subnet.all["pods"].id'),
    { nodes: ["10.1.0.0/22", 2], pods: ["10.1.8.0/22", 2 * 16] },
  ],
])("%s", (_, hcl, expected) => {
  expect(usedOf(platformOf(hcl))).toEqual(expected);
});

test("both families, the pods' mode and the ingress controller reach the model by both doors", () => {
  const [one] = platformOf(
    azurerm(
      "4.0",
      `web_app_routing {
    dns_zone_ids             = []
    default_nginx_controller = "Internal"
  }
  network_profile {
    ${overlay}
    ip_versions    = ["IPv4", "IPv6"]
    service_cidrs  = ["fd12:3456:789a:1::/108", "172.20.0.0/16"]
    dns_service_ip = "172.20.0.10"
  }`,
    ),
  ).clusters;
  expect(one?.network).toMatchObject({
    ipVersions: ["IPv4", "IPv6"],
    serviceCidrs: ["fd12:3456:789a:1::/108", "172.20.0.0/16"],
    serviceCidr: "172.20.0.0/16",
    podCidrs: undefined,
  });
  expect(one?.addons.webAppRouting?.defaultNginxController).toBe("Internal");
  expect(one?.vnetIntegration).toBeUndefined();
  const [other] = platformOf(
    azapi(
      `ingressProfile = { webAppRouting = { enabled = true, nginx = { defaultIngressControllerType = "None" } } }
      networkProfile = { networkPlugin = "azure", serviceCidrs = ["172.21.0.0/16"] }`,
      'podSubnetID = azurerm_subnet.all["pods"].id, podIPAllocationMode = "StaticBlock"',
    ),
  ).clusters;
  const [pool] = other?.pools ?? [];
  if (other === undefined || pool === undefined) throw new Error("there is a cluster with a pool");
  expect(networkMode(other, pool)).toBe("podSubnetStatic");
  expect(known(other.addons.webAppRouting?.defaultNginxController)).toBe("None");
  expect(other.network).toMatchObject({ serviceCidrs: ["172.21.0.0/16"], serviceCidr: "172.21.0.0/16" });
});

const withRole = (more: string): Platform =>
  platformOf(`${azurerm("4.0", `network_profile {\n ${overlay} }`)}
resource "azurerm_role_assignment" "join" {
  scope                = azurerm_subnet.all["nodes"].id
  role_definition_name = "Network Contributor"
  principal_id         = azurerm_kubernetes_cluster.aks.identity[0].principal_id
  ${more}
}`);

test.each([
  ["without a condition a role is held", "", "yes"],
  [
    "with one nobody can tell",
    'condition = "@Resource[name] StringEquals \'x\'"\n condition_version = "2.0"',
    "unsure",
  ],
])("%s", (_, more, may) => {
  const platform = withRole(more);
  const subnet = platform.subnets.find(({ name }) => name === "nodes");
  if (subnet === undefined) throw new Error("there is a subnet");
  const action = "Microsoft.Network/virtualNetworks/subnets/join/action";
  expect(mayAct(platform, "azurerm_kubernetes_cluster.aks#identity", subnet, action).may).toBe(may);
});

test("a registry of repository roles is known by both providers' words", () => {
  const [registry] = platformOf(`
terraform {
  required_providers {
    azapi = {
      source  = "azure/azapi"
      version = "~> 2.0"
    }
  }
}
${network}
resource "azapi_resource" "acr" {
  type      = "Microsoft.ContainerRegistry/registries@2025-05-01-preview"
  name      = "acrshop"
  parent_id = azurerm_resource_group.rg.id
  location  = "westeurope"
  body      = { sku = { name = "Premium" }, properties = { roleAssignmentMode = "AbacRepositoryPermissions" } }
}`).registries;
  expect(registry?.roleAssignmentMode).toBe("AbacRepositoryPermissions");
});
