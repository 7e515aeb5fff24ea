import { expect, test } from "@jest/globals";
import { buildPlatform } from "../../src/evaluate/azure-platform.ts";
import { evaluatePlan } from "../../src/evaluate/evaluate-plan.ts";
import { readPlan } from "../../src/load/plan/plan.ts";
import type { JsonObject } from "../../src/model/json.ts";

const created = (type: string, name: string, after: JsonObject, unknown: JsonObject): JsonObject => ({
  address: `${type}.${name}`,
  mode: "managed",
  type,
  name,
  provider_name: `registry.terraform.io/${type.startsWith("azapi") ? "azure/azapi" : "hashicorp/azurerm"}`,
  change: {
    actions: ["create"],
    before: null,
    after,
    after_unknown: unknown,
    before_sensitive: false,
    after_sensitive: {},
  },
});
const block = (type: string, name: string, expressions: JsonObject): JsonObject => ({
  address: `${type}.${name}`,
  mode: "managed",
  type,
  name,
  provider_config_key: type.split("_")[0] ?? "",
  expressions,
});

/** A cluster of azapi as a plan has it: of its body only the list of all that it refers to. */
const platformOf = (references: readonly string[], subnets: readonly string[]) => {
  const profile = { name: "sys", mode: "System", count: 3, vmSize: "Standard_D4s_v5" };
  const text = JSON.stringify({
    format_version: "1.2",
    terraform_version: "1.11.4",
    resource_changes: [
      ...subnets.map((name) =>
        created("azurerm_subnet", name, { name, address_prefixes: ["10.1.0.0/24"] }, { id: true }),
      ),
      created("azurerm_log_analytics_workspace", "logs", { name: "logs" }, { id: true }),
      created(
        "azapi_resource",
        "aks",
        {
          type: "Microsoft.ContainerService/managedClusters@2025-05-01",
          name: "aks",
          location: "westeurope",
          body: { properties: { agentPoolProfiles: [profile] } },
        },
        { id: true, body: { properties: { agentPoolProfiles: [{ vnetSubnetID: true }] } } },
      ),
    ],
    configuration: {
      root_module: {
        resources: [
          ...subnets.map((name) => block("azurerm_subnet", name, { name: { constant_value: name } })),
          block("azurerm_log_analytics_workspace", "logs", { name: { constant_value: "logs" } }),
          block("azapi_resource", "aks", { body: { references: [...references] } }),
        ],
      },
    },
  });
  const plan = readPlan(Buffer.from(text), "plan.json").value;
  if (plan === undefined) throw new Error("the test's plan cannot be read");
  return buildPlatform(evaluatePlan(plan).value.instances).value.clusters[0]?.pools[0]?.subnet?.address;
};

test("a part of an azapi body refers to the only resource of its name's type", () => {
  const logs = ["azurerm_log_analytics_workspace.logs.id", "azurerm_log_analytics_workspace.logs"];
  const nodes = ["azurerm_subnet.nodes.id", "azurerm_subnet.nodes"];
  expect(platformOf([...logs, ...nodes], ["nodes", "pods"])).toBe("azurerm_subnet.nodes");
  expect(platformOf(logs, ["nodes", "pods"])).toBeUndefined();
});

test("which of two subnets is meant is not guessed", () => {
  const both = ["azurerm_subnet.nodes.id", "azurerm_subnet.nodes", "azurerm_subnet.pods.id", "azurerm_subnet.pods"];
  expect(platformOf(both, ["nodes", "pods"])).toBeUndefined();
});
