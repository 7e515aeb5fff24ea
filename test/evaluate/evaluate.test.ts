import { expect, test } from "@jest/globals";
import { knownJson, unknownJson } from "../../src/evaluate/plan-json-values.ts";
import type { ResourceInstance } from "../../src/evaluate/resource-instance.ts";
import { formatPlace } from "../../src/model/source-range.ts";
import { evaluateFiles } from "./tree-of.ts";

const azurerm = `terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "~> 4.0" }
  }
}
provider "azurerm" {
  features {}
}
`;

const instance = (instances: readonly ResourceInstance[], address: string): ResourceInstance => {
  const found = instances.find((each) => each.address === address);
  if (found === undefined) throw new Error(`no ${address} among ${instances.map((each) => each.address).join(", ")}`);
  return found;
};

const cluster = `${azurerm}
resource "azurerm_subnet" "nodes" {
  name                 = "nodes"
  resource_group_name  = "rg"
  virtual_network_name = "v"
  address_prefixes     = ["10.0.0.0/24"]
}
locals {
  subnet = azurerm_subnet.nodes.id
}
resource "azurerm_kubernetes_cluster" "aks" {
  name                = "aks"
  location            = "westeurope"
  resource_group_name = "rg"
  dns_prefix          = "aks"
  default_node_pool {
    name           = "system"
    vm_size        = "Standard_D4s_v5"
    vnet_subnet_id = local.subnet
  }
  tags = {
    owner = "team"
  }
}
`;

test("an attribute leads to the text that sets it, and what is not set to its block", () => {
  const { value, diagnostics } = evaluateFiles(cluster);
  expect(diagnostics).toEqual([]);
  const aks = instance(value.instances, "azurerm_kubernetes_cluster.aks");
  const place = (path: readonly (string | number)[]) => {
    const range = aks.rangeAt(path);
    return range === undefined ? undefined : formatPlace(range);
  };
  expect(place(["default_node_pool", 0, "vm_size"])).toBe("main.tf:26:5");
  expect(place(["default_node_pool", 0, "max_pods"])).toBe("main.tf:24:3");
  expect(place(["tags", "owner"])).toBe("main.tf:30:13");
  expect(place(["network_profile"])).toBe("main.tf:19:1");
  expect(aks.range === undefined ? "" : formatPlace(aks.range)).toBe("main.tf:19:1");
});

test("references and origins go through local values", () => {
  const { value } = evaluateFiles(cluster);
  const aks = instance(value.instances, "azurerm_kubernetes_cluster.aks");
  expect(aks.dependsOn).toEqual(["azurerm_subnet.nodes"]);
  expect(aks.references.map(({ path, to }) => `${path.join(".")} -> ${to}`)).toEqual([
    "default_node_pool.0.vnet_subnet_id -> azurerm_subnet.nodes",
  ]);
  const pool = aks.values.fields.get("default_node_pool");
  const first = pool?.kind === "list" ? pool.items[0] : undefined;
  const subnet = first?.kind === "object" ? first.fields.get("vnet_subnet_id") : undefined;
  expect(subnet).toMatchObject({ kind: "unknown", origin: { address: "azurerm_subnet.nodes", path: ["id"] } });
  expect(aks.providerMajor).toBe(4);
});

test("the provider's version decides the names of arguments", () => {
  const pool = (version: string, argument: string): string => `terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "${version}" }
  }
}
provider "azurerm" {
  features {}
}
resource "azurerm_kubernetes_cluster_node_pool" "p" {
  name                  = "p"
  kubernetes_cluster_id = "x"
  vm_size               = "Standard_D4s_v5"
  ${argument}           = true
}
`;
  expect(evaluateFiles(pool("~> 3.0", "enable_auto_scaling")).diagnostics).toEqual([]);
  expect(evaluateFiles(pool("~> 4.0", "auto_scaling_enabled")).diagnostics).toEqual([]);
  expect(evaluateFiles(pool("~> 4.0", "enable_auto_scaling")).diagnostics[0]).toMatchObject({
    summary: "Unsupported argument",
  });
  expect(evaluateFiles(pool(">= 3.0, < 5.0", "auto_scaling_enabled")).value.instances[0]?.providerMajor).toBe(4);
});

test("a locked version goes before the constraint", () => {
  const { value } = evaluateFiles({
    "main.tf": `terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = ">= 3.0" }
  }
}
provider "azurerm" {
  features {}
}
resource "azurerm_resource_group" "rg" {
  name     = "rg"
  location = "westeurope"
}
`,
    ".terraform.lock.hcl": `provider "registry.terraform.io/hashicorp/azurerm" {
  version     = "3.90.0"
  constraints = ">= 3.0"
}
`,
  });
  expect(value.instances[0]?.providerMajor).toBe(3);
});

test("a module that is not on disk is told, and the rest is evaluated", () => {
  const { value, diagnostics } = evaluateFiles(`${azurerm}
module "network" {
  source  = "Azure/network/azurerm"
  version = "5.3.0"
}
resource "azurerm_resource_group" "rg" {
  name     = "rg"
  location = "westeurope"
  tags     = { subnet = module.network.vnet_subnets[0] }
}
`);
  expect(diagnostics).toHaveLength(1);
  expect(diagnostics[0]).toMatchObject({ code: "AKS9110", summary: "Module not installed", subject: "module.network" });
  expect(diagnostics[0]?.detail).toContain("terraform get");
  expect(value.moduleCalls).toMatchObject([{ address: "module.network", onDisk: false, version: "5.3.0" }]);
  const group = instance(value.instances, "azurerm_resource_group.rg");
  expect(knownJson(group.values)).toMatchObject({ name: "rg", tags: {} });
  expect(unknownJson(group.values)).toMatchObject({ tags: { subnet: true } });
});

test("a downloaded module is found through modules.json, and a given directory stands for a source", () => {
  const main = `module "m" {
  source  = "example/m/azurerm"
  version = "1.0.0"
}
output "o" { value = module.m.o }
`;
  const module = 'output "o" { value = "here" }\n';
  const installed = evaluateFiles({
    "main.tf": main,
    ".terraform/modules/modules.json":
      '{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"m","Source":"example/m/azurerm","Dir":".terraform/modules/m"}]}',
    ".terraform/modules/m/main.tf": module,
  });
  expect(installed.diagnostics).toEqual([]);
  expect(installed.value.outputs.get("o")?.value).toMatchObject({ value: "here" });
  const given = evaluateFiles(
    { "main.tf": main, "vendor/m/main.tf": module },
    { moduleSources: new Map([["example/m/azurerm", "vendor/m"]]) },
  );
  expect(given.diagnostics).toEqual([]);
  expect(given.value.outputs.get("o")?.value).toMatchObject({ value: "here" });
});

test("a provider whose schema is not known is read as written", () => {
  const { value, diagnostics } = evaluateFiles(`resource "acme_thing" "t" {
  size = 3
  part {
    name = "a"
  }
  dynamic "part" {
    for_each = ["b"]
    content {
      name = part.value
    }
  }
}
output "size" { value = acme_thing.t.size }
output "computed" { value = acme_thing.t.endpoint }
`);
  expect(diagnostics).toEqual([]);
  expect(knownJson(instance(value.instances, "acme_thing.t").values)).toEqual({
    size: 3,
    part: [{ name: "a" }, { name: "b" }],
  });
  expect(value.outputs.get("size")?.value).toMatchObject({ value: 3 });
  expect(value.outputs.get("computed")?.value).toMatchObject({ kind: "unknown", origin: { path: ["endpoint"] } });
});

test("one instance stands for all where the number is not known, and a data source is no error of the user's", () => {
  const { value, diagnostics } = evaluateFiles(`${azurerm}
data "azurerm_resource_group" "rg" { name = "rg" }
resource "terraform_data" "a" {
  for_each = data.azurerm_resource_group.rg.tags
  input    = each.key
}
resource "terraform_data" "b" { input = terraform_data.a }
`);
  expect(diagnostics.map(({ severity, code }) => `${severity} ${code}`)).toEqual(["info AKS9130"]);
  expect(value.instances.map(({ address }) => address)).toEqual([
    "data.azurerm_resource_group.rg",
    "terraform_data.a",
    "terraform_data.b",
  ]);
  const given = evaluateFiles(
    `${azurerm}
data "azurerm_resource_group" "rg" { name = "rg" }
resource "terraform_data" "a" {
  for_each = data.azurerm_resource_group.rg.tags
  input    = each.value
}
`,
    { mocks: { "data.azurerm_resource_group.rg": { tags: { x: "1", y: "2" } } } },
  );
  expect(given.diagnostics).toEqual([]);
  expect(given.value.instances.map(({ address }) => address)).toContain('terraform_data.a["y"]');
});

test("what depends on an error is silent, everything else is reported at once", () => {
  const { value, diagnostics } = evaluateFiles(`locals {
  a = nope.x.y
  b = local.a
  c = 1 + "x"
}
resource "terraform_data" "r" { input = local.b }
resource "terraform_data" "fine" { input = 1 }
`);
  expect(diagnostics.map(({ summary }) => summary)).toEqual(["Reference to undeclared resource", "Invalid operand"]);
  expect(value.instances.map(({ address }) => address)).toEqual(["terraform_data.fine", "terraform_data.r"]);
});

test.each(["/etc/passwd", "~/.ssh/id_rsa.pub", "../../secret"])(
  "a file of the machine that Terraform runs on is never read, and not known: %s",
  (path) => {
    const { value, diagnostics } = evaluateFiles({
      "main.tf": `output "x" { value = file("${path}") }\noutput "y" { value = fileexists("${path}") }\noutput "z" { value = filesha1("${path}") }`,
    });
    expect(diagnostics).toEqual([]);
    expect([...value.outputs.values()].map((output) => output.value.kind)).toEqual(["unknown", "unknown", "unknown"]);
  },
);

test.each([
  [
    "cycle of modules",
    { "main.tf": 'module "m" { source = "./m" }', "m/main.tf": 'module "m" { source = "../" }' },
    "Module cycle",
  ],
  [
    "deep nesting",
    { "main.tf": `output "x" { value = ${"[".repeat(50_000)}${"]".repeat(50_000)} }` },
    "Nesting too deep",
  ],
  ["too many instances", { "main.tf": 'resource "terraform_data" "a" { count = 1e9 }' }, "Too many instances"],
  [
    "a template that doubles",
    {
      "main.tf": `locals {\n  l0 = "xxxxxxxxxx"\n${Array.from({ length: 60 }, (_, i) => `  l${i + 1} = "\${local.l${i}}\${local.l${i}}"\n`).join("")}}\noutput "x" { value = length(local.l60) }`,
    },
    "Expression too large",
  ],
])("hostile input gives an error: %s", (_, files, summary) => {
  const start = performance.now();
  const { diagnostics } = evaluateFiles(files as unknown as Readonly<Record<string, string>>);
  expect(diagnostics[0]?.summary).toBe(summary);
  expect(performance.now() - start).toBeLessThan(5000);
});

test("a long chain of locals and a wide resource are evaluated", () => {
  const chain = `locals {\n  l0 = 1\n${Array.from({ length: 5000 }, (_, i) => `  l${i + 1} = local.l${i} + 1\n`).join("")}}\noutput "x" { value = local.l5000 }\n`;
  expect(evaluateFiles(chain).value.outputs.get("x")?.value).toMatchObject({ value: 5001 });
  const wide = evaluateFiles(
    'resource "terraform_data" "a" {\n  count = 10000\n  input = count.index\n}\noutput "n" { value = length(terraform_data.a) }',
  );
  expect(wide.value.instances).toHaveLength(10_000);
  expect(wide.value.outputs.get("n")?.value).toMatchObject({ value: 10_000 });
});

test("two runs give the same bytes", () => {
  const run = (): string => {
    const { value, diagnostics } = evaluateFiles(cluster);
    return JSON.stringify([value.instances.map(({ address, values }) => [address, knownJson(values)]), diagnostics]);
  };
  expect(run()).toBe(run());
});

test.each([
  ["newest", "", undefined, "1.13.3", []],
  ["bounded above", 'required_version = "~> 1.9.0"', undefined, "1.9.8", []],
  ["asked for and refused", 'required_version = ">= 1.12"', "1.11.4", "1.11.4", ["error AKS9100"]],
  ["newer than any known", 'required_version = ">= 99.0"', undefined, "1.13.3", ["info AKS9131"]],
])("the language is that of a version that is allowed: %s", (_, constraint, asked, version, problems) => {
  const { value, diagnostics } = evaluateFiles(
    `terraform {\n  ${constraint}\n}\n`,
    asked === undefined ? {} : { terraformVersion: asked },
  );
  expect(value.terraformVersion).toBe(version);
  expect(diagnostics.map(({ severity, code }) => `${severity} ${code}`)).toEqual(problems);
});

test("&& and || stop at the side that decides from 1.12 on", () => {
  const text =
    'variable "o" {\n  type    = object({ a = string })\n  default = null\n}\noutput "x" { value = var.o == null || var.o.a == "x" }\n';
  expect(evaluateFiles(text).diagnostics).toEqual([]);
  expect(evaluateFiles(text, { terraformVersion: "1.11" }).diagnostics[0]?.summary).toBe(
    "Attempt to get attribute from null value",
  );
});

test("functions of azapi are computed, those of a provider that is not known are unknown", () => {
  const { value, diagnostics } = evaluateFiles(`terraform {
  required_providers {
    azapi = { source = "Azure/azapi" }
    acme  = { source = "example/acme" }
  }
}
output "child" {
  value = provider::azapi::build_resource_id("/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v", "Microsoft.Network/virtualNetworks/subnets", "nodes")
}
output "other" { value = provider::acme::make("/x") }
`);
  expect(diagnostics).toEqual([]);
  expect(value.outputs.get("child")?.value).toMatchObject({
    value: "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/nodes",
  });
  expect(value.outputs.get("other")?.value).toMatchObject({ kind: "unknown" });
});

test.each([
  ["a module that is called from elsewhere is read without a provider block", false, ["warning"], ["rg"]],
  ["a plan is refused without a provider block", true, ["error", "error"], ["rg"]],
] as const)("%s", (_, requireProviders, severities, names) => {
  const { value, diagnostics } = evaluateFiles(
    { "main.tf": 'resource "azurerm_resource_group" "rg" {\n  name     = "rg"\n  location = "westeurope"\n}\n' },
    { requireProviders },
  );
  expect(diagnostics.map(({ severity }) => severity)).toEqual(severities);
  expect(value.instances.map(({ name }) => name)).toEqual(names);
});
