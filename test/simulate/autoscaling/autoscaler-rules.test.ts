import { expect, test } from "@jest/globals";
import type { Pod } from "../../../src/kubernetes/pod.ts";
import { autoscalerOptions } from "../../../src/simulate/autoscaling/autoscaler-profile.ts";
import { cappedByLimits, exceededLimits, roomToGrow } from "../../../src/simulate/autoscaling/cluster-limits.ts";
import { DisruptionBudgets } from "../../../src/simulate/autoscaling/disruption-budgets.ts";
import { type DrainContext, podsToMove } from "../../../src/simulate/autoscaling/drain-rules.ts";
import { parsePriorities } from "../../../src/simulate/autoscaling/expander-priorities.ts";
import { chooseExpansion, type ExpansionOption } from "../../../src/simulate/autoscaling/expanders.ts";
import { GroupHealth } from "../../../src/simulate/autoscaling/group-health.ts";
import type { NodeGroup } from "../../../src/simulate/autoscaling/node-group.ts";
import { hasGpus } from "../../../src/simulate/autoscaling/node-utilization.ts";
import { podFacts } from "../../../src/simulate/autoscaling/pod-facts.ts";

// Rules of cluster-autoscaler 1.33.0, one row each, in places that no recording touches.

const NOW = Date.parse("2026-01-01T12:00:00Z");
const HOUR = 3_600_000;

const podOf = (changes: Partial<Pod["metadata"]> = {}, spec: Partial<Pod["spec"]> = {}, status?: Pod["status"]) =>
  podFacts(
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: "cart-0",
        namespace: "shop",
        labels: { app: "cart" },
        ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "cart", uid: "1", controller: true }],
        ...changes,
      },
      spec: { containers: [{ name: "app" }], ...spec },
      ...(status === undefined ? {} : { status }),
    } as unknown as Pod,
    NOW - 2 * HOUR,
  );

const owner = (kind: string, apiVersion = "apps/v1") => ({
  ownerReferences: [{ apiVersion, kind, name: "cart", uid: "1", controller: true }],
});
const safe = (value: string) => ({ annotations: { "cluster-autoscaler.kubernetes.io/safe-to-evict": value } });
const emptyDir = { volumes: [{ name: "cache", emptyDir: {} }] } as Partial<Pod["spec"]>;
const budget = (allowed: number) =>
  new DisruptionBudgets([
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "b", namespace: "shop" },
      spec: { selector: { matchLabels: { app: "cart" } } },
      status: { disruptionsAllowed: allowed },
    } as never,
  ]);

const drainRows: readonly (readonly [
  string,
  ReturnType<typeof podOf>,
  Record<string, string>,
  Partial<DrainContext>,
  string,
])[] = [
  ["a replicated pod moves", podOf(), {}, {}, "moves"],
  ["a bare pod blocks", podOf({ ownerReferences: [] }), {}, {}, "NotReplicated"],
  ["a bare pod that is safe moves", podOf({ ownerReferences: [], ...safe("true") }), {}, {}, "moves"],
  ["a pod of an unknown controller blocks", podOf(owner("CloneSet")), {}, {}, "NotReplicated"],
  [
    "unless custom controllers are trusted",
    podOf(owner("CloneSet")),
    { "skip-nodes-with-custom-controller-pods": "false" },
    {},
    "moves",
  ],
  [
    "a ReplicaSet below the least replicas blocks",
    podOf(),
    { "min-replica-count": "2" },
    { replicas: () => ({ target: 1, current: 1 }) },
    "MinReplicasReached",
  ],
  [
    "a StatefulSet is not asked for its replicas",
    podOf(owner("StatefulSet")),
    { "min-replica-count": "2" },
    { replicas: () => ({ target: 1, current: 1 }) },
    "moves",
  ],
  ["a workload that is gone blocks", podOf(), {}, { replicas: () => undefined }, "ControllerNotFound"],
  [
    "and nothing asks with custom controllers trusted",
    podOf(),
    { "skip-nodes-with-custom-controller-pods": "false" },
    { replicas: () => undefined },
    "moves",
  ],
  ["a DaemonSet's pod stays out of the account", podOf(owner("DaemonSet")), {}, {}, "stays"],
  [
    "a static pod too",
    podOf({ annotations: { "kubernetes.io/config.mirror": "x" }, ownerReferences: [] }),
    {},
    {},
    "stays",
  ],
  [
    "a failed bare pod moves",
    podOf({ ownerReferences: [] }, {}, { phase: "Failed" } as Pod["status"]),
    {},
    {},
    "moves",
  ],
  [
    "a succeeded pod that restarts always blocks",
    podOf({ ownerReferences: [] }, { restartPolicy: "Always" }, { phase: "Succeeded" } as Pod["status"]),
    {},
    {},
    "NotReplicated",
  ],
  [
    "a system pod without a budget blocks",
    podOf({ namespace: "kube-system" }),
    { "blocking-system-pod-distruption-timeout": "3h" },
    {},
    "UnmovableKubeSystemPod",
  ],
  ["and moves once it is old", podOf({ namespace: "kube-system" }), {}, {}, "moves"],
  ["an unsafe pod blocks", podOf(safe("false")), {}, {}, "NotSafeToEvictAnnotation"],
  [
    "an old system pod goes before the annotation is read",
    podOf({ namespace: "kube-system", ...safe("false") }),
    {},
    {},
    "moves",
  ],
  ["local storage is no hindrance on AKS", podOf({}, emptyDir), {}, {}, "moves"],
  [
    "but where it is asked for",
    podOf({}, emptyDir),
    { "skip-nodes-with-local-storage": "true" },
    {},
    "LocalStorageRequested",
  ],
  [
    "except volumes that are named safe",
    podOf({ annotations: { "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes": "cache" } }, emptyDir),
    { "skip-nodes-with-local-storage": "true" },
    {},
    "moves",
  ],
  ["a budget without room blocks", podOf(), {}, { budgets: budget(0) }, "NotEnoughPdb"],
  ["a budget with room does not", podOf(), {}, { budgets: budget(1) }, "moves"],
  ["a safe pod is not held by its budget here", podOf(safe("true")), {}, { budgets: budget(0) }, "moves"],
  [
    "a pod that has long been ending is passed over",
    podOf({ deletionTimestamp: "2026-01-01T11:58:00Z", ...safe("false") }),
    {},
    {},
    "stays",
  ],
  [
    "one that is still ending blocks as before",
    podOf({ deletionTimestamp: "2026-01-01T11:59:30Z", ...safe("false") }),
    {},
    {},
    "NotSafeToEvictAnnotation",
  ],
];

test.each(drainRows)("drain: %s", (_, pod, flags, changes, expected) => {
  const context = {
    options: autoscalerOptions({}, flags),
    budgets: undefined,
    replicas: undefined,
    now: NOW,
    ...changes,
  };
  const { pods, blocking } = podsToMove([pod], context);
  expect(blocking?.reason ?? (pods.length === 1 ? "moves" : "stays")).toBe(expected);
});

const groupOf = (id: string, size = 1): NodeGroup => ({
  id,
  min: 0,
  max: 10,
  targetSize: () => size,
  instances: () => [],
  template: () => ({ node: { apiVersion: "v1", kind: "Node", metadata: { name: id } }, pods: [] }),
  increase: () => undefined,
  deleteNodes: () => undefined,
});
const option = (id: string, nodes = 1): ExpansionOption => ({ group: groupOf(id), nodes, pods: [], similar: [] });

test.each([
  ["no ConfigMap", undefined, ["a", "b"], []],
  ["an empty one", " ", ["a", "b"], ["PriorityConfigMapInvalid"]],
  ["no numbers", "high:\n- a\n", ["a", "b"], ["PriorityConfigMapInvalid"]],
  ["a pattern that is none", "10:\n- '('\n", ["a", "b"], ["PriorityConfigMapInvalid"]],
  ["the highest number wins", "10:\n- a\n50:\n- b\n", ["b"], []],
  ["several of one number", "10: [a, b]\n", ["a", "b"], []],
  ["Go's flags", "10:\n- (?i)A\n", ["a"], ["PriorityConfigMapNotMatchedGroup"]],
  ["a comma within quotes", "10: ['a{1,2}']\n", ["a"], ["PriorityConfigMapNotMatchedGroup"]],
  [
    "nothing matches",
    "10:\n- z\n",
    ["a", "b"],
    ["PriorityConfigMapNotMatchedGroup", "PriorityConfigMapNotMatchedGroup", "PriorityConfigMapNoGroupMatched"],
  ],
  [
    "numbers below -1 never win",
    "-2:\n- a\n",
    ["a", "b"],
    ["PriorityConfigMapNotMatchedGroup", "PriorityConfigMapNoGroupMatched"],
  ],
])("priority expander: %s", (_, text, chosen, told) => {
  const { best, events } = chooseExpansion(["priority"], [option("a"), option("b")], new Map(), parsePriorities(text));
  expect([best.map(({ group }) => group.id), events]).toEqual([chosen, told]);
});

test("least-nodes takes the fewest nodes, and later expanders break what is left", () => {
  const { best } = chooseExpansion(
    ["least-nodes", "priority"],
    [option("a", 3), option("b", 2), option("c", 2)],
    new Map(),
    parsePriorities("5:\n- c\n"),
  );
  expect(best.map(({ group }) => group.id)).toEqual(["c"]);
});

test("the wait after a failed scale-up doubles up to half an hour, and is forgotten after three hours", () => {
  const health = new GroupHealth(autoscalerOptions(), [groupOf("a", 0)], () => undefined);
  health.update([], () => false, NOW);
  const minutes: number[] = [];
  let now = NOW;
  for (let failure = 0; failure < 5; failure++) {
    health.backOff("a", now);
    let waited = 0;
    while (health.scaleUpProblem("a", now + waited * 60_000) === "in backoff after failed scale-up") waited++;
    minutes.push(waited);
    now += waited * 60_000;
  }
  expect(minutes).toEqual([6, 11, 21, 31, 31]);
  health.update([], () => false, now + 4 * HOUR);
  health.backOff("a", now + 4 * HOUR);
  expect(health.scaleUpProblem("a", now + 4 * HOUR + 6 * 60_000)).not.toBe("in backoff after failed scale-up");
});

test("a failure within the wait does not make it longer", () => {
  const health = new GroupHealth(autoscalerOptions(), [groupOf("a", 0)], () => undefined);
  health.update([], () => false, NOW);
  health.backOff("a", NOW);
  health.backOff("a", NOW + 60_000);
  expect(health.scaleUpProblem("a", NOW + 6 * 60_000)).toBe("in backoff after failed scale-up");
  expect(health.scaleUpProblem("a", NOW + 6 * 60_000 + 1)).toBeUndefined();
});

test.each([
  ["no limit", {}, 5, []],
  ["cores for two more", { "cores-total": "0:12" }, 2, []],
  ["memory for one more", { "memory-total": "0:48" }, 1, []],
  ["no cores left", { "cores-total": "0:8" }, 0, ["cpu"]],
] as const)("cluster limits: %s", (_, flags, capped, exceeded) => {
  const size = { cores: 2, memory: 16 * 2 ** 30 };
  const left = roomToGrow(autoscalerOptions({}, flags), { cores: 8, memory: 32 * 2 ** 30 });
  expect([cappedByLimits(left, size, 5), exceededLimits(left, size)]).toEqual([capped, exceeded]);
});

test.each([
  ["the label alone", { "kubernetes.azure.com/accelerator": "nvidia" }, 0, true],
  ["the GPUs alone", {}, 1000, true],
  ["another label", { accelerator: "nvidia" }, 0, false],
])("a GPU node is told by %s", (_, labels, gpus, expected) => {
  const node = { apiVersion: "v1", kind: "Node", metadata: { name: "a", labels } };
  expect(hasGpus({ node, gpus } as never)).toBe(expected);
});
