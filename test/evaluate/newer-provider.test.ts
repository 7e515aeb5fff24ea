import { expect, test } from "@jest/globals";
import { evaluateFiles } from "./tree-of.ts";

const group = (version: string, more: string): string =>
  `terraform {\n required_providers {\n azurerm = { source = "hashicorp/azurerm", version = "${version}" }\n }\n}\nprovider "azurerm" {\n features {}\n}\nresource "azurerm_resource_group" "rg" {\n name = "rg"\n location = "westeurope"\n ${more}\n}\n`;

const said = (version: string, more: string): readonly string[] =>
  evaluateFiles(group(version, more)).diagnostics.map(({ severity, code, detail }) => `${severity} ${code} ${detail}`);

test.each([
  ["an argument", "brand_new_setting = true"],
  ["a block", "brand_new_block {\n }"],
])("%s that only a later provider can know is a note", (_, more) => {
  expect(said(">= 4.99.0", more)).toEqual([
    expect.stringMatching(/^info AKS9132 "brand_new_\w+" is not known in hashicorp\/azurerm 4\.\d+\.\d+, the latest/),
  ]);
  expect(said("~> 4.0", more)).toEqual([expect.stringMatching(/^error AKS9100 /)]);
});

test("a misspelt name stays an error", () => {
  expect(said(">= 4.99.0", 'tag = { a = "b" }')).toEqual([
    expect.stringMatching(/^error AKS9100 .*Did you mean "tags"\?$/),
  ]);
});

test("a name that an earlier version had stays an error", () => {
  const pool =
    'resource "azurerm_kubernetes_cluster_node_pool" "p" {\n name = "p"\n kubernetes_cluster_id = "/x"\n vm_size = "Standard_D4s_v5"\n enable_auto_scaling = true\n}\n';
  expect(evaluateFiles(group(">= 4.99.0", "") + pool).diagnostics.map(({ code }) => code)).toContain("AKS9100");
});

test("a resource type that only a later provider can know is a note, and what refers to it is not known", () => {
  const { value, diagnostics } = evaluateFiles(
    `${group(">= 4.99.0", "")}resource "azurerm_brand_new_service" "x" {\n name = "x"\n}\noutput "id" {\n value = azurerm_brand_new_service.x.id\n}\n`,
  );
  expect(diagnostics.map(({ code, severity }) => `${severity} ${code}`)).toEqual(["info AKS9132"]);
  expect(value.outputs.get("id")?.value.kind).toBe("unknown");
});
