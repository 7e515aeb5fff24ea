import { assumedKubernetesVersion } from "../../azure/kubernetes-version.ts";
import type { AksCluster, NodePool } from "../../azure/platform.ts";
import { type SystemWorkload, systemFacts, systemWorkloads } from "../../azure/system-workloads.ts";
import { type VmSizeOverrides, vmSize } from "../../azure/vm-sizes.ts";
import type { Service } from "../../kubernetes/networking.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import type { PodSpec, PodTemplate } from "../../kubernetes/pod.ts";
import type {
  DaemonSet,
  Deployment,
  HorizontalPodAutoscaler,
  PodDisruptionBudget,
} from "../../kubernetes/workloads.ts";
import { known, knownOr } from "../../model/unknown.ts";

export interface SystemObjectsOptions {
  readonly sizes?: VmSizeOverrides;
  /** Nodes of each pool by name, for what grows with the cluster; the pools' own counts where left out. */
  readonly nodes?: ReadonlyMap<string, number>;
}

/**
 * What AKS and the switched-on add-ons run in the cluster: namespaces, Deployments, DaemonSets, their budgets, and the Service of the
 * application routing add-on. Requests, tolerations and priorities as observed; see the table's own certainty.
 */
export const systemObjects = (cluster: AksCluster, options: SystemObjectsOptions = {}): readonly KubeObject[] => {
  const workloads = workloadsOf(cluster, options);
  const namespaces = [...new Set(workloads.map((workload) => workload.namespace))].filter(
    (name) => name !== "kube-system",
  );
  return [
    ...namespaces.map(namespaceNamed),
    ...workloads.map((workload) => (workload.kind === "DaemonSet" ? daemonSetOf(workload) : deploymentOf(workload))),
    ...workloads.flatMap((workload) => (workload.budget === undefined ? [] : [budgetOf(workload, workload.budget)])),
    ...applicationRouting(cluster),
  ];
};

/** The rows behind the objects, for assumptions and the report. */
export const workloadsOf = (cluster: AksCluster, options: SystemObjectsOptions = {}): readonly SystemWorkload[] => {
  let nodes = 0;
  let cores = 0;
  for (const pool of cluster.pools) {
    const count = options.nodes?.get(knownOr(pool.name, "")) ?? configuredCount(pool);
    nodes += count;
    cores += count * (vmSize(knownOr(pool.vmSize, ""), options.sizes)?.vcpus ?? 0);
  }
  const version = known(cluster.kubernetesVersion) ?? assumedKubernetesVersion;
  return systemWorkloads(systemFacts(cluster, version, nodes, cores));
};

/** Nodes that the pool starts with: node_count, with an autoscaler at least min_count. */
export const configuredCount = (pool: NodePool): number => {
  const count = known(pool.nodeCount);
  if (!knownOr(pool.autoscaling, false)) return count ?? 1;
  const min = knownOr(pool.minCount, 0);
  return Math.max(count ?? min, min);
};

const namespaceNamed = (name: string): KubeObject => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });

const labelsOf = (workload: SystemWorkload): Readonly<Record<string, string>> => ({
  "k8s-app": workload.name === "coredns" ? "kube-dns" : workload.name,
});

const metadataOf = (workload: SystemWorkload): KubeObject["metadata"] => ({
  name: workload.name,
  namespace: workload.namespace,
  labels: { ...labelsOf(workload), "kubernetes.azure.com/managedby": "aks" },
});

const daemonSetOf = (workload: SystemWorkload): DaemonSet => ({
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: metadataOf(workload),
  spec: {
    selector: { matchLabels: labelsOf(workload) },
    template: templateOf(workload, {
      // They land on every node of their system: spot, GPU and critical-add-ons nodes too.
      tolerations: [{ operator: "Exists" }],
      priorityClassName: "system-node-critical",
    }),
  },
});

const deploymentOf = (workload: SystemWorkload): Deployment => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: metadataOf(workload),
  spec: {
    replicas: workload.replicas,
    selector: { matchLabels: labelsOf(workload) },
    template: templateOf(workload, {
      // No other taint is tolerated: a system pool with a custom NoSchedule taint leaves them Pending.
      tolerations: [{ key: "CriticalAddonsOnly", operator: "Exists" }],
      priorityClassName: "system-cluster-critical",
      affinity: systemAffinity(workload),
    }),
  },
});

const templateOf = (workload: SystemWorkload, spec: Partial<PodSpec>): PodTemplate => ({
  metadata: { labels: labelsOf(workload) },
  spec: {
    containers: [
      {
        name: workload.name,
        image: `mcr.microsoft.com/aks/${workload.name}`,
        resources: {
          ...(workload.requests === undefined ? {} : { requests: workload.requests }),
          ...(Object.keys(workload.limits).length === 0 ? {} : { limits: workload.limits }),
        },
      },
    ],
    nodeSelector: { "kubernetes.io/os": workload.os },
    ...(workload.hostNetwork ? { hostNetwork: true } : {}),
    ...spec,
  },
});

/** Prefers system pools and other hosts than its like, shuns virtual nodes and spot ("Use system node pools"; observed). */
const systemAffinity = (workload: SystemWorkload): NonNullable<PodSpec["affinity"]> => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [
        {
          matchExpressions: [
            { key: "type", operator: "NotIn", values: ["virtual-kubelet"] },
            { key: "kubernetes.azure.com/scalesetpriority", operator: "NotIn", values: ["spot"] },
          ],
        },
      ],
    },
    preferredDuringSchedulingIgnoredDuringExecution: [
      {
        weight: 100,
        preference: {
          matchExpressions: [{ key: "kubernetes.azure.com/mode", operator: "In", values: ["system"] }],
        },
      },
    ],
  },
  podAntiAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      {
        weight: 100,
        podAffinityTerm: {
          labelSelector: { matchLabels: labelsOf(workload) },
          topologyKey: "kubernetes.io/hostname",
        },
      },
    ],
  },
});

const budgetOf = (workload: SystemWorkload, name: string): PodDisruptionBudget => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name, namespace: workload.namespace },
  spec: { minAvailable: 1, selector: { matchLabels: labelsOf(workload) } },
});

/** The managed NGINX of the application routing add-on: two pods, an autoscaler to 100, and the Service that gets the address. */
const applicationRouting = (cluster: AksCluster): readonly KubeObject[] => {
  const routing = cluster.addons.webAppRouting;
  if (routing === undefined) return [];
  const controller = knownOr(routing.defaultNginxController, "AnnotationControlled");
  const namespace = "app-routing-system";
  if (controller.toLowerCase() === "none") return [namespaceNamed(namespace)];
  const labels = { app: "nginx" };
  const deployment: Deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "nginx", namespace, labels },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: "controller",
              image: "mcr.microsoft.com/oss/kubernetes/ingress/nginx-ingress-controller",
              resources: { requests: { cpu: "500m", memory: "127Mi" } },
              ports: [
                { name: "http", containerPort: 80 },
                { name: "https", containerPort: 443 },
              ],
            },
          ],
          nodeSelector: { "kubernetes.io/os": "linux" },
          priorityClassName: "system-cluster-critical",
        },
      },
    },
  };
  const service: Service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: "nginx",
      namespace,
      labels,
      ...(controller.toLowerCase() === "internal"
        ? { annotations: { "service.beta.kubernetes.io/azure-load-balancer-internal": "true" } }
        : {}),
    },
    spec: {
      type: "LoadBalancer",
      externalTrafficPolicy: "Local",
      selector: labels,
      ports: [
        { name: "http", port: 80, targetPort: "http", protocol: "TCP" },
        { name: "https", port: 443, targetPort: "https", protocol: "TCP" },
      ],
    },
  };
  const autoscaler: HorizontalPodAutoscaler = {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "nginx", namespace },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "nginx" },
      minReplicas: 2,
      maxReplicas: 100,
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } },
      ],
    },
  };
  return [namespaceNamed(namespace), deployment, service, autoscaler, ingressClass()];
};

const ingressClass = (): KubeObject & { readonly spec: { readonly controller: string } } => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "IngressClass",
  metadata: { name: "webapprouting.kubernetes.azure.com" },
  spec: { controller: "webapprouting.kubernetes.azure.com/nginx" },
});
