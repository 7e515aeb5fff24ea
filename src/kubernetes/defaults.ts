import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { convertAutoscalingV1 } from "./convert-autoscaling.ts";
import {
  defaultLimitRange,
  defaultNetworkPolicy,
  defaultPersistentVolume,
  defaultPersistentVolumeClaim,
  defaultService,
  defaultTopLevel,
} from "./defaults-others.ts";
import { defaultPod } from "./defaults-pod.ts";
import {
  defaultCronJob,
  defaultDaemonSet,
  defaultDeployment,
  defaultHorizontalPodAutoscaler,
  defaultJob,
  defaultReplicaSet,
  defaultReplicationController,
  defaultStatefulSet,
} from "./defaults-workloads.ts";
import { groupOf } from "./kinds.ts";
import type { KubeObject } from "./object.ts";

const ofSpec: Readonly<Record<string, (spec: Record<string, Json>, object: JsonObject) => void>> = {
  "apps/Deployment": defaultDeployment,
  "apps/DaemonSet": defaultDaemonSet,
  "apps/StatefulSet": defaultStatefulSet,
  "apps/ReplicaSet": defaultReplicaSet,
  "/ReplicationController": defaultReplicationController,
  "batch/Job": defaultJob,
  "batch/CronJob": defaultCronJob,
  "autoscaling/HorizontalPodAutoscaler": defaultHorizontalPodAutoscaler,
  "/Service": defaultService,
  "/PersistentVolumeClaim": defaultPersistentVolumeClaim,
  "/PersistentVolume": defaultPersistentVolume,
  "/LimitRange": defaultLimitRange,
  "networking.k8s.io/NetworkPolicy": defaultNetworkPolicy,
};

const withTopLevel = new Set([
  "storage.k8s.io/StorageClass",
  "scheduling.k8s.io/PriorityClass",
  "/Secret",
  "/Namespace",
  "rbac.authorization.k8s.io/RoleBinding",
  "rbac.authorization.k8s.io/ClusterRoleBinding",
  "discovery.k8s.io/EndpointSlice",
  "apiextensions.k8s.io/CustomResourceDefinition",
  "admissionregistration.k8s.io/ValidatingAdmissionPolicy",
  "admissionregistration.k8s.io/ValidatingWebhookConfiguration",
  "admissionregistration.k8s.io/MutatingWebhookConfiguration",
  "storage.k8s.io/CSIDriver",
  "networking.k8s.io/IngressClass",
  "/Node",
]);

/**
 * Fills in what the API server fills in when it decodes an object (the SetDefaults functions of Kubernetes 1.35), with
 * autoscaling/v1 turned into v2. Not the work of admission (service account, priority, tolerations) and of the strategies (cluster IPs).
 * Kinds without defaults come back as they are.
 */
export const applyDefaults = <T extends KubeObject>(object: T): T => {
  const kept = defaulted.get(object);
  if (kept !== undefined) return kept as T;
  const result = withDefaults(object);
  defaulted.set(object, result);
  defaulted.set(result, result);
  return result;
};

/** Objects never change, so each is defaulted once, and its template stays the same object. */
const defaulted = new WeakMap<KubeObject, KubeObject>();

const withDefaults = <T extends KubeObject>(object: T): T => {
  const given = object as unknown as JsonObject;
  const converted = object.apiVersion === "autoscaling/v1" ? convertAutoscalingV1(given) : given;
  const key = `${groupOf(object.apiVersion)}/${object.kind}`;
  if (key === "/Pod") return defaultPod(converted) as unknown as T;
  const defaultSpec = ofSpec[key];
  if (defaultSpec === undefined && !withTopLevel.has(key)) return converted as unknown as T;
  const result: Record<string, Json> = { ...converted };
  if (defaultSpec !== undefined) {
    const spec = { ...(isJsonObject(converted["spec"] ?? null) ? (converted["spec"] as JsonObject) : {}) };
    defaultSpec(spec, converted);
    result["spec"] = spec;
  } else defaultTopLevel(object.kind, result);
  if (key === "batch/Job") labelFromTemplate(result);
  return result as unknown as T;
};

/** A Job without labels of its own takes those of its template. */
const labelFromTemplate = (job: Record<string, Json>): void => {
  const metadata = job["metadata"] as JsonObject;
  if (Object.keys((metadata["labels"] as JsonObject | undefined) ?? {}).length > 0) return;
  const template = (job["spec"] as JsonObject)["template"] as JsonObject;
  const labels = (template["metadata"] as JsonObject | undefined)?.["labels"];
  if (isJsonObject(labels ?? null) && Object.keys(labels as JsonObject).length > 0) {
    job["metadata"] = { ...metadata, labels: labels as JsonObject };
  }
};
