import { defaultServiceAccount, ROOT_CERTIFICATE, rootCertificate } from "../../cluster/bootstrap.ts";
import { withField } from "../../kubernetes/fields.ts";
import { knownKinds } from "../../kubernetes/kinds.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Controller } from "./controller.ts";

/** Each namespace has a service account `default` (pkg/controller/serviceaccount/serviceaccounts_controller.go, v1.35). */
export const serviceAccountController: Controller = {
  name: "serviceaccount",
  watches: ["Namespace", "ServiceAccount"],
  keysOf: ({ object }) => [object.kind === "Namespace" ? object.metadata.name : (object.metadata.namespace ?? "")],
  reconcile: (name, { store, api }) => {
    const namespace = store.get("Namespace", undefined, name);
    if (namespace === undefined || namespace.metadata.deletionTimestamp !== undefined) return "done";
    if (store.get("ServiceAccount", name, "default") === undefined) api.create(defaultServiceAccount(name));
    return "done";
  },
};

/** Each namespace has the cluster's certificate as a ConfigMap (pkg/controller/certificates/rootcacertpublisher, v1.35); quotas count it. */
export const rootCaPublisher: Controller = {
  name: "root-ca-cert-publisher",
  watches: ["Namespace", "ConfigMap"],
  keysOf: ({ object }) =>
    object.kind === "Namespace"
      ? [object.metadata.name]
      : object.metadata.name === ROOT_CERTIFICATE
        ? [object.metadata.namespace ?? ""]
        : [],
  reconcile: (name, { store, api }) => {
    const namespace = store.get("Namespace", undefined, name);
    if (namespace === undefined || namespace.metadata.deletionTimestamp !== undefined) return "done";
    if (store.get("ConfigMap", name, ROOT_CERTIFICATE) !== undefined) return "done";
    api.create(rootCertificate(name));
    return "done";
  },
};

/** Empties a namespace that is going away, then lets it go (pkg/controller/namespace, v1.35). */
export const namespaceController: Controller = {
  name: "namespace",
  watches: ["Namespace", "Pod"],
  keysOf: ({ object, type }) =>
    object.kind === "Namespace" ? [object.metadata.name] : type === "DELETED" ? [object.metadata.namespace ?? ""] : [],
  reconcile: (name, { store, api }) => {
    const namespace = store.get("Namespace", undefined, name);
    if (namespace?.metadata.deletionTimestamp === undefined) return "done";
    for (const { kind, namespaced } of knownKinds()) {
      if (!namespaced) continue;
      for (const object of store.list(kind, name)) api.remove(kind, name, object.metadata.name);
    }
    const isEmpty = knownKinds().every(({ kind, namespaced }) => !namespaced || store.list(kind, name).length === 0);
    if (isEmpty) {
      api.update(withField(namespace as unknown as JsonObject, ["spec", "finalizers"], undefined));
    }
    return "done";
  },
};

/** Objects whose owners are all gone go too (pkg/controller/garbagecollector, v1.35, background propagation). */
export const garbageCollector: Controller = {
  name: "garbagecollector",
  watches: [
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "Service",
    "ReplicationController",
    "Pod",
    "Node",
  ],
  keysOf: ({ type, object }) => (type === "DELETED" ? [object.metadata.uid ?? ""] : []),
  reconcile: (uid, { store, api }) => {
    for (const kind of ["ReplicaSet", "Pod", "Job", "EndpointSlice", "ControllerRevision", "PersistentVolumeClaim"]) {
      const owned = kind === "PersistentVolumeClaim" ? withOwner(store.list(kind), uid) : store.ownedBy(kind, uid);
      for (const object of [...owned]) api.remove(kind, object.metadata.namespace, object.metadata.name);
    }
    return "done";
  },
};

const withOwner = (objects: readonly KubeObject[], uid: string): readonly KubeObject[] =>
  objects.filter((object) => object.metadata.ownerReferences?.some((owner) => owner.uid === uid));
