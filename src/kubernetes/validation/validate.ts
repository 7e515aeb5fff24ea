import type { JsonObject } from "../../model/json.ts";
import { objectAt, textAt } from "../fields.ts";
import { groupOf } from "../kinds.ts";
import { validateAutoscaler } from "./autoscaler.ts";
import {
  validateDriver,
  validateEndpointSlice,
  validateLease,
  validateNode,
  validateRuntimeClass,
  validateWebhooks,
} from "./cluster-kinds.ts";
import { validateCronJob } from "./cron-job.ts";
import type { Problems } from "./field-problem.ts";
import { validateJob } from "./job.ts";
import { validateMetadata } from "./metadata.ts";
import { validateIngress, validateIngressClass, validateNetworkPolicy } from "./network.ts";
import {
  validateBinding,
  validateClusterRole,
  validateConfigMap,
  validatePriorityClass,
  validateRole,
  validateSecret,
  validateStorageClass,
} from "./others.ts";
import { validateVolume } from "./persistent-volume.ts";
import { validateLimitRange, validateQuota } from "./quotas.ts";
import { validateService } from "./service.ts";
import { selectorLast, validateUpdate } from "./updates.ts";
import { validateClaimSpec } from "./volumes.ts";
import {
  validateDaemonSet,
  validateDeployment,
  validateDisruptionBudget,
  validatePod,
  validateReplicaSet,
  validateStatefulSet,
} from "./workloads.ts";

type Rule = (spec: JsonObject, object: JsonObject) => Problems;

const rules: Readonly<Record<string, Rule>> = {
  "/Pod": validatePod,
  "/Service": validateService,
  "/Node": validateNode,
  "coordination.k8s.io/Lease": validateLease,
  "node.k8s.io/RuntimeClass": (_, object) => validateRuntimeClass(object),
  "storage.k8s.io/CSIDriver": validateDriver,
  "admissionregistration.k8s.io/ValidatingWebhookConfiguration": (_, object) => validateWebhooks(object),
  "admissionregistration.k8s.io/MutatingWebhookConfiguration": (_, object) => validateWebhooks(object),
  "discovery.k8s.io/EndpointSlice": (_, object) => validateEndpointSlice(object),
  "/ConfigMap": (_, object) => validateConfigMap(object),
  "/Secret": (_, object) => validateSecret(object),
  "/PersistentVolume": validateVolume,
  "/PersistentVolumeClaim": (spec) => validateClaimSpec(spec, "spec"),
  "/ResourceQuota": validateQuota,
  "/LimitRange": validateLimitRange,
  "apps/Deployment": validateDeployment,
  "apps/ReplicaSet": validateReplicaSet,
  "apps/DaemonSet": validateDaemonSet,
  "apps/StatefulSet": validateStatefulSet,
  "batch/Job": validateJob,
  "batch/CronJob": validateCronJob,
  "autoscaling/HorizontalPodAutoscaler": validateAutoscaler,
  "policy/PodDisruptionBudget": validateDisruptionBudget,
  "networking.k8s.io/Ingress": validateIngress,
  "networking.k8s.io/IngressClass": validateIngressClass,
  "networking.k8s.io/NetworkPolicy": validateNetworkPolicy,
  "storage.k8s.io/StorageClass": (_, object) => validateStorageClass(object),
  "scheduling.k8s.io/PriorityClass": (_, object) => validatePriorityClass(object),
  "rbac.authorization.k8s.io/Role": (_, object) => validateRole(object, true),
  "rbac.authorization.k8s.io/ClusterRole": (_, object) => validateClusterRole(object),
  "rbac.authorization.k8s.io/RoleBinding": (_, object) => validateBinding(object, true),
  "rbac.authorization.k8s.io/ClusterRoleBinding": (_, object) => validateBinding(object, false),
};

/**
 * What the API server finds wrong with an object of its own kinds, defaulted and prepared by its strategy, in the order in which it
 * says so. With `previous`, also what may not be changed. Kinds without rules have their metadata checked.
 */
export const validateObject = (object: JsonObject, previous?: JsonObject): Problems => {
  const key = `${groupOf(textAt(object, "apiVersion"))}/${textAt(object, "kind")}`;
  const rule = rules[key];
  const changes = previous === undefined ? [] : validateUpdate(key, object, previous);
  const content = rule === undefined ? [] : rule(objectAt(object, "spec"), object);
  return [
    ...validateMetadata(key, object),
    ...(selectorLast.has(key) ? [...content, ...changes] : [...changes, ...content]),
  ];
};
