import type { PersistentVolumeClaim } from "../../kubernetes/storage.ts";
import type { ClusterState } from "./cluster-state.ts";
import type { FilterPlugin } from "./framework.ts";
import type { PodRecord } from "./pod-record.ts";
import { classOfClaim } from "./storage-state.ts";
import { canProvision, claimSize, findMatchingVolume } from "./volume-matching.ts";

const name = "VolumeBinding";

/** The pod's claims by how they stand, or why they cannot be had. */
type PodClaims =
  | {
      readonly bound: readonly PersistentVolumeClaim[];
      readonly delayed: readonly PersistentVolumeClaim[];
      readonly immediate: readonly PersistentVolumeClaim[];
    }
  | { readonly problem: string };

/** Which claims would be bound to what on one node, or why that fails there. */
export interface NodeVolumes {
  readonly reasons: readonly string[];
  readonly static: readonly { readonly claim: PersistentVolumeClaim; readonly volume: string }[];
  readonly provisioned: readonly PersistentVolumeClaim[];
}

/** Bound volumes must reach the node, others must be found or made for it. Source: `plugins/volumebinding`, v1.35.4. */
export const volumeBinding: FilterPlugin = {
  name,
  prepare: ({ state, pod }) => {
    if (pod.claims.length === 0) return "skip";
    const reject = (reason: string) => ({
      reject: state.rejections.idOf(name, "UnschedulableAndUnresolvable", reason),
    });
    const claims = claimsOf(state, pod);
    if ("problem" in claims) return reject(claims.problem);
    if (claims.immediate.length > 0) return reject("pod has unbound immediate PersistentVolumeClaims");
    return {
      filter: (row) => {
        const { reasons } = volumesOn(state, claims, row);
        return reasons.length === 0 ? 0 : state.rejections.idOf(name, "UnschedulableAndUnresolvable", ...reasons);
      },
    };
  },
};

/** What binding the pod to the node binds with it. */
export const volumesFor = (state: ClusterState, pod: PodRecord, row: number): NodeVolumes | undefined => {
  if (pod.claims.length === 0) return undefined;
  const claims = claimsOf(state, pod);
  return "problem" in claims || claims.delayed.length === 0 ? undefined : volumesOn(state, claims, row);
};

const claimsOf = (state: ClusterState, pod: PodRecord): PodClaims => {
  const bound: PersistentVolumeClaim[] = [];
  const delayed: PersistentVolumeClaim[] = [];
  const immediate: PersistentVolumeClaim[] = [];
  for (const { claim: claimName, isEphemeral } of pod.claims) {
    const claim = state.storage.claim(pod.namespace, claimName);
    if (claim === undefined) {
      return {
        problem: isEphemeral
          ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${claimName}"`
          : `persistentvolumeclaim "${claimName}" not found`,
      };
    }
    const volumeName = claim.spec.volumeName ?? "";
    if (claim.status?.["phase"] === "Lost") {
      return { problem: `persistentvolumeclaim "${claimName}" bound to non-existent persistentvolume "${volumeName}"` };
    }
    if (claim.metadata.deletionTimestamp !== undefined) {
      return { problem: `persistentvolumeclaim "${claimName}" is being deleted` };
    }
    if (isEphemeral && !isOwnedBy(claim, pod)) {
      return {
        problem: `PVC ${pod.namespace}/${claimName} was not created for pod ${pod.namespace}/${pod.name} (pod is not owner)`,
      };
    }
    if (volumeName !== "" && claim.metadata.annotations?.["pv.kubernetes.io/bind-completed"] !== undefined) {
      bound.push(claim);
    } else {
      const mode = state.storage.classes.get(classOfClaim(claim))?.volumeBindingMode;
      if (mode === "WaitForFirstConsumer" && volumeName === "") delayed.push(claim);
      else immediate.push(claim);
    }
  }
  return { bound, delayed, immediate };
};

const isOwnedBy = (claim: PersistentVolumeClaim, pod: PodRecord): boolean =>
  claim.metadata.ownerReferences?.some(({ uid, controller }) => controller === true && uid === pod.pod.metadata.uid) ===
  true;

const volumesOn = (
  state: ClusterState,
  claims: Exclude<PodClaims, { readonly problem: string }>,
  row: number,
): NodeVolumes => {
  const { storage, nodes } = state;
  const labels = nodes.labels[row];
  const reasons: string[] = [];
  let isMissing = false;
  for (const claim of claims.bound) {
    const volume = storage.volumes.get(claim.spec.volumeName ?? "");
    if (volume === undefined) isMissing = true;
    else if (!storage.volumeFitsNode(volume, labels))
      reasons.push("node(s) didn't match PersistentVolume's node affinity");
    if (isMissing || reasons.length > 0) break;
  }
  const found = findOrProvision(state, claims.delayed, row);
  if (found === "none") reasons.push("node(s) didn't find available persistent volumes to bind");
  if (found === "full") reasons.push("node(s) did not have enough free storage");
  if (isMissing) reasons.push("node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)");
  return typeof found === "string" ? { reasons, static: [], provisioned: [] } : { reasons, ...found };
};

const findOrProvision = (
  state: ClusterState,
  delayed: readonly PersistentVolumeClaim[],
  row: number,
): Omit<NodeVolumes, "reasons"> | "none" | "full" => {
  const bindings: { readonly claim: PersistentVolumeClaim; readonly volume: string }[] = [];
  const provisioned: PersistentVolumeClaim[] = [];
  const nodeName = state.nodes.names[row] ?? "";
  const open: PersistentVolumeClaim[] = [];
  for (const claim of delayed) {
    const selected = claim.metadata.annotations?.["volume.kubernetes.io/selected-node"];
    if (selected === undefined) open.push(claim);
    else if (selected !== nodeName) return "none";
    else provisioned.push(claim);
  }
  const chosen = new Set<string>();
  for (const claim of bySize(open)) {
    const volume = findMatchingVolume(state, claim, row, chosen);
    if (volume === undefined) {
      provisioned.push(claim);
    } else {
      chosen.add(volume.metadata.name);
      bindings.push({ claim, volume: volume.metadata.name });
    }
  }
  for (const claim of provisioned) {
    const answer = canProvision(state, claim, row);
    if (answer !== "yes") return answer === "no" ? "none" : "full";
  }
  return { static: bindings, provisioned };
};

const bySize = (claims: readonly PersistentVolumeClaim[]): readonly PersistentVolumeClaim[] =>
  claims.length < 2 ? claims : [...claims].sort((a, b) => claimSize(a) - claimSize(b));
