import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import { configure as capacity } from "../../src/commands/capacity.ts";
import { configure as explain } from "../../src/commands/explain.ts";
import { configure as review } from "../../src/commands/review.ts";
import { configure as simulate } from "../../src/commands/simulate.ts";
import { runCommand } from "../support/run-command.ts";

const clusters = `
terraform {
  required_providers {
    azurerm    = { source = "hashicorp/azurerm", version = "~> 4.0" }
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}
resource "azurerm_resource_group" "rg" {
  name     = "rg"
  location = "westeurope"
}
resource "azurerm_virtual_network" "v" {
  name                = "v"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  address_space       = ["10.0.0.0/16"]
}
resource "azurerm_subnet" "s" {
  name                 = "s"
  resource_group_name  = azurerm_resource_group.rg.name
  virtual_network_name = azurerm_virtual_network.v.name
  address_prefixes     = ["10.0.0.0/24"]
}
resource "azurerm_kubernetes_cluster" "c" {
  for_each            = { blue = "Standard_D2s_v5", green = "Standard_D4s_v5" }
  name                = "aks-\${each.key}"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  dns_prefix          = "aks"
  default_node_pool {
    name           = "system"
    vm_size        = each.value
    node_count     = 2
    vnet_subnet_id = azurerm_subnet.s.id
    max_pods       = 30
  }
  identity {
    type = "SystemAssigned"
  }
  network_profile {
    network_plugin = "azure"
    service_cidr   = "172.20.0.0/16"
    dns_service_ip = "172.20.0.10"
  }
}
`;
const pod = `selector { match_labels = { app = "web" } }
    template {
      metadata { labels = { app = "web" } }
      spec {
        container {
          name  = "web"
          image = "nginx:1.27"
          resources { requests = { cpu = "1100m", memory = "512Mi" } }
        }
      }
    }`;
const app = `resource "kubernetes_deployment_v1" "web" {
  metadata {
    name      = "web"
    namespace = "default"
  }
  spec {
    replicas = 3
    ${pod}
  }
}
`;
const provider = (alias: string, cluster: string): string =>
  `provider "kubernetes" {\n  alias = "${alias}"\n  host  = ${cluster}.kube_config[0].host\n}\n`;
const call = (name: string): string =>
  `module "app_${name}" {\n  source    = "./app"\n  providers = { kubernetes = kubernetes.${name} }\n}\n`;
const manifest = (name: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ${name} }\nspec: { replicas: 3, selector: { matchLabels: { app: web } }, template: { metadata: { labels: { app: web } }, spec: { containers: [{ name: web, image: "nginx:1.27", resources: { requests: { cpu: 1100m, memory: 512Mi } } }] } } }\n`;

const folderOf = (files: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), "aks-twin-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
};
const reviewOf = async (files: Readonly<Record<string, string>>) => {
  const { out } = await runCommand(review, [folderOf(files), "--format", "json"]);
  const { worlds, findings, assumptions } = JSON.parse(out);
  const codes = findings.map(({ code, detail }: { code: string; detail: string }) => `${code} ${detail}`);
  return { ...worlds.after, codes, assumptions: assumptions.map(({ key }: { key: string }) => key) };
};
const blue = 'azurerm_kubernetes_cluster.c["blue"]';
const green = 'azurerm_kubernetes_cluster.c["green"]';

test("Terraform's objects run on the cluster that their provider is configured for", async () => {
  const world = await reviewOf({
    "main.tf": `${clusters}${provider("blue", blue)}${provider("green", green)}${call("blue")}${call("green")}`,
    "app/main.tf": app,
  });
  expect(world.pending).toEqual([expect.objectContaining({ owner: "Deployment/default/web", cluster: blue })]);
  expect(world.codes.join("\n")).toContain('AKS2002 On cluster "aks-blue": 1 of 3 pods');
  expect(world.codes.join("\n")).not.toContain("AKS9115");
  expect(world.assumptions).not.toContain("manifestsCluster");
});

test("clusters in one subnet are counted together in its one row", async () => {
  const { subnets } = await reviewOf({ "main.tf": clusters });
  // Twice two nodes with 30 pods each.
  expect(subnets).toEqual([expect.objectContaining({ used: 124 })]);
});

test("aks-twin.yaml says which manifests are for which cluster", async () => {
  const files = { "main.tf": clusters, "k8s/a/web.yaml": manifest("a"), "k8s/b/web.yaml": manifest("b") };
  const open = await reviewOf(files);
  expect(open.assumptions).toContain("manifestsCluster");
  expect(open.pending).toHaveLength(4);
  const world = await reviewOf({ ...files, "aks-twin.yaml": `clusters:\n  aks-blue: k8s/a\n  '${green}': [k8s/b]\n` });
  expect(world.assumptions).not.toContain("manifestsCluster");
  expect(world.pending).toEqual([expect.objectContaining({ owner: "Deployment/default/a", cluster: blue })]);
  const wrong = await reviewOf({ ...files, "aks-twin.yaml": "clusters: { red: k8s/a }\n" });
  expect(wrong.codes[0]).toMatch(/^AKS9414 "clusters\.red" .*aks-twin\.yaml/);
});

test("objects for a cluster that is only read take no part", async () => {
  const world = await reviewOf({
    "main.tf": `${clusters.replace('blue = "Standard_D2s_v5", ', "")}data "azurerm_kubernetes_cluster" "other" {\n  name                = "aks-other"\n  resource_group_name = "rg-other"\n}\n${provider("other", "data.azurerm_kubernetes_cluster.other")}${call("other")}`,
    "app/main.tf": app,
  });
  expect(world.pools).toEqual([expect.objectContaining({ systemPods: world.pools[0].pods })]);
  expect(world.codes.join("\n")).toContain("AKS9413 Deployment/default/web goes to the cluster");
});

test("a data source that reads a cluster of the configuration is that cluster", async () => {
  const world = await reviewOf({
    "main.tf": `${clusters}data "azurerm_kubernetes_cluster" "again" {\n  name                = azurerm_kubernetes_cluster.c["green"].name\n  resource_group_name = "rg"\n}\n${provider("again", "data.azurerm_kubernetes_cluster.again")}${call("again")}`,
    "app/main.tf": app,
  });
  const pods = world.pools.map(({ pods: all, systemPods }: { pods: number; systemPods: number }) => all - systemPods);
  expect(pods).toEqual([0, 3]);
});

test("explain asks the cluster that is named", async () => {
  const files = {
    "main.tf": clusters,
    "k8s/web.yaml": manifest("a"),
    "aks-twin.yaml": "clusters: { aks-green: k8s }\n",
  };
  const folder = folderOf(files);
  const ask = (...args: readonly string[]) => runCommand(explain, ["Deployment/default/a", "--dir", folder, ...args]);
  expect((await ask("--cluster", "aks-green")).out).toMatch(/runs on aks-system-/);
  expect((await ask()).err).toContain("no pod or workload");
  expect((await ask("--cluster", "red")).err).toContain('no cluster "red"');
});

test("capacity counts the nodes of the other cluster in the subnet", async () => {
  const { out } = await runCommand(capacity, [folderOf({ "main.tf": clusters }), "--json"]);
  const [first] = JSON.parse(out).clusters;
  expect(first.limits.find(({ kind }: { kind: string }) => kind === "addresses").at.high.used).toBe(124);
});

test("a scenario and a capacity answer are those of the cluster that is named", async () => {
  const scenario = 'start: "08:00"\nuntil: 10m\n';
  const folder = folderOf({ "main.tf": clusters, "scenario.yaml": scenario });
  const play = (...args: readonly string[]) =>
    runCommand(simulate, [folder, "--scenario", join(folder, "scenario.yaml"), "--json", ...args]);
  expect(JSON.parse((await play("--cluster", "aks-green")).out).cluster).toBe(green);
  expect(JSON.parse((await play()).out).cluster).toBe(blue);
  expect(await play("--cluster", "red")).toMatchObject({ code: 1, err: expect.stringContaining("AKS9415") });
  const { out } = await runCommand(capacity, [folder, "--json", "--cluster", green]);
  expect(JSON.parse(out).clusters).toEqual([expect.objectContaining({ cluster: green })]);
});
