import { atLeastVersion } from "./kubernetes-version.ts";
import type { NetworkMode } from "./network-mode.ts";
import { regionName } from "./regions.ts";
import type { VmSize } from "./vm-sizes.ts";

/** What the labels of a node tell. */
export interface NodeLabelFacts {
  readonly pool: string;
  readonly nodeName: string;
  readonly nodeResourceGroup: string;
  readonly mode: string;
  readonly location: string;
  /** `undefined` for a node outside the zones. */
  readonly zone: string | undefined;
  readonly size: VmSize;
  /** The size as the configuration spells it. */
  readonly vmSize: string;
  readonly windows: boolean;
  readonly osSku: string;
  readonly osDisk: "Managed" | "Ephemeral";
  readonly spot: boolean;
  readonly network: NetworkMode;
  readonly cilium: boolean;
  readonly subnetName: string | undefined;
  readonly kubernetesVersion: string;
  readonly userLabels: Readonly<Record<string, string>>;
}

/**
 * Labels of a scale-set node ("Use labels in an AKS cluster"; karpenter-provider-azure `labels.go`; observed on 1.32.7). A node outside
 * the zones has zone "0" and an empty disk topology; the memory label is in MiB, as observed, against the documentation's GB.
 */
export const nodeLabels = (facts: NodeLabelFacts): Readonly<Record<string, string>> => {
  const region = regionName(facts.location);
  const zone = facts.zone === undefined ? "0" : `${region}-${facts.zone}`;
  const architecture = facts.size.architecture ?? "amd64";
  const os = facts.windows ? "windows" : "linux";
  const profile = facts.osDisk.toLowerCase();
  const labels: Record<string, string> = {
    agentpool: facts.pool,
    "beta.kubernetes.io/arch": architecture,
    "beta.kubernetes.io/instance-type": facts.vmSize,
    "beta.kubernetes.io/os": os,
    "failure-domain.beta.kubernetes.io/region": region,
    "failure-domain.beta.kubernetes.io/zone": zone,
    "kubernetes.azure.com/agentpool": facts.pool,
    "kubernetes.azure.com/cluster": facts.nodeResourceGroup.slice(0, 63),
    "kubernetes.azure.com/kubelet-serving-ca": "cluster",
    "kubernetes.azure.com/mode": facts.mode.toLowerCase(),
    "kubernetes.azure.com/nodepool-type": "VirtualMachineScaleSets",
    "kubernetes.azure.com/os-sku": facts.osSku,
    "kubernetes.azure.com/os-sku-requested": facts.osSku,
    "kubernetes.azure.com/priority": facts.spot ? "spot" : "regular",
    "kubernetes.azure.com/role": "agent",
    "kubernetes.azure.com/sku-cpu": String(facts.size.vcpus),
    "kubernetes.azure.com/storageprofile": profile,
    "kubernetes.io/arch": architecture,
    "kubernetes.io/hostname": facts.nodeName,
    "kubernetes.io/os": os,
    "node.kubernetes.io/instance-type": facts.vmSize,
    storageprofile: profile,
    "topology.disk.csi.azure.com/zone": facts.zone === undefined ? "" : zone,
    "topology.kubernetes.io/region": region,
    "topology.kubernetes.io/zone": zone,
  };
  if (facts.size.memoryGib !== undefined)
    labels["kubernetes.azure.com/sku-memory"] = String(facts.size.memoryGib * 1024);
  if (facts.osDisk === "Managed") {
    const tier = facts.size.premiumIo === false ? "Standard_LRS" : "Premium_LRS";
    labels["kubernetes.azure.com/storagetier"] = tier;
    labels["storagetier"] = tier;
  }
  if (facts.spot) labels["kubernetes.azure.com/scalesetpriority"] = "spot";
  if ((facts.size.gpus ?? 0) > 0 && isNvidia(facts.size.name)) {
    labels["kubernetes.azure.com/accelerator"] = "nvidia";
    labels["accelerator"] = "nvidia";
  }
  if (facts.cilium) labels["kubernetes.azure.com/ebpf-dataplane"] = "cilium";
  if (facts.network === "overlay") {
    labels["kubernetes.azure.com/azure-cni-overlay"] = "true";
    labels["kubernetes.azure.com/podnetwork-type"] = "overlay";
    labels["kubernetes.azure.com/network-stateless-cni"] = String(atLeastVersion(facts.kubernetesVersion, "1.34"));
  }
  if (facts.subnetName !== undefined && facts.network !== "kubenet" && facts.network !== "none")
    labels["kubernetes.azure.com/network-subnet"] = facts.subnetName.slice(0, 63);
  return { ...labels, ...facts.userLabels };
};

/** Sizes with a card of AMD: NVv4 and NGads_V620, and those that name V710 or MI300X ("GPU accelerated VM sizes"); all others have NVIDIA's, but for the FPGAs of NP. */
export const isNvidia = (name: string): boolean =>
  !/^standard_(nv\d+as_v4|n[gp]\d+\w*)$|_(v620|v710|mi\d+x?)(_|$)/i.test(name);

/** Taints that AKS sets itself: those of spot pools, and of pools for critical add-ons only ("Use node taints in an AKS cluster"). */
export const spotTaint = "kubernetes.azure.com/scalesetpriority=spot:NoSchedule";
export const criticalAddonsTaint = "CriticalAddonsOnly=true:NoSchedule";
