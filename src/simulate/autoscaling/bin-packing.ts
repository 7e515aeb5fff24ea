import { type ClusterPicture, milliOf } from "./cluster-picture.ts";
import type { NodeTemplate } from "./node-group.ts";
import type { PodFacts } from "./pod-facts.ts";
import type { PodGroup } from "./pod-groups.ts";

/** How many nodes of a template the pods need, and which pods they would take. */
export interface Estimate {
  readonly nodes: number;
  readonly pods: readonly PodFacts[];
}

/**
 * First fit, largest pods first, on new nodes only, at most `limit` of them (0: no limit, below: none). Source: cluster-autoscaler 1.33.0
 * `estimator/binpacking_estimator.go`.
 */
export const estimateNodes = (
  picture: ClusterPicture,
  template: NodeTemplate,
  groups: readonly PodGroup[],
  limit: number,
): Estimate => {
  const names = new Set<string>();
  let last: string | undefined;
  const used = new Set<string>();
  const scheduled: PodFacts[] = [];
  const track = (pod: PodFacts, name: string): void => {
    scheduled.push(pod);
    used.add(name);
  };
  const placeOnNew = (pod: PodFacts): boolean => {
    const name = picture.placeFirst(pod, names);
    if (name === undefined) return false;
    track(pod, name);
    return true;
  };

  picture.fork();
  let mayAdd = true;
  for (const { pods } of largestFirst(groups, template)) {
    let index = 0;
    while (index < pods.length && placeOnNew(pods[index] as PodFacts)) index += 1;
    for (; mayAdd && index < pods.length; index += 1) {
      const pod = pods[index] as PodFacts;
      if (last !== undefined && picture.place(pod, last)) {
        track(pod, last);
        continue;
      }
      // The last node is still empty: another one would not take the pod either.
      if (last !== undefined && !used.has(last)) break;
      if (limit < 0 || (limit > 0 && names.size >= limit)) {
        mayAdd = false;
        break;
      }
      last = picture.addCopy(template, `e-${names.size}`);
      names.add(last);
      if (!picture.place(pod, last)) break;
      track(pod, last);
    }
  }
  picture.revert();
  return { nodes: used.size, pods: scheduled };
};

/** By the sum of cpu and memory as shares of the template. Source: `estimator/decreasing_pod_orderer.go`. */
const largestFirst = (groups: readonly PodGroup[], { node }: NodeTemplate): readonly PodGroup[] => {
  const cpu = milliOf(node, "allocatable", "cpu") ?? 0;
  const memory = milliOf(node, "allocatable", "memory") ?? 0;
  const scored = groups.map((group) => {
    const pod = group.pods[0];
    const byCpu = cpu > 0 ? (pod?.milliCpu ?? 0) / cpu : 0;
    const byMemory = memory > 0 ? Math.ceil((pod?.milliMemory ?? 0) / 1000) / Math.ceil(memory / 1000) : 0;
    return { group, score: byCpu + byMemory };
  });
  return scored.sort((a, b) => b.score - a.score).map(({ group }) => group);
};
