import type { Node } from "../kubernetes/node.ts";
import { addressOf, type KubeObject } from "../kubernetes/object.ts";
import type { Pod } from "../kubernetes/pod.ts";
import type { PersistentVolumeClaim } from "../kubernetes/storage.ts";
import type { Deployment } from "../kubernetes/workloads.ts";
import { type ExpandedWorkload, expandWorkload, replicaSetOf } from "./controllers/expand-workload.ts";
import { createGate, type Gate, RefusedPods } from "./predict-refusals.ts";
import type { Refusal } from "./prediction.ts";
import { type AdmissionClasses, admitPod, type PriorityClass, type RuntimeClass } from "./scheduler/admit-pod.ts";

/** Pods of the cluster's workloads at one load. */
export interface WorkloadPods {
  /** All but those of DaemonSets, admitted, in the order of the objects. */
  readonly pods: readonly Pod[];
  readonly claims: readonly PersistentVolumeClaim[];
  /** ReplicaSets that Deployments make: the scheduler's default spreading reads them. */
  readonly replicaSets: readonly KubeObject[];
  /** Pod key to the address of the workload that it belongs to. */
  readonly owners: ReadonlyMap<string, string>;
  /** Pods that their namespace refuses; they are in no list. */
  readonly refusals: readonly Refusal[];
  /** What the namespaces still take, for the pods of DaemonSets. */
  readonly gate: Gate | undefined;
}

/** Kinds that pods come from without a look at the nodes. */
export const workloadKinds: ReadonlySet<string> = new Set([
  "Pod",
  "Deployment",
  "ReplicaSet",
  "ReplicationController",
  "StatefulSet",
  "Job",
  "CronJob",
]);

/** The pods that controllers make of the objects, with the replicas that the autoscalers ask for where they do. */
export const workloadPods = (
  objects: readonly KubeObject[],
  replicas: ReadonlyMap<string, number>,
  classes: AdmissionClasses,
): WorkloadPods => {
  const pods: Pod[] = [];
  const claims: PersistentVolumeClaim[] = [];
  const replicaSets: KubeObject[] = [];
  const owners = new Map<string, string>();
  const present = new Set(objects.map(addressOf));
  const gate = createGate(objects);
  const refused = new RefusedPods();
  for (const object of objects) {
    if (!workloadKinds.has(object.kind) || isOwned(object, present)) continue;
    const address = addressOf(object);
    const expanded = expandedOnce(object, replicas.get(address));
    claims.push(...expanded.claims);
    if (object.kind === "Deployment") replicaSets.push(replicaSetOf(object as Deployment));
    for (const pod of expanded.pods) {
      const admitted = admitPod(pod, classes);
      if (!refused.admits(gate, address, admitted)) continue;
      owners.set(podName(admitted), address);
      pods.push(admitted);
    }
  }
  return { pods, claims, replicaSets, owners, refusals: refused.list(), gate };
};

/** Pods of one object and one number of replicas are made once, so that all runs share their specs and what is known of them. */
const expandedOnce = (object: KubeObject, replicas: number | undefined): ExpandedWorkload => {
  const kept = expandedBefore.get(object);
  const known = kept?.get(replicas);
  if (known !== undefined) return known;
  const expanded = expandWorkload(object, replicas);
  if (kept === undefined) expandedBefore.set(object, new Map([[replicas, expanded]]));
  else kept.set(replicas, expanded);
  return expanded;
};

const expandedBefore = new WeakMap<KubeObject, Map<number | undefined, ExpandedWorkload>>();

/** Makes the pods of DaemonSets for nodes as they come, admitted, each bound to its node by affinity; no name is given twice. */
export const createDaemonPods = (
  daemons: readonly KubeObject[],
  classes: AdmissionClasses,
  owners: Map<string, string>,
  gate?: Gate,
): ((nodes: readonly Node[]) => readonly Pod[]) => {
  const made = new Map<KubeObject, number>();
  return (nodes) =>
    daemons.flatMap((daemon) => {
      const first = made.get(daemon) ?? 0;
      const wanted = expandWorkload(daemon, undefined, nodes, first).pods.map((pod) => admitPod(pod, classes));
      made.set(daemon, first + wanted.length);
      const pods = gate === undefined ? wanted : wanted.filter((pod) => gate(pod) === undefined);
      for (const pod of pods) owners.set(podName(pod), addressOf(daemon));
      return pods;
    });
};

/** `namespace/name`. */
export const podName = (pod: Pod): string => `${pod.metadata.namespace ?? "default"}/${pod.metadata.name}`;

/** The classes that admission looks up; the same for the same objects, so that runs share admitted pods. */
export const admissionClasses = (objects: readonly KubeObject[]): AdmissionClasses => {
  const known = classesBefore.get(objects);
  if (known !== undefined) return known;
  const classes = readClasses(objects);
  classesBefore.set(objects, classes);
  return classes;
};

const classesBefore = new WeakMap<readonly KubeObject[], AdmissionClasses>();

const readClasses = (objects: readonly KubeObject[]): AdmissionClasses => {
  const named = <T extends KubeObject>(kind: string): ReadonlyMap<string, T> =>
    new Map(objects.filter((object) => object.kind === kind).map((object) => [object.metadata.name, object as T]));
  return {
    priorityClasses: named<PriorityClass>("PriorityClass"),
    runtimeClasses: named<RuntimeClass>("RuntimeClass"),
    limitRanges: limitRangesOf(objects),
  };
};

const limitRangesOf = (objects: readonly KubeObject[]): ReadonlyMap<string, readonly KubeObject[]> => {
  const byNamespace = new Map<string, KubeObject[]>();
  for (const object of objects) {
    if (object.kind !== "LimitRange") continue;
    const namespace = object.metadata.namespace ?? "default";
    const list = byNamespace.get(namespace);
    if (list === undefined) byNamespace.set(namespace, [object]);
    else list.push(object);
  }
  return byNamespace;
};

/** Objects of a dump whose controller is in the same dump: they are made anew. */
const isOwned = (object: KubeObject, present: ReadonlySet<string>): boolean =>
  (object.metadata.ownerReferences ?? []).some(
    ({ controller, kind, name }) =>
      controller === true && present.has(addressOf({ ...object, kind, metadata: { ...object.metadata, name } })),
  );
