import { expect, test } from "@jest/globals";
import { buildPlatform } from "../../src/evaluate/azure-platform.ts";
import { evaluatePlan } from "../../src/evaluate/evaluate-plan.ts";
import { readPlan } from "../../src/load/plan/plan.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { known } from "../../src/model/unknown.ts";
import { evaluated, platformOf } from "../support/evaluated.ts";

const provider = (version: string): string => `
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
`;

const group = `
resource "azurerm_resource_group" "rg" {
  name     = "rg-shop"
  location = "West Europe"
}
`;

const network = `
resource "azurerm_virtual_network" "v" {
  name                = "vnet"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  address_space       = ["10.0.0.0/16"]
}
resource "azurerm_subnet" "nodes" {
  name                 = "nodes"
  resource_group_name  = azurerm_resource_group.rg.name
  virtual_network_name = azurerm_virtual_network.v.name
  address_prefixes     = ["10.0.1.0/24"]
  delegation {
    name = "d"
    service_delegation {
      name = "Microsoft.ContainerService/managedClusters"
    }
  }
}
`;

const cluster = (pool: string, rest: string): string => `
resource "azurerm_kubernetes_cluster" "aks" {
  name                = "aks"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  dns_prefix          = "aks"
  default_node_pool {
    name           = "system"
    vm_size        = "Standard_D4s_v5"
    vnet_subnet_id = azurerm_subnet.nodes.id
${pool}
  }
  identity {
    type = "SystemAssigned"
  }
${rest}
}
`;

test.each([
  [
    "4.0",
    "    auto_scaling_enabled = true\n    min_count = 1\n    max_count = 3\n    node_public_ip_enabled = true\n    zones = [1, 2]",
    'automatic_upgrade_channel = "patch"\nnode_os_upgrade_channel = "NodeImage"',
    "node_public_ip_enabled",
  ],
  [
    "3.100",
    "    enable_auto_scaling = true\n    min_count = 1\n    max_count = 3\n    enable_node_public_ip = true\n    zones = [1, 2]",
    'automatic_channel_upgrade = "patch"\nnode_os_channel_upgrade = "NodeImage"',
    "enable_node_public_ip",
  ],
])("azurerm %s: both spellings come to the same cluster", (version, pool, rest, written) => {
  const text = `${provider(version)}${group}${network}${cluster(pool, rest)}`;
  const [aks] = platformOf(text).clusters;
  const [system] = aks?.pools ?? [];
  expect(aks).toMatchObject({
    address: "azurerm_kubernetes_cluster.aks",
    name: "aks",
    resourceGroup: "rg-shop",
    location: "westeurope",
    automaticUpgradeChannel: "patch",
    nodeOsUpgradeChannel: "NodeImage",
    identity: { type: "SystemAssigned", userAssigned: [] },
  });
  expect(system).toMatchObject({
    address: "azurerm_kubernetes_cluster.aks.default_node_pool",
    name: "system",
    isDefault: true,
    mode: "System",
    autoscaling: true,
    minCount: 1,
    maxCount: 3,
    publicIpPerNode: true,
    zones: ["1", "2"],
    subnet: { address: "azurerm_subnet.nodes" },
  });
  const place = system?.rangeAt("node_public_ip_enabled");
  expect(text.slice(place?.start.offset, place?.end.offset)).toContain(written);
});

test("what a configuration leaves to Azure is left out, and what only Azure can say is unknown", () => {
  const text = `${provider("4.0")}${group}${network}${cluster("", "")}
resource "azurerm_user_assigned_identity" "i" {
  name                = "i"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
}`;
  const platform = platformOf(text);
  expect(platform.clusters[0]?.kubernetesVersion).toBeUndefined();
  expect(platform.clusters[0]?.network.plugin).toBeUndefined();
  expect(platform.clusters[0]?.pools[0]?.maxPods).toBeUndefined();
  expect(platform.identities[0]?.principalId).toEqual({
    kind: "unknown",
    because: "azurerm_user_assigned_identity.i.principal_id is known after apply",
  });
});

test("networks: subnets with their associations, rules and routes of their own, gateways, endpoints", () => {
  const platform = platformOf(`${provider("4.0")}${group}${network}
resource "azurerm_network_security_group" "n" {
  name                = "nsg"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  security_rule {
    name                       = "in"
    priority                   = 100
    direction                  = "Inbound"
    access                     = "Allow"
    protocol                   = "Tcp"
    source_port_range          = "*"
    source_address_prefix      = "Internet"
    destination_address_prefix = "*"
    destination_port_ranges    = ["443", "80"]
  }
}
resource "azurerm_network_security_rule" "out" {
  name                        = "out"
  priority                    = 200
  direction                   = "Outbound"
  access                      = "Deny"
  protocol                    = "*"
  source_port_range           = "*"
  destination_port_range      = "*"
  source_address_prefix       = "*"
  destination_address_prefix  = "Internet"
  resource_group_name         = azurerm_resource_group.rg.name
  network_security_group_name = azurerm_network_security_group.n.name
}
resource "azurerm_subnet_network_security_group_association" "a" {
  subnet_id                 = azurerm_subnet.nodes.id
  network_security_group_id = azurerm_network_security_group.n.id
}
resource "azurerm_route_table" "r" {
  name                = "rt"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
}
resource "azurerm_route" "default" {
  name                   = "default"
  resource_group_name    = azurerm_resource_group.rg.name
  route_table_name       = azurerm_route_table.r.name
  address_prefix         = "0.0.0.0/0"
  next_hop_type          = "VirtualAppliance"
  next_hop_in_ip_address = "10.1.0.4"
}
resource "azurerm_subnet_route_table_association" "a" {
  subnet_id      = azurerm_subnet.nodes.id
  route_table_id = azurerm_route_table.r.id
}
resource "azurerm_public_ip" "p" {
  name                = "pip"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  allocation_method   = "Static"
  zones               = ["1"]
}
resource "azurerm_nat_gateway" "g" {
  name                = "nat"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
}
resource "azurerm_nat_gateway_public_ip_association" "a" {
  nat_gateway_id       = azurerm_nat_gateway.g.id
  public_ip_address_id = azurerm_public_ip.p.id
}
resource "azurerm_subnet_nat_gateway_association" "a" {
  subnet_id      = azurerm_subnet.nodes.id
  nat_gateway_id = azurerm_nat_gateway.g.id
}
resource "azurerm_virtual_network_peering" "hub" {
  name                      = "hub"
  resource_group_name       = azurerm_resource_group.rg.name
  virtual_network_name      = azurerm_virtual_network.v.name
  remote_virtual_network_id = "/subscriptions/s/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/hub"
}
resource "azurerm_private_dns_zone" "z" {
  name                = "privatelink.azurecr.io"
  resource_group_name = azurerm_resource_group.rg.name
}
resource "azurerm_private_dns_zone_virtual_network_link" "l" {
  name                  = "l"
  resource_group_name   = azurerm_resource_group.rg.name
  private_dns_zone_name = azurerm_private_dns_zone.z.name
  virtual_network_id    = azurerm_virtual_network.v.id
}
resource "azurerm_private_endpoint" "e" {
  name                = "e"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  subnet_id           = azurerm_subnet.nodes.id
  private_service_connection {
    name                           = "c"
    is_manual_connection           = false
    private_connection_resource_id = azurerm_container_registry.acr.id
    subresource_names              = ["registry"]
  }
  private_dns_zone_group {
    name                 = "g"
    private_dns_zone_ids = [azurerm_private_dns_zone.z.id]
  }
}
resource "azurerm_container_registry" "acr" {
  name                = "acrshop"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  sku                 = "Premium"
}
`);
  expect(platform.subnets[0]).toMatchObject({
    virtualNetwork: { address: "azurerm_virtual_network.v" },
    addressPrefixes: ["10.0.1.0/24"],
    location: "westeurope",
    securityGroup: { address: "azurerm_network_security_group.n" },
    routeTable: { address: "azurerm_route_table.r" },
    natGateway: { address: "azurerm_nat_gateway.g" },
    delegations: ["Microsoft.ContainerService/managedClusters"],
  });
  expect(
    platform.securityGroups[0]?.rules.map(({ name, destinationPorts, access }) => [name, destinationPorts, access]),
  ).toEqual([
    ["in", ["443", "80"], "Allow"],
    ["out", ["*"], "Deny"],
  ]);
  expect(platform.routeTables[0]?.routes).toEqual([
    { name: "default", addressPrefix: "0.0.0.0/0", nextHopType: "VirtualAppliance", nextHopAddress: "10.1.0.4" },
  ]);
  expect(platform.natGateways[0]?.publicIps.map(({ address }) => address)).toEqual(["azurerm_public_ip.p"]);
  expect(platform.publicIps[0]).toMatchObject({ zones: ["1"], allocationMethod: "Static", sku: "Standard" });
  expect(platform.peerings[0]?.remoteVirtualNetwork).toEqual({
    address: undefined,
    id: "/subscriptions/s/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/hub",
  });
  expect(platform.privateDnsZones[0]?.linkedNetworks.map(({ address }) => address)).toEqual([
    "azurerm_virtual_network.v",
  ]);
  expect(platform.privateEndpoints[0]).toMatchObject({
    subnet: { address: "azurerm_subnet.nodes" },
    target: { address: "azurerm_container_registry.acr" },
    subresources: ["registry"],
    dnsZones: [{ address: "azurerm_private_dns_zone.z" }],
  });
  expect(platform.others).toEqual([]);
});

test("inline subnets of a network are subnets, and their ids lead to them", () => {
  const platform = platformOf(`${provider("4.0")}${group}
resource "azurerm_virtual_network" "v" {
  name                = "vnet"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  address_space       = ["10.0.0.0/16"]
  subnet {
    name             = "nodes"
    address_prefixes = ["10.0.1.0/24"]
  }
}
${cluster("", "").replace("azurerm_subnet.nodes.id", "one(azurerm_virtual_network.v.subnet).id")}`);
  expect(platform.subnets.map(({ address, addressPrefixes }) => [address, addressPrefixes])).toEqual([
    ['azurerm_virtual_network.v.subnet["nodes"]', ["10.0.1.0/24"]],
  ]);
});

test("identities: who has which role on what, and which service account is whom", () => {
  const platform =
    platformOf(`${provider("4.0")}${group}${network}${cluster("", "oidc_issuer_enabled = true\nkey_vault_secrets_provider {\n}\n")}
resource "azurerm_container_registry" "acr" {
  name                = "acrshop"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  sku                 = "Basic"
}
resource "azurerm_role_assignment" "pull" {
  scope                = azurerm_container_registry.acr.id
  role_definition_name = "AcrPull"
  principal_id         = azurerm_kubernetes_cluster.aks.kubelet_identity[0].object_id
}
resource "azurerm_role_assignment" "net" {
  scope                = azurerm_subnet.nodes.id
  role_definition_name = "Network Contributor"
  principal_id         = azurerm_kubernetes_cluster.aks.identity[0].principal_id
}
resource "azurerm_role_assignment" "secrets" {
  scope                = "/subscriptions/s/resourceGroups/rg-shop/providers/Microsoft.KeyVault/vaults/kv-shop"
  role_definition_id   = "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/x"
  principal_id         = azurerm_kubernetes_cluster.aks.key_vault_secrets_provider[0].secret_identity[0].object_id
}
resource "azurerm_key_vault" "kv" {
  name                       = "kv-shop"
  resource_group_name        = azurerm_resource_group.rg.name
  location                   = azurerm_resource_group.rg.location
  tenant_id                  = "t"
  sku_name                   = "standard"
  rbac_authorization_enabled = true
}
resource "azurerm_key_vault_secret" "s" {
  name         = "db"
  value        = "x"
  key_vault_id = azurerm_key_vault.kv.id
}
resource "azurerm_key_vault_access_policy" "p" {
  key_vault_id       = azurerm_key_vault.kv.id
  tenant_id          = "t"
  object_id          = azurerm_user_assigned_identity.app.principal_id
  secret_permissions = ["Get"]
}
resource "azurerm_user_assigned_identity" "app" {
  name                = "app"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
}
resource "azurerm_federated_identity_credential" "app" {
  name                = "app"
  resource_group_name = azurerm_resource_group.rg.name
  parent_id           = azurerm_user_assigned_identity.app.id
  issuer              = azurerm_kubernetes_cluster.aks.oidc_issuer_url
  subject             = "system:serviceaccount:shop:app"
  audience            = ["api://AzureADTokenExchange"]
}
`);
  expect(
    platform.roleAssignments.map(({ principal, scope }) => [principal.address, principal.part, scope.address]),
  ).toEqual([
    ["azurerm_kubernetes_cluster.aks", "identity", "azurerm_subnet.nodes"],
    ["azurerm_kubernetes_cluster.aks", "kubelet_identity", "azurerm_container_registry.acr"],
    ["azurerm_kubernetes_cluster.aks", "key_vault_secrets_provider", "azurerm_key_vault.kv"],
  ]);
  expect(platform.federatedCredentials[0]).toMatchObject({
    identity: { address: "azurerm_user_assigned_identity.app" },
    issuerCluster: { address: "azurerm_kubernetes_cluster.aks" },
    subject: "system:serviceaccount:shop:app",
    audiences: ["api://AzureADTokenExchange"],
  });
  expect(platform.keyVaults[0]).toMatchObject({
    rbacAuthorization: true,
    secrets: [{ name: "db" }],
    accessPolicies: [{ objectId: { address: "azurerm_user_assigned_identity.app" }, secretPermissions: ["Get"] }],
  });
});

test("pools belong to their cluster, through modules and for_each alike", () => {
  const platform = platformOf({
    "main.tf": `${provider("4.0")}${group}${network}${cluster("", "")}
module "pools" {
  source   = "./pools"
  cluster  = azurerm_kubernetes_cluster.aks.id
  subnet   = azurerm_subnet.nodes.id
}`,
    "pools/main.tf": `
variable "cluster" { type = string }
variable "subnet" { type = string }
resource "azurerm_kubernetes_cluster_node_pool" "p" {
  for_each              = { user = 2, spot = 5 }
  name                  = each.key
  kubernetes_cluster_id = var.cluster
  vm_size               = "Standard_D8s_v5"
  vnet_subnet_id        = var.subnet
  node_count            = each.value
  priority              = each.key == "spot" ? "Spot" : "Regular"
  node_taints           = each.key == "spot" ? ["kubernetes.azure.com/scalesetpriority=spot:NoSchedule"] : []
  upgrade_settings {
    max_surge = "33%"
  }
  lifecycle {
    ignore_changes = [node_count]
  }
}`,
  });
  const pools = platform.clusters[0]?.pools ?? [];
  expect(
    pools.map(({ address, nodeCount, priority, subnet }) => [address, nodeCount, priority, subnet?.address]),
  ).toEqual([
    ["azurerm_kubernetes_cluster.aks.default_node_pool", undefined, undefined, "azurerm_subnet.nodes"],
    ['module.pools.azurerm_kubernetes_cluster_node_pool.p["spot"]', 5, "Spot", "azurerm_subnet.nodes"],
    ['module.pools.azurerm_kubernetes_cluster_node_pool.p["user"]', 2, "Regular", "azurerm_subnet.nodes"],
  ]);
  expect(pools[1]).toMatchObject({ ignoresNodeCount: true, resourceGroup: "rg-shop", upgrade: { maxSurge: "33%" } });
});

test("a data source is an existing resource, unless the configuration makes it", () => {
  const platform = platformOf(
    `${provider("4.0")}${group}${network}
data "azurerm_subnet" "same" {
  name                 = "nodes"
  virtual_network_name = "vnet"
  resource_group_name  = azurerm_resource_group.rg.name
}
data "azurerm_virtual_network" "hub" {
  name                = "hub"
  resource_group_name = "rg-hub"
}
resource "azurerm_virtual_network_peering" "hub" {
  name                      = "hub"
  resource_group_name       = azurerm_resource_group.rg.name
  virtual_network_name      = azurerm_virtual_network.v.name
  remote_virtual_network_id = data.azurerm_virtual_network.hub.id
}
${cluster("", "").replace("azurerm_subnet.nodes.id", "data.azurerm_subnet.same.id")}`,
    { mocks: { "data.azurerm_virtual_network.hub": { address_space: ["10.9.0.0/16"] } } },
  );
  expect(platform.subnets.map(({ address }) => address)).toEqual(["azurerm_subnet.nodes"]);
  expect(platform.clusters[0]?.pools[0]?.subnet?.address).toBe("azurerm_subnet.nodes");
  const hub = platform.virtualNetworks.find(({ isData }) => isData);
  expect(hub).toMatchObject({ address: "data.azurerm_virtual_network.hub", addressSpace: ["10.9.0.0/16"] });
  expect(platform.peerings[0]?.remoteVirtualNetwork.address).toBe("data.azurerm_virtual_network.hub");
});

test.each([
  ["an object (azapi 2)", "~> 2.0", (body: string) => body],
  ["JSON text (azapi 1)", "~> 1.15", (body: string) => `jsonencode(${body})`],
])("azapi with its body as %s comes to the same model", (name, version, asBody) => {
  const subnetId = name.startsWith("JSON")
    ? '"/subscriptions/s/resourceGroups/rg-shop/providers/Microsoft.Network/virtualNetworks/vnet/subnets/nodes"'
    : "azurerm_subnet.nodes.id";
  const platform = platformOf(`
terraform {
  required_providers {
    azapi = {
      source  = "azure/azapi"
      version = "${version}"
    }
  }
}
${group}${network}
resource "azapi_resource" "aks" {
  type      = "Microsoft.ContainerService/managedClusters@2024-09-01"
  name      = "aks"
  parent_id = azurerm_resource_group.rg.id
  location  = "westeurope"
  identity {
    type = "SystemAssigned"
  }
  body = ${asBody(`{
    sku = { name = "Base", tier = "Standard" }
    properties = {
      kubernetesVersion = "1.33"
      dnsPrefix         = "aks"
      disableLocalAccounts = true
      aadProfile = { managed = true, enableAzureRBAC = true }
      apiServerAccessProfile = { enablePrivateCluster = true, disableRunCommand = true, privateDNSZone = "system" }
      networkProfile = {
        networkPlugin     = "azure"
        networkPluginMode = "overlay"
        networkDataplane  = "cilium"
        loadBalancerProfile = { managedOutboundIPs = { count = 2 }, allocatedOutboundPorts = 4000 }
      }
      autoScalerProfile = { "scan-interval" = "20s", "scale-down-unneeded-time" = "5m" }
      oidcIssuerProfile = { enabled = true }
      addonProfiles = { azureKeyvaultSecretsProvider = { enabled = true, config = { enableSecretRotation = "true" } } }
      agentPoolProfiles = [
        { name = "user", mode = "User", count = 1, vmSize = "Standard_D2s_v5" },
        { name = "sys", mode = "System", enableAutoScaling = true, minCount = 2, maxCount = 4, vmSize = "Standard_D4s_v5", vnetSubnetID = ${subnetId} },
      ]
    }
  }`)}
}
resource "azapi_resource" "pool" {
  type      = "Microsoft.ContainerService/managedClusters/agentPools@2024-09-01"
  name      = "batch"
  parent_id = azapi_resource.aks.id
  body      = ${asBody('{ properties = { count = 3, mode = "User", vmSize = "Standard_D8s_v5", nodeTaints = ["batch=true:NoSchedule"] } }')}
}
resource "azapi_update_resource" "version" {
  type        = "Microsoft.ContainerService/managedClusters@2024-09-01"
  resource_id = azapi_resource.aks.id
  body        = ${asBody('{ properties = { kubernetesVersion = "1.34" } }')}
}
`);
  const [aks, ...others] = platform.clusters;
  expect(others).toEqual([]);
  expect(aks).toMatchObject({
    address: "azapi_resource.aks",
    type: "Microsoft.ContainerService/managedClusters",
    resourceGroup: "rg-shop",
    kubernetesVersion: "1.34",
    skuTier: "Standard",
    skuName: "Base",
    privateCluster: true,
    privateDnsZone: "system",
    runCommand: false,
    localAccountDisabled: true,
    entra: { managed: true, azureRbac: true },
    oidcIssuer: true,
    network: {
      plugin: "azure",
      pluginMode: "overlay",
      dataPlane: "cilium",
      loadBalancer: { managedOutboundIps: 2, outboundPortsAllocated: 4000 },
    },
    autoscalerProfile: { scan_interval: "20s", scale_down_unneeded: "5m" },
    addons: { keyVaultSecretsProvider: { rotation: true } },
  });
  expect(
    aks?.pools.map(({ name: pool, isDefault, mode, nodeCount, maxCount }) => [
      pool,
      isDefault,
      mode,
      nodeCount,
      maxCount,
    ]),
  ).toEqual([
    ["sys", true, "System", undefined, 4],
    ["user", false, "User", 1, undefined],
    ["batch", false, "User", 3, undefined],
  ]);
  expect(aks?.pools[0]?.subnet?.address).toBe("azurerm_subnet.nodes");
  expect(aks?.pools[2]?.taints).toEqual(["batch=true:NoSchedule"]);
});

test("what the model has no place for is carried, and a sensitive text is not shown", () => {
  const platform = platformOf(`${provider("4.0")}
variable "n" {
  default   = "secret-name"
  sensitive = true
}
resource "azurerm_resource_group" "rg" {
  name     = var.n
  location = "westeurope"
}
resource "azurerm_network_ddos_protection_plan" "p" {
  name                = "plan"
  location            = "westeurope"
  resource_group_name = azurerm_resource_group.rg.name
}`);
  expect(known(platform.resourceGroups[0]?.name)).toBeUndefined();
  expect(platform.others.map(({ address, type }) => [address, type])).toEqual([
    ["azurerm_network_ddos_protection_plan.p", "azurerm_network_ddos_protection_plan"],
  ]);
});

test("a plan that keeps no references still says which subnet, where there is one to be made", () => {
  const created = (type: string, name: string, after: JsonObject, unknownAfter: JsonObject) => ({
    address: `${type}.${name}`,
    mode: "managed",
    type,
    name,
    provider_name: "registry.terraform.io/hashicorp/azurerm",
    change: { actions: ["create"], before: null, after, after_unknown: { id: true, ...unknownAfter } },
  });
  const { value: plan } = readPlan(
    Buffer.from(
      JSON.stringify({
        format_version: "1.2",
        resource_changes: [
          created(
            "azurerm_subnet",
            "nodes",
            { name: "nodes", resource_group_name: "rg", virtual_network_name: "v" },
            {},
          ),
          created(
            "azurerm_kubernetes_cluster",
            "aks",
            {
              name: "aks",
              resource_group_name: "rg",
              default_node_pool: [{ name: "sys", vm_size: "Standard_D4s_v5" }],
            },
            { default_node_pool: [{ vnet_subnet_id: true, max_pods: true }], kubernetes_version: true },
          ),
        ],
      }),
    ),
    "plan.json",
  );
  const platform = plan === undefined ? undefined : buildPlatform(evaluatePlan(plan).value.instances).value;
  expect(platform?.clusters[0]?.pools[0]).toMatchObject({ name: "sys", subnet: { address: "azurerm_subnet.nodes" } });
  expect(platform?.clusters[0]?.pools[0]?.maxPods).toBeUndefined();
  expect(platform?.clusters[0]?.kubernetesVersion).toBeUndefined();
});

test("azurerm 2.x is read with its add-on profile and its names, and told to be", () => {
  const instances = evaluated(
    `${provider("2.90")}${group}${network}${cluster(
      "    enable_auto_scaling = true\n    min_count = 1\n    max_count = 2\n    availability_zones = [1, 2]",
      `addon_profile {
    oms_agent {
      enabled                    = true
      log_analytics_workspace_id = "/subscriptions/s/resourceGroups/r/providers/Microsoft.OperationalInsights/workspaces/w"
    }
    azure_policy {
      enabled = true
    }
    azure_keyvault_secrets_provider {
      enabled = false
    }
  }
  role_based_access_control {
    enabled = true
    azure_active_directory {
      managed            = true
      azure_rbac_enabled = true
    }
  }`,
    )}`,
  );
  const { value: platform, diagnostics } = buildPlatform(instances);
  expect(platform.clusters[0]).toMatchObject({
    addons: { omsAgent: { id: expect.stringContaining("workspaces/w") }, azurePolicy: true },
    entra: { managed: true, azureRbac: true },
    pools: [{ zones: ["1", "2"], autoscaling: true }],
  });
  expect(platform.clusters[0]?.addons.keyVaultSecretsProvider).toBeUndefined();
  expect(diagnostics.map(({ code }) => code)).toEqual(["AKS9041"]);
});
