import { expect, test } from "@jest/globals";
import { vmPricesFromRetail } from "../../src/azure/retail-prices.ts";
import type { Json } from "../../src/model/json.ts";
import { type PredictInput, predict } from "../../src/simulate/predict.ts";
import type { NodeProvisioningPrediction, Prediction } from "../../src/simulate/prediction.ts";
import { deployment } from "../support/objects.ts";
import { shop } from "../support/shop.ts";
import { worldOf } from "../support/world.ts";

/** A cluster with node auto-provisioning whose one pool takes AKS's own pods alone. */
const platform = (parts: Parameters<typeof shop>[0] = {}): string =>
  shop({
    cluster: 'node_provisioning_profile {\n    mode = "Auto"\n  }',
    network:
      'network_plugin = "azure"\n    network_plugin_mode = "overlay"\n    network_data_plane = "cilium"\n    network_policy = "cilium"\n    pod_cidr = "10.244.0.0/16"\n    service_cidr = "172.20.0.0/16"\n    dns_service_ip = "172.20.0.10"',
    system:
      'vm_size = "Standard_D4s_v5"\n    node_count = 2\n    zones = ["1", "2"]\n    only_critical_addons_enabled = true',
    ...parts,
  }).replace(/resource "azurerm_kubernetes_cluster_node_pool" "user" \{[^}]*\}/, "");

const predicted = (hcl: string, yaml: string, options: Partial<PredictInput> = {}): Prediction => {
  const world = worldOf({ hcl, yaml });
  const [cluster] = world.platform.clusters;
  if (cluster === undefined) throw new Error("the row has no cluster");
  const objects = world.objects.map(({ object }) => object);
  const load = { default: undefined, workloads: new Map() };
  return predict({ platform: world.platform, cluster, objects, load, ...options }).value;
};

const provisioned = (prediction: Prediction): NodeProvisioningPrediction => {
  if (prediction.nodeProvisioning === undefined) throw new Error("nothing is said of node auto-provisioning");
  return prediction.nodeProvisioning;
};

const rows = (prediction: Prediction): readonly string[] =>
  provisioned(prediction).nodes.map(({ nodePool, nodes, size, basis }) => `${nodePool}: ${nodes} ${size} ${basis}`);

const nodePool = (name: string, spec: string, template = ""): string => `
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: { name: ${name} }
spec:
  ${spec}
  template:
    ${template}
    spec:
      nodeClassRef: { group: karpenter.azure.com, kind: AKSNodeClass, name: default }
      requirements:
        - { key: karpenter.azure.com/sku-name, operator: In, values: [Standard_D4s_v5] }
---`;

const web = deployment("web", { replicas: 6, requests: "{ cpu: 1, memory: 2Gi }" });

test("AKS's own NodePool serves pods that no pool takes, and nothing stays Pending", () => {
  const prediction = predicted(platform(), web);
  expect(prediction.pending).toEqual([]);
  expect(rows(prediction)).toEqual(["default: 1 Standard_D8ads_v7 assumed"]);
  expect(provisioned(prediction).nodePools.map(({ name, isDefault }) => [name, isDefault])).toEqual([
    ["system-surge", true],
    ["default", true],
  ]);
});

test("its nodes are named, hold the pods, and their addresses are counted", () => {
  const before = predicted(platform(), "");
  const after = predicted(platform(), web);
  const used = ({ subnets }: Prediction, name: string): number =>
    subnets.find((each) => each.name === name)?.used ?? -1;
  expect(used(after, "nodes") - used(before, "nodes")).toBe(1);
  expect(used(after, "pod_cidr") - used(before, "pod_cidr")).toBe(256);
  const node = after.nodes.find(({ pool }) => pool === "NodePool/default");
  expect(node?.name).toMatch(/^aks-default-[a-z0-9]{5}$/);
  expect(
    after.placements.filter(({ owner, pool }) => owner.endsWith("web") && pool === "NodePool/default"),
  ).toHaveLength(6);
});

test("with node subnet networking a node takes max_pods addresses more", () => {
  const hcl = platform({
    network: 'network_plugin = "azure"\n    service_cidr = "172.20.0.0/16"\n    dns_service_ip = "172.20.0.10"',
  });
  const used = ({ subnets }: Prediction): number => subnets.find((each) => each.name === "nodes")?.used ?? -1;
  expect(used(predicted(hcl, web)) - used(predicted(hcl, ""))).toBe(31);
});

const item = (armSkuName: string, retailPrice: number): Json => ({
  armSkuName,
  armRegionName: "westeurope",
  retailPrice,
  type: "Consumption",
  unitOfMeasure: "1 Hour",
  skuName: armSkuName,
  meterName: armSkuName,
  productName: "Virtual Machines",
  currencyCode: "USD",
});

test("with a price file the cheapest size that fits is launched", () => {
  const prices = vmPricesFromRetail([
    item("Standard_D2as_v5", 0.1),
    item("Standard_D16as_v5", 0.3),
    item("Standard_D8s_v5", 0.4),
    item("Standard_F8s_v2", 0.2),
  ]);
  const prediction = predicted(platform(), web, { prices });
  expect(rows(prediction)).toEqual(["default: 1 Standard_D16as_v5 price"]);
  expect(provisioned(prediction).nodes[0]).toMatchObject({ pricePerHour: 0.3, currency: "USD", doubts: [] });
  expect(prediction.assumptions.some(({ key }) => key === "nodeProvisioningPrices")).toBe(false);
});

test("a price file without a price of the sizes that fit decides nothing", () => {
  const prediction = predicted(platform(), web, { prices: vmPricesFromRetail([item("Standard_F8s_v2", 0.2)]) });
  expect(provisioned(prediction).nodes[0]?.basis).toBe("assumed");
});

test("a NodePool of the manifests stands for AKS's own of that name, and has its limits", () => {
  const limited = nodePool("default", 'limits: { cpu: "4" }');
  const prediction = predicted(platform(), `${limited}${web}`);
  expect(rows(prediction)).toEqual(["default: 1 Standard_D4s_v5 assumed"]);
  expect(prediction.pending.map(({ provisioning }) => provisioning)).toEqual(
    Array(3).fill([
      'NodePool "system-surge": taint CriticalAddonsOnly=true:NoSchedule is not tolerated',
      'NodePool "default": its limits (cpu 4) leave room for no size that fits',
    ]),
  );
  expect(prediction.pending[0]?.fixableBy).toBe('higher limits of NodePool "default"');
});

test("pods that no NodePool is for stay Pending, each NodePool with its reason", () => {
  const prediction = predicted(platform(), deployment("web", { podSpec: "      nodeSelector: { team: a }" }));
  expect(prediction.pending).toHaveLength(2);
  expect(provisioned(prediction).unserved).toEqual([
    {
      owner: "Deployment/shop/web",
      pods: 2,
      certain: true,
      reasons: [
        { nodePool: "system-surge", cause: "taint", text: "taint CriticalAddonsOnly=true:NoSchedule is not tolerated" },
        { nodePool: "default", cause: "label", text: 'label "team" is not known there' },
      ],
    },
  ]);
});

test("a size that the table lacks may exist: nothing is said of such pods", () => {
  const prediction = predicted(
    platform(),
    deployment("web", { podSpec: '      nodeSelector: { "node.kubernetes.io/instance-type": Standard_D2zs_v9 }' }),
  );
  expect(prediction.pending).toEqual([]);
  expect(provisioned(prediction).unserved.map(({ certain, pods }) => [certain, pods])).toEqual([[false, 2]]);
  expect(prediction.assumptions.find(({ key }) => key === "nodeAutoProvisioning")?.text).toContain(
    "whether it serves 2 pods is not known",
  );
});

test("without NodePools of AKS's own and none given, it is not known what serves the pods", () => {
  const none = platform({
    cluster: 'node_provisioning_profile {\n    mode = "Auto"\n    default_node_pools = "None"\n  }',
  });
  const prediction = predicted(none, web);
  expect(prediction.pending).toEqual([]);
  expect(provisioned(prediction)).toMatchObject({ nodePools: [], nodes: [], unserved: [{ pods: 6, certain: false }] });
});

test("a NodePool whose AKSNodeClass is not there takes no part", () => {
  const none = platform({
    cluster: 'node_provisioning_profile {\n    mode = "Auto"\n    default_node_pools = "None"\n  }',
  });
  const prediction = predicted(none, `${nodePool("mine", "weight: 5")}${web}`);
  expect(provisioned(prediction).nodePools.map(({ name, unusable }) => [name, unusable])).toEqual([
    ["mine", 'AKSNodeClass "default" is not there'],
  ]);
});

test("a class of its own says how many pods a node holds and in which subnet it is", () => {
  const nodeClass = `
apiVersion: karpenter.azure.com/v1beta1
kind: AKSNodeClass
metadata: { name: default }
spec:
  maxPods: 10
  vnetSubnetID: /subscriptions/s/resourceGroups/rg-shop/providers/Microsoft.Network/virtualNetworks/vnet/subnets/burst
---`;
  const hcl = platform({
    more: `resource "azurerm_subnet" "burst" {
  name                 = "burst"
  resource_group_name  = azurerm_resource_group.rg.name
  virtual_network_name = azurerm_virtual_network.main.name
  address_prefixes     = ["10.1.8.0/24"]
}`,
  });
  const prediction = predicted(hcl, `${nodeClass}${web}`);
  expect(prediction.subnets.find(({ name }) => name === "burst")?.used).toBe(
    provisioned(prediction).nodes.reduce((sum, { nodes }) => sum + nodes, 0),
  );
  expect(prediction.nodes.find(({ pool }) => pool === "NodePool/default")?.allocatable.pods).toBe(10);
});

test("a static NodePool keeps its nodes though nothing waits", () => {
  const prediction = predicted(platform(), nodePool("fixed", "replicas: 2"));
  expect(rows(prediction)).toEqual(["fixed: 2 Standard_D4s_v5 assumed"]);
});

test("pods with a hard spread over zones get a node in each, the region itself among them", () => {
  const spread = deployment("web", {
    replicas: 4,
    podSpec:
      "      topologySpreadConstraints:\n        - { maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: DoNotSchedule, labelSelector: { matchLabels: { app: web } } }",
  });
  const prediction = predicted(platform(), spread);
  expect(prediction.pending).toEqual([]);
  const zones = prediction.nodes.filter(({ pool }) => pool === "NodePool/default").map(({ zone }) => zone);
  expect(zones.sort()).toEqual(["0", "westeurope-1", "westeurope-2", "westeurope-3"]);
});

test("where the location is not known, nothing is reckoned and it is said so", () => {
  const there = 'data "azurerm_resource_group" "there" {\n  name = "there"\n}';
  const hcl = platform({ more: there }).replace(
    'location = "westeurope"',
    "location = data.azurerm_resource_group.there.location",
  );
  const prediction = predicted(hcl, web);
  expect(prediction.pending).toEqual([]);
  expect(provisioned(prediction).nodes).toEqual([]);
  expect(prediction.assumptions.find(({ key }) => key === "nodeAutoProvisioning")?.text).toContain(
    "the cluster's location is not known before apply",
  );
});

test("azapi's nodeProvisioningProfile is the same", () => {
  const hcl = `
resource "azapi_resource" "aks" {
  type      = "Microsoft.ContainerService/managedClusters@2025-05-01"
  name      = "aks"
  location  = "westeurope"
  parent_id = "/subscriptions/s/resourceGroups/rg"
  body = {
    properties = {
      nodeProvisioningProfile = { mode = "Auto", defaultNodePools = "None" }
      networkProfile = { networkPlugin = "azure", networkPluginMode = "overlay", networkDataplane = "cilium" }
      agentPoolProfiles = [{ name = "sys", mode = "System", count = 2, vmSize = "Standard_D4s_v5", osType = "Linux" }]
    }
  }
}`;
  const world = worldOf({ hcl });
  expect(world.platform.clusters[0]).toMatchObject({
    nodeProvisioningMode: "Auto",
    nodeProvisioningDefaultPools: "None",
  });
});

test("a cluster without it says nothing of it", () => {
  expect(predicted(shop(), web).nodeProvisioning).toBeUndefined();
});

test("the same input gives the same answer", () => {
  expect(JSON.stringify(predicted(platform(), web))).toBe(JSON.stringify(predicted(platform(), web)));
});
