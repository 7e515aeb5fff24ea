import type { IndexedStore } from "../../cluster/object-store.ts";
import { objectsAt, textAt } from "../../kubernetes/fields.ts";
import type { Json, JsonObject } from "../../model/json.ts";

/** The kinds that a recording holds, by their plural, in its order. */
const kinds: readonly (readonly [plural: string, kind: string])[] = [
  ["nodes", "Node"],
  ["namespaces", "Namespace"],
  ["pods", "Pod"],
  ["services", "Service"],
  ["persistentvolumeclaims", "PersistentVolumeClaim"],
  ["persistentvolumes", "PersistentVolume"],
  ["serviceaccounts", "ServiceAccount"],
  ["resourcequotas", "ResourceQuota"],
  ["limitranges", "LimitRange"],
  ["endpointslices", "EndpointSlice"],
  ["deployments", "Deployment"],
  ["replicasets", "ReplicaSet"],
  ["statefulsets", "StatefulSet"],
  ["daemonsets", "DaemonSet"],
  ["controllerrevisions", "ControllerRevision"],
  ["jobs", "Job"],
  ["cronjobs", "CronJob"],
  ["horizontalpodautoscalers", "HorizontalPodAutoscaler"],
  ["poddisruptionbudgets", "PodDisruptionBudget"],
  ["ingresses", "Ingress"],
  ["networkpolicies", "NetworkPolicy"],
  ["storageclasses", "StorageClass"],
  ["priorityclasses", "PriorityClass"],
  ["runtimeclasses", "RuntimeClass"],
];

const system = new Set(["kube-system", "kube-public", "kube-node-lease"]);
const unshown: Readonly<Record<string, (name: string) => boolean>> = {
  services: (name) => name === "kubernetes",
  endpointslices: (name) => name === "kubernetes",
  serviceaccounts: (name) => name === "default",
  priorityclasses: (name) => name.startsWith("system-"),
  namespaces: (name) => name === "default",
};

export type Recorded = ReadonlyMap<string, readonly JsonObject[]>;

/** A cluster's objects as a list of each kind gives them: without kind and version, without what every cluster has. */
export const recordedObjects = (store: IndexedStore): Recorded =>
  new Map(
    kinds.map(([plural, kind]) => [
      plural,
      (store.list(kind) as unknown as readonly JsonObject[])
        .filter((object) => {
          const [namespace, name] = [textAt(object, "metadata", "namespace"), textAt(object, "metadata", "name")];
          return !system.has(namespace) && !system.has(name) && unshown[plural]?.(name) !== true;
        })
        .map(({ kind: _, apiVersion: __, ...rest }) => rest),
    ]),
  );

/** What a recording says after each step: a row a pod, and the counters of the workloads. */
export const summaryOf = (recorded: Recorded): JsonObject => {
  const rows = (recorded.get("pods") ?? []).map((pod): Json => {
    const [owner] = objectsAt(pod, "metadata", "ownerReferences");
    const name = owner === undefined ? textAt(pod, "metadata", "name") : textAt(owner, "name");
    const ready = objectsAt(pod, "status", "conditions").find((condition) => condition["type"] === "Ready");
    return [
      `${textAt(pod, "metadata", "namespace")}/${owner === undefined ? "Pod" : textAt(owner, "kind")}/${name}`,
      textAt(pod, "spec", "nodeName") || null,
      textAt(pod, "status", "phase"),
      ready === undefined ? null : textAt(ready, "status"),
    ];
  });
  const summary: Record<string, Json> = { pods: rows.sort(byText) };
  for (const plural of ["deployments", "replicasets", "statefulsets", "daemonsets", "jobs"]) {
    const objects = recorded.get(plural) ?? [];
    if (objects.length > 0)
      summary[plural] = Object.fromEntries(
        objects.map((object) => [textAt(object, "metadata", "name"), counters(object)]),
      );
  }
  return summary;
};

const counters = (object: JsonObject): JsonObject => {
  const { spec, status } = object as { readonly spec?: JsonObject; readonly status?: JsonObject };
  const replicas = spec?.["replicas"];
  return {
    ...(typeof replicas === "number" ? { "spec.replicas": replicas } : {}),
    ...Object.fromEntries(
      Object.entries(status ?? {}).filter(
        ([name, value]) => typeof value === "number" && name !== "observedGeneration",
      ),
    ),
  };
};

/** In the order of the rows' JSON text, as a script that sorts printed rows has it. */
export const byText = (a: Json, b: Json): number => {
  const [one, two] = [printed(a), printed(b)];
  return one < two ? -1 : one > two ? 1 : 0;
};

const printed = (row: Json): string => `[${(row as readonly Json[]).map((cell) => JSON.stringify(cell)).join(", ")}]`;
