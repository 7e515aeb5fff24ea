import { expect, test } from "@jest/globals";
import { compare } from "../../src/findings/compare.ts";
import { networkChanges } from "../../src/findings/network-changes.ts";
import { deployment } from "../support/objects.ts";
import { shop } from "../support/shop.ts";
import { worldOf } from "../support/world.ts";

const policy = (name: string, app: string, rules: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: shop }
spec: { podSelector: { matchLabels: { app: ${app} } }, ${rules} }
---
`;
const fromWeb =
  "policyTypes: [Ingress], ingress: [{ from: [{ podSelector: { matchLabels: { app: web } } }], ports: [{ port: 80 }] }]";
const nothing = "policyTypes: [Ingress, Egress]";

const workloads = (...names: readonly string[]): string => names.map((name) => deployment(name)).join("");
const world = (yaml: string, hcl = shop()) => worldOf({ hcl, yaml });
const changed = (before: ReturnType<typeof world>, after: ReturnType<typeof world>) =>
  networkChanges(before, after).map(({ summary }) => summary);

const three = workloads("web", "db", "job");

test("a policy that a change brings is told by the pairs it narrows and closes", () => {
  expect(changed(world(three), world(policy("db", "db", fromWeb) + three))).toEqual([
    "Deployment/shop/job → Deployment/shop/db closed: all → none.",
    "Deployment/shop/web → Deployment/shop/db narrowed: all → TCP 80.",
  ]);
  expect(changed(world(policy("db", "db", fromWeb) + three), world(three))).toEqual([
    "Deployment/shop/job → Deployment/shop/db opened: none → all.",
    "Deployment/shop/web → Deployment/shop/db widened: TCP 80 → all.",
  ]);
});

test("both directions of a pair stand on one line", () => {
  const pair = workloads("db", "web");
  expect(changed(world(pair), world(policy("db", "db", nothing) + pair))).toEqual([
    "Deployment/shop/db ↔ Deployment/shop/web closed: all → none.",
  ]);
});

test("a changed label takes a workload out of a policy", () => {
  const other = three.replaceAll("app: db }", "app: db2 }");
  const policies = policy("db", "db", fromWeb);
  expect(changed(world(policies + three), world(policies + other))).toHaveLength(2);
  expect(changed(world(policies + three), world(policies + three.replaceAll("cpu", "memory")))).toEqual([]);
});

test("another engine is told, and what follows", () => {
  const policies = policy("db", "db", nothing) + workloads("db", "web");
  const without = shop({ network: 'network_plugin = "azure"' });
  expect(changed(world(policies, without), world(policies))).toEqual([
    "Network policies are enforced by azure (nobody before).",
    "Deployment/shop/db ↔ Deployment/shop/web closed: all → none.",
  ]);
  expect(changed(world(policies, without), world(policies + policy("b", "web", nothing), without))).toEqual([]);
});

test("what changes alike for one workload is one line", () => {
  const six = workloads("db", "a", "b", "c", "d", "web");
  expect(changed(world(six), world(policy("db", "db", fromWeb) + six))).toEqual([
    "4 workloads → Deployment/shop/db closed: all → none (Deployment/shop/a, Deployment/shop/b, Deployment/shop/c and 1 more).",
    "Deployment/shop/web → Deployment/shop/db narrowed: all → TCP 80.",
  ]);
});

test("twenty lines at most; the rest is counted, in the summary as well", () => {
  const many = workloads(...Array.from({ length: 30 }, (_, index) => `w${index}`));
  const everyone = policy("none", "w0", nothing).replace("{ matchLabels: { app: w0 } }", "{}");
  const [before, after] = [world(many), world(everyone + many)];
  const lines = changed(before, after);
  expect([lines.length, lines[0], lines.at(-1)]).toEqual([
    20,
    expect.stringMatching(/^Deployment\/shop\/w0 → 29 workloads closed: all → none/),
    "And 319 more connections: 319 closed or narrowed, 0 opened or widened. `aks-twin explain --reach` lists what may pass.",
  ]);
  expect(compare({ world: before, findings: [] }, { world: after, findings: [] }).summary).toBe(
    "870 connections change, 1 resource change.",
  );
});

test("a thousand workloads and one policy take no time", () => {
  const many = world(workloads(...Array.from({ length: 1000 }, (_, index) => `w${index}`)));
  const more = { ...many, objects: [...many.objects, ...world(policy("db", "w1", fromWeb)).objects] };
  expect(networkChanges(many, more).map(({ count }) => count)).toEqual([999]);
  expect(networkChanges(many, many)).toEqual([]);
});
