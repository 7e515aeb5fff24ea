const table: Readonly<Record<string, { readonly version: string; readonly use: string }>> = {
  "extensions/v1beta1 Deployment": { version: "1.16", use: "apps/v1" },
  "extensions/v1beta1 DaemonSet": { version: "1.16", use: "apps/v1" },
  "extensions/v1beta1 ReplicaSet": { version: "1.16", use: "apps/v1" },
  "extensions/v1beta1 NetworkPolicy": { version: "1.16", use: "networking.k8s.io/v1" },
  "extensions/v1beta1 Ingress": { version: "1.22", use: "networking.k8s.io/v1" },
  "apps/v1beta1 Deployment": { version: "1.16", use: "apps/v1" },
  "apps/v1beta1 StatefulSet": { version: "1.16", use: "apps/v1" },
  "apps/v1beta2 Deployment": { version: "1.16", use: "apps/v1" },
  "apps/v1beta2 DaemonSet": { version: "1.16", use: "apps/v1" },
  "apps/v1beta2 ReplicaSet": { version: "1.16", use: "apps/v1" },
  "apps/v1beta2 StatefulSet": { version: "1.16", use: "apps/v1" },
  "networking.k8s.io/v1beta1 Ingress": { version: "1.22", use: "networking.k8s.io/v1" },
  "networking.k8s.io/v1beta1 IngressClass": { version: "1.22", use: "networking.k8s.io/v1" },
  "admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration": {
    version: "1.22",
    use: "admissionregistration.k8s.io/v1",
  },
  "admissionregistration.k8s.io/v1beta1 ValidatingWebhookConfiguration": {
    version: "1.22",
    use: "admissionregistration.k8s.io/v1",
  },
  "apiregistration.k8s.io/v1beta1 APIService": { version: "1.22", use: "apiregistration.k8s.io/v1" },
  "certificates.k8s.io/v1beta1 CertificateSigningRequest": { version: "1.22", use: "certificates.k8s.io/v1" },
  "coordination.k8s.io/v1beta1 Lease": { version: "1.22", use: "coordination.k8s.io/v1" },
  "storage.k8s.io/v1beta1 CSIDriver": { version: "1.22", use: "storage.k8s.io/v1" },
  "storage.k8s.io/v1beta1 CSINode": { version: "1.22", use: "storage.k8s.io/v1" },
  "storage.k8s.io/v1beta1 VolumeAttachment": { version: "1.22", use: "storage.k8s.io/v1" },
  "apiextensions.k8s.io/v1beta1 CustomResourceDefinition": { version: "1.22", use: "apiextensions.k8s.io/v1" },
  "rbac.authorization.k8s.io/v1beta1 ClusterRole": { version: "1.22", use: "rbac.authorization.k8s.io/v1" },
  "rbac.authorization.k8s.io/v1beta1 ClusterRoleBinding": { version: "1.22", use: "rbac.authorization.k8s.io/v1" },
  "rbac.authorization.k8s.io/v1beta1 Role": { version: "1.22", use: "rbac.authorization.k8s.io/v1" },
  "rbac.authorization.k8s.io/v1beta1 RoleBinding": { version: "1.22", use: "rbac.authorization.k8s.io/v1" },
  "scheduling.k8s.io/v1beta1 PriorityClass": { version: "1.22", use: "scheduling.k8s.io/v1" },
  "storage.k8s.io/v1beta1 StorageClass": { version: "1.22", use: "storage.k8s.io/v1" },
  "batch/v1beta1 CronJob": { version: "1.25", use: "batch/v1" },
  "discovery.k8s.io/v1beta1 EndpointSlice": { version: "1.25", use: "discovery.k8s.io/v1" },
  "policy/v1beta1 PodDisruptionBudget": { version: "1.25", use: "policy/v1" },
  "policy/v1beta1 PodSecurityPolicy": { version: "1.25", use: "Pod Security Admission" },
  "autoscaling/v2beta1 HorizontalPodAutoscaler": { version: "1.25", use: "autoscaling/v2" },
  "events.k8s.io/v1beta1 Event": { version: "1.25", use: "events.k8s.io/v1" },
  "node.k8s.io/v1beta1 RuntimeClass": { version: "1.25", use: "node.k8s.io/v1" },
  "flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema": { version: "1.26", use: "flowcontrol.apiserver.k8s.io/v1" },
  "flowcontrol.apiserver.k8s.io/v1beta1 PriorityLevelConfiguration": {
    version: "1.26",
    use: "flowcontrol.apiserver.k8s.io/v1",
  },
  "flowcontrol.apiserver.k8s.io/v1beta2 FlowSchema": { version: "1.29", use: "flowcontrol.apiserver.k8s.io/v1" },
  "flowcontrol.apiserver.k8s.io/v1beta2 PriorityLevelConfiguration": {
    version: "1.29",
    use: "flowcontrol.apiserver.k8s.io/v1",
  },
  "flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema": { version: "1.32", use: "flowcontrol.apiserver.k8s.io/v1" },
  "flowcontrol.apiserver.k8s.io/v1beta3 PriorityLevelConfiguration": {
    version: "1.32",
    use: "flowcontrol.apiserver.k8s.io/v1",
  },
  "storage.k8s.io/v1beta1 CSIStorageCapacity": { version: "1.27", use: "storage.k8s.io/v1" },
  "autoscaling/v2beta2 HorizontalPodAutoscaler": { version: "1.26", use: "autoscaling/v2" },
};

const clusterWide: ReadonlySet<string> = new Set([
  "APIService",
  "CSIDriver",
  "CSINode",
  "CertificateSigningRequest",
  "FlowSchema",
  "MutatingWebhookConfiguration",
  "PodSecurityPolicy",
  "PriorityLevelConfiguration",
  "RuntimeClass",
  "ValidatingWebhookConfiguration",
  "VolumeAttachment",
]);

/** True for kinds of a removed version that are in no namespace. */
export const isClusterWide = (kind: string): boolean => clusterWide.has(kind);

/** The release that removed a version of a kind, and what to use instead (Kubernetes deprecation guide, as of 1.35). */
export const removedIn = (
  apiVersion: string,
  kind: string,
): { readonly version: string; readonly use: string } | undefined => table[`${apiVersion} ${kind}`];
