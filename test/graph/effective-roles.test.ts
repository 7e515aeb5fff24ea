import { expect, test } from "@jest/globals";
import type { Platform } from "../../src/azure/platform.ts";
import { effectiveRoles } from "../../src/graph/effective-roles.ts";
import { unknown } from "../../src/model/unknown.ts";
import * as azure from "../support/azure.ts";
import { platform as platformOf } from "../support/platform.ts";

const nodes = azure.subnet("nodes", "10.1.0.0/24");
const operator = azure.identity("operator");
const given = (...assignments: Platform["roleAssignments"]): Platform =>
  platformOf({
    resourceGroups: [{ ...azure.network("x"), address: "azurerm_resource_group.rg", name: "rg" }],
    virtualNetworks: [azure.network("main")],
    registries: [azure.registry("acrshop")],
    subnets: [nodes],
    identities: [operator],
    clusters: [azure.cluster()],
    roleAssignments: assignments,
  });
const byOperator = azure.principal(operator.address);

test.each([
  ["on the subnet itself", azure.ref(nodes.address), 1],
  ["on its network", azure.ref("azurerm_virtual_network.main"), 1],
  ["on its resource group", azure.ref("azurerm_resource_group.rg"), 1],
  ["on a subscription by id", { address: undefined, id: "/subscriptions/0" }, 1],
  ["on the subscription's data source", azure.ref("data.azurerm_subscription.current"), 1],
  ["on another resource group by id", { address: undefined, id: "/subscriptions/0/resourceGroups/other" }, 0],
  ["on its own group by id", { address: undefined, id: "/subscriptions/0/resourceGroups/RG" }, 1],
  ["on another resource", azure.ref("azurerm_container_registry.acrshop"), 0],
] as const)("a role %s reaches the subnet: %#", (_, scope, expected) => {
  const platform = given(azure.roleAssignment("net", "Network Contributor", byOperator, scope));
  expect(effectiveRoles(platform).held(operator.address, nodes).sure).toHaveLength(expected);
});

test("a principal that is not known before apply may be anyone", () => {
  const nobody = { address: undefined, part: undefined, id: unknown("known after apply") };
  const platform = given(azure.roleAssignment("net", "Network Contributor", nobody, azure.ref(nodes.address)));
  const held = effectiveRoles(platform).held(operator.address, nodes);
  expect([held.sure.length, held.unsure.length]).toEqual([0, 1]);
});

test("the kubelet identity of the cluster's own block is the identity it names", () => {
  const platform = platformOf({
    identities: [operator],
    registries: [azure.registry("acrshop")],
    clusters: [azure.cluster({ kubeletIdentity: azure.ref(operator.address) })],
    roleAssignments: [
      azure.roleAssignment(
        "pull",
        "AcrPull",
        azure.principal("azurerm_kubernetes_cluster.main", "kubelet_identity"),
        azure.ref("azurerm_container_registry.acrshop"),
      ),
    ],
  });
  expect(effectiveRoles(platform).held(operator.address, azure.registry("acrshop")).sure).toHaveLength(1);
});
