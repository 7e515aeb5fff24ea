import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { configure } from "../../src/commands/review.ts";
import { runCommand } from "../support/run-command.ts";
import { shop } from "../support/shop.ts";

/** What a review of the second configuration against the first says of the change. */
const changes = async (base: readonly Files[], head: readonly Files[]) => {
  const root = mkdtempSync(join(tmpdir(), "aks-twin-"));
  for (const [folder, files] of [
    ["base", base],
    ["head", head],
  ] as const)
    for (const [path, text] of files) {
      mkdirSync(join(root, folder, path, ".."), { recursive: true });
      writeFileSync(join(root, folder, path), text);
    }
  const { out } = await runCommand(configure, ["head", "--base", "base", "--format", "json"], { cwd: root });
  return JSON.parse(out).changes;
};

type Files = readonly [path: string, text: string];

const moved = (from: string, to: string): string => `moved {\n from = ${from}\n to = ${to}\n}\n`;
const called = (name: string): string => `module "${name}" {\n source = "./aks"\n}\n`;
const renamed = shop().replaceAll(/azurerm_kubernetes_cluster\.\w+/gu, "azurerm_kubernetes_cluster.other");
const cluster = /resource "azurerm_kubernetes_cluster" "(\w+)"/u;
const name = cluster.exec(shop())?.[1] ?? "";
const other = renamed.replace(cluster, 'resource "azurerm_kubernetes_cluster" "other"');
const pool = /resource "azurerm_kubernetes_cluster_node_pool" "(\w+)" \{/u;
const poolName = pool.exec(shop())?.[1] ?? "";

const rows: readonly (readonly [name: string, base: readonly Files[], head: readonly Files[]])[] = [
  [
    "a cluster that has another name in Terraform",
    [["main.tf", shop()]],
    [["main.tf", `${other}${moved(`azurerm_kubernetes_cluster.${name}`, "azurerm_kubernetes_cluster.other")}`]],
  ],
  [
    "a module call that has another name",
    [
      ["main.tf", called("aks")],
      ["aks/main.tf", shop()],
    ],
    [
      ["main.tf", `${called("cluster")}${moved("module.aks", "module.cluster")}`],
      ["aks/main.tf", shop()],
    ],
  ],
  [
    "a pool that has a count now",
    [["main.tf", shop()]],
    [["main.tf", shop().replace(pool, (line) => `${line}\n  count = 1`)]],
  ],
];

test.each(rows)("nothing changes: %s", async (_, base, head) => {
  expect(await changes(base, head)).toMatchObject({ nothingChanged: true, behaviour: [] });
});

test("without a moved block the same is another pool", async () => {
  const head = shop().replace(pool, 'resource "azurerm_kubernetes_cluster_node_pool" "other" {');
  const { nothingChanged } = await changes([["main.tf", shop()]], [["main.tf", head]]);
  expect([poolName === "", nothingChanged]).toEqual([false, false]);
});
