/**
 * Labels that Karpenter and its Azure provider know by name (kubernetes-sigs/karpenter v1.14.0 `pkg/apis/v1/labels.go`;
 * Azure/karpenter-provider-azure v1.14.2 `pkg/apis/v1beta1/labels.go`).
 */
export const hostnameLabel = "kubernetes.io/hostname";
export const zoneLabel = "topology.kubernetes.io/zone";
export const regionLabel = "topology.kubernetes.io/region";
export const instanceTypeLabel = "node.kubernetes.io/instance-type";
export const archLabel = "kubernetes.io/arch";
export const osLabel = "kubernetes.io/os";
export const nodePoolLabel = "karpenter.sh/nodepool";
export const capacityTypeLabel = "karpenter.sh/capacity-type";
export const placementScopeLabel = "karpenter.azure.com/placement-scope";
export const nodeClassLabel = "karpenter.azure.com/aksnodeclass";

/** Zone of a machine that is placed in the region and in no zone. */
export const regionalZone = "0";

const sku = (name: string): string => `karpenter.azure.com/sku-${name}`;

export const skuLabels = {
  name: sku("name"),
  family: sku("family"),
  series: sku("series"),
  version: sku("version"),
  cpu: sku("cpu"),
  memory: sku("memory"),
  gpuName: sku("gpu-name"),
  gpuManufacturer: sku("gpu-manufacturer"),
  gpuCount: sku("gpu-count"),
  acceleratedNetworking: sku("networking-accelerated"),
  premiumStorage: sku("storage-premium-capable"),
  ephemeralOsDisk: sku("storage-ephemeralos-maxsize"),
  ultraDisk: sku("storage-ultra-ssd"),
} as const;

/** Of AKS's own domain. */
export const aksLabels = {
  cpu: "kubernetes.azure.com/sku-cpu",
  memory: "kubernetes.azure.com/sku-memory",
  cluster: "kubernetes.azure.com/cluster",
  mode: "kubernetes.azure.com/mode",
  scaleSetPriority: "kubernetes.azure.com/scalesetpriority",
  priority: "kubernetes.azure.com/priority",
  osSku: "kubernetes.azure.com/os-sku",
  fips: "kubernetes.azure.com/fips_enabled",
} as const;

/** Labels whose values instance types bring along: a NodePool need not name them for a pod to ask for them. */
export const wellKnownLabels: ReadonlySet<string> = new Set([
  nodePoolLabel,
  zoneLabel,
  regionLabel,
  instanceTypeLabel,
  archLabel,
  osLabel,
  capacityTypeLabel,
  "node.kubernetes.io/windows-build",
  placementScopeLabel,
  ...Object.values(skuLabels),
  ...Object.values(aksLabels),
]);

/** Older names, and the disk driver's own zone label, by the name that stands for them. */
const aliases: Readonly<Record<string, string>> = {
  "failure-domain.beta.kubernetes.io/zone": zoneLabel,
  "failure-domain.beta.kubernetes.io/region": regionLabel,
  "beta.kubernetes.io/arch": archLabel,
  "beta.kubernetes.io/os": osLabel,
  "beta.kubernetes.io/instance-type": instanceTypeLabel,
  "topology.disk.csi.azure.com/zone": zoneLabel,
};

export const normalLabel = (key: string): string => aliases[key] ?? key;

/** The disk driver writes an empty zone for machines without one, the cloud provider writes "0". */
export const normalValue = (key: string, value: string): string =>
  key === zoneLabel && value === "" ? regionalZone : value;
