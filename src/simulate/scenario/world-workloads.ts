import type { KubeObject } from "../../kubernetes/object.ts";
import { addressOf } from "../../kubernetes/object.ts";
import type { Container, Pod, PodSpec, PodTemplate } from "../../kubernetes/pod.ts";
import type { CronJob, Deployment, IntOrString, StatefulSet } from "../../kubernetes/workloads.ts";
import { isJsonObject } from "../../model/json.ts";
import { expandWorkload, replicaSetOf } from "../controllers/expand-workload.ts";
import { workloadKinds } from "../predict-workloads.ts";
import { type AdmissionClasses, admitPod } from "../scheduler/admit-pod.ts";
import type { Revision, WorkloadSettings, WorldTimings, WorldWorkload } from "./world-state.ts";

interface Scalable extends KubeObject {
  readonly spec?: { readonly replicas?: number; readonly template?: PodTemplate };
}

/** The workloads of the objects, still without pods. */
export const worldWorkloads = (
  objects: readonly KubeObject[],
  classes: AdmissionClasses,
  timings: WorldTimings,
): readonly WorldWorkload[] => {
  const present = new Set(objects.map(addressOf));
  return objects.flatMap((object) => (isOwned(object, present) ? [] : (worldWorkload(object, classes, timings) ?? [])));
};

/** One workload without pods; undefined for kinds that make none, and where the manifest asks for none. */
export const worldWorkload = (
  object: KubeObject,
  classes: AdmissionClasses,
  timings: WorldTimings,
): WorldWorkload | undefined => {
  if (!workloadKinds.has(object.kind)) return undefined;
  const declared = expandWorkload(object).pods.length;
  const revision = revisionOf(object, classes);
  if (revision === undefined) return undefined;
  const isJob = object.kind === "Job" || object.kind === "CronJob";
  const wanted = isJob ? 0 : declared;
  return {
    address: addressOf(object),
    kind: object.kind,
    namespace: object.metadata.namespace ?? "default",
    name: object.metadata.name,
    declared,
    isJob,
    ...settingsOf(object, timings),
    wanted,
    isNew: false,
    isDeleted: false,
    revisions: [{ ...revision, size: wanted }],
    active: new Set(),
    leaving: new Set(),
    ready: 0,
    pending: 0,
    serial: 0,
    version: 0,
    lowestReady: { share: 1, ready: wanted, wanted, at: 0 },
  };
};

/** How the pods of an object come and go. */
export const settingsOf = (object: KubeObject, timings: WorldTimings): WorkloadSettings => {
  const spec = podSpecOf(object);
  const grace = (spec?.terminationGracePeriodSeconds ?? 30) * 1000;
  return {
    ...rolling(object),
    partition: partitionOf(object),
    readyDelay: readyDelay(spec?.containers ?? [], timings),
    stopTime: Math.min(grace, timings.podStop),
  };
};

/** What a rollout is about: the template of the pods. */
export const templateOf = (object: KubeObject): unknown =>
  object.kind === "Pod" ? (object as Pod).spec : (object as Scalable).spec?.template;

const podSpecOf = (object: KubeObject): PodSpec | undefined => {
  if (object.kind === "Pod") return (object as Pod).spec;
  if (object.kind === "CronJob") return (object as CronJob).spec.jobTemplate.spec.template.spec;
  return (object as Scalable).spec?.template?.spec;
};

/** The template of a workload as its pods carry it; with an image, the first container's is replaced, as a deployment does. */
export const revisionOf = (object: KubeObject, classes: AdmissionClasses): Revision | undefined => {
  const pod = expandWorkload(object, 1).pods[0];
  if (pod === undefined) return undefined;
  const template = admitPod(pod, classes);
  return {
    template,
    images: imagesOf(template),
    labels: template.metadata.labels ?? {},
    size: 0,
    pods: new Set(),
  };
};

/** The workload with another image in its first container. */
export const withImage = (object: KubeObject, image: string): KubeObject => {
  const { template } = (object as Deployment).spec;
  const [first, ...others] = template.spec.containers;
  if (first === undefined) return object;
  const spec = { ...template.spec, containers: [{ ...first, image }, ...others] };
  return { ...object, spec: { ...(object as Deployment).spec, template: { ...template, spec } } } as KubeObject;
};

/** What `kubectl rollout restart` does to a workload. */
export const restarted = (object: KubeObject, at: number): KubeObject => {
  const { spec } = object as unknown as { spec: { template: { metadata?: { annotations?: object } } } };
  const { template } = spec;
  const annotations = { ...template.metadata?.annotations, "kubectl.kubernetes.io/restartedAt": String(at) };
  const changed = { ...spec, template: { ...template, metadata: { ...template.metadata, annotations } } };
  return { ...object, spec: changed } as KubeObject;
};

/** The ReplicaSet that a Deployment makes for its template: the scheduler's default spreading reads it. */
export const replicaSetFor = (object: KubeObject): KubeObject | undefined =>
  object.kind === "Deployment" ? replicaSetOf(object as Deployment) : undefined;

/** A number of pods, or a share of them rounded up or down. */
export const podsOf = (value: IntOrString, of: number, round: (value: number) => number): number => {
  const percent = typeof value === "string" ? /^(\d+)%$/.exec(value) : null;
  return percent === null ? Number(value) || 0 : round((Number(percent[1]) * of) / 100);
};

const rolling = (object: KubeObject): Pick<WorkloadSettings, "maxSurge" | "maxUnavailable" | "isRecreated"> => {
  const strategy = object.kind === "Deployment" ? (object as Deployment).spec.strategy : undefined;
  if (strategy?.type === "Recreate") return { maxSurge: 0, maxUnavailable: "100%", isRecreated: true };
  return {
    maxSurge: strategy?.rollingUpdate?.maxSurge ?? "25%",
    maxUnavailable: strategy?.rollingUpdate?.maxUnavailable ?? "25%",
    isRecreated: false,
  };
};

const partitionOf = (object: KubeObject): number => {
  if (object.kind !== "StatefulSet") return 0;
  const strategy = (object as StatefulSet).spec.updateStrategy;
  if (strategy?.type === "OnDelete") return Number.POSITIVE_INFINITY;
  return strategy?.rollingUpdate?.partition ?? 0;
};

const imagesOf = ({ spec }: Pod): readonly string[] => [
  ...new Set([...(spec.initContainers ?? []), ...spec.containers].flatMap(({ image }) => image ?? [])),
];

/** A pod with a readiness probe is ready after the probe's initial delay and the application's own start; without one at once. */
const readyDelay = (containers: readonly Container[], timings: WorldTimings): number => {
  let longest = 0;
  for (const { readinessProbe } of containers) {
    if (!isJsonObject(readinessProbe)) continue;
    const initial = Number(readinessProbe["initialDelaySeconds"] ?? 0) * 1000;
    longest = Math.max(longest, Math.max(initial, timings.podReady));
  }
  return longest;
};

const isOwned = (object: Scalable, present: ReadonlySet<string>): boolean =>
  (object.metadata.ownerReferences ?? []).some(
    ({ controller, kind, name }) =>
      controller === true && present.has(addressOf({ ...object, kind, metadata: { ...object.metadata, name } })),
  );
