import type { JsonObject } from "../model/json.ts";
import type { ApiServer } from "./api-server.ts";

const namespaces = ["default", "kube-node-lease", "kube-public", "kube-system"];

/** What a new cluster holds before anybody asks: namespaces with service account and certificate, the two priority classes, the API's own Service. */
export const bootstrapCluster = (api: ApiServer): void => {
  for (const name of namespaces) api.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  for (const namespace of namespaces) {
    api.create(defaultServiceAccount(namespace));
    api.create(rootCertificate(namespace));
  }
  for (const [name, value, description] of [
    [
      "system-cluster-critical",
      2000000000,
      "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
    ],
    [
      "system-node-critical",
      2000001000,
      "Used for system critical pods that must not be moved from their current node.",
    ],
  ] as const) {
    api.create({ apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name }, value, description });
  }
  api.create({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "kubernetes", namespace: "default", labels: { component: "apiserver", provider: "kubernetes" } },
    spec: { clusterIP: "10.0.0.1", ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: 6443 }] },
  });
};

/** The service account that each namespace gets. */
export const defaultServiceAccount = (namespace: string): JsonObject => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name: "default", namespace },
});

export const ROOT_CERTIFICATE = "kube-root-ca.crt";

/** The ConfigMap with the cluster's certificate that each namespace gets; the certificate itself is left out. */
export const rootCertificate = (namespace: string): JsonObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: {
    name: ROOT_CERTIFICATE,
    namespace,
    annotations: { "kubernetes.io/description": DESCRIPTION },
  },
  data: { "ca.crt": "" },
});

const DESCRIPTION =
  "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";
