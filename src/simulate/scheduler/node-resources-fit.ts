import type { ClusterState } from "./cluster-state.ts";
import type { FilterPlugin, ScorePlugin } from "./framework.ts";
import type { PodRecord } from "./pod-record.ts";
import type { SchedulerProfile } from "./profile.ts";
import { isExtendedResource } from "./requests.ts";
import { resourceScorer } from "./resource-scorer.ts";

const name = "NodeResourcesFit";

/** Room for the pod's requests. Source: `plugins/noderesources/fit.go`, v1.35.4. */
export const nodeResourcesFitFilter: FilterPlugin = {
  name,
  prepare: ({ state, pod, profile }) => {
    const shortages = shortageFinder(state, pod, profile);
    const ids = new Map<number, number>();
    return {
      filter: (row) => {
        const mask = shortages.find(row);
        if (mask === 0) return 0;
        const key = mask * 2 + (shortages.isHopeless(row, mask) ? 1 : 0);
        const known = ids.get(key);
        if (known !== undefined) return known;
        const id = shortages.rejection(row);
        ids.set(key, id);
        return id;
      },
    };
  },
};

/** Free room, used room or a curve over use, as the profile wants. Source: `least_allocated.go`, `most_allocated.go`, `requested_to_capacity_ratio.go`. */
export const nodeResourcesFitScore: ScorePlugin = {
  name,
  prepare: ({ state, pod, profile }) => ({ score: resourceScorer(state, pod, profile.scoringStrategy) }),
};

/** Which of the resources that a pod asks for are short on a row, as bits: pods, cpu, memory, ephemeral-storage, then its scalars. */
export const shortageFinder = (state: ClusterState, { requests }: PodRecord, profile: SchedulerProfile) => {
  const { nodes } = state;
  const { cpu, memory, ephemeralStorage } = requests;
  const scalars = requests.scalars
    .filter(({ name: resource, quantity }) => quantity > 0 && !isIgnored(resource, profile))
    .map(({ name: resource, quantity }) => ({ resource, quantity, column: nodes.scalar(resource) }));
  const asksNothing = cpu === 0 && memory === 0 && ephemeralStorage === 0 && requests.scalars.length === 0;
  const find = (row: number): number => {
    let mask = 0;
    if ((nodes.pods.requested[row] ?? 0) + 1 > (nodes.pods.allocatable[row] ?? 0)) mask = 1;
    if (asksNothing) return mask;
    if (cpu > 0 && cpu > (nodes.cpu.allocatable[row] ?? 0) - (nodes.cpu.requested[row] ?? 0)) mask |= 2;
    if (memory > 0 && memory > (nodes.memory.allocatable[row] ?? 0) - (nodes.memory.requested[row] ?? 0)) mask |= 4;
    if (
      ephemeralStorage > 0 &&
      ephemeralStorage > (nodes.ephemeralStorage.allocatable[row] ?? 0) - (nodes.ephemeralStorage.requested[row] ?? 0)
    ) {
      mask |= 8;
    }
    for (let i = 0; i < scalars.length; i++) {
      const scalar = scalars[i];
      if (scalar === undefined) break;
      const { column, quantity } = scalar;
      if (quantity > (column.allocatable[row] ?? 0) - (column.requested[row] ?? 0)) mask |= 16 << i;
    }
    return mask;
  };
  /** Whether the pod would not fit even on the empty node, in one of the resources that are short. */
  const isHopeless = (row: number, mask = find(row)): boolean => {
    if ((mask & 2) !== 0 && cpu > (nodes.cpu.allocatable[row] ?? 0)) return true;
    if ((mask & 4) !== 0 && memory > (nodes.memory.allocatable[row] ?? 0)) return true;
    if ((mask & 8) !== 0 && ephemeralStorage > (nodes.ephemeralStorage.allocatable[row] ?? 0)) return true;
    if (mask < 16) return false;
    return scalars.some(
      ({ column, quantity }, i) => (mask & (16 << i)) !== 0 && quantity > (column.allocatable[row] ?? 0),
    );
  };
  const rejection = (row: number): number => {
    const mask = find(row);
    const reasons = [
      ...((mask & 1) !== 0 ? ["Too many pods"] : []),
      ...((mask & 2) !== 0 ? ["Insufficient cpu"] : []),
      ...((mask & 4) !== 0 ? ["Insufficient memory"] : []),
      ...((mask & 8) !== 0 ? ["Insufficient ephemeral-storage"] : []),
      ...scalars.filter((_, i) => (mask & (16 << i)) !== 0).map(({ resource }) => `Insufficient ${resource}`),
    ];
    const code = isHopeless(row) ? "UnschedulableAndUnresolvable" : "Unschedulable";
    return state.rejections.idOf(name, code, ...reasons);
  };
  return { find, isHopeless, rejection };
};

const isIgnored = (resource: string, profile: SchedulerProfile): boolean =>
  isExtendedResource(resource) &&
  (profile.ignoredResources.includes(resource) || profile.ignoredResourceGroups.includes(resource.split("/")[0] ?? ""));
