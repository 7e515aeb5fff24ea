import type { NodeSelectorTerm, Pod, PodSpec, Toleration } from "../../kubernetes/pod.ts";
import { compileNodeSelectorTerm, compileRequiredNodeAffinity, type NodeMatcher } from "../../kubernetes/selectors.ts";
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

/** Equal for pods of one shape. */
export const shapeKeyOf = (spec: PodSpec): string => {
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

type SpecRequests = Pick<Shape, "requests" | "scoreRequests">;

/** What the last spec of a list of containers asked for: the pods of a DaemonSet differ by the node they name only. */
const lately = new WeakMap<object, { readonly spec: PodSpec; readonly asked: SpecRequests }>();

const requestsOfSpec = (spec: PodSpec): SpecRequests => {
  const { containers } = spec;
  const isListed = containers !== undefined && containers !== null;
  const known = isListed ? lately.get(containers) : undefined;
  const isSame =
    known !== undefined &&
    known.spec.initContainers === spec.initContainers &&
    known.spec.overhead === spec.overhead &&
    known.spec.resources === spec.resources;
  if (isSame) return known.asked;
  const defaults = new Map([
    ["cpu", DEFAULT_MILLI_CPU],
    ["memory", DEFAULT_MEMORY_BYTES * 1000],
  ]);
  const asked = {
    requests: requestsOf({ spec }),
    scoreRequests: {
      plain: inUnits(podRequests({ spec })),
      nonZero: inUnits(podRequests({ spec }, { nonMissing: defaults, skipPodLevel: true })),
    },
  };
  if (isListed) lately.set(containers, { spec, asked });
  return asked;
};

/** Compiles what of a pod decides about nodes without regard to other pods. */
export const compileShape = (id: number, spec: PodSpec): Shape => {
  const affinity = spec.affinity?.nodeAffinity;
  const preferred = (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
    .filter(({ weight, preference }) => weight !== 0 && !isEmptyTerm(preference))
    .map(({ weight, preference }) => ({ weight, matcher: compileNodeSelectorTerm(preference) }));
  return {
    id,
    ...requestsOfSpec(spec),
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
