import { networkMode, usesCilium } from "../../azure/network-mode.ts";
import { nodeResources } from "../../azure/node-resources.ts";
import { generatedName } from "../../kubernetes/generated-name.ts";
import type { Node } from "../../kubernetes/node.ts";
import { known } from "../../model/unknown.ts";
import type { NodeTemplate } from "../nodes/node-template.ts";
import { nodesFromTemplate } from "../nodes/nodes-of-pool.ts";
import {
  capacityTypeLabel,
  hostnameLabel,
  nodeClassLabel,
  nodePoolLabel,
  placementScopeLabel,
  regionalZone,
  zoneLabel,
} from "./karpenter-labels.ts";
import type { LaunchChoice } from "./karpenter-launch.ts";
import { osSkuOf } from "./karpenter-node-class.ts";
import { operatorOf } from "./karpenter-requirement.ts";
import type { Requirements } from "./karpenter-requirements.ts";
import type { ProvisioningPool, ProvisioningSetup } from "./node-provisioning-setup.ts";

/** A machine that was launched. */
export interface LaunchedNode {
  readonly node: Node;
  readonly template: NodeTemplate;
}

/**
 * The node that a launch gives: named `aks-<NodePool>-<five letters>`, with the labels of its size, place and NodePool. Its allocatable is
 * that of any AKS node of the size, which lies somewhat above what the provider reckons with.
 */
export const launchedNode = (
  setup: ProvisioningSetup,
  from: ProvisioningPool,
  choice: LaunchChoice,
  requirements: Requirements,
  ordinal: number,
): LaunchedNode => {
  const zone = choice.zones[ordinal % choice.zones.length] ?? regionalZone;
  const template = templateOf(setup, from, choice, zone);
  const base = nodesFromTemplate(template, 1, subnetOf(from))[0];
  if (base === undefined) throw new Error("a template gives a node");
  const name = generatedName(`aks-${from.pool.name}-`, setup.cluster.address, ordinal);
  const {
    agentpool: _,
    "kubernetes.azure.com/agentpool": __,
    "kubernetes.azure.com/nodepool-type": ___,
    ...labels
  } = base.metadata.labels ?? {};
  return {
    template,
    node: {
      ...base,
      metadata: {
        ...base.metadata,
        name,
        labels: {
          ...labels,
          ...settled(choice.type.requirements),
          ...settled(requirements),
          "kubernetes.azure.com/mode": from.pool.labels["kubernetes.azure.com/mode"] ?? "user",
          [hostnameLabel]: name,
          [nodePoolLabel]: from.pool.name,
          [nodeClassLabel]: from.nodeClass.name,
          [capacityTypeLabel]: choice.capacityType,
          [placementScopeLabel]: zone === regionalZone ? "regional" : "zonal",
          [zoneLabel]: zone,
        },
      },
      spec: {
        taints: from.pool.taints,
        providerID: `azure:///subscriptions/${template.subscriptionId}/resourceGroups/${setup.nodeResourceGroup.toLowerCase()}/providers/Microsoft.Compute/virtualMachines/${name}`,
      },
    },
  };
};

const templateOf = (
  { cluster, kubernetesVersion, nodeResourceGroup, market }: ProvisioningSetup,
  { pool, nodeClass, maxPods, azurePool }: ProvisioningPool,
  { type, capacityType }: LaunchChoice,
  zone: string,
): NodeTemplate => ({
  pool: azurePool.address,
  size: type.size,
  vmSize: type.name,
  resources: nodeResources({
    vcpus: type.size.vcpus,
    memoryGib: type.size.memoryGib ?? 0,
    maxPods,
    kubernetesVersion,
    osDiskGib: nodeClass.osDiskSizeGb,
    windows: false,
  }),
  osDisk: { type: "Managed", sizeGib: nodeClass.osDiskSizeGb, because: undefined, ephemeralLimitGib: undefined },
  maxPods,
  network: networkMode(cluster, azurePool),
  cilium: usesCilium(cluster),
  kubernetesVersion,
  mode: pool.labels["kubernetes.azure.com/mode"] ?? "user",
  windows: false,
  osSku: osSkuOf(nodeClass),
  spot: capacityType === "spot",
  location: market.region,
  zones: zone === regionalZone ? [] : [zone.slice(market.region.length + 1)],
  taints: pool.taints,
  userLabels: pool.labels,
  nodeResourceGroup,
  scaleSet: azurePool.address,
  subscriptionId: "00000000-0000-0000-0000-000000000000",
});

const subnetOf = ({ azurePool }: ProvisioningPool): { readonly subnetName?: string } => {
  const name = known(azurePool.subnet?.id)?.split("/").at(-1);
  return name === undefined ? {} : { subnetName: name };
};

/** Labels with one value, or the first of several: a node has one of each. */
const settled = (requirements: Requirements): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...requirements.values()].flatMap((each) => {
      const [first] = [...each.values].sort();
      const isOwn = each.key === "karpenter.sh/registered" || each.key === "karpenter.sh/initialized";
      return operatorOf(each) === "In" && first !== undefined && !isOwn ? [[each.key, first]] : [];
    }),
  );
