import { countedUsage } from "../../cluster/admission/resource-quota.ts";
import { objectAt, sameJson, withField } from "../../kubernetes/fields.ts";
import type { JsonObject } from "../../model/json.ts";
import { type Controller, keyOf, partsOf } from "./controller.ts";

const counted = [
  "Pod",
  "Service",
  "PersistentVolumeClaim",
  "ConfigMap",
  "Secret",
  "Deployment",
  "ReplicaSet",
  "StatefulSet",
  "Job",
  "CronJob",
];

/** Counts what a namespace's quotas are used for, again after something went (pkg/controller/resourcequota, v1.35). */
export const resourceQuotaController: Controller = {
  name: "resourcequota",
  watches: ["ResourceQuota", ...counted],
  keysOf: ({ object, type, previous }, { store }) => {
    if (object.kind === "ResourceQuota") return type === "DELETED" ? [] : [keyOf(object)];
    const ended =
      object.kind === "Pod" &&
      previous !== undefined &&
      (object as unknown as { status?: { phase?: string } }).status?.phase !==
        (previous as unknown as { status?: { phase?: string } }).status?.phase;
    if (type !== "DELETED" && !ended) return [];
    return store.list("ResourceQuota", object.metadata.namespace).map(keyOf);
  },
  reconcile: (key, { store, api }) => {
    const quota = store.get("ResourceQuota", ...partsOf(key)) as unknown as JsonObject | undefined;
    if (quota === undefined) return "done";
    const status = { hard: objectAt(quota, "spec", "hard"), used: countedUsage(store, quota) };
    if (!sameJson(status, quota["status"])) api.updateStatus(withField(quota, ["status"], status));
    return "done";
  },
};
