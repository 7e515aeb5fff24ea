import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { defaultVolume, mapObjects } from "./defaults-pod.ts";

type Fields = Record<string, Json>;

/** Defaults of a Service's spec, without what the strategy allocates (pkg/apis/core/v1/defaults.go, v1.35). */
export const defaultService = (spec: Fields): void => {
  spec["sessionAffinity"] ??= "None";
  if (spec["sessionAffinity"] === "None") delete spec["sessionAffinityConfig"];
  if (spec["sessionAffinity"] === "ClientIP") {
    const config = objectOf(spec["sessionAffinityConfig"]);
    spec["sessionAffinityConfig"] = { ...config, clientIP: { timeoutSeconds: 10800, ...objectOf(config["clientIP"]) } };
  }
  spec["type"] ??= "ClusterIP";
  if (Array.isArray(spec["ports"])) {
    spec["ports"] = mapObjects(spec["ports"], (port) => {
      const target = port["targetPort"];
      return {
        ...port,
        protocol: port["protocol"] ?? "TCP",
        ...(target === undefined || target === 0 || target === "" ? { targetPort: port["port"] ?? 0 } : {}),
      };
    });
  }
  const type = spec["type"];
  const external = Array.isArray(spec["externalIPs"]) && spec["externalIPs"].length > 0;
  if (type === "NodePort" || type === "LoadBalancer" || (type === "ClusterIP" && external)) {
    spec["externalTrafficPolicy"] ??= "Cluster";
  }
  if (type === "ClusterIP" || type === "NodePort" || type === "LoadBalancer")
    spec["internalTrafficPolicy"] ??= "Cluster";
  if (type === "LoadBalancer") spec["allocateLoadBalancerNodePorts"] ??= true;
};

export const defaultNetworkPolicy = (spec: Fields): void => {
  spec["podSelector"] ??= {};
  for (const field of ["ingress", "egress"]) {
    if (!Array.isArray(spec[field])) continue;
    spec[field] = mapObjects(spec[field], (rule) =>
      Array.isArray(rule["ports"])
        ? { ...rule, ports: mapObjects(rule["ports"], (port) => ({ ...port, protocol: port["protocol"] ?? "TCP" })) }
        : rule,
    );
  }
  if (!Array.isArray(spec["policyTypes"]) || spec["policyTypes"].length === 0) {
    const hasEgress = Array.isArray(spec["egress"]) && spec["egress"].length > 0;
    spec["policyTypes"] = hasEgress ? ["Ingress", "Egress"] : ["Ingress"];
  }
};

export const defaultPersistentVolumeClaim = (spec: Fields): void => {
  spec["resources"] ??= {};
  spec["volumeMode"] ??= "Filesystem";
};

export const defaultPersistentVolume = (spec: Fields): void => {
  spec["persistentVolumeReclaimPolicy"] ??= "Retain";
  spec["volumeMode"] ??= "Filesystem";
  for (const source of ["hostPath", "azureDisk", "iscsi", "rbd", "scaleIO"]) {
    if (isJsonObject(spec[source] ?? null))
      spec[source] = defaultVolume({ [source]: spec[source] as Json })[source] ?? {};
  }
};

/** Container limits fill each other: default from max, defaultRequest from default, else from min. */
export const defaultLimitRange = (spec: Fields): void => {
  if (!Array.isArray(spec["limits"])) return;
  spec["limits"] = mapObjects(spec["limits"], (limit) => {
    if (limit["type"] !== "Container") return limit;
    const standard = { ...objectOf(limit["max"]), ...objectOf(limit["default"]) };
    const request = { ...objectOf(limit["min"]), ...standard, ...objectOf(limit["defaultRequest"]) };
    return {
      ...limit,
      ...(Object.keys(standard).length === 0 ? {} : { default: standard }),
      ...(Object.keys(request).length === 0 ? {} : { defaultRequest: request }),
    };
  });
};

/** Fields beside `spec`, for the kinds that have no spec or more than one. */
export const defaultTopLevel = (kind: string, object: Fields): void => {
  switch (kind) {
    case "StorageClass":
      object["reclaimPolicy"] ??= "Delete";
      object["volumeBindingMode"] ??= "Immediate";
      return;
    case "PriorityClass":
      object["preemptionPolicy"] ??= "PreemptLowerPriority";
      return;
    case "Secret":
      object["type"] ??= "Opaque";
      storeText(object);
      return;
    case "CustomResourceDefinition":
      defaultDefinition(object);
      return;
    case "ValidatingAdmissionPolicy":
      defaultPolicy(object);
      return;
    case "Namespace": {
      const metadata = objectOf(object["metadata"]);
      const labels = { ...objectOf(metadata["labels"]), "kubernetes.io/metadata.name": metadata["name"] ?? "" };
      object["metadata"] = { ...metadata, labels };
      return;
    }
    case "RoleBinding":
    case "ClusterRoleBinding":
      defaultBinding(object);
      return;
    case "ValidatingWebhookConfiguration":
    case "MutatingWebhookConfiguration":
      if (Array.isArray(object["webhooks"])) {
        object["webhooks"] = mapObjects(object["webhooks"], (hook) => defaultWebhook(kind, hook));
      }
      return;
    case "CSIDriver":
      object["spec"] = defaultDriver(objectOf(object["spec"]));
      return;
    case "IngressClass":
      object["spec"] = defaultIngressClass(objectOf(object["spec"]));
      return;
    case "Node":
      object["spec"] = defaultNode(objectOf(object["spec"]));
      return;
    case "EndpointSlice":
      if (Array.isArray(object["ports"])) {
        object["ports"] = mapObjects(object["ports"], (port) => ({ name: "", protocol: "TCP", ...port }));
      }
  }
};

const defaultWebhook = (kind: string, hook: JsonObject): JsonObject => {
  const client = objectOf(hook["clientConfig"]);
  const rules = hook["rules"];
  return {
    failurePolicy: "Fail",
    matchPolicy: "Equivalent",
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
    ...(kind === "MutatingWebhookConfiguration" ? { reinvocationPolicy: "Never" } : {}),
    ...hook,
    ...(isJsonObject(client["service"] ?? null)
      ? { clientConfig: { ...client, service: { port: 443, ...objectOf(client["service"]) } } }
      : {}),
    ...(Array.isArray(rules) ? { rules: mapObjects(rules, (rule) => ({ scope: "*", ...rule })) } : {}),
  };
};

const defaultDriver = (spec: JsonObject): JsonObject => {
  const modes = spec["volumeLifecycleModes"];
  return {
    attachRequired: true,
    fsGroupPolicy: "ReadWriteOnceWithFSType",
    podInfoOnMount: false,
    requiresRepublish: false,
    seLinuxMount: false,
    storageCapacity: false,
    ...spec,
    volumeLifecycleModes: Array.isArray(modes) && modes.length > 0 ? modes : ["Persistent"],
  };
};

const defaultIngressClass = (spec: JsonObject): JsonObject =>
  isJsonObject(spec["parameters"] ?? null)
    ? { ...spec, parameters: { scope: "Cluster", ...objectOf(spec["parameters"]) } }
    : spec;

/** A node's first range of pod addresses stands alone and in the list. */
const defaultNode = (spec: JsonObject): JsonObject => {
  const [first, ranges] = [spec["podCIDR"], spec["podCIDRs"]];
  const list = Array.isArray(ranges) ? ranges : [];
  if (typeof first === "string" && first !== "") return list[0] === first ? spec : { ...spec, podCIDRs: [first] };
  return list.length === 0 ? spec : { ...spec, podCIDR: list[0] ?? "" };
};

/** `stringData` is text on the way in and base64 in store. */
const storeText = (secret: Fields): void => {
  const text = objectOf(secret["stringData"]);
  delete secret["stringData"];
  if (Object.keys(text).length === 0) return;
  const encoded = Object.entries(text).map(([key, value]) => [
    key,
    Buffer.from(String(value), "utf8").toString("base64"),
  ]);
  secret["data"] = { ...objectOf(secret["data"]), ...Object.fromEntries(encoded) };
};

const defaultDefinition = (definition: Fields): void => {
  const spec = objectOf(definition["spec"]);
  const names = objectOf(spec["names"]);
  const kind = typeof names["kind"] === "string" ? names["kind"] : "";
  definition["spec"] = {
    ...spec,
    names: { singular: kind.toLowerCase(), listKind: `${kind}List`, ...names },
    conversion: { strategy: "None", ...objectOf(spec["conversion"]) },
  };
};

const defaultPolicy = (policy: Fields): void => {
  const spec = objectOf(policy["spec"]);
  const constraints = objectOf(spec["matchConstraints"]);
  const scoped = (rules: Json | undefined): Json | undefined =>
    Array.isArray(rules) ? mapObjects(rules, (rule) => ({ scope: "*", ...rule })) : undefined;
  const [rules, excluded] = [scoped(constraints["resourceRules"]), scoped(constraints["excludeResourceRules"])];
  policy["spec"] = {
    failurePolicy: "Fail",
    ...spec,
    matchConstraints: {
      matchPolicy: "Equivalent",
      namespaceSelector: {},
      objectSelector: {},
      ...constraints,
      ...(rules === undefined ? {} : { resourceRules: rules }),
      ...(excluded === undefined ? {} : { excludeResourceRules: excluded }),
    },
  };
};

const defaultBinding = (object: Fields): void => {
  const group = "rbac.authorization.k8s.io";
  object["roleRef"] = { apiGroup: group, ...objectOf(object["roleRef"]) };
  if (!Array.isArray(object["subjects"])) return;
  object["subjects"] = mapObjects(object["subjects"], (subject) =>
    (subject["kind"] === "User" || subject["kind"] === "Group") && (subject["apiGroup"] ?? "") === ""
      ? { ...subject, apiGroup: group }
      : subject,
  );
};

const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value ?? null) ? (value as JsonObject) : {});
