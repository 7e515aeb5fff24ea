import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { evaluateTerraform } from "../src/evaluate/evaluate.ts";
import { openSourceTree } from "../src/load/source-tree.ts";

/**
 * Evaluates generated configurations and, where a folder is given, that one: `npm run bench -- evaluate [DIR [ROOT]]`.
 * Where `terraform` is on PATH and the folder is initialised, its plan stands beside.
 */
export const run = (args: readonly string[]): void => {
  const [directory, root] = args;
  if (directory !== undefined) {
    measureDirectory(directory, root ?? directory);
    return;
  }
  const counts = [1_000, 2_000, 5_000, 10_000, 20_000];
  const times = counts.map((count) =>
    measure(`${count} instances of azurerm_public_ip`, { "main.tf": manyInstances(count) }, count),
  );
  const [first, last] = [times[0] ?? 1, times.at(-1) ?? 1];
  const slope = Math.log(last / first) / Math.log(20);
  process.stdout.write(`log-log slope from 1,000 to 20,000 instances: ${slope.toFixed(2)}\n`);
  const lines = manyBlocks(5_000);
  measure(`${lines.split("\n").length} lines of HCL, 5,000 resources`, { "main.tf": lines }, 5_000);
  measure("2,000 instances of a module", moduleCalls(2_000), 4_000);
  measure("a chain of 10,000 local values", { "main.tf": chain(10_000) }, 0);
};

const measure = (name: string, files: Readonly<Record<string, string>>, expected: number): number => {
  const folder = mkdtempSync(join(tmpdir(), "aks-twin-bench-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return timed(name, folder, "", expected);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** The best of three, in milliseconds. */
const timed = (name: string, root: string, directory: string, expected: number | undefined): number => {
  const tree = openSourceTree(root);
  if (tree === undefined) throw new Error(`no folder ${root}`);
  let best = Number.POSITIVE_INFINITY;
  let found = 0;
  for (let round = 0; round < 3; round++) {
    const start = performance.now();
    const { value } = evaluateTerraform({ tree, directory });
    best = Math.min(best, performance.now() - start);
    found = value.instances.length;
  }
  if (expected !== undefined && found < expected) throw new Error(`${name}: ${found} instances instead of ${expected}`);
  process.stdout.write(`${name}: ${best.toFixed(0)} ms, ${found} instances\n`);
  return best;
};

const measureDirectory = (directory: string, root: string): void => {
  const tree = openSourceTree(root);
  const below = openSourceTree(directory);
  if (tree === undefined || below === undefined) throw new Error(`no folder ${directory}`);
  const ours = timed(directory, root, tree.shownPath(below.root) ?? "", undefined);
  const start = performance.now();
  const plan = spawnSync("terraform", ["plan", "-input=false", "-lock=false"], { cwd: directory });
  if (plan.status !== 0) {
    process.stdout.write("terraform plan: not on PATH, or the folder is not initialised\n");
    return;
  }
  const theirs = performance.now() - start;
  process.stdout.write(`terraform plan: ${theirs.toFixed(0)} ms, ${(theirs / ours).toFixed(0)} times as long\n`);
};

const provider = `terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "~> 4.0" }
  }
}
provider "azurerm" {
  features {}
}
`;

const manyInstances = (count: number): string => `${provider}
resource "azurerm_resource_group" "rg" {
  name     = "rg"
  location = "westeurope"
}
resource "azurerm_public_ip" "ip" {
  count               = ${count}
  name                = "ip-\${count.index}"
  location            = azurerm_resource_group.rg.location
  resource_group_name = azurerm_resource_group.rg.name
  allocation_method   = "Static"
  tags                = { group = azurerm_resource_group.rg.id }
}
output "ids" { value = azurerm_public_ip.ip[*].id }
`;

const manyBlocks = (count: number): string =>
  `${Array.from(
    { length: count },
    (_, index) => `resource "terraform_data" "r${index}" {
  input = {
    name  = "x${index}"
    zones = [1, 2, 3]
    size  = var.size
    inner = {
      enabled = true
    }
  }
}
`,
  ).join("")}variable "size" { default = 5 }\n`;

const moduleCalls = (count: number): Readonly<Record<string, string>> => ({
  "main.tf": `module "m" {
  source = "./m"
  count  = ${count}
  number = count.index
}
output "all" { value = module.m[*].name }
`,
  "m/main.tf": `variable "number" { type = number }
resource "terraform_data" "a" { input = var.number }
resource "terraform_data" "b" { input = terraform_data.a.id }
output "name" { value = "m-\${var.number}" }
`,
});

const chain = (length: number): string =>
  `locals {\n  l0 = 1\n${Array.from({ length: length - 1 }, (_, index) => `  l${index + 1} = local.l${index} + 1\n`).join("")}}\n`;
