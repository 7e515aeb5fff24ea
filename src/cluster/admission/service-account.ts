import { listAt, objectAt, objectsAt, textAt, withField } from "../../kubernetes/fields.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { forbidden } from "../api-status.ts";
import { type AdmissionPlugin, createsPod } from "./plugin.ts";

const tokenPath = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Gives each pod its service account, the token volume and its mounts (plugin/pkg/admission/serviceaccount, v1.35). */
export const serviceAccount: AdmissionPlugin = {
  name: "ServiceAccount",
  admit: (request) => {
    if (!createsPod(request)) return undefined;
    const name = textAt(request.object, "spec", "serviceAccountName") || "default";
    const account = request.store.get("ServiceAccount", request.namespace, name) as unknown as JsonObject | undefined;
    if (account === undefined) {
      return forbidden(
        request.resource,
        request.name,
        `error looking up service account ${request.namespace}/${name}: serviceaccount "${name}" not found`,
      );
    }
    const spec = objectAt(request.object, "spec");
    const automount = spec["automountServiceAccountToken"] ?? account["automountServiceAccountToken"] ?? true;
    let changed: JsonObject = { ...spec, serviceAccountName: name, serviceAccount: name };
    if (automount === true) changed = withToken(changed, request.randomSuffix);
    if (listAt(changed, "imagePullSecrets").length === 0 && listAt(account, "imagePullSecrets").length > 0) {
      changed = { ...changed, imagePullSecrets: listAt(account, "imagePullSecrets") };
    }
    request.object = withField(request.object, ["spec"], changed);
    return undefined;
  },
};

const withToken = (spec: JsonObject, randomSuffix: () => string): JsonObject => {
  const existing = objectsAt(spec, "volumes").find((volume) => textAt(volume, "name").startsWith("kube-api-access-"));
  const volumeName = existing === undefined ? `kube-api-access-${randomSuffix()}` : textAt(existing, "name");
  let mounted = false;
  const withMount = (containers: readonly JsonObject[]): readonly Json[] =>
    containers.map((container) => {
      if (objectsAt(container, "volumeMounts").some((mount) => mount["mountPath"] === tokenPath)) return container;
      mounted = true;
      const mount = { name: volumeName, readOnly: true, mountPath: tokenPath };
      return { ...container, volumeMounts: [...listAt(container, "volumeMounts"), mount] };
    });
  const containers = withMount(objectsAt(spec, "containers"));
  const initContainers = withMount(objectsAt(spec, "initContainers"));
  if (!mounted) return spec;
  return {
    ...spec,
    containers,
    ...(initContainers.length === 0 ? {} : { initContainers }),
    ...(existing === undefined ? { volumes: [...listAt(spec, "volumes"), tokenVolume(volumeName)] } : {}),
  };
};

const tokenVolume = (name: string): JsonObject => ({
  name,
  projected: {
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
      { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
      {
        downwardAPI: {
          items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
        },
      },
    ],
    defaultMode: 420,
  },
});
