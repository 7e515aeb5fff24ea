import type { Bytes, MilliCpu, Millis } from "../model/quantity.ts";

/** What one cluster will be once nothing changes any more: plain data for findings, reports and people's scripts. */
export interface Prediction {
  /** Address of the cluster's resource. */
  readonly cluster: string;
  readonly pools: readonly PoolPrediction[];
  readonly nodes: readonly NodePrediction[];
  readonly subnets: readonly SubnetPrediction[];
  readonly loadBalancers: readonly LoadBalancerPrediction[];
  readonly publicIps: readonly PublicIpPrediction[];
  /** Services of type LoadBalancer, and what the cloud provider makes of each. */
  readonly services?: readonly ServicePrediction[];
  readonly volumes: readonly VolumePrediction[];
  readonly pending: readonly PendingPod[];
  /** Objects that the API server refuses, and pods of workloads that their namespace refuses; left out where there are none. */
  readonly refusals?: readonly Refusal[];
  readonly placements: readonly Placement[];
  readonly autoscaling: readonly AutoscalingPrediction[];
  /** Where the cluster has node auto-provisioning. */
  readonly nodeProvisioning?: NodeProvisioningPrediction;
  readonly assumptions: readonly Assumption[];
  readonly events: readonly PredictedEvent[];
}

/** What is never made: the object itself, or some or all of a workload's pods. */
export interface Refusal {
  /** `Kind/namespace/name`. */
  readonly subject: string;
  readonly what: "object" | "pods";
  readonly wanted: number;
  readonly refused: number;
  /** The API server's words. */
  readonly message: string;
  /** The field that it is about first: `spec.template.spec.containers[0].resources`. */
  readonly field?: string;
}

/** Lowest and highest figure where the load is a range; equal where it is not. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

export interface PoolPrediction {
  readonly name: string;
  readonly address: string;
  readonly mode: string;
  readonly vmSize: string;
  /** Nodes when the apply ends, and at steady state for the lowest and the highest load. */
  readonly nodes: { readonly initial: number; readonly predicted: Range };
  /** Equal to the fixed count where the pool has no autoscaler. */
  readonly min: number;
  readonly max: number;
  readonly autoscaling: boolean;
  readonly zones: readonly string[];
  /** Of one node. */
  readonly allocatable: {
    readonly milliCpu: MilliCpu;
    readonly memory: Bytes;
    readonly pods: number;
    readonly disks: number;
  };
  /** Summed over the pods on the pool's nodes, at high load. */
  readonly requested: {
    readonly milliCpu: MilliCpu;
    readonly memory: Bytes;
    readonly pods: number;
    readonly disks: number;
  };
  /** Pods on the pool, system pods among them, at high load. */
  readonly pods: number;
  readonly systemPods: number;
}

export interface NodePrediction {
  readonly name: string;
  readonly pool: string;
  readonly zone: string;
  readonly ip: string | undefined;
  readonly allocatable: { readonly milliCpu: MilliCpu; readonly memory: Bytes; readonly pods: number };
  readonly requested: { readonly milliCpu: MilliCpu; readonly memory: Bytes; readonly pods: number };
}

export interface SubnetPrediction {
  readonly address: string;
  readonly name: string;
  readonly prefix: string;
  /** 6 for the IPv6 part of a dual-stack cluster's subnet or pod range, which stands for itself. */
  readonly family?: 6;
  /** Addresses of the prefix without the five that Azure keeps; more than 2^52 count as that many. Of an IPv6 pod range the nodes' blocks. */
  readonly usable: number;
  /** Taken at the predicted high load: nodes, pods where they take addresses of this subnet, internal frontends, private endpoints. */
  readonly used: number;
  /** Needed on top when every pool stands at max_count and an upgrade surges. */
  readonly reserved: number;
  /** usable − used − reserved; negative when it does not fit. */
  readonly free: number;
  /** Addresses taken at each moment that a platform goes through. */
  readonly moments?: AddressMoments;
  /** Further nodes of the pool that takes most addresses which the range could hold beside what is used. */
  readonly moreNodes?: number;
  /** What takes the addresses, for the report's detail. */
  readonly parts: readonly { readonly what: string; readonly used: number; readonly reserved: number }[];
}

export interface AddressMoments {
  /** When the apply ends. */
  readonly now: number;
  /** At the predicted high load. */
  readonly predicted: number;
  /** With every pool at max_count. */
  readonly max: number;
  /** The same while all pools upgrade at once. */
  readonly surge: number;
  /** At the predicted load while the pools that rotate stand twice. */
  readonly rotation: number;
}

export interface LoadBalancerPrediction {
  /** `kubernetes` or `kubernetes-internal`. */
  readonly name: string;
  readonly internal: boolean;
  readonly frontends: readonly {
    readonly name: string;
    readonly ip: string | undefined;
    readonly services: readonly string[];
  }[];
  readonly rules: number;
  readonly probes: number;
  readonly snatPortsPerNode: number | undefined;
}

export interface PublicIpPrediction {
  readonly name: string;
  /** `outbound`, `service`, `ingress`, `node`, `nat-gateway`. */
  readonly purpose: string;
  readonly owner: string;
  readonly managed: boolean;
  /** IPv4 where left out. */
  readonly family?: 6;
}

export interface ServicePrediction {
  /** `namespace/name`. */
  readonly service: string;
  readonly internal: boolean;
  /** Addresses that are known before apply; one that Azure picks is not. */
  readonly addresses: readonly string[];
  /** `pending` where the cloud provider refuses it, and EXTERNAL-IP stays so. */
  readonly state: "served" | "pending";
  /** The cloud provider's error, word for word; empty where there is none. */
  readonly message: string;
  readonly rules: number;
  readonly probes: number;
}

export interface VolumePrediction {
  readonly claim: string;
  readonly storageClass: string;
  /** `disk`, `file`, `blob`, `other`. */
  readonly kind: string;
  readonly zone: string | undefined;
  readonly sizeBytes: Bytes | undefined;
  readonly boundTo: string | undefined;
  readonly state: "bound" | "pending";
  readonly message: string;
}

export interface PendingPod {
  readonly pod: string;
  readonly owner: string;
  readonly reason: string;
  /** The scheduler's condition message or the admission error, word for word. */
  readonly message: string;
  /** What would place it: `max_count of pool "user" from 3 to 5`, or why nothing in the configuration would. */
  readonly fixableBy: string;
  /** Low load already, or only at the highest. */
  readonly when: "always" | "at high load";
  /** With node auto-provisioning: why no NodePool helps, one sentence a NodePool. */
  readonly provisioning?: readonly string[];
}

/** What node auto-provisioning makes of the pods that no pool takes. A first model: `model` says so wherever it is shown. */
export interface NodeProvisioningPrediction {
  readonly model: string;
  /** Empty where it is not known before apply; nothing is predicted then. */
  readonly region: string;
  /** Prices were given, so that the cheapest size is known. */
  readonly priced: boolean;
  /** In the order in which Karpenter tries them. */
  readonly nodePools: readonly ProvisionedPoolPrediction[];
  /** Nodes at high load; like ones in one row. */
  readonly nodes: readonly ProvisionedNodesPrediction[];
  /** Pods that it does not serve, at high load. */
  readonly unserved: readonly UnservedPods[];
}

export interface ProvisionedPoolPrediction {
  readonly name: string;
  /** Made by AKS, and not given in the manifests. */
  readonly isDefault: boolean;
  readonly weight: number;
  readonly nodeClass: string;
  /** Sizes that meet its requirements. */
  readonly sizes: number;
  /** Why it takes no part; empty where it does. */
  readonly unusable: string;
  /** Where no size meets its requirements: the labels that alone leave none, or all of them where only together they do. */
  readonly excludedBy: readonly string[];
  /** CPU in thousandths, all others in whole units. */
  readonly limits: Readonly<Record<string, number>>;
  /** At the lowest and the highest load. */
  readonly nodes: Range;
}

export interface ProvisionedNodesPrediction {
  readonly nodePool: string;
  readonly nodes: number;
  /** Pods on them, those of DaemonSets too. */
  readonly pods: number;
  /** The size that is reckoned with. */
  readonly size: string;
  /** `price`: the cheapest by the prices given; `assumed`: the smallest that fits stands in, as no price decides. */
  readonly basis: "price" | "assumed";
  /** Why another size may be launched though prices are known. */
  readonly doubts: readonly string[];
  /** How many sizes fit, the first of them in order, and the smallest and the largest. */
  readonly fitting: {
    readonly sizes: number;
    readonly first: readonly string[];
    readonly smallest: string;
    readonly largest: string;
  };
  readonly capacityType: "on-demand" | "spot";
  /** Any of these, at random; zone "0" is the region as a whole. */
  readonly zones: readonly string[];
  /** Of one node, where known. */
  readonly pricePerHour: number | undefined;
  readonly currency: string;
}

export interface UnservedPods {
  readonly owner: string;
  readonly pods: number;
  /** False where a size that is not in the table, or an object that is not seen, could serve them after all. */
  readonly certain: boolean;
  readonly reasons: readonly {
    /** Empty where the pod is passed over whatever the NodePools say. */
    readonly nodePool: string;
    readonly cause: "taint" | "label" | "topology" | "ports" | "volume" | "size" | "minValues" | "limits" | "nodePool";
    readonly text: string;
  }[];
}

export interface Placement {
  readonly pod: string;
  readonly owner: string;
  readonly node: string;
  readonly pool: string;
}

export interface AutoscalingPrediction {
  readonly subject: string;
  readonly kind: "hpa" | "clusterAutoscaler";
  readonly from: number;
  readonly to: Range;
  readonly min: number;
  readonly max: number;
  readonly limited: boolean;
  readonly reason: string;
}

/** Something the verdict rests on that the input does not say. */
export interface Assumption {
  readonly key: string;
  readonly text: string;
  /** How to say otherwise: a key of `aks-twin.yaml` or a flag. */
  readonly override: string;
  readonly certainty: "documented" | "likely" | "uncertain";
  /** Where it comes from: a document's title, upstream's file, or that nothing is published. */
  readonly source?: string;
}

export interface PredictedEvent {
  readonly at: Millis;
  readonly subject: string;
  readonly reason: string;
  readonly message: string;
}
