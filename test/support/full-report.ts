import type { Changes } from "../../src/findings/changes.ts";
import type { MonitoringPicture } from "../../src/findings/monitoring/picture.ts";
import { bytes } from "../../src/model/quantity.ts";
import type { Report } from "../../src/report/report.ts";
import { pendingPod, poolPrediction, prediction, subnetPrediction } from "./prediction.ts";
import { finding, range, report } from "./report.ts";

const world = prediction({
  pools: [poolPrediction("user", { nodes: { initial: 3, predicted: { low: 3, high: 5 } }, max: 5, autoscaling: true })],
  nodes: [
    {
      name: "aks-user-12345678-vmss000000",
      pool: "user",
      zone: "westeurope-1",
      ip: "10.1.0.4",
      allocatable: poolPrediction("user").allocatable,
      requested: poolPrediction("user").requested,
    },
  ],
  subnets: [
    subnetPrediction("nodes", {
      free: -12,
      reserved: 163,
      parts: [{ what: 'nodes of pool "user"', used: 100, reserved: 163 }],
    }),
  ],
  loadBalancers: [
    {
      name: "kubernetes",
      internal: false,
      frontends: [{ name: "a1", ip: undefined, services: ["Service/shop/web"] }],
      rules: 1,
      probes: 1,
      snatPortsPerNode: undefined,
    },
  ],
  publicIps: [{ name: "out", purpose: "outbound", owner: "kubernetes", managed: true }],
  volumes: [
    {
      claim: "PersistentVolumeClaim/shop/data",
      storageClass: "managed-csi",
      kind: "disk",
      zone: undefined,
      sizeBytes: bytes(2 ** 30),
      boundTo: undefined,
      state: "bound",
      message: "",
    },
  ],
  pending: [pendingPod("Pod/shop/cart-a"), pendingPod("Pod/shop/cart-b")],
  placements: [
    { pod: "Pod/shop/web-a", owner: "Deployment/shop/web", node: "aks-user-12345678-vmss000000", pool: "user" },
  ],
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
  assumptions: [
    { key: "load.high", text: "Load reaches 80 % of requests.", override: "load.high", certainty: "likely" },
  ],
});

export const changes: Changes = {
  summary: "1 new finding, 1 fixed; 2 pods more stay Pending.",
  nothingChanged: false,
  findings: {
    new: [finding("AKS1001", { status: "new" })],
    fixed: [finding("AKS4001", { subject: "PersistentVolumeClaim/shop/old" })],
    unchanged: 2,
  },
  behaviour: [
    {
      area: "pods",
      subject: "Deployment/shop/cart",
      summary: "2 more pods of Deployment/shop/cart stay Pending (0 before).",
      before: 0,
      after: 2,
      worse: true,
    },
  ],
};

const monitored = (text: string): readonly MonitoringPicture[] => [
  {
    cluster: text,
    data: [
      {
        what: text,
        state: "collected",
        by: text,
        to: [{ kind: "Log Analytics workspace", name: text }],
        parts: [text],
        note: text,
      },
      { what: "Prometheus metrics", state: "not collected", by: "", to: [], parts: [], note: text },
    ],
    alerts: [{ alert: text, kind: "metric", watches: text, state: "tells", tells: [text], note: text }],
    dashboards: [{ grafana: text, reads: [text] }],
  },
];

/** A report in which every part of the form is filled. */
export const fullReport = (): Report =>
  report({
    root: "samples/shop",
    after: [world],
    before: [prediction()],
    during: [world],
    changes,
    monitoring: monitored("azurerm_kubernetes_cluster.shop"),
    findings: [
      finding("AKS1001", { status: "new", related: [{ message: "the pool", range: range("main.tf", 40) }] }),
      finding("AKS6003", {
        severity: "warning",
        summary: "Disruption budget leaves no pod to evict",
        subject: "PodDisruptionBudget/shop/cart",
        range: range("k8s/cart.yaml", 7),
        status: "unchanged",
      }),
      finding("AKS4001", {
        suppressed: { reason: "made by hand", range: range("k8s/a.yaml", 3) },
        status: "unchanged",
      }),
    ],
  });

/** Text that each format must render harmless. */
export const hostile =
  "</td><script>alert(1)</script> ]]> `code` | ::error::x ##vso[task.setvariable]y \u001b[31m \u202e @team #1 [a](http://b) ![i](x) \r\n=cmd()";

export const hostileReport = (): Report =>
  report({
    root: hostile,
    monitoring: monitored(hostile),
    after: [
      prediction({
        pools: [poolPrediction(hostile)],
        subnets: [subnetPrediction(hostile)],
        pending: [pendingPod(hostile, { owner: hostile, message: hostile, fixableBy: hostile })],
        assumptions: [{ key: hostile, text: hostile, override: hostile, certainty: "likely" }],
      }),
    ],
    findings: [
      finding("AKS1001", { summary: hostile, detail: hostile, subject: hostile, range: range(`a b/${hostile}`, 1) }),
      finding("AKS1002", { detail: hostile, suppressed: { reason: hostile, range: undefined } }),
    ],
  });
