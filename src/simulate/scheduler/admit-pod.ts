import { withLimitDefaults } from "../../cluster/admission/limit-ranger.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import type {
  Container,
  Pod,
  PodAffinity,
  PodAffinityTerm,
  PodSpec,
  ResourceList,
  Toleration,
} from "../../kubernetes/pod.ts";
import type { JsonObject } from "../../model/json.ts";
import { containerRequests } from "./requests.ts";

/** What admission looks up for a pod. */
export interface AdmissionClasses {
  readonly priorityClasses: ReadonlyMap<string, PriorityClass>;
  readonly runtimeClasses: ReadonlyMap<string, RuntimeClass>;
  /** By namespace, with their defaults. */
  readonly limitRanges?: ReadonlyMap<string, readonly KubeObject[]>;
}

export interface PriorityClass extends KubeObject {
  readonly value: number;
  readonly globalDefault?: boolean;
  readonly preemptionPolicy?: string;
}

export interface RuntimeClass extends KubeObject {
  readonly overhead?: { readonly podFixed?: ResourceList };
  readonly scheduling?: {
    readonly nodeSelector?: Readonly<Record<string, string>>;
    readonly tolerations?: readonly Toleration[];
  };
}

/**
 * Fills in what the API server would have before the scheduler sees a pod: requests from limits, pod-level requests, host ports of
 * host-network pods, what the namespace's LimitRanges give, priority, what the RuntimeClass adds, and (mis)matchLabelKeys. What is set
 * already stays.
 * Sources: `pkg/apis/core/v1/defaults.go`, admission plugins LimitRanger, Priority and RuntimeClass, pod strategy; v1.35.4.
 */
export const admitPod = (pod: Pod, classes: AdmissionClasses): Pod => {
  const shared = admittedSpec(pod.spec, pod.metadata.namespace ?? "default", classes);
  return { ...pod, spec: withLabelKeys(shared, pod.metadata.labels ?? {}) };
};

/** What of it does not look at the pod's labels, done once a template: pods that share a spec are of one namespace and share the admitted one. */
const admittedSpec = (given: PodSpec, namespace: string, classes: AdmissionClasses): PodSpec => {
  const byClasses = admittedBefore.get(given);
  const known = byClasses?.get(classes);
  if (known !== undefined) return known;
  const spec = admitSpec(given, namespace, classes);
  if (byClasses === undefined) admittedBefore.set(given, new WeakMap([[classes, spec]]));
  else byClasses.set(classes, spec);
  return spec;
};

const admittedBefore = new WeakMap<PodSpec, WeakMap<AdmissionClasses, PodSpec>>();

const admitSpec = (given: PodSpec, namespace: string, classes: AdmissionClasses): PodSpec => {
  let spec = given;
  const fill = (list: readonly Container[] | undefined) => list?.map((each) => fillContainer(each, spec));
  const containers = fill(spec.containers) ?? [];
  const initContainers = fill(spec.initContainers);
  spec = { ...spec, containers, ...(initContainers === undefined ? {} : { initContainers }) };
  spec = withPodLevelRequests(spec);
  spec = withLimits(spec, classes.limitRanges?.get(namespace) ?? []);
  spec = withPriority(spec, classes.priorityClasses);
  const runtimeClass = classes.runtimeClasses.get(spec.runtimeClassName ?? "");
  return runtimeClass === undefined ? spec : withRuntimeClass(spec, runtimeClass);
};

const withLimits = (spec: PodSpec, ranges: readonly KubeObject[]): PodSpec => {
  if (ranges.length === 0) return spec;
  const pod = { spec: spec as unknown as JsonObject };
  return withLimitDefaults(pod, ranges as unknown as readonly JsonObject[])["spec"] as unknown as PodSpec;
};

const fillContainer = (container: Container, { hostNetwork }: PodSpec): Container => {
  const { resources, ports } = container;
  const limits = resources?.limits;
  const filled =
    limits === undefined || limits === null
      ? container
      : { ...container, resources: { ...resources, requests: { ...limits, ...resources?.requests } } };
  if (hostNetwork !== true || ports === undefined || ports === null) return filled;
  return { ...filled, ports: ports.map((port) => (port.hostPort ? port : { ...port, hostPort: port.containerPort })) };
};

/** Pod-level limits imply pod-level requests: those of the containers, else the limits. */
const withPodLevelRequests = (spec: PodSpec): PodSpec => {
  const { resources } = spec;
  if (resources === undefined || resources === null) return spec;
  const limits: Record<string, string | number> = { ...resources.limits };
  if (Object.keys(limits).length + Object.keys(resources.requests ?? {}).length === 0) return spec;
  const limitsOnly = (list: readonly Container[] | undefined) =>
    (list ?? []).map((each) => ({ ...each, resources: { requests: each.resources?.limits ?? {} } }));
  const containerLimits = containerRequests({
    spec: { containers: limitsOnly(spec.containers), initContainers: limitsOnly(spec.initContainers) },
  });
  for (const [name, milli] of containerLimits) {
    if (name.startsWith("hugepages-") && resources.requests?.[name] === undefined) limits[name] ??= `${milli}m`;
  }
  if (Object.keys(limits).length === 0) return spec;
  const requests: Record<string, string | number> = { ...resources.requests };
  for (const [name, milli] of containerRequests({ spec })) {
    if (name === "cpu" || name === "memory") requests[name] ??= `${milli}m`;
  }
  for (const [name, limit] of Object.entries(limits)) {
    if (name === "cpu" || name === "memory" || name.startsWith("hugepages-")) requests[name] ??= limit;
  }
  return { ...spec, resources: { ...resources, limits, requests } };
};

const withPriority = (spec: PodSpec, classes: ReadonlyMap<string, PriorityClass>): PodSpec => {
  if (spec.priority !== undefined && spec.priority !== null) {
    return { ...spec, preemptionPolicy: spec.preemptionPolicy ?? "PreemptLowerPriority" };
  }
  const name = spec.priorityClassName ?? "";
  const named = classes.get(name);
  const chosen = named ?? (name === "" ? globalDefault(classes) : undefined);
  const priority = chosen?.value ?? systemPriorities[name] ?? 0;
  return {
    ...spec,
    priority,
    preemptionPolicy: spec.preemptionPolicy ?? chosen?.preemptionPolicy ?? "PreemptLowerPriority",
    ...(name === "" && chosen !== undefined ? { priorityClassName: chosen.metadata.name } : {}),
  };
};

const systemPriorities: Readonly<Record<string, number>> = {
  "system-cluster-critical": 2_000_000_000,
  "system-node-critical": 2_000_001_000,
};

/** Of several global defaults the lowest counts. */
const globalDefault = (classes: ReadonlyMap<string, PriorityClass>): PriorityClass | undefined =>
  [...classes.values()]
    .filter((each) => each.globalDefault === true)
    .reduce<PriorityClass | undefined>((a, b) => (a === undefined || b.value < a.value ? b : a), undefined);

const withRuntimeClass = (spec: PodSpec, { overhead, scheduling }: RuntimeClass): PodSpec => {
  const own = spec.tolerations ?? [];
  const added = (scheduling?.tolerations ?? []).filter((toleration) => !own.some((each) => isSame(each, toleration)));
  const nodeSelector = { ...spec.nodeSelector, ...scheduling?.nodeSelector };
  return {
    ...spec,
    ...(spec.overhead === undefined && overhead?.podFixed !== undefined ? { overhead: overhead.podFixed } : {}),
    ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
    ...(own.length + added.length === 0 ? {} : { tolerations: [...own, ...added] }),
  };
};

const isSame = (a: Toleration, b: Toleration): boolean =>
  (a.key ?? "") === (b.key ?? "") &&
  (a.operator ?? "") === (b.operator ?? "") &&
  (a.value ?? "") === (b.value ?? "") &&
  (a.effect ?? "") === (b.effect ?? "");

const withLabelKeys = (spec: PodSpec, labels: Readonly<Record<string, string>>): PodSpec => {
  const { affinity } = spec;
  if (affinity?.podAffinity === undefined && affinity?.podAntiAffinity === undefined) return spec;
  const merge = (terms: PodAffinity | undefined) => (terms === undefined ? {} : mergeTerms(terms, labels));
  return {
    ...spec,
    affinity: {
      ...affinity,
      ...(affinity.podAffinity ? { podAffinity: merge(affinity.podAffinity) } : {}),
      ...(affinity.podAntiAffinity ? { podAntiAffinity: merge(affinity.podAntiAffinity) } : {}),
    },
  };
};

const mergeTerms = (affinity: PodAffinity, labels: Readonly<Record<string, string>>): PodAffinity => {
  const required = affinity.requiredDuringSchedulingIgnoredDuringExecution;
  const preferred = affinity.preferredDuringSchedulingIgnoredDuringExecution;
  return {
    ...(required
      ? { requiredDuringSchedulingIgnoredDuringExecution: required.map((term) => mergeTerm(term, labels)) }
      : {}),
    ...(preferred
      ? {
          preferredDuringSchedulingIgnoredDuringExecution: preferred.map((each) => ({
            ...each,
            podAffinityTerm: mergeTerm(each.podAffinityTerm, labels),
          })),
        }
      : {}),
  };
};

const mergeTerm = (term: PodAffinityTerm, labels: Readonly<Record<string, string>>): PodAffinityTerm => {
  const { labelSelector, matchLabelKeys, mismatchLabelKeys } = term;
  if (labelSelector === undefined || labelSelector === null) return term;
  if ((matchLabelKeys ?? []).length + (mismatchLabelKeys ?? []).length === 0) return term;
  const expressions = [...(labelSelector.matchExpressions ?? [])];
  const add = (keys: readonly string[] | undefined, operator: string) => {
    for (const key of keys ?? []) {
      const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
      const isThere = expressions.some(
        (each) =>
          each.key === key && each.operator === operator && each.values?.length === 1 && each.values[0] === value,
      );
      if (value !== undefined && !isThere) expressions.push({ key, operator, values: [value] });
    }
  };
  add(matchLabelKeys, "In");
  add(mismatchLabelKeys, "NotIn");
  return { ...term, labelSelector: { ...labelSelector, matchExpressions: expressions } };
};
