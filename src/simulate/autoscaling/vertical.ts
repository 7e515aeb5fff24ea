import { addressOf, type KubeObject } from "../../kubernetes/object.ts";
import type { Container, PodTemplate } from "../../kubernetes/pod.ts";
import { quantityMilliValue, quantityValue } from "../../kubernetes/quantity.ts";
import type { PredictedPool } from "../predict-pools.ts";

/** CPU and memory of a pod or a container. */
export interface VerticalAmounts {
  readonly milliCpu: number;
  readonly memoryBytes: number;
}

/** What a VerticalPodAutoscaler may make of one workload's requests. */
export interface VerticalBounds {
  readonly scaler: string;
  readonly workload: string;
  /** `Auto`, `Recreate`, `Initial`, `InPlaceOrRecreate` or `Off`. */
  readonly updateMode: string;
  readonly containers: readonly {
    readonly name: string;
    /** It is left as it is. */
    readonly off: boolean;
    readonly requests: VerticalAmounts;
    readonly minAllowed: Partial<VerticalAmounts>;
    readonly maxAllowed: Partial<VerticalAmounts>;
  }[];
  /** The whole pod at its bounds; where a container has no upper bound the pod has none. */
  readonly least: VerticalAmounts;
  readonly most: Partial<VerticalAmounts>;
  /** Pools whose empty node holds the pod as it is, and at its upper bounds as far as there are any. */
  readonly fitsNow: readonly string[];
  readonly fitsAtMost: readonly string[];
}

interface Vpa extends KubeObject {
  readonly spec?: {
    readonly targetRef?: { readonly kind?: string; readonly name?: string };
    readonly updatePolicy?: { readonly updateMode?: string };
    readonly resourcePolicy?: { readonly containerPolicies?: readonly ContainerPolicy[] };
  };
}

interface ContainerPolicy {
  readonly containerName?: string;
  readonly mode?: string;
  readonly minAllowed?: Readonly<Record<string, string>>;
  readonly maxAllowed?: Readonly<Record<string, string>>;
  readonly controlledResources?: readonly string[];
}

interface Scalable extends KubeObject {
  readonly spec?: { readonly template?: PodTemplate };
}

/**
 * The VPAs of the objects whose target is among them, with what their bounds would mean. The policy of a container's own name goes before
 * that of `*`. Source: Kubernetes autoscaler, `vertical-pod-autoscaler/pkg/apis/autoscaling.k8s.io/v1/types.go`.
 */
export const verticalBounds = (
  objects: readonly KubeObject[],
  pools: readonly Pick<PredictedPool, "name" | "template">[],
): readonly VerticalBounds[] => {
  const byAddress = new Map(objects.map((object) => [addressOf(object), object as Scalable]));
  return objects.flatMap((object): readonly VerticalBounds[] => {
    if (object.kind !== "VerticalPodAutoscaler") return [];
    const { spec } = object as Vpa;
    const { kind = "Deployment", name = "" } = spec?.targetRef ?? {};
    const workload = addressOf({ ...object, kind, metadata: { ...object.metadata, name } });
    const containers = byAddress.get(workload)?.spec?.template?.spec?.containers;
    if (containers === undefined) return [];
    const policies = spec?.resourcePolicy?.containerPolicies ?? [];
    return [
      boundsOf(addressOf(object), workload, spec?.updatePolicy?.updateMode ?? "Auto", containers, policies, pools),
    ];
  });
};

const boundsOf = (
  scaler: string,
  workload: string,
  updateMode: string,
  containers: readonly Container[],
  policies: readonly ContainerPolicy[],
  pools: readonly Pick<PredictedPool, "name" | "template">[],
): VerticalBounds => {
  const shown = containers.map((container) => {
    const policy =
      policies.find(({ containerName }) => containerName === container.name) ??
      policies.find(({ containerName }) => containerName === "*");
    const controlled = policy?.controlledResources ?? ["cpu", "memory"];
    return {
      name: container.name,
      off: policy?.mode === "Off",
      requests: { milliCpu: 0, memoryBytes: 0, ...amounts(container.resources?.requests) },
      minAllowed: amounts(policy?.minAllowed, controlled),
      maxAllowed: amounts(policy?.maxAllowed, controlled),
      controlled,
    };
  });
  const now = sum(shown.map(({ requests }) => requests));
  const least = sum(
    shown.map(({ off, requests, minAllowed }) => (off ? requests : { milliCpu: 0, memoryBytes: 0, ...minAllowed })),
  );
  const upper = (key: keyof VerticalAmounts, resource: string): number | undefined => {
    let total = 0;
    for (const { off, requests, maxAllowed, controlled } of shown) {
      const bound = off || !controlled.includes(resource) ? requests[key] : maxAllowed[key];
      if (bound === undefined) return undefined;
      total += bound;
    }
    return total;
  };
  const milliCpu = upper("milliCpu", "cpu");
  const memoryBytes = upper("memoryBytes", "memory");
  const most = {
    ...(milliCpu === undefined ? {} : { milliCpu }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  };
  const holds = (pod: Partial<VerticalAmounts>): readonly string[] =>
    pools
      .filter(({ template: { resources } }) => {
        const { milliCpu: cpu, memory } = resources.allocatable;
        return (pod.milliCpu ?? 0) <= cpu && (pod.memoryBytes ?? 0) <= memory;
      })
      .map(({ name }) => name);
  return {
    scaler,
    workload,
    updateMode,
    containers: shown.map(({ controlled: _, ...rest }) => rest),
    least,
    most,
    fitsNow: holds(now),
    fitsAtMost: holds(most),
  };
};

const amounts = (
  given: Readonly<Record<string, string | number>> | undefined,
  controlled: readonly string[] = ["cpu", "memory"],
): Partial<VerticalAmounts> => {
  const cpu = controlled.includes("cpu") ? quantityMilliValue(given?.["cpu"] ?? "") : undefined;
  const memory = controlled.includes("memory") ? quantityValue(given?.["memory"] ?? "") : undefined;
  return {
    ...(cpu === undefined ? {} : { milliCpu: cpu }),
    ...(memory === undefined ? {} : { memoryBytes: memory }),
  };
};

const sum = (all: readonly VerticalAmounts[]): VerticalAmounts => ({
  milliCpu: all.reduce((total, { milliCpu }) => total + milliCpu, 0),
  memoryBytes: all.reduce((total, { memoryBytes }) => total + memoryBytes, 0),
});

/** `cpu 100m to 2000m, memory 128 MiB to no bound`, and which nodes hold it. */
export const verticalWords = (bounds: VerticalBounds): string => {
  const { updateMode, containers, most, fitsAtMost } = bounds;
  const range = (low: string | undefined, high: string | undefined): string =>
    `${low ?? "any"} to ${high ?? "no bound"}`;
  const cpu = (value: number | undefined) => (value === undefined ? undefined : `${value}m`);
  const memory = (value: number | undefined) =>
    value === undefined ? undefined : `${Math.round(value / 2 ** 20)} MiB`;
  const each = containers.map(({ name, off, requests, minAllowed, maxAllowed }) =>
    off
      ? `container "${name}" stays as it is`
      : `container "${name}" now ${cpu(requests.milliCpu)} and ${memory(requests.memoryBytes)}, cpu ${range(cpu(minAllowed.milliCpu), cpu(maxAllowed.milliCpu))}, memory ${range(memory(minAllowed.memoryBytes), memory(maxAllowed.memoryBytes))}`,
  );
  const bound =
    most.milliCpu === undefined && most.memoryBytes === undefined
      ? "it has no upper bound"
      : `at its upper bounds the pod fits ${fitsAtMost.length === 0 ? "no pool's empty node" : `an empty node of ${fitsAtMost.map((name) => `"${name}"`).join(", ")}`}`;
  return `updateMode ${updateMode}: ${each.join("; ")}; ${bound}`;
};
