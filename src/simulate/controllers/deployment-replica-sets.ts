import { intOrPercent } from "../../kubernetes/int-or-percent.ts";
import type { Deployment, ReplicaSet } from "../../kubernetes/workloads.ts";
import { replicaSetOf } from "./expand-workload.ts";

/** Annotations that stay with the Deployment. */
const kept = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  "deployment.kubernetes.io/revision",
  "deployment.kubernetes.io/revision-history",
  "deployment.kubernetes.io/desired-replicas",
  "deployment.kubernetes.io/max-replicas",
  "deprecated.deployment.rollback.to",
]);

/** The annotations that a Deployment hands on to its ReplicaSets. */
export const copiedAnnotations = (deployment: Deployment): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => !kept.has(name)));

/** The ReplicaSet of the Deployment's current template, before its size is known. */
export const newReplicaSetOf = (deployment: Deployment): ReplicaSet => replicaSetOf(deployment);

/** The number in a ReplicaSet's revision annotation, 0 without one. */
export const revisionOf = (set: ReplicaSet): number =>
  Number(set.metadata.annotations?.["deployment.kubernetes.io/revision"] ?? 0) || 0;

/** A Deployment's ReplicaSets at one look: the one of its template, and the others, oldest first. */
export interface ReplicaSets {
  readonly fresh: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
}

/** The pods that a rollout may have too many and too few. */
export const rolloutBounds = (
  deployment: Deployment,
): { readonly maxSurge: number; readonly maxUnavailable: number } => {
  if (deployment.spec.strategy?.type === "Recreate") return { maxSurge: 0, maxUnavailable: 0 };
  const wanted = deployment.spec.replicas ?? 1;
  const rolling = deployment.spec.strategy?.rollingUpdate;
  const maxSurge = intOrPercent(rolling?.maxSurge ?? "25%", wanted, "up");
  const maxUnavailable = intOrPercent(rolling?.maxUnavailable ?? "25%", wanted, "down");
  // Both zero would never move.
  return { maxSurge, maxUnavailable: Math.min(wanted, maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable) };
};
