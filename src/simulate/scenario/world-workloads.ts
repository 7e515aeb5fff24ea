import type { KubeObject } from "../../kubernetes/object.ts";
import { addressOf } from "../../kubernetes/object.ts";
import type { Container, Pod, PodTemplate } from "../../kubernetes/pod.ts";
import type { Deployment, IntOrString } from "../../kubernetes/workloads.ts";
import { isJsonObject } from "../../model/json.ts";
import { expandWorkload, replicaSetOf } from "../controllers/expand-workload.ts";
import { workloadKinds } from "../predict-workloads.ts";
import { type AdmissionClasses, admitPod } from "../scheduler/admit-pod.ts";
import type { Revision, WorldTimings, WorldWorkload } from "./world-state.ts";

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
  return objects.flatMap((object) => {
    if (!workloadKinds.has(object.kind) || isOwned(object, present)) return [];
    const made = expandWorkload(object).pods.length;
    const revision = revisionOf(object, classes);
    if (revision === undefined) return [];
    const { spec } = revision.template;
    const grace = (spec.terminationGracePeriodSeconds ?? 30) * 1000;
    return [
      {
        address: addressOf(object),
        kind: object.kind,
        namespace: object.metadata.namespace ?? "default",
        name: object.metadata.name,
        declared: made,
        ...rolling(object),
        readyDelay: readyDelay(spec.containers, timings),
        stopTime: Math.min(grace, timings.podStop),
        wanted: made,
        revisions: [{ ...revision, size: made }],
        active: new Set(),
        leaving: new Set(),
        ready: 0,
        pending: 0,
        serial: 0,
        version: 0,
        lowestReady: { share: 1, ready: made, wanted: made, at: 0 },
      } satisfies WorldWorkload,
    ];
  });
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

/** The Deployment with another image in its first container. */
export const withImage = (object: KubeObject, image: string): KubeObject => {
  const { template } = (object as Deployment).spec;
  const [first, ...others] = template.spec.containers;
  if (first === undefined) return object;
  const spec = { ...template.spec, containers: [{ ...first, image }, ...others] };
  return { ...object, spec: { ...(object as Deployment).spec, template: { ...template, spec } } } as KubeObject;
};

/** The ReplicaSet that a Deployment makes for its template: the scheduler's default spreading reads it. */
export const replicaSetFor = (object: KubeObject): KubeObject | undefined =>
  object.kind === "Deployment" ? replicaSetOf(object as Deployment) : undefined;

/** A number of pods, or a share of them rounded up or down. */
export const podsOf = (value: IntOrString, of: number, round: (value: number) => number): number => {
  const percent = typeof value === "string" ? /^(\d+)%$/.exec(value) : null;
  return percent === null ? Number(value) || 0 : round((Number(percent[1]) * of) / 100);
};

const rolling = (object: KubeObject): { readonly maxSurge: IntOrString; readonly maxUnavailable: IntOrString } => {
  const strategy = object.kind === "Deployment" ? (object as Deployment).spec.strategy : undefined;
  if (strategy?.type === "Recreate") return { maxSurge: 0, maxUnavailable: "100%" };
  return {
    maxSurge: strategy?.rollingUpdate?.maxSurge ?? "25%",
    maxUnavailable: strategy?.rollingUpdate?.maxUnavailable ?? "25%",
  };
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
