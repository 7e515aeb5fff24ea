import type { OwnerReference } from "../../kubernetes/object.ts";
import { controllerOf } from "../../kubernetes/owner.ts";
import type { Pod, PodSpec } from "../../kubernetes/pod.ts";
import { podRequests } from "../scheduler/requests.ts";

/** What the autoscaler reads of a pod, read once. */
export interface PodFacts {
  readonly pod: Pod;
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  /** Simulated time of creation. */
  readonly createdAt: number;
  readonly milliCpu: number;
  readonly milliMemory: number;
  readonly requests: ReadonlyMap<string, number>;
  readonly owner: OwnerReference | undefined;
  readonly isDaemon: boolean;
  readonly isMirror: boolean;
  readonly priority: number;
  /** Equal for pods that the scheduler cannot tell apart. */
  readonly shape: string;
}

/** Facts of a pod. */
export const podFacts = (pod: Pod, createdAt: number): PodFacts => {
  const { name, namespace = "default", annotations } = pod.metadata;
  const owner = controllerOf(pod);
  const spec = unboundSpec(pod.spec);
  const requests = requestsOf(spec);
  return {
    pod: spec === pod.spec ? pod : { ...pod, spec },
    key: `${namespace}/${name}`,
    namespace,
    name,
    createdAt,
    milliCpu: requests.get("cpu") ?? 0,
    milliMemory: requests.get("memory") ?? 0,
    requests,
    owner,
    isDaemon: owner?.kind === "DaemonSet" || annotations?.["cluster-autoscaler.kubernetes.io/daemonset-pod"] === "true",
    isMirror: annotations?.["kubernetes.io/config.mirror"] !== undefined,
    priority: pod.spec.priority ?? 0,
    shape: shapeOf(labelText(pod), spec),
  };
};

const requestsCache = new WeakMap<PodSpec, ReadonlyMap<string, number>>();

const requestsOf = (spec: PodSpec): ReadonlyMap<string, number> => {
  const known = requestsCache.get(spec);
  if (known !== undefined) return known;
  const requests = podRequests({ spec });
  requestsCache.set(spec, requests);
  return requests;
};

/** Specs without node by their text, so that pods of one template share one object however they were bound. */
const interned = new Map<string, WeakRef<PodSpec>>();
const specTexts = new WeakMap<PodSpec, string>();
const MAX_INTERNED = 20_000;

/** What became of a spec, so that pods that share one are compared once. */
const unboundSpecs = new WeakMap<PodSpec, PodSpec>();

const unboundSpec = (spec: PodSpec): PodSpec => {
  if (specTexts.has(spec)) return spec;
  const { containers } = spec;
  const lately = containers === undefined || containers === null ? undefined : latelyUnbound.get(containers);
  if (lately !== undefined && isSameButNode(lately.spec, spec)) return lately.unbound;
  const kept = unboundSpecs.get(spec);
  if (kept !== undefined) return kept;
  const unbound = internedSpec(spec);
  unboundSpecs.set(spec, unbound);
  if (containers !== undefined && containers !== null) latelyUnbound.set(containers, { spec, unbound });
  return unbound;
};

/** The last spec by list of containers: copies of a spec that differ by their node need no comparison of texts. */
const latelyUnbound = new WeakMap<object, { readonly spec: PodSpec; readonly unbound: PodSpec }>();

/** Whether two specs have the very same parts but for the node. */
const isSameButNode = (a: PodSpec, b: PodSpec): boolean => {
  for (const key in a) if (key !== "nodeName" && a[key as keyof PodSpec] !== b[key as keyof PodSpec]) return false;
  for (const key in b) if (key !== "nodeName" && !(key in a)) return false;
  return true;
};

const internedSpec = (spec: PodSpec): PodSpec => {
  const text = textOf(spec);
  const known = interned.get(text)?.deref();
  if (known !== undefined) return known;
  const unbound = spec.nodeName === undefined && !("nodeName" in spec) ? spec : withoutNode(spec);
  specTexts.set(unbound, text);
  if (interned.size > MAX_INTERNED) interned.clear();
  interned.set(text, new WeakRef(unbound));
  return unbound;
};

const withoutNode = ({ nodeName: _, ...unbound }: PodSpec): PodSpec => unbound;

/** Equal for specs that are equal but for their node; parts that are objects stand as their numbers. */
const textOf = (spec: PodSpec): string => {
  const parts: string[] = [];
  for (const key of Object.keys(spec).sort()) {
    const part: unknown = spec[key as keyof PodSpec];
    if (key === "nodeName" || part === undefined) continue;
    const isObject = typeof part === "object" && part !== null;
    parts.push(`${JSON.stringify(key)}:${isObject ? `#${numberOf(part)}` : JSON.stringify(part)}`);
  }
  return parts.join();
};

/** Numbers of parts of specs by their text, so that what thousands of pods share is written out once. */
const partNumbers = new Map<string, number>();
const numbersOfParts = new WeakMap<object, number>();

const numberOf = (part: object): number => {
  const known = numbersOfParts.get(part);
  if (known !== undefined) return known;
  const text = JSON.stringify(part, (key, field: unknown) => (key === "nodeName" ? undefined : sorted(field)));
  const number = partNumbers.get(text) ?? partNumbers.size;
  partNumbers.set(text, number);
  numbersOfParts.set(part, number);
  return number;
};

/** The last shape by spec: one text for all pods of a template. */
const latelyShaped = new WeakMap<PodSpec, { readonly labels: string; readonly shape: string }>();

const shapeOf = (labels: string, spec: PodSpec): string => {
  const known = latelyShaped.get(spec);
  if (known?.labels === labels) return known.shape;
  const shape = `${labels}\n${specText(spec)}`;
  latelyShaped.set(spec, { labels, shape });
  return shape;
};

const specText = (spec: PodSpec): string => specTexts.get(spec) ?? "";

const labelTexts = new WeakMap<object, string>();

const labelText = ({ metadata: { labels } }: Pod): string => {
  if (labels === undefined) return "";
  const known = labelTexts.get(labels);
  if (known !== undefined) return known;
  const text = JSON.stringify(sorted(labels));
  labelTexts.set(labels, text);
  return text;
};

const sorted = (field: unknown): unknown =>
  typeof field === "object" && field !== null && !Array.isArray(field)
    ? Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)))
    : field;

/** Whether a pod may be lost without a word: its priority is below the cutoff and it preempts others as usual. */
export const isExpendable = ({ pod, priority }: PodFacts, cutoff: number): boolean =>
  (pod.spec.preemptionPolicy ?? "PreemptLowerPriority") === "PreemptLowerPriority" &&
  pod.spec.priority !== undefined &&
  priority < cutoff;
