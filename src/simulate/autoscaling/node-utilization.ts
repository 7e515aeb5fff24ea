import type { AutoscalerOptions } from "./autoscaler-profile.ts";
import { GPU_LABEL, GPU_RESOURCE, type NodeFacts } from "./cluster-picture.ts";

/** Whether the autoscaler takes a node for one with GPUs, which is then judged by them alone. */
export const hasGpus = ({ node, gpus }: NodeFacts): boolean =>
  gpus > 0 || node.metadata.labels?.[GPU_LABEL] !== undefined;

/**
 * The share of a node that is asked for: the greater of cpu and memory, or of the GPUs on a GPU node; undefined when the node does not
 * say what it has. Source: cluster-autoscaler 1.33.0 `simulator/utilization/info.go`.
 */
export const nodeUtilization = (facts: NodeFacts, options: AutoscalerOptions): number | undefined => {
  if (hasGpus(facts)) return facts.gpus === 0 ? 0 : shareOf(facts, GPU_RESOURCE, facts.gpus, options);
  const { allocatableCpu: cpu, allocatableMemory: memory } = facts;
  if (cpu === undefined || cpu === 0 || memory === undefined || memory === 0) return undefined;
  if (!options.ignoreDaemonSetsUtilization && !options.ignoreMirrorPodsUtilization) {
    return Math.max(facts.milliCpu / cpu, facts.milliMemory / memory);
  }
  return Math.max(shareOf(facts, "cpu", cpu, options), shareOf(facts, "memory", memory, options));
};

/** Daemons and static pods that are left out of the account take their room with them. */
const shareOf = (facts: NodeFacts, resource: string, allocatable: number, options: AutoscalerOptions): number => {
  let requested = 0;
  let ignored = 0;
  for (const pod of facts.pods.values()) {
    const request = pod.requests.get(resource) ?? 0;
    const isIgnored =
      (pod.isDaemon && options.ignoreDaemonSetsUtilization) || (pod.isMirror && options.ignoreMirrorPodsUtilization);
    if (isIgnored) ignored += request;
    else requested += request;
  }
  return requested / (allocatable - ignored);
};
