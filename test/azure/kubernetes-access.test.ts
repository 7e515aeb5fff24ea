import { expect, test } from "@jest/globals";
import { allowsKubernetes, type KubernetesRequest, kubernetesDataAction } from "../../src/azure/kubernetes-access.ts";
import { builtInRole } from "../../src/azure/roles.ts";

const cluster =
  "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop/providers/Microsoft.ContainerService/managedClusters/shop";

const held = (name: string, scope = cluster) => {
  const role = builtInRole(`Azure Kubernetes Service RBAC ${name}`);
  if (role === undefined) throw new Error(name);
  return { permissions: role.permissions, scope };
};

test.each<[KubernetesRequest, string]>([
  [{ verb: "list", resource: "pods", namespace: "shop" }, "pods/read"],
  [{ verb: "get", resource: "pods", subresource: "log" }, "pods/read"],
  [{ verb: "create", resource: "pods", subresource: "exec" }, "pods/exec/action"],
  [{ verb: "patch", apiGroup: "apps", resource: "deployments" }, "apps/deployments/write"],
  [{ verb: "deletecollection", resource: "configmaps" }, "configmaps/delete"],
  [
    { verb: "bind", apiGroup: "rbac.authorization.k8s.io", resource: "clusterroles" },
    "rbac.authorization.k8s.io/clusterroles/bind/action",
  ],
  [{ verb: "get", path: "/healthz" }, "healthz/read"],
  [{ verb: "approve", resource: "signers" }, "signers"],
])("%j needs %s", (request, action) => {
  expect(kubernetesDataAction(request)).toBe(`Microsoft.ContainerService/managedClusters/${action}`);
});

const read = (resource: string, namespace?: string): KubernetesRequest => ({ verb: "get", resource, namespace });
const deploy: KubernetesRequest = { verb: "update", apiGroup: "apps", resource: "deployments", namespace: "shop" };

test.each<[string, string, string | undefined, KubernetesRequest, string]>([
  ["a reader sees pods", "Reader", undefined, read("pods", "shop"), "yes"],
  ["a reader sees no secrets", "Reader", undefined, read("secrets", "shop"), "no"],
  ["a reader changes nothing", "Reader", undefined, deploy, "no"],
  ["a reader sees no nodes", "Reader", undefined, read("nodes"), "no"],
  ["a writer sees secrets", "Writer", undefined, read("secrets", "shop"), "yes"],
  ["a writer changes Deployments", "Writer", undefined, deploy, "yes"],
  ["a writer of one namespace", "Writer", `${cluster}/namespaces/shop`, deploy, "yes"],
  ["not of another whose name begins alike", "Writer", `${cluster}/namespaces/sho`, deploy, "no"],
  ["not over all namespaces", "Writer", `${cluster}/namespaces/shop`, read("pods"), "no"],
  [
    "a writer grants nothing",
    "Writer",
    undefined,
    {
      verb: "create",
      apiGroup: "rbac.authorization.k8s.io",
      resource: "rolebindings",
      namespace: "shop",
    },
    "no",
  ],
  [
    "an admin grants",
    "Admin",
    undefined,
    {
      verb: "create",
      apiGroup: "rbac.authorization.k8s.io",
      resource: "rolebindings",
      namespace: "shop",
    },
    "yes",
  ],
  ["an admin makes no namespaces", "Admin", undefined, { verb: "create", resource: "namespaces" }, "no"],
  ["a cluster admin does", "Cluster Admin", undefined, { verb: "create", resource: "namespaces" }, "yes"],
  ["from above the cluster", "Cluster Admin", "/subscriptions/00000000-0000-0000-0000-000000000001", deploy, "yes"],
])("%s", (_, role, scope, request, allowed) => {
  expect(allowsKubernetes([held(role, scope)], cluster, request).allowed).toBe(allowed);
});
