import type { VerticalBounds } from "../autoscaling/vertical.ts";
import type { Assumption } from "../prediction.ts";
import type { WorldEvent } from "./world-state.ts";

/** The time line, one entry a moment in each list; times in milliseconds since the beginning. */
export interface ScenarioSamples {
  readonly at: number[];
  readonly pods: Readonly<Record<"wanted" | "ready" | "starting" | "pending" | "lost" | "terminating", number[]>>;
  /** Ready nodes by pool. */
  readonly nodes: Record<string, number[]>;
  readonly addresses: Record<string, number[]>;
  readonly usableAddresses: Record<string, number>;
  readonly cpu: {
    readonly usedMilli: number[];
    readonly requestedMilli: number[];
    readonly allocatableMilli: number[];
  };
  readonly memory: { readonly requestedBytes: number[]; readonly allocatableBytes: number[] };
  /** Ready pods by workload. */
  readonly replicas: Record<string, number[]>;
}

/** A stretch in which the ready pods carried more than the HPA's target and tolerance, and how it ended. */
export interface Shortfall {
  readonly workload: string;
  readonly since: number;
  /** Undefined: it lasts to the end. */
  readonly until: number | undefined;
  /** Ready pods at its beginning and end. */
  readonly from: number;
  readonly to: number;
  /** Highest use of a pod's request, or of the metric's target. */
  readonly worstPercent: number;
  /** The metric that was over its target, where it is not CPU or memory. */
  readonly metric?: string;
  /** The HPA stood at maxReplicas meanwhile. */
  readonly atMaximum: boolean;
}

export interface WorkloadOutcome {
  readonly workload: string;
  /** Replicas that were wanted at the least and at the most. */
  readonly wanted: { readonly low: number; readonly high: number };
  readonly lowestReady: { readonly ready: number; readonly wanted: number; readonly at: number };
  /** Longest time that one of its pods waited for a node; pods that still wait count to the end. */
  readonly longestPendingMs: number;
}

/** How an upgrade or rotation of one pool went. */
export interface PoolUpgrade {
  readonly pool: string;
  readonly what: "cluster" | "nodeImage" | "rotation" | "deletion" | "scale-down";
  readonly since: number;
  readonly until: number | undefined;
  readonly result: "done" | "failed" | "running";
  readonly reason: string | undefined;
  readonly surge: number;
  readonly nodes: number;
  /** What held drains up: the budget, on how many nodes, how long at the longest and in sum. */
  readonly blocked: readonly {
    readonly budget: string;
    readonly nodes: number;
    readonly longestMs: number;
    readonly totalMs: number;
  }[];
  readonly moves: readonly {
    readonly workload: string;
    readonly from: string;
    readonly to: string;
    readonly pods: number;
  }[];
  /** Lowest share of ready pods of each workload meanwhile, only those that fell below all. */
  readonly lowest: readonly {
    readonly workload: string;
    readonly ready: number;
    readonly wanted: number;
    readonly at: number;
  }[];
}

/** What became of the runs of a Job or CronJob. */
export interface JobOutcome {
  readonly workload: string;
  readonly runs: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Runs that were due and not started (`Forbid`, or a stopped cluster). */
  readonly skipped: number;
  /** Runs that were due while the one before had not ended. */
  readonly late: number;
  /** Longest time from the start of a run to its last pod's success. */
  readonly longestMs: number;
  /** Runs that have not ended at the end. */
  readonly running: number;
}

/** One step of an apply. */
export interface ApplyStep {
  readonly subject: string;
  readonly what: string;
  readonly since: number;
  readonly until: number | undefined;
  readonly result: "done" | "failed" | "skipped" | "running";
  readonly reason?: string;
}

/** How the change under review went, and what the cluster went through meanwhile. */
export interface ApplyOutcome {
  readonly since: number;
  /** The end of the last step. */
  readonly until: number | undefined;
  /** From when on all pods are ready and nothing rolls out any more. */
  readonly settled: number | undefined;
  /** `failed`: a step has failed, and what depends on it was not done. */
  readonly result: "done" | "failed" | "running";
  readonly steps: readonly ApplyStep[];
  /** Only those that were short of pods, waited or were down. */
  readonly workloads: readonly {
    readonly workload: string;
    readonly lowest: { readonly ready: number; readonly wanted: number; readonly at: number };
    /** Time without a ready pod. */
    readonly downMs: number;
    readonly mostPending: number;
  }[];
  readonly mostPending: number;
  /** Machines by pool, those that are being deleted among them. */
  readonly mostNodes: Readonly<Record<string, number>>;
  readonly addresses: readonly { readonly subnet: string; readonly most: number; readonly usable: number }[];
}

/** What became of the cluster over the scenario. */
export interface ScenarioResult {
  readonly cluster: string;
  readonly start: number;
  readonly until: number;
  readonly samples: ScenarioSamples;
  readonly workloads: readonly WorkloadOutcome[];
  readonly shortfalls: readonly Shortfall[];
  readonly upgrades: readonly PoolUpgrade[];
  readonly jobs: readonly JobOutcome[];
  /** VerticalPodAutoscalers with their bounds: they are not played. */
  readonly vertical: readonly VerticalBounds[];
  /** The change under review, where the scenario applies it. */
  readonly apply?: ApplyOutcome;
  readonly events: readonly WorldEvent[];
  readonly evictions: number;
  /** Pools between which the autoscaler would choose at random. */
  readonly ties: readonly (readonly string[])[];
  /** Pods that wait at the end, with the autoscaler's reasons. */
  readonly pending: readonly { readonly pod: string; readonly reasons: readonly string[] }[];
  readonly assumptions: readonly Assumption[];
  readonly notSupported: readonly string[];
}
