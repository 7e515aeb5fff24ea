import { expect, test } from "@jest/globals";
import { deployment } from "../support/objects.ts";
import { pendingPod, poolPrediction, prediction } from "../support/prediction.ts";
import { shop } from "../support/shop.ts";
import { findingsOf, type Source } from "../support/world.ts";

const userPool = (lines: string): string => shop({ user: lines });
const plain = 'vm_size = "Standard_D4s_v5"\n node_count = 3\n zones = ["1", "2", "3"]';
const waiting = (message: string, fixableBy = "") =>
  [
    prediction({
      pools: [poolPrediction("system", { mode: "System" }), poolPrediction("user")],
      pending: [
        pendingPod("Pod/shop/cart-a", { message, fixableBy }),
        pendingPod("Pod/shop/cart-b", { message, fixableBy }),
      ],
      placements: [{ pod: "Pod/shop/cart-c", owner: "Deployment/shop/cart", node: "n", pool: "user" }],
    }),
  ] as const;
const cart = deployment("cart", { replicas: 3 });

const pending: readonly (readonly [message: string, code: string, source?: Source])[] = [
  [
    "0/6 nodes are available: 6 Insufficient memory.",
    "AKS2001",
    { yaml: deployment("cart", { requests: "{ memory: 29Gi }" }) },
  ],
  ["0/6 nodes are available: 6 Insufficient cpu.", "AKS2002"],
  ["0/6 nodes are available: 3 node(s) had untolerated taint(s), 3 Insufficient memory.", "AKS2002"],
  ["0/6 nodes are available: 6 Too many pods.", "AKS2003"],
  ["0/6 nodes are available: 6 node(s) had untolerated taint(s).", "AKS2004"],
  [
    "0/6 nodes are available: 3 node(s) had untolerated taint(s), 3 node(s) didn't match Pod's node affinity/selector.",
    "AKS2005",
  ],
  ["0/6 nodes are available: 6 node(s) didn't match pod topology spread constraints.", "AKS2006"],
  ["0/6 nodes are available: 6 node(s) didn't match pod anti-affinity rules.", "AKS2006"],
  ["0/6 nodes are available: 6 node(s) didn't have free ports for the requested pod ports.", "AKS2007"],
  ["0/6 nodes are available: 6 Insufficient nvidia.com/gpu.", "AKS2008"],
  ["something new", "AKS2009"],
  ["0/6 nodes are available: 6 node(s) exceed max volume count.", "AKS4004"],
  ["0/6 nodes are available: 3 node(s) had volume node affinity conflict.", "AKS4004"],
  ['persistentvolumeclaim "data" not found', "AKS4015"],
  ["pod has unbound immediate PersistentVolumeClaims", "AKS4015"],
];

test.each(pending)("pods that wait because of %s are %s", (message, code, source = { yaml: cart }) => {
  const found = findingsOf({
    hcl: shop(),
    ...source,
    predictions: waiting(message, 'max_count of pool "user" from 3 to 5'),
  });
  expect(found.map((one) => `${one.code} ${one.subject} ${one.range?.file}`)).toEqual([
    `${code} Deployment/shop/cart k8s.yaml`,
  ]);
  expect(found[0]?.detail).toMatch(/^2 of 3 pods of Deployment\/shop\/cart stay Pending: /);
  if (["AKS2002", "AKS2003", "AKS4004"].includes(code))
    expect(found[0]?.detail).toContain('max_count of pool "user" from 3 to 5');
  expect(found[0]?.evidence).toMatchObject({ pendingPods: 2, pods: 3 });
});

test("a pod that is too large names what it asks for and what nodes have", () => {
  const [found] = findingsOf({
    hcl: shop(),
    yaml: deployment("cart", { requests: "{ cpu: 8, memory: 1Gi }" }),
    predictions: waiting("0/6 nodes are available: 6 Insufficient cpu."),
  });
  expect(found?.detail).toMatch(/requests 8000m CPU and 1024 MiB; a node of pool "system" 3860m and 12288 MiB/);
});

const rows: readonly (readonly [name: string, source: Source, codes: readonly string[], says: RegExp])[] = [
  [
    "every pool carries a taint that system pods do not tolerate",
    {
      hcl: userPool(`${plain}\n node_taints = ["app=shop:NoSchedule"]`)
        .replace(
          'name           = "system"',
          'name           = "system"\n node_taints = ["dedicated=infra:NoSchedule"]',
        )
        .replace("~> 4.50", "~> 3.85")
        .replaceAll("auto_scaling_enabled", "enable_auto_scaling"),
    },
    ["AKS2010"],
    /by taint dedicated=infra:NoSchedule/,
  ],
  [
    "critical add-ons only is what system pods tolerate",
    { hcl: shop({ system: `${plain}\n only_critical_addons_enabled = true` }) },
    [],
    /./,
  ],
  [
    "a Windows pool without a taint beside Linux pods without a selector",
    {
      hcl: userPool('vm_size = "Standard_D4s_v5"\n node_count = 2\n os_type = "Windows"').replace(
        'name                  = "user"',
        'name = "win"',
      ),
      yaml: cart,
    },
    ["AKS2011"],
    /Windows pool "win" carries no taint/,
  ],
  [
    "a selector keeps Linux pods off Windows nodes",
    {
      hcl: userPool('vm_size = "Standard_D4s_v5"\n node_count = 2\n os_type = "Windows"').replace(
        'name                  = "user"',
        'name = "win"',
      ),
      yaml: deployment("cart", { podSpec: "      nodeSelector: { kubernetes.io/os: linux }" }),
    },
    [],
    /./,
  ],
  [
    "an amd64 image on an arm64 pool",
    {
      hcl: userPool('vm_size = "Standard_D4ps_v5"\n node_count = 3'),
      yaml: deployment("cart", { image: "example.io/cart:1.2-amd64" }),
    },
    ["AKS2012"],
    /arm64\), but image "example\.io\/cart:1\.2-amd64" is for amd64/,
  ],
  [
    "zones in a region without",
    { hcl: shop().replaceAll("westeurope", "westcentralus") },
    ["AKS2014", "AKS2014"],
    /in "westcentralus", a region without availability zones/,
  ],
  [
    "a spot pool as system pool",
    { hcl: userPool('vm_size = "Standard_D4s_v5"\n node_count = 3\n mode = "System"\n priority = "Spot"') },
    ["AKS2017"],
    /System pool "user" is spot/,
  ],
  [
    "GPU pods without a GPU pool",
    { hcl: shop(), yaml: cart.replace("requests: {", "limits: { nvidia.com/gpu: 1 }, requests: {") },
    ["AKS2019"],
    /no pool has a VM size with a GPU/,
  ],
  [
    "a system pool that is too small",
    { hcl: shop({ system: 'vm_size = "Standard_B1s"\n node_count = 3' }) },
    ["AKS2020"],
    /refuses system nodes/,
  ],
  [
    "a Windows pool with a long name",
    {
      hcl: userPool(
        'vm_size = "Standard_D4s_v5"\n node_count = 2\n os_type = "Windows"\n node_taints = ["os=windows:NoSchedule"]',
      ).replace('name                  = "user"', 'name = "windows"'),
    },
    ["AKS2021"],
    /at most 6/,
  ],
  [
    "max_pods below what a pool must hold",
    { hcl: userPool('vm_size = "Standard_D4s_v5"\n node_count = 2\n max_pods = 10') },
    ["AKS2022"],
    /2 × 10 = 20 pods/,
  ],
  [
    "more nodes than a pool may have",
    {
      hcl: shop({
        space: "10.0.0.0/8",
        subnet: "10.0.0.0/12",
        user: 'vm_size = "Standard_D4s_v5"\n auto_scaling_enabled = true\n min_count = 1\n max_count = 950',
        network: 'network_plugin = "azure"\n service_cidr = "172.20.0.0/16"\n dns_service_ip = "172.20.0.10"',
      }),
    },
    ["AKS3002", "AKS2024"],
    /950 nodes and 95 surge nodes/,
  ],
  [
    "a node resource group with too long a name",
    { hcl: shop({ cluster: `node_resource_group = "${"x".repeat(81)}"` }) },
    ["AKS2025"],
    /81 characters; 80/,
  ],
  [
    "a label with a kept prefix",
    { hcl: userPool(`${plain}\n node_labels = { "kubernetes.azure.com/tier" = "a" }`) },
    ["AKS2026"],
    /prefix belongs to AKS/,
  ],
];

test.each(rows)("%s", (_, source, codes, says) => {
  const found = findingsOf(source);
  expect(found.map(({ code }) => code)).toEqual(codes);
  if (codes.length > 0) expect(found.map(({ detail }) => detail).join("\n")).toMatch(says);
});

const quota = (hard: string): string =>
  `apiVersion: v1\nkind: ResourceQuota\nmetadata: { name: q, namespace: shop }\nspec: { hard: { ${hard} } }\n---\n`;
const namespace = (level: string): string =>
  `apiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { pod-security.kubernetes.io/enforce: ${level} } }\n---\n`;
const strict =
  "{ runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: { drop: [ALL] }, seccompProfile: { type: RuntimeDefault } }";

const admission: readonly (readonly [name: string, yaml: string, codes: readonly string[], says: RegExp])[] = [
  [
    "a quota below what the pods request",
    quota('requests.cpu: "1"') + deployment("cart", { replicas: 5, requests: "{ cpu: 500m }" }),
    ["AKS2029"],
    /allows requests\.cpu 1; .*want 2500m, Deployment\/shop\/cart most of it \(5 pods\)/,
  ],
  [
    "a quota that holds the pods",
    quota('requests.cpu: "3", pods: "9"') + deployment("cart", { replicas: 5, requests: "{ cpu: 500m }" }),
    [],
    /./,
  ],
  ["a quota of pods", quota('pods: "3"') + deployment("cart", { replicas: 5 }), ["AKS2029"], /allows pods 3; .*want 5/],
  [
    "a quota of limits that the pods do not give",
    quota("limits.memory: 9Gi") + deployment("cart"),
    ["AKS2029"],
    /must specify limits\.memory/,
  ],
  [
    "restricted pods of nobody's making",
    namespace("restricted") + deployment("cart"),
    ["AKS5021"],
    /enforces pod security level "restricted"/,
  ],
  [
    "restricted pods that keep to it",
    namespace("restricted") +
      deployment("cart").replace("resources:", `securityContext: ${strict}\n          resources:`),
    [],
    /./,
  ],
  ["baseline takes ordinary pods", namespace("baseline") + deployment("cart"), [], /./],
];

test.each(admission)("%s", (_, yaml, codes, says) => {
  const found = findingsOf({ hcl: shop(), yaml });
  expect(found.map(({ code }) => code)).toEqual(codes);
  if (codes.length > 0) expect(found.map(({ detail }) => detail).join("\n")).toMatch(says);
});
