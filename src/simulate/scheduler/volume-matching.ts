import { quantityMilliValue, quantityValue } from "../../kubernetes/quantity.ts";
import { compileLabelSelector } from "../../kubernetes/selectors.ts";
import type { PersistentVolume, PersistentVolumeClaim } from "../../kubernetes/storage.ts";
import type { ClusterState } from "./cluster-state.ts";
import { classOfClaim, classOfVolume } from "./storage-state.ts";

type AttributesClass = { readonly volumeAttributesClassName?: string };

/**
 * The volume to bind a claim to on a node: the one reserved for it, else the smallest that suits.
 * Source: component-helpers v0.35 `storage/volume/pv_helpers.go` (FindMatchingVolume).
 */
export const findMatchingVolume = (
  state: ClusterState,
  claim: PersistentVolumeClaim,
  row: number,
  excluded: ReadonlySet<string>,
): PersistentVolume | undefined => {
  const { storage, nodes } = state;
  const className = classOfClaim(claim);
  const requested = claimSize(claim);
  const { selector } = claim.spec;
  const matcher = selector === undefined || selector === null ? undefined : compileLabelSelector(selector);
  const attributes = (claim.spec as AttributesClass).volumeAttributesClassName ?? "";
  let smallest: PersistentVolume | undefined;
  let smallestSize = Number.POSITIVE_INFINITY;
  for (const volume of storage.volumesOfClass(className)) {
    const { spec, metadata } = volume;
    if (excluded.has(metadata.name)) continue;
    const isReserved = isBoundTo(volume, claim);
    if (spec.claimRef !== undefined && !isReserved) continue;
    const size = quantityMilliValue(spec.capacity?.["storage"] ?? 0) ?? 0;
    if (size < requested) continue;
    if ((claim.spec.volumeMode ?? "Filesystem") !== (spec.volumeMode ?? "Filesystem")) continue;
    if (attributes !== ((spec as AttributesClass).volumeAttributesClassName ?? "")) continue;
    if (metadata.deletionTimestamp !== undefined) continue;
    const fitsNode = storage.volumeFitsNode(volume, nodes.labels[row]);
    if (isReserved) return fitsNode ? volume : undefined;
    if ((volume.status?.["phase"] ?? "Available") !== "Available" || !fitsNode) continue;
    if (matcher !== undefined && !matcher.matches(metadata.labels)) continue;
    if (classOfVolume(volume) !== className) continue;
    if (claim.spec.accessModes?.every((mode) => spec.accessModes?.includes(mode)) === false) continue;
    if (size < smallestSize) [smallest, smallestSize] = [volume, size];
  }
  return smallest;
};

const isBoundTo = ({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean =>
  spec.claimRef !== undefined &&
  spec.claimRef.name === metadata.name &&
  (spec.claimRef.namespace ?? "") === (metadata.namespace ?? "default") &&
  (!spec.claimRef.uid || spec.claimRef.uid === metadata.uid);

/** Whether the claim's class can make a volume for the node. Source: `plugins/volumebinding/binder.go`, v1.35.4 (checkVolumeProvisions). */
export const canProvision = (state: ClusterState, claim: PersistentVolumeClaim, row: number): "yes" | "no" | "full" => {
  const { storage, nodes } = state;
  const storageClass = storage.classes.get(classOfClaim(claim));
  if (storageClass === undefined) return "no";
  const { provisioner, allowedTopologies } = storageClass;
  if (!provisioner || provisioner === "kubernetes.io/no-provisioner") return "no";
  const labels = nodes.labels[row] ?? {};
  const terms = allowedTopologies ?? [];
  const isAllowed =
    terms.length === 0 ||
    terms.some(({ matchLabelExpressions }) =>
      (matchLabelExpressions ?? []).length === 0
        ? false
        : (matchLabelExpressions ?? []).every(
            ({ key, values }) => Object.hasOwn(labels, key) && values.includes(labels[key] ?? ""),
          ),
    );
  if (!isAllowed) return "no";
  if (storage.csiDrivers.get(provisioner)?.spec?.storageCapacity !== true) return "yes";
  const requested = claim.spec.resources?.requests?.["storage"];
  if (requested === undefined) return "yes";
  const bytes = quantityValue(requested) ?? 0;
  for (const capacity of storage.capacities.values()) {
    const limit = capacity.maximumVolumeSize ?? capacity.capacity;
    if (capacity.storageClassName !== storageClass.metadata.name || limit === undefined) continue;
    if ((quantityValue(limit) ?? 0) < bytes || capacity.nodeTopology === undefined) continue;
    if (compileLabelSelector(capacity.nodeTopology).matches(labels)) return "yes";
  }
  return "full";
};

/** Thousandths of a byte, so that sizes compare exactly. */
export const claimSize = (claim: PersistentVolumeClaim): number =>
  quantityMilliValue(claim.spec.resources?.requests?.["storage"] ?? 0) ?? 0;
