import { expect, test } from "@jest/globals";
import { textReport } from "../../src/report/text.ts";
import { fullReport } from "../support/full-report.ts";
import { pendingPod, poolPrediction, prediction, subnetPrediction } from "../support/prediction.ts";
import { finding, report } from "../support/report.ts";

const full = report({
  root: "samples/shop",
  after: [
    prediction({
      pools: [
        poolPrediction("user", { nodes: { initial: 3, predicted: { low: 3, high: 5 } }, max: 5, autoscaling: true }),
      ],
      subnets: [subnetPrediction("nodes", { free: -12, reserved: 163 })],
      pending: [pendingPod("Pod/shop/cart-a"), pendingPod("Pod/shop/cart-b")],
      autoscaling: [
        {
          subject: "HorizontalPodAutoscaler/shop/cart",
          kind: "hpa",
          from: 2,
          to: { low: 2, high: 8 },
          min: 2,
          max: 8,
          limited: true,
          reason: "cpu at 90 % of a target of 60 %",
        },
      ],
      loadBalancers: [
        {
          name: "kubernetes",
          internal: false,
          frontends: [
            { name: "outbound", ip: undefined, services: [] },
            { name: "a1", ip: "20.1.2.3", services: ["Service/shop/web"] },
          ],
          rules: 2,
          probes: 2,
          snatPortsPerNode: 1024,
        },
      ],
      publicIps: [{ name: "out", purpose: "outbound", owner: "kubernetes", managed: true }],
      assumptions: [
        {
          key: "load.high",
          text: "Load reaches 80 % of requests.",
          override: "load.high in aks-twin.yaml",
          certainty: "likely",
        },
      ],
    }),
  ],
  findings: [finding("AKS1001")],
});

test("the verdict is the first line and names errors and Pending pods", () => {
  expect(textReport(full).split("\n")[0]).toBe("Will not work as written: 1 error; 2 of 2 pods stay Pending.");
});

test("a small platform fits on two screens of 50 lines and 100 columns", () => {
  const lines = textReport(full).split("\n");
  expect(lines.length).toBeLessThan(60);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(110);
});

test("every part of the prediction is shown", () => {
  expect(textReport(full)).toMatchInlineSnapshot(`
"Will not work as written: 1 error; 2 of 2 pods stay Pending.
  - Subnet "nodes" is too small: 124 addresses are needed, 123 are usable.
samples/shop: 1 cluster, 1 pool, 5 nodes, 40 pods

Node pools (nodes and use as predicted, requests of allocatable)
  pool  mode  size             zones  now  min  max  nodes   CPU  memory    pods  disks
  user  User  Standard_D4s_v5  1,2,3    3    3    5    3–5  30 %    30 %  40/550   2/40

Addresses (reserved: to reach max_count, and for upgrade surge)
  subnet  prefix       usable  used  reserved  free
  nodes   10.1.0.0/24     251   100       163   -12  does not fit

Load balancers and public IPs
  kubernetes: 2 frontends, 2 rules, 1024 SNAT ports a node: new IP (egress), 20.1.2.3
  (Service/shop/web)
  1 public IP: out (outbound)

Stays Pending
  - Deployment/shop/cart: 2 pods: 0/3 nodes are available: 3 Insufficient cpu.
      mend: max_count of pool "user" from 3 to 5

Autoscalers
  HorizontalPodAutoscaler/shop/cart: 2 → 2–8 (2..8) at its limit
      cpu at 90 % of a target of 60 %

Findings
  error   AKS1001 main.tf:12:3 Subnet too small
          azurerm_subnet.nodes: Subnet "nodes" is too small: 124 addresses are needed, 123 are
          usable. Use a /24.

Assumptions the verdict rests on
  - Load reaches 80 % of requests. (say otherwise: load.high in aks-twin.yaml)
"
`);
});

test("terminal controls and bidi marks of the input come out visible", () => {
  const hostile = report({
    findings: [finding("AKS1001", { detail: "a\u001b[31mred\u202etxt\r\nb", subject: "x\u0007" })],
  });
  const text = textReport(hostile);
  expect(text).toContain("a\\u001b[31mred\\u202etxt b");
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
});

test("what is monitored is told when asked for", () => {
  expect(textReport(fullReport())).not.toContain("Monitoring of");
  const text = textReport(fullReport(), { verbose: true, width: 300 });
  expect(text).toContain("Monitoring of azurerm_kubernetes_cluster.shop\n  - azurerm_kubernetes_cluster.shop (");
  expect(text).toContain("  - Prometheus metrics: not collected: azurerm_kubernetes_cluster.shop\n");
  expect(text).toContain("  - alert azurerm_kubernetes_cluster.shop (azurerm_kubernetes_cluster.shop) tells ");
});
