import type { ClusterState } from "./cluster-state.ts";
import { filterRowWithNominated, type ReadyCycle, startCycle } from "./filter-cycle.ts";
import type { PodRecord } from "./pod-record.ts";
import type { SchedulerProfile } from "./profile.ts";
import { type PluginScores, scoreRows } from "./score-cycle.ts";

/** What became of a pod before preemption: the plain way, every plugin on every node. */
export interface Evaluation {
  readonly ready: ReadyCycle | undefined;
  readonly error: string | undefined;
  readonly preFilter: number | undefined;
  readonly viaNominated: boolean;
  /** Rows that passed, in order. */
  readonly feasible: readonly number[];
  /** Rejection id of each row that was looked at, or would have been but for a PreFilter result. */
  readonly rejected: ReadonlyMap<number, number>;
  readonly scores: readonly PluginScores[] | undefined;
  readonly totals: Float64Array | undefined;
  /** The rows that are equally best. */
  readonly best: readonly number[];
}

const nothing: Evaluation = {
  ready: undefined,
  error: undefined,
  preFilter: undefined,
  viaNominated: false,
  feasible: [],
  rejected: new Map(),
  scores: undefined,
  totals: undefined,
  best: [],
};

/** Filters and scores all nodes for one pod. Source: `pkg/scheduler/schedule_one.go`, v1.35.4 (schedulePod, findNodesThatFitPod). */
export const evaluate = (
  state: ClusterState,
  profile: SchedulerProfile,
  pod: PodRecord,
  nominated: string | undefined,
): Evaluation => {
  const cycle = { state, profile, pod };
  const start = startCycle(cycle);
  if (start.kind === "error") return { ...nothing, error: start.error };
  if (start.kind === "rejected") return { ...nothing, preFilter: start.rejection };
  const { nodes } = state;
  const rejected = new Map<number, number>();
  const nominatedRow = nominated === undefined ? undefined : nodes.rowOf(nominated);
  if (nominatedRow !== undefined) {
    const rejection = filterRowWithNominated(start, nominatedRow);
    if (rejection === 0) {
      return { ...nothing, ready: start, viaNominated: true, feasible: [nominatedRow], best: [nominatedRow] };
    }
    rejected.set(nominatedRow, rejection);
  }
  const feasible: number[] = [];
  const { nodeNames } = start;
  const excluded =
    nodeNames === undefined
      ? 0
      : state.rejections.idOf(
          undefined,
          "UnschedulableAndUnresolvable",
          `node(s) didn't satisfy plugin(s) [${[...start.namingPlugins].sort().join(" ")}]`,
        );
  for (let row = 0; row < nodes.size; row++) {
    if (nodes.isAlive[row] !== 1) continue;
    if (nodeNames !== undefined && !nodeNames.has(nodes.names[row] ?? "")) {
      if (!rejected.has(row)) rejected.set(row, excluded);
      continue;
    }
    const rejection = filterRowWithNominated(start, row);
    if (rejection === 0) feasible.push(row);
    else rejected.set(row, rejection);
  }
  const found = { ...nothing, ready: start, feasible, rejected };
  if (feasible.length < 2) return { ...found, best: feasible };
  const scored = scoreRows(cycle, feasible);
  if ("error" in scored) return { ...nothing, error: scored.error, feasible, rejected };
  const { plugins, totals } = scored;
  let top = Number.NEGATIVE_INFINITY;
  for (const total of totals) if (total > top) top = total;
  return { ...found, scores: plugins, totals, best: feasible.filter((_, i) => totals[i] === top) };
};
