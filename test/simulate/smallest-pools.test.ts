import { expect, test } from "@jest/globals";
import { seriesSizes, smallestPools } from "../../src/simulate/smallest-pools.ts";
import { shop } from "../support/shop.ts";
import { scenarioFrom, sideFrom } from "./scenario/scenario-support.ts";

const MINUTE = 60_000;

const web = (replicas: number, more = "") => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      nodeSelector: { kubernetes.azure.com/agentpool: user ${more} }
      containers: [{ name: web, image: "web:1", resources: { requests: { cpu: 1500m, memory: 256Mi } } }]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }
  minReplicas: ${replicas}
  maxReplicas: 8
  metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 100 } } }]
`;
const user = (lines: string) =>
  shop({ system: 'vm_size = "Standard_D4s_v5"\n node_count = 1', user: `vm_size = "Standard_D4s_v5"\n ${lines}` });
const scaled = user("auto_scaling_enabled = true\n min_count = 1\n max_count = 10");
const spike =
  "until: 2h\nload: { workloads: { Deployment/default/web: { spike: { base: 0.5, height: 3.9, at: 30m, for: 30m } } } }";

const smallest = (hcl: string, yaml: string, text: string, maxWaitMs: number, sizes: readonly string[] = []) =>
  smallestPools({
    scenario: {
      ...sideFrom(hcl, yaml),
      scenario: scenarioFrom(text),
      load: { default: undefined, workloads: new Map() },
    },
    sizes: sizes.length === 0 ? new Map() : new Map([["user", sizes]]),
    maxWaitMs,
  });

test("a spike of eight pods, two a node: four nodes at most, and one where the wait for a node is allowed", () => {
  const patient = smallest(scaled, web(2), spike, 5 * MINUTE);
  expect(patient.pools[0]?.choices[0]).toMatchObject({ min: 0, max: 4, mostNodes: 4 });
  expect(patient.together).toMatchObject({ isServed: true });
  const hasty = smallest(scaled, web(2), spike, 30_000);
  expect(hasty.pools[0]?.choices[0]).toMatchObject({ min: 4, max: 4, longestWaitMs: 0 });
});

test("the answer is a smallest one: one node less of either leaves a pod waiting too long", () => {
  const { pools } = smallest(scaled, web(2), spike, 5 * MINUTE);
  const [{ max } = { max: 0 }] = pools[0]?.choices ?? [];
  const less = smallest(
    user(`auto_scaling_enabled = true\n min_count = 1\n max_count = ${max - 1}`),
    web(2),
    spike,
    5 * MINUTE,
  );
  expect(less.pools[0]?.choices[0]?.max).toBe(max);
});

test("a pool without autoscaler gets its count", () => {
  const { pools } = smallest(user("node_count = 9"), web(2), spike, 5 * MINUTE);
  expect(pools[0]).toMatchObject({ autoscaling: false, choices: [{ min: 4, max: 4 }] });
});

test("sizes are compared, the ones with the least cores over time first", () => {
  const { pools } = smallest(scaled, web(2), spike, 5 * MINUTE, ["Standard_D4s_v5", "Standard_D8s_v5"]);
  expect(pools[0]?.choices.map(({ size, max }) => [size, max])).toEqual([
    ["Standard_D4s_v5", 4],
    ["Standard_D8s_v5", 2],
  ]);
});

test("pods that no number of nodes helps are named and do not count", () => {
  const outcome = smallest(scaled, `${web(2, ", disk: gold")}`, spike, 5 * MINUTE);
  expect(outcome.unserved).toEqual(["Deployment/default/web"]);
});

test("where the addresses end first, that is said", () => {
  const narrow = scaled.replace("10.1.0.0/22", "10.1.0.0/25");
  const { pools } = smallest(narrow, web(2), spike, 30_000);
  expect(pools[0]?.choices).toEqual([]);
  expect(pools[0]?.impossible[0]?.because).toContain("123 addresses");
});

test("the same input gives the same answer", () => {
  const once = JSON.stringify(smallest(scaled, web(2), spike, 2 * MINUTE));
  expect(JSON.stringify(smallest(scaled, web(2), spike, 2 * MINUTE))).toBe(once);
});

test("the series of a size reaches from half to four times its cores", () => {
  expect(seriesSizes("Standard_D4ds_v5", undefined)).toEqual([
    "Standard_D2ds_v5",
    "Standard_D4ds_v5",
    "Standard_D8ds_v5",
    "Standard_D16ds_v5",
  ]);
});
