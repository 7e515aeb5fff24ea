import { expect, test } from "@jest/globals";
import type { Service } from "../../src/kubernetes/networking.ts";
import { predictLoadBalancers } from "../../src/simulate/cloud/predict-load-balancers.ts";
import { prediction } from "../support/prediction.ts";
import { shop } from "../support/shop.ts";
import { findingsOf, type Source, worldOf } from "../support/world.ts";

const balancer = (label: string, name: string, pool: string, more = ""): string => `
resource "azapi_resource" "${label}" {
  type      = "Microsoft.ContainerService/managedClusters/loadBalancers@2025-03-02-preview"
  name      = "${name}"
  parent_id = azurerm_kubernetes_cluster.main.id
  body = { properties = { primaryAgentPoolName = "${pool}"
    ${more}
  } }
}
`;
const first = balancer("first", "kubernetes", "system");
const nodeIp = 'load_balancer_profile {\n backend_pool_type = "NodeIP"\n managed_outbound_ip_count = 2\n }';
const hcl = (more: string, parts: Parameters<typeof shop>[0] = {}): string =>
  `${shop({ network: `network_plugin = "azure"\n network_plugin_mode = "overlay"\n ${nodeIp}`, ...parts })}${more}`.replace(
    "required_providers {",
    'required_providers {\n azapi = {\n source = "azure/azapi"\n version = "~> 2.0"\n }\n random = {\n source = "hashicorp/random"\n }',
  );
const service = (annotations = "{}", labels = "{}", namespace = "shop"): string => `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { team: shop } }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: ${namespace}, annotations: ${annotations}, labels: ${labels} }
spec: { type: LoadBalancer, selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: ${namespace} }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: main, image: "mcr.microsoft.com/web:1", ports: [{ containerPort: 8080 }], resources: { requests: { cpu: 100m, memory: 128Mi } } }] }
---`;
const named = (name: string): string => `{ service.beta.kubernetes.io/azure-load-balancer-configurations: "${name}" }`;
const gold = 'serviceLabelSelector = { matchLabels = ["tier=gold"] }';
const goldAlone = balancer("first", "kubernetes", "system", gold);
const ofTeam = (team: string): string =>
  balancer(
    "first",
    "kubernetes",
    "system",
    `serviceNamespaceSelector = { matchExpressions = [{ key = "team", operator = "In", values = ["${team}"] }] }`,
  );
const zeroPool =
  'resource "azurerm_kubernetes_cluster_node_pool" "batch" {\n name = "batch"\n kubernetes_cluster_id = azurerm_kubernetes_cluster.main.id\n vm_size = "Standard_D4s_v5"\n vnet_subnet_id = azurerm_subnet.nodes.id\n auto_scaling_enabled = true\n min_count = 0\n max_count = 2\n}\n';

const rows: readonly (readonly [name: string, source: Source, codes: readonly string[], says: RegExp])[] = [
  ["one with the cluster's name", { hcl: hcl(first), yaml: service() }, [], /./],
  [
    "no pools of node addresses",
    { hcl: hcl(first, { network: 'network_plugin = "azure"\n network_plugin_mode = "overlay"' }) },
    ["AKS3035"],
    /no backend_pool_type, which is then NodeIPConfiguration/,
  ],
  [
    "none with the cluster's name",
    { hcl: hcl(balancer("first", "one", "system")) },
    ["AKS3035"],
    /\(one\) has the name "kubernetes"/,
  ],
  [
    "one pool for two",
    { hcl: hcl(first + balancer("second", "two", "system")) },
    ["AKS3035"],
    /Pool "system" is the primary pool of load balancer "kubernetes" already; "two" needs another one/,
  ],
  [
    "a pool that is not there",
    { hcl: hcl(first + balancer("second", "two", "gone")) },
    ["AKS3035"],
    /primary pool "gone", which cluster "aks" does not have/,
  ],
  [
    "a pool that may be empty",
    { hcl: hcl(zeroPool + first + balancer("second", "two", "batch")) },
    ["AKS3035"],
    /"batch" of load balancer "two" may have no node \(min_count 0\)/,
  ],
  [
    "an annotation that names none",
    { hcl: hcl(first), yaml: service(named("other")) },
    ["AKS3036"],
    /selects 1 load balancers by annotation, but none of them is defined/,
  ],
  ["an annotation that names one", { hcl: hcl(first), yaml: service(named("Kubernetes")) }, [], /./],
  [
    "a Service without the label",
    { hcl: hcl(goldAlone), yaml: service() },
    ["AKS3036"],
    /1 of them \(kubernetes\) do not match the service label selector/,
  ],
  ["a Service with the label", { hcl: hcl(goldAlone), yaml: service("{}", "{ tier: gold }") }, [], /./],
  [
    "no placement allowed",
    { hcl: hcl(balancer("first", "kubernetes", "system", "allowServicePlacement = false")), yaml: service() },
    ["AKS3036"],
    /AllowServicePlacement set to false/,
  ],
  ["the labels of the namespace", { hcl: hcl(ofTeam("shop")), yaml: service() }, [], /./],
  [
    "other labels of the namespace",
    { hcl: hcl(ofTeam("bank")), yaml: service() },
    ["AKS3036"],
    /do not match the service namespace selector/,
  ],
  ["a namespace that is made elsewhere", { hcl: hcl(ofTeam("bank")), yaml: service("{}", "{}", "elsewhere") }, [], /./],
];

test.each(rows)("%s", (_, source, codes, says) => {
  const found = findingsOf(source).filter(({ code }) => /^AKS303[56]$/.test(code));
  expect(found.map(({ code }) => code)).toEqual(codes);
  for (const { detail } of found) expect(detail).toMatch(says);
});

const predict = (source: Source, nodesByPool: ReadonlyMap<string, number>) => {
  const { platform, objects } = worldOf(source);
  const [cluster] = platform.clusters;
  if (cluster === undefined) throw new Error("no cluster");
  const of = (kind: string) => objects.flatMap(({ object }) => (object.kind === kind ? [object] : []));
  return predictLoadBalancers({
    platform,
    cluster,
    services: of("Service").map((object) => object as Service),
    namespaces: of("Namespace"),
    nodes: 5,
    nodesByPool,
  });
};

test("Services are shared out: by selector, then to the one that has none yet", () => {
  const yaml = ["a", "b", "c"]
    .map(
      (name) =>
        `apiVersion: v1\nkind: Service\nmetadata: { name: ${name}, namespace: shop, labels: { tier: ${name === "c" ? "gold" : "none"} } }\nspec: { type: LoadBalancer, ports: [{ port: 80 }] }\n---\n`,
    )
    .join("");
  const source = { hcl: hcl(first + balancer("second", "two", "apps", gold)), yaml };
  const { loadBalancers, services } = predict(
    source,
    new Map([
      ["system", 3],
      ["apps", 2],
    ]),
  );
  expect(services.map(({ service: name, state }) => [name, state])).toEqual([
    ["shop/a", "served"],
    ["shop/b", "served"],
    ["shop/c", "served"],
  ]);
  expect(loadBalancers.map(({ name, rules }) => [name, rules])).toEqual([
    ["kubernetes", 2],
    ["two", 1],
  ]);
});

test("a provider that does not start serves no Service", () => {
  const source = {
    hcl: hcl(first, { network: 'network_plugin = "azure"\n network_plugin_mode = "overlay"' }),
    yaml: service(),
  };
  const { services } = predict(source, new Map());
  expect(services.map(({ state, message }) => [state, message])).toEqual([
    ["pending", "multiple standard load balancers cannot be used with backend pool type nodeIPConfiguration"],
  ]);
});

test("what is known after apply leaves one load balancer in the prediction, and no finding", () => {
  const open = `resource "random_pet" "tier" {}\n${balancer("first", "kubernetes", "system", 'serviceLabelSelector = { matchLabels = ["tier=${random_pet.tier.id}"] }')}`;
  const source = { hcl: hcl(open), yaml: service() };
  const { services, loadBalancers } = predict(source, new Map());
  expect(services[0]?.state).toBe("served");
  expect(loadBalancers.map(({ name }) => name)).toEqual(["kubernetes"]);
  expect(findingsOf(source).filter(({ code }) => /^AKS303[56]$/.test(code))).toEqual([]);
});

test.each([
  ["each of two below the limit", ["kubernetes", 200, "two", 200], []],
  ["one and its internal twin above it", ["two", 200, "two-internal", 101], ["AKS3012"]],
] as const)("rules of a node: %s", (_, [one, ofOne, other, ofOther], codes) => {
  const balanced = (name: string, rules: number) => {
    return {
      name,
      internal: name.endsWith("-internal"),
      frontends: [],
      rules,
      probes: rules,
      snatPortsPerNode: undefined,
    };
  };
  const loadBalancers = [balanced(one, ofOne), balanced(other, ofOther)];
  const found = findingsOf({ hcl: shop(), predictions: [prediction({ loadBalancers })] });
  expect(found.map(({ code }) => code).filter((code) => code === "AKS3012")).toEqual(codes);
});
