import type { Pod, PodSpec, ResourceList } from "../../kubernetes/pod.ts";
import { quantityMilliValue } from "../../kubernetes/quantity.ts";

/** Thousandths of each resource. The API server rounds every quantity up to a thousandth, so nothing is lost. */
export type MilliResources = Map<string, number>;

/** What a container without requests counts as in scoring. Source: `pkg/scheduler/util/pod_resources.go`, v1.35.4. */
export const DEFAULT_MILLI_CPU = 100;
export const DEFAULT_MEMORY_BYTES = 200 * 1024 * 1024;

export interface RequestOptions {
  /** Counted for each container that does not request the resource. */
  readonly nonMissing?: ReadonlyMap<string, number>;
  /** Take what the kubelet has actuated and allocated into account (in-place resize). */
  readonly useStatus?: boolean;
  /** Leave requests given for the pod as a whole out. */
  readonly skipPodLevel?: boolean;
}

/**
 * What a pod asks of a node: the sum of its containers and sidecars, or its largest init step; pod-level requests override, overhead is
 * added. Source: component-helpers v0.35 `resource/helpers.go`.
 */
export const podRequests = (pod: Pick<Pod, "spec" | "status">, options: RequestOptions = {}): MilliResources => {
  const { spec } = pod;
  const total = containerRequests(pod, options);
  for (const [name, quantity] of Object.entries(
    options.skipPodLevel === true ? {} : (spec.resources?.requests ?? {}),
  )) {
    if (isPodLevelResource(name)) total.set(name, milli(quantity));
  }
  if (spec.overhead !== undefined) addTo(total, resources(spec.overhead));
  return total;
};

/** The same without pod-level requests and overhead. */
export const containerRequests = (pod: Pick<Pod, "spec" | "status">, options: RequestOptions = {}): MilliResources => {
  const { spec } = pod;
  const actual = options.useStatus === true ? actualRequests(pod) : undefined;
  const requestsOf = (container: PodSpec["containers"][number], resizable: boolean): MilliResources => {
    const requests = resources(container.resources?.requests ?? {});
    const resized = resizable ? actual?.(container.name, requests) : undefined;
    const effective = resized ?? requests;
    for (const [name, quantity] of options.nonMissing ?? []) {
      if (!effective.has(name)) effective.set(name, quantity);
    }
    return effective;
  };
  const total: MilliResources = new Map();
  for (const container of spec.containers ?? []) addTo(total, requestsOf(container, true));
  const sidecars: MilliResources = new Map();
  const largest: MilliResources = new Map();
  for (const container of spec.initContainers ?? []) {
    const isSidecar = container.restartPolicy === "Always";
    const requests = requestsOf(container, isSidecar);
    if (isSidecar) {
      addTo(total, requests);
      addTo(sidecars, requests);
      raiseTo(largest, sidecars);
    } else {
      addTo(requests, sidecars);
      raiseTo(largest, requests);
    }
  }
  raiseTo(total, largest);
  return total;
};

/** Whether pod-level requests are given for a resource that they may be given for. */
export const hasPodLevelRequests = (spec: PodSpec): boolean =>
  Object.keys(spec.resources?.requests ?? {}).some(isPodLevelResource);

export const isPodLevelResource = (name: string): boolean =>
  name === "cpu" || name === "memory" || name.startsWith("hugepages-");

/** Whether the scheduler counts a resource beside cpu, memory, ephemeral-storage and pods: extended ones, huge pages and the like. */
export const isScalarResource = (name: string): boolean =>
  name.startsWith("hugepages-") ||
  name.startsWith("attachable-volumes-") ||
  (name.includes("/") && !name.startsWith("requests."));

export const isExtendedResource = (name: string): boolean =>
  name.includes("/") && !name.includes("kubernetes.io/") && !name.startsWith("requests.");

export const resources = (list: ResourceList): MilliResources => {
  const result: MilliResources = new Map();
  for (const [name, quantity] of Object.entries(list ?? {})) result.set(name, milli(quantity));
  return result;
};

/** Unreadable and negative quantities count as nothing; admission reports them. */
const milli = (quantity: string | number): number => Math.max(0, quantityMilliValue(quantity) ?? 0);

const addTo = (total: MilliResources, more: MilliResources): void => {
  for (const [name, quantity] of more) total.set(name, (total.get(name) ?? 0) + quantity);
};

const raiseTo = (total: MilliResources, least: MilliResources): void => {
  for (const [name, quantity] of least) {
    const present = total.get(name);
    if (present === undefined || quantity > present) total.set(name, quantity);
  }
};

interface ContainerResources {
  readonly name?: string;
  readonly resources?: { readonly requests?: ResourceList };
  readonly allocatedResources?: ResourceList;
}

/** Requests as a resize in progress leaves them: the most of wanted, actuated and allocated, without wanted when it is infeasible. */
const actualRequests = (pod: Pick<Pod, "spec" | "status">) => {
  const status = pod.status as (Pod["status"] & { readonly initContainerStatuses?: readonly unknown[] }) | undefined;
  const all = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])] as ContainerResources[];
  const known = all.filter((each) => each?.resources !== undefined && each.resources !== null);
  if (known.length === 0) return undefined;
  const pending = status?.conditions?.find((condition) => condition.type === "PodResizePending");
  const infeasible = pending?.reason === "Infeasible";
  return (name: string, wanted: MilliResources): MilliResources | undefined => {
    const found = known.find((each) => each.name === name);
    if (found === undefined) return undefined;
    const result: MilliResources = infeasible ? new Map() : new Map(wanted);
    raiseTo(result, resources(found.resources?.requests ?? {}));
    raiseTo(result, resources(found.allocatedResources ?? {}));
    return result;
  };
};
