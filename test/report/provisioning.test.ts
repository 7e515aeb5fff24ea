import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import { htmlReport } from "../../src/report/html.ts";
import { jsonReport } from "../../src/report/json.ts";
import { markdownReport } from "../../src/report/markdown.ts";
import { textReport } from "../../src/report/text.ts";
import type { NodeProvisioningPrediction, ProvisionedNodesPrediction } from "../../src/simulate/prediction.ts";
import { prediction } from "../support/prediction.ts";
import { report } from "../support/report.ts";

const row = (parts: Partial<ProvisionedNodesPrediction> = {}): ProvisionedNodesPrediction => ({
  nodePool: "default",
  nodes: 2,
  pods: 9,
  size: "Standard_D2as_v5",
  basis: "assumed",
  doubts: [],
  fitting: { sizes: 40, first: ["Standard_D2as_v5"], smallest: "Standard_D2as_v5", largest: "Standard_D96as_v5" },
  capacityType: "on-demand",
  zones: ["westeurope-1", "westeurope-2"],
  pricePerHour: undefined,
  currency: "",
  ...parts,
});

const provisioning = (parts: Partial<NodeProvisioningPrediction> = {}): NodeProvisioningPrediction => ({
  model: "first model, after X",
  region: "westeurope",
  priced: false,
  nodePools: [
    {
      name: "default",
      isDefault: true,
      weight: 0,
      nodeClass: "default",
      sizes: 300,
      unusable: "",
      excludedBy: [],
      limits: { cpu: 8000 },
      nodes: { low: 1, high: 2 },
    },
  ],
  nodes: [row()],
  unserved: [],
  ...parts,
});

const of = (parts: Partial<NodeProvisioningPrediction> = {}) =>
  report({ after: [prediction({ nodeProvisioning: provisioning(parts) })] });

const lines = (parts: Partial<NodeProvisioningPrediction> = {}): string =>
  textReport(of(parts), { width: 1000 })
    .split("\n\n")
    .filter((part) => part.startsWith("Node auto-provisioning"))
    .join("");

test("every format says that it is a first model", () => {
  for (const format of [textReport, markdownReport, htmlReport, jsonReport])
    expect(format(of(), { width: 1000 })).toContain("first model, after X");
});

test.each<[string, Partial<NodeProvisioningPrediction>, string]>([
  [
    "a size that no price decides",
    {},
    `NodePool "default": 2 nodes with 9 pods, on-demand, any of zones westeurope-1, westeurope-2; size unknown, because no prices were given: Standard_D2as_v5 stands in (40 sizes fit, Standard_D2as_v5 to Standard_D96as_v5)`,
  ],
  [
    "the cheapest size",
    { priced: true, nodes: [row({ basis: "price", pricePerHour: 0.08, currency: "USD", zones: ["0"] })] },
    `NodePool "default": 2 nodes with 9 pods, on-demand, in no zone; Standard_D2as_v5, the cheapest by the prices given, 0.08 USD an hour each (40 sizes fit, Standard_D2as_v5 to Standard_D96as_v5)`,
  ],
  [
    "the cheapest with a doubt",
    { priced: true, nodes: [row({ basis: "price", pricePerHour: 0.08, currency: "USD", doubts: ["a"] })] },
    "perhaps the cheapest by the prices given",
  ],
  ["a range over the loads", {}, `NodePool "default": 1 to 2 nodes between the lowest and the highest load`],
  ["nothing to do", { nodes: [], nodePools: [] }, "no pod waits for a node of its making"],
  [
    "pods that are not served",
    {
      unserved: [
        {
          owner: "Deployment/shop/web",
          pods: 3,
          certain: true,
          reasons: [{ nodePool: "default", cause: "label", text: 'label "team" is not known there' }],
        },
      ],
    },
    `Deployment/shop/web: 3 pods not served: NodePool "default": label "team" is not known there`,
  ],
])("%s", (_, parts, expected) => {
  expect(lines(parts)).toContain(expected);
});

test("a cluster without it has no such section, in no format", () => {
  for (const format of [textReport, markdownReport, htmlReport, jsonReport])
    expect(format(report({ after: [prediction()] }))).not.toMatch(/auto-provisioning|nodeProvisioning/);
});

test("the JSON form keeps to the schema", () => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  const validate = ajv.compile(JSON.parse(readFileSync("schemas/review.schema.json", "utf8")));
  validate(JSON.parse(jsonReport(of({ nodes: [row({ basis: "price", pricePerHour: 1 })] }))));
  expect(validate.errors ?? []).toEqual([]);
});
