import type { Pod } from "../kubernetes/pod.ts";
import { bytes, milliCpu } from "../model/quantity.ts";
import { claimNames } from "./cloud/volumes-of-pods.ts";
import { requestsOf } from "./predict-requests.ts";
import { ownerOf, type Settled } from "./predict-settle.ts";
import { podName } from "./predict-workloads.ts";
import type { NodePrediction, Placement, PoolPrediction } from "./prediction.ts";

/** Namespaces that AKS itself fills. */
const systemNamespaces: ReadonlySet<string> = new Set([
  "kube-system",
  "gatekeeper-system",
  "calico-system",
  "tigera-operator",
  "app-routing-system",
  "aks-istio-system",
  "aks-command",
]);

export interface PodsSummary {
  readonly pools: readonly PoolPrediction[];
  readonly nodes: readonly NodePrediction[];
  readonly placements: readonly Placement[];
  /** The most pods with an address of their own on a node of the pool. */
  readonly podsPerNode: ReadonlyMap<string, number>;
}

/** Pools, nodes and placements at high load; the numbers of nodes at low load beside. `disks` are the claims that become Azure Disks. */
export const summarizePods = (low: Settled, high: Settled, disks: ReadonlySet<string>): PodsSummary => {
  const podsByNode = new Map<string, Pod[]>();
  const placements: Placement[] = [];
  const poolOfNode = new Map(
    high.pools.flatMap((growing) => growing.nodeNames.map((name) => [name, growing] as const)),
  );
  for (const { pod, node } of high.cluster.placed.values()) {
    const there = podsByNode.get(node);
    if (there === undefined) podsByNode.set(node, [pod]);
    else there.push(pod);
    placements.push({
      pod: podName(pod),
      owner: ownerOf(high, pod),
      node,
      pool: poolOfNode.get(node)?.pool.name ?? "",
    });
  }
  const podsPerNode = new Map<string, number>();
  const nodes: NodePrediction[] = [];
  const pools = high.pools.map((growing, index): PoolPrediction => {
    const { pool } = growing;
    const { allocatable } = pool.template.resources;
    const one = { milliCpu: allocatable.milliCpu, memory: allocatable.memory, pods: pool.template.maxPods };
    let cpu = 0;
    let memory = 0;
    let count = 0;
    let systemPods = 0;
    let diskCount = 0;
    let most = 0;
    for (const name of growing.nodeNames) {
      const pods = podsByNode.get(name) ?? [];
      let nodeCpu = 0;
      let nodeMemory = 0;
      for (const pod of pods) {
        const requests = requestsOf(pod);
        nodeCpu += requests.milliCpu;
        nodeMemory += requests.memory;
        if (systemNamespaces.has(pod.metadata.namespace ?? "")) systemPods++;
        diskCount += claimNames(pod).filter((claim) => disks.has(claim)).length;
      }
      cpu += nodeCpu;
      memory += nodeMemory;
      count += pods.length;
      most = Math.max(most, pods.filter((pod) => pod.spec.hostNetwork !== true).length);
      nodes.push({
        name,
        pool: pool.name,
        zone: zoneOf(high, name),
        ip: undefined,
        allocatable: one,
        requested: { milliCpu: milliCpu(nodeCpu), memory: bytes(nodeMemory), pods: pods.length },
      });
    }
    podsPerNode.set(pool.name, most);
    return {
      name: pool.name,
      address: pool.pool.address,
      mode: pool.system ? "System" : "User",
      vmSize: pool.template.vmSize,
      nodes: {
        initial: pool.initial,
        predicted: { low: Math.min(low.pools[index]?.count ?? growing.count, growing.count), high: growing.count },
      },
      min: pool.min,
      max: pool.max,
      autoscaling: pool.autoscaling,
      zones: pool.template.zones,
      allocatable: { ...one, disks: pool.template.size.csiAllocatable },
      requested: { milliCpu: milliCpu(cpu), memory: bytes(memory), pods: count, disks: diskCount },
      pods: count,
      systemPods,
    };
  });
  return { pools, nodes, placements, podsPerNode };
};

const zoneOf = (settled: Settled, name: string): string =>
  settled.cluster.node(name)?.metadata.labels?.["topology.kubernetes.io/zone"] ?? "";
