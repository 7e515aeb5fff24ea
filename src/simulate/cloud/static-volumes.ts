import { quantityValue } from "../../kubernetes/quantity.ts";
import { compileLabelSelector } from "../../kubernetes/selectors.ts";
import { type PersistentVolume, type PersistentVolumeClaim, storageClassNameOf } from "../../kubernetes/storage.ts";

/**
 * The volume of those that are there already that a claim gets: the one that it names, the one that is kept for it, or the smallest free
 * one that suits (component-helpers storage/volume, FindMatchingVolume). `taken` are volumes that other claims have.
 */
export const staticVolume = (
  claim: PersistentVolumeClaim,
  className: string | undefined,
  volumes: readonly PersistentVolume[],
  taken: ReadonlySet<string>,
): PersistentVolume | undefined => {
  const free = volumes.filter((volume) => !taken.has(volume.metadata.name) && isFreeFor(volume, claim));
  if (claim.spec.volumeName) return free.find(({ metadata }) => metadata.name === claim.spec.volumeName);
  const kept = free.find(({ spec }) => spec.claimRef !== undefined);
  if (kept !== undefined) return kept;
  const size = quantityValue(claim.spec.resources?.requests?.["storage"] ?? "0") ?? 0;
  const selector = claim.spec.selector ? compileLabelSelector(claim.spec.selector) : undefined;
  const [smallest] = free
    .filter(
      (volume) =>
        (storageClassNameOf(volume) ?? "") === (className ?? "") &&
        (volume.spec.volumeMode ?? "Filesystem") === (claim.spec.volumeMode ?? "Filesystem") &&
        (claim.spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode) ?? false) &&
        (selector === undefined || selector.matches(volume.metadata.labels ?? {})) &&
        capacityOf(volume) >= size,
    )
    .sort((a, b) => capacityOf(a) - capacityOf(b));
  return smallest;
};

const isFreeFor = ({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean =>
  spec.claimRef?.name === undefined ||
  (spec.claimRef.name === metadata.name &&
    (spec.claimRef.namespace ?? "default") === (metadata.namespace ?? "default"));

const capacityOf = (volume: PersistentVolume): number => quantityValue(volume.spec.capacity?.["storage"] ?? "0") ?? 0;
