import { expect, test } from "@jest/globals";
import { readPlan } from "../../../src/load/plan/plan.ts";
import type { Json } from "../../../src/model/json.ts";

const bytesOf = (value: Json): Uint8Array => Buffer.from(JSON.stringify(value));

const change = {
  address: 'module.net["a"].azurerm_subnet.nodes[0]',
  module_address: 'module.net["a"]',
  mode: "managed",
  type: "azurerm_subnet",
  name: "nodes",
  index: 0,
  provider_name: "registry.terraform.io/hashicorp/azurerm",
  action_reason: "replace_because_cannot_update",
  change: {
    actions: ["delete", "create"],
    before: { name: "old" },
    after: { name: "new" },
    after_unknown: { id: true },
    before_sensitive: {},
    after_sensitive: { name: true },
    replace_paths: [["name"]],
  },
};

const plan = {
  format_version: "1.2",
  terraform_version: "1.11.4",
  variables: { size: { value: 3 } },
  resource_changes: [change],
  output_changes: { id: { actions: ["create"], after_unknown: true, after_sensitive: true } },
  prior_state: {
    values: {
      root_module: {
        resources: [
          {
            address: "data.azurerm_client_config.me",
            mode: "data",
            type: "azurerm_client_config",
            name: "me",
            values: { tenant_id: "t" },
          },
        ],
        child_modules: [
          {
            address: "module.a",
            resources: [{ address: "module.a.x.y", mode: "managed", type: "x", name: "y", index: "k", values: {} }],
          },
        ],
      },
    },
  },
  configuration: {
    provider_config: {
      azurerm: { name: "azurerm", full_name: "registry.terraform.io/hashicorp/azurerm", version_constraint: "~> 4.0" },
    },
    root_module: {
      module_calls: {
        net: {
          source: "./net",
          expressions: { cidr: { references: ["var.cidr"] }, size: { constant_value: 3 } },
          module: {
            resources: [
              {
                mode: "managed",
                type: "azurerm_subnet",
                name: "nodes",
                provider_config_key: "azurerm",
                expressions: {
                  name: { references: ["azurerm_virtual_network.v.name", "azurerm_virtual_network.v"] },
                  delegation: [{ name: { references: ["local.n"] } }],
                },
                count_expression: { references: ["var.size"] },
              },
            ],
            outputs: {
              id: {
                expression: {
                  references: ["azurerm_subnet.nodes[0].id", "azurerm_subnet.nodes[0]", "azurerm_subnet.nodes"],
                },
              },
            },
          },
        },
      },
    },
  },
} satisfies Json;

test("a plan is read with its changes, what was refreshed, and the configuration's references", () => {
  const { value, diagnostics } = readPlan(bytesOf(plan), "plan.json");
  expect(diagnostics).toEqual([]);
  expect(value?.resourceChanges).toEqual([
    {
      address: 'module.net["a"].azurerm_subnet.nodes[0]',
      module: 'module.net["a"]',
      mode: "managed",
      type: "azurerm_subnet",
      name: "nodes",
      key: 0,
      provider: "registry.terraform.io/hashicorp/azurerm",
      actions: ["delete", "create"],
      before: { name: "old" },
      after: { name: "new" },
      afterUnknown: { id: true },
      beforeSensitive: {},
      afterSensitive: { name: true },
      replacePaths: [["name"]],
      reason: "replace_because_cannot_update",
    },
  ]);
  expect(value?.variables).toEqual({ size: 3 });
  expect(value?.outputChanges).toEqual([
    { name: "id", actions: ["create"], after: null, afterUnknown: true, isSensitive: true },
  ]);
  expect(value?.priorResources.map(({ address, module, key }) => [address, module, key])).toEqual([
    ["data.azurerm_client_config.me", "", undefined],
    ["module.a.x.y", "module.a", "k"],
  ]);
  const call = value?.configuration.calls[0];
  expect(call?.references).toEqual([{ path: ["cidr"], to: "var.cidr" }]);
  expect(call?.module.resources[0]?.references).toEqual([
    { path: ["name"], to: "azurerm_virtual_network.v.name" },
    { path: ["delegation", 0, "name"], to: "local.n" },
    { path: ["count"], to: "var.size" },
  ]);
  expect(call?.module.outputs[0]?.references).toEqual([{ path: [], to: "azurerm_subnet.nodes[0].id" }]);
  expect(value?.providers[0]?.versionConstraint).toBe("~> 4.0");
});

test("a plan that PowerShell wrote, in UTF-16 with a mark, is read alike", () => {
  const text = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(JSON.stringify(plan), "utf16le")]);
  expect(readPlan(text, "plan.json")).toEqual(readPlan(bytesOf(plan), "plan.json"));
});

test.each([
  ["a binary plan", Buffer.from("PK\u0003\u0004"), "Binary plan file"],
  ["text that ends early", Buffer.from('{"format_version": "1.2", "resource_changes": ['), "Invalid JSON"],
  ["something else", Buffer.from('{"a": 1}'), "Not a plan"],
  ["a list", Buffer.from("[1]"), "Invalid JSON"],
  ["nothing", Buffer.from(""), "Invalid JSON"],
  ["deep nesting", Buffer.from(`{"format_version":${"[".repeat(100_000)}`), "Invalid JSON"],
])("%s gives a diagnostic", (_, bytes, summary) => {
  const { value, diagnostics } = readPlan(bytes, "plan.json");
  expect(value).toBeUndefined();
  expect(diagnostics.map((problem) => problem.summary)).toEqual([summary]);
});

test("one resource that cannot be read does not take the others with it", () => {
  const text = JSON.stringify({ ...plan, resource_changes: [change, "BAD", change] }).replace(
    '"BAD"',
    '{"address": 01}',
  );
  const { value, diagnostics } = readPlan(Buffer.from(text), "plan.json");
  expect(value?.resourceChanges).toHaveLength(2);
  expect(diagnostics.map((problem) => problem.code)).toEqual(["AKS9031"]);
});
