import type { AutoscalerOptions } from "./autoscaler-profile.ts";
import { milliOf, type NodeFacts } from "./cluster-picture.ts";

export const GPU_LABEL = "accelerator";
export const GPU_RESOURCE = "nvidia.com/gpu";

/** Whether the autoscaler takes a node for one with GPUs, which is then judged by them alone. */
export const hasGpus = ({ node }: NodeFacts): boolean =>
  node.metadata.labels?.[GPU_LABEL] !== undefined || (milliOf(node, "allocatable", GPU_RESOURCE) ?? 0) > 0;

/**
 * The share of a node that is asked for: the greater of cpu and memory, or of the GPUs on a GPU node; undefined when the node does not
 * say what it has. Source: cluster-autoscaler 1.33.0 `simulator/utilization/info.go`.
 */
export const nodeUtilization = (facts: NodeFacts, options: AutoscalerOptions): number | undefined => {
  if (hasGpus(facts)) return shareOf(facts, GPU_RESOURCE, options) ?? 0;
  const cpu = shareOf(facts, "cpu", options);
  const memory = shareOf(facts, "memory", options);
  return cpu === undefined || memory === undefined ? undefined : Math.max(cpu, memory);
};

const shareOf = (facts: NodeFacts, resource: string, options: AutoscalerOptions): number | undefined => {
  const allocatable = milliOf(facts.node, "allocatable", resource);
  if (allocatable === undefined || allocatable === 0) return undefined;
  if (!options.ignoreDaemonSetsUtilization && resource !== GPU_RESOURCE) {
    return (resource === "cpu" ? facts.milliCpu : facts.milliMemory) / allocatable;
  }
  let requested = 0;
  let daemons = 0;
  for (const pod of facts.pods.values()) {
    const request = pod.requests.get(resource) ?? 0;
    if (pod.isDaemon && options.ignoreDaemonSetsUtilization) daemons += request;
    else requested += request;
  }
  return requested / (allocatable - daemons);
};
