import { nodeLabels } from "../../azure/node-labels.ts";
import type { AksCluster, NodePool } from "../../azure/platform.ts";
import type { Node } from "../../kubernetes/node.ts";
import type { ResourceList } from "../../kubernetes/pod.ts";
import type { CSINode } from "../../kubernetes/storage.ts";
import { nodeName } from "./names.ts";
import { type NodeTemplate, type NodeTemplateOptions, nodeTemplate } from "./node-template.ts";

export interface NodesOptions extends NodeTemplateOptions {
  /** Number of the first instance; 0 where left out. */
  readonly firstIndex?: number;
  /** Name of the node subnet, for its label. */
  readonly subnetName?: string;
}

/** `count` nodes of the pool as the kubelets would register them, ready; none where the VM size is not known. */
export const nodesOfPool = (
  cluster: AksCluster,
  pool: NodePool,
  count: number,
  options: NodesOptions = {},
): readonly Node[] => {
  const template = nodeTemplate(cluster, pool, options).value;
  return template === undefined ? [] : nodesFromTemplate(template, count, options);
};

/** Nodes of one template. Scale sets spread instances over the zones evenly; here the `n`th goes to the zone `n` modulo their number. */
export const nodesFromTemplate = (
  template: NodeTemplate,
  count: number,
  options: { readonly firstIndex?: number; readonly subnetName?: string } = {},
): readonly Node[] => {
  const status = statusOf(template);
  const spec = template.taints.length === 0 ? {} : { taints: template.taints };
  const first = options.firstIndex ?? 0;
  return Array.from({ length: count }, (_, offset) => {
    const index = first + offset;
    const zone = zoneOfInstance(template, index);
    const name = nodeName(template.scaleSet, index);
    const labels = nodeLabels({
      ...template,
      nodeName: name,
      zone,
      osDisk: template.osDisk.type,
      subnetName: options.subnetName,
    });
    return {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name, labels, annotations: nodeAnnotations(name) },
      spec: { ...spec, providerID: providerId(template, index) },
      status: { ...status, addresses: [{ type: "Hostname", address: name }] },
    };
  });
};

/** The zone of an instance, or `undefined` outside the zones. */
export const zoneOfInstance = (template: NodeTemplate, index: number): string | undefined =>
  template.zones.length === 0 ? undefined : template.zones[index % template.zones.length];

/** The CSINode of a node: how many Azure disks its driver lets in. Azure Files knows no limit (azuredisk-csi-driver `nodeserver.go`). */
export const csiNodeOf = (node: Node, template: NodeTemplate): CSINode => {
  const drivers = [
    {
      name: "disk.csi.azure.com",
      nodeID: node.metadata.name,
      topologyKeys: ["topology.disk.csi.azure.com/zone", "topology.kubernetes.io/zone"],
      allocatable: { count: template.size.csiAllocatable },
    },
    { name: "file.csi.azure.com", nodeID: node.metadata.name },
  ];
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSINode",
    metadata: {
      name: node.metadata.name,
      ownerReferences: [{ apiVersion: "v1", kind: "Node", name: node.metadata.name, uid: node.metadata.uid ?? "" }],
    },
    spec: { drivers },
  };
};

const statusOf = (template: NodeTemplate): NonNullable<Node["status"]> => {
  const { capacity, allocatable, pods } = template.resources;
  const devices = Object.fromEntries(Object.entries(template.devices ?? {}).map(([name, n]) => [name, String(n)]));
  const common = { "hugepages-1Gi": "0", "hugepages-2Mi": "0", pods: String(pods), ...devices };
  return {
    capacity: {
      cpu: String(capacity.milliCpu / 1000),
      "ephemeral-storage": `${capacity.ephemeralStorage / 1024}Ki`,
      memory: `${capacity.memory / 1024}Ki`,
      ...common,
    } satisfies ResourceList,
    allocatable: {
      cpu: allocatable.milliCpu % 1000 === 0 ? String(allocatable.milliCpu / 1000) : `${allocatable.milliCpu}m`,
      "ephemeral-storage": String(allocatable.ephemeralStorage),
      memory: `${allocatable.memory / 1024}Ki`,
      ...common,
    } satisfies ResourceList,
    conditions: [
      { type: "MemoryPressure", status: "False", reason: "KubeletHasSufficientMemory" },
      { type: "DiskPressure", status: "False", reason: "KubeletHasNoDiskPressure" },
      { type: "PIDPressure", status: "False", reason: "KubeletHasSufficientPID" },
      { type: "Ready", status: "True", reason: "KubeletReady" },
    ],
    nodeInfo: {
      architecture: template.size.architecture ?? "amd64",
      operatingSystem: template.windows ? "windows" : "linux",
      kubeletVersion: kubeletVersion(template.kubernetesVersion),
      osImage: template.osSku,
    },
  };
};

/** `v1.34.2`; an alias such as `1.34` stands for its latest patch, which is not known here. */
const kubeletVersion = (version: string): string => (version.startsWith("v") ? version : `v${version}`);

const nodeAnnotations = (name: string): Readonly<Record<string, string>> => ({
  "csi.volume.kubernetes.io/nodeid": JSON.stringify({ "disk.csi.azure.com": name, "file.csi.azure.com": name }),
});

const providerId = (template: NodeTemplate, index: number): string =>
  `azure:///subscriptions/${template.subscriptionId}/resourceGroups/${template.nodeResourceGroup.toLowerCase()}/providers/Microsoft.Compute/virtualMachineScaleSets/${template.scaleSet}/virtualMachines/${index}`;
