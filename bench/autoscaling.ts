import type { Node } from "../src/kubernetes/node.ts";
import type { Pod } from "../src/kubernetes/pod.ts";
import { millis } from "../src/model/quantity.ts";
import { Autoscaler } from "../src/simulate/autoscaling/autoscaler.ts";
import type { AutoscalerHost } from "../src/simulate/autoscaling/autoscaler-host.ts";
import { autoscalerOptions } from "../src/simulate/autoscaling/autoscaler-profile.ts";
import { createHpa, type HpaState, syncHpa } from "../src/simulate/autoscaling/hpa.ts";
import type { NodeGroup } from "../src/simulate/autoscaling/node-group.ts";

/** HPA syncs a second over a day of a daily curve, and autoscaler loops on 1,000 nodes with 10,000 pods: at rest, and when pods wait. */
export const run = (args: readonly string[]): void => {
  hpaDay(Number(args[0] ?? 100));
  autoscalerLoops(Number(args[1] ?? 1000));
};

const DAY_SYNCS = (24 * 3600) / 15;

const hpaDay = (count: number): void => {
  const metrics = [
    { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } } },
  ];
  const behavior = { scaleDown: { policies: [{ type: "Percent", value: 10, periodSeconds: 60 }] } };
  const states: { state: HpaState; replicas: number }[] = Array.from({ length: count }, (_, index) => ({
    state: createHpa({
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
      minReplicas: 3,
      maxReplicas: 100,
      metrics,
      ...(index % 2 === 0 ? { behavior } : {}),
    }),
    replicas: 10,
  }));
  const start = performance.now();
  let scaled = 0;
  for (let sync = 1; sync <= DAY_SYNCS; sync += 1) {
    const now = millis(sync * 15_000);
    const load = 1 + Math.sin((sync / DAY_SYNCS) * 2 * Math.PI);
    for (const each of states) {
      const { replicas } = each;
      const pods = [{ count: replicas, phase: "Running", deleting: false, ready: true, readySince: 0, startTime: 0 }];
      const usage = Math.floor((load * 500 * 20) / replicas);
      const { state, decision } = syncHpa(each.state, {
        now,
        scale: { specReplicas: replicas, statusReplicas: replicas, selector: "valid" },
        pods,
        metric: () => ({ kind: "perPod", values: [usage], timestamp: now, window: millis(30_000), requests: [500] }),
      });
      each.state = state;
      if (decision.scaledTo === undefined) continue;
      each.replicas = decision.scaledTo;
      scaled += 1;
    }
  }
  const ms = performance.now() - start;
  const syncs = DAY_SYNCS * count;
  process.stdout.write(
    `autoscaling: ${count} HPAs over 24 h: ${ms.toFixed(0)} ms, ${Math.round(syncs / ms)} syncs/ms, ${scaled} rescales\n`,
  );
};

const autoscalerLoops = (nodeCount: number): void => {
  const pool = poolOf(nodeCount);
  const autoscaler = new Autoscaler(autoscalerOptions({ expander: "least-waste" }), pool.host);
  const fill = performance.now();
  for (let index = 0; index < nodeCount; index += 1) {
    autoscaler.setNode(node(`user-${index}`), { createdAt: -3.6e6, ready: true, readySince: -3.6e6 });
    for (let slot = 0; slot < 10; slot += 1) autoscaler.setPod(pod(`web-${index}-${slot}`, `user-${index}`), -3.6e6);
  }
  report("filled", performance.now() - fill, 1);
  loops(autoscaler, "at rest", 200, 10_000);
  for (let index = 0; index < 500; index += 1) autoscaler.setPod(pod(`new-${index}`, undefined), -60_000);
  loops(autoscaler, "500 pods wait, scale-up", 1, 3e6);
  loops(autoscaler, "500 pods wait for nodes on their way", 20, 3.01e6);
  for (let index = 0; index < 500; index += 1) autoscaler.removePod("default", `new-${index}`);
  for (let index = 0; index < 100; index += 1) {
    for (let slot = 2; slot < 10; slot += 1) autoscaler.removePod("default", `web-${index}-${slot}`);
  }
  loops(autoscaler, "100 nodes nearly empty", 60, 5e6);
};

const loops = (autoscaler: Autoscaler, name: string, count: number, from: number): void => {
  const start = performance.now();
  for (let index = 0; index < count; index += 1) autoscaler.runOnce(from + index * 10_000);
  report(name, performance.now() - start, count);
};

const report = (name: string, ms: number, count: number): void => {
  process.stdout.write(`autoscaling: cluster autoscaler, ${name}: ${(ms / count).toFixed(2)} ms a loop\n`);
};

const none: readonly never[] = [];

const poolOf = (size: number): { readonly host: AutoscalerHost } => {
  let target = size;
  const group: NodeGroup = {
    id: "user",
    min: 0,
    max: size * 2,
    targetSize: () => target,
    instances: () => [],
    template: () => ({ node: node("template"), pods: [] }),
    increase: (by) => {
      target += by;
      return undefined;
    },
    deleteNodes: (names) => {
      target -= names.length;
      return undefined;
    },
  };
  return {
    host: {
      groups: [group],
      groupOf: () => group,
      hasInstance: () => true,
      replicas: () => ({ target: 1, current: 1 }),
      budgets: () => none,
      daemonSets: () => none,
      priorities: () => undefined,
      setTaint: () => {},
      evict: () => true,
      schedule: () => {},
      record: () => {},
    },
  };
};

const node = (name: string): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels: { agentpool: "user", "kubernetes.io/hostname": name } },
  spec: {},
  status: {
    allocatable: { cpu: "3860m", memory: "12800Mi", pods: "110" },
    capacity: { cpu: "4", memory: "16Gi", pods: "110" },
  },
});

const labels = { app: "web" };
const owners = [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: "web", controller: true }];

const pod = (name: string, nodeName: string | undefined): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default", labels, ownerReferences: owners },
  spec: {
    containers: [{ name: "main", resources: { requests: { cpu: "350m", memory: "1Gi" } } }],
    ...(nodeName === undefined ? {} : { nodeName }),
  },
});
