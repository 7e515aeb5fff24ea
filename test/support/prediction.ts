import { bytes, milliCpu } from "../../src/model/quantity.ts";
import type {
  NodePrediction,
  PendingPod,
  PoolPrediction,
  Prediction,
  SubnetPrediction,
} from "../../src/simulate/prediction.ts";

/** A prediction of one cluster in which nothing happens; rows override what they are about. */
export const prediction = (parts: Partial<Prediction> = {}): Prediction => ({
  cluster: "azurerm_kubernetes_cluster.main",
  pools: [],
  nodes: [],
  subnets: [],
  loadBalancers: [],
  publicIps: [],
  volumes: [],
  pending: [],
  placements: [],
  autoscaling: [],
  assumptions: [],
  events: [],
  ...parts,
});

/** A pool of three D4s nodes, half used. */
export const poolPrediction = (name: string, parts: Partial<PoolPrediction> = {}): PoolPrediction => ({
  name,
  address: `azurerm_kubernetes_cluster_node_pool.${name}`,
  mode: "User",
  vmSize: "Standard_D4s_v5",
  nodes: { initial: 3, predicted: { low: 3, high: 3 } },
  min: 3,
  max: 3,
  autoscaling: false,
  zones: ["1", "2", "3"],
  allocatable: { milliCpu: milliCpu(3860), memory: bytes(12 * 2 ** 30), pods: 110, disks: 8 },
  requested: { milliCpu: milliCpu(5790), memory: bytes(18 * 2 ** 30), pods: 40, disks: 2 },
  pods: 40,
  systemPods: 24,
  ...parts,
});

export const nodePrediction = (name: string, zone = "westeurope-1"): NodePrediction => ({
  name,
  pool: "user",
  zone,
  ip: undefined,
  allocatable: { milliCpu: milliCpu(3860), memory: bytes(12 * 2 ** 30), pods: 110 },
  requested: { milliCpu: milliCpu(1930), memory: bytes(6 * 2 ** 30), pods: 30 },
});

export const subnetPrediction = (name: string, parts: Partial<SubnetPrediction> = {}): SubnetPrediction => ({
  address: `azurerm_subnet.${name}`,
  name,
  prefix: "10.1.0.0/24",
  usable: 251,
  used: 100,
  reserved: 51,
  free: 100,
  parts: [],
  ...parts,
});

export const pendingPod = (pod: string, parts: Partial<PendingPod> = {}): PendingPod => ({
  pod,
  owner: "Deployment/shop/cart",
  reason: "Unschedulable",
  message: "0/3 nodes are available: 3 Insufficient cpu.",
  fixableBy: 'max_count of pool "user" from 3 to 5',
  when: "always",
  ...parts,
});
