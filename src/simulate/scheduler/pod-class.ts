import type { LabelSelector, OwnerReference } from "../../kubernetes/object.ts";
import type { Pod, PodSpec, TopologySpreadConstraint } from "../../kubernetes/pod.ts";
import { compileLabelSelector, type LabelMatcher, type Labels } from "../../kubernetes/selectors.ts";
import { type AffinityTerm, compileTerms, indexLabel } from "./affinity-term.ts";
import { compileShape, type Shape, shapeKeyOf } from "./pod-shape.ts";

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
  /** The last class by list of containers, which pods of one template share however their specs were copied. */
  private readonly byContainers = new WeakMap<object, Lately>();
  private readonly fragments = new WeakMap<object, string>();
  private count = 0;

  of(pod: Pod): PodClass {
    const { metadata, spec } = pod;
    const owner = metadata.ownerReferences?.find((reference) => reference.controller === true);
    const { containers } = spec;
    const lately = containers === undefined || containers === null ? undefined : this.byContainers.get(containers);
    if (lately !== undefined && isLike(lately, metadata, spec, owner)) return lately.podClass;
    const podClass = this.compared(pod, owner);
    if (containers !== undefined && containers !== null)
      this.byContainers.set(containers, { metadata, spec, owner, podClass });
    return podClass;
  }

  /** The class by all that it is made of. */
  private compared({ metadata, spec }: Pod, owner: OwnerReference | undefined): PodClass {
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
      podClass = compileClass(this.count++, { metadata, spec }, shape, owner);
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

interface Lately {
  readonly metadata: Pod["metadata"];
  readonly spec: PodSpec;
  readonly owner: OwnerReference | undefined;
  readonly podClass: PodClass;
}

/** Whether a pod of the same containers shares every other part that a class is made of. */
const isLike = (
  lately: Lately,
  metadata: Pod["metadata"],
  spec: PodSpec,
  owner: OwnerReference | undefined,
): boolean => {
  const { spec: other, metadata: names, owner: controller } = lately;
  return (
    names.labels === metadata.labels &&
    names.namespace === metadata.namespace &&
    controller?.name === owner?.name &&
    controller?.kind === owner?.kind &&
    controller?.apiVersion === owner?.apiVersion &&
    other.initContainers === spec.initContainers &&
    other.overhead === spec.overhead &&
    other.resources === spec.resources &&
    other.nodeSelector === spec.nodeSelector &&
    other.affinity === spec.affinity &&
    other.tolerations === spec.tolerations &&
    other.topologySpreadConstraints === spec.topologySpreadConstraints &&
    other.schedulingGates === spec.schedulingGates &&
    other.schedulerName === spec.schedulerName
  );
};

const compileClass = (
  id: number,
  { metadata, spec }: Pick<Pod, "metadata" | "spec">,
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
