import { expect, test } from "@jest/globals";
import { readState } from "../../../src/load/plan/state.ts";
import type { Json } from "../../../src/model/json.ts";

const read = (state: Json) => readState(Buffer.from(JSON.stringify(state)), "terraform.tfstate");

test("a state file gives one instance after the other", () => {
  const { value, diagnostics } = read({
    version: 4,
    terraform_version: "1.11.4",
    outputs: { id: { value: "x", type: "string", sensitive: true } },
    resources: [
      {
        module: "module.a",
        mode: "managed",
        type: "azurerm_subnet",
        name: "nodes",
        provider: 'provider["registry.terraform.io/hashicorp/azurerm"].hub',
        instances: [
          {
            index_key: "b",
            schema_version: 1,
            attributes: { id: "/x" },
            sensitive_attributes: [
              [
                { type: "get_attr", value: "list" },
                { type: "index", value: { value: 0, type: "number" } },
              ],
            ],
            dependencies: ["azurerm_virtual_network.v"],
            status: "tainted",
          },
        ],
      },
      { mode: "data", type: "azurerm_client_config", name: "me", provider: "", instances: [{ attributes: {} }] },
    ],
  });
  expect(diagnostics).toEqual([]);
  expect(value?.resources[0]).toEqual({
    address: 'module.a.azurerm_subnet.nodes["b"]',
    module: "module.a",
    mode: "managed",
    type: "azurerm_subnet",
    name: "nodes",
    key: "b",
    provider: "registry.terraform.io/hashicorp/azurerm",
    schemaVersion: 1,
    values: { id: "/x" },
    sensitivePaths: [["list", 0]],
    dependencies: ["azurerm_virtual_network.v"],
    createBeforeDestroy: false,
    deposedKey: undefined,
    isTainted: true,
  });
  expect(value?.resources[1]?.address).toBe("data.azurerm_client_config.me");
  expect(value?.outputs).toEqual({ id: { value: "x", isSensitive: true } });
});

test("a shown state is read as well", () => {
  const { value } = read({
    format_version: "1.0",
    terraform_version: "1.11.4",
    values: {
      outputs: { o: { value: 1, sensitive: false } },
      root_module: {
        resources: [
          {
            address: "x.y[0]",
            mode: "managed",
            type: "x",
            name: "y",
            index: 0,
            values: { a: 1 },
            sensitive_values: { b: [true] },
          },
        ],
      },
    },
  });
  expect(
    value?.resources.map(({ address, key, values, sensitivePaths }) => ({ address, key, values, sensitivePaths })),
  ).toEqual([{ address: "x.y[0]", key: 0, values: { a: 1 }, sensitivePaths: [["b", 0]] }]);
  expect(value?.outputs).toEqual({ o: { value: 1, isSensitive: false } });
});

test.each([
  [{ version: 3, modules: [] }, "Unsupported state file format"],
  [{}, "Unsupported state file format"],
])("%j is no state of today", (state, summary) => {
  expect(read(state).diagnostics.map((problem) => problem.summary)).toEqual([summary]);
});
