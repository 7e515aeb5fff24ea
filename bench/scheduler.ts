import { readFileSync } from "node:fs";
import { memoryUsage } from "node:process";
import type { Node } from "../src/kubernetes/node.ts";
import type { Pod, PodSpec } from "../src/kubernetes/pod.ts";
import type { Scheduler } from "../src/simulate/scheduler/api.ts";
import { createScheduler } from "../src/simulate/scheduler/scheduler.ts";

/** A cluster to be filled: how many nodes and pods, how the pods look, and what the goal is. */
interface Workload {
  readonly name: string;
  readonly nodes: number;
  readonly pods: number;
  readonly pod: (index: number) => Pod;
  readonly seconds: number;
  /** Pods that run already, on the node with the index. */
  readonly running?: (node: number) => readonly Pod[];
}

const node = (index: number): Node => {
  const name = `aks-user-12345678-vmss${String(index).padStart(6, "0")}`;
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        agentpool: `user${index % 4}`,
        "topology.kubernetes.io/region": "westeurope",
        "topology.kubernetes.io/zone": `westeurope-${1 + (index % 3)}`,
      },
    },
    status: { allocatable: { cpu: "15740m", memory: "60Gi", "ephemeral-storage": "100Gi", pods: "110" } },
  };
};

const cpus = ["100m", "200m", "250m", "500m"];
const memories = ["128Mi", "256Mi", "512Mi", "1Gi"];
const PER_APP = 30;

/** One pod of an application of thirty; each pod has a specification of its own, as when read from a dump. */
const pod = (index: number, more: (app: string, group: number) => Partial<PodSpec>, priority = 0): Pod => {
  const group = Math.floor(index / PER_APP);
  const app = `app${group}`;
  const cpu = cpus[group % 4] ?? "";
  const memory = memories[Math.floor(group / 4) % 4] ?? "";
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `${app}-${index % PER_APP}`, namespace: "default", labels: { app } },
    spec: {
      priority,
      containers: [{ name: "main", image: "registry.example/app:1", resources: { requests: { cpu, memory } } }],
      ...more(app, group),
    },
  };
};

const plain = () => ({});
const selecting = (app: string) => ({ matchLabels: { app } });
const zone = "topology.kubernetes.io/zone";
const host = "kubernetes.io/hostname";

/** Every other application: zone and host spread, host anti-affinity (required for every fifth), a preferred pool. */
const mixed = (app: string, group: number): Partial<PodSpec> => {
  if (group % 2 === 1) return {};
  const labelSelector = selecting(app);
  const term = { topologyKey: host, labelSelector };
  return {
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: zone, whenUnsatisfiable: "DoNotSchedule", labelSelector },
      { maxSkew: 1, topologyKey: host, whenUnsatisfiable: "ScheduleAnyway", labelSelector },
    ],
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 10,
            preference: { matchExpressions: [{ key: "agentpool", operator: "In", values: [`user${group % 4}`] }] },
          },
        ],
      },
      podAntiAffinity:
        group % 5 === 0
          ? { requiredDuringSchedulingIgnoredDuringExecution: [term] }
          : { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term }] },
    },
  };
};

/** All pods of one application, at most one a node. */
const onePerNode = (index: number): Pod => {
  const labels = { app: "agent" };
  const term = { topologyKey: host, labelSelector: { matchLabels: labels } };
  const made = pod(index, () => ({
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
  }));
  return { ...made, metadata: { ...made.metadata, name: `agent-${index}`, labels } };
};

/** As the DaemonSet controller makes them: each names its node. */
const daemonPod =
  (nodes: number) =>
  (index: number): Pod => {
    const name = node(index % nodes).metadata.name;
    const terms = [{ matchFields: [{ key: "metadata.name", operator: "In", values: [name] }] }];
    return pod(index, () => ({
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } },
    }));
  };

const oneApp =
  (more: Partial<PodSpec>) =>
  (index: number): Pod => {
    const made = pod(index, () => more);
    return { ...made, metadata: { ...made.metadata, name: `one-${index}`, labels: { app: "one" } } };
  };

const hardZoneSpread = oneApp({
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: zone, whenUnsatisfiable: "DoNotSchedule", labelSelector: selecting("one") },
  ],
});

const requiredAffinity = oneApp({
  affinity: {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: zone, labelSelector: selecting("one") }],
    },
  },
});

const requests = (cpu: string, memory: string): Partial<PodSpec> => ({
  containers: [{ name: "main", image: "registry.example/app:1", resources: { requests: { cpu, memory } } }],
});

/** Four pods of low priority fill each node. */
const fillers = (at: number): readonly Pod[] =>
  [0, 1, 2, 3].map((k) => {
    const made = pod(at * 4 + k, () => requests("3900m", "15Gi"), -10);
    const status = { startTime: new Date(1_700_000_000_000 + (at * 4 + k) * 1000).toISOString() };
    const metadata = { ...made.metadata, name: `filler-${at}-${k}` };
    return { ...made, metadata, spec: { ...made.spec, nodeName: node(at).metadata.name }, status };
  });

const workloads: readonly Workload[] = [
  { name: "baseline: plain", nodes: 1000, pods: 30_000, pod: (i) => pod(i, plain), seconds: 1 },
  { name: "flat: plain", nodes: 5000, pods: 1000, pod: (i) => pod(i, plain), seconds: 0.1 },
  { name: "flat: plain", nodes: 5000, pods: 10_000, pod: (i) => pod(i, plain), seconds: 0.5 },
  { name: "plain", nodes: 5000, pods: 150_000, pod: (i) => pod(i, plain), seconds: 5 },
  { name: "mixed", nodes: 5000, pods: 50_000, pod: (i) => pod(i, mixed), seconds: 20 },
  { name: "hard zone spread", nodes: 5000, pods: 5000, pod: hardZoneSpread, seconds: 1 },
  { name: "required pod affinity", nodes: 5000, pods: 5000, pod: requiredAffinity, seconds: 4 },
  {
    name: "preemption",
    nodes: 5000,
    pods: 5000,
    pod: (i) => pod(i, () => requests("3500m", "14Gi"), 100),
    seconds: 5,
    running: fillers,
  },
  { name: "one per node: anti-affinity", nodes: 15_000, pods: 30_000, pod: onePerNode, seconds: 10 },
  { name: "one per node: daemon pods", nodes: 15_000, pods: 30_000, pod: daemonPod(15_000), seconds: 10 },
];

/** Decides about all pods and binds them; preempts where the decision says so. */
const fill = (scheduler: Scheduler, pods: readonly Pod[]): { readonly placed: number; readonly preempted: number } => {
  let placed = 0;
  let preempted = 0;
  for (const each of pods) {
    let next: Pod | undefined = each;
    while (next !== undefined) {
      const decision = scheduler.schedule(next);
      if (decision.node !== undefined) {
        scheduler.bind(next, decision.node, 2_000_000_000_000 + placed++);
        next = undefined;
      } else if (decision.preemption === undefined) {
        next = undefined;
      } else {
        preempted++;
        const { victims, nominatedNode } = decision.preemption;
        for (const key of victims) scheduler.removePod("default", key.slice("default/".length));
        next = { ...next, status: { nominatedNodeName: nominatedNode } };
        scheduler.setPod(next);
      }
    }
  }
  return { placed, preempted };
};

/** Pods a second of the real scheduler, by the name of the workload, as its own benchmark printed them in the same hour. */
type RealPace = ReadonlyMap<string, number>;

const measure = (workload: Workload, mode: "fast" | "reference", real: RealPace) => {
  const scheduler = createScheduler({ mode });
  for (let i = 0; i < workload.nodes; i++) scheduler.setNode(node(i));
  for (let i = 0; i < workload.nodes; i++) for (const each of workload.running?.(i) ?? []) scheduler.setPod(each);
  const pods = Array.from({ length: workload.pods }, (_, i) => workload.pod(i));
  const start = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  const { placed, preempted } = fill(scheduler, pods);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const used = process.cpuUsage(cpu);
  return {
    workload: workload.name,
    nodes: workload.nodes,
    pods: workload.pods,
    placed,
    preempted,
    seconds: round(seconds),
    cpuSeconds: round((used.user + used.system) / 1e6),
    podsPerSecond: Math.round(workload.pods / seconds),
    microsecondsPerPod: round((seconds * 1e6) / workload.pods),
    rssMiB: Math.round(memoryUsage().rss / 1024 / 1024),
    goalSeconds: workload.seconds,
    isMet: seconds <= workload.seconds,
    ...ratioTo(real.get(workload.name), workload.pods / seconds),
  };
};

const ratioTo = (real: number | undefined, ours: number): { readonly timesTheRealScheduler?: number } =>
  real === undefined ? {} : { timesTheRealScheduler: Math.round(ours / real) };

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** JSON lines with `workload` and `podsPerSecond`; of several with one name the fastest counts. */
const readReal = (path: string): RealPace => {
  const pace = new Map<string, number>();
  for (const line of readFileSync(path, "utf8").split("\n")) {
    if (line.trim() === "") continue;
    const { workload, podsPerSecond } = JSON.parse(line) as { workload: string; podsPerSecond: number };
    pace.set(workload, Math.max(pace.get(workload) ?? 0, podsPerSecond));
  }
  return pace;
};

/**
 * `npm run bench -- scheduler [NAME]...`: all workloads, or those whose name contains one of the words. `--reference`: the plain path.
 * `--real=FILE`: sets our pace beside that of the real scheduler, measured on the same machine.
 */
export const run = async (args: readonly string[]): Promise<void> => {
  const mode = args.includes("--reference") ? "reference" : "fast";
  const real = args.find((arg) => arg.startsWith("--real="))?.slice("--real=".length);
  const pace = real === undefined ? new Map<string, number>() : readReal(real);
  const words = args.filter((arg) => !arg.startsWith("--"));
  for (const workload of workloads) {
    if (words.length > 0 && !words.some((word) => workload.name.includes(word))) continue;
    console.log(JSON.stringify(measure(workload, mode, pace)));
  }
};
