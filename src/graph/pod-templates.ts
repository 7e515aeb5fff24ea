import { addressOf, type KubeObject, type SourcedObject } from "../kubernetes/object.ts";
import type { Container, Pod, PodSpec } from "../kubernetes/pod.ts";
import type { CronJob, Deployment, StatefulSet } from "../kubernetes/workloads.ts";
import type { SourceRange } from "../model/source-range.ts";

/** A workload and the pods it makes. */
export interface Workload {
  readonly address: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly source: SourcedObject;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
  /** The path of the pod's spec in the object. */
  readonly specPath: readonly string[];
  /** Pods wanted as written; 1 where nothing is said, `undefined` for a DaemonSet. */
  readonly replicas: number | undefined;
  readonly rangeAt: (path: readonly (string | number)[]) => SourceRange;
}

const cache = new WeakMap<readonly SourcedObject[], readonly Workload[]>();

/** Every object that makes pods; objects that another one owns (a dump's ReplicaSets and Pods) are left out. */
export const workloadsOf = (objects: readonly SourcedObject[]): readonly Workload[] => {
  const cached = cache.get(objects);
  if (cached !== undefined) return cached;
  const found = objects.flatMap((source) => {
    const workload = workloadOf(source);
    return workload === undefined || (source.object.metadata.ownerReferences ?? []).length > 0 ? [] : [workload];
  });
  cache.set(objects, found);
  return found;
};

const specPaths: Readonly<Record<string, readonly string[]>> = {
  Pod: ["spec"],
  Deployment: ["spec", "template", "spec"],
  ReplicaSet: ["spec", "template", "spec"],
  ReplicationController: ["spec", "template", "spec"],
  StatefulSet: ["spec", "template", "spec"],
  DaemonSet: ["spec", "template", "spec"],
  Job: ["spec", "template", "spec"],
  CronJob: ["spec", "jobTemplate", "spec", "template", "spec"],
};

const workloadOf = (source: SourcedObject): Workload | undefined => {
  const { object } = source;
  const specPath = specPaths[object.kind];
  if (specPath === undefined || !builtIn(object)) return undefined;
  const template = templateOf(object);
  const spec = template?.spec;
  if (spec === undefined || !Array.isArray(spec.containers)) return undefined;
  return {
    address: addressOf(object),
    kind: object.kind,
    namespace: object.metadata.namespace ?? "default",
    name: object.metadata.name,
    source,
    labels: template?.metadata?.labels ?? {},
    annotations: template?.metadata?.annotations ?? {},
    spec,
    specPath,
    replicas: replicasOf(object),
    rangeAt: (path) => source.rangeAt([...specPath, ...path]),
  };
};

const builtIn = (object: KubeObject): boolean => /^(v1|apps\/|batch\/|extensions\/)/.test(object.apiVersion);

type Template = Pick<Partial<Pod>, "spec"> & {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
};

const templateOf = (object: KubeObject): Template | undefined => {
  // The kind says which of these shapes the object has; a missing part gives undefined.
  if (object.kind === "Pod") return object as Pod;
  if (object.kind === "CronJob") return (object as CronJob).spec?.jobTemplate?.spec?.template;
  return (object as Deployment).spec?.template;
};

const replicasOf = (object: KubeObject): number | undefined => {
  if (object.kind === "DaemonSet") return undefined;
  if (object.kind === "Pod" || object.kind === "CronJob") return 1;
  const spec = (object as Deployment & { readonly spec: { readonly parallelism?: number } }).spec;
  return (object.kind === "Job" ? spec?.parallelism : spec?.replicas) ?? 1;
};

/** Init containers first, as the kubelet starts them. */
export const containersOf = (
  spec: PodSpec,
): readonly { readonly container: Container; readonly path: readonly (string | number)[] }[] => [
  ...(spec.initContainers ?? []).map((container, index) => ({ container, path: ["initContainers", index] })),
  ...(spec.containers ?? []).map((container, index) => ({ container, path: ["containers", index] })),
];

/** The claims of a StatefulSet's template, by name. */
export const claimTemplatesOf = (workload: Workload): NonNullable<StatefulSet["spec"]["volumeClaimTemplates"]> =>
  workload.kind === "StatefulSet" ? ((workload.source.object as StatefulSet).spec.volumeClaimTemplates ?? []) : [];
