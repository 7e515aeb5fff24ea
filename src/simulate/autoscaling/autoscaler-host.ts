import type { Taint } from "../../kubernetes/node.ts";
import type { DaemonSet, PodDisruptionBudget } from "../../kubernetes/workloads.ts";
import type { ReplicaLookup } from "./drain-rules.ts";
import type { ExpanderPriorities } from "./expanders.ts";
import type { NodeGroup } from "./node-group.ts";

/** What the autoscaler needs of the cluster and the cloud around it. */
export interface AutoscalerHost {
  /** The pools in the cloud's order. */
  readonly groups: readonly NodeGroup[];
  readonly groupOf: (nodeName: string) => NodeGroup | undefined;
  /** Whether the cloud still has a node's machine. */
  readonly hasInstance: (nodeName: string) => boolean;
  readonly replicas: ReplicaLookup;
  readonly budgets: () => readonly PodDisruptionBudget[];
  /** The same list while nothing changed. */
  readonly daemonSets: () => readonly DaemonSet[];
  readonly priorities: () => ExpanderPriorities;
  /** Puts the deletion taint on a node or takes it off; the host then tells the autoscaler of the changed node. */
  readonly setTaint: (nodeName: string, taint: Taint | undefined) => void;
  /** Asks for an eviction; false when it is refused, as by a budget. */
  readonly evict: (namespace: string, name: string) => boolean;
  readonly schedule: (delayMs: number, run: (nowMs: number) => void) => void;
  /** An event: its reason and the object it is about. */
  readonly record: (reason: string, object: string) => void;
}
