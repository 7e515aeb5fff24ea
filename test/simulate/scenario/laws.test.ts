import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { NodePool } from "../../../src/azure/platform.ts";
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import { millis } from "../../../src/model/quantity.ts";
import type { ScenarioAction } from "../../../src/model/scenario.ts";
import { desiredOf, healthyOf } from "../../../src/simulate/scenario/budgets.ts";
import type { ScenarioInput } from "../../../src/simulate/scenario/run-scenario.ts";
import type { SideInput } from "../../../src/simulate/scenario/scenario-setup.ts";
import { type ScenarioWorld, sizeOf } from "../../../src/simulate/scenario/world.ts";
import type { WorldPools } from "../../../src/simulate/scenario/world-pools.ts";
import { aksCluster, nodePool, platform, subnet } from "../../support/platform.ts";
import { deployment, objectsOf, play, scenarioFrom, statefulSet } from "./scenario-support.ts";

const MINUTE = 60_000;

/** What a side of a random change is made of. */
interface Parts {
  readonly version: string;
  readonly size: string;
  readonly system: number;
  readonly max: number;
  readonly count: number;
  readonly extra: boolean;
  readonly image: string;
  readonly replicas: number;
  readonly hpaMax: number;
  readonly budget: number;
  readonly hasStore: boolean;
  readonly hasJob: boolean;
}

const usualUpgrade = { maxSurge: "50%", maxUnavailable: undefined, drainTimeoutMinutes: 5, soakMinutes: undefined };

const sideOf = (parts: Parts): SideInput => {
  const pool = (name: string, more: Partial<NodePool>): NodePool =>
    nodePool(name, {
      vmSize: "Standard_D4ds_v5",
      zones: ["1", "2", "3"],
      upgrade: usualUpgrade,
      temporaryNameForRotation: "tmp",
      ...more,
    });
  const cluster = aksCluster({
    kubernetesVersion: parts.version,
    // Pods take addresses of the node subnet: 31 a node.
    network: { pluginMode: undefined },
    pools: [
      pool("system", { isDefault: true, mode: "System", nodeCount: parts.system }),
      pool("user", { nodeCount: 2, autoscaling: true, minCount: 2, maxCount: parts.max, vmSize: parts.size }),
      pool("fixed", { nodeCount: parts.count }),
      ...(parts.extra ? [pool("extra", { nodeCount: 1 })] : []),
    ],
  });
  const objects: KubeObject[] = [
    ...deployment("web", {
      replicas: 4,
      milliCpu: 500,
      hpa: { min: 2, max: parts.hpaMax, target: 70 },
      budget: parts.budget,
    }).map((object) =>
      object.kind === "Deployment"
        ? (JSON.parse(JSON.stringify(object).replace("web:1", parts.image)) as KubeObject)
        : object,
    ),
    ...deployment("worker", { replicas: parts.replicas, milliCpu: 400 }),
    ...(parts.hasStore ? statefulSet("store", 3) : []),
    ...(parts.hasJob
      ? objectsOf(`
apiVersion: batch/v1
kind: CronJob
metadata: { name: report }
spec:
  schedule: "*/10 * * * *"
  jobTemplate:
    spec:
      completions: 3
      parallelism: 2
      template:
        spec: { restartPolicy: Never, containers: [{ name: main, image: "report:1", resources: { requests: { cpu: 600m } } }] }
`)
      : []),
  ];
  return { platform: platform({ clusters: [cluster], subnets: [subnet("nodes", "10.1.0.0/23")] }), cluster, objects };
};

const parts: fc.Arbitrary<Parts> = fc.record({
  version: fc.constantFrom("1.33", "1.34"),
  size: fc.constantFrom("Standard_D4ds_v5", "Standard_D8ds_v5"),
  system: fc.integer({ min: 1, max: 2 }),
  max: fc.integer({ min: 2, max: 6 }),
  count: fc.integer({ min: 0, max: 3 }),
  extra: fc.boolean(),
  image: fc.constantFrom("web:1", "web:2"),
  replicas: fc.integer({ min: 0, max: 8 }),
  hpaMax: fc.integer({ min: 4, max: 14 }),
  budget: fc.integer({ min: 0, max: 2 }),
  hasStore: fc.boolean(),
  hasJob: fc.boolean(),
});

const action: fc.Arbitrary<ScenarioAction> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("apply" as const),
      manifests: fc.constantFrom("after" as const, "before" as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("zoneLoss" as const),
      zone: fc.constantFrom("1", "2", "3"),
      duration: fc.constant(millis(20 * MINUTE)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("upgrade" as const),
      what: fc.constantFrom("cluster" as const, "nodeImage" as const),
      pools: fc.constantFrom([], ["user"]),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("rotatePool" as const), pool: fc.constantFrom("user", "fixed") }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("nodeFailure" as const),
      pool: fc.constant(undefined),
      count: fc.integer({ min: 1, max: 2 }),
      duration: fc.constantFrom(millis(3 * MINUTE), millis(20 * MINUTE)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("deploy" as const),
      workload: fc.constant("Deployment/default/web"),
      image: fc.constantFrom("web:3", undefined),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("provisioningFailure" as const),
      pool: fc.constant(undefined),
      reason: fc.constant("AllocationFailed"),
      duration: fc.constant(millis(10 * MINUTE)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("stop" as const), duration: fc.constant(millis(10 * MINUTE)) }),
  },
);

const cases = fc.record({
  base: parts,
  head: parts,
  height: fc.integer({ min: 1, max: 30 }).map((tenths) => tenths / 10),
  quota: fc.integer({ min: 40, max: 80 }),
  events: fc.array(
    fc.record({ at: fc.integer({ min: 1, max: 60 }).map((minute) => millis(minute * MINUTE)), action }),
    { minLength: 1, maxLength: 4 },
  ),
  seed: fc.integer({ min: 0, max: 1000 }),
});

const must = (holds: boolean, what: string, at: number): void => {
  if (!holds) throw new Error(`${what} at ${at} ms`);
};

/** Every pod that is wanted is there: it runs, starts, waits, is on a lost node, or its name is on its way out. */
const podsAreThere = (world: ScenarioWorld): void => {
  const counts = new Map(
    world.workloads.map((each) => [each, { pending: 0, starting: 0, ready: 0, lost: 0, terminating: 0 }]),
  );
  for (const { workload, phase } of world.pods.values()) {
    const phases = workload === undefined ? undefined : counts.get(workload);
    if (phases !== undefined) phases[phase] += 1;
  }
  for (const [workload, { pending, starting, ready, lost, terminating }] of counts) {
    const active = pending + starting + ready + lost;
    const wanted = sizeOf(workload);
    const fits =
      workload.kind === "StatefulSet" ? active <= wanted && wanted <= active + terminating : active === wanted;
    must(fits, `${workload.address} wants ${wanted} pods and has ${active}`, world.now);
    must(workload.ready === ready && workload.pending === pending, `counts of ${workload.address}`, world.now);
    must(
      workload.active.size === active && workload.leaving.size === terminating,
      `sets of ${workload.address}`,
      world.now,
    );
  }
};

/** No node carries more than it has, and each pod is on one node alone. */
const nodesCarry = (world: ScenarioWorld): void => {
  const seen = new Set<string>();
  let requested = 0;
  for (const node of world.nodes.values()) {
    const { allocatable, pods } = node.template.resources;
    let milliCpu = 0;
    let memory = 0;
    for (const pod of node.pods) {
      must(!seen.has(pod.key), `${pod.key} is on two nodes`, world.now);
      seen.add(pod.key);
      milliCpu += pod.milliCpu;
      memory += pod.memory;
    }
    must(milliCpu <= allocatable.milliCpu && memory <= allocatable.memory, `${node.name} is overcommitted`, world.now);
    must(node.pods.size <= pods, `${node.name} has too many pods`, world.now);
    requested += milliCpu;
  }
  must(world.book.use.milliCpu === requested, "requested CPU", world.now);
};

/** Pools keep their bounds while nobody has an operation on them, addresses and vCPUs at every moment. */
const poolsKeepBounds = (world: ScenarioWorld, pools: WorldPools): void => {
  const failed = world.events.some(({ text }) => text.includes("has failed"));
  const stopped = world.events.some(({ kind }) => kind === "cluster");
  for (const { pool, instances, surged, isHeld } of pools.all) {
    if (!isHeld && !failed) must(instances.length <= pool.max + surged, `${pool.name} over max_count`, world.now);
    if (pool.autoscaling && !isHeld && !failed && !stopped && pools.operations.size === 0)
      must(instances.length >= pool.min, `${pool.name} under min_count`, world.now);
  }
  for (const { name, used, usable } of pools.subnets())
    must(used <= usable, `${used} of ${usable} addresses of ${name}`, world.now);
  for (const { family, used, limit } of pools.quotas())
    must(used <= limit, `${used} of ${limit} vCPUs of ${family}`, world.now);
};

test("whatever happens, the change among it: nothing is lost, nothing exceeded, no budget broken", () => {
  let applied = 0;
  const probe: ScenarioInput["probe"] = (world, pools) => {
    podsAreThere(world);
    nodesCarry(world);
    poolsKeepBounds(world, pools);
  };
  fc.assert(
    fc.property(cases, ({ base, head, height, quota, events, seed }) => {
      const text = `until: 100m
load: { default: 0.4, workloads: { Deployment/default/web: { spike: { base: 0.4, height: ${Math.max(0.4, height)}, at: 20m, for: 30m } } } }
vcpuQuota: { cores: ${quota} }
runTimes: { default: 7m }
`;
      const before = sideOf({ ...base, count: Math.min(base.count, 2) });
      const { apply } = play(
        sideOf(head),
        sideOf(head).objects,
        { ...scenarioFrom(text), events },
        {
          base: before,
          chance: { seed, run: 0 },
          probe,
          evicted: (world, pod, wasReady) => {
            if (!wasReady || pod.workload === undefined) return;
            for (const budget of world.budgets.all)
              if (budget.covered.includes(pod.workload))
                must(healthyOf(budget) >= desiredOf(budget), `${budget.name} is broken`, world.now);
          },
        },
      );
      if (apply !== undefined) applied += 1;
    }),
    { numRuns: 40, seed: 5 },
  );
  expect(applied).toBeGreaterThan(10);
});
