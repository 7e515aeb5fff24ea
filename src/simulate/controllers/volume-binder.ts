import { listAt, objectAt, sameJson, textAt, textsAt, withField } from "../../kubernetes/fields.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import { parseQuantity } from "../../kubernetes/quantity.ts";
import { compileLabelSelector } from "../../kubernetes/selectors.ts";
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from "../../kubernetes/storage.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { millis, seconds } from "../../model/quantity.ts";
import { type Controller, type ControllerContext, keyOf, partsOf } from "./controller.ts";
import { isFinished } from "./pod-state.ts";

const component = "persistentvolume-controller";
const selectedNode = "volume.kubernetes.io/selected-node";

/** Binds claims and volumes to each other, and asks provisioners for what is missing (pkg/controller/volume/persistentvolume, v1.35). */
export const createVolumeBinder = (): Controller => {
  // Pods as the controller's own watch has seen them: a claim made just before its pod is looked at first.
  const seenPods = new Set<string>();
  return {
    name: "persistentvolume-binder",
    watches: ["PersistentVolumeClaim", "PersistentVolume", "StorageClass", "Pod"],
    latency: millis(1),
    resync: {
      every: seconds(15),
      keys: ({ store }) => store.list("PersistentVolumeClaim").map((claim) => `claim ${keyOf(claim)}`),
    },
    keysOf: ({ object, type }, { store }) => {
      if (object.kind === "Pod") return type === "ADDED" ? [`pod ${keyOf(object)}`] : [];
      if (object.kind === "PersistentVolumeClaim") {
        if (type !== "DELETED") return [`claim ${keyOf(object)}`];
        const volume = (object as PersistentVolumeClaim).spec.volumeName ?? "";
        return volume === "" ? [] : [`volume /${volume}`];
      }
      const pending = store
        .list<PersistentVolumeClaim>("PersistentVolumeClaim")
        .filter((claim) => claim.status?.["phase"] !== "Bound")
        .map((claim) => `claim ${keyOf(claim)}`);
      if (object.kind === "StorageClass" || type === "DELETED") return pending;
      return [`volume ${keyOf(object)}`, ...pending];
    },
    reconcile: (key, context) => {
      const [kind = "", name = ""] = key.split(" ");
      if (kind === "pod") seenPods.add(name);
      else if (kind === "volume") {
        const volume = context.store.get<PersistentVolume>("PersistentVolume", ...partsOf(name));
        if (volume !== undefined) syncVolume(volume, context);
      } else {
        const claim = context.store.get<PersistentVolumeClaim>("PersistentVolumeClaim", ...partsOf(name));
        if (claim !== undefined && claim.metadata.deletionTimestamp === undefined) syncClaim(claim, seenPods, context);
      }
      return "done";
    },
  };
};

const syncVolume = (volume: PersistentVolume, context: ControllerContext): void => {
  const reference = volume.spec.claimRef;
  if (reference?.name === undefined) {
    setPhase(volume, "Available", context);
    return;
  }
  const claim = context.store.get<PersistentVolumeClaim>("PersistentVolumeClaim", reference.namespace, reference.name);
  if (claim === undefined || (reference.uid !== undefined && reference.uid !== claim.metadata.uid)) {
    setPhase(volume, reference.uid === undefined ? "Available" : "Released", context);
    return;
  }
  if ((claim.spec.volumeName ?? "") === "" || claim.spec.volumeName === volume.metadata.name)
    bind(claim, volume, context);
};

const setPhase = (volume: PersistentVolume, phase: string, context: ControllerContext): void => {
  const given = volume as unknown as JsonObject;
  if (textAt(given, "status", "phase") === phase) return;
  context.api.updateStatus(
    withField(given, ["status"], { ...objectAt(given, "status"), phase, lastPhaseTransitionTime: context.time }),
  );
};

const syncClaim = (claim: PersistentVolumeClaim, seenPods: ReadonlySet<string>, context: ControllerContext): void => {
  const named = claim.spec.volumeName ?? "";
  if (named !== "") {
    const volume = context.store.get<PersistentVolume>("PersistentVolume", undefined, named);
    if (volume === undefined) {
      if (claim.status?.["phase"] === "Bound") setClaimPhase(claim, "Lost", context);
      return;
    }
    const owner = volume.spec.claimRef;
    const isMine = owner?.name === claim.metadata.name && owner?.namespace === claim.metadata.namespace;
    if (owner?.name === undefined || isMine) bind(claim, volume, context);
    return;
  }
  const claimed = context.store
    .list<PersistentVolume>("PersistentVolume")
    .find(
      ({ spec }) =>
        spec.claimRef?.name === claim.metadata.name && spec.claimRef?.namespace === claim.metadata.namespace,
    );
  if (claimed !== undefined) {
    bind(claim, claimed, context);
    return;
  }
  const className = claim.spec.storageClassName ?? "";
  const storageClass =
    className === "" ? undefined : context.store.get<StorageClass>("StorageClass", undefined, className);
  const isSelected = textsAt(claim as unknown as JsonObject, "metadata", "annotations")[selectedNode] !== undefined;
  const isDelayed = storageClass?.volumeBindingMode === "WaitForFirstConsumer" && !isSelected;
  const found = isDelayed ? undefined : bestVolume(claim, context);
  if (found !== undefined) bind(claim, found, context);
  else if (isDelayed) waitForConsumer(claim, seenPods, context);
  else if (className !== "") provision(claim, className, storageClass, context);
  else
    event(
      claim,
      "Normal",
      "FailedBinding",
      "no persistent volumes available for this claim and no storage class is set",
      context,
    );
};

const event = (
  about: KubeObject,
  type: "Normal" | "Warning",
  reason: string,
  message: string,
  context: ControllerContext,
): void => context.event({ about, type, reason, message, from: component });

const waitForConsumer = (
  claim: PersistentVolumeClaim,
  seenPods: ReadonlySet<string>,
  context: ControllerContext,
): void => {
  const { namespace, name } = claim.metadata;
  const waiting = context.store
    .list<Pod>("Pod", namespace)
    .filter(
      (pod) =>
        (pod.spec.nodeName ?? "") === "" &&
        seenPods.has(keyOf(pod)) &&
        !isFinished(pod) &&
        pod.spec.volumes?.some((volume) => volume.persistentVolumeClaim?.claimName === name),
    )
    .map((pod) => pod.metadata.name);
  if (waiting.length === 0) {
    event(claim, "Normal", "WaitForFirstConsumer", "waiting for first consumer to be created before binding", context);
    return;
  }
  const what =
    waiting.length === 1
      ? `waiting for pod ${waiting[0]} to be scheduled`
      : `waiting for pods ${waiting.join(",")} to be scheduled`;
  event(claim, "Normal", "WaitForPodScheduled", what, context);
};

/** External provisioners are told by annotation; they are no part of this controller. */
const provision = (
  claim: PersistentVolumeClaim,
  className: string,
  storageClass: StorageClass | undefined,
  context: ControllerContext,
): void => {
  if (storageClass === undefined) {
    event(claim, "Warning", "ProvisioningFailed", `storageclass.storage.k8s.io "${className}" not found`, context);
    return;
  }
  const { provisioner } = storageClass;
  if (provisioner === "kubernetes.io/no-provisioner") {
    const message = `storageclass "${className}" requires manual intervention: no volume plugin matched name: kubernetes.io/no-provisioner`;
    event(claim, "Normal", "FailedBinding", message, context);
    return;
  }
  const annotations = {
    ...textsAt(claim as unknown as JsonObject, "metadata", "annotations"),
    "volume.beta.kubernetes.io/storage-provisioner": provisioner,
    "volume.kubernetes.io/storage-provisioner": provisioner,
  };
  context.api.update(withField(claim as unknown as JsonObject, ["metadata", "annotations"], annotations));
  event(
    claim,
    "Normal",
    "ExternalProvisioning",
    `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`,
    context,
  );
};

/** The smallest free volume that suits a claim (component-helpers storage/volume, FindMatchingVolume). */
const bestVolume = (claim: PersistentVolumeClaim, context: ControllerContext): PersistentVolume | undefined => {
  const wanted = parseQuantity(claim.spec.resources?.requests?.["storage"] ?? "0")?.nano ?? 0n;
  const selector = claim.spec.selector === undefined ? undefined : compileLabelSelector(claim.spec.selector);
  let best: { readonly volume: PersistentVolume; readonly size: bigint } | undefined;
  for (const volume of context.store.list<PersistentVolume>("PersistentVolume")) {
    const { spec } = volume;
    const size = parseQuantity(spec.capacity?.["storage"] ?? "0")?.nano ?? 0n;
    if (spec.claimRef?.name !== undefined || volume.metadata.deletionTimestamp !== undefined || size < wanted) continue;
    if ((spec.storageClassName ?? "") !== (claim.spec.storageClassName ?? "")) continue;
    if ((spec.volumeMode ?? "Filesystem") !== (claim.spec.volumeMode ?? "Filesystem")) continue;
    if (!(claim.spec.accessModes ?? []).every((mode) => (spec.accessModes ?? []).includes(mode))) continue;
    if (selector !== undefined && !selector.matches(volume.metadata.labels ?? {})) continue;
    if (volume.status?.["phase"] !== "Available" && volume.status?.["phase"] !== "Pending") continue;
    if (best === undefined || size < best.size) best = { volume, size };
  }
  return best?.volume;
};

const bind = (claim: PersistentVolumeClaim, volume: PersistentVolume, context: ControllerContext): void => {
  let target = volume as unknown as JsonObject;
  const reference = {
    kind: "PersistentVolumeClaim",
    apiVersion: "v1",
    namespace: claim.metadata.namespace ?? "",
    name: claim.metadata.name,
    uid: claim.metadata.uid ?? "",
  };
  const known = objectAt(target, "spec", "claimRef");
  if (textAt(known, "uid") !== reference.uid) {
    const byController = textAt(known, "name") === "";
    target = withField(target, ["spec", "claimRef"], reference);
    if (byController)
      target = withField(target, ["metadata", "annotations", "pv.kubernetes.io/bound-by-controller"], "yes");
    const answer = context.api.update(target);
    if (answer.object === undefined) return;
    target = answer.object as unknown as JsonObject;
  }
  setPhase(target as unknown as PersistentVolume, "Bound", context);
  bindClaim(claim, target, context);
};

const bindClaim = (claim: PersistentVolumeClaim, volume: JsonObject, context: ControllerContext): void => {
  const given = claim as unknown as JsonObject;
  const byController = (claim.spec.volumeName ?? "") === "";
  const annotations: Record<string, Json> = {
    ...objectAt(given, "metadata", "annotations"),
    "pv.kubernetes.io/bind-completed": "yes",
    ...(byController ? { "pv.kubernetes.io/bound-by-controller": "yes" } : {}),
  };
  const bound = withField(
    withField(given, ["metadata", "annotations"], annotations),
    ["spec", "volumeName"],
    textAt(volume, "metadata", "name"),
  );
  const answer = sameJson(bound, given) ? undefined : context.api.update(bound);
  const current = (answer?.object ?? claim) as unknown as JsonObject;
  context.api.updateStatus(
    withField(current, ["status"], {
      phase: "Bound",
      accessModes: listAt(volume, "spec", "accessModes"),
      capacity: { storage: objectAt(volume, "spec", "capacity")["storage"] ?? "0" },
    }),
  );
};

const setClaimPhase = (claim: PersistentVolumeClaim, phase: string, context: ControllerContext): void => {
  const given = claim as unknown as JsonObject;
  context.api.updateStatus(withField(given, ["status"], { ...objectAt(given, "status"), phase }));
};
