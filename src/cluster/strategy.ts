import { listAt, objectAt, objectsAt, sameJson, textAt, withField } from "../kubernetes/fields.ts";
import { podQosClass } from "../kubernetes/qos.ts";
import type { Json, JsonObject } from "../model/json.ts";

/** Kinds whose `metadata.generation` the API server keeps. */
const withGeneration = new Set([
  "/Pod",
  "apps/Deployment",
  "apps/ReplicaSet",
  "apps/StatefulSet",
  "apps/DaemonSet",
  "/ReplicationController",
  "batch/Job",
  "batch/CronJob",
  "policy/PodDisruptionBudget",
  "networking.k8s.io/Ingress",
  "networking.k8s.io/IngressClass",
  "networking.k8s.io/NetworkPolicy",
  "scheduling.k8s.io/PriorityClass",
  "discovery.k8s.io/EndpointSlice",
  "admissionregistration.k8s.io/ValidatingAdmissionPolicy",
  "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding",
  "admissionregistration.k8s.io/ValidatingWebhookConfiguration",
  "admissionregistration.k8s.io/MutatingWebhookConfiguration",
  "apiextensions.k8s.io/CustomResourceDefinition",
  "flowcontrol.apiserver.k8s.io/FlowSchema",
  "flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration",
]);

/** Kinds whose status a plain write cannot set. */
const statusKinds = new Set([
  "/Pod",
  "/Service",
  "/PersistentVolumeClaim",
  "/PersistentVolume",
  "/ResourceQuota",
  "/ReplicationController",
  "/Namespace",
  "apps/Deployment",
  "apps/ReplicaSet",
  "apps/StatefulSet",
  "apps/DaemonSet",
  "batch/Job",
  "batch/CronJob",
  "autoscaling/HorizontalPodAutoscaler",
  "policy/PodDisruptionBudget",
  "networking.k8s.io/Ingress",
  "admissionregistration.k8s.io/ValidatingAdmissionPolicy",
  "apiextensions.k8s.io/CustomResourceDefinition",
]);

/** What a kind's strategy does to a new object: fresh status, first generation, values that only the server sets (pkg/registry, v1.35). */
export const prepareForCreate = (key: string, given: JsonObject, now: string): JsonObject => {
  let object = withoutGated(key, given);
  if (statusKinds.has(key)) object = withField(object, ["status"], {});
  if (withGeneration.has(key)) object = withField(object, ["metadata", "generation"], 1);
  switch (key) {
    case "/Pod":
      return preparePod(object, now);
    case "/PersistentVolumeClaim":
      return withField(object, ["status"], { phase: "Pending" });
    case "/PersistentVolume":
      return withField(object, ["status"], { phase: "Pending", lastPhaseTransitionTime: now });
    case "/Namespace": {
      const finalizers = listAt(object, "spec", "finalizers");
      const kept = finalizers.includes("kubernetes") ? finalizers : [...finalizers, "kubernetes"];
      return withField(withField(object, ["spec", "finalizers"], kept), ["status"], { phase: "Active" });
    }
    case "/Service":
      return withField(object, ["status"], { loadBalancer: {} });
    case "networking.k8s.io/Ingress":
      return withField(object, ["status"], { loadBalancer: {} });
    case "apiextensions.k8s.io/CustomResourceDefinition": {
      const stored = objectsAt(object, "spec", "versions")
        .filter((version) => version["storage"] === true)
        .map((version) => version["name"] ?? "");
      return withField(object, ["status"], { storedVersions: stored });
    }
    case "apps/DaemonSet":
      return withField(object, ["metadata", "annotations", "deprecated.daemonset.template.generation"], "1");
    case "batch/Job":
      return prepareJob(object);
    default:
      return object;
  }
};

/** Fields behind a feature gate that is off by default are dropped: MaxUnavailableStatefulSet (pkg/features/kube_features.go, v1.35). */
const withoutGated = (key: string, object: JsonObject): JsonObject =>
  key === "apps/StatefulSet" &&
  objectAt(object, "spec", "updateStrategy", "rollingUpdate")["maxUnavailable"] !== undefined
    ? withField(object, ["spec", "updateStrategy", "rollingUpdate", "maxUnavailable"], undefined)
    : object;

const preparePod = (given: JsonObject, now: string): JsonObject => {
  // A negative grace period was once a way to say "at once".
  const grace = objectAt(given, "spec")["terminationGracePeriodSeconds"];
  const pod =
    typeof grace === "number" && grace < 0 ? withField(given, ["spec", "terminationGracePeriodSeconds"], 1) : given;
  const gated = listAt(pod, "spec", "schedulingGates").length > 0;
  const condition = {
    type: "PodScheduled",
    status: "False",
    reason: "SchedulingGated",
    message: "Scheduling is blocked due to non-empty scheduling gates",
    lastTransitionTime: now,
  };
  return withField(pod, ["status"], {
    phase: "Pending",
    qosClass: podQosClass(objectAt(pod, "spec")),
    ...(gated ? { conditions: [condition] } : {}),
  });
};

/** A Job's pods are found by the job's uid, unless the user chose a selector (pkg/registry/batch/job/strategy.go). */
const prepareJob = (job: JsonObject): JsonObject => {
  if (objectAt(job, "spec")["manualSelector"] === true) return job;
  const uid = textAt(job, "metadata", "uid");
  const name = textAt(job, "metadata", "name");
  const labels = {
    ...objectAt(job, "spec", "template", "metadata", "labels"),
    "batch.kubernetes.io/controller-uid": uid,
    "batch.kubernetes.io/job-name": name,
    "controller-uid": uid,
    "job-name": name,
  };
  const selector = objectAt(job, "spec", "selector");
  const withLabels = withField(job, ["spec", "template", "metadata", "labels"], labels);
  const selected = withField(withLabels, ["spec", "selector"], {
    ...selector,
    matchLabels: { ...objectAt(selector, "matchLabels"), "batch.kubernetes.io/controller-uid": uid },
  });
  return Object.keys(objectAt(job, "metadata", "labels")).length === 0
    ? withField(selected, ["metadata", "labels"], labels)
    : selected;
};

/** What a kind's strategy does to a changed object: status and identity stay, the generation grows when the spec changed. */
export const prepareForUpdate = (key: string, given: JsonObject, previous: JsonObject): JsonObject => {
  let object = withoutGated(key, given);
  for (const field of ["uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds"]) {
    object = withField(object, ["metadata", field], objectAt(previous, "metadata")[field]);
  }
  if (statusKinds.has(key)) object = withField(object, ["status"], previous["status"]);
  if (key === "apps/DaemonSet") object = keepTemplateGeneration(object, previous);
  if (key === "/Service") object = withoutTypesFields(followAddress(object, previous), previous);
  if (!withGeneration.has(key) || !isChanged(key, object, previous)) return object;
  return withField(object, ["metadata", "generation"], Number(objectAt(previous, "metadata")["generation"] ?? 0) + 1);
};

/** The list of a Service's addresses follows the single one (normalizeClusterIPs). */
const followAddress = (service: JsonObject, previous: JsonObject): JsonObject => {
  const [spec, before] = [objectAt(service, "spec"), objectAt(previous, "spec")];
  const [now, then] = [textAt(spec, "clusterIP"), textAt(before, "clusterIP")];
  const ips = spec["clusterIPs"] ?? [];
  const isSame = sameJson(ips, before["clusterIPs"] ?? []);
  if (now === then)
    return sameJson(ips, []) ? withField(service, ["spec", "clusterIPs"], before["clusterIPs"]) : service;
  if (!isSame) return service;
  return withField(service, ["spec", "clusterIPs"], now === "" ? undefined : [now]);
};

type Asks = (spec: JsonObject) => boolean;

const isBalanced: Asks = ({ type }) => type === "LoadBalancer";
const hasClusterIp: Asks = ({ type }) => type !== "ExternalName";
const hasNodePorts: Asks = ({ type, allocateLoadBalancerNodePorts: allocates }) =>
  type === "NodePort" || (type === "LoadBalancer" && allocates !== false);
const isExternal: Asks = (spec) =>
  spec["type"] === "NodePort" ||
  isBalanced(spec) ||
  (spec["type"] === "ClusterIP" && listAt(spec, "externalIPs").length > 0);
const hasHealthPort: Asks = (spec) => isBalanced(spec) && spec["externalTrafficPolicy"] === "Local";

/** Which types a field belongs to: it goes with the type unless the user changed it too (dropTypeDependentFields). */
const fieldsOfTypes: readonly (readonly [field: string, asks: Asks])[] = [
  ["healthCheckNodePort", hasHealthPort],
  ["allocateLoadBalancerNodePorts", isBalanced],
  ["loadBalancerClass", isBalanced],
  ["externalTrafficPolicy", isExternal],
];

const withoutTypesFields = (service: JsonObject, previous: JsonObject): JsonObject => {
  const [spec, before] = [objectAt(service, "spec"), objectAt(previous, "spec")];
  const leaves = (asks: Asks): boolean => asks(before) && !asks(spec);
  const isKept = (field: string): boolean => sameJson(spec[field] ?? null, before[field] ?? null);
  let next = service;
  const drop = (field: string): void => {
    next = withField(next, ["spec", field], undefined);
  };
  if (leaves(hasClusterIp)) {
    if (isKept("clusterIP") && isKept("clusterIPs")) for (const field of ["clusterIP", "clusterIPs"]) drop(field);
    for (const field of ["ipFamilies", "ipFamilyPolicy"]) if (isKept(field)) drop(field);
  }
  const nodePorts = (of: JsonObject): Json => objectsAt(of, "ports").map((port) => port["nodePort"] ?? 0);
  if (leaves(hasNodePorts) && sameJson(nodePorts(spec), nodePorts(before))) {
    const ports = objectsAt(spec, "ports").map((port) => withField(port, ["nodePort"], undefined));
    next = withField(next, ["spec", "ports"], ports);
  }
  for (const [field, asks] of fieldsOfTypes) if (leaves(asks) && isKept(field)) drop(field);
  return isBalanced(spec) ? next : withField(next, ["status", "loadBalancer"], {});
};

const isChanged = (key: string, object: JsonObject, previous: JsonObject): boolean => {
  if (key === "discovery.k8s.io/EndpointSlice") {
    const content = (slice: JsonObject): JsonObject => ({
      endpoints: slice["endpoints"] ?? [],
      ports: slice["ports"] ?? [],
      addressType: slice["addressType"] ?? null,
      labels: objectAt(slice, "metadata", "labels"),
    });
    return !sameJson(content(object), content(previous));
  }
  if (key === "apps/Deployment" && !sameJson(ownAnnotations(object), ownAnnotations(previous))) return true;
  if (object["spec"] === undefined && previous["spec"] === undefined) {
    const { metadata: _, ...rest } = object;
    const { metadata: __, ...before } = previous;
    return !sameJson(rest, before);
  }
  return !sameJson(object["spec"], previous["spec"]);
};

/** A Deployment's annotations but for the revision, which its controller writes with the status. */
const ownAnnotations = (object: JsonObject): JsonObject => {
  const { "deployment.kubernetes.io/revision": _, ...own } = objectAt(object, "metadata", "annotations");
  return own;
};

const annotation = "deprecated.daemonset.template.generation";
const keepTemplateGeneration = (object: JsonObject, previous: JsonObject): JsonObject => {
  const before = Number(textAt(previous, "metadata", "annotations", annotation) || "1");
  const changed = !sameJson(objectAt(object, "spec")["template"], objectAt(previous, "spec")["template"]);
  return withField(object, ["metadata", "annotations", annotation], String(changed ? before + 1 : before));
};

/** The seconds that a pod gets to end; 0 where nothing runs that could end. Other kinds end at once. */
export const gracePeriodOf = (pod: JsonObject, asked: number | undefined): number => {
  if (textAt(pod, "spec", "nodeName") === "") return 0;
  if (["Succeeded", "Failed"].includes(textAt(pod, "status", "phase"))) return 0;
  const own = objectAt(pod, "spec")["terminationGracePeriodSeconds"];
  return asked ?? (typeof own === "number" ? own : 30);
};

/** The conditions with one put in the place of its type, or at the end. */
export const withCondition = (conditions: readonly Json[], condition: JsonObject): readonly Json[] => {
  const place = conditions.findIndex((known) => textAt(known, "type") === condition["type"]);
  return place === -1 ? [...conditions, condition] : conditions.with(place, condition);
};
