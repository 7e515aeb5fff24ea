import { withField } from "../../kubernetes/fields.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import type { PersistentVolume } from "../../kubernetes/storage.ts";
import type { JsonObject } from "../../model/json.ts";
import { type Controller, keyOf, partsOf } from "./controller.ts";
import { isFinished } from "./pod-state.ts";

/** Lets claims and volumes go that nothing uses any more (pkg/controller/volume/pvcprotection and pvprotection, v1.35). */
export const volumeProtection: Controller = {
  name: "volume-protection",
  watches: ["PersistentVolumeClaim", "PersistentVolume", "Pod"],
  keysOf: ({ object, type }, { store }) => {
    if (object.kind !== "Pod")
      return object.metadata.deletionTimestamp === undefined ? [] : [`${object.kind} ${keyOf(object)}`];
    if (type !== "DELETED" && !isFinished(object as Pod)) return [];
    return (object as Pod).spec.volumes === undefined
      ? []
      : ((object as Pod).spec.volumes ?? []).flatMap((volume) => {
          const name = volume.persistentVolumeClaim?.claimName;
          const claim =
            name === undefined ? undefined : store.get("PersistentVolumeClaim", object.metadata.namespace, name);
          return claim?.metadata.deletionTimestamp === undefined ? [] : [`PersistentVolumeClaim ${keyOf(claim)}`];
        });
  },
  reconcile: (key, { store, api }) => {
    const [kind = "", place = ""] = key.split(" ");
    const object = store.get(kind, ...partsOf(place));
    if (object?.metadata.deletionTimestamp === undefined) return "done";
    const isUsed =
      kind === "PersistentVolume"
        ? (object as PersistentVolume).status?.["phase"] === "Bound"
        : store
            .list<Pod>("Pod", object.metadata.namespace)
            .some(
              (pod) =>
                !isFinished(pod) &&
                pod.spec.volumes?.some((volume) => volume.persistentVolumeClaim?.claimName === object.metadata.name),
            );
    if (isUsed) return "done";
    const left = (object.metadata.finalizers ?? []).filter(
      (name) => name !== "kubernetes.io/pvc-protection" && name !== "kubernetes.io/pv-protection",
    );
    api.update(
      withField(object as unknown as JsonObject, ["metadata", "finalizers"], left.length === 0 ? undefined : left),
    );
    return "done";
  },
};
