import { addressOf, type KubeObject } from "../kubernetes/object.ts";
import {
  type PersistentVolume,
  type PersistentVolumeClaim,
  type StorageClass,
  storageClassNameOf,
} from "../kubernetes/storage.ts";
import { staticVolume } from "./cloud/static-volumes.ts";
import { boundClaim, boundVolume, provisionVolume } from "./scheduler/provision-volume.ts";

/** Claims of the objects and of StatefulSets, each once, with the cluster's default class where they name none. */
export const claimsOf = (
  objects: readonly KubeObject[],
  made: readonly PersistentVolumeClaim[],
): readonly PersistentVolumeClaim[] => {
  const defaultClass = defaultStorageClass(objects);
  const byAddress = new Map<string, PersistentVolumeClaim>();
  const own = objects.filter((object) => object.kind === "PersistentVolumeClaim") as PersistentVolumeClaim[];
  for (const claim of [...made, ...own]) {
    byAddress.set(addressOf(claim), claimed(claim, defaultClass));
  }
  return [...byAddress.values()];
};

/** The class that a claim without one gets. */
export const defaultStorageClass = (objects: readonly KubeObject[]): string | undefined =>
  objects.find(
    (object) =>
      object.kind === "StorageClass" &&
      object.metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true",
  )?.metadata.name;

/** A claim as the API server keeps it before a controller sees it. */
export const claimed = (claim: PersistentVolumeClaim, defaultClass: string | undefined): PersistentVolumeClaim => {
  const storageClassName = storageClassNameOf(claim) ?? defaultClass;
  return {
    ...claim,
    metadata: { ...claim.metadata, uid: claim.metadata.uid ?? addressOf(claim) },
    spec: { ...claim.spec, ...(storageClassName === undefined ? {} : { storageClassName }) },
    status: { phase: "Pending", ...claim.status },
  };
};

/** The class of a claim, where there is one. */
export type ClassOf = (claim: PersistentVolumeClaim) => StorageClass | undefined;

/** Finds the class of a claim. */
export const storageClassOf = (objects: readonly KubeObject[]): ClassOf => {
  const classes = new Map(
    objects
      .filter((object) => object.kind === "StorageClass")
      .map((object) => [object.metadata.name, object as StorageClass]),
  );
  return (claim) => classes.get(claim.spec.storageClassName ?? "");
};

/** `namespace/name`. */
export const claimKey = ({ metadata }: PersistentVolumeClaim): string =>
  `${metadata.namespace ?? "default"}/${metadata.name}`;

/** True where a volume is chosen once a pod of the claim is on a node. */
export const waitsForPod = (storageClass: StorageClass): boolean =>
  storageClass.volumeBindingMode === "WaitForFirstConsumer";

/** Volumes that the objects bring along. */
export const volumesAmong = (objects: readonly KubeObject[]): readonly PersistentVolume[] =>
  objects.filter((object) => object.kind === "PersistentVolume") as PersistentVolume[];

/**
 * Claims that name a volume that is there, and those whose class binds at once or is none, are bound before any pod comes; the others wait
 * for their first consumer.
 */
export const boundAtOnce = (
  claims: readonly PersistentVolumeClaim[],
  classOf: ClassOf,
  refused: ReadonlyMap<string, string>,
  volumes: readonly PersistentVolume[] = [],
): readonly KubeObject[] => {
  const taken = new Set<string>();
  const named = claims.filter(({ spec }) => spec.volumeName);
  const found = new Map<PersistentVolumeClaim, PersistentVolume>();
  for (const claim of [...named, ...claims.filter((each) => !named.includes(each))]) {
    const storageClass = classOf(claim);
    if (!claim.spec.volumeName && storageClass !== undefined && waitsForPod(storageClass)) continue;
    const volume = staticVolume(claim, claim.spec.storageClassName, volumes, taken);
    if (volume === undefined) continue;
    taken.add(volume.metadata.name);
    found.set(claim, volume);
  }
  return claims.flatMap((claim): readonly KubeObject[] => {
    const fixed = found.get(claim);
    if (fixed !== undefined) return [boundVolume(fixed, claim), boundClaim(claim, fixed.metadata.name)];
    const storageClass = classOf(claim);
    const waits = storageClass === undefined || waitsForPod(storageClass) || refused.has(claimKey(claim));
    if (waits || claim.spec.volumeName) return [claim];
    const volume = provisionVolume(claim, "", { nodes: [], others: [storageClass] });
    return [volume, boundClaim(claim, volume.metadata.name)];
  });
};
