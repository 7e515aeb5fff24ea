import { expect, test } from "@jest/globals";
import { reviewed, said } from "../support/reviewed.ts";
import { shop } from "../support/shop.ts";

/** What the API server refuses, and what pods cannot do without: whole reviews, a failing and a passing sample of each. */

const main = `provider "azurerm" {\n  features {}\n}\n${shop()}`;
const namespace = (labels = "{}"): string =>
  `apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: ${labels}}\n---\n`;
const cart = (
  spec = "",
  {
    replicas = 4,
    resources = "{requests: {cpu: 600m, memory: 128Mi}, limits: {memory: 128Mi}}",
    labels = "{app: cart}",
    container = "",
  } = {},
): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: ${labels}}
    spec:
      ${spec === "" ? "enableServiceLinks: false" : spec}
      containers:
        - name: cart
          image: mcr.microsoft.com/cart:1
          resources: ${resources}
          ${container === "" ? "imagePullPolicy: IfNotPresent" : container}
---
`;
const kind = (name: string, rest: string, of = "v1", where = "shop"): string =>
  `apiVersion: ${of}\nkind: ${name}\n${rest.includes("metadata") ? "" : `metadata: {name: given, namespace: ${where}}\n`}${rest}\n---\n`;
const quota = (hard: string): string => kind("ResourceQuota", `spec: {hard: ${hard}}`);
const limits = (limit: string): string => kind("LimitRange", `spec: {limits: [${limit}]}`);
const service = (name: string, spec: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: shop}\nspec: {selector: {app: cart}, ${spec}}\n---\n`;

const rows: readonly (readonly [name: string, yaml: string, says: readonly RegExp[]])[] = [
  ["a quota with room", namespace() + cart() + quota('{requests.cpu: "3"}'), []],
  [
    "a quota without room for the last pod",
    namespace() + cart() + quota('{requests.cpu: "2"}'),
    [/^AKS2029 .*: 1 of 4 pods of Deployment\/shop\/cart is refused\./],
  ],
  ["limits within the LimitRange", namespace() + cart() + limits("{type: Container, max: {memory: 512Mi}}"), []],
  [
    "limits above the LimitRange",
    namespace() + cart() + limits("{type: Container, max: {memory: 64Mi}}"),
    [/^AKS2031 4 of 4 pods of Deployment\/shop\/cart are refused: .*maximum memory usage per Container is 64Mi/],
  ],
  [
    "requests above limits",
    namespace() + cart("", { resources: "{requests: {memory: 256Mi}, limits: {memory: 128Mi}}" }),
    [/^AKS2030 .*resources\.requests: Invalid value: "256Mi": must be less than or equal to memory limit of 128Mi/],
  ],
  [
    "a selector that does not match the template",
    namespace() + cart("", { labels: "{app: card}" }),
    [/^AKS2030 .*`selector` does not match template `labels`/],
  ],
  [
    "texts that another tool fills in",
    namespace() + cart().replace("name: cart, namespace: shop", 'name: "${NAME}", namespace: shop'),
    [],
  ],
  [
    "one node port for two Services",
    namespace() +
      cart() +
      service("a", "type: NodePort, ports: [{port: 80, nodePort: 30080}]") +
      service("b", "type: NodePort, ports: [{port: 81, nodePort: 30080}]"),
    [/^AKS2030 Service\/shop\/b is invalid: spec\.ports\[0\]\.nodePort: .* already allocated \(by Service\/shop\/a\)/],
  ],
  [
    "a node port for TCP and for UDP",
    namespace() +
      cart() +
      service("a", "type: NodePort, ports: [{port: 80, nodePort: 30080}]") +
      service("b", "type: NodePort, ports: [{port: 80, nodePort: 30080, protocol: UDP}]"),
    [],
  ],
  [
    "a quota of load balancers",
    namespace() +
      cart() +
      quota('{services.loadbalancers: "1"}') +
      service("a", "type: LoadBalancer, ports: [{port: 80}]") +
      service("b", "type: LoadBalancer, ports: [{port: 80}]"),
    [/^AKS2030 Service\/shop\/b is refused: exceeded quota: given, requested: services\.loadbalancers=1/],
  ],
  [
    "a ConfigMap that is there",
    namespace() +
      cart("", { container: "envFrom: [{configMapRef: {name: given}}]" }) +
      kind("ConfigMap", "data: {A: b}"),
    [],
  ],
  [
    "a ConfigMap that is not there",
    namespace() + cart("", { container: "envFrom: [{configMapRef: {name: settings}}]" }),
    [
      /^AKS2032 .*takes environment variables from ConfigMap "settings", which the input does not have: .*CreateContainerConfigError/,
    ],
  ],
  [
    "a ConfigMap that is missed for two of its keys",
    namespace() +
      cart("", {
        container:
          "env: [{name: A, valueFrom: {configMapKeyRef: {name: settings, key: a}}}, {name: B, valueFrom: {configMapKeyRef: {name: settings, key: b}}}]",
      }),
    [/^AKS2032 .*ConfigMap "settings", which the input does not have/],
  ],
  [
    "a ConfigMap that may be missing",
    namespace() + cart("", { container: "envFrom: [{configMapRef: {name: settings, optional: true}}]" }),
    [],
  ],
  [
    "a ConfigMap of another namespace",
    namespace() +
      kind("Namespace", "metadata: {name: other}") +
      cart("volumes: [{name: c, configMap: {name: given}}]") +
      kind("ConfigMap", "data: {A: b}", "v1", "other"),
    [/^AKS2032 .*mounts ConfigMap "given", which namespace "shop" does not have \(it is in "other"\): .*FailedMount/],
  ],
  [
    "a key that the Secret does not have",
    namespace() +
      cart("", { container: "env: [{name: P, valueFrom: {secretKeyRef: {name: given, key: pasword}}}]" }) +
      kind("Secret", "stringData: {password: x}"),
    [/^AKS2032 .*Secret "given", which has no key "pasword" \(it has password\).* Did you mean "password"\?/],
  ],
  [
    "a Secret that an ExternalSecret makes",
    namespace() +
      cart("", { container: "envFrom: [{secretRef: {name: made}}]" }) +
      kind("ExternalSecret", "spec: {target: {name: made}}", "external-secrets.io/v1"),
    [],
  ],
  [
    "a service account that is not there",
    namespace() + cart("serviceAccountName: cart"),
    [/^AKS2032 .*runs as ServiceAccount "cart", .*"error looking up service account shop\/cart"/],
  ],
  [
    "a namespace that was meant",
    namespace() + cart().replace("namespace: shop", "namespace: shopp"),
    [/^AKS2033 .*"shopp", which the input does not make: .*Did you mean "shop"\?/],
  ],
  [
    "an API that is gone",
    `apiVersion: flowcontrol.apiserver.k8s.io/v1beta3\nkind: FlowSchema\nmetadata: {name: tenants}\nspec: {priorityLevelConfiguration: {name: workload-low}}\n`,
    [
      /^AKS6011 FlowSchema\/tenants has apiVersion flowcontrol\.apiserver\.k8s\.io\/v1beta3, removed in Kubernetes 1\.32/,
    ],
  ],
];

test.each(rows)("%s", async (_, yaml, says) => {
  const found = await said({ "main.tf": main, "k8s/app.yaml": yaml });
  expect(found).toEqual(says.map((pattern) => expect.stringMatching(pattern)));
});

test("pods that are refused are not placed", async () => {
  const yaml = namespace("{pod-security.kubernetes.io/enforce: restricted}") + cart();
  const { findings } = await reviewed({ "main.tf": main, "k8s/app.yaml": yaml });
  expect(findings.map(({ code }) => code)).toContain("AKS5021");
  expect(findings.some(({ code }) => code.startsWith("AKS200"))).toBe(false);
});

test("a Terraform object of which parts are known after apply is not judged", async () => {
  const hcl = `${main}
resource "kubernetes_namespace_v1" "shop" {
  metadata {
    name = "shop"
  }
}
resource "kubernetes_deployment_v1" "cart" {
  metadata {
    name      = "cart"
    namespace = kubernetes_namespace_v1.shop.metadata[0].name
  }
  spec {
    selector {
      match_labels = { app = azurerm_user_assigned_identity.cluster.principal_id }
    }
    template {
      metadata {
        labels = { app = azurerm_user_assigned_identity.cluster.principal_id }
      }
      spec {
        container {
          name  = "cart"
          image = "mcr.microsoft.com/cart:1"
        }
      }
    }
  }
}
`;
  expect(await said({ "main.tf": hcl })).toEqual([]);
});
