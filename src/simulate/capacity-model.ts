import type { Assumption } from "./prediction.ts";

/** How far one cluster goes: what is used of each limit, how many more of each workload fit, and the nodes that its loads need. */
export interface ClusterCapacity {
  /** Address of the cluster's resource. */
  readonly cluster: string;
  readonly moments: readonly CapacityMoment[];
  readonly limits: readonly CapacityLimit[];
  readonly workloads: readonly WorkloadRoom[];
  readonly nodeCounts: readonly PoolNodeCounts[];
  /** Price of the nodes an hour, where a price file is given. */
  readonly cost?: CapacityCost;
  readonly assumptions: readonly Assumption[];
}

export interface CapacityCost {
  readonly currency: string;
  /** Left out where a size has no price in the file. */
  readonly perHour: Readonly<Partial<Record<MomentName, number>>>;
}

/** Moments that a limit is held against: the end of the apply, the quietest and busiest hour, every HPA at maxReplicas, the worst zone gone. */
export const momentNames = ["now", "low", "high", "hpaMax", "zoneLost"] as const;
export type MomentName = (typeof momentNames)[number];

export interface CapacityMoment {
  readonly name: MomentName;
  /** The zone that is gone, at `zoneLost`. */
  readonly zone: string | undefined;
  readonly nodes: Readonly<Record<string, number>>;
  readonly pods: number;
  /** Pods that no node takes, by workload. */
  readonly pending: readonly PendingWorkload[];
  readonly note: string | undefined;
}

export interface PendingWorkload {
  readonly workload: string;
  readonly pods: number;
  readonly message: string;
}

export interface CapacityLimit {
  /** `nodes/user`, `addresses/snet-aks`. */
  readonly key: string;
  readonly kind: LimitKind;
  /** The pool, subnet, load balancer or family. */
  readonly subject: string;
  readonly unit: string;
  /** How the figures come about. */
  readonly how: string;
  /** Title of the document, or the attribute of the configuration, that sets the limit. */
  readonly source: string;
  readonly at: Readonly<Partial<Record<MomentName, LimitUse>>>;
}

export type LimitKind =
  | "nodes"
  | "cpu"
  | "memory"
  | "pods"
  | "disks"
  | "addresses"
  | "podRange"
  | "snatPorts"
  | "loadBalancerRules"
  | "loadBalancerFrontends"
  | "clusterNodes"
  | "vcpuQuota";

/** `free` is `limit - used`, and negative where it does not fit. */
export interface LimitUse {
  readonly used: number;
  readonly limit: number;
  readonly free: number;
}

/** How many more replicas of a workload fit beside everything else at its load. */
export interface WorkloadRoom {
  readonly workload: string;
  readonly replicas: number;
  /** maxReplicas of its HPA. */
  readonly hpaMax: number | undefined;
  /** Of those that wait already at that load. */
  readonly pending: number;
  /** Further replicas on the nodes that are there. */
  readonly moreNow: number;
  /** Further replicas with all the nodes that the autoscaler may add. */
  readonly more: number;
  /** True where the search stopped at its own end and not at one of the cluster's. */
  readonly unbounded: boolean;
  /** Nodes that the autoscaler adds for them, by pool. */
  readonly addedNodes: Readonly<Record<string, number>>;
  /** What ends it, the pools that it can use each with theirs. */
  readonly endedBy: readonly RoomEnd[];
  /** The scheduler's words about the first that does not fit. */
  readonly message: string;
}

export interface RoomEnd {
  readonly limit:
    | "max_count"
    | "node_count"
    | "addresses"
    | "vcpuQuota"
    | "clusterNodes"
    | "snatPorts"
    | "placement"
    /** Node auto-provisioning would add nodes, or may: no end, but as far as is counted. */
    | "nodeProvisioning"
    | "storage"
    | "search";
  /** The pool, and the limit's own subject, such as the subnet. */
  readonly pool: string | undefined;
  readonly subject: string;
  readonly text: string;
}

/** The smallest node counts of one pool that carry each load with the other pools as small as they can be. */
export interface PoolNodeCounts {
  readonly pool: string;
  readonly configured: { readonly min: number; readonly max: number };
  readonly needed: { readonly low: number; readonly high: number; readonly hpaMax: number };
  /** The min_count and max_count that carry the quietest and the busiest hour. */
  readonly smallest: { readonly min: number; readonly max: number };
  readonly notes: readonly string[];
}
