/** How the scheduling framework calls a rejection: `Unschedulable` may be cured by preemption, the other cannot. */
export type StatusCode = "Unschedulable" | "UnschedulableAndUnresolvable";

/** Why a plugin rejects a pod, on a node or as a whole. No `plugin`: a PreFilter result left the node out. */
export interface Rejection {
  readonly plugin: string | undefined;
  readonly code: StatusCode;
  readonly reasons: readonly string[];
}

export type DecisionResult = "scheduled" | "unschedulable" | "preempting" | "gated" | "ignored" | "error";

/** Pods that would have to go from one node for the pod to fit. Pods are named `namespace/name`, most important first. */
export interface PreemptionCandidate {
  readonly node: string;
  readonly victims: readonly string[];
  readonly pdbViolations: number;
}

/** Where room is made for the pod, and by whose leaving. */
export interface ChosenPreemption {
  readonly nominatedNode: string;
  readonly victims: readonly string[];
  readonly pdbViolations: number;
}

export interface Preemption extends ChosenPreemption {
  readonly candidates: readonly PreemptionCandidate[];
  /** The nodes that are equally good; upstream takes any of them, we take the first in node order. */
  readonly tieSet: readonly string[];
}

/** A claim that the decision binds: to an existing volume, or to one that the provisioner makes for the node. */
export interface VolumeBinding {
  readonly namespace: string;
  readonly claim: string;
  /** The volume for `static`; undefined when one is to be provisioned. */
  readonly volume: string | undefined;
}

/**
 * What the scheduler decided about one pod: codes and counts, no text. It speaks of the cluster at the moment of deciding; ask
 * `message` at any time, and `describe` before anything in the scheduler changes.
 */
export interface Decision {
  readonly namespace: string;
  readonly name: string;
  readonly result: DecisionResult;
  /** The node taken, when `scheduled`. */
  readonly node: string | undefined;
  /** How many nodes passed the filters, and how many of them are equally best (undefined: not counted; `describe` names them). */
  readonly feasible: number;
  readonly best: number | undefined;
  /** Rejection id (see `Scheduler.rejection`) to the number of nodes with it. Empty when scheduled on the fast path. */
  readonly rejections: ReadonlyMap<number, number>;
  /** Set when a PreFilter plugin rejected the pod as a whole. */
  readonly preFilter: number | undefined;
  readonly totalNodes: number;
  readonly preemption: ChosenPreemption | undefined;
  /** What the post-filter plugins added to the message. */
  readonly postFilter: string;
  /** Claims to bind with the pod, when `scheduled`. */
  readonly volumes: readonly VolumeBinding[];
  /** The nomination that the pod came with, and whether it was used. */
  readonly nominatedBefore: string | undefined;
  readonly viaNominated: boolean;
  /** For `gated`, `ignored` and `error`. */
  readonly note: string | undefined;
}

/** All that can be said about a decision, in node order, as `aks-twin schedule --json` prints it. */
export interface DecisionDetail {
  readonly decision: Decision;
  readonly message: string;
  readonly preFilter: Rejection | undefined;
  readonly preFilterNodes: readonly string[] | undefined;
  readonly feasible: readonly string[];
  readonly filtered: ReadonlyMap<string, Rejection>;
  readonly scored: boolean;
  /** Node to plugin to score, normalised and weighted; a plugin that skipped itself is absent. */
  readonly scores: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly totals: ReadonlyMap<string, number>;
  readonly argmax: readonly string[];
  readonly preemption: Preemption | undefined;
}
