import type { AutoscalerOptions } from "./autoscaler-profile.ts";
import type { DisruptionBudgets } from "./disruption-budgets.ts";
import type { PodFacts } from "./pod-facts.ts";

/** Why a pod keeps its node from being removed, in upstream's words. */
export type BlockingReason =
  | "ControllerNotFound"
  | "MinReplicasReached"
  | "NotReplicated"
  | "LocalStorageRequested"
  | "NotSafeToEvictAnnotation"
  | "UnmovableKubeSystemPod"
  | "NotEnoughPdb";

/** A workload's wish and state; undefined when the workload is gone. */
export type ReplicaLookup = (
  kind: string,
  namespace: string,
  name: string,
) => { readonly target: number; readonly current: number } | undefined;

export interface DrainContext {
  readonly options: AutoscalerOptions;
  readonly budgets: DisruptionBudgets | undefined;
  /** Undefined: workloads are taken to exist. */
  readonly replicas: ReplicaLookup | undefined;
  readonly now: number;
}

export interface PodsToMove {
  readonly pods: readonly PodFacts[];
  readonly blocking: { readonly pod: PodFacts; readonly reason: BlockingReason } | undefined;
}

/** The pods that would have to move if a node went, or the first that forbids it. Source: cluster-autoscaler 1.33.0 `simulator/drain.go`. */
export const podsToMove = (onNode: Iterable<PodFacts>, context: DrainContext): PodsToMove => {
  const pods: PodFacts[] = [];
  for (const pod of onNode) {
    const verdict = drainability(pod, context);
    if (verdict === "skip") continue;
    if (verdict !== "move") return { pods: [], blocking: { pod, reason: verdict } };
    if (!pod.isDaemon) pods.push(pod);
  }
  return { pods, blocking: undefined };
};

/** Whether nothing would have to move: only daemons, static pods and pods that have long been ending. */
export const isEmptyNode = (
  { pods, movable }: { readonly pods: ReadonlyMap<string, PodFacts>; readonly movable: number },
  now: number,
): boolean => {
  if (movable > 0) return false;
  for (const pod of pods.values()) if (!pod.isDaemon && !pod.isMirror && !isLongTerminating(pod, now)) return false;
  return true;
};

const SAFE_TO_EVICT = "cluster-autoscaler.kubernetes.io/safe-to-evict";
const LOCAL_VOLUMES = "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes";
const LONG_TERMINATING_MS = 30_000;
const replicatedKinds: readonly string[] = ["ReplicationController", "Job", "ReplicaSet", "StatefulSet"];

/** The rules in upstream's order (`simulator/drainability/rules/rules.go`). */
const drainability = (facts: PodFacts, context: DrainContext): "move" | "skip" | BlockingReason => {
  const { pod, namespace, owner } = facts;
  const { options, budgets, now } = context;
  if (facts.isMirror || isLongTerminating(facts, now)) return "skip";
  if (options.skipNodesWithCustomControllerPods) {
    const missing = workloadProblem(facts, context);
    if (missing !== undefined) return missing;
  }
  const safe = pod.metadata.annotations?.[SAFE_TO_EVICT];
  if (facts.isDaemon || safe === "true" || isTerminal(facts)) return "move";
  if (owner === undefined || (options.skipNodesWithCustomControllerPods && !replicatedKinds.includes(owner.kind))) {
    return "NotReplicated";
  }
  const matching = budgets?.matching(facts) ?? [];
  if (options.skipNodesWithSystemPods && namespace === "kube-system" && matching.length === 0) {
    return now > facts.createdAt + options.systemPodDisruptionTimeout ? "move" : "UnmovableKubeSystemPod";
  }
  if (safe === "false") return "NotSafeToEvictAnnotation";
  if (options.skipNodesWithLocalStorage && hasLocalStorage(facts)) return "LocalStorageRequested";
  return matching.some(({ allowed }) => allowed < 1) ? "NotEnoughPdb" : "move";
};

const isLongTerminating = ({ pod }: PodFacts, now: number): boolean => {
  const deleted = pod.metadata.deletionTimestamp;
  if (deleted === undefined) return false;
  const grace = (pod.spec.terminationGracePeriodSeconds ?? 30) * 1000;
  return Date.parse(deleted) + grace + LONG_TERMINATING_MS < now;
};

const workloadProblem = (
  { owner, namespace }: PodFacts,
  { replicas, options }: DrainContext,
): BlockingReason | undefined => {
  if (replicas === undefined || owner === undefined) return undefined;
  if (!replicatedKinds.includes(owner.kind) && owner.kind !== "DaemonSet") return undefined;
  const found = replicas(owner.kind, namespace, owner.name);
  if (found === undefined) return "ControllerNotFound";
  const counted = owner.kind === "ReplicaSet" || owner.kind === "ReplicationController";
  return counted && found.target < options.minReplicaCount ? "MinReplicasReached" : undefined;
};

const isTerminal = ({ pod }: PodFacts): boolean => {
  const { phase } = pod.status ?? {};
  if (phase === "Failed") return true;
  return phase === "Succeeded" && (pod.spec.restartPolicy === "Never" || pod.spec.restartPolicy === "OnFailure");
};

const hasLocalStorage = ({ pod }: PodFacts): boolean => {
  const allowed = (pod.metadata.annotations?.[LOCAL_VOLUMES] ?? "").split(",");
  return (pod.spec.volumes ?? []).some(
    ({ name, hostPath, emptyDir }) =>
      (hostPath !== undefined || (emptyDir !== undefined && emptyDir.medium !== "Memory")) && !allowed.includes(name),
  );
};
