import type { Pod } from "../../kubernetes/pod.ts";
import type { PodClass, PodClasses } from "./pod-class.ts";
import { type Requests, requestsOf } from "./pod-shape.ts";

/** A pod as the scheduler holds it. */
export interface PodRecord {
  readonly namespace: string;
  readonly name: string;
  readonly pod: Pod;
  readonly podClass: PodClass;
  readonly requests: Requests;
  readonly priority: number;
  /** Milliseconds since 1970; infinite when the pod has not started, which upstream takes for "just now". */
  readonly startTime: number;
  readonly isTerminating: boolean;
  /** Names of claims that the pod mounts, its ephemeral volumes' claims included. */
  readonly claims: readonly PodClaim[];
  /** Whether it mounts anything that the volume plugins look at. */
  readonly hasVolumes: boolean;
}

export interface PodClaim {
  readonly claim: string;
  readonly isEphemeral: boolean;
}

export const podKey = (namespace: string, name: string): string => `${namespace}/${name}`;

export const toRecord = (pod: Pod, classes: PodClasses): PodRecord => {
  const podClass = classes.of(pod);
  const volumes = pod.spec.volumes ?? [];
  const hasVolumes = volumes.some(isWatched);
  const started = pod.status?.startTime;
  return {
    namespace: podClass.namespace,
    name: pod.metadata.name,
    pod,
    podClass,
    requests: hasResourceStatus(pod) ? requestsOf(pod) : podClass.shape.requests,
    priority: pod.spec.priority ?? 0,
    startTime: started === undefined ? Number.POSITIVE_INFINITY : Date.parse(started),
    isTerminating: pod.metadata.deletionTimestamp !== undefined,
    claims: hasVolumes ? volumes.flatMap((volume) => claimOf(pod.metadata.name, volume)) : none,
    hasVolumes,
  };
};

const none: readonly PodClaim[] = [];

type PodVolume = NonNullable<Pod["spec"]["volumes"]>[number] & Readonly<Record<string, unknown>>;

const watchedSources = [
  "persistentVolumeClaim",
  "ephemeral",
  "gcePersistentDisk",
  "awsElasticBlockStore",
  "iscsi",
  "rbd",
];

const isWatched = (volume: object): boolean => watchedSources.some((source) => source in volume);

const claimOf = (podName: string, volume: object): readonly PodClaim[] => {
  const { name, persistentVolumeClaim, ephemeral } = volume as PodVolume;
  if (persistentVolumeClaim !== undefined) return [{ claim: persistentVolumeClaim.claimName, isEphemeral: false }];
  return ephemeral === undefined ? none : [{ claim: `${podName}-${name}`, isEphemeral: true }];
};

const hasResourceStatus = (pod: Pod): boolean =>
  pod.status?.containerStatuses?.some((status) => status["resources"] !== undefined) === true ||
  (pod.status as { initContainerStatuses?: readonly object[] } | undefined)?.initContainerStatuses?.some(
    (status) => "resources" in status,
  ) === true;
