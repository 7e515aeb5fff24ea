import { expect, test } from "@jest/globals";
import { deployment } from "../support/objects.ts";
import { prediction } from "../support/prediction.ts";
import { shop } from "../support/shop.ts";
import { findingsOf, type Source } from "../support/world.ts";

const cidrs = 'service_cidr = "172.20.0.0/16"\n dns_service_ip = "172.20.0.10"';
const base = `network_plugin = "azure"\n network_policy = "azure"\n ${cidrs}`;
const place = "resource_group_name = azurerm_resource_group.rg.name\n location = azurerm_resource_group.rg.location";
const subnet = (label: string, prefix: string, network = "main"): string =>
  `resource "azurerm_subnet" "${label}" {\n name = "${label}"\n resource_group_name = azurerm_resource_group.rg.name\n virtual_network_name = azurerm_virtual_network.${network}.name\n address_prefixes = ["${prefix}"]\n}\n`;
const ip = (label: string): string =>
  `resource "azurerm_public_ip" "${label}" {\n name = "${label}"\n ${place}\n allocation_method = "Static"\n sku = "Standard"\n}\n`;
const natGateway = `${ip("nat")}resource "azurerm_nat_gateway" "nat" {\n name = "nat"\n ${place}\n}\nresource "azurerm_nat_gateway_public_ip_association" "nat" {\n nat_gateway_id = azurerm_nat_gateway.nat.id\n public_ip_address_id = azurerm_public_ip.nat.id\n}\nresource "azurerm_subnet_nat_gateway_association" "nat" {\n subnet_id = azurerm_subnet.nodes.id\n nat_gateway_id = azurerm_nat_gateway.nat.id\n}\n`;
const ranges = (list: string): string => `api_server_access_profile {\n authorized_ip_ranges = ${list}\n }`;
const second = (text: string): string => {
  const cluster = /resource "azurerm_kubernetes_cluster" "main" \{[\s\S]*?\n\}\n/.exec(text)?.[0] ?? "";
  return text + cluster.replace('"main"', '"second"').replace('name                = "aks"', 'name = "aks2"');
};
const kubenet = `network_plugin = "kubenet"\n pod_cidr = "10.244.0.0/16"\n ${cidrs}`;
const routeTable = `resource "azurerm_route_table" "rt" {\n name = "rt"\n ${place}\n}\nresource "azurerm_subnet_route_table_association" "rt" {\n subnet_id = azurerm_subnet.nodes.id\n route_table_id = azurerm_route_table.rt.id\n}\nresource "azurerm_role_assignment" "rt" {\n scope = azurerm_route_table.rt.id\n role_definition_name = "Network Contributor"\n principal_id = azurerm_user_assigned_identity.cluster.principal_id\n}\n`;
const azapi = (properties: string): string => `${shop().split('resource "azurerm_kubernetes_cluster" "main"')[0]}
resource "azapi_resource" "aks" {
  type      = "Microsoft.ContainerService/managedClusters@2024-09-01"
  name      = "aks"
  location  = "westeurope"
  parent_id = azurerm_resource_group.rg.id
  body = { properties = { ${properties} } }
}`;

const rows: readonly (readonly [name: string, source: Source, codes: readonly string[], says: RegExp])[] = [
  [
    "pools in two networks",
    {
      hcl: shop({
        user: 'vm_size = "Standard_D4s_v5"\n node_count = 1',
        more: `resource "azurerm_virtual_network" "other" {\n name = "other"\n ${place}\n address_space = ["10.9.0.0/16"]\n}\n${subnet("far", "10.9.0.0/24", "other")}resource "azurerm_kubernetes_cluster_node_pool" "far" {\n name = "far"\n kubernetes_cluster_id = azurerm_kubernetes_cluster.main.id\n vm_size = "Standard_D4s_v5"\n node_count = 1\n vnet_subnet_id = azurerm_subnet.far.id\n}\nresource "azurerm_role_assignment" "far" {\n scope = azurerm_subnet.far.id\n role_definition_name = "Network Contributor"\n principal_id = azurerm_user_assigned_identity.cluster.principal_id\n}`,
      }),
    },
    ["AKS1012"],
    /Pool "far" is in network "other"/,
  ],
  [
    "an API server subnet that is too small",
    {
      hcl: shop({
        cluster:
          "api_server_access_profile {\n virtual_network_integration_enabled = true\n subnet_id = azurerm_subnet.api.id\n }",
        more: subnet("api", "10.1.16.0/29"),
      }),
    },
    ["AKS1015"],
    /has 3 usable addresses; a cluster needs 9/,
  ],
  [
    "two kubenet clusters on one route table",
    { hcl: second(shop({ network: kubenet, more: routeTable })) },
    ["AKS1013"],
    /share|both use kubenet/,
  ],
  [
    "growth past 50 nodes with one outbound IP",
    {
      hcl: shop({
        space: "10.0.0.0/8",
        subnet: "10.16.0.0/19",
        user: 'vm_size = "Standard_D4s_v5"\n auto_scaling_enabled = true\n min_count = 3\n max_count = 80',
      }),
    },
    ["AKS3002"],
    /from 6 to 83 nodes; Azure's own allocation falls from 1024 to 512/,
  ],
  [
    "a NAT gateway whose address the authorised ranges cannot hold",
    {
      hcl: shop({
        network: `${base}\n outbound_type = "userAssignedNATGateway"`,
        cluster: ranges('["203.0.113.0/24"]'),
        more: natGateway,
      }),
    },
    ["AKS3007"],
    /the address of azurerm_public_ip\.nat/,
  ],
  [
    "a NAT gateway whose address the authorised ranges take",
    {
      hcl: shop({
        network: `${base}\n outbound_type = "userAssignedNATGateway"`,
        cluster: ranges('["203.0.113.0/24", "${azurerm_public_ip.nat.ip_address}/32"]'),
        more: natGateway,
      }),
    },
    [],
    /./,
  ],
  [
    "authorised ranges with the load balancer, which AKS adds itself",
    { hcl: shop({ cluster: ranges('["203.0.113.0/24"]') }) },
    [],
    /./,
  ],
  [
    "more than 300 rules",
    {
      hcl: shop(),
      predictions: [
        prediction({
          loadBalancers: [
            { name: "kubernetes", internal: false, frontends: [], rules: 301, probes: 301, snatPortsPerNode: 1024 },
          ],
        }),
      ],
    },
    ["AKS3012"],
    /301 load balancer rules/,
  ],
  [
    "a registry in ABAC mode with AcrPull only",
    {
      hcl: shop({
        more: `resource "azapi_resource" "acr" {\n type = "Microsoft.ContainerRegistry/registries@2025-04-01"\n name = "acrshop"\n location = "westeurope"\n parent_id = azurerm_resource_group.rg.id\n body = { sku = { name = "Premium" }, properties = { roleAssignmentMode = "AbacRepositoryPermissions" } }\n}\nresource "azurerm_role_assignment" "pull" {\n scope = azapi_resource.acr.id\n role_definition_name = "AcrPull"\n principal_id = azurerm_kubernetes_cluster.main.kubelet_identity[0].object_id\n}`,
      }),
      yaml: deployment("cart", { image: "acrshop.azurecr.io/cart:1" }),
    },
    ["AKS5002"],
    /ABAC mode, which ignores AcrPull/,
  ],
  [
    "node auto-provisioning beside the autoscaler",
    {
      hcl: azapi(
        'nodeProvisioningProfile = { mode = "Auto" }, networkProfile = { networkPlugin = "azure", networkPluginMode = "overlay" }, agentPoolProfiles = [{ name = "system", mode = "System", count = 3, vmSize = "Standard_D4s_v5", enableAutoScaling = true, minCount = 3, maxCount = 5 }]',
      ),
    },
    ["AKS6015", "AKS6007"],
    /pool "system" has the cluster autoscaler/,
  ],
  [
    "Windows Server 2019 on 1.33",
    {
      hcl: shop({
        user: 'vm_size = "Standard_D4s_v5"\n node_count = 1\n os_type = "Windows"\n os_sku = "Windows2019"\n node_taints = ["os=windows:NoSchedule"]',
      }).replace('name                  = "user"', 'name = "win"'),
    },
    ["AKS2023"],
    /Windows Server 2019/,
  ],
];

test.each(rows)("%s", (_, source, codes, says) => {
  const found = findingsOf(source);
  expect(found.map(({ code }) => code)).toEqual(codes);
  if (codes.length > 0) expect(found.map(({ detail }) => detail).join("\n")).toMatch(says);
});

test("DNS servers of one's own on a private cluster are a note", () => {
  const hcl = shop({
    cluster: 'private_cluster_enabled = true\n private_dns_zone_id = "System"',
  }).replace("address_space       =", 'dns_servers = ["10.0.0.4"]\n  address_space       =');
  expect(findingsOf({ hcl }, true).map(({ code }) => code)).toContain("AKS3021");
});
