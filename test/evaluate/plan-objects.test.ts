import { expect, test } from "@jest/globals";
import { buildPlatform } from "../../src/evaluate/azure-platform.ts";
import { evaluatePlan } from "../../src/evaluate/evaluate-plan.ts";
import { kubernetesObjectsOf } from "../../src/evaluate/kubernetes-objects.ts";
import { readPlan } from "../../src/load/plan/plan.ts";
import { isJsonObject, type Json, type JsonObject } from "../../src/model/json.ts";

/** What a plan says of objects whose parts are known after apply: it names what a text refers to, and not the text around it. */

const created = (type: string, name: string, provider: string, after: JsonObject, unknown: JsonObject): JsonObject => ({
  address: `${type}.${name}`,
  mode: "managed",
  type,
  name,
  provider_name: `registry.terraform.io/hashicorp/${provider}`,
  change: {
    actions: ["create"],
    before: null,
    after,
    after_unknown: unknown,
    before_sensitive: false,
    after_sensitive: {},
  },
});

const block = (type: string, name: string, provider: string, expressions: JsonObject): JsonObject => ({
  address: `${type}.${name}`,
  mode: "managed",
  type,
  name,
  provider_config_key: provider,
  expressions,
});

const changes = [
  created(
    "azurerm_container_registry",
    "acr",
    "azurerm",
    { name: "acrshop", sku: "Premium" },
    { id: true, login_server: true },
  ),
  created("azurerm_subnet", "nodes", "azurerm", { name: "nodes", address_prefixes: ["10.1.0.0/24"] }, { id: true }),
  created(
    "azurerm_kubernetes_cluster",
    "aks",
    "azurerm",
    {
      name: "aks",
      location: "westeurope",
      default_node_pool: [{ name: "system", vm_size: "Standard_D4s_v5", node_count: 2 }],
    },
    { id: true, api_server_access_profile: true, default_node_pool: [{ vnet_subnet_id: true }] },
  ),
  created(
    "kubernetes_deployment_v1",
    "web",
    "kubernetes",
    {
      metadata: [{ name: "web", namespace: "shop" }],
      spec: [
        {
          replicas: "2",
          selector: [{ match_labels: { app: "web" } }],
          template: [{ metadata: [{ labels: { app: "web" } }], spec: [{ container: [{ name: "web" }] }] }],
        },
      ],
    },
    { id: true, metadata: [{ uid: true }], spec: [{ template: [{ spec: [{ container: [{ image: true }] }] }] }] },
  ),
];

const configuration: JsonObject = {
  provider_config: {
    kubernetes: {
      name: "kubernetes",
      full_name: "registry.terraform.io/hashicorp/kubernetes",
      expressions: {
        host: {
          references: [
            "azurerm_kubernetes_cluster.aks.kube_admin_config[0].host",
            "azurerm_kubernetes_cluster.aks.kube_admin_config[0]",
            "azurerm_kubernetes_cluster.aks.kube_admin_config",
            "azurerm_kubernetes_cluster.aks",
          ],
        },
      },
    },
  },
  root_module: {
    resources: [
      block("azurerm_container_registry", "acr", "azurerm", {}),
      block("azurerm_subnet", "nodes", "azurerm", {}),
      block("azurerm_kubernetes_cluster", "aks", "azurerm", {
        default_node_pool: [{ vnet_subnet_id: { references: ["azurerm_subnet.nodes.id", "azurerm_subnet.nodes"] } }],
      }),
      block("kubernetes_deployment_v1", "web", "kubernetes", {
        spec: [
          {
            template: [
              {
                spec: [
                  {
                    container: [
                      {
                        image: {
                          references: ["azurerm_container_registry.acr.login_server", "azurerm_container_registry.acr"],
                        },
                      },
                    ],
                  },
                ],
              },
            ],
          },
        ],
      }),
    ],
  },
};

const read = (more: JsonObject) => {
  const plan: Json = { format_version: "1.2", terraform_version: "1.11.4", resource_changes: changes, ...more };
  const outcome = readPlan(Buffer.from(JSON.stringify(plan)), "plan.json");
  if (outcome.value === undefined) throw new Error("the plan cannot be read");
  return { ...evaluatePlan(outcome.value).value, codes: outcome.diagnostics.map(({ code }) => code) };
};

const imageOf = (document: JsonObject | undefined): Json | undefined => {
  let at: Json | undefined = document;
  for (const step of ["spec", "template", "spec", "containers", 0, "image"]) {
    at = Array.isArray(at) ? at[Number(step)] : isJsonObject(at ?? null) ? (at as JsonObject)[step] : undefined;
  }
  return at;
};

test("an image is of the registry that it refers to, and the provider's use of the cluster is known", () => {
  const { instances, codes } = read({ configuration });
  const [object] = kubernetesObjectsOf(instances).objects;
  expect(imageOf(object?.document)).toBe("acrshop.azurecr.io/known-after-apply");
  expect(object?.instance.providerUses?.map(({ to, path }) => [to, path[0]])).toContainEqual([
    "azurerm_kubernetes_cluster.aks",
    "kube_admin_config",
  ]);
  expect(codes).toEqual([]);
});

test("a block that Azure fills in is no reference to the one subnet that there is", () => {
  const [cluster] = buildPlatform(read({ configuration }).instances).value.clusters;
  expect(cluster?.apiServerSubnet).toBeUndefined();
  expect(cluster?.pools[0]?.subnet?.address).toBe("azurerm_subnet.nodes");
});

test("without its configuration a plan leaves the object open, and says so", () => {
  const { instances, codes } = read({});
  const [object] = kubernetesObjectsOf(instances).objects;
  expect(imageOf(object?.document)).toBeUndefined();
  expect(object?.partial).toBe(true);
  expect(codes).toEqual(["AKS9117"]);
});
