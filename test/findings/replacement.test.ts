import { expect, test } from "@jest/globals";
import { deployment } from "../support/objects.ts";
import { type Shop, shop } from "../support/shop.ts";
import { findingsOf, type Source } from "../support/world.ts";

const cidrs = 'service_cidr = "172.20.0.0/16"\n dns_service_ip = "172.20.0.10"';
const user = (lines: string): Shop => ({ user: lines });
const small = 'vm_size = "Standard_D4s_v5"\n node_count = 2';
const step = (before: Shop, after: Shop): Source => ({ hcl: shop(after), base: { hcl: shop(before) } });
const version = (text: string): string => shop().replace('"1.33"', `"${text}"`);
const set = (field: string): string =>
  `apiVersion: apps/v1\nkind: StatefulSet\nmetadata: { name: db, namespace: shop }\nspec: { ${field}, selector: { matchLabels: { app: db } }, template: { metadata: { labels: { app: db } }, spec: { containers: [{ name: c, image: "a:1" }] } } }`;
const workspace =
  'resource "azurerm_log_analytics_workspace" "logs" {\n name = "logs"\n resource_group_name = azurerm_resource_group.rg.name\n location = azurerm_resource_group.rg.location\n}';
const pip =
  'resource "azurerm_public_ip" "web" {\n name = "web"\n resource_group_name = azurerm_kubernetes_cluster.main.node_resource_group\n location = "westeurope"\n allocation_method = "Static"\n sku = "Standard"\n}';
const service =
  "apiVersion: v1\nkind: Service\nmetadata: { name: web, namespace: shop, annotations: { service.beta.kubernetes.io/azure-pip-name: web } }\nspec: { type: LoadBalancer, ports: [{ port: 80 }] }";

const rows: readonly (readonly [name: string, source: Source, codes: readonly string[], says: RegExp])[] = [
  [
    "a pod CIDR that changes replaces the cluster",
    step(
      { network: `network_plugin = "azure"\n network_plugin_mode = "overlay"\n pod_cidr = "10.244.0.0/16"\n ${cidrs}` },
      { network: `network_plugin = "azure"\n network_plugin_mode = "overlay"\n pod_cidr = "10.245.0.0/16"\n ${cidrs}` },
    ),
    ["AKS8001"],
    /network_profile\.pod_cidr from "10\.244\.0\.0\/16" to "10\.245\.0\.0\/16"/,
  ],
  [
    "RBAC that is switched off replaces the cluster",
    step({}, { cluster: "role_based_access_control_enabled = false" }),
    ["AKS8001"],
    /role_based_access_control_enabled from true to false/,
  ],
  [
    "the default pool's new name replaces the cluster",
    { hcl: shop().replace('name           = "system"', 'name           = "sys"'), base: { hcl: shop() } },
    ["AKS8001"],
    /default_node_pool\.name from "system" to "sys"/,
  ],
  [
    "azure policy becomes cilium in place",
    step(
      { network: `network_plugin = "azure"\n network_plugin_mode = "overlay"\n network_policy = "azure"\n ${cidrs}` },
      {
        network: `network_plugin = "azure"\n network_plugin_mode = "overlay"\n network_policy = "cilium"\n network_data_plane = "cilium"\n ${cidrs}`,
      },
    ),
    [],
    /./,
  ],
  [
    "a new size without a temporary name fails at apply",
    step(user(small), user(small.replace("D4s", "D8s"))),
    ["AKS8003"],
    /vm_size from "Standard_D4s_v5" to "Standard_D8s_v5".*no temporary_name_for_rotation/,
  ],
  [
    "a new size with a temporary name rotates the pool",
    step(user(small), user(`${small.replace("D4s", "D8s")}\n temporary_name_for_rotation = "usertmp"`)),
    ["AKS8002"],
    /through a temporary pool "usertmp".*holds both pools/,
  ],
  [
    "a rotation that the subnet cannot hold",
    step(
      { ...user(small), subnet: "10.1.0.0/24" },
      {
        ...user(`${small.replace("D4s", "D8s")}\n temporary_name_for_rotation = "usertmp"\n max_pods = 60`),
        subnet: "10.1.0.0/24",
      },
    ),
    ["AKS1002", "AKS8002"],
    /would need \d+ addresses for both pools, 251 are usable/,
  ],
  [
    "a pool that turns spot is replaced",
    step(user(small), user(`${small}\n priority = "Spot"`)),
    ["AKS8004"],
    /priority from "Regular" to "Spot"/,
  ],
  [
    "with azurerm 3 a new size replaces the pool",
    {
      hcl: shop(user(small.replace("D4s", "D8s"))).replace("~> 4.50", "~> 3.116"),
      base: { hcl: shop(user(small)).replace("~> 4.50", "~> 3.116") },
    },
    ["AKS8004"],
    /vm_size/,
  ],
  [
    "two minor versions at once",
    { hcl: version("1.33"), base: { hcl: version("1.31") } },
    ["AKS8008"],
    /the next step is 1\.32/,
  ],
  ["a downgrade", { hcl: version("1.32"), base: { hcl: version("1.33") } }, ["AKS8008"], /cannot be downgraded/],
  ["one minor version", { hcl: version("1.33"), base: { hcl: version("1.32") } }, [], /./],
  [
    "a subnet with nodes that would be replaced",
    { hcl: shop().replace('name                 = "nodes"', 'name                 = "nodes2"'), base: { hcl: shop() } },
    ["AKS8012"],
    /nodes are in it, so the deletion fails/,
  ],
  [
    "a StatefulSet's service name",
    { hcl: shop(), yaml: set("serviceName: b"), base: { hcl: shop(), yaml: set("serviceName: a") } },
    ["AKS8011"],
    /changes spec\.serviceName/,
  ],
  [
    "a workspace that goes while the add-on still writes to it",
    {
      hcl: shop({
        cluster:
          'oms_agent {\n log_analytics_workspace_id = "/subscriptions/0/resourceGroups/rg-shop/providers/Microsoft.OperationalInsights/workspaces/logs"\n }',
      }),
      base: {
        hcl: shop({
          cluster: "oms_agent {\n log_analytics_workspace_id = azurerm_log_analytics_workspace.logs.id\n }",
          more: workspace,
        }),
      },
    },
    ["AKS8005"],
    /workspace "logs" is removed/,
  ],
  [
    "a public IP that goes while a Service asks for it",
    { hcl: shop(), yaml: service, base: { hcl: shop({ more: pip }), yaml: service } },
    ["AKS8005"],
    /Service\/shop\/web still asks for it/,
  ],
  [
    "rules inside the node resource group",
    {
      hcl: shop({
        more: 'resource "azurerm_network_security_rule" "x" {\n name = "x"\n resource_group_name = azurerm_kubernetes_cluster.main.node_resource_group\n network_security_group_name = "aks-agentpool-nsg"\n priority = 100\n direction = "Inbound"\n access = "Allow"\n protocol = "Tcp"\n source_port_range = "*"\n source_address_prefix = "*"\n destination_port_range = "80"\n destination_address_prefix = "*"\n}',
      }),
    },
    ["AKS8006"],
    /node resource group of cluster "aks"/,
  ],
  [
    "a pool that goes while pods choose it",
    {
      hcl: shop().replace(/resource "azurerm_kubernetes_cluster_node_pool"[\s\S]*$/, ""),
      yaml: deployment("cart", { podSpec: "      nodeSelector: { agentpool: user }" }),
      base: { hcl: shop() },
    },
    ["AKS8013"],
    /Pool "user" is removed/,
  ],
  ["nothing changes", { hcl: shop(), base: { hcl: shop() } }, [], /./],
];

test.each(rows)("%s", (_, source, codes, says) => {
  const found = findingsOf(source);
  expect(found.map(({ code }) => code)).toEqual(codes);
  if (codes.length > 0) expect(found.map(({ detail }) => detail).join("\n")).toMatch(says);
});
