import type { Node } from "../../kubernetes/node.ts";
import type { Pod } from "../../kubernetes/pod.ts";

/** A scale set as the autoscaler sees it through the cloud provider. */
export interface NodeGroup {
  readonly id: string;
  readonly min: number;
  readonly max: number;
  /** The size that the cloud works towards. */
  readonly targetSize: () => number;
  /** Names of the instances that exist or are being made, in order of creation; those being deleted are not among them. */
  readonly instances: () => readonly string[];
  /** A node as the cloud describes it while the group has none, and the pods that such a node brings (kube-proxy as a static pod). */
  readonly template: () => { readonly node: Node; readonly pods: readonly Pod[] };
  /** Asks for more nodes; what the cloud says when it refuses. */
  readonly increase: (by: number) => string | undefined;
  /** Asks for the end of these instances; what the cloud says when it refuses. */
  readonly deleteNodes: (names: readonly string[]) => string | undefined;
}

/** A node that may be added to a picture of the cluster: a template or a copy of one. */
export interface NodeTemplate {
  readonly node: Node;
  readonly pods: readonly Pod[];
}

export const TO_BE_DELETED = "ToBeDeletedByClusterAutoscaler";
export const DELETION_CANDIDATE = "DeletionCandidateOfClusterAutoscaler";
