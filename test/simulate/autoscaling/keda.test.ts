import { expect, test } from "@jest/globals";
import {
  planScaledObject,
  type ScaledObject,
  type ScaledObjectTrigger,
  steadyScaledObject,
} from "../../../src/simulate/autoscaling/keda.ts";

const scaled = (
  triggers: readonly ScaledObjectTrigger[],
  rest: Partial<ScaledObject["spec"]> = {},
  annotations: Readonly<Record<string, string>> = {},
): ScaledObject => ({
  apiVersion: "keda.sh/v1alpha1",
  kind: "ScaledObject",
  metadata: { name: "orders", namespace: "shop", annotations },
  spec: { scaleTargetRef: { name: "orders" }, triggers, ...rest },
});

const cron: ScaledObjectTrigger = {
  type: "cron",
  metadata: { timezone: "Europe/Berlin", start: "0 8 * * 1-5", end: "0 18 * * 1-5", desiredReplicas: "6" },
};
const cpu: ScaledObjectTrigger = { type: "cpu", metricType: "Utilization", metadata: { value: "50" } };
const queue: ScaledObjectTrigger = { type: "azure-servicebus", metadata: { queueName: "orders", messageCount: "20" } };

const podSpec = { containers: [{ name: "orders", image: "orders", resources: { requests: { cpu: "500m" } } }] };
const target = { replicas: 2, podSpec };
const load = { use: { low: 0.5, high: 0.5 } };

test("the HPA has KEDA's name, bounds and metrics", () => {
  const { hpa } = planScaledObject(scaled([cron, queue, cpu]));
  expect(hpa.metadata).toEqual({ name: "keda-hpa-orders", namespace: "shop" });
  expect(hpa.spec.scaleTargetRef).toEqual({ kind: "Deployment", name: "orders" });
  expect([hpa.spec.minReplicas, hpa.spec.maxReplicas]).toEqual([1, 100]);
  const selector = { matchLabels: { "scaledobject.keda.sh/name": "orders" } };
  expect(hpa.spec.metrics).toEqual([
    { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } },
    {
      type: "External",
      external: {
        metric: { name: "s0-cron-Europe-Berlin-08xx1-5-018xx1-5", selector },
        target: { type: "AverageValue", averageValue: "1" },
      },
    },
    {
      type: "External",
      external: {
        metric: { name: "s1-azure-servicebus-orders", selector },
        target: { type: "AverageValue", averageValue: "20" },
      },
    },
  ]);
});

test("a schedule alone leads to nothing outside of its times and to its replicas within", () => {
  expect(steadyScaledObject(scaled([cron]), target, load)).toMatchObject({ low: 0, high: 6, min: 0, max: 100 });
  const kept = scaled([cron], { minReplicaCount: 2, maxReplicaCount: 4 });
  expect(steadyScaledObject(kept, target, load)).toMatchObject({ low: 2, high: 4, min: 2, max: 4, limited: true });
});

test("an idle count holds while no trigger is active, whatever the minimum", () => {
  const idle = scaled([cron], { minReplicaCount: 2, idleReplicaCount: 0 });
  expect(steadyScaledObject(idle, target, load)).toMatchObject({ low: 0, high: 6, min: 0 });
});

test("CPU alone never rests at 0; it scales as an HPA does", () => {
  const busy = { use: { low: 0.25, high: 2 } };
  expect(steadyScaledObject(scaled([cpu]), target, busy)).toMatchObject({ low: 1, high: 8, min: 1, max: 100 });
});

test("what a queue asks for is not known before it runs", () => {
  const { low, unknownMetrics } = steadyScaledObject(scaled([queue]), target, load);
  expect(low).toBe(0);
  expect(unknownMetrics).toEqual(["s0-azure-servicebus-orders"]);
});

test("a paused ScaledObject stays at its number", () => {
  const paused = scaled([cpu], {}, { "autoscaling.keda.sh/paused-replicas": "3" });
  expect(steadyScaledObject(paused, target, { use: { low: 0, high: 9 } })).toMatchObject({ low: 3, high: 3 });
});
