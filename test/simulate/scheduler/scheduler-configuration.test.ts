import { expect, test } from "@jest/globals";
import type { Node } from "../../../src/kubernetes/node.ts";
import type { Pod } from "../../../src/kubernetes/pod.ts";
import type { Json } from "../../../src/model/json.ts";
import { defaultProfile } from "../../../src/simulate/scheduler/profile.ts";
import { createScheduler } from "../../../src/simulate/scheduler/scheduler.ts";
import { readSchedulerConfiguration } from "../../../src/simulate/scheduler/scheduler-configuration.ts";

const configured = (...profiles: Json[]) =>
  readSchedulerConfiguration({
    apiVersion: "kubescheduler.config.k8s.io/v1",
    kind: "KubeSchedulerConfiguration",
    profiles,
  });

const only = (profile: Json) => {
  const [read] = configured(profile).value;
  if (read === undefined) throw new Error("no profile");
  return read;
};

const args = (name: string, value: Json): Json => ({ pluginConfig: [{ name, args: value }] });

const node = (name: string, cpu: string, labels = {}): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels },
  status: { allocatable: { cpu, memory: "10Gi", pods: "10", "example.com/gpu": "4" } },
});

const pod = (cpu: string, more = {}): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p", namespace: "default" },
  spec: { containers: [{ name: "c", resources: { requests: { cpu, memory: "1Gi", ...more } } }] },
});

/** The scores of one plugin on nodes n1 (10 cores) and n2 (2 cores), the same on both paths. */
const scoresOf = (profile: Json, plugin: string, asking = pod("1")) => {
  const found = ["fast", "reference"].map((mode) => {
    const scheduler = createScheduler({ mode: mode as "fast", profiles: [only(profile)] });
    scheduler.setNode(node("n1", "10", { pool: "a" }));
    scheduler.setNode(node("n2", "2"));
    const { scores, decision } = scheduler.describe(asking);
    expect(scheduler.schedule(asking).node).toBe(decision.node);
    return ["n1", "n2"].map((name) => scores.get(name)?.get(plugin));
  });
  expect(found[0]).toEqual(found[1]);
  return found[0];
};

test("an empty profile is the default one", () => {
  expect(only({})).toEqual(defaultProfile);
});

// cpu: 1 of 10 is 10 %, 1 of 2 is 50 %; memory: 1 of 10 is 10 % on both.
test.each([
  ["LeastAllocated", {}, [90, 70]],
  ["MostAllocated", { type: "MostAllocated" }, [10, 30]],
  [
    "weights",
    {
      type: "LeastAllocated",
      resources: [
        { name: "cpu", weight: 3 },
        { name: "memory", weight: 1 },
      ],
    },
    [90, 60],
  ],
  [
    "a curve",
    {
      type: "RequestedToCapacityRatio",
      resources: [{ name: "cpu", weight: 1 }],
      requestedToCapacityRatio: {
        shape: [
          { utilization: 0, score: 0 },
          { utilization: 100, score: 10 },
        ],
      },
    },
    [10, 50],
  ],
] as const)("resources are scored by %s", (_, scoringStrategy, expected) => {
  expect(scoresOf(args("NodeResourcesFit", { scoringStrategy } as Json), "NodeResourcesFit")).toEqual(expected);
});

test("a weight multiplies a plugin's score", () => {
  const plugins = { multiPoint: { enabled: [{ name: "NodeResourcesFit", weight: 5 }] } };
  expect(scoresOf({ plugins }, "NodeResourcesFit")).toEqual([450, 350]);
});

test("a disabled plugin has no say", () => {
  const score = only({
    plugins: { score: { disabled: [{ name: "*" }], enabled: [{ name: "ImageLocality", weight: 2 }] } },
  });
  expect(score.scores).toEqual([{ name: "ImageLocality", weight: 2 }]);
  const filter = only({ plugins: { multiPoint: { disabled: [{ name: "NodeResourcesFit" }] } } });
  expect(filter.filters).not.toContain("NodeResourcesFit");
  const scheduler = createScheduler({ profiles: [filter] });
  scheduler.setNode(node("n1", "1"));
  expect(scheduler.schedule(pod("100")).node).toBe("n1");
});

test("ignored resources are not looked at", () => {
  const ignoring = only(args("NodeResourcesFit", { ignoredResourceGroups: ["example.com"] }));
  const scheduler = createScheduler({ profiles: [ignoring] });
  scheduler.setNode(node("n1", "4"));
  expect(scheduler.schedule(pod("1", { "example.com/gpu": "9" })).node).toBe("n1");
});

test("added affinity keeps every pod of the profile on its nodes", () => {
  const terms = [{ matchExpressions: [{ key: "pool", operator: "Exists" }] }];
  const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } };
  const scheduler = createScheduler({ profiles: [only(args("NodeAffinity", { addedAffinity: required }))] });
  scheduler.setNode(node("n1", "4"));
  expect(scheduler.message(scheduler.schedule(pod("1")))).toContain(
    "1 node(s) didn't match scheduler-enforced node affinity",
  );
});

test("default constraints of a list replace the system's", () => {
  const defaultConstraints = [{ maxSkew: 1, topologyKey: "pool", whenUnsatisfiable: "DoNotSchedule" }];
  const profile = only(args("PodTopologySpread", { defaultingType: "List", defaultConstraints }));
  const decide = (mode: "fast" | "reference") => {
    const scheduler = createScheduler({ mode, profiles: [profile] });
    scheduler.setNode(node("n1", "4", { pool: "a" }));
    scheduler.setNode(node("n2", "8"));
    scheduler.setObject({
      ...{ apiVersion: "v1", kind: "Service", metadata: { name: "s", namespace: "default" } },
      ...{ spec: { selector: { app: "x" } } },
    });
    const asking = pod("1");
    return scheduler.schedule({ ...asking, metadata: { ...asking.metadata, labels: { app: "x" } } }).node;
  };
  expect([decide("fast"), decide("reference")]).toEqual(["n1", "n1"]);
});

test("each pod is placed by the profile it names", () => {
  const { value } = configured(
    {},
    { schedulerName: "packing", plugins: { postFilter: { disabled: [{ name: "*" }] } } },
  );
  const scheduler = createScheduler({ profiles: value });
  const asking = pod("1");
  expect(scheduler.message(scheduler.schedule(asking))).toBe("no nodes available to schedule pods");
  scheduler.setNode(node("n1", "500m"));
  const packed = { ...asking, spec: { ...asking.spec, schedulerName: "packing" } };
  expect(scheduler.message(scheduler.schedule(packed))).toBe("0/1 nodes are available: 1 Insufficient cpu.");
});

test.each([
  ["another kind", { kind: "Pod" }],
  ["no object", null],
])("%s is no configuration", (_, object) => {
  expect(readSchedulerConfiguration(object as Json).diagnostics.map(({ code }) => code)).toEqual(["AKS9602"]);
});

test("an unknown plugin, an unknown strategy and a missing shape are told of", () => {
  const { diagnostics } = configured(
    { plugins: { score: { enabled: [{ name: "Coscheduling" }] } } },
    args("NodeResourcesFit", { scoringStrategy: { type: "Random" } }),
    args("NodeResourcesFit", { scoringStrategy: { type: "RequestedToCapacityRatio" } }),
  );
  expect(diagnostics.map(({ summary }) => summary)).toEqual([
    "A scheduler plugin is not known",
    "A scoring strategy is not known",
    "A scoring strategy lacks its shape",
  ]);
});
