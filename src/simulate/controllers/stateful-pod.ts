import { defaultPod } from "../../kubernetes/defaults-pod.ts";
import type { Pod, PodSpec, Volume } from "../../kubernetes/pod.ts";
import type { PersistentVolumeClaim } from "../../kubernetes/storage.ts";
import type { StatefulSet } from "../../kubernetes/workloads.ts";
import type { JsonObject } from "../../model/json.ts";
import { podFromTemplate } from "./pod-from-template.ts";

/**
 * The pod of an ordinal: its name, the labels that name it, its host name, and the claims in the place of equally named volumes
 * (pkg/controller/statefulset/stateful_set_utils.go, newStatefulSetPod, v1.35).
 */
export const statefulPod = (set: StatefulSet, ordinal: number, revision?: string): Pod => {
  const { template, serviceName } = set.spec;
  const name = podNameOf(set, ordinal);
  const { volumes, ...rest } = template.spec;
  const claims: Volume[] = (set.spec.volumeClaimTemplates ?? []).map((claim) => ({
    name: claim.metadata.name,
    persistentVolumeClaim: { claimName: claimName(set, claim, ordinal) },
  }));
  const names = new Set(claims.map((volume) => volume.name));
  const kept = (volumes ?? []).filter((volume) => !names.has(volume.name));
  const all = [...claims, ...kept];
  const spec = {
    ...rest,
    ...(all.length === 0 ? {} : { volumes: all }),
    hostname: name,
    ...(serviceName === undefined || serviceName === "" ? {} : { subdomain: serviceName }),
  };
  return podFromTemplate(template, set, {
    name,
    labels: {
      "statefulset.kubernetes.io/pod-name": name,
      "apps.kubernetes.io/pod-index": String(ordinal),
      ...(revision === undefined ? {} : { "controller-revision-hash": revision }),
    },
    spec: defaultPod({ spec } as unknown as JsonObject)["spec"] as unknown as PodSpec,
  });
};

export const podNameOf = (set: StatefulSet, ordinal: number): string => `${set.metadata.name}-${ordinal}`;

/** The ordinal in the name of a StatefulSet's pod; undefined when the name has none. */
export const ordinalOf = (set: StatefulSet, podName: string): number | undefined => {
  const prefix = `${set.metadata.name}-`;
  const rest = podName.startsWith(prefix) ? podName.slice(prefix.length) : "";
  return /^\d+$/.test(rest) ? Number(rest) : undefined;
};

/** `<template>-<set>-<ordinal>`. */
export const claimName = (set: StatefulSet, claim: PersistentVolumeClaim, ordinal: number): string =>
  `${claim.metadata.name}-${set.metadata.name}-${ordinal}`;

/** The claims that an ordinal needs; they carry the set's selector labels. */
export const claimsOfOrdinal = (set: StatefulSet, ordinal: number): readonly PersistentVolumeClaim[] =>
  (set.spec.volumeClaimTemplates ?? []).map((claim) => {
    const { namespace } = set.metadata;
    return {
      ...claim,
      metadata: {
        ...claim.metadata,
        name: claimName(set, claim, ordinal),
        ...(namespace === undefined ? {} : { namespace }),
        labels: { ...claim.metadata.labels, ...set.spec.selector?.matchLabels },
      },
    };
  });
