import { deviation } from "./balanced-allocation.ts";
import type { ClusterState } from "./cluster-state.ts";
import type { PodRecord } from "./pod-record.ts";
import type { ResourceWeight, SchedulerProfile } from "./profile.ts";
import { resourceReaders, resourceScorer } from "./resource-scorer.ts";

/** The weighted sum of the resource scores of a row: NodeResourcesFit and NodeResourcesBalancedAllocation. */
export const rowScore = (state: ClusterState, profile: SchedulerProfile, pod: PodRecord): ((row: number) => number) => {
  const weight = (name: string) => profile.scores.find((each) => each.name === name)?.weight ?? 0;
  const fit = weight("NodeResourcesFit");
  const { plain } = pod.podClass.shape.scoreRequests;
  const isCounted = profile.balancedResources.some(({ name }) => (plain.get(name) ?? 0) !== 0);
  const balanced = isCounted ? weight("NodeResourcesBalancedAllocation") : 0;
  const { scoringStrategy, balancedResources } = profile;
  if (scoringStrategy.type === "LeastAllocated" && isPlain(scoringStrategy.resources) && isPlain(balancedResources)) {
    return cpuAndMemory(state, pod, fit, balanced);
  }
  const fitScore = resourceScorer(state, pod, scoringStrategy);
  const readers = resourceReaders(state, pod, balancedResources, false);
  return (row) => {
    if (balanced === 0) return fit * fitScore(row);
    const fractions: number[] = [];
    for (const { allocatable, requested } of readers) {
      const capacity = allocatable(row);
      if (capacity !== 0) fractions.push(Math.min(1, requested(row) / capacity));
    }
    return fit * fitScore(row) + balanced * Math.trunc((1 - deviation(fractions)) * 100);
  };
};

const isPlain = (resources: readonly ResourceWeight[]): boolean =>
  resources.length === 2 &&
  resources[0]?.name === "cpu" &&
  resources[1]?.name === "memory" &&
  resources.every(({ weight }) => weight === 1);

/** The default strategy on the default resources, without a step aside. */
const cpuAndMemory = (
  { nodes }: ClusterState,
  pod: PodRecord,
  fit: number,
  balanced: number,
): ((row: number) => number) => {
  const { plain, nonZero } = pod.podClass.shape.scoreRequests;
  const cpu = nonZero.get("cpu") ?? 0;
  const memory = nonZero.get("memory") ?? 0;
  const plainCpu = plain.get("cpu") ?? 0;
  const plainMemory = plain.get("memory") ?? 0;
  return (row) => {
    const cpuCapacity = nodes.cpu.allocatable[row] ?? 0;
    const memoryCapacity = nodes.memory.allocatable[row] ?? 0;
    let sum = 0;
    let counted = 0;
    if (cpuCapacity !== 0) {
      const used = (nodes.nonZeroCpu[row] ?? 0) + cpu;
      if (used <= cpuCapacity) sum += Math.floor(((cpuCapacity - used) * 100) / cpuCapacity);
      counted++;
    }
    if (memoryCapacity !== 0) {
      const used = (nodes.nonZeroMemory[row] ?? 0) + memory;
      if (used <= memoryCapacity) sum += Math.floor(((memoryCapacity - used) * 100) / memoryCapacity);
      counted++;
    }
    const fitScore = counted === 0 ? 0 : Math.floor(sum / counted);
    if (balanced === 0) return fit * fitScore;
    let spread = 0;
    if (counted === 2) {
      const cpuShare = Math.min(1, ((nodes.cpu.requested[row] ?? 0) + plainCpu) / cpuCapacity);
      const memoryShare = Math.min(1, ((nodes.memory.requested[row] ?? 0) + plainMemory) / memoryCapacity);
      spread = Math.abs((cpuShare - memoryShare) / 2);
    }
    return fit * fitScore + balanced * Math.trunc((1 - spread) * 100);
  };
};
