import { listAt, objectAt, textAt, textsAt, withField } from "../../kubernetes/fields.ts";
import { parseQuantity } from "../../kubernetes/quantity.ts";
import type { JsonObject } from "../../model/json.ts";
import { forbidden, notFound } from "../api-status.ts";
import type { AdmissionPlugin } from "./plugin.ts";

/** Claims without a class get the default one, the newest where several are marked (plugin/pkg/admission/storage/storageclass/setdefault). */
export const defaultStorageClass: AdmissionPlugin = {
  name: "DefaultStorageClass",
  admit: (request) => {
    if (request.operation !== "CREATE" || request.resource.plural !== "persistentvolumeclaims") return undefined;
    if (objectAt(request.object, "spec")["storageClassName"] !== undefined) return undefined;
    const found = defaultClass(request.store.list("StorageClass") as unknown as readonly JsonObject[], [
      "storageclass.kubernetes.io/is-default-class",
      "storageclass.beta.kubernetes.io/is-default-class",
    ]);
    if (found !== undefined) request.object = withField(request.object, ["spec", "storageClassName"], found);
    return undefined;
  },
};

/** Ingresses without a class get the default one (plugin/pkg/admission/network/defaultingressclass). */
export const defaultIngressClass: AdmissionPlugin = {
  name: "DefaultIngressClass",
  admit: (request) => {
    if (request.operation !== "CREATE" || request.resource.plural !== "ingresses") return undefined;
    if (objectAt(request.object, "spec")["ingressClassName"] !== undefined) return undefined;
    if (textsAt(request.object, "metadata", "annotations")["kubernetes.io/ingress.class"] !== undefined)
      return undefined;
    const found = defaultClass(request.store.list("IngressClass") as unknown as readonly JsonObject[], [
      "ingressclass.kubernetes.io/is-default-class",
    ]);
    if (found !== undefined) request.object = withField(request.object, ["spec", "ingressClassName"], found);
    return undefined;
  },
};

const defaultClass = (classes: readonly JsonObject[], annotations: readonly string[]): string | undefined => {
  const marked = classes.filter((candidate) =>
    annotations.some((annotation) => textsAt(candidate, "metadata", "annotations")[annotation] === "true"),
  );
  const [newest] = [...marked].sort((a, b) => {
    const [one, two] = [textAt(a, "metadata", "creationTimestamp"), textAt(b, "metadata", "creationTimestamp")];
    return one === two ? (textAt(a, "metadata", "name") < textAt(b, "metadata", "name") ? -1 : 1) : one > two ? -1 : 1;
  });
  return newest === undefined ? undefined : textAt(newest, "metadata", "name");
};

/** Claims grow where their class lets them (plugin/pkg/admission/storage/persistentvolume/resize, v1.35). */
export const claimResize: AdmissionPlugin = {
  name: "PersistentVolumeClaimResize",
  validate: (request) => {
    const { previous, object, resource, name, store } = request;
    if (previous === undefined || resource.plural !== "persistentvolumeclaims" || request.subresource !== "") {
      return undefined;
    }
    const storage = (claim: JsonObject): bigint =>
      parseQuantity((objectAt(claim, "spec", "resources", "requests")["storage"] ?? "0") as string)?.nano ?? 0n;
    if (storage(object) <= storage(previous)) return undefined;
    if (textAt(previous, "status", "phase") !== "Bound") {
      return forbidden(resource, name, "Only bound persistent volume claims can be expanded");
    }
    const className = textAt(object, "spec", "storageClassName");
    const known = store.get("StorageClass", undefined, className) as unknown as JsonObject | undefined;
    const isSame = className !== "" && className === textAt(previous, "spec", "storageClassName");
    if (isSame && known?.["allowVolumeExpansion"] === true) return undefined;
    const text =
      "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize";
    return forbidden(resource, name, text);
  },
};

/** Claims and volumes in use are kept by a finalizer (plugin/pkg/admission/storage/storageobjectinuseprotection). */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: "StorageObjectInUseProtection",
  admit: (request) => {
    if (request.operation !== "CREATE") return undefined;
    const finalizer =
      request.resource.plural === "persistentvolumeclaims"
        ? "kubernetes.io/pvc-protection"
        : request.resource.plural === "persistentvolumes"
          ? "kubernetes.io/pv-protection"
          : undefined;
    if (finalizer === undefined) return undefined;
    const finalizers = listAt(request.object, "metadata", "finalizers");
    if (!finalizers.includes(finalizer)) {
      request.object = withField(request.object, ["metadata", "finalizers"], [...finalizers, finalizer]);
    }
    return undefined;
  },
};

/** New nodes are not ready until their kubelet says so (plugin/pkg/admission/nodetaint). */
export const taintNodesByCondition: AdmissionPlugin = {
  name: "TaintNodesByCondition",
  admit: (request) => {
    if (request.operation !== "CREATE" || request.resource.plural !== "nodes") return undefined;
    const taints = listAt(request.object, "spec", "taints");
    const known = taints.some((taint) => textAt(taint, "key") === "node.kubernetes.io/not-ready");
    if (!known) {
      request.object = withField(
        request.object,
        ["spec", "taints"],
        [...taints, { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" }],
      );
    }
    return undefined;
  },
};

const immortal = new Set(["default", "kube-system", "kube-public"]);

/** Nothing is made in a namespace that is not there or is going away (apiserver pkg/admission/plugin/namespace/lifecycle). */
export const namespaceLifecycle: AdmissionPlugin = {
  name: "NamespaceLifecycle",
  admit: (request) => {
    if (request.operation === "DELETE" && request.resource.plural === "namespaces" && immortal.has(request.name)) {
      return forbidden(request.resource, request.name, "this namespace may not be deleted");
    }
    if (request.namespace === "" || request.operation !== "CREATE" || request.resource.plural === "namespaces")
      return undefined;
    const namespace = request.store.get("Namespace", undefined, request.namespace) as unknown as JsonObject | undefined;
    if (namespace === undefined) {
      return notFound({ group: "", kind: "Namespace", plural: "namespaces" }, request.namespace);
    }
    if (textAt(namespace, "metadata", "deletionTimestamp") === "") return undefined;
    return forbidden(
      request.resource,
      request.name,
      `unable to create new content in namespace ${request.namespace} because it is being terminated`,
    );
  },
};
