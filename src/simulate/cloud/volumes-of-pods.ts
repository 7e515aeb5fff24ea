import type { AksCluster } from "../../azure/platform.ts";
import type { VmSizeOverrides } from "../../azure/vm-sizes.ts";
import type { Node } from "../../kubernetes/node.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from "../../kubernetes/storage.ts";
import type { VolumePrediction } from "../prediction.ts";
import { predictVolumes } from "./volumes.ts";

export interface PodVolumesInput {
  readonly cluster: AksCluster;
  /** All claims, those that StatefulSets make among them. */
  readonly claims: readonly PersistentVolumeClaim[];
  /** Classes and volumes are taken of these; AKS's own classes among them. */
  readonly objects: readonly KubeObject[];
  readonly nodes: readonly Node[];
  readonly placed: Iterable<{ readonly pod: Pod; readonly node: string }>;
  /** Pods that no node takes. */
  readonly pending: Iterable<{ readonly pod: Pod }>;
  readonly sizes?: VmSizeOverrides;
}

/** What becomes of each claim once the pods are placed. */
export const volumesOfPods = (input: PodVolumesInput): readonly VolumePrediction[] => {
  const { cluster, claims, objects, nodes, sizes } = input;
  const users = new Map<string, (string | undefined)[]>();
  const use = (pod: Pod, node: string | undefined): void => {
    for (const claim of claimNames(pod)) {
      const all = users.get(claim);
      if (all === undefined) users.set(claim, [node]);
      else all.push(node);
    }
  };
  for (const { pod, node } of input.placed) use(pod, node);
  for (const { pod } of input.pending) use(pod, undefined);
  return predictVolumes({
    cluster,
    claims,
    classes: objects.filter((object) => object.kind === "StorageClass") as StorageClass[],
    volumes: objects.filter((object) => object.kind === "PersistentVolume") as PersistentVolume[],
    nodes,
    users,
    ...(sizes === undefined ? {} : { sizes }),
  });
};

/** Claims, as `namespace/name`, that no volume will ever be made for, with the provisioner's words, wherever their pods are placed. */
export const refusedClaims = (
  input: Pick<PodVolumesInput, "cluster" | "claims" | "objects" | "sizes">,
): ReadonlyMap<string, string> => {
  const { claims } = input;
  const anywhere = new Map(claims.map(({ metadata }) => [`${metadata.namespace ?? "default"}/${metadata.name}`, [""]]));
  const predictions = predictVolumes({
    cluster: input.cluster,
    claims,
    classes: input.objects.filter((object) => object.kind === "StorageClass") as StorageClass[],
    volumes: input.objects.filter((object) => object.kind === "PersistentVolume") as PersistentVolume[],
    nodes: [],
    users: anywhere,
    ...(input.sizes === undefined ? {} : { sizes: input.sizes }),
  });
  return new Map(predictions.filter(({ state }) => state === "pending").map(({ claim, message }) => [claim, message]));
};

/** The claims of a pod as `namespace/name`; a generic ephemeral volume's claim is named after pod and volume. */
export const claimNames = (pod: Pod): readonly string[] => {
  const namespace = pod.metadata.namespace ?? "default";
  const names = (pod.spec.volumes ?? []).flatMap((volume) => {
    if (volume.persistentVolumeClaim !== undefined) return [volume.persistentVolumeClaim.claimName];
    return volume.ephemeral === undefined ? [] : [`${pod.metadata.name}-${volume.name}`];
  });
  return [...new Set(names)].map((name) => `${namespace}/${name}`);
};
