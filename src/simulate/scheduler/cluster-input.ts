import type { Node } from "../../kubernetes/node.ts";
import { addressOf, type KubeObject } from "../../kubernetes/object.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import type { PersistentVolume, PersistentVolumeClaim } from "../../kubernetes/storage.ts";
import { type Diagnostic, diagnostic } from "../../model/diagnostic.ts";
import { type AdmissionClasses, admitPod, type PriorityClass, type RuntimeClass } from "./admit-pod.ts";
import { withSoundFields } from "./field-types.ts";
import { inputProblems } from "./input-problems.ts";

/** A cluster read from plain objects, ready for the scheduler. */
export interface ClusterInput {
  /** In the order of the input. */
  readonly nodes: readonly Node[];
  readonly bound: readonly Pod[];
  readonly pending: readonly Pod[];
  readonly others: readonly KubeObject[];
  /** Kinds that the scheduler does not look at. */
  readonly ignored: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Kinds that the scheduler looks at beside nodes and pods. */
export const otherKinds: ReadonlySet<string> = new Set([
  "Namespace",
  "Service",
  "ReplicationController",
  "ReplicaSet",
  "StatefulSet",
  "PodDisruptionBudget",
  "PersistentVolumeClaim",
  "PersistentVolume",
  "StorageClass",
  "CSINode",
  "CSIDriver",
  "CSIStorageCapacity",
  "VolumeAttachment",
]);

const clusterScoped: ReadonlySet<string> = new Set([
  "Node",
  "Namespace",
  "PriorityClass",
  "RuntimeClass",
  "PersistentVolume",
  "StorageClass",
  "CSINode",
  "CSIDriver",
  "VolumeAttachment",
]);

/** When running pods without a start time count as started: 2024-01-01T00:00:00Z, plus a second for each pod before them. */
const RUNNING_SINCE = Date.UTC(2024, 0, 1);

/** Sorts objects by what the scheduler makes of them and fills in what the API server and its controllers would have. */
export const readCluster = (objects: readonly KubeObject[]): ClusterInput => {
  const seen = new Set<string>();
  const twice: string[] = [];
  const problems: Diagnostic[] = [];
  const ignored: string[] = [];
  const kept: KubeObject[] = [];
  for (const object of objects) {
    const sound = withSoundFields(object, problems);
    if (sound === undefined) continue;
    const placed = withNamespace(sound);
    const address = addressOf(placed);
    if (seen.has(address)) {
      twice.push(address);
      continue;
    }
    seen.add(address);
    kept.push(placed);
  }
  const of = <T extends KubeObject>(kind: string) => kept.filter((object) => object.kind === kind) as unknown as T[];
  const byName = <T extends KubeObject>(list: readonly T[]) => new Map(list.map((each) => [each.metadata.name, each]));
  const classes: AdmissionClasses = {
    priorityClasses: byName(of<PriorityClass>("PriorityClass")),
    runtimeClasses: byName(of<RuntimeClass>("RuntimeClass")),
  };
  const nodes = of<Node>("Node");
  const pods = of<Pod>("Pod")
    .filter(({ status }) => status?.phase !== "Succeeded" && status?.phase !== "Failed")
    .map((pod) => admitPod({ ...pod, spec: pod.spec ?? { containers: [] } }, classes));
  const claims = new Map(
    of<PersistentVolumeClaim>("PersistentVolumeClaim").map((each) => [addressOf(each), withClaimState(each)]),
  );
  for (const { kind, apiVersion } of kept) {
    const isUsed = otherKinds.has(kind) || kind === "Node" || kind === "Pod" || kind.endsWith("Class");
    if (!isUsed) ignored.push(`${apiVersion ?? "?"}/${kind}`);
  }
  const others = kept
    .filter(({ kind }) => otherKinds.has(kind))
    .map((object) => {
      if (object.kind === "PersistentVolumeClaim") return claims.get(addressOf(object)) ?? object;
      return object.kind === "PersistentVolume" ? withVolumeState(object as PersistentVolume, claims) : object;
    });
  return {
    nodes,
    bound: pods.flatMap((pod, index) => (pod.spec.nodeName ? [withStartTime(pod, index)] : [])),
    pending: pods.filter(({ spec }) => !spec.nodeName),
    others,
    ignored: [...new Set(ignored)].sort(),
    diagnostics: [...givenTwice(twice), ...problems, ...inputProblems(nodes, pods)],
  };
};

/** Told one by one up to a handful. */
const givenTwice = (addresses: readonly string[]): readonly Diagnostic[] => {
  const told = (subject: string, detail: string) =>
    diagnostic({ code: "AKS9601", severity: "error", summary: "An object is given twice", detail, subject });
  const few = addresses.slice(0, 5);
  const rest = addresses.length - few.length;
  return [
    ...few.map((address) => told(address, `${address} is given twice; the first is used.`)),
    ...(rest > 0 ? [told(addresses[5] ?? "", `${rest} more objects are given twice; the first of each is used.`)] : []),
  ];
};

const withNamespace = (object: KubeObject): KubeObject => {
  const { metadata, kind } = object;
  if (clusterScoped.has(kind) || (metadata.namespace ?? "") !== "") return withUid(object);
  return withUid({ ...object, metadata: { ...metadata, namespace: "default" } });
};

/** Claims and volumes find each other by uid where they have one. */
const withUid = (object: KubeObject): KubeObject => {
  const { kind, metadata } = object;
  if (kind !== "PersistentVolumeClaim" || metadata.uid !== undefined) return object;
  return { ...object, metadata: { ...metadata, uid: `${kind}-${metadata.namespace}-${metadata.name}` } };
};

const withClaimState = (claim: PersistentVolumeClaim): PersistentVolumeClaim => {
  if (!claim.spec.volumeName) {
    return { ...claim, status: { phase: "Pending", ...claim.status } };
  }
  const annotations = { ...claim.metadata.annotations, "pv.kubernetes.io/bind-completed": "yes" };
  return { ...claim, metadata: { ...claim.metadata, annotations }, status: { ...claim.status, phase: "Bound" } };
};

const withVolumeState = (
  volume: PersistentVolume,
  claims: ReadonlyMap<string, PersistentVolumeClaim>,
): PersistentVolume => {
  const { claimRef } = volume.spec;
  const phase = volume.status?.["phase"];
  const status =
    phase === undefined || phase === "" || phase === "Pending"
      ? { ...volume.status, phase: claimRef === undefined ? "Available" : "Bound" }
      : (volume.status ?? {});
  if (claimRef === undefined) return { ...volume, status };
  const claim = claims.get(`PersistentVolumeClaim/${claimRef.namespace}/${claimRef.name}`);
  const uid = claimRef.uid || claim?.metadata.uid;
  return {
    ...volume,
    status,
    spec: { ...volume.spec, claimRef: { ...claimRef, ...(uid === undefined ? {} : { uid }) } },
  };
};

const withStartTime = (pod: Pod, index: number): Pod => {
  if (pod.status?.startTime !== undefined) return pod;
  const startTime = new Date(RUNNING_SINCE + index * 1000).toISOString();
  return { ...pod, status: { ...pod.status, startTime } };
};
