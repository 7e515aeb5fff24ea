import type { Cycle } from "./framework.ts";
import type { LabelColumn } from "./label-column.ts";
import type { SpreadConstraint } from "./pod-class.ts";
import { hasUntoleratedTaint } from "./taint-toleration.ts";
import { Tally } from "./tally.ts";

export const HOSTNAME = "kubernetes.io/hostname";
const ZONE = "topology.kubernetes.io/zone";

export type SpreadAction = "DoNotSchedule" | "ScheduleAnyway";

/** What a pod without constraints of its own is spread by. Source: `plugins/podtopologyspread/plugin.go`, v1.35.4. */
const systemDefaults = [
  { topologyKey: HOSTNAME, maxSkew: 3 },
  { topologyKey: ZONE, maxSkew: 5 },
] as const;

/** A constraint with the column of its topology key. */
export interface ReadyConstraint {
  readonly constraint: SpreadConstraint;
  readonly column: LabelColumn;
}

/** The pod's constraints of one kind, or the default ones with the selector of its Services and controller. */
export const constraintsFor = (cycle: Cycle, action: SpreadAction): readonly ReadyConstraint[] => {
  const { podClass } = cycle.pod;
  const ready = (constraint: SpreadConstraint): ReadyConstraint => ({
    constraint,
    column: cycle.state.nodes.labelColumn(constraint.topologyKey),
  });
  if (podClass.hasSpread) {
    return (action === "DoNotSchedule" ? podClass.hardSpread : podClass.softSpread).map(ready);
  }
  const defaults = cycle.profile.defaultConstraints;
  const given =
    defaults === undefined
      ? action === "ScheduleAnyway"
        ? systemDefaults.map((each) => ({ ...each, minDomains: 1, honorsAffinity: true, honorsTaints: false }))
        : []
      : defaults
          .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
          .map((each) => ({
            topologyKey: each.topologyKey,
            maxSkew: each.maxSkew,
            minDomains: each.minDomains ?? 1,
            honorsAffinity: (each.nodeAffinityPolicy ?? "Honor") === "Honor",
            honorsTaints: (each.nodeTaintsPolicy ?? "Ignore") === "Honor",
          }));
  if (given.length === 0) return [];
  const selector = cycle.state.workloads.defaultSelector(podClass);
  if (selector === undefined) return [];
  return given.map((each) =>
    ready({ ...each, selector: selector.matcher, queryKey: selector.queryKey, label: selector.label }),
  );
};

/** How many pods in the pod's namespace a constraint's selector chooses, a row; none for the empty selector. */
export const matchingPods = ({ state, pod }: Cycle, { selector, queryKey, label }: SpreadConstraint): Tally => {
  if (selector.everything) return new Tally();
  const { namespace } = pod.podClass;
  return state.counts.count({
    key: queryKey,
    skipTerminating: true,
    label,
    matches: (podClass) => podClass.namespace === namespace && selector.matches(podClass.labels),
  });
};

/** Whether a row counts for a constraint, by its node inclusion policies. */
export const inclusion = ({ state, pod }: Cycle): ((constraint: SpreadConstraint, row: number) => boolean) => {
  const { nodes } = state;
  const { requiredNodeAffinity, tolerations } = pod.podClass.shape;
  const tainted: (boolean | undefined)[] = [];
  return ({ honorsAffinity, honorsTaints }, row) => {
    if (honorsAffinity && requiredNodeAffinity?.matches(nodes.labels[row], nodes.names[row] ?? "") === false)
      return false;
    if (!honorsTaints) return true;
    const set = nodes.taintSet[row] ?? 0;
    tainted[set] ??= hasUntoleratedTaint(nodes.taintSets[set] ?? [], tolerations);
    return tainted[set] === false;
  };
};
