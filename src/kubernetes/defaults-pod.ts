import type { Json, JsonObject } from "../model/json.ts";
import { isJsonObject } from "../model/json.ts";

type Fields = Record<string, Json>;

/**
 * Defaults of a Pod: those of its spec, and what templates do not get: requests from limits, host ports of the host's network,
 * service links (pkg/apis/core/v1/defaults.go, v1.35).
 */
export const defaultPod = (pod: JsonObject): JsonObject => {
  const given = isJsonObject(pod["spec"] ?? null) ? (pod["spec"] as JsonObject) : {};
  const spec: Fields = { ...defaultPodSpec(given) };
  spec["enableServiceLinks"] ??= true;
  for (const field of ["containers", "initContainers"]) {
    if (Array.isArray(spec[field])) {
      spec[field] = mapObjects(spec[field], (container) => containerOfPod(container, spec["hostNetwork"] === true));
    }
  }
  if (isJsonObject(spec["resources"] ?? null))
    spec["resources"] = podLevelRequests(spec["resources"] as JsonObject, spec);
  return { ...pod, spec };
};

/** Defaults of a pod's spec, also inside templates. */
export const defaultPodSpec = (given: JsonObject): JsonObject => {
  const spec: Fields = { ...given };
  spec["restartPolicy"] ??= "Always";
  spec["terminationGracePeriodSeconds"] ??= 30;
  spec["dnsPolicy"] ??= "ClusterFirst";
  spec["securityContext"] ??= {};
  spec["schedulerName"] ??= "default-scheduler";
  for (const field of ["containers", "initContainers", "ephemeralContainers"]) {
    if (Array.isArray(spec[field])) spec[field] = mapObjects(spec[field], defaultContainer);
  }
  if (Array.isArray(spec["volumes"])) spec["volumes"] = mapObjects(spec["volumes"], defaultVolume);
  if (typeof spec["serviceAccountName"] === "string" && spec["serviceAccountName"] !== "") {
    spec["serviceAccount"] ??= spec["serviceAccountName"];
  } else if (typeof spec["serviceAccount"] === "string" && spec["serviceAccount"] !== "") {
    spec["serviceAccountName"] = spec["serviceAccount"];
  }
  return spec;
};

/** Defaults of a template: its spec, and a metadata that is always there. */
export const defaultPodTemplate = (given: Json | undefined): JsonObject => {
  const template = isJsonObject(given ?? null) ? (given as JsonObject) : {};
  const spec = isJsonObject(template["spec"] ?? null) ? (template["spec"] as JsonObject) : {};
  return { ...template, metadata: template["metadata"] ?? {}, spec: defaultPodSpec(spec) };
};

/** Applies a function to the objects of a list and leaves the rest. */
export const mapObjects = (list: Json, change: (item: JsonObject) => JsonObject): Json =>
  (list as readonly Json[]).map((item) => (isJsonObject(item) ? change(item) : item));

const defaultContainer = (given: JsonObject): JsonObject => {
  const container: Fields = { ...given };
  container["resources"] ??= {};
  container["terminationMessagePath"] ??= "/dev/termination-log";
  container["terminationMessagePolicy"] ??= "File";
  container["imagePullPolicy"] ??= pullPolicyOf(container["image"]);
  if (Array.isArray(container["ports"])) {
    container["ports"] = mapObjects(container["ports"], (port) => ({ ...port, protocol: port["protocol"] ?? "TCP" }));
  }
  if (Array.isArray(container["env"])) container["env"] = mapObjects(container["env"], defaultEnv);
  for (const field of ["livenessProbe", "readinessProbe", "startupProbe"]) {
    if (isJsonObject(container[field] ?? null)) container[field] = defaultProbe(container[field] as JsonObject);
  }
  if (isJsonObject(container["lifecycle"] ?? null)) {
    const lifecycle: Fields = { ...(container["lifecycle"] as JsonObject) };
    for (const hook of ["postStart", "preStop"]) {
      if (isJsonObject(lifecycle[hook] ?? null)) lifecycle[hook] = defaultHandler(lifecycle[hook] as JsonObject);
    }
    container["lifecycle"] = lifecycle;
  }
  return container;
};

const imageReference =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::[0-9]+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::(\w[\w.-]{0,127}))?(@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$/;

/** `Always` for the tag `latest`, which no tag and no digest means too; what is no image name gets `IfNotPresent`. */
const pullPolicyOf = (image: Json | undefined): string => {
  if (typeof image !== "string" || /^[0-9a-f]{64}$/.test(image)) return "IfNotPresent";
  const match = imageReference.exec(image);
  if (match === null) return "IfNotPresent";
  const [, tag, digest] = match;
  return tag === "latest" || (tag === undefined && digest === undefined) ? "Always" : "IfNotPresent";
};

const defaultEnv = (env: JsonObject): JsonObject => {
  const from = env["valueFrom"];
  return isJsonObject(from ?? null) ? { ...env, valueFrom: defaultFieldRef(from as JsonObject) } : env;
};

const defaultFieldRef = (holder: JsonObject): JsonObject => {
  const reference = holder["fieldRef"];
  return isJsonObject(reference ?? null)
    ? { ...holder, fieldRef: { apiVersion: "v1", ...(reference as JsonObject) } }
    : holder;
};

const defaultProbe = (given: JsonObject): JsonObject => ({
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
  ...withoutZero(defaultHandler(given), ["timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"]),
});

const defaultHandler = (given: JsonObject): JsonObject => {
  if (isJsonObject(given["httpGet"] ?? null)) {
    return { ...given, httpGet: { path: "/", scheme: "HTTP", ...(given["httpGet"] as JsonObject) } };
  }
  if (isJsonObject(given["grpc"] ?? null)) return { ...given, grpc: { service: "", ...(given["grpc"] as JsonObject) } };
  return given;
};

const withoutZero = (value: JsonObject, fields: readonly string[]): JsonObject => {
  const kept: Fields = { ...value };
  for (const field of fields) if (kept[field] === 0) delete kept[field];
  return kept;
};

/** Defaults of a volume's source; a volume without one is an emptyDir. */
export const defaultVolume = (given: JsonObject): JsonObject => {
  const volume: Fields = { ...given };
  const sources = Object.keys(volume).filter((key) => key !== "name");
  if (sources.length === 0) return { ...volume, emptyDir: {} };
  for (const source of sources) {
    const value = volume[source];
    if (isJsonObject(value ?? null)) volume[source] = defaultSource(source, value as JsonObject);
  }
  return volume;
};

const defaultSource = (source: string, value: JsonObject): JsonObject => {
  switch (source) {
    case "secret":
    case "configMap":
      return { ...value, defaultMode: value["defaultMode"] ?? 420 };
    case "downwardAPI":
      return { ...downwardItems(value), defaultMode: value["defaultMode"] ?? 420 };
    case "projected":
      return { ...projectedSources(value), defaultMode: value["defaultMode"] ?? 420 };
    case "hostPath":
      return { ...value, type: value["type"] ?? "" };
    case "azureDisk":
      return { cachingMode: "ReadWrite", fsType: "ext4", readOnly: false, kind: "Shared", ...value };
    case "iscsi":
      return { iscsiInterface: "default", ...value };
    case "rbd":
      return { pool: "rbd", user: "admin", keyring: "/etc/ceph/keyring", ...value };
    case "scaleIO":
      return { storageMode: "ThinProvisioned", fsType: "xfs", ...value };
    case "ephemeral":
      return ephemeralClaim(value);
    default:
      return value;
  }
};

const downwardItems = (value: JsonObject): JsonObject =>
  Array.isArray(value["items"]) ? { ...value, items: mapObjects(value["items"], defaultFieldRef) } : value;

const projectedSources = (value: JsonObject): JsonObject =>
  Array.isArray(value["sources"])
    ? {
        ...value,
        sources: mapObjects(value["sources"], (source) => {
          const token = source["serviceAccountToken"];
          const downward = source["downwardAPI"];
          return {
            ...source,
            ...(isJsonObject(token ?? null)
              ? { serviceAccountToken: { expirationSeconds: 3600, ...(token as JsonObject) } }
              : {}),
            ...(isJsonObject(downward ?? null) ? { downwardAPI: downwardItems(downward as JsonObject) } : {}),
          };
        }),
      }
    : value;

const ephemeralClaim = (value: JsonObject): JsonObject => {
  const template = value["volumeClaimTemplate"];
  if (!isJsonObject(template ?? null)) return value;
  const { spec, ...rest } = template as JsonObject;
  if (!isJsonObject(spec ?? null)) return value;
  return {
    ...value,
    volumeClaimTemplate: { metadata: {}, ...rest, spec: { volumeMode: "Filesystem", ...(spec as JsonObject) } },
  };
};

const containerOfPod = (given: JsonObject, hostNetwork: boolean): JsonObject => {
  const container: Fields = { ...given };
  const resources = container["resources"];
  if (isJsonObject(resources ?? null)) container["resources"] = requestsFromLimits(resources as JsonObject);
  if (hostNetwork && Array.isArray(container["ports"])) {
    container["ports"] = mapObjects(container["ports"], (port) =>
      port["hostPort"] === undefined || port["hostPort"] === 0
        ? { ...port, hostPort: port["containerPort"] ?? 0 }
        : port,
    );
  }
  return container;
};

const requestsFromLimits = (resources: JsonObject): JsonObject => {
  const limits = resources["limits"];
  if (!isJsonObject(limits ?? null)) return resources;
  const requests = isJsonObject(resources["requests"] ?? null) ? (resources["requests"] as JsonObject) : {};
  return { ...resources, requests: { ...(limits as JsonObject), ...requests } };
};

/**
 * Requests of the pod as a whole (pod-level resources, 1.34): where only a limit is given and no container requests the resource,
 * the limit is the request.
 */
const podLevelRequests = (resources: JsonObject, spec: JsonObject): JsonObject => {
  const limits = resources["limits"];
  if (!isJsonObject(limits ?? null)) return resources;
  const containers = [spec["containers"], spec["initContainers"]].flatMap((list) =>
    Array.isArray(list) ? (list as readonly Json[]) : [],
  );
  const requestedByContainers = new Set(
    containers.flatMap((container) => {
      const own = isJsonObject(container) ? container["resources"] : undefined;
      const requests = isJsonObject(own ?? null) ? (own as JsonObject)["requests"] : undefined;
      return isJsonObject(requests ?? null) ? Object.keys(requests as JsonObject) : [];
    }),
  );
  const requests: Fields = isJsonObject(resources["requests"] ?? null)
    ? { ...(resources["requests"] as JsonObject) }
    : {};
  for (const [name, limit] of Object.entries(limits as JsonObject)) {
    if (requests[name] === undefined && !requestedByContainers.has(name)) requests[name] = limit;
  }
  return Object.keys(requests).length === 0 ? resources : { ...resources, requests };
};
