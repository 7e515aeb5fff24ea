import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { parse } from "yaml";
import { policyTables, tableMarks } from "../../scripts/update-policies-doc.ts";
import { loadCel } from "../../src/cluster/cel.ts";
import { checkPolicies } from "../../src/findings/policies.ts";
import { readPolicies } from "../../src/load/configuration-policies.ts";
import { predictWorld } from "../../src/pipeline.ts";
import { readPlatform } from "../../src/read-platform.ts";
import { range } from "../support/report.ts";
import { sampleInput } from "../support/samples.ts";

const doc = readFileSync("docs/policies.md", "utf8");

test("docs/policies.md says what the schema says (npx tsx scripts/update-policies-doc.ts)", () => {
  expect(doc.slice(doc.indexOf(tableMarks[0]), doc.indexOf(tableMarks[1]))).toBe(
    `${tableMarks[0]}\n\n${policyTables()}\n\n`,
  );
});

test("the policies of the page can be asked of the sample", async () => {
  const text = /```yaml\n([\s\S]*?)```/.exec(doc)?.[1] ?? "";
  const wrong: string[] = [];
  const policies = readPolicies(
    parse(text).policies,
    () => range("aks-twin.yaml", 1),
    (path) => void wrong.push(path.join(".")),
  );
  expect([wrong, policies.length]).toEqual([[], 4]);
  const { value } = predictWorld(readPlatform(sampleInput("samples/online-shop")));
  const found = checkPolicies(policies, value, await loadCel());
  expect(found.filter(({ code }) => code.startsWith("AKS"))).toEqual([]);
  expect(found.map(({ code, subject }) => `${code} ${subject ?? ""}`)).toEqual([
    'ORG001 azurerm_kubernetes_cluster_node_pool.pool["spot"]',
  ]);
});
