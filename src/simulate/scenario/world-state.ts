import type { Node, Taint } from "../../kubernetes/node.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import type { PredictedPool } from "../predict-pools.ts";

/** `starting`: bound to a node, and not yet ready; `lost`: on a node that no longer answers; `terminating`: on its way out, replaced already. */
export type PodPhase = "pending" | "starting" | "ready" | "lost" | "terminating";

/** A pod in simulated time. */
export interface WorldPod {
  readonly key: string;
  readonly object: Pod;
  /** Undefined for a DaemonSet's pod. */
  readonly workload: WorldWorkload | undefined;
  readonly revision: Revision | undefined;
  /** Address of the DaemonSet that made it. */
  readonly daemon: string | undefined;
  readonly createdAt: number;
  readonly milliCpu: number;
  readonly memory: number;
  /** The node that the pod before it had to leave. */
  readonly movedFrom: string | undefined;
  phase: PodPhase;
  node: string | undefined;
  boundAt: number;
  readyAt: number;
  /** Counts bindings, so that what was planned for an earlier one is void. */
  epoch: number;
  /** The autoscaler knows it as waiting. */
  isTold: boolean;
}

/** One template of a workload: a Deployment has two while it rolls out. */
export interface Revision {
  readonly template: Pod;
  readonly images: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Pods that its ReplicaSet wants now. */
  size: number;
  readonly pods: Set<WorldPod>;
}

/** What a manifest says of how a workload's pods come and go. */
export interface WorkloadSettings {
  maxSurge: number | string;
  maxUnavailable: number | string;
  /** All old pods go before the first new one comes (`Recreate`). */
  isRecreated: boolean;
  /** Of a StatefulSet: pods with this number and above are renewed; none under `OnDelete`. */
  partition: number;
  /** From a running container to a ready pod, and from the signal to its end. */
  readyDelay: number;
  stopTime: number;
}

/** What makes pods: a Deployment, StatefulSet, ReplicaSet, a Job or the Jobs of a CronJob. */
export interface WorldWorkload extends WorkloadSettings {
  readonly address: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Replicas in the manifest at the beginning: what a share of load is a share of. */
  readonly declared: number;
  readonly isJob: boolean;
  wanted: number;
  /** Made in the course of the scenario, and never ready as a whole yet. */
  isNew: boolean;
  isDeleted: boolean;
  revisions: Revision[];
  /** Pods that are not terminating, and those that are. */
  readonly active: Set<WorldPod>;
  readonly leaving: Set<WorldPod>;
  ready: number;
  pending: number;
  /** Number of the next name. */
  serial: number;
  /** Goes up with each change of its pods. */
  version: number;
  lowestReady: { share: number; ready: number; wanted: number; at: number };
}

/** A pool in simulated time. */
export interface WorldPool {
  /** As the last operation has set it. */
  pool: PredictedPool;
  /** Names of machines that are there or on their way, in order of creation. */
  readonly instances: string[];
  /** Machines that are being deleted: gone for the scale set, their addresses still taken. */
  readonly deleting: Set<string>;
  nextIndex: number;
  /** While an upgrade runs, the autoscaler takes nothing away. */
  isHeld: boolean;
  /** It is being deleted: it grows no more. */
  isLeaving: boolean;
  /** Nodes beyond the pool's own that an upgrade has added. */
  surged: number;
  /** Why the cloud refuses machines at present. */
  refusal: string | undefined;
}

/** A pool without machines. */
export const emptyPool = (pool: PredictedPool): WorldPool => ({
  pool,
  instances: [],
  deleting: new Set(),
  nextIndex: 0,
  isHeld: false,
  isLeaving: false,
  surged: 0,
  refusal: undefined,
});

/** A node in simulated time. */
export interface WorldNode {
  readonly name: string;
  readonly pool: WorldPool;
  /** What its machine was made from: the pool's own may have changed since. */
  readonly template: PredictedPool["template"];
  base: Node;
  readonly zone: string | undefined;
  readonly createdAt: number;
  readonly pods: Set<WorldPod>;
  readonly images: Set<string>;
  ready: boolean;
  readySince: number;
  isCordoned: boolean;
  /** The machine does not answer; the API server learns of it later. */
  isDown: boolean;
  taints: readonly Taint[];
}

/** Times of the simulated machinery, in milliseconds. */
export interface WorldTimings {
  readonly nodeReady: number;
  readonly windowsNodeReady: number;
  readonly nodeDelete: number;
  readonly imagePull: number;
  readonly podStart: number;
  readonly podReady: number;
  readonly podStop: number;
}

/** Something worth telling, in order of time. */
export interface WorldEvent {
  readonly at: number;
  readonly kind: string;
  readonly subject: string;
  readonly text: string;
}
