import type { KubeObject } from "../../kubernetes/object.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from "../../kubernetes/storage.ts";
import { claimNames } from "../cloud/volumes-of-pods.ts";
import { hostnameLabel } from "./karpenter-labels.ts";
import {
  expressionRequirements,
  joined,
  noRequirements,
  type Requirements,
  requirementsOf,
} from "./karpenter-requirements.ts";

/** Alternatives of what the volumes of a pod ask of its node, or why Karpenter passes the pod over. */
export type VolumeAsks = { readonly alternatives: readonly Requirements[] } | { readonly refused: string };

/**
 * Reads what volumes ask: a bound volume's node affinity, else the allowed topologies of the class. A claim of a class that binds at once
 * must be bound. Source: kubernetes-sigs/karpenter v1.14.0 `pkg/controllers/provisioning/scheduling/volumetopology.go`.
 */
export const volumeAsks = (objects: readonly KubeObject[]): ((pod: Pod) => VolumeAsks) => {
  const named = <T extends KubeObject>(kind: string, keyOf: (object: KubeObject) => string): ReadonlyMap<string, T> =>
    new Map(objects.filter((object) => object.kind === kind).map((object) => [keyOf(object), object as T]));
  const name = ({ metadata }: KubeObject): string => metadata.name;
  const claims = named<PersistentVolumeClaim>(
    "PersistentVolumeClaim",
    ({ metadata }) => `${metadata.namespace ?? "default"}/${metadata.name}`,
  );
  const volumes = named<PersistentVolume>("PersistentVolume", name);
  const classes = named<StorageClass>("StorageClass", name);
  return (pod) => {
    let alternatives: readonly Requirements[] = [];
    for (const key of claimNames(pod)) {
      const claim = claims.get(key);
      if (claim === undefined) {
        // The claim of a generic ephemeral volume is made with its pod.
        if ((pod.spec.volumes ?? []).some(({ ephemeral }) => ephemeral !== undefined)) continue;
        return { refused: `claim "${key}" is not there` };
      }
      const asked = asksOf(claim, volumes, classes);
      if ("refused" in asked) return asked;
      if (asked.alternatives.length > 0)
        alternatives =
          alternatives.length === 0
            ? asked.alternatives
            : alternatives.flatMap((have) => asked.alternatives.map((more) => joined(have, more.values())));
    }
    return { alternatives };
  };
};

const asksOf = (
  { spec, metadata }: PersistentVolumeClaim,
  volumes: ReadonlyMap<string, PersistentVolume>,
  classes: ReadonlyMap<string, StorageClass>,
): VolumeAsks => {
  if (spec.volumeName !== undefined && spec.volumeName !== "") {
    const volume = volumes.get(spec.volumeName);
    return { alternatives: volume === undefined ? [] : affinityOf(volume) };
  }
  const storageClass = classes.get(spec.storageClassName ?? "");
  if (storageClass === undefined) return { refused: `claim "${metadata.name}" names no StorageClass that is there` };
  if (storageClass.volumeBindingMode !== "WaitForFirstConsumer")
    return { refused: `claim "${metadata.name}" binds at once and is not bound` };
  return {
    alternatives: (storageClass.allowedTopologies ?? []).map(({ matchLabelExpressions = [] }) =>
      requirementsOf(
        expressionRequirements(matchLabelExpressions.map(({ key, values }) => ({ key, operator: "In", values }))),
      ),
    ),
  };
};

/** A volume of one machine may follow the pod to another. */
const affinityOf = ({ spec }: PersistentVolume): readonly Requirements[] => {
  const isLocal = spec.local !== undefined || spec.hostPath !== undefined;
  return (spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).map(({ matchExpressions = [] }) => {
    const asked = joined(noRequirements, expressionRequirements(matchExpressions));
    return isLocal ? new Map([...asked].filter(([key]) => key !== hostnameLabel)) : asked;
  });
};
