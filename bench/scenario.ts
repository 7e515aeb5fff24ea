import type { AksCluster, NodePool, Platform } from "../src/azure/platform.ts";
import type { KubeObject } from "../src/kubernetes/object.ts";
import { millis } from "../src/model/quantity.ts";
import type { LoadCurve, Scenario } from "../src/model/scenario.ts";
import { runScenario } from "../src/simulate/scenario/run-scenario.ts";
import { aksCluster, nodePool, platform } from "../test/support/platform.ts";

const DAY_MS = 86_400_000;

/** A day of 1,000 nodes and 10,000 pods under 100 HPAs, each with a daily curve of its own. */
export const run = (args: readonly string[]): void => {
  const nodes = Number(args[0] ?? 1000);
  const workloads = Number(args[1] ?? 100);
  const hours = Number(args[2] ?? 24);
  const pods = nodes * 10;
  const perWorkload = Math.round(pods / workloads);
  const where = platformOf(nodes);
  const curves = new Map<string, LoadCurve>();
  const objects: KubeObject[] = [];
  for (let index = 0; index < workloads; index += 1) {
    objects.push(...workload(`app-${index}`, perWorkload));
    const peak = millis((((index % 12) + 8) % 24) * 3_600_000);
    curves.set(`Deployment/default/app-${index}`, { kind: "daily", low: 0.4, high: 0.8, peak });
  }
  const scenario: Scenario = {
    start: millis(0),
    until: millis((hours * DAY_MS) / 24),
    sample: undefined,
    load: { default: undefined, workloads: curves },
    timings: {},
    events: [],
  };
  const start = performance.now();
  const { value } = runScenario({ ...where, objects, scenario, load: { default: undefined, workloads: new Map() } });
  const ms = performance.now() - start;
  const { wanted } = value.samples.pods;
  const user = value.samples.nodes["user"] ?? [];
  process.stdout.write(
    `scenario: ${hours} h of ${nodes} nodes, ${Math.min(...wanted)} to ${Math.max(...wanted)} pods, ${workloads} HPAs, ${Math.min(...user)} to ${Math.max(...user)} user nodes, ${value.events.length} events: ${(ms / 1000).toFixed(1)} s\n`,
  );
};

const platformOf = (nodes: number): { readonly platform: Platform; readonly cluster: AksCluster } => {
  const large: Partial<NodePool> = { vmSize: "Standard_D4ds_v5", zones: ["1", "2", "3"], maxPods: 30 };
  const cluster = aksCluster({
    network: { podCidr: "10.128.0.0/9" },
    pools: [
      nodePool("system", { ...large, isDefault: true, mode: "System", nodeCount: 3 }),
      nodePool("user", {
        ...large,
        nodeCount: nodes,
        autoscaling: true,
        minCount: Math.round(nodes / 2),
        maxCount: nodes + 100,
      }),
    ],
  });
  return { platform: platform({ clusters: [cluster] }), cluster };
};

const workload = (name: string, replicas: number): readonly KubeObject[] => {
  const metadata = { name, namespace: "default" };
  const labels = { app: name };
  const target = { type: "Utilization", averageUtilization: 60 };
  const resources = { requests: { cpu: "300m", memory: "512Mi" } };
  const objects = [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: "main", image: `${name}:1`, resources }] } },
      },
    },
    {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata,
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
        minReplicas: Math.round(replicas / 2),
        maxReplicas: 2 * replicas,
        metrics: [{ type: "Resource", resource: { name: "cpu", target } }],
      },
    },
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata,
      spec: { maxUnavailable: "25%", selector: { matchLabels: labels } },
    },
  ];
  return objects as KubeObject[];
};
