import { balancedAllocation } from "./balanced-allocation.ts";
import { dynamicResources } from "./dynamic-resources.ts";
import type { FilterPlugin, ScorePlugin } from "./framework.ts";
import { imageLocality } from "./image-locality.ts";
import { interPodAffinityFilter, interPodAffinityScore } from "./inter-pod-affinity.ts";
import { nodeAffinityFilter, nodeAffinityScore } from "./node-affinity.ts";
import { nodeName } from "./node-name.ts";
import { nodePorts } from "./node-ports.ts";
import { nodeResourcesFitFilter, nodeResourcesFitScore } from "./node-resources-fit.ts";
import { nodeUnschedulable } from "./node-unschedulable.ts";
import { nodeVolumeLimits } from "./node-volume-limits.ts";
import { podTopologySpreadFilter, podTopologySpreadScore } from "./pod-topology-spread.ts";
import { taintTolerationFilter, taintTolerationScore } from "./taint-toleration.ts";
import { volumeBinding } from "./volume-binding.ts";
import { volumeRestrictions } from "./volume-restrictions.ts";
import { volumeZone } from "./volume-zone.ts";

/** Filter plugins in the default order of execution; a profile picks and orders them by name. */
export const filterPlugins: readonly FilterPlugin[] = [
  nodeUnschedulable,
  nodeName,
  taintTolerationFilter,
  nodeAffinityFilter,
  nodePorts,
  nodeResourcesFitFilter,
  volumeRestrictions,
  nodeVolumeLimits,
  volumeBinding,
  volumeZone,
  podTopologySpreadFilter,
  interPodAffinityFilter,
];

export const scorePlugins: readonly ScorePlugin[] = [
  taintTolerationScore,
  nodeAffinityScore,
  nodeResourcesFitScore,
  podTopologySpreadScore,
  interPodAffinityScore,
  dynamicResources,
  balancedAllocation,
  imageLocality,
];
