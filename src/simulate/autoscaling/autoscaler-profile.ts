import { type Millis, millis } from "../../model/quantity.ts";

export type ExpanderName = "random" | "least-waste" | "most-pods" | "least-nodes" | "priority";

/** What the cluster autoscaler is set to; times in milliseconds, shares from 0 to 1. */
export interface AutoscalerOptions {
  readonly scanInterval: Millis;
  /** Filters in order; what is left is a tie, which upstream breaks at random. */
  readonly expanders: readonly ExpanderName[];
  readonly delayAfterAdd: Millis;
  readonly delayAfterDelete: Millis;
  readonly unneededTime: Millis;
  readonly unreadyTime: Millis;
  readonly utilizationThreshold: number;
  readonly gpuUtilizationThreshold: number;
  readonly balanceSimilarGroups: boolean;
  readonly ignoreDaemonSetsUtilization: boolean;
  readonly daemonSetEvictionForOccupiedNodes: boolean;
  readonly skipNodesWithLocalStorage: boolean;
  readonly skipNodesWithSystemPods: boolean;
  readonly skipNodesWithCustomControllerPods: boolean;
  readonly systemPodDisruptionTimeout: Millis;
  readonly minReplicaCount: number;
  readonly maxScaleDownParallelism: number;
  readonly maxDrainParallelism: number;
  readonly maxGracefulTermination: Millis;
  readonly newPodScaleUpDelay: Millis;
  readonly maxTotalUnreadyPercentage: number;
  readonly okTotalUnreadyCount: number;
  readonly maxNodeProvisionTime: Millis;
  readonly enforceMinSize: boolean;
  readonly scaleDownEnabled: boolean;
  readonly scaleDownUnreadyEnabled: boolean;
  readonly unremovableRecheck: Millis;
  readonly expendablePriorityCutoff: number;
  readonly maxNodesTotal: number;
  readonly maxNodesPerScaleUp: number;
  readonly cores: { readonly min: number; readonly max: number };
  readonly memoryBytes: { readonly min: number; readonly max: number };
  readonly initialBackoff: Millis;
  readonly maxBackoff: Millis;
  readonly backoffReset: Millis;
  readonly deleteDelayAfterTaint: Millis;
  readonly memoryDifferenceRatio: number;
  readonly freeDifferenceRatio: number;
  readonly allocatableDifferenceRatio: number;
  readonly ignoredLabels: readonly string[];
  /** When given, groups are similar that agree in these labels, and nothing else counts. */
  readonly balancingLabels: readonly string[];
  /** Keys of taints of nodes that are still starting, and of taints that templates leave out. */
  readonly startupTaints: readonly string[];
  readonly statusTaints: readonly string[];
  readonly forceDaemonSets: boolean;
  /** How long a group without nodes is taken to be like the last node it had. */
  readonly nodeInfoCacheExpiry: Millis;
  readonly ignoreMirrorPodsUtilization: boolean;
}

const MINUTE = 60_000;
const GIB = 2 ** 30;

/** The AKS profile's keys by their ARM names, as text; what is not given has the AKS default. */
export type AutoscalerProfile = Readonly<Record<string, string>>;

/**
 * Options from the AKS autoscaler profile and further upstream flags. AKS defaults: facts of the AKS documentation ("cluster autoscaler
 * profile"); all others: cluster-autoscaler 1.33.0 `config/flags/flags.go`. That `max-empty-bulk-delete` is upstream's
 * `max-scale-down-parallelism` is an assumption.
 */
export const autoscalerOptions = (
  profile: AutoscalerProfile = {},
  flags: AutoscalerProfile = {},
): AutoscalerOptions => {
  const text = (key: string, standard: string): string => profile[key] ?? flags[key] ?? standard;
  const time = (key: string, standard: number): Millis => millis(parseGoDuration(text(key, "")) ?? standard);
  const count = (key: string, standard: number): number => {
    const value = Number(text(key, ""));
    return text(key, "") === "" || Number.isNaN(value) ? standard : value;
  };
  const flag = (key: string, standard: boolean): boolean => text(key, String(standard)).toLowerCase() === "true";
  const list = (key: string): readonly string[] =>
    text(key, "")
      .split(",")
      .filter((each) => each !== "");
  const [minCores, maxCores] = range(text("cores-total", "0:320000"));
  const [minMemory, maxMemory] = range(text("memory-total", "0:6400000"));
  const scanInterval = time("scan-interval", 10_000);
  return {
    scanInterval,
    expanders: text("expander", "random")
      .split(",")
      .map((name) => name.trim())
      .filter(isExpander),
    delayAfterAdd: time("scale-down-delay-after-add", 10 * MINUTE),
    delayAfterDelete: time("scale-down-delay-after-delete", scanInterval),
    unneededTime: time("scale-down-unneeded-time", 10 * MINUTE),
    unreadyTime: time("scale-down-unready-time", 20 * MINUTE),
    utilizationThreshold: count("scale-down-utilization-threshold", 0.5),
    gpuUtilizationThreshold: count("scale-down-gpu-utilization-threshold", 0.5),
    balanceSimilarGroups: flag("balance-similar-node-groups", false),
    ignoreDaemonSetsUtilization: flag("ignore-daemonsets-utilization", false),
    daemonSetEvictionForOccupiedNodes: flag("daemonset-eviction-for-occupied-nodes", true),
    skipNodesWithLocalStorage: flag("skip-nodes-with-local-storage", false),
    skipNodesWithSystemPods: flag("skip-nodes-with-system-pods", true),
    skipNodesWithCustomControllerPods: flag("skip-nodes-with-custom-controller-pods", true),
    systemPodDisruptionTimeout: time("blocking-system-pod-distruption-timeout", 60 * MINUTE),
    minReplicaCount: count("min-replica-count", 0),
    maxScaleDownParallelism: count("max-empty-bulk-delete", count("max-scale-down-parallelism", 10)),
    maxDrainParallelism: count("max-drain-parallelism", 1),
    maxGracefulTermination: millis(count("max-graceful-termination-sec", 600) * 1000),
    newPodScaleUpDelay: time("new-pod-scale-up-delay", 0),
    maxTotalUnreadyPercentage: count("max-total-unready-percentage", 45),
    okTotalUnreadyCount: count("ok-total-unready-count", 3),
    maxNodeProvisionTime: time("max-node-provision-time", 15 * MINUTE),
    enforceMinSize: flag("enforce-node-group-min-size", true),
    scaleDownEnabled: flag("scale-down-enabled", true),
    scaleDownUnreadyEnabled: flag("scale-down-unready-enabled", true),
    unremovableRecheck: time("unremovable-node-recheck-timeout", 5 * MINUTE),
    expendablePriorityCutoff: count("expendable-pods-priority-cutoff", -10),
    maxNodesTotal: count("max-nodes-total", 0),
    maxNodesPerScaleUp: count("max-nodes-per-scaleup", 1000),
    cores: { min: minCores, max: maxCores },
    memoryBytes: { min: minMemory * GIB, max: maxMemory * GIB },
    initialBackoff: time("initial-node-group-backoff-duration", 5 * MINUTE),
    maxBackoff: time("max-node-group-backoff-duration", 30 * MINUTE),
    backoffReset: time("node-group-backoff-reset-timeout", 180 * MINUTE),
    deleteDelayAfterTaint: time("node-delete-delay-after-taint", 5_000),
    memoryDifferenceRatio: count("memory-difference-ratio", 0.015),
    freeDifferenceRatio: count("max-free-difference-ratio", 0.05),
    allocatableDifferenceRatio: count("max-allocatable-difference-ratio", 0.05),
    ignoredLabels: list("balancing-ignore-label"),
    balancingLabels: list("balancing-label"),
    startupTaints: [...list("startup-taint"), ...list("ignore-taint")],
    statusTaints: list("status-taint"),
    forceDaemonSets: flag("force-ds", false),
    nodeInfoCacheExpiry: time("node-info-cache-expire-time", 87_600 * 60 * MINUTE),
    ignoreMirrorPodsUtilization: flag("ignore-mirror-pods-utilization", false),
  };
};

const isExpander = (name: string): name is ExpanderName =>
  ["random", "least-waste", "most-pods", "least-nodes", "priority"].includes(name);

const range = (text: string): readonly [number, number] => {
  const [min = "0", max = "0"] = text.split(":");
  return [Number(min) || 0, Number(max) || 0];
};

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: MINUTE, h: 60 * MINUTE };

/** Milliseconds of a Go duration such as `1h10m`; undefined when it is none. */
export const parseGoDuration = (text: string): number | undefined => {
  if (text === "0") return 0;
  const match = /^(-?)((?:\d+(?:\.\d*)?|\.\d+)(?:ms|s|m|h))+$/.exec(text);
  if (match === null) return undefined;
  let total = 0;
  for (const [, value = "0", unit = "s"] of text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ms|s|m|h)/g)) {
    total += Number(value) * (unitMs[unit] ?? 0);
  }
  return match[1] === "-" ? -total : total;
};
