import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { configure } from "../../src/commands/graph.ts";
import { deployment } from "../support/objects.ts";
import { runCommand } from "../support/run-command.ts";
import { shop } from "../support/shop.ts";

const allow = (app: string, from: string): string =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: ${app}, namespace: shop }\nspec: { podSelector: { matchLabels: { app: ${app} } }, ingress: [{ from: [{ podSelector: { matchLabels: { app: ${from} } } }], ports: [{ port: 8080 }] }] }\n---\n`;
const workloads = ["web", "cart", "mail", "stock"].map((name) => deployment(name)).join("\n");
const folderOf = (yaml: string, folder = mkdtempSync(join(tmpdir(), "aks-twin-"))): string => {
  mkdirSync(join(folder, "k8s"), { recursive: true });
  const hcl = shop({ network: 'network_plugin = "azure"\n network_policy = "calico"' });
  writeFileSync(join(folder, "main.tf"), hcl);
  writeFileSync(join(folder, "k8s", "all.yaml"), workloads + yaml);
  return folder;
};
const draw = (...args: readonly string[]) => runCommand(configure, args);

test("workloads that policies treat alike are one node", async () => {
  const { out } = await draw(folderOf(`\n${allow("cart", "web")}`), "--reach");
  const { nodes, edges } = JSON.parse(out);
  expect(nodes.map(({ id }: { id: string }) => id)).toEqual([
    "Deployment/shop/cart",
    "Deployment/shop/mail, Deployment/shop/stock",
    "Deployment/shop/web",
  ]);
  const into = edges.filter(({ to }: { to: string }) => to === "Deployment/shop/cart");
  expect(into).toEqual([expect.objectContaining({ from: "Deployment/shop/web", kind: "reaches", label: "TCP 8080" })]);
});

test("with a base only what changes is drawn, each edge with what becomes of it", async () => {
  const base = folderOf(`\n${allow("cart", "web")}`);
  const head = folderOf(`\n${allow("cart", "mail")}`);
  const { out } = await draw(head, "--reach", "--base", base, "--format", "mermaid");
  expect(out).toMatch(/-\.->\|"TCP 8080 #8594; none"\|/);
  expect(out).toMatch(/-->\|"none #8594; TCP 8080"\|/);
  expect(out).toMatch(/linkStyle \d stroke:#15803d/);
  expect(JSON.parse((await draw(head, "--reach", "--base", head)).out)).toEqual({ nodes: [], edges: [] });
  expect((await draw(head, "--reach", "--base", base, "--format", "svg")).out).toContain('class="edge closed"');
  expect((await draw(head, "--reach", "--base", base, "--format", "dot")).out).toContain("style=dashed");
});

test("the base may be a commit", async () => {
  const folder = folderOf(`\n${allow("cart", "web")}`);
  const git = (...args: readonly string[]) =>
    execFileSync("git", ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@b", ...args], { stdio: "pipe" });
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "-m", "a");
  folderOf(`\n${allow("cart", "mail")}`, folder);
  const { edges } = JSON.parse((await draw(folder, "--reach", "--base-ref", "HEAD")).out);
  expect(edges.map(({ from, change }: { from: string; change: string }) => `${from} ${change}`)).toEqual([
    "Deployment/shop/mail opened",
    "Deployment/shop/web closed",
  ]);
});

test("a base without --reach is refused", async () => {
  expect(await draw("samples/online-shop", "--base", "samples/online-shop")).toMatchObject({
    code: 1,
    err: expect.stringContaining("go with --reach"),
  });
});
