import { expect, test } from "@jest/globals";
import { runRules } from "../../src/findings/run-rules.ts";
import { deployment } from "../support/objects.ts";
import { nodePrediction, poolPrediction, prediction } from "../support/prediction.ts";
import { shop } from "../support/shop.ts";
import { findingsOf, type Source, worldOf } from "../support/world.ts";

const plain = 'vm_size = "Standard_D4s_v5"\n node_count = 3';
const group = "resource_group_name = azurerm_resource_group.rg.name\n location = azurerm_resource_group.rg.location";
const identityRole = (principal: string): string =>
  `resource "azurerm_role_assignment" "wrong" {\n scope = azurerm_resource_group.rg.id\n role_definition_name = "Reader"\n principal_id = ${principal}\n}`;
const kubelet = `
resource "azurerm_user_assigned_identity" "kubelet" {
  name = "id-kubelet"
  ${group}
}
resource "azurerm_role_assignment" "operator" {
  scope                = azurerm_user_assigned_identity.kubelet.id
  role_definition_name = "Managed Identity Operator"
  principal_id         = azurerm_user_assigned_identity.cluster.principal_id
}`;
const kubeletBlock =
  "kubelet_identity {\n client_id = azurerm_user_assigned_identity.kubelet.client_id\n object_id = azurerm_user_assigned_identity.kubelet.principal_id\n user_assigned_identity_id = azurerm_user_assigned_identity.kubelet.id\n }";
const outboundIp = `resource "azurerm_public_ip" "out" {\n name = "out"\n ${group}\n allocation_method = "Static"\n sku = "Standard"\n}`;
const network = 'network_plugin = "azure"\n service_cidr = "172.20.0.0/16"\n dns_service_ip = "172.20.0.10"';

const rows: readonly (readonly [name: string, source: Source, codes: readonly string[], says: RegExp])[] = [
  [
    "peered networks that overlap",
    {
      hcl: shop({
        more: `resource "azurerm_virtual_network" "hub" {\n name = "hub"\n ${group}\n address_space = ["10.1.128.0/17"]\n}\nresource "azurerm_virtual_network_peering" "hub" {\n name = "hub"\n resource_group_name = azurerm_resource_group.rg.name\n virtual_network_name = azurerm_virtual_network.main.name\n remote_virtual_network_id = azurerm_virtual_network.hub.id\n}\nresource "azurerm_virtual_network_peering" "spoke" {\n name = "spoke"\n resource_group_name = azurerm_resource_group.rg.name\n virtual_network_name = azurerm_virtual_network.hub.name\n remote_virtual_network_id = azurerm_virtual_network.main.id\n}`,
      }),
    },
    ["AKS1016"],
    /overlap: they cannot be peered/,
  ],
  [
    "zones in a proximity placement group",
    {
      hcl: shop({
        user: `${plain}\n zones = ["1", "2"]\n proximity_placement_group_id = azurerm_proximity_placement_group.p.id`,
        more: `resource "azurerm_proximity_placement_group" "p" {\n name = "p"\n ${group}\n}`,
      }),
    },
    ["AKS2015"],
    /asks for zones 1, 2/,
  ],
  [
    "a reserved word in the name",
    { hcl: shop().replace('name                = "aks"', 'name = "microsoft-aks"') },
    ["AKS2027"],
    /keeps for itself/,
  ],
  [
    "a share of an account that takes no key",
    {
      hcl: shop({
        more: `resource "azurerm_storage_account" "files" {\n name = "stfiles"\n ${group}\n account_tier = "Standard"\n account_replication_type = "LRS"\n shared_access_key_enabled = false\n}`,
      }),
      yaml: "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: { name: files }\nprovisioner: file.csi.azure.com\nparameters: { storageAccount: stfiles }\n---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: { name: a, namespace: shop }\nspec: { accessModes: [ReadWriteMany], storageClassName: files, resources: { requests: { storage: 1Gi } } }",
    },
    ["AKS4008"],
    /takes no shared key/,
  ],
  [
    "an outbound IP without rights",
    {
      hcl: shop({
        network: `${network}\n load_balancer_profile {\n outbound_ip_address_ids = [azurerm_public_ip.out.id]\n }`,
        more: outboundIp,
      }),
    },
    ["AKS5006"],
    /has no rights on its outbound IP "out"/,
  ],
  [
    "a privileged pod on AKS Automatic",
    {
      hcl: `${shop().split('resource "azurerm_kubernetes_cluster" "main"')[0]}
resource "azapi_resource" "aks" {
  type      = "Microsoft.ContainerService/managedClusters@2024-09-01"
  name      = "aks"
  location  = "westeurope"
  parent_id = azurerm_resource_group.rg.id
  body = {
    sku = { name = "Automatic", tier = "Standard" }
    properties = { agentPoolProfiles = [{ name = "system", mode = "System", count = 3, vmSize = "Standard_D4s_v5" }] }
  }
}`,
      yaml: deployment("cart").replace("resources:", "securityContext: { privileged: true }\n          resources:"),
    },
    ["AKS5014"],
    /runs a privileged container/,
  ],
  [
    "a role for the system-assigned identity of a user-assigned cluster",
    { hcl: shop({ more: identityRole("azurerm_kubernetes_cluster.main.identity[0].principal_id") }) },
    ["AKS5019"],
    /which is empty because its identity is user-assigned/,
  ],
  [
    "a kubelet identity's role that the cluster does not wait for",
    { hcl: shop({ cluster: kubeletBlock, more: kubelet }) },
    ["AKS5020"],
    /Add depends_on = \[azurerm_role_assignment\.operator\]/,
  ],
  [
    "a kubelet identity's role that the cluster waits for",
    { hcl: shop({ cluster: `${kubeletBlock}\n depends_on = [azurerm_role_assignment.operator]`, more: kubelet }) },
    [],
    /./,
  ],
  [
    "a cluster that goes",
    { hcl: shop().split('resource "azurerm_kubernetes_cluster" "main"')[0] ?? "", base: { hcl: shop() } },
    ["AKS8010"],
    /so the cluster is deleted/,
  ],
];

test.each(rows)("%s", (_, source, codes, says) => {
  const found = findingsOf(source);
  expect(found.map(({ code }) => code)).toEqual(codes);
  if (codes.length > 0) expect(found.map(({ detail }) => detail).join("\n")).toMatch(says);
});

test.each([
  ["an old runtime", { hcl: shop(), yaml: deployment("cart", { image: "node:16-alpine" }) }, "AKS2013"],
  [
    "a workload that lives on spot nodes alone",
    {
      hcl: shop({ user: `${plain}\n priority = "Spot"\n eviction_policy = "Delete"` }),
      yaml: deployment("cart", { podSpec: "      nodeSelector: { kubernetes.azure.com/scalesetpriority: spot }" }),
    },
    "AKS2018",
  ],
  [
    "a Windows pool without windows_profile",
    {
      hcl: shop({ user: `${plain}\n os_type = "Windows"\n node_taints = ["os=windows:NoSchedule"]` }).replace(
        'name                  = "user"',
        'name = "win"',
      ),
    },
    "AKS2028",
  ],
  [
    "local traffic to one node",
    {
      hcl: shop(),
      yaml: `${deployment("cart")}\napiVersion: v1\nkind: Service\nmetadata: { name: cart, namespace: shop }\nspec: { type: LoadBalancer, externalTrafficPolicy: Local, selector: { app: cart }, ports: [{ port: 80 }] }`,
      predictions: [prediction({ placements: [{ pod: "a", owner: "Deployment/shop/cart", node: "n", pool: "user" }] })],
    },
    "AKS3016",
  ],
  [
    "a Service that only some nodes answer",
    {
      hcl: shop(),
      yaml: `${deployment("cart")}\napiVersion: v1\nkind: Service\nmetadata: { name: cart, namespace: shop }\nspec: { internalTrafficPolicy: Local, selector: { app: cart }, ports: [{ port: 80 }] }`,
      predictions: [
        prediction({
          nodes: ["n", "m"].map((name) => nodePrediction(name)),
          placements: [{ pod: "a", owner: "Deployment/shop/cart", node: "n", pool: "user" }],
        }),
      ],
    },
    "AKS3050",
  ],
  [
    "classes that stay as they were made",
    { hcl: shop(), base: { hcl: shop().replace('"1.33"', '"1.28"') } },
    "AKS4013",
  ],
] as const)("%s is a note", (_, source, code) => {
  expect(findingsOf(source, true).map((one) => one.code)).toContain(code);
});

test("a Service that every node answers is no note", () => {
  const yaml = `${deployment("cart")}\napiVersion: v1\nkind: Service\nmetadata: { name: cart, namespace: shop }\nspec: { internalTrafficPolicy: Local, selector: { app: cart }, ports: [{ port: 80 }] }`;
  const placements = [{ pod: "a", owner: "Deployment/shop/cart", node: "n", pool: "user" }];
  const source = { hcl: shop(), yaml, predictions: [prediction({ nodes: [nodePrediction("n")], placements })] };
  expect(findingsOf(source, true).map((one) => one.code)).not.toContain("AKS3050");
});

// The shop: 3 system nodes and up to 6 of the user pool, 4 vCPU each; surge one node a pool.
const quotaWorld = (predicted: number, before?: number) => {
  const at = (nodes: number) => [
    prediction({
      pools: [
        poolPrediction("user", {
          address: "azurerm_kubernetes_cluster_node_pool.user",
          nodes: { initial: 3, predicted: { low: 3, high: nodes } },
        }),
      ],
    }),
  ];
  return worldOf({
    hcl: shop(),
    predictions: at(predicted),
    ...(before === undefined ? {} : { base: { hcl: shop(), predictions: at(before) } }),
  });
};

test.each([
  ["is too small for max_count", quotaWorld(3), 0, 20, "warning", /need 36 vCPU .* at their highest counts \(/],
  [
    "is too small for the predicted load",
    quotaWorld(3),
    0,
    8,
    "error",
    /need 12 vCPU .* at the predicted load already/,
  ],
  ["is large enough", quotaWorld(3), 0, 100, "", /^$/],
  ["is used up by others", quotaWorld(3), 90, 100, "warning", /10 are left of the quota of 100, 90 in use.*--base/],
  ["holds all but the surge", quotaWorld(3), 0, 40, "warning", /while they upgrade at their highest counts/],
  ["is used by the cluster itself", quotaWorld(3, 3), 60, 100, "", /^$/],
  ["is too small beside others, less the base's nodes", quotaWorld(5, 3), 100, 95, "error", /at the predicted load/],
] as const)("a vCPU quota that %s", (_, world, used, limit, severity, says) => {
  const quotas = new Map([["cores", { family: "cores", used, limit }]]);
  const [found, ...others] = runRules({ ...world, quotas }).filter(({ code }) => code === "AKS2016");
  expect([found?.severity ?? "", others]).toEqual([severity, []]);
  expect(found?.detail ?? "").toMatch(says);
});

test("the pools of one VM family count together, spot nodes apart", () => {
  const spot = 'vm_size = "Standard_D4s_v5"\n node_count = 20\n priority = "Spot"\n eviction_policy = "Delete"';
  const quotas = new Map([
    ["standarddsv5family", { family: "standardDSv5Family", used: 0, limit: 4 }],
    ["lowprioritycores", { family: "lowPriorityCores", used: 0, limit: 10 }],
  ]);
  const found = runRules({ ...worldOf({ hcl: shop({ user: spot }) }), quotas }).filter(
    ({ code }) => code === "AKS2016",
  );
  expect(found.map(({ evidence }) => [evidence["maxCountVcpus"], evidence["quotaVcpus"]])).toEqual([
    [12, 4],
    [80, 10],
  ]);
});
