import { controllerReference } from "../../kubernetes/owner.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import type { PersistentVolumeClaim } from "../../kubernetes/storage.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { type Controller, keyOf, partsOf } from "./controller.ts";
import { isFinished } from "./pod-state.ts";

/** The claims of a pod's generic ephemeral volumes: `POD-VOLUME`, owned by the pod (pkg/controller/volume/ephemeral, v1.35). */
export const ephemeralClaims = (pod: Pod): readonly PersistentVolumeClaim[] =>
  (pod.spec.volumes ?? []).flatMap((volume) => {
    const template = volume.ephemeral?.["volumeClaimTemplate"];
    if (!isJsonObject(template)) return [];
    const given = isJsonObject(template["metadata"]) ? template["metadata"] : {};
    const { namespace } = pod.metadata;
    return [
      {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: {
          ...given,
          name: `${pod.metadata.name}-${volume.name}`,
          ...(namespace === undefined ? {} : { namespace }),
          ownerReferences: [controllerReference(pod)],
        },
        spec: isJsonObject(template["spec"]) ? template["spec"] : {},
      } as PersistentVolumeClaim,
    ];
  });

/** Makes those claims. A claim of the name that belongs to somebody else stays as it is, and the pod waits. */
export const ephemeralVolumeController: Controller = {
  name: "ephemeral-volume",
  watches: ["Pod"],
  keysOf: ({ object, type }) => {
    const pod = object as Pod;
    return type === "DELETED" || !pod.spec.volumes?.some(({ ephemeral }) => ephemeral !== undefined)
      ? []
      : [keyOf(pod)];
  },
  reconcile: (key, { store, api }) => {
    const pod = store.get<Pod>("Pod", ...partsOf(key));
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined || isFinished(pod)) return "done";
    for (const claim of ephemeralClaims(pod)) {
      const { namespace, name } = claim.metadata;
      if (store.get("PersistentVolumeClaim", namespace, name) === undefined) api.create(claim as unknown as JsonObject);
    }
    return "done";
  },
};
