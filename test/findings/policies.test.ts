import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import { loadCel } from "../../src/cluster/cel.ts";
import { checkPolicies } from "../../src/findings/policies.ts";
import { policyModel } from "../../src/findings/policy-model.ts";
import { runRules } from "../../src/findings/run-rules.ts";
import type { Policy } from "../../src/load/configuration-policies.ts";
import { predictWorld } from "../../src/pipeline.ts";
import { readPlatform } from "../../src/read-platform.ts";
import { poolPrediction, prediction, subnetPrediction } from "../support/prediction.ts";
import { range } from "../support/report.ts";
import { sampleInput } from "../support/samples.ts";
import { worldOf } from "../support/world.ts";

const cel = await loadCel();

const world = worldOf({
  hcl: `resource "azurerm_subnet" "nodes" {
  name = "nodes"
}`,
  yaml: `apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop, labels: { tier: front } }
spec: { type: LoadBalancer, ports: [{ port: 443 }] }
`,
  lenient: true,
  predictions: [
    prediction({
      pools: [
        poolPrediction("user"),
        poolPrediction("spot", { nodes: { initial: 0, predicted: { low: 0, high: 0 } } }),
      ],
      subnets: [subnetPrediction("nodes", { used: 251, free: 0 })],
      services: [
        { service: "shop/web", internal: false, addresses: [], state: "served", message: "", rules: 1, probes: 1 },
      ],
    }),
  ],
});

const policy = (expression: string, parts: Partial<Policy> = {}): Policy => ({
  code: "ORG001",
  title: "Ours",
  severity: "warning",
  expression,
  message: undefined,
  each: undefined,
  range: range("aks-twin.yaml", 7),
  ...parts,
});
const check = (expression: string, parts: Partial<Policy> = {}) =>
  checkPolicies([policy(expression, parts)], world, cel);

test.each([
  ["pools.all(p, p.predicted.cpuUse < 0.8)", true],
  ["pools.all(p, p.predicted.cpuUse < 0.5)", false],
  ["services.filter(s, s.publicIp).size() == 0", false],
  ["services.all(s, s.ports.all(port, port == 443))", true],
  ["services.exists(s, s.labels.tier == 'front')", true],
  ["pools.all(p, p.max <= 10 && p.zones.size() == 3)", true],
  // A share stays a double where it comes to a whole number.
  ["subnets.all(s, s.use * 2.0 == 2.0)", true],
  ["pools.filter(p, p.name == 'spot').all(p, p.predicted.cpuUse == 0.0)", true],
  ["clusters.map(c, c.address)[0].endsWith('main')", true],
])("%s", (expression, holds) => {
  expect(check(expression).map(({ code }) => code)).toEqual(holds ? [] : ["ORG001"]);
});

test("a policy that does not hold is a finding with its own words, at the expression", () => {
  expect(check("subnets.all(s, s.free > 0)", { message: "Widen the subnet." })).toEqual([
    {
      code: "ORG001",
      severity: "warning",
      summary: "Ours",
      detail: 'The policy "subnets.all(s, s.free > 0)" does not hold. Widen the subnet.',
      range: range("aks-twin.yaml", 7),
      related: [],
      evidence: {},
    },
  ]);
});

test("with each, every item that fails is a finding about it, where it stands", () => {
  const [finding, ...rest] = check("item.free > 0", { each: "subnets" });
  expect(rest).toEqual([]);
  expect([finding?.subject, finding?.range?.file, finding?.range?.start.line]).toEqual([
    "azurerm_subnet.nodes",
    "main.tf",
    1,
  ]);
  expect(finding?.related).toEqual([{ message: "the policy", range: range("aks-twin.yaml", 7) }]);
});

test.each([
  ["pools.all(p, ", /Unexpected token/],
  ["nope.size() == 0", /Unknown variable: nope/],
  ["pools.all(p, p.predicted.cpu < 1.0)", /No such key: cpu/],
  ["pools.size()", /it gives an int where true or false is wanted/],
])("an expression that is wrong is told at its place: %s", (expression, words) => {
  const found = check(expression);
  expect(found.map(({ code, severity, range: place }) => [code, severity, place?.start.line])).toEqual([
    ["AKS9408", "error", 7],
  ]);
  expect(found[0]?.detail).toMatch(words);
  expect(found[0]?.detail).not.toContain("\n");
});

test("a list that is not there, and a missing evaluator, are told", () => {
  expect(check("true", { each: "pods" })[0]?.detail).toMatch(/no list "pods".*clusters, pools/);
  expect(check("true", { each: "constructor" })[0]?.code).toBe("AKS9408");
  expect(checkPolicies([policy("true")], world, undefined).map(({ code }) => code)).toEqual(["AKS9409"]);
});

test("findings of policies are suppressed like others", () => {
  const found = check("item.free > 0", { each: "subnets" });
  const text = '# aks-twin:ignore ORG001 wider in March\nresource "azurerm_subnet" "nodes" {';
  const lines = text.split("\n");
  const moved = found.map((one) => ({ ...one, range: range("main.tf", 2) }));
  const [finding] = runRules(world, moved, { textOf: () => lines.join("\n") }, []);
  expect(finding?.suppressed?.reason).toBe("wider in March");
  const ignore = [{ code: "ORG001", subject: "azurerm_subnet.*", reason: "known" }];
  expect(runRules(world, found, { ignore }, [])[0]?.suppressed?.reason).toBe("known");
});

test("the model of the sample is as its schema says, and every list has something in it", () => {
  const { value } = predictWorld(readPlatform(sampleInput("samples/online-shop")));
  const model = policyModel(value);
  const schema = JSON.parse(readFileSync("schemas/policy-model.schema.json", "utf8"));
  const validate = new Ajv2020().compile(schema);
  validate(JSON.parse(JSON.stringify(model)));
  expect(validate.errors ?? []).toEqual([]);
  expect(Object.keys(schema.properties)).toEqual(Object.keys(model));
  const configuration = JSON.parse(readFileSync("schemas/aks-twin.schema.json", "utf8"));
  expect(configuration.properties.policies.items.properties.each.enum).toEqual(Object.keys(model));
  expect(Object.keys(model).filter((name) => model[name]?.length === 0)).toEqual(["pending"]);
});
