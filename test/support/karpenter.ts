import type { VmSize } from "../../src/azure/vm-sizes.ts";
import type { KubeObject } from "../../src/kubernetes/object.ts";
import type { Pod } from "../../src/kubernetes/pod.ts";
import type { InstanceType, Offering } from "../../src/simulate/autoscaling/karpenter-instance-types.ts";
import { type KarpenterNodePool, readNodePool } from "../../src/simulate/autoscaling/karpenter-node-pool.ts";
import { requirement } from "../../src/simulate/autoscaling/karpenter-requirement.ts";
import { requirementsOf } from "../../src/simulate/autoscaling/karpenter-requirements.ts";
import {
  type SchedulingInput,
  type SchedulingResult,
  scheduleBatch,
} from "../../src/simulate/autoscaling/karpenter-scheduling.ts";

const gib = 1024 ** 3;

export interface SizeParts {
  readonly zones?: readonly string[];
  readonly capacityTypes?: readonly Offering["capacityType"][];
  readonly price?: number;
  readonly spotPrice?: number;
  readonly pods?: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A size that gives away all it has: `cpu` cores and `memory` GiB. */
export const size = (name: string, cpu: number, memory: number, parts: SizeParts = {}): InstanceType => {
  const zones = parts.zones ?? ["r-1", "r-2", "r-3"];
  const capacityTypes = parts.capacityTypes ?? ["on-demand"];
  const amounts = new Map([
    ["cpu", cpu * 1000],
    ["memory", memory * gib],
    ["pods", parts.pods ?? 100],
    ["ephemeral-storage", 128e9],
  ]);
  const one = (key: string, ...values: readonly string[]) => requirement(key, "In", values);
  return {
    name,
    size: { name, vcpus: cpu, memoryGib: memory } as VmSize,
    requirements: requirementsOf([
      one("node.kubernetes.io/instance-type", name),
      one("kubernetes.io/arch", "amd64"),
      one("kubernetes.io/os", "linux"),
      one("karpenter.azure.com/sku-cpu", String(cpu)),
      one("topology.kubernetes.io/zone", ...zones),
      one("karpenter.sh/capacity-type", ...capacityTypes),
      ...Object.entries(parts.labels ?? {}).map(([key, value]) => one(key, value)),
    ]),
    offerings: zones.flatMap((zone) =>
      capacityTypes.map((capacityType): Offering => {
        const price = capacityType === "spot" ? parts.spotPrice : parts.price;
        const requirements = requirementsOf([
          one("karpenter.sh/capacity-type", capacityType),
          one("topology.kubernetes.io/zone", zone),
        ]);
        return { zone, capacityType, price, requirements };
      }),
    ),
    capacity: amounts,
    allocatable: amounts,
    unsure: new Set(),
  };
};

export const nodePool = (name: string, spec: object = {}, template: object = {}): KarpenterNodePool =>
  readNodePool({
    apiVersion: "karpenter.sh/v1",
    kind: "NodePool",
    metadata: { name },
    spec: { template: { spec: { requirements: [], ...template } }, ...spec },
  } as KubeObject);

export const pod = (name: string, requests: Readonly<Record<string, string>>, spec: object = {}, labels = {}): Pod =>
  ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "shop", labels },
    spec: { containers: [{ name: "main", resources: { requests } }], ...spec },
  }) as Pod;

/** So many pods of one template. */
export const pods = (count: number, name: string, requests: Readonly<Record<string, string>>, spec: object = {}) =>
  Array.from({ length: count }, (_, index) => pod(`${name}-${index}`, requests, spec, { app: name }));

export const batch = (parts: Partial<SchedulingInput> & Pick<SchedulingInput, "pods" | "pools">): SchedulingResult =>
  scheduleBatch({
    nodes: [],
    namespaces: new Map([["shop", {}]]),
    existing: [],
    daemons: [],
    volumesOf: () => [],
    used: new Map(),
    ...parts,
  });

/** `default: 3 pods, 2 sizes` a node. */
export const shown = ({ claims }: SchedulingResult): readonly string[] =>
  claims
    .map(
      ({ template, pods: placed, types }) =>
        `${template.pool.name}: ${placed.length} pods, ${types.map((type) => type.name).join(" ")}`,
    )
    .sort();
