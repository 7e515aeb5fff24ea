import { expect, test } from "@jest/globals";
import { deployment } from "../support/objects.ts";
import { shop } from "../support/shop.ts";
import { findingsOf, type Source } from "../support/world.ts";

const budget = (spec: string, name = "cart"): string =>
  `apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: { name: ${name}, namespace: shop }\nspec: { ${spec}, selector: { matchLabels: { app: cart } } }\n---\n`;
const scaler = (more = "", name = "cart", target = "cart"): string =>
  `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: ${name}, namespace: shop }\nspec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: ${target} }, maxReplicas: 9, ${more} metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 70 } } }] }\n---\n`;
const cart = (replicas = 3): string => `${deployment("cart", { replicas })}\n`;
const user = (lines: string): string => shop({ user: `vm_size = "Standard_D4s_v5"\n ${lines}` });

const rows: readonly (readonly [name: string, source: Source, codes: readonly string[], says: RegExp])[] = [
  [
    "a budget that allows nothing ever",
    { yaml: cart() + budget("maxUnavailable: 0") },
    ["AKS6002"],
    /refuses every upgrade/,
  ],
  ["a budget as high as the replicas", { yaml: cart(3) + budget("minAvailable: 3") }, ["AKS6003"], /wants 3 of 3 pods/],
  [
    "a share that rounds up to all",
    { yaml: cart(2) + budget('minAvailable: "51%"') },
    ["AKS6003"],
    /51% = 2 of 2 pods/,
  ],
  ["one replica that must stay", { yaml: cart(1) + budget("minAvailable: 1") }, ["AKS6003"], /Run at least 2 replicas/],
  ["a budget that leaves room", { yaml: cart(3) + budget("minAvailable: 2") }, [], /./],
  [
    "the autoscaler's minimum counts, not the replicas as written",
    { yaml: cart(1) + scaler("minReplicas: 3,") + budget("minAvailable: 2") },
    [],
    /./,
  ],
  [
    "two budgets on the same pods",
    { yaml: cart(3) + budget("maxUnavailable: 1") + budget("maxUnavailable: 1", "other") },
    ["AKS6003"],
    /both select the pods of Deployment\/shop\/cart/,
  ],
  [
    "an HPA on a container without requests",
    { yaml: `${deployment("cart", { requests: "{ memory: 1Gi }" })}\n${scaler()}` },
    ["AKS6004"],
    /container "main" of Deployment\/shop\/cart requests no cpu/,
  ],
  [
    "an HPA whose target is not there",
    { yaml: cart() + scaler("", "cart", "carts") },
    ["AKS6005"],
    /there is Deployment\/shop\/cart/,
  ],
  [
    "two HPAs on one workload",
    { yaml: cart() + scaler() + scaler("", "other") },
    ["AKS6008"],
    /both scale Deployment\/shop\/cart/,
  ],
  [
    "node_count outside the bounds",
    { hcl: user("auto_scaling_enabled = true\n min_count = 3\n max_count = 6\n node_count = 1") },
    ["AKS6006"],
    /Set it to 3/,
  ],
  [
    "node_count inside the bounds that every apply sets back",
    { hcl: user("auto_scaling_enabled = true\n min_count = 3\n max_count = 6\n node_count = 4") },
    ["AKS6007"],
    /each apply sets it back to 4/,
  ],
  [
    "node_count that is ignored",
    {
      hcl: user(
        "auto_scaling_enabled = true\n min_count = 3\n max_count = 6\n node_count = 4\n lifecycle {\n ignore_changes = [node_count]\n }",
      ),
    },
    [],
    /./,
  ],
  [
    "a pool newer than the control plane",
    { hcl: user('node_count = 3\n orchestrator_version = "1.34.1"') },
    ["AKS6010"],
    /newer than the control plane's 1\.33/,
  ],
  [
    "a pool four minors older",
    { hcl: user('node_count = 3\n orchestrator_version = "1.29"') },
    ["AKS6010"],
    /4 minor versions older/,
  ],
  [
    "an API that is gone",
    { yaml: "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: { name: a, namespace: shop }\nspec: {}" },
    ["AKS6011"],
    /Use batch\/v1/,
  ],
  [
    "a channel and a pinned patch",
    {
      hcl: shop({ cluster: 'automatic_upgrade_channel = "patch"' }).replace(
        'kubernetes_version  = "1.33"',
        'kubernetes_version  = "1.33.2"',
      ),
    },
    ["AKS6012"],
    /Write "1\.33"/,
  ],
  ["a channel and an alias", { hcl: shop({ cluster: 'automatic_upgrade_channel = "patch"' }) }, [], /./],
  [
    "surge and unavailable together",
    { hcl: user('node_count = 3\n upgrade_settings {\n max_surge = "1"\n max_unavailable = "1"\n }') },
    ["AKS6014"],
    /only one of them/,
  ],
];

test.each(rows)("%s", (_, source, codes, says) => {
  const found = findingsOf({ hcl: shop(), ...source });
  expect(found.map(({ code }) => code)).toEqual(codes);
  if (codes.length > 0) expect(found.map(({ detail }) => detail).join("\n")).toMatch(says);
});

test.each([
  ["nodes that may be renewed at any time", {}, "AKS6013"],
  [
    "pods that keep a node from going",
    {
      yaml: cart().replace(
        "labels: { app: cart } }\n    spec",
        'labels: { app: cart }, annotations: { cluster-autoscaler.kubernetes.io/safe-to-evict: "false" } }\n    spec',
      ),
    },
    "AKS6009",
  ],
  [
    "many pools in one apply",
    {
      hcl: shop({
        more: Array.from(
          { length: 21 },
          (_, index) =>
            `resource "azurerm_kubernetes_cluster_node_pool" "p${index}" {\n name = "p${index}"\n kubernetes_cluster_id = azurerm_kubernetes_cluster.main.id\n vm_size = "Standard_D4s_v5"\n node_count = 1\n}`,
        ).join("\n"),
      }),
    },
    "AKS6016",
  ],
] as const)("%s are a note", (_, source, code) => {
  expect(findingsOf({ hcl: shop(), ...source }, true).map((one) => one.code)).toContain(code);
});
