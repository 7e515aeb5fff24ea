import type { NodeAffinity, TopologySpreadConstraint } from "../../kubernetes/pod.ts";

export interface ResourceWeight {
  readonly name: string;
  readonly weight: number;
}

/** How a profile scores resources: by room left, by use, or by a curve over use (utilization 0..100, score 0..10). */
export interface ScoringStrategy {
  readonly type: "LeastAllocated" | "MostAllocated" | "RequestedToCapacityRatio";
  readonly resources: readonly ResourceWeight[];
  readonly shape: readonly { readonly utilization: number; readonly score: number }[];
}

/** A scheduling profile, as far as 1.35's KubeSchedulerConfiguration can shape the default plugins. */
export interface SchedulerProfile {
  readonly schedulerName: string;
  /** Filter plugins in order of execution. */
  readonly filters: readonly string[];
  /** Score plugins in order, each with its weight. */
  readonly scores: readonly { readonly name: string; readonly weight: number }[];
  readonly postFilters: readonly string[];
  readonly scoringStrategy: ScoringStrategy;
  readonly balancedResources: readonly ResourceWeight[];
  readonly ignoredResources: readonly string[];
  readonly ignoredResourceGroups: readonly string[];
  readonly addedAffinity: NodeAffinity | undefined;
  /** Undefined: the system's own defaults (hostname, skew 3; zone, skew 5; both ScheduleAnyway). */
  readonly defaultConstraints: readonly TopologySpreadConstraint[] | undefined;
  readonly hardPodAffinityWeight: number;
  readonly ignorePreferredTermsOfExistingPods: boolean;
}

const filterOrder = [
  "NodeUnschedulable",
  "NodeName",
  "TaintToleration",
  "NodeAffinity",
  "NodePorts",
  "NodeResourcesFit",
  "VolumeRestrictions",
  "NodeVolumeLimits",
  "VolumeBinding",
  "VolumeZone",
  "PodTopologySpread",
  "InterPodAffinity",
] as const;

/** The default profile of kube-scheduler 1.35. Source: `pkg/scheduler/apis/config/v1/default_plugins.go` and `defaults.go`, v1.35.4. */
export const defaultProfile: SchedulerProfile = {
  schedulerName: "default-scheduler",
  filters: filterOrder,
  scores: [
    { name: "TaintToleration", weight: 3 },
    { name: "NodeAffinity", weight: 2 },
    { name: "NodeResourcesFit", weight: 1 },
    { name: "PodTopologySpread", weight: 2 },
    { name: "InterPodAffinity", weight: 2 },
    { name: "DynamicResources", weight: 1 },
    { name: "NodeResourcesBalancedAllocation", weight: 1 },
    { name: "ImageLocality", weight: 1 },
  ],
  postFilters: ["DynamicResources", "DefaultPreemption"],
  scoringStrategy: {
    type: "LeastAllocated",
    resources: [
      { name: "cpu", weight: 1 },
      { name: "memory", weight: 1 },
    ],
    shape: [],
  },
  balancedResources: [
    { name: "cpu", weight: 1 },
    { name: "memory", weight: 1 },
  ],
  ignoredResources: [],
  ignoredResourceGroups: [],
  addedAffinity: undefined,
  defaultConstraints: undefined,
  hardPodAffinityWeight: 1,
  ignorePreferredTermsOfExistingPods: false,
};
