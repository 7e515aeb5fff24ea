import { expect, test } from "@jest/globals";
import { buildGraph } from "../../src/graph/build-graph.ts";
import * as azure from "../support/azure.ts";
import { deployment, objects } from "../support/objects.ts";
import { platform } from "../support/platform.ts";

const shop = platform({
  virtualNetworks: [azure.network("main")],
  subnets: [azure.subnet("nodes", "10.1.0.0/24", { securityGroup: azure.ref("azurerm_network_security_group.nodes") })],
  securityGroups: [azure.securityGroup("nodes")],
  registries: [azure.registry("acrshop")],
  identities: [azure.identity("app")],
  clusters: [azure.cluster()],
  federatedCredentials: [azure.federatedCredential("app", "system:serviceaccount:shop:cart")],
  roleAssignments: [
    azure.roleAssignment(
      "pull",
      "AcrPull",
      azure.principal("azurerm_kubernetes_cluster.main", "kubelet_identity"),
      azure.ref("azurerm_container_registry.acrshop"),
    ),
  ],
});

const manifests = objects(`${deployment("cart", {
  podSpec: `      serviceAccountName: cart
      volumes:
        - { name: data, persistentVolumeClaim: { claimName: data } }
        - { name: conf, configMap: { name: conf } }`,
})}
apiVersion: v1
kind: ServiceAccount
metadata: { name: cart, namespace: shop, annotations: { azure.workload.identity/client-id: abc } }
---
apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec: { selector: { app: cart }, ports: [{ port: 80 }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, namespace: shop }
spec:
  rules:
    - http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: cart, port: { number: 80 } } } }] }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: cart, namespace: shop }
spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: cart }, maxReplicas: 5 }
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: cart, namespace: shop }
spec: { maxUnavailable: 1, selector: { matchLabels: { app: cart } } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: all, namespace: shop }
spec: { podSelector: {} }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data, namespace: shop }
spec: { accessModes: [ReadWriteOnce], storageClassName: fast }
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: { name: fast }
provisioner: disk.csi.azure.com
---
apiVersion: v1
kind: ConfigMap
metadata: { name: conf, namespace: shop }
`);

const edges = buildGraph(shop, [], manifests).edges.map(({ from, kind, to }) => `${from} ${kind} ${to}`);

test.each([
  "azurerm_virtual_network.main contains azurerm_subnet.nodes",
  "azurerm_subnet.nodes guardedBy azurerm_network_security_group.nodes",
  "azurerm_kubernetes_cluster.main contains azurerm_kubernetes_cluster.main.default_node_pool",
  "azurerm_kubernetes_cluster.main.default_node_pool inSubnet azurerm_subnet.nodes",
  "azurerm_kubernetes_cluster.main authenticatesAs azurerm_kubernetes_cluster.main#kubelet_identity",
  "azurerm_kubernetes_cluster.main#kubelet_identity mayActOn azurerm_container_registry.acrshop",
  "azurerm_role_assignment.pull grants azurerm_kubernetes_cluster.main#kubelet_identity",
  "azurerm_federated_identity_credential.app trusts ServiceAccount/shop/cart",
  "ServiceAccount/shop/cart authenticatesAs azurerm_user_assigned_identity.app",
  "Deployment/shop/cart authenticatesAs ServiceAccount/shop/cart",
  "Deployment/shop/cart pullsFrom azurerm_container_registry.acrshop",
  "Deployment/shop/cart mounts PersistentVolumeClaim/shop/data",
  "Deployment/shop/cart mounts ConfigMap/shop/conf",
  "Service/shop/cart selects Deployment/shop/cart",
  "Ingress/shop/web routesTo Service/shop/cart",
  "HorizontalPodAutoscaler/shop/cart scales Deployment/shop/cart",
  "PodDisruptionBudget/shop/cart guards Deployment/shop/cart",
  "NetworkPolicy/shop/all selects Deployment/shop/cart",
  "PersistentVolumeClaim/shop/data provisionedBy StorageClass/fast",
])("%s", (edge) => {
  expect(edges).toContain(edge);
});

test("nodes and edges come in one order, whatever the order of the input", () => {
  const forwards = buildGraph(shop, [], manifests);
  const backwards = buildGraph(shop, [], [...manifests].reverse());
  expect(backwards.nodes.map(({ id }) => id)).toEqual(forwards.nodes.map(({ id }) => id));
  expect(backwards.edges).toEqual(forwards.edges);
  expect(forwards.nodes.map(({ id }) => id)).toEqual([...forwards.nodes.map(({ id }) => id)].sort());
});

test("every edge joins two nodes of the graph, and says where it was written", () => {
  const { nodes, edges: all } = buildGraph(shop, [], manifests);
  const ids = new Set(nodes.map(({ id }) => id));
  expect(all.filter(({ from, to }) => !ids.has(from) || !ids.has(to))).toEqual([]);
  expect(all.find(({ kind }) => kind === "scales")?.range?.file).toBe("k8s.yaml");
});
