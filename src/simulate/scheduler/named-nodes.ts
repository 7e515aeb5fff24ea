import { filterRowWithNominated, type ReadyCycle, startCycle } from "./filter-cycle.ts";
import type { Cycle } from "./framework.ts";
import { type Outcome, undecided } from "./outcome.ts";
import { dryRunRows } from "./post-filter.ts";
import { scoreRows } from "./score-cycle.ts";
import { bestOf } from "./tied-path.ts";

/** Decides about a pod that names the only nodes it may go to, as daemon pods do. Undefined when the plain path must decide. */
export const decideNamed = (cycle: Cycle, names: ReadonlySet<string>): Outcome | undefined => {
  const ready = startCycle(cycle);
  if (ready.kind !== "ready" || ready.nodeNames !== names) return undefined;
  const feasible: number[] = [];
  const rejected = new Map<number, number>();
  const rows = [...names].flatMap((name) => cycle.state.nodes.rowOf(name) ?? []);
  for (const row of rows.sort((a, b) => a - b)) {
    const id = filterRowWithNominated(ready, row);
    if (id === 0) feasible.push(row);
    else rejected.set(row, id);
  }
  if (feasible.length === 1) return { ...undecided, feasible: 1, best: 1, row: feasible[0] };
  if (feasible.length > 1) {
    const scored = scoreRows(cycle, feasible);
    return "error" in scored ? undefined : { ...undecided, ...bestOf(feasible, scored.totals) };
  }
  return {
    ...undecided,
    counts: countsOf(ready, rejected),
    rejectionAt: (row) => rejected.get(row),
    dryRun: () => dryRunRows(ready, rejected),
  };
};

/** Rejections of the named nodes, and of all others that the name leaves out. */
const countsOf = (ready: ReadyCycle, rejected: ReadonlyMap<number, number>): ReadonlyMap<number, number> => {
  const { rejections, nodes } = ready.cycle.state;
  const counts = new Map<number, number>();
  for (const id of rejected.values()) counts.set(id, (counts.get(id) ?? 0) + 1);
  const reason = `node(s) didn't satisfy plugin(s) [${[...ready.namingPlugins].sort().join(" ")}]`;
  const others = nodes.alive - rejected.size;
  if (others > 0) counts.set(rejections.idOf(undefined, "UnschedulableAndUnresolvable", reason), others);
  return counts;
};
