import type { LabelSelector } from "../../kubernetes/object.ts";
import type { NodeSelectorTerm, Pod, PodSpec, Toleration, TopologySpreadConstraint } from "../../kubernetes/pod.ts";
import {
  compileLabelSelector,
  compileNodeSelectorTerm,
  compileRequiredNodeAffinity,
  type LabelMatcher,
  type Labels,
  type NodeMatcher,
} from "../../kubernetes/selectors.ts";
import { type AffinityTerm, compileTerms, indexLabel } from "./affinity-term.ts";
import {
  DEFAULT_MEMORY_BYTES,
  DEFAULT_MILLI_CPU,
  hasPodLevelRequests,
  isScalarResource,
  type MilliResources,
  podRequests,
} from "./requests.ts";

/** What a pod takes on a node, in whole units (cpu in thousandths). */
export interface Requests {
  readonly cpu: number;
  readonly memory: number;
  readonly ephemeralStorage: number;
  readonly scalars: readonly { readonly name: string; readonly quantity: number }[];
  /** As scoring counts it: with a small amount for containers that request nothing. */
  readonly nonZeroCpu: number;
  readonly nonZeroMemory: number;
}

/** What of a pod decides about nodes without regard to other pods' labels. Pods of many applications share one. */
export interface Shape {
  readonly id: number;
  readonly requests: Requests;
  /**
   * Requests by resource name as the score plugins count them: BalancedAllocation as they are; NodeResourcesFit with the amount for
   * containers that request nothing, and without pod-level requests (1.35.4 does not hand it that gate).
   */
  readonly scoreRequests: {
    readonly plain: ReadonlyMap<string, number>;
    readonly nonZero: ReadonlyMap<string, number>;
  };
  readonly tolerations: readonly Toleration[];
  readonly requiredNodeAffinity: NodeMatcher | undefined;
  /** The only nodes that `matchFields` let through, when each term names some. */
  readonly nodeNames: ReadonlySet<string> | undefined;
  readonly preferredNodeTerms: readonly { readonly weight: number; readonly matcher: NodeMatcher }[];
  readonly preferredProblem: string | undefined;
  /** Image names of init containers and containers, with their tag. */
  readonly images: readonly string[];
}

export interface SpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly selector: LabelMatcher;
  /** The key of the query for the pods that it chooses in the pod's namespace. */
  readonly queryKey: string;
  readonly label: string | undefined;
  readonly minDomains: number;
  readonly honorsAffinity: boolean;
  readonly honorsTaints: boolean;
}

export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** All that the scheduler reads of a pod but its name, priority, volumes and status; pods of one template share it. */
export interface PodClass {
  readonly id: number;
  readonly namespace: string;
  readonly labels: Labels;
  readonly shape: Shape;
  readonly hostPorts: readonly HostPort[];
  /** Equal for classes that shape and host ports do not tell apart. */
  readonly rowKey: string;
  readonly hardSpread: readonly SpreadConstraint[];
  readonly softSpread: readonly SpreadConstraint[];
  /** Whether the pod gives spread constraints itself; the default ones do not apply then. */
  readonly hasSpread: boolean;
  readonly spreadProblem: string | undefined;
  readonly requiredAffinity: readonly AffinityTerm[];
  /** The key of the query for pods that all required affinity terms choose. */
  readonly requiredAffinityKey: string;
  readonly requiredAntiAffinity: readonly AffinityTerm[];
  readonly preferredAffinity: readonly AffinityTerm[];
  readonly preferredAntiAffinity: readonly AffinityTerm[];
  readonly affinityProblem: string | undefined;
  readonly hasPreferredPodTerms: boolean;
  readonly hasPodTerms: boolean;
  readonly owner: { readonly apiVersion: string; readonly kind: string; readonly name: string } | undefined;
  readonly gates: readonly string[];
  readonly schedulerName: string;
}

/** Turns pods into classes, one for all pods that the scheduler cannot tell apart. */
export class PodClasses {
  private readonly classes = new Map<string, PodClass>();
  private readonly shapes = new Map<string, Shape>();
  private readonly byReference = new WeakMap<PodSpec, { readonly metadata: string; readonly podClass: PodClass }>();
  private readonly fragments = new WeakMap<object, string>();
  private count = 0;

  of(pod: Pod): PodClass {
    const { metadata, spec } = pod;
    const owner = metadata.ownerReferences?.find((reference) => reference.controller === true);
    const meta = JSON.stringify([
      metadata.namespace ?? "default",
      this.fragment(metadata.labels),
      owner === undefined ? null : [owner.apiVersion, owner.kind, owner.name],
    ]);
    const known = this.byReference.get(spec);
    if (known !== undefined && known.metadata === meta) return known.podClass;
    const shapeKey = shapeKeyOf(spec);
    const key = `${meta}${shapeKey}${JSON.stringify([
      spec.topologySpreadConstraints ?? null,
      spec.affinity?.podAffinity ?? null,
      spec.affinity?.podAntiAffinity ?? null,
      spec.schedulingGates ?? null,
      spec.schedulerName ?? null,
      portsOf(spec),
    ])}`;
    let podClass = this.classes.get(key);
    if (podClass === undefined) {
      let shape = this.shapes.get(shapeKey);
      if (shape === undefined) {
        shape = compileShape(this.shapes.size, spec);
        this.shapes.set(shapeKey, shape);
      }
      podClass = compileClass(this.count++, pod, shape, owner);
      this.classes.set(key, podClass);
    }
    this.byReference.set(spec, { metadata: meta, podClass });
    return podClass;
  }

  /** Labels as text, remembered for the object, since pods of one template often share it. */
  private fragment(labels: Labels | undefined): string {
    if (labels === undefined || labels === null) return "{}";
    const known = this.fragments.get(labels);
    if (known !== undefined) return known;
    const text = JSON.stringify(labels);
    this.fragments.set(labels, text);
    return text;
  }
}

const shapeKeyOf = (spec: PodSpec): string => {
  const containers = (list: PodSpec["containers"] | undefined) =>
    (list ?? []).map((each) => [each.image ?? "", each.resources?.requests ?? null, each.restartPolicy ?? ""]);
  return JSON.stringify([
    containers(spec.containers),
    containers(spec.initContainers),
    spec.overhead ?? null,
    spec.resources?.requests ?? null,
    spec.nodeSelector ?? null,
    spec.affinity?.nodeAffinity ?? null,
    spec.tolerations ?? null,
  ]);
};

const compileShape = (id: number, spec: PodSpec): Shape => {
  const affinity = spec.affinity?.nodeAffinity;
  const preferred = (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
    .filter(({ weight, preference }) => weight !== 0 && !isEmptyTerm(preference))
    .map(({ weight, preference }) => ({ weight, matcher: compileNodeSelectorTerm(preference) }));
  const defaults = new Map([
    ["cpu", DEFAULT_MILLI_CPU],
    ["memory", DEFAULT_MEMORY_BYTES * 1000],
  ]);
  return {
    id,
    requests: requestsOf({ spec }),
    scoreRequests: {
      plain: inUnits(podRequests({ spec })),
      nonZero: inUnits(podRequests({ spec }, { nonMissing: defaults, skipPodLevel: true })),
    },
    tolerations: spec.tolerations ?? [],
    requiredNodeAffinity: compileRequiredNodeAffinity(spec),
    nodeNames: namedNodes(affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []),
    preferredNodeTerms: preferred,
    preferredProblem: preferred.find(({ matcher }) => matcher.problem !== undefined)?.matcher.problem,
    images: [...(spec.initContainers ?? []), ...(spec.containers ?? [])].map(({ image }) => withTag(image ?? "")),
  };
};

const isEmptyTerm = (term: NodeSelectorTerm | undefined): boolean =>
  (term?.matchExpressions ?? []).length === 0 && (term?.matchFields ?? []).length === 0;

/** The nodes named by `matchFields`: terms are alternatives, fields of one term must all hold. Undefined when a term names none. */
const namedNodes = (terms: readonly NodeSelectorTerm[]): ReadonlySet<string> | undefined => {
  if (terms.length === 0) return undefined;
  const names = new Set<string>();
  for (const term of terms) {
    const fields = (term.matchFields ?? []).filter(({ key, operator }) => key === "metadata.name" && operator === "In");
    if (fields.length === 0) return undefined;
    const [first, ...rest] = fields.map(({ values }) => values ?? []);
    for (const name of first ?? []) if (rest.every((values) => values.includes(name))) names.add(name);
  }
  return names;
};

/** An image name as the container runtime lists it. Source: `plugins/imagelocality`, v1.35.4 (normalizedImageName). */
const withTag = (name: string): string => (name.lastIndexOf(":") <= name.lastIndexOf("/") ? `${name}:latest` : name);

/** What a pod takes on its node, in-place resizes included when its status tells of them. */
export const requestsOf = (pod: Pick<Pod, "spec" | "status">): Requests => {
  const plain = podRequests(pod, { useStatus: true });
  const podLevel = hasPodLevelRequests(pod.spec);
  const nonMissing = new Map<string, number>();
  if (!podLevel || !plain.has("cpu")) nonMissing.set("cpu", DEFAULT_MILLI_CPU);
  if (!podLevel || !plain.has("memory")) nonMissing.set("memory", DEFAULT_MEMORY_BYTES * 1000);
  const nonZero = nonMissing.size === 0 ? plain : podRequests(pod, { useStatus: true, nonMissing });
  const scalars = [...plain].filter(([name]) => isScalarResource(name));
  return {
    cpu: plain.get("cpu") ?? 0,
    memory: whole(plain.get("memory")),
    ephemeralStorage: whole(plain.get("ephemeral-storage")),
    scalars: scalars.map(([name, quantity]) => ({ name, quantity: whole(quantity) })),
    nonZeroCpu: nonZero.get("cpu") ?? 0,
    nonZeroMemory: whole(nonZero.get("memory")),
  };
};

const whole = (milli: number | undefined): number => Math.ceil((milli ?? 0) / 1000);

const inUnits = (milli: MilliResources): ReadonlyMap<string, number> =>
  new Map([...milli].map(([name, quantity]) => [name, name === "cpu" ? quantity : whole(quantity)]));

const compileClass = (
  id: number,
  { metadata, spec }: Pod,
  shape: Shape,
  owner: { readonly apiVersion: string; readonly kind: string; readonly name: string } | undefined,
): PodClass => {
  const namespace = metadata.namespace ?? "default";
  const labels = metadata.labels ?? {};
  const spread = (spec.topologySpreadConstraints ?? []).map((constraint) => ({
    action: constraint.whenUnsatisfiable,
    constraint: compileSpread(constraint, namespace, labels),
  }));
  const of = (action: string) => spread.filter((each) => each.action === action).map(({ constraint }) => constraint);
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const required = (affinity: typeof podAffinity) =>
    compileTerms(
      namespace,
      (affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => ({ weight: 1, term })),
    );
  const preferred = (affinity: typeof podAffinity) =>
    compileTerms(
      namespace,
      (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ weight, podAffinityTerm }) => ({
        weight,
        term: podAffinityTerm,
      })),
    );
  const lists = [required(podAffinity), required(podAntiAffinity), preferred(podAffinity), preferred(podAntiAffinity)];
  const [requiredAffinity, requiredAntiAffinity, preferredAffinity, preferredAntiAffinity] = lists.map(
    ({ terms }) => terms,
  );
  return {
    id,
    namespace,
    labels,
    shape,
    hostPorts: portsOf(spec),
    rowKey: `${shape.id} ${JSON.stringify(portsOf(spec))}`,
    hardSpread: of("DoNotSchedule"),
    softSpread: of("ScheduleAnyway"),
    hasSpread: spread.length > 0,
    spreadProblem: spread.find(({ constraint }) => constraint.selector.problem !== undefined)?.constraint.selector
      .problem,
    requiredAffinity: requiredAffinity ?? [],
    requiredAffinityKey: `terms ${(requiredAffinity ?? []).map(({ selection }) => selection).join(" ")}`,
    requiredAntiAffinity: requiredAntiAffinity ?? [],
    preferredAffinity: preferredAffinity ?? [],
    preferredAntiAffinity: preferredAntiAffinity ?? [],
    affinityProblem: lists.find(({ problem }) => problem !== undefined)?.problem,
    hasPreferredPodTerms: [podAffinity, podAntiAffinity].some(
      (affinity) => (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).length > 0,
    ),
    hasPodTerms: lists.some(({ terms }) => terms.length > 0),
    owner: owner === undefined ? undefined : { apiVersion: owner.apiVersion, kind: owner.kind, name: owner.name },
    gates: (spec.schedulingGates ?? []).map(({ name }) => name),
    schedulerName: spec.schedulerName ?? "default-scheduler",
  };
};

/** A constraint with `matchLabelKeys` merged into its selector. Source: `plugins/podtopologyspread/common.go`, v1.35.4. */
const compileSpread = (constraint: TopologySpreadConstraint, namespace: string, labels: Labels): SpreadConstraint => {
  const keys = (constraint.matchLabelKeys ?? []).filter((key) => Object.hasOwn(labels, key));
  const selector = withLabelKeys(constraint.labelSelector, keys, labels);
  return {
    maxSkew: constraint.maxSkew,
    topologyKey: constraint.topologyKey,
    selector: compileLabelSelector(selector),
    queryKey: `spread ${namespace} ${JSON.stringify(selector ?? null)}`,
    label: indexLabel(selector),
    minDomains: constraint.minDomains ?? 1,
    honorsAffinity: (constraint.nodeAffinityPolicy ?? "Honor") === "Honor",
    honorsTaints: (constraint.nodeTaintsPolicy ?? "Ignore") === "Honor",
  };
};

/** An absent selector stays absent: it matches nothing, whatever keys are merged. */
const withLabelKeys = (
  selector: LabelSelector | undefined,
  keys: readonly string[],
  labels: Labels,
): LabelSelector | undefined => {
  if (keys.length === 0 || selector === undefined || selector === null) return selector;
  const merged = keys.map((key) => ({ key, operator: "In", values: [labels[key] ?? ""] }));
  return { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...merged] };
};

/** Host ports of containers and sidecars. Source: `pkg/scheduler/util/utils.go`, v1.35.4 (GetHostPorts). */
const portsOf = (spec: PodSpec): readonly HostPort[] =>
  [...(spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always"), ...(spec.containers ?? [])]
    .flatMap(({ ports }) => ports ?? [])
    .filter(({ hostPort }) => (hostPort ?? 0) > 0)
    .map(({ hostIP, protocol, hostPort }) => ({
      ip: hostIP || "0.0.0.0",
      protocol: protocol || "TCP",
      port: hostPort ?? 0,
    }));
