import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Node } from "../../../src/kubernetes/node.ts";
import type { Pod } from "../../../src/kubernetes/pod.ts";
import type { PodDisruptionBudget } from "../../../src/kubernetes/workloads.ts";
import { autoscalerOptions } from "../../../src/simulate/autoscaling/autoscaler-profile.ts";
import {
  type SteadyCluster,
  type SteadyPools,
  steadyPoolSizes,
} from "../../../src/simulate/autoscaling/steady-pools.ts";
import { createScheduler } from "../../../src/simulate/scheduler/scheduler.ts";

interface PoolCase {
  readonly name: string;
  readonly cpu: string;
  readonly memory: string;
  readonly min: number;
  readonly max: number;
  readonly nodes: number;
}

const node = ({ name: pool, cpu, memory }: PoolCase, name: string): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels: { agentpool: pool, "kubernetes.io/hostname": name } },
  spec: {},
  status: { allocatable: { cpu, memory, pods: "110" }, capacity: { cpu, memory, pods: "110" } },
});

const pods = (name: string, count: number, cpu: string, memory = "100Mi"): readonly Pod[] =>
  Array.from({ length: count }, (_, index) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `${name}-${index}`,
      namespace: "default",
      labels: { app: name },
      ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name, uid: name, controller: true }],
    },
    spec: { containers: [{ name: "main", resources: { requests: { cpu, memory } } }] },
  }));

/** A small cluster under the real filters and scores. */
const cluster = (pools: readonly PoolCase[], all: readonly Pod[]): SteadyCluster => {
  const scheduler = createScheduler();
  const nodes = new Map<string, { node: Node; pool: string }>();
  const placed = new Map<string, { pod: Pod; node: string }>();
  let waiting: readonly Pod[] = all;
  let next = 0;
  const add = (pool: PoolCase, count: number): void => {
    for (let index = 0; index < count; index += 1) {
      const made = node(pool, `${pool.name}-${next}`);
      next += 1;
      nodes.set(made.metadata.name, { node: made, pool: pool.name });
      scheduler.setNode(made);
    }
  };
  const place = (): void => {
    waiting = waiting.filter((pod) => {
      const decision = scheduler.schedule(pod);
      if (decision.node === undefined) return true;
      scheduler.setPod({ ...pod, spec: { ...pod.spec, nodeName: decision.node } });
      placed.set(pod.metadata.name, { pod, node: decision.node });
      return false;
    });
  };
  for (const pool of pools) add(pool, pool.nodes);
  place();
  return {
    pools: pools.map((pool) => ({ ...pool, template: () => ({ node: node(pool, "template"), pods: [] }) })),
    nodes: () => nodes.values(),
    placed: () => placed.values(),
    pending: () => waiting,
    grow: (name, count) => {
      const pool = pools.find((each) => each.name === name);
      if (pool !== undefined) add(pool, count);
      place();
    },
    shrink: (names) => {
      for (const name of names) {
        const homeless = [...placed.values()].filter((each) => each.node === name).map(({ pod }) => pod);
        for (const pod of homeless) {
          placed.delete(pod.metadata.name);
          scheduler.removePod("default", pod.metadata.name);
        }
        waiting = [...waiting, ...homeless];
        scheduler.removeNode(name);
        nodes.delete(name);
      }
      place();
    },
    daemonSets: [],
    budgets: [],
  };
};

const sizesOf = ({ sizes }: SteadyPools) => Object.fromEntries([...sizes].map(([name, { to }]) => [name, to]));
const small: PoolCase = { name: "small", cpu: "1900m", memory: "5Gi", min: 1, max: 5, nodes: 1 };

test("a pool grows to what the pods need", () => {
  const settled = steadyPoolSizes(cluster([small], pods("web", 6, "900m")));
  expect(sizesOf(settled)).toEqual({ small: 3 });
  expect(settled.sizes.get("small")).toMatchObject({
    from: 1,
    limited: false,
    reason: "pending pods need 2 more nodes",
  });
});

test("a pool stops at its maximum and says how many pods wait", () => {
  const settled = steadyPoolSizes(cluster([small], pods("web", 20, "900m")));
  expect(settled.sizes.get("small")).toMatchObject({
    to: 5,
    limited: true,
    reason: "max_count 5 reached while 10 pods still wait",
  });
  expect(settled.unhelped).toHaveLength(10);
});

test("a pod that fits nowhere does not make a full pool look too small", () => {
  const full = { ...small, max: 1 };
  const settled = steadyPoolSizes(cluster([full], [...pods("web", 2, "900m"), ...pods("huge", 1, "64")]));
  expect(settled.sizes.get("small")).toMatchObject({ to: 1, limited: false });
  expect(settled.unhelped).toEqual([{ pod: "default/huge-0", reasons: ["small: max node group size reached"] }]);
});

test("nodes that nobody needs go, down to the minimum", () => {
  const settled = steadyPoolSizes(cluster([{ ...small, nodes: 5 }], pods("web", 2, "300m")));
  expect(sizesOf(settled)).toEqual({ small: 1 });
  expect(settled.sizes.get("small")?.reason).toBe("4 nodes are not needed");
});

test("a pool below its minimum is brought up to it", () => {
  expect(sizesOf(steadyPoolSizes(cluster([{ ...small, min: 3 }], [])))).toEqual({ small: 3 });
});

test("a choice that upstream makes at random is told", () => {
  const full = pods("fill", 1, "1800m");
  const twin = { ...small, name: "twin", min: 0, nodes: 0 };
  const settled = steadyPoolSizes(cluster([small, twin], [...full, ...pods("web", 2, "900m")]));
  expect(settled.ties).toEqual([["small", "twin"]]);
});

const poolCase = fc
  .record({ min: fc.nat(3), room: fc.nat(6), start: fc.nat(6), cores: fc.integer({ min: 2, max: 8 }) })
  .map(({ min, room, start, cores }) => ({
    min,
    max: min + room,
    nodes: Math.min(start, min + room),
    cpu: `${cores}`,
  }));
const podCase = fc.record({ count: fc.integer({ min: 1, max: 12 }), milli: fc.integer({ min: 100, max: 5000 }) });
const cases = fc.record({
  pools: fc.array(poolCase, { minLength: 1, maxLength: 3 }),
  workloads: fc.array(podCase, { maxLength: 4 }),
  expander: fc.constantFrom("random", "least-waste", "most-pods"),
});

test("never over the maximum nor under the minimum, the same each time, and at rest in the end", () => {
  fc.assert(
    fc.property(cases, ({ pools, workloads, expander }) => {
      const named = pools.map((pool, index) => ({ ...pool, name: `p${index}`, memory: "16Gi" }));
      const all = workloads.flatMap(({ count, milli }, index) => pods(`w${index}`, count, `${milli}m`));
      const options = autoscalerOptions({ expander });
      const settled = steadyPoolSizes(cluster(named, all), options);
      for (const { to, min, max } of settled.sizes.values()) {
        expect(to).toBeGreaterThanOrEqual(min);
        expect(to).toBeLessThanOrEqual(max);
      }
      expect(settled.settled).toBe(true);
      expect(steadyPoolSizes(cluster(named, all), options)).toEqual(settled);
    }),
    { seed: 7, numRuns: 60 },
  );
});

const budget = (spec: PodDisruptionBudget["spec"]): PodDisruptionBudget => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name: "web", namespace: "default" },
  spec: { selector: { matchLabels: { app: "web" } }, ...spec },
});

test.each([
  ["allows one of two pods to move", { minAvailable: 1 }, { small: 1 }],
  ["allows half", { maxUnavailable: "50%" }, { small: 1 }],
  ["allows none", { minAvailable: "100%" }, { small: 2 }],
  ["allows none of too few", { minAvailable: 3 }, { small: 2 }],
])("a budget without status %s", (_, spec, sizes) => {
  const [first, second] = pods("web", 2, "300m");
  const two = { ...small, nodes: 2 };
  const base = cluster(
    [two],
    [first, second].flatMap((pod) => (pod === undefined ? [] : [pod])),
  );
  const settled = steadyPoolSizes({ ...base, budgets: [budget(spec)] });
  expect(sizesOf(settled)).toEqual(sizes);
});

const claiming = (pod: Pod): Pod => ({
  ...pod,
  spec: { ...pod.spec, volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }] },
});

test("a pod whose claim is not known is bound to no zone by it", () => {
  const waiting = cluster([small], pods("web", 2, "900m"));
  const more = pods("db", 1, "900m").map(claiming);
  const settled = steadyPoolSizes({ ...waiting, pending: () => more });
  expect(settled.unhelped).toEqual([]);
});

test("a volume keeps a pod in its zone: only a pool of that zone helps", () => {
  const zoned = (name: string, zone: string): PoolCase & { readonly zone: string } => ({
    ...small,
    name,
    zone,
    min: 0,
    nodes: 0,
  });
  const pools = [zoned("one", "westeurope-1"), zoned("two", "westeurope-2")];
  const claim = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      name: "data",
      namespace: "default",
      annotations: { "pv.kubernetes.io/bind-completed": "yes" },
    },
    spec: { volumeName: "disk", accessModes: ["ReadWriteOnce"], storageClassName: "managed-csi" },
    status: { phase: "Bound" },
  };
  const volume = {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "disk" },
    spec: {
      claimRef: { name: "data", namespace: "default" },
      storageClassName: "managed-csi",
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: "topology.kubernetes.io/zone", operator: "In", values: ["westeurope-2"] }] },
          ],
        },
      },
    },
  };
  const inZone = (pool: PoolCase, zone: string): Node => {
    const plain = node(pool, "template");
    const labels = { ...plain.metadata.labels, "topology.kubernetes.io/zone": zone };
    return { ...plain, metadata: { ...plain.metadata, labels } };
  };
  const asked: string[] = [];
  const settled = steadyPoolSizes({
    ...cluster(pools, []),
    pools: pools.map((pool) => ({ ...pool, template: () => ({ node: inZone(pool, pool.zone), pods: [] }) })),
    pending: () => (asked.length > 0 ? [] : pods("db", 1, "900m").map(claiming)),
    objects: () => [claim, volume],
    grow: (pool) => asked.push(pool),
  });
  expect({ asked, unhelped: settled.unhelped }).toEqual({ asked: ["two"], unhelped: [] });
});
