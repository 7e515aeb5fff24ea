import type { PodFacts } from "./pod-facts.ts";

/** Pending pods that are alike for the scheduler, and what was found about them in this loop. */
export interface PodGroup {
  readonly pods: readonly PodFacts[];
  /** Reasons by node group. */
  readonly rejections: Map<string, readonly string[]>;
  schedulable: boolean;
}

const MAX_GROUPS_PER_OWNER = 10;

/** Groups pods of one owner with equal labels and spec. Source: cluster-autoscaler 1.33.0 `core/scaleup/equivalence/groups.go`. */
export const groupPods = (pods: readonly PodFacts[]): readonly PodGroup[] => {
  const groups: { readonly pods: PodFacts[] }[] = [];
  const byOwner = new Map<string, Map<string, { readonly pods: PodFacts[] }>>();
  for (const pod of pods) {
    const { owner, isDaemon, shape } = pod;
    if (owner === undefined || isDaemon) {
      groups.push({ pods: [pod] });
      continue;
    }
    const known = byOwner.get(owner.uid) ?? new Map<string, { readonly pods: PodFacts[] }>();
    byOwner.set(owner.uid, known);
    const group = known.get(shape);
    if (group !== undefined) {
      group.pods.push(pod);
      continue;
    }
    const fresh = { pods: [pod] };
    if (known.size < MAX_GROUPS_PER_OWNER) known.set(shape, fresh);
    groups.push(fresh);
  }
  return groups.map(({ pods: members }) => ({ pods: members, rejections: new Map(), schedulable: false }));
};
