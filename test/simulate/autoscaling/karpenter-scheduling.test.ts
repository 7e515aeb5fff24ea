import { expect, test } from "@jest/globals";
import type { Pod } from "../../../src/kubernetes/pod.ts";
import { requirement } from "../../../src/simulate/autoscaling/karpenter-requirement.ts";
import { requirementsOf } from "../../../src/simulate/autoscaling/karpenter-requirements.ts";
import type { SchedulingResult } from "../../../src/simulate/autoscaling/karpenter-scheduling.ts";
import { batch, nodePool, pod, pods, shown, size } from "../../support/karpenter.ts";

const small = size("small", 2, 8);
const medium = size("medium", 4, 16);
const large = size("large", 8, 32);
const sizes = [small, medium, large];
const one = { cpu: "1", memory: "1Gi" };

const zonesOf = ({ claims }: SchedulingResult): readonly string[] =>
  claims
    .map(({ requirements }) => [...(requirements.get("topology.kubernetes.io/zone")?.values ?? [])].sort().join("|"))
    .sort();

const reasons = (result: SchedulingResult, name: string): readonly string[] =>
  [...(result.refused.get(`shop/${name}`) ?? [])].map(([pool, { text }]) => `${pool}: ${text}`);

test("pods are packed on one node as long as some size holds them all", () => {
  const result = batch({ pods: pods(6, "web", one), pools: [{ pool: nodePool("default"), types: sizes }] });
  expect(shown(result)).toEqual(["default: 6 pods, large"]);
});

test("the sizes that are left are those that hold the pods", () => {
  const result = batch({ pods: pods(2, "web", one), pools: [{ pool: nodePool("default"), types: sizes }] });
  expect(shown(result)).toEqual(["default: 2 pods, small medium large"]);
});

test("a second node is made when the largest size is full, and the emptiest takes the next pod", () => {
  const result = batch({ pods: pods(11, "web", one), pools: [{ pool: nodePool("default"), types: sizes }] });
  expect(shown(result)).toEqual(["default: 3 pods, medium large", "default: 8 pods, large"]);
});

test("the largest pods go first", () => {
  const mixed = [...pods(4, "tiny", { cpu: "500m", memory: "1Gi" }), pod("big", { cpu: "7", memory: "8Gi" })];
  const result = batch({ pods: mixed, pools: [{ pool: nodePool("default"), types: sizes }] });
  expect(shown(result)).toEqual(["default: 2 pods, small medium large", "default: 3 pods, large"]);
});

test("what DaemonSets take comes off each size", () => {
  const daemon = pod("agent", { cpu: "500m" }, { tolerations: [{ operator: "Exists" }] });
  const result = batch({
    pods: pods(2, "web", one),
    pools: [{ pool: nodePool("default"), types: sizes }],
    daemons: [daemon],
  });
  expect(shown(result)).toEqual(["default: 2 pods, medium large"]);
});

test("a DaemonSet that the node's labels keep away takes nothing", () => {
  const daemon = pod("agent", { cpu: "500m" }, { nodeSelector: { "kubernetes.io/os": "windows" } });
  const result = batch({
    pods: pods(2, "web", one),
    pools: [{ pool: nodePool("default"), types: sizes }],
    daemons: [daemon],
  });
  expect(shown(result)).toEqual(["default: 2 pods, small medium large"]);
});

test("the number of pods a node may have counts as any other resource", () => {
  const result = batch({
    pods: pods(5, "web", { cpu: "10m" }),
    pools: [{ pool: nodePool("default"), types: [size("a", 4, 16, { pods: 3 })] }],
  });
  expect(shown(result)).toEqual(["default: 2 pods, a", "default: 3 pods, a"]);
});

test("the NodePool of the highest weight takes the pod; of equal weights the later name", () => {
  const pools = [
    { pool: nodePool("a"), types: sizes },
    { pool: nodePool("b"), types: sizes },
    { pool: nodePool("heavy", { weight: 10 }), types: sizes },
  ];
  expect(shown(batch({ pods: pods(1, "web", one), pools }))).toEqual(["heavy: 1 pods, small medium large"]);
  expect(shown(batch({ pods: pods(1, "web", one), pools: pools.slice(0, 2) }))).toEqual([
    "b: 1 pods, small medium large",
  ]);
});

const tainted = nodePool("gpu", { weight: 50 }, { taints: [{ key: "sku", value: "gpu", effect: "NoSchedule" }] });

test("a NodePool whose taint is not tolerated is passed over, and startup taints are not asked of pods", () => {
  const starting = nodePool("default", {}, { startupTaints: [{ key: "cilium", effect: "NoExecute" }] });
  const pools = [
    { pool: tainted, types: sizes },
    { pool: starting, types: sizes },
  ];
  expect(shown(batch({ pods: pods(1, "web", one), pools }))).toEqual(["default: 1 pods, small medium large"]);
  const tolerant = pods(1, "web", one, { tolerations: [{ key: "sku", operator: "Exists" }] });
  expect(shown(batch({ pods: tolerant, pools }))).toEqual(["gpu: 1 pods, small medium large"]);
  expect(reasons(batch({ pods: pods(1, "web", one), pools: pools.slice(0, 1) }), "web-0")).toEqual([
    "gpu: taint sku=gpu:NoSchedule is not tolerated",
  ]);
});

test("a soft taint is put up with when nothing else is left", () => {
  const soft = nodePool("soft", { weight: 50 }, { taints: [{ key: "slow", effect: "PreferNoSchedule" }] });
  const both = [
    { pool: soft, types: sizes },
    { pool: nodePool("default"), types: sizes },
  ];
  expect(shown(batch({ pods: pods(1, "web", one), pools: both }))).toEqual(["default: 1 pods, small medium large"]);
  expect(shown(batch({ pods: pods(1, "web", one), pools: both.slice(0, 1) }))).toEqual([
    "soft: 1 pods, small medium large",
  ]);
});

test.each<[string, object, readonly string[] | string]>([
  ["a label that sizes bring", { nodeSelector: { "karpenter.azure.com/sku-cpu": "4" } }, ["default: 1 pods, medium"]],
  ["a size by name", { nodeSelector: { "node.kubernetes.io/instance-type": "large" } }, ["default: 1 pods, large"]],
  ["a label of the NodePool", { nodeSelector: { team: "a" } }, ["default: 1 pods, small medium large"]],
  ["another value of it", { nodeSelector: { team: "b" } }, "default: team In [b] does not go with team In [a]"],
  ["a label that nobody knows", { nodeSelector: { color: "red" } }, 'default: label "color" is not known there'],
  [
    "more than the smallest",
    { affinity: required([{ key: "karpenter.azure.com/sku-cpu", operator: "Gt", values: ["2"] }]) },
    ["default: 1 pods, medium large"],
  ],
  [
    "the second of two alternatives",
    { affinity: required([{ key: "color", operator: "In", values: ["red"] }], [{ key: "team", operator: "Exists" }]) },
    ["default: 1 pods, small medium large"],
  ],
  [
    "a wish that can be met",
    { affinity: preferred([{ key: "karpenter.azure.com/sku-cpu", operator: "In", values: ["8"] }]) },
    ["default: 1 pods, large"],
  ],
  [
    "a wish that cannot",
    { affinity: preferred([{ key: "color", operator: "In", values: ["red"] }]) },
    ["default: 1 pods, small medium large"],
  ],
])("node selector and affinity: %s", (_, spec, expected) => {
  const team = nodePool("default", { template: { metadata: { labels: { team: "a" } }, spec: { requirements: [] } } });
  const result = batch({ pods: [pod("web-0", one, spec)], pools: [{ pool: team, types: sizes }] });
  if (typeof expected === "string") expect(reasons(result, "web-0")).toEqual([expected]);
  else expect(shown(result)).toEqual(expected);
});

function required(...terms: readonly (readonly object[])[]): object {
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: terms.map((matchExpressions) => ({ matchExpressions })),
      },
    },
  };
}

function preferred(matchExpressions: readonly object[]): object {
  return {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: { matchExpressions } }],
    },
  };
}

const spread = (key: string, parts: object = {}): object => ({
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: key,
      whenUnsatisfiable: "DoNotSchedule",
      labelSelector: { matchLabels: { app: "web" } },
      ...parts,
    },
  ],
});

test("a spread over zones makes a node in each", () => {
  const result = batch({
    pods: pods(6, "web", one, spread("topology.kubernetes.io/zone")),
    pools: [{ pool: nodePool("default"), types: sizes }],
  });
  expect(zonesOf(result)).toEqual(["r-1", "r-2", "r-3"]);
  expect(shown(result)).toEqual(Array(3).fill("default: 2 pods, small medium large"));
});

test("pods that are there count for the spread", () => {
  const there = pod("old", one, {}, { app: "web" });
  const result = batch({
    pods: pods(2, "web", one, spread("topology.kubernetes.io/zone")),
    pools: [{ pool: nodePool("default"), types: sizes }],
    nodes: [{ name: "n", labels: { "topology.kubernetes.io/zone": "r-1" }, taints: [], pods: [there] }],
  });
  expect(zonesOf(result)).toEqual(["r-2", "r-3"]);
});

test("a zone that the NodePool leaves out is no domain of the spread", () => {
  const zones = [{ key: "topology.kubernetes.io/zone", operator: "In", values: ["r-1", "r-2"] }];
  const result = batch({
    pods: pods(4, "web", one, spread("topology.kubernetes.io/zone")),
    pools: [{ pool: nodePool("default", {}, { requirements: zones }), types: sizes }],
  });
  expect(zonesOf(result)).toEqual(["r-1", "r-2"]);
});

test("a spread over hosts makes nodes as it needs them", () => {
  const result = batch({
    pods: pods(3, "web", one, spread("kubernetes.io/hostname")),
    pools: [{ pool: nodePool("default"), types: sizes }],
  });
  expect(shown(result)).toEqual(Array(3).fill("default: 1 pods, small medium large"));
});

test("a soft spread is held as long as it can be", () => {
  const soft = spread("topology.kubernetes.io/zone", { whenUnsatisfiable: "ScheduleAnyway" });
  const result = batch({ pods: pods(3, "web", one, soft), pools: [{ pool: nodePool("default"), types: sizes }] });
  expect(zonesOf(result)).toEqual(["r-1", "r-2", "r-3"]);
});

const term = (key: string, app: string): object => ({ topologyKey: key, labelSelector: { matchLabels: { app } } });
const affinity = (kind: string, key: string, app: string): object => ({
  affinity: { [kind]: { requiredDuringSchedulingIgnoredDuringExecution: [term(key, app)] } },
});

test("anti-affinity by host gives each pod a node of its own", () => {
  const result = batch({
    pods: pods(3, "web", one, affinity("podAntiAffinity", "kubernetes.io/hostname", "web")),
    pools: [{ pool: nodePool("default"), types: sizes }],
  });
  expect(shown(result)).toEqual(Array(3).fill("default: 1 pods, small medium large"));
});

test("anti-affinity by zone blocks every zone that the first node may come to, until it is known", () => {
  const result = batch({
    pods: pods(3, "web", one, affinity("podAntiAffinity", "topology.kubernetes.io/zone", "web")),
    pools: [{ pool: nodePool("default"), types: sizes }],
  });
  expect(result.claims).toHaveLength(1);
  expect(result.refused.size).toBe(2);
});

test("anti-affinity of pods that are there keeps others away", () => {
  const shy = pod("shy", one, affinity("podAntiAffinity", "topology.kubernetes.io/zone", "web"));
  const result = batch({
    pods: pods(1, "web", one),
    pools: [{ pool: nodePool("default"), types: sizes }],
    nodes: [{ name: "n", labels: { "topology.kubernetes.io/zone": "r-2" }, taints: [], pods: [shy] }],
  });
  expect(zonesOf(result)).toEqual(["r-1|r-3"]);
});

test("affinity by host keeps pods together, and follows pods that come later in the batch", () => {
  const follower = pods(
    1,
    "side",
    { cpu: "3", memory: "1Gi" },
    affinity("podAffinity", "kubernetes.io/hostname", "web"),
  );
  const result = batch({
    pods: [...follower, ...pods(2, "web", one)],
    pools: [{ pool: nodePool("default"), types: sizes }],
  });
  expect(shown(result)).toEqual(["default: 3 pods, large"]);
});

test("a volume's zone is the node's zone", () => {
  const zone = requirementsOf([requirement("topology.disk.csi.azure.com/zone", "In", ["r-2"])]);
  const result = batch({
    pods: pods(1, "db", one),
    pools: [{ pool: nodePool("default"), types: sizes }],
    volumesOf: () => [zone],
  });
  expect(zonesOf(result)).toEqual(["r-2"]);
});

test("of a volume's alternatives the first that can be met is taken", () => {
  const at = (zone: string) => requirementsOf([requirement("topology.kubernetes.io/zone", "In", [zone])]);
  const result = batch({
    pods: pods(1, "db", one),
    pools: [{ pool: nodePool("default"), types: sizes }],
    volumesOf: () => [at("elsewhere"), at("r-3")],
  });
  expect(zonesOf(result)).toEqual(["r-3"]);
});

test("a host port is given once a node", () => {
  const ports = {
    containers: [{ name: "main", resources: { requests: one }, ports: [{ containerPort: 80, hostPort: 80 }] }],
  };
  const result = batch({ pods: pods(2, "web", one, ports), pools: [{ pool: nodePool("default"), types: sizes }] });
  expect(shown(result)).toEqual(Array(2).fill("default: 1 pods, small medium large"));
});

test("limits leave out sizes that go past them, and count the largest that a node may come to", () => {
  const limited = nodePool("default", { limits: { cpu: "8" } });
  const result = batch({
    pods: pods(3, "web", one, spread("kubernetes.io/hostname")),
    pools: [{ pool: limited, types: sizes }],
  });
  expect(shown(result)).toEqual(["default: 1 pods, small medium large"]);
  expect(reasons(result, "web-1")).toEqual(["default: its limits (cpu 8) leave room for no size that fits"]);
});

test("what the NodePool's nodes have already counts against its limits", () => {
  const limited = nodePool("default", { limits: { cpu: "8", memory: "100Gi" } });
  const result = batch({
    pods: pods(1, "web", one),
    pools: [{ pool: limited, types: sizes }],
    used: new Map([["default", new Map([["cpu", 5000]])]]),
  });
  expect(shown(result)).toEqual(["default: 1 pods, small"]);
});

test("a limit of nodes is one of machines", () => {
  const limited = nodePool("default", { limits: { nodes: "2" } });
  const result = batch({
    pods: pods(3, "web", one, spread("kubernetes.io/hostname")),
    pools: [{ pool: limited, types: sizes }],
  });
  expect(result.claims).toHaveLength(2);
});

test("minValues keeps a node from being filled beyond the sizes that it needs", () => {
  const flexible = [{ key: "node.kubernetes.io/instance-type", operator: "Exists", minValues: 2 }];
  const result = batch({
    pods: pods(6, "web", one),
    pools: [{ pool: nodePool("default", {}, { requirements: flexible }), types: sizes }],
  });
  expect(shown(result)).toEqual(["default: 2 pods, small medium large", "default: 4 pods, medium large"]);
});

test("a NodePool that no size satisfies takes no part", () => {
  const huge = [{ key: "karpenter.azure.com/sku-cpu", operator: "Gt", values: ["64"] }];
  const result = batch({
    pods: pods(1, "web", one),
    pools: [{ pool: nodePool("huge", {}, { requirements: huge }), types: sizes }],
  });
  expect(reasons(result, "web-0")).toEqual(["huge: no size meets the requirements"]);
});

test("a pod that is larger than any size is told so", () => {
  const result = batch({ pods: pods(1, "web", { cpu: "9" }), pools: [{ pool: nodePool("default"), types: sizes }] });
  expect(reasons(result, "web-0")).toEqual(["default: no size is large enough"]);
});

test("a static NodePool makes no node for pods that wait", () => {
  const result = batch({
    pods: pods(1, "web", one),
    pools: [{ pool: nodePool("fixed", { replicas: 3 }), types: sizes }],
  });
  expect(result.claims).toEqual([]);
});

test("a node that is there, or on its way, is tried before one is made", () => {
  const room = new Map([
    ["cpu", 1500],
    ["memory", 8 * 1024 ** 3],
    ["pods", 10],
  ]);
  const input = {
    pods: pods(2, "web", one),
    pools: [{ pool: nodePool("default"), types: sizes }],
    existing: [{ name: "n", labels: { "topology.kubernetes.io/zone": "r-1" }, taints: [], room, ports: [] }],
  };
  const result = batch(input);
  expect([...result.onExisting].map(([node, list]) => [node, list.map(({ metadata }: Pod) => metadata.name)])).toEqual([
    ["n", ["web-0"]],
  ]);
  expect(shown(result)).toEqual(["default: 1 pods, small medium large"]);
});
