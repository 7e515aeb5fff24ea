import type { Shortage } from "./api.ts";
import type { ClusterState } from "./cluster-state.ts";
import { shortageFinder } from "./node-resources-fit.ts";
import type { PodRecord } from "./pod-record.ts";
import type { SchedulerProfile } from "./profile.ts";

/** What each node lacks for the pod, in order of node and resource. */
export const findShortages = (state: ClusterState, pod: PodRecord, profile: SchedulerProfile): readonly Shortage[] => {
  const { nodes } = state;
  const { cpu, memory, ephemeralStorage, scalars } = pod.requests;
  const finder = shortageFinder(state, pod, profile);
  const wanted = [
    { resource: "pods", requested: 1, column: nodes.pods },
    { resource: "cpu", requested: cpu, column: nodes.cpu },
    { resource: "memory", requested: memory, column: nodes.memory },
    { resource: "ephemeral-storage", requested: ephemeralStorage, column: nodes.ephemeralStorage },
    ...scalars.map(({ name, quantity }) => ({ resource: name, requested: quantity, column: nodes.scalar(name) })),
  ];
  const shortages: Shortage[] = [];
  for (let row = 0; row < nodes.size; row++) {
    if (nodes.isAlive[row] !== 1 || finder.find(row) === 0) continue;
    for (const { resource, requested, column } of wanted) {
      const allocatable = column.allocatable[row] ?? 0;
      const free = allocatable - (column.requested[row] ?? 0);
      if (requested > 0 && requested > free) {
        shortages.push({ node: nodes.names[row] ?? "", resource, requested, free, allocatable });
      }
    }
  }
  return shortages;
};
