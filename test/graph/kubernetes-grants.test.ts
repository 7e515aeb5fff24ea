import { expect, test } from "@jest/globals";
import { azureKubernetesAccess, kubernetesGrants } from "../../src/graph/kubernetes-grants.ts";
import { platformOf } from "../support/evaluated.ts";
import { shop } from "../support/shop.ts";

const assignment = (name: string, role: string, principal: string, scope: string, more = ""): string => `
resource "azurerm_role_assignment" "${name}" {
  scope                = ${scope}
  role_definition_name = "Azure Kubernetes Service RBAC ${role}"
  principal_id         = ${principal}
  ${more}
}`;
const cluster = "azurerm_kubernetes_cluster.main.id";
const someone = "11111111-1111-1111-1111-111111111111";
const identity = "azurerm_user_assigned_identity.cluster";
const known =
  '"/subscriptions/s/resourceGroups/rg-shop/providers/Microsoft.ContainerService/managedClusters/aks/namespaces/shop"';
const groups = 'data "azuread_group" "team" {\n display_name = "team"\n}';
const ofTeam = groups + assignment("a", "Reader", "data.azuread_group.team.object_id", cluster);

const pods = { verb: "list", apiGroup: "", resource: "pods", namespace: "shop" };
const everywhere = { verb: "list", apiGroup: "", resource: "pods" };
const secrets = { ...pods, resource: "secrets" };

test.each([
  ["a role on the cluster", assignment("a", "Reader", `"${someone}"`, cluster), someone, pods, "yes"],
  [
    "by the address of an identity",
    assignment("a", "Reader", `${identity}.principal_id`, cluster),
    identity,
    pods,
    "yes",
  ],
  ["a role that lacks it", assignment("a", "Reader", `"${someone}"`, cluster), someone, secrets, "no"],
  ["somebody else's role", assignment("a", "Writer", `"${someone}"`, cluster), identity, pods, "no"],
  [
    "a role on the resource group",
    assignment("a", "Writer", `"${someone}"`, "azurerm_resource_group.rg.id"),
    someone,
    secrets,
    "yes",
  ],
  [
    "a role on the node subnet",
    assignment("a", "Writer", `"${someone}"`, "azurerm_subnet.nodes.id"),
    someone,
    secrets,
    "no",
  ],
  [
    "a role on the namespace",
    assignment("a", "Reader", `"${someone}"`, `"\${${cluster}}/namespaces/shop"`),
    someone,
    pods,
    "yes",
  ],
  [
    "a role on the namespace, for all",
    assignment("a", "Reader", `"${someone}"`, `"\${${cluster}}/namespaces/shop"`),
    someone,
    everywhere,
    "no",
  ],
  [
    "a role on another namespace",
    assignment("a", "Reader", `"${someone}"`, `"\${${cluster}}/namespaces/other"`),
    someone,
    pods,
    "no",
  ],
  ["a role on the namespace by its id", assignment("a", "Reader", `"${someone}"`, known), someone, pods, "yes"],
  [
    "a role with a condition",
    assignment("a", "Reader", `"${someone}"`, cluster, 'condition = "x"\n condition_version = "2.0"'),
    someone,
    pods,
    "unsure",
  ],
  ["a group that may hold anyone", ofTeam, someone, pods, "unsure"],
  ["a group that is named", ofTeam, "data.azuread_group.team", pods, "yes"],
  [
    "a namespace that is not known",
    assignment(
      "a",
      "Reader",
      `"${someone}"`,
      `"\${${cluster}}/namespaces/\${azurerm_user_assigned_identity.cluster.client_id}"`,
    ),
    someone,
    pods,
    "unsure",
  ],
] as const)("%s", (_, more, who, request, allowed) => {
  const platform = platformOf(shop({ more }));
  const [aks] = platform.clusters;
  if (aks === undefined) throw new Error("there is a cluster");
  expect(azureKubernetesAccess(platform, aks, [who], request).allowed).toBe(allowed);
});

test("a custom role is asked by its data actions, and named", () => {
  const platform = platformOf(
    shop({
      more: `
resource "azurerm_role_definition" "logs" {
  name  = "log reader"
  scope = azurerm_resource_group.rg.id
  permissions {
    data_actions = ["Microsoft.ContainerService/managedClusters/pods/read"]
  }
}
resource "azurerm_role_assignment" "logs" {
  scope              = ${cluster}
  role_definition_id = azurerm_role_definition.logs.role_definition_resource_id
  principal_id       = "${someone}"
}`,
    }),
  );
  const [aks] = platform.clusters;
  if (aks === undefined) throw new Error("there is a cluster");
  expect(kubernetesGrants(platform, aks, pods)).toEqual([
    {
      principal: `principal:${someone}`,
      role: "log reader",
      scope: "azurerm_kubernetes_cluster.main",
      namespace: undefined,
      assignment: "azurerm_role_assignment.logs",
      doubt: "",
    },
  ]);
});
