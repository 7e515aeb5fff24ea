import { hasDefaultNodePools } from "../../azure/node-provisioning.ts";
import type { AksCluster } from "../../azure/platform.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import { known } from "../../model/unknown.ts";

const requirements = [
  { key: "kubernetes.io/arch", operator: "In", values: ["amd64"] },
  { key: "kubernetes.io/os", operator: "In", values: ["linux"] },
  { key: "karpenter.sh/capacity-type", operator: "In", values: ["on-demand"] },
  { key: "karpenter.azure.com/sku-family", operator: "In", values: ["D"] },
] as const;

const nodeClassRef = { group: "karpenter.azure.com", kind: "AKSNodeClass", name: "default" };

const pool = (name: string, template: Readonly<Record<string, unknown>>, more: object): KubeObject =>
  ({
    apiVersion: "karpenter.sh/v1",
    kind: "NodePool",
    metadata: { name },
    spec: {
      disruption: { consolidationPolicy: "WhenEmptyOrUnderutilized" },
      template: { ...template, spec: { nodeClassRef, expireAfter: "Never", requirements, ...more } },
    },
  }) as KubeObject;

/**
 * The NodePools `default` and `system-surge` and the AKSNodeClass `default` that AKS makes ("Configure node pools for node
 * auto-provisioning in AKS"; system-surge as in Azure/karpenter-provider-azure `examples/v1/system-surge.yaml`). With the Cilium data plane
 * the template carries the label that its DaemonSet asks for.
 */
export const defaultNodeProvisioning = (cluster: AksCluster): readonly KubeObject[] => {
  if (!hasDefaultNodePools(cluster)) return [];
  const isCilium = known(cluster.network.dataPlane)?.toLowerCase() === "cilium";
  const cilium = isCilium ? { "kubernetes.azure.com/ebpf-dataplane": "cilium" } : {};
  return [
    pool("default", { metadata: { labels: cilium } }, {}),
    pool(
      "system-surge",
      { metadata: { labels: { ...cilium, "kubernetes.azure.com/mode": "system" } } },
      { taints: [{ key: "CriticalAddonsOnly", value: "true", effect: "NoSchedule" }] },
    ),
    {
      apiVersion: "karpenter.azure.com/v1beta1",
      kind: "AKSNodeClass",
      metadata: { name: "default" },
      spec: { imageFamily: "Ubuntu" },
    } as KubeObject,
  ];
};
