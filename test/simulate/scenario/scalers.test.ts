import { expect, test } from "@jest/globals";
import { shop } from "../../support/shop.ts";
import { playText, sideFrom } from "./scenario-support.ts";

const HOUR = 3_600_000;

const worker = (triggers: string, spec = "") => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: orders }
spec:
  replicas: 1
  selector: { matchLabels: { app: orders } }
  template:
    metadata: { labels: { app: orders } }
    spec: { containers: [{ name: main, image: "orders:1", resources: { requests: { cpu: 200m, memory: 64Mi } } }] }
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: { name: orders }
spec:
  scaleTargetRef: { name: orders }
  ${spec}
  triggers:
${triggers}
`;
const cron = `  - type: cron
    metadata: { timezone: Etc/UTC, start: "0 8 * * *", end: "0 18 * * *", desiredReplicas: "6" }`;
const queue = `  - type: azure-servicebus
    metadata: { queueName: orders, messageCount: "20", activationMessageCount: "5" }`;
const hcl = shop({ user: 'vm_size = "Standard_D4s_v5"\n node_count = 2' });

const replicas = (yaml: string, text: string) => {
  const result = playText(text, sideFrom(hcl, yaml));
  const at = (hours: number): number | undefined =>
    result.samples.replicas["Deployment/default/orders"]?.[result.samples.at.indexOf(hours * HOUR)];
  return { result, at };
};

test("a cron trigger holds its replicas from start to end by the clock, and rests outside", () => {
  const { at, result } = replicas(worker(cron, "minReplicaCount: 0"), 'start: "06:00"\nuntil: 16h\nsample: 1h');
  // 07:00, 09:00, 17:00; after the end the cooldown of 5 min and the HPA's window of 5 min.
  expect([at(1), at(3), at(11), at(13)]).toEqual([0, 6, 6, 0]);
  expect(result.events.filter(({ kind }) => kind === "keda").map(({ text }) => text)).toContain(
    "0 → 1 replicas: a trigger is active",
  );
});

test("a cron trigger in a zone of its own starts by that zone's time", () => {
  const berlin = worker(cron.replace("Etc/UTC", "Europe/Berlin"), "minReplicaCount: 0");
  const { at } = replicas(berlin, 'date: "2026-07-01"\nstart: "05:00"\nuntil: 6h\nsample: 30m');
  expect([at(0.5), at(1.5)]).toEqual([0, 6]);
});

test("a queue's length drives the HPA by its target, and the workload rests at 0 below the activation", () => {
  const { at } = replicas(
    worker(queue),
    `until: 6h
sample: 30m
metrics: { ScaledObject/default/orders: { azure-servicebus: { spike: { base: 3, height: 150, at: 2h, for: 1h } } } }`,
  );
  // 150 ÷ 20 = 7.5 → 8; 3 messages are not more than 5: at rest.
  expect([at(1), at(2.5), at(5)]).toEqual([0, 8, 0]);
});

test("from a full queue to served is told with the metric and the time it took", () => {
  const { result } = replicas(
    worker(queue, "minReplicaCount: 1"),
    `until: 3h
metrics: { ScaledObject/default/orders: { azure-servicebus: { spike: { base: 3, height: 150, at: 1h, for: 1h } } } }`,
  );
  expect(result.shortfalls).toHaveLength(1);
  expect(result.shortfalls[0]).toMatchObject({ since: HOUR, from: 1, to: 7, worstPercent: 750 });
  expect(result.shortfalls[0]?.metric).toContain("azure-servicebus");
  // The HPA looks every 15 s, adds four at first, then doubles; each pod needs 2 s and on a node without the image 10 s more.
  expect((result.shortfalls[0]?.until ?? 0) - HOUR).toBeLessThan(60_000);
});

test("a trigger that nobody gives values for is taken as just met, and said so", () => {
  const { at, result } = replicas(worker(queue), "until: 2h\nsample: 30m");
  expect(at(1)).toBe(1);
  expect(result.assumptions.find(({ key }) => key === "scenarioMetrics")?.text).toContain("azure-servicebus-orders");
});

test("a paused ScaledObject holds its replicas", () => {
  const paused = worker(cron).replace(
    "kind: ScaledObject\nmetadata: { name: orders }",
    'kind: ScaledObject\nmetadata: { name: orders, annotations: { autoscaling.keda.sh/paused-replicas: "4" } }',
  );
  expect(replicas(paused, "until: 2h\nsample: 30m").at(1)).toBe(4);
});

test("an HPA's external metric follows the scenario's values", () => {
  const yaml = `${worker(cron).split("---")[0]}---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: orders }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: orders }
  maxReplicas: 10
  metrics: [{ type: External, external: { metric: { name: backlog }, target: { type: AverageValue, averageValue: "30" } } }]
`;
  const text = "until: 2h\nsample: 30m\nmetrics: { HorizontalPodAutoscaler/default/orders: { backlog: 140 } }";
  expect(replicas(yaml, text).at(1)).toBe(5);
});
