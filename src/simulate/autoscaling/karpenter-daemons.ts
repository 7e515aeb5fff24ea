import type { Taint } from "../../kubernetes/node.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import type { Amounts, InstanceType } from "./karpenter-instance-types.ts";
import { type HostPort, podAsks, relaxed, sum, untolerated } from "./karpenter-pod.ts";
import { conflictOf, incompatibility, type Requirements } from "./karpenter-requirements.ts";

/** Sizes on which the same DaemonSets would run, and what these take. */
export interface DaemonGroup {
  readonly types: ReadonlySet<InstanceType>;
  readonly overhead: Amounts;
  readonly ports: readonly HostPort[];
}

/**
 * Parts the sizes by the DaemonSets that would run on a node of the template. Source: kubernetes-sigs/karpenter v1.14.0
 * `pkg/controllers/provisioning/scheduling/scheduler.go` (buildDaemonOverheadGroups).
 */
export const daemonGroups = (
  template: { readonly taints: readonly Taint[]; readonly requirements: Requirements },
  types: readonly InstanceType[],
  daemons: readonly Pod[],
): readonly DaemonGroup[] => {
  const groups = new Map<string, { readonly types: Set<InstanceType>; readonly pods: readonly Pod[] }>();
  const candidates = daemons.filter((pod) => hardTaint(template.taints, pod) === undefined).map(alternatives);
  for (const type of types) {
    const running = candidates.flatMap((variants) => {
      const suiting = variants.find(
        ({ spec }) =>
          incompatibility(template.requirements, podAsks({ spec } as Pod).strict, { wellKnown: true }) === undefined &&
          conflictOf(type.requirements, podAsks({ spec } as Pod).strict) === undefined,
      );
      return suiting === undefined ? [] : [suiting];
    });
    const key = running.map(({ metadata }) => `${metadata.namespace ?? ""}/${metadata.name}`).join();
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { types: new Set([type]), pods: running });
    else known.types.add(type);
  }
  return [...groups.values()].map(({ types: members, pods }) => ({
    types: members,
    overhead: pods.reduce<Amounts>((total, pod) => sum(total, podAsks(pod).requests), new Map()),
    ports: pods.flatMap((pod) => podAsks(pod).ports),
  }));
};

/** PreferNoSchedule does not keep a DaemonSet away. */
const hardTaint = (taints: readonly Taint[], pod: Pod): Taint | undefined =>
  untolerated(
    taints.filter(({ effect }) => effect !== "PreferNoSchedule"),
    pod.spec,
  );

/** The pod with each of the alternatives of its required node affinity in turn. */
const alternatives = (pod: Pod): readonly Pod[] => {
  const terms =
    pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const found = [pod];
  for (let index = 1; index < terms.length; index++) {
    const next = relaxed(found.at(-1) ?? pod, false);
    if (next !== undefined) found.push(next);
  }
  return found;
};
