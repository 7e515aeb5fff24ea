import { isJsonObject, type JsonObject } from "../model/json.ts";

/** What a resource type of the kubernetes provider makes. */
export interface KubernetesKind {
  readonly kind: string;
  readonly apiVersion: string;
  /** Where the provider chooses the version by what is set. */
  readonly apiVersionOf?: (fields: JsonObject) => string;
  /** Arguments of the resource itself that become fields, and their names where they differ. */
  readonly fields: Readonly<Record<string, string>>;
}

/** `undefined` for types that make no object of their own: labels, annotations, taints, patches of data. */
export const kubernetesKind = (type: string): KubernetesKind | undefined => {
  const kind = kinds[type];
  if (kind !== undefined || !type.startsWith("kubernetes_") || !type.endsWith("_v1")) return kind;
  const older = kinds[type.slice(0, -3)];
  return older === undefined
    ? undefined
    : { ...older, apiVersion: older.apiVersion.replace(/v\d+(?:beta|alpha)\d+$/, "v1") };
};

const withSpec = { metadata: "metadata", spec: "spec" } as const;

const kind = (
  apiVersion: string,
  name: string,
  fields: Readonly<Record<string, string>> = withSpec,
): KubernetesKind => ({
  apiVersion,
  kind: name,
  fields,
});

const rbac = "rbac.authorization.k8s.io/v1";
const binding = { metadata: "metadata", role_ref: "roleRef", subject: "subjects" } as const;
const serviceAccount = {
  metadata: "metadata",
  automount_service_account_token: "automountServiceAccountToken",
  image_pull_secret: "imagePullSecrets",
  secret: "secrets",
} as const;
const webhooks = { metadata: "metadata", webhook: "webhooks" } as const;

/**
 * Types without `_v1` go by the API version that provider 2.38 sends them with; with it, by v1. Kinds with betas that are gone from
 * the API server keep them: that they will be refused is what a prediction should say.
 */
const kinds: Readonly<Record<string, KubernetesKind>> = {
  kubernetes_api_service: kind("apiregistration.k8s.io/v1", "APIService"),
  kubernetes_cluster_role: kind(rbac, "ClusterRole", {
    metadata: "metadata",
    rule: "rules",
    aggregation_rule: "aggregationRule",
  }),
  kubernetes_cluster_role_binding: kind(rbac, "ClusterRoleBinding", binding),
  kubernetes_config_map: kind("v1", "ConfigMap", {
    metadata: "metadata",
    data: "data",
    binary_data: "binaryData",
    immutable: "immutable",
  }),
  kubernetes_cron_job: kind("batch/v1beta1", "CronJob"),
  kubernetes_csi_driver: kind("storage.k8s.io/v1", "CSIDriver"),
  kubernetes_daemon_set_v1: kind("apps/v1", "DaemonSet"),
  kubernetes_daemonset: kind("apps/v1", "DaemonSet"),
  kubernetes_default_service_account: kind("v1", "ServiceAccount", serviceAccount),
  kubernetes_deployment: kind("apps/v1", "Deployment"),
  kubernetes_endpoint_slice_v1: kind("discovery.k8s.io/v1", "EndpointSlice", {
    metadata: "metadata",
    address_type: "addressType",
    endpoint: "endpoints",
    port: "ports",
  }),
  kubernetes_endpoints: kind("v1", "Endpoints", { metadata: "metadata", subset: "subsets" }),
  kubernetes_horizontal_pod_autoscaler: {
    ...kind("autoscaling/v1", "HorizontalPodAutoscaler"),
    apiVersionOf: ({ spec }) =>
      isJsonObject(spec) && (spec["metrics"] !== undefined || spec["behavior"] !== undefined)
        ? "autoscaling/v2"
        : "autoscaling/v1",
  },
  kubernetes_horizontal_pod_autoscaler_v1: kind("autoscaling/v1", "HorizontalPodAutoscaler"),
  kubernetes_horizontal_pod_autoscaler_v2: kind("autoscaling/v2", "HorizontalPodAutoscaler"),
  kubernetes_horizontal_pod_autoscaler_v2beta2: kind("autoscaling/v2beta2", "HorizontalPodAutoscaler"),
  kubernetes_ingress: kind("extensions/v1beta1", "Ingress"),
  kubernetes_ingress_class: kind("networking.k8s.io/v1", "IngressClass"),
  kubernetes_ingress_v1: kind("networking.k8s.io/v1", "Ingress"),
  kubernetes_job: kind("batch/v1", "Job"),
  kubernetes_limit_range: kind("v1", "LimitRange"),
  kubernetes_mutating_webhook_configuration: kind(
    "admissionregistration.k8s.io/v1",
    "MutatingWebhookConfiguration",
    webhooks,
  ),
  kubernetes_namespace: kind("v1", "Namespace", { metadata: "metadata" }),
  kubernetes_network_policy: kind("networking.k8s.io/v1", "NetworkPolicy"),
  kubernetes_persistent_volume: kind("v1", "PersistentVolume"),
  kubernetes_persistent_volume_claim: kind("v1", "PersistentVolumeClaim"),
  kubernetes_pod: kind("v1", "Pod"),
  kubernetes_pod_disruption_budget: kind("policy/v1beta1", "PodDisruptionBudget"),
  kubernetes_priority_class: kind("scheduling.k8s.io/v1", "PriorityClass", {
    metadata: "metadata",
    value: "value",
    global_default: "globalDefault",
    description: "description",
    preemption_policy: "preemptionPolicy",
  }),
  kubernetes_replication_controller: kind("v1", "ReplicationController"),
  kubernetes_resource_quota: kind("v1", "ResourceQuota"),
  kubernetes_role: kind(rbac, "Role", { metadata: "metadata", rule: "rules" }),
  kubernetes_role_binding: kind(rbac, "RoleBinding", binding),
  kubernetes_runtime_class_v1: kind("node.k8s.io/v1", "RuntimeClass", { metadata: "metadata", handler: "handler" }),
  kubernetes_secret: kind("v1", "Secret", {
    metadata: "metadata",
    type: "type",
    data: "data",
    binary_data: "binaryData",
    immutable: "immutable",
  }),
  kubernetes_service: kind("v1", "Service"),
  kubernetes_service_account: kind("v1", "ServiceAccount", serviceAccount),
  kubernetes_stateful_set: kind("apps/v1", "StatefulSet"),
  kubernetes_storage_class: kind("storage.k8s.io/v1", "StorageClass", {
    metadata: "metadata",
    storage_provisioner: "provisioner",
    parameters: "parameters",
    reclaim_policy: "reclaimPolicy",
    mount_options: "mountOptions",
    allow_volume_expansion: "allowVolumeExpansion",
    volume_binding_mode: "volumeBindingMode",
    allowed_topologies: "allowedTopologies",
  }),
  kubernetes_validating_webhook_configuration: kind(
    "admissionregistration.k8s.io/v1",
    "ValidatingWebhookConfiguration",
    webhooks,
  ),
};
