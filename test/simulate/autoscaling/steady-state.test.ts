import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { HorizontalPodAutoscaler } from "../../../src/kubernetes/workloads.ts";
import { steadyReplicas } from "../../../src/simulate/autoscaling/steady-state.ts";

type Spec = HorizontalPodAutoscaler["spec"];

const hpa = (more: Partial<Spec>): HorizontalPodAutoscaler => ({
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "web", namespace: "default" },
  spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" }, maxReplicas: 10, ...more },
});

const cpu = (averageUtilization: number): Partial<Spec> => ({
  metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization } } }],
});

const queue: Partial<Spec> = {
  metrics: [
    { type: "External", external: { metric: { name: "queue" }, target: { type: "AverageValue", averageValue: "30" } } },
  ],
};

const podSpec = { containers: [{ name: "app", resources: { requests: { cpu: "500m", memory: "1Gi" } } }] };

test.each([
  // 3 pods at 90 % against 50 %: 270 / 50 = 5.4; at 10 %: 0.6.
  ["follows the load", cpu(50), 3, { low: 0.1, high: 0.9 }, { low: 1, high: 6, limited: false }],
  // 3 pods at 300 %: 900 / 50 = 18.
  ["stops at maxReplicas", cpu(50), 3, { low: 0.5, high: 3 }, { low: 3, high: 10, limited: true }],
  ["does not go below minReplicas", { ...cpu(70), minReplicas: 2 }, 2, { low: 0.2, high: 0.6 }, { low: 2, high: 2 }],
  // 55 % against 50 % is inside the tolerance.
  ["stays within the tolerance", cpu(50), 4, { low: 0.5, high: 0.55 }, { low: 4, high: 4 }],
  ["takes a target of 0 replicas for switched off", cpu(50), 0, { low: 0.5, high: 5 }, { low: 0, high: 0 }],
  ["is set to its bounds at once", { ...cpu(50), minReplicas: 4 }, 2, { low: 0.1, high: 0.1 }, { low: 4, high: 4 }],
  ["leaves an unknown metric alone", queue, 3, { low: 0.1, high: 9 }, { low: 3, high: 3, unknownMetrics: ["queue"] }],
])("an HPA %s", (_, spec, replicas, use, expected) => {
  expect(steadyReplicas(hpa(spec), { replicas, podSpec }, { use })).toMatchObject(expected);
});

test("a metric that is given counts as a share of its target", () => {
  const load = { use: { low: 0, high: 0 }, metrics: new Map([["queue", { low: 0.5, high: 2 }]]) };
  expect(steadyReplicas(hpa(queue), { replicas: 3, podSpec }, load)).toMatchObject({
    low: 2,
    high: 6,
    unknownMetrics: [],
  });
});

test.each([
  [cpu(50), 3, "cpu at 90 % of requests, target 50 %: wants 18 replicas, maxReplicas is 10"],
  [cpu(300), 3, "cpu at 300 % of requests, target 300 % at 3 replicas"],
  [cpu(900), 3, "cpu at 900 % of requests, target 900 %: falls to minReplicas 1"],
  [{ ...queue }, 3, "queue at 100 % of its target at 3 replicas; queue not known before it runs, taken as just met"],
])("the reason has the numbers: %j", (spec, replicas, reason) => {
  const settled = steadyReplicas(hpa(spec), { replicas, podSpec }, { use: { low: 3, high: 3 } });
  expect(settled.reason).toBe(reason);
});

test("a pod without request stops the HPA, and the reason says so", () => {
  const bare = { containers: [{ name: "app" }] };
  const settled = steadyReplicas(hpa(cpu(50)), { replicas: 3, podSpec: bare }, { use: { low: 0.1, high: 9 } });
  expect(settled).toMatchObject({ low: 3, high: 3, limited: false });
  expect(settled.reason).toBe("a container of the pods requests no cpu, so the HPA cannot act; it stays at 3");
});

test("more load never means fewer replicas, and the bounds hold", () => {
  const share = fc.double({ min: 0, max: 8, noNaN: true });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 10, max: 150 }),
      share,
      share,
      (replicas, target, a, b) => {
        const use = { low: Math.min(a, b), high: Math.max(a, b) };
        const spec = hpa({ ...cpu(target), minReplicas: 2, maxReplicas: 15 });
        const { low, high } = steadyReplicas(spec, { replicas, podSpec }, { use });
        expect(low).toBeGreaterThanOrEqual(2);
        expect(high).toBeLessThanOrEqual(15);
        expect(high).toBeGreaterThanOrEqual(low);
      },
    ),
    { seed: 5, numRuns: 200 },
  );
});
