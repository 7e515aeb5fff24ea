import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { platformCapacity } from "../../src/commands/capacity-platform.ts";
import { readPlatform } from "../../src/read-platform.ts";
import { endsFirst } from "../../src/report/capacity-verdict.ts";
import { analyzeCapacity, type CapacityInput } from "../../src/simulate/capacity-analysis.ts";
import type { ClusterCapacity, WorkloadRoom } from "../../src/simulate/capacity-model.ts";
import { sampleInput } from "../support/samples.ts";
import { type Shop, shop } from "../support/shop.ts";
import { worldOf } from "../support/world.ts";

interface Load {
  readonly cpu: number;
  readonly replicas?: number;
  /** Lines inside the pod's spec. */
  readonly pod?: string;
}

const deployment = ({ cpu, replicas = 1, pod = "" }: Load): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      nodeSelector: { kubernetes.azure.com/mode: user }
      ${pod}
      containers:
        - name: web
          image: nginx
          resources: { requests: { cpu: ${cpu}m, memory: 64Mi } }
`;

const capacityOf = (parts: Shop, yaml: string, more: Partial<CapacityInput> = {}): ClusterCapacity => {
  const { platform, objects } = worldOf({ hcl: shop(parts), yaml });
  const cluster = platform.clusters[0];
  if (cluster === undefined) throw new Error("no cluster");
  return analyzeCapacity({
    platform,
    cluster,
    objects: objects.map(({ object }) => object),
    load: { default: undefined, workloads: new Map() },
    ...more,
  }).value;
};

const webRoom = (capacity: ClusterCapacity): WorkloadRoom => {
  const room = capacity.workloads.find(({ workload }) => workload === "Deployment/shop/web");
  if (room === undefined) throw new Error("no room of web");
  return room;
};

const userPool = (max: number): string =>
  `vm_size = "Standard_D4s_v5"\n auto_scaling_enabled = true\n min_count = 1\n max_count = ${max}\n zones = ["1", "2", "3"]`;

const sample = platformCapacity(readPlatform(sampleInput("samples/online-shop"))).value[0];

test("the sample's rooms are those worked out by hand in its README", () => {
  const rows = (sample?.workloads ?? []).map(({ workload, moreNow, more, endedBy }) => [
    workload,
    moreNow,
    more,
    endedBy.map(({ text }) => text).join(),
  ]);
  expect(rows).toContainEqual(["Deployment/shop/recommendations", 0, 9, 'max_count 4 of pool "spot"']);
  expect(rows).toContainEqual(["Deployment/shop/image-resizer", 0, 18, 'max_count 4 of pool "spot"']);
  expect(rows).toContainEqual(["Deployment/shop/catalog", 13, 41, 'max_count 6 of pool "user"']);
  expect(rows).toContainEqual(["Deployment/shop/cart", 16, 54, 'max_count 6 of pool "user"']);
  expect(rows).toContainEqual(["StatefulSet/shop/rabbitmq", 1, 41, 'max_count 6 of pool "user"']);
});

test("used and free make the limit, at every moment", () => {
  const uses = (sample?.limits ?? []).flatMap(({ at }) => Object.values(at));
  expect(uses.length).toBeGreaterThan(80);
  for (const { used, free, limit } of uses) expect(used + free).toBe(limit);
});

test("with half of the nodes gone the autoscaler stops", () => {
  const lost = sample?.moments.find(({ name }) => name === "zoneLost");
  expect(lost?.zone).toBe("1");
  expect(lost?.note).toContain("4 of 8 nodes are not ready");
});

test("max_count ends it, then the subnet, then the quota", () => {
  const plain = deployment({ cpu: 1000 });
  const counted = webRoom(capacityOf({ user: userPool(4) }, plain));
  expect(counted.endedBy).toMatchObject([{ limit: "max_count", pool: "user" }]);
  expect(counted.addedNodes).toEqual({ user: 3 });
  // 251 usable, 3 x 31 of the system pool: 5 nodes of 31 fit, where 20 are allowed.
  const addressed = webRoom(capacityOf({ user: userPool(20), subnet: "10.1.0.0/24" }, plain));
  expect(addressed.endedBy).toMatchObject([{ limit: "addresses", subject: "nodes" }]);
  expect(addressed.addedNodes).toEqual({ user: 4 });
  const quotas = new Map([["cores", { family: "cores", used: 10, limit: 32 }]]);
  const quoted = webRoom(capacityOf({ user: userPool(20) }, plain, { quotas }));
  // 10 in use, 3 + 1 nodes of 4: 6 are left, for one node.
  expect(quoted.endedBy).toMatchObject([{ limit: "vcpuQuota", subject: "cores" }]);
  expect(quoted.addedNodes).toEqual({ user: 1 });
});

test("a pod that no pool's node takes has no room, and its own rules are the reason", () => {
  const room = webRoom(
    capacityOf(
      { user: userPool(6) },
      deployment({
        cpu: 100,
        pod: "nodeName: null\n      runtimeClassName: null\n      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: kubernetes.azure.com/cluster, labelSelector: { matchLabels: { app: web } } }] } }",
      }),
    ),
  );
  expect(room).toMatchObject({ more: 0, unbounded: false });
  expect(room.endedBy[0]?.limit).toBe("placement");
});

test("one pod a node: as many fit as there may be nodes", () => {
  const rule =
    "affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: kubernetes.io/hostname, labelSelector: { matchLabels: { app: web } } }] } }";
  expect(webRoom(capacityOf({ user: userPool(7) }, deployment({ cpu: 100, pod: rule }))).more).toBe(6);
});

test("more nodes never reduce what fits of a plain workload, and larger pods never fit more often", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 50, max: 2500 }),
      fc.integer({ min: 1, max: 5 }),
      (max, cpu, replicas) => {
        const room = (most: number, each: number): number =>
          webRoom(capacityOf({ user: userPool(most) }, deployment({ cpu: each, replicas: Math.min(replicas, max) })))
            .more;
        const here = room(max, cpu);
        expect(room(max + 1, cpu)).toBeGreaterThanOrEqual(here);
        expect(room(max, cpu + 100)).toBeLessThanOrEqual(here);
      },
    ),
    { numRuns: 6, seed: 7 },
  );
}, 60_000);

test("the fewest nodes carry the load and one less does not", () => {
  const capacity = capacityOf({ user: userPool(6) }, deployment({ cpu: 1000, replicas: 7 }));
  const user = capacity.nodeCounts.find(({ pool }) => pool === "user");
  // 3 of 1000m fit 3860m less the DaemonSets' requests: 7 need 3 nodes.
  expect(user?.needed).toEqual({ low: 3, high: 3, hpaMax: 3 });
});

test("node auto-provisioning is no end, and what it adds is not counted", () => {
  const nap: Shop = {
    cluster: 'node_provisioning_profile {\n    mode = "Auto"\n    default_node_pools = "None"\n  }',
    network:
      'network_plugin = "azure"\n    network_plugin_mode = "overlay"\n    network_data_plane = "cilium"\n    network_policy = "cilium"\n    pod_cidr = "10.244.0.0/16"\n    service_cidr = "172.20.0.0/16"\n    dns_service_ip = "172.20.0.10"',
  };
  const pool = (family: string): string => `
apiVersion: karpenter.azure.com/v1beta1
kind: AKSNodeClass
metadata: { name: default }
spec: { imageFamily: Ubuntu }
---
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: { name: work }
spec:
  template:
    spec:
      nodeClassRef: { group: karpenter.azure.com, kind: AKSNodeClass, name: default }
      requirements:
        - { key: kubernetes.azure.com/mode, operator: In, values: [${family}] }
---
`;
  const open = capacityOf(nap, pool("user") + deployment({ cpu: 500 }));
  expect(webRoom(open).endedBy.some(({ limit }) => limit === "nodeProvisioning")).toBe(true);
  expect(endsFirst(open.workloads)).toBeUndefined();
  expect(open.assumptions.some(({ key }) => key === "capacityNodeProvisioning")).toBe(true);
  const closed = capacityOf(nap, pool("system") + deployment({ cpu: 500 }));
  expect(webRoom(closed).endedBy.at(-1)?.text).toContain("node auto-provisioning adds none");
  expect(endsFirst(closed.workloads)?.workload).toBe("Deployment/shop/web");
});
