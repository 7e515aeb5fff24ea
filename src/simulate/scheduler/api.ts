import type { Node } from "../../kubernetes/node.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import type { Decision, DecisionDetail, Rejection, VolumeBinding } from "./decision.ts";
import type { SchedulerProfile } from "./profile.ts";

export interface SchedulerOptions {
  /** `reference` runs every plugin on every node for every pod; `fast` (the default) decides the same with what it remembers. */
  readonly mode?: "fast" | "reference";
  /** Each pod is placed by the profile that its `schedulerName` names. Default: the default profile of 1.35. */
  readonly profiles?: readonly SchedulerProfile[];
}

/**
 * kube-scheduler 1.35 as an object. It holds its own picture of the cluster, told by the calls below; it changes nothing by itself:
 * after `schedule` the caller binds (`addPod` with `spec.nodeName`), or removes victims, as the cluster would.
 * Nodes keep the order in which they were added, and of equally good nodes the first is taken.
 */
export interface Scheduler {
  /** Adds a node, or replaces the one of that name. */
  setNode(node: Node): void;
  removeNode(name: string): void;
  /**
   * Adds a pod or replaces the one of that name. With `spec.nodeName` it takes room there; pending with `status.nominatedNodeName` it
   * counts as nominated there; pending otherwise it is forgotten. Finished pods (Succeeded, Failed) are forgotten.
   */
  setPod(pod: Pod): void;
  /** Lets a pending pod take its room on a node: `setPod` with `spec.nodeName`, without the copy. `startTime`: milliseconds since 1970. */
  bind(pod: Pod, nodeName: string, startTime?: number): void;
  removePod(namespace: string, name: string): void;
  /** Whether a pod of that name takes room on a node. */
  nodeOf(namespace: string, name: string): string | undefined;
  /**
   * Adds or replaces any other object: Namespace, Service, ReplicationController, ReplicaSet, StatefulSet, PodDisruptionBudget,
   * PersistentVolumeClaim, PersistentVolume, StorageClass, CSINode, CSIDriver, CSIStorageCapacity, VolumeAttachment. Other kinds are ignored.
   */
  setObject(object: KubeObject): void;
  removeObject(kind: string, namespace: string | undefined, name: string): void;

  /** Decides about one pod and changes nothing. The pod must have been through admission (`admitPod`). */
  schedule(pod: Pod): Decision;
  /** The text of the PodScheduled condition (reason Unschedulable), or why the pod is gated or ignored; empty when scheduled. */
  message(decision: Decision): string;
  rejection(id: number): Rejection;
  /** Every node's scores and reasons. Only valid until the next change of the scheduler's picture. */
  describe(pod: Pod): DecisionDetail;

  /** The claims that binding the pod to the node would bind. */
  volumesFor(pod: Pod, nodeName: string): readonly VolumeBinding[];
  /** The nodes that pass all filters, in node order. */
  feasibleNodes(pod: Pod): readonly string[];
  /** Finds the first of them that is also accepted, in node order; good until the next change of the scheduler's picture. */
  prepareFeasible(pod: Pod): (accepts: (nodeName: string) => boolean) => string | undefined;
  /** Whether the pod passes all filters on one node (nominations left out of account), and if not, why. For the cluster autoscaler. */
  check(pod: Pod, nodeName: string): Rejection | undefined;

  /** The same made ready for many nodes; good until the next change of the scheduler's picture. */
  prepareCheck(pod: Pod): (nodeName: string) => Rejection | undefined;
  /** What is missing by how much on nodes that only lack room, in whole units (cpu in thousandths). */
  shortages(pod: Pod): readonly Shortage[];

  /** Starts a what-if: all changes of nodes and pods from here on are undone by `revert`. May be nested. */
  fork(): void;
  revert(): void;
  /** Keeps what was done since the last `fork`. */
  commit(): void;
}

/** A resource that a node lacks for a pod. */
export interface Shortage {
  readonly node: string;
  readonly resource: string;
  readonly requested: number;
  readonly free: number;
  readonly allocatable: number;
}
