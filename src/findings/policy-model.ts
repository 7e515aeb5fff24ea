import { addressOf, type SourcedObject } from "../kubernetes/object.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { Prediction } from "../simulate/prediction.ts";
import type { World } from "./rule.ts";

/** What policies see: lists of plain objects, each with an `address`; see `schemas/policy-model.schema.json`. */
export type PolicyModel = { readonly [list: string]: readonly JsonObject[] };

/** The predicted state as policies see it. What is not known or not there is empty text. */
export const policyModel = (world: World): PolicyModel => {
  const objects = new Map(world.objects.map((source) => [addressOf(source.object), source]));
  const of = (list: (prediction: Prediction) => readonly JsonObject[]): readonly JsonObject[] =>
    world.predictions.flatMap((prediction) =>
      list(prediction).map((item) => ({ cluster: prediction.cluster, ...item })),
    );
  return {
    clusters: of(({ cluster, nodes, pending, placements }) => [
      { address: cluster, nodes: nodes.length, pods: placements.length, pending: pending.length },
    ]),
    pools: of(pools),
    nodes: of(nodes),
    subnets: of(({ subnets }) =>
      subnets.map(({ address, name, prefix, usable, used, reserved, free }) => {
        const figures = { usable, used, reserved, free, use: share(used, usable) };
        return { address, name, prefix, ...figures };
      }),
    ),
    services: services(world),
    workloads: of((prediction) => workloads(prediction, objects)),
    pending: of(({ pending }) =>
      pending.map(({ pod, owner, reason, message, fixableBy, when }) => {
        return { address: pod, owner, reason, message, fixableBy, always: when === "always" };
      }),
    ),
    loadBalancers: of(({ loadBalancers }) =>
      loadBalancers.map(({ name, internal, frontends, rules, probes, snatPortsPerNode }) => {
        const counts = { frontends: frontends.length, rules, probes, snatPortsPerNode: snatPortsPerNode ?? 0 };
        return { address: name, internal, ...counts };
      }),
    ),
    publicIps: of(({ publicIps }) =>
      publicIps.map(({ name, purpose, owner, managed }) => ({ address: name, purpose, owner, managed })),
    ),
    volumes: of(({ volumes }) =>
      volumes.map(({ claim, storageClass, kind, zone, sizeBytes, state }) => {
        return { address: claim, storageClass, kind, zone: zone ?? "", sizeBytes: sizeBytes ?? 0, state };
      }),
    ),
    autoscaling: of(({ autoscaling }) =>
      autoscaling.map(({ subject, kind, from, to, min, max, limited, reason }) => {
        return { address: subject, kind, from, low: to.low, high: to.high, min, max, limited, reason };
      }),
    ),
  };
};

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

const pools = (prediction: Prediction): readonly JsonObject[] =>
  prediction.pools.map((pool) => {
    const { allocatable, requested, nodes: counts } = pool;
    const count = counts.predicted.high;
    return {
      address: pool.address,
      name: pool.name,
      mode: pool.mode,
      vmSize: pool.vmSize,
      zones: pool.zones,
      autoscaling: pool.autoscaling,
      min: pool.min,
      max: pool.max,
      initialNodes: counts.initial,
      allocatable: {
        milliCpu: allocatable.milliCpu,
        memoryBytes: allocatable.memory,
        pods: allocatable.pods,
        disks: allocatable.disks,
      },
      predicted: {
        lowNodes: counts.predicted.low,
        nodes: count,
        pods: pool.pods,
        systemPods: pool.systemPods,
        milliCpu: requested.milliCpu,
        memoryBytes: requested.memory,
        disks: requested.disks,
        cpuUse: share(requested.milliCpu, allocatable.milliCpu * count),
        memoryUse: share(requested.memory, allocatable.memory * count),
        podUse: share(pool.pods, allocatable.pods * count),
        diskUse: share(requested.disks, allocatable.disks * count),
      },
    };
  });

const nodes = (prediction: Prediction): readonly JsonObject[] =>
  prediction.nodes.map(({ name, pool, zone, ip, allocatable, requested }) => ({
    address: name,
    pool,
    zone,
    ip: ip ?? "",
    pods: requested.pods,
    milliCpu: requested.milliCpu,
    memoryBytes: requested.memory,
    cpuUse: share(requested.milliCpu, allocatable.milliCpu),
    memoryUse: share(requested.memory, allocatable.memory),
    podUse: share(requested.pods, allocatable.pods),
  }));

/** Every Service of the input, and what the cloud provider makes of those of type LoadBalancer. */
const services = (world: World): readonly JsonObject[] => {
  const served = new Map(
    world.predictions.flatMap(({ services: list }) => (list ?? []).map((service) => [service.service, service])),
  );
  return world.objects
    .filter(({ object }) => object.kind === "Service" && object.apiVersion === "v1")
    .map(({ object }) => {
      const { name, namespace = "default", labels = {}, annotations = {} } = object.metadata;
      const spec = "spec" in object && isJsonObject(object.spec) ? object.spec : {};
      const type = typeof spec["type"] === "string" ? spec["type"] : "ClusterIP";
      const answer = served.get(`${namespace}/${name}`);
      const ports = Array.isArray(spec["ports"]) ? spec["ports"].filter(isJsonObject) : [];
      return {
        address: addressOf(object),
        namespace,
        name,
        type,
        labels,
        annotations,
        ports: ports.flatMap(({ port }: JsonObject): readonly Json[] => (typeof port === "number" ? [port] : [])),
        internal: answer?.internal ?? false,
        publicIp: type === "LoadBalancer" && answer?.internal === false && answer.state === "served",
        addresses: answer?.addresses ?? [],
        pending: answer?.state === "pending",
        message: answer?.message ?? "",
      };
    });
};

interface Spread {
  pods: number;
  pending: number;
  readonly nodes: Set<string>;
  readonly pools: Set<string>;
}

/** What owns pods, and over what they are spread at the highest load. */
const workloads = (
  { placements, pending, nodes: list }: Prediction,
  objects: ReadonlyMap<string, SourcedObject>,
): readonly JsonObject[] => {
  const zones = new Map(list.map(({ name, zone }) => [name, zone]));
  const byOwner = new Map<string, Spread>();
  const spreadOf = (owner: string): Spread => {
    const spread = byOwner.get(owner) ?? { pods: 0, pending: 0, nodes: new Set<string>(), pools: new Set<string>() };
    byOwner.set(owner, spread);
    return spread;
  };
  for (const { owner, node, pool } of placements) {
    const spread = spreadOf(owner);
    spread.pods += 1;
    spread.nodes.add(node);
    spread.pools.add(pool);
  }
  for (const { owner } of pending) spreadOf(owner).pending += 1;
  return [...byOwner].map(([address, spread]) => {
    const [kind = "", namespace = "", name = ""] = address.split("/");
    const where = [...new Set([...spread.nodes].map((node) => zones.get(node) ?? ""))].sort();
    return {
      address,
      kind,
      namespace,
      name,
      labels: objects.get(address)?.object.metadata.labels ?? {},
      pods: spread.pods,
      pending: spread.pending,
      nodes: spread.nodes.size,
      zones: where,
      pools: [...spread.pools].sort(),
    };
  });
};
