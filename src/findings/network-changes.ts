import { type ReachChange, reachChanges, type WorkloadReach, workloadReach } from "../simulate/cloud/workload-reach.ts";
import type { BehaviourChange } from "./changes.ts";
import type { World } from "./rule.ts";

/** What a change is held against: objects run on the first cluster that the configuration makes. */
export type NetworkSide = Pick<World, "objects"> & Partial<Pick<World, "platform">>;

/** Lines that a report takes before it only counts. */
const mostLines = 20;

/** Connections of one workload that change alike and are told in one line. */
const fewestTogether = 4;

/**
 * What a change of network policies, labels or the policy engine opens and closes between workloads that are there before and after:
 * what changes alike for one workload together, else a line a pair with both directions; what is closed to the last port first.
 */
export const networkChanges = (before: NetworkSide, after: NetworkSide): readonly BehaviourChange[] => {
  const [was, is] = [reachOf(before), reachOf(after)];
  if (was === undefined || is === undefined) return [];
  const { groups, rest } = grouped(reachChanges(was, is));
  const lines = [...groups.map(groupLine), ...pairsOf(rest).map(pairLine)];
  const sorted = [...lines.filter(({ shut }) => shut), ...lines.filter(({ shut }) => !shut)];
  const shown = sorted.length > mostLines ? sorted.slice(0, mostLines - 1) : sorted;
  const left = sorted.slice(shown.length).flatMap(({ changes }) => changes);
  return [...engineChange(was, is), ...shown.map(({ line }) => line), ...(left.length === 0 ? [] : [restLine(left)])];
};

/** A line of the report, and the connections it tells of. */
interface Line {
  readonly line: BehaviourChange;
  readonly changes: readonly ReachChange[];
  readonly shut: boolean;
}

const reachOf = ({ objects, platform }: NetworkSide): WorkloadReach | undefined => {
  const cluster = platform?.clusters.find(({ isData }) => !isData);
  if (cluster === undefined) return undefined;
  return workloadReach(
    cluster,
    objects.map(({ object }) => object),
  );
};

const engineChange = (was: WorkloadReach, is: WorkloadReach): readonly BehaviourChange[] => {
  const policies = was.world.policies.length + is.world.policies.length;
  if (was.engine === is.engine || policies === 0) return [];
  return [
    {
      area: "network",
      subject: "NetworkPolicy",
      summary: `Network policies are enforced by ${nameOf(is)} (${nameOf(was)} before).`,
      before: was.engine,
      after: is.engine,
      worse: is.engine === "none",
    },
  ];
};

const nameOf = ({ engine }: WorkloadReach): string => (engine === "none" ? "nobody" : engine);

/** Connections from or to one workload that change alike. */
interface Group {
  readonly workload: string;
  readonly end: "from" | "to";
  readonly changes: readonly ReachChange[];
}

/** The largest groups first, each connection in one; what is left is too little for a group. */
const grouped = (
  changes: readonly ReachChange[],
): { readonly groups: readonly Group[]; readonly rest: readonly ReachChange[] } => {
  const groups: Group[] = [];
  let rest = changes;
  while (groups.length < mostLines) {
    const largest = largestGroup(rest);
    if (largest === undefined || largest.changes.length < fewestTogether) break;
    groups.push(largest);
    const taken = new Set(largest.changes);
    rest = rest.filter((change) => !taken.has(change));
  }
  return { groups, rest };
};

const largestGroup = (changes: readonly ReachChange[]): Group | undefined => {
  const byKey = new Map<string, { workload: string; end: Group["end"]; changes: ReachChange[] }>();
  for (const change of changes)
    for (const end of ["from", "to"] as const) {
      const key = `${end} ${change[end]} ${change.before} ${change.after}`;
      const group = byKey.get(key);
      if (group === undefined) byKey.set(key, { workload: change[end], end, changes: [change] });
      else group.changes.push(change);
    }
  return [...byKey.values()].reduce<Group | undefined>(
    (best, group) => (best === undefined || group.changes.length > best.changes.length ? group : best),
    undefined,
  );
};

const groupLine = ({ workload, end, changes }: Group): Line => {
  const names = changes.map((change) => change[end === "from" ? "to" : "from"]);
  const many = `${names.length} workloads`;
  const [from, to] = end === "from" ? [workload, many] : [many, workload];
  const list = names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ");
  return lineOf(
    workload,
    changes,
    (change) => `${from} → ${to} ${verb(change)}: ${change.before} → ${change.after} (${list})`,
  );
};

/** Both directions between two workloads, either of which may be missing. */
const pairsOf = (changes: readonly ReachChange[]): readonly (readonly ReachChange[])[] => {
  const pairs = new Map<string, ReachChange[]>();
  for (const change of changes) {
    const key = [change.from, change.to].sort().join(" ");
    const pair = pairs.get(key);
    if (pair === undefined) pairs.set(key, [change]);
    else pair.push(change);
  }
  return [...pairs.values()];
};

const pairLine = (changes: readonly ReachChange[]): Line => {
  const [first, second] = changes;
  const subject = [first?.from, first?.to].sort().join(" ");
  return lineOf(subject, changes, (change) =>
    change.before === second?.before && change.after === second.after
      ? `${change.from} ↔ ${change.to} ${verb(change)}: ${change.before} → ${change.after}`
      : changes.map((each) => `${each.from} → ${each.to} ${verb(each)}: ${each.before} → ${each.after}`).join("; "),
  );
};

const lineOf = (subject: string, changes: readonly ReachChange[], summary: (first: ReachChange) => string): Line => {
  const [first] = changes;
  return {
    line: {
      area: "network",
      subject,
      summary: first === undefined ? "" : `${summary(first)}.`,
      before: first?.before,
      after: first?.after,
      // Whether a closed port was wanted is for the reader to say.
      worse: false,
      count: changes.length,
    },
    changes,
    shut: changes.some(({ after }) => after === "none"),
  };
};

const verb = ({ opens, closes, before, after }: ReachChange): string => {
  if (after === "none") return "closed";
  if (before === "none") return "opened";
  return opens && closes ? "changed" : opens ? "widened" : "narrowed";
};

const restLine = (changes: readonly ReachChange[]): BehaviourChange => {
  const closing = changes.filter(({ closes }) => closes).length;
  const opening = changes.filter(({ opens }) => opens).length;
  return {
    area: "network",
    subject: "NetworkPolicy",
    summary: `And ${changes.length} more connections: ${closing} closed or narrowed, ${opening} opened or widened. \`aks-twin explain --reach\` lists what may pass.`,
    before: undefined,
    after: undefined,
    worse: false,
    count: changes.length,
  };
};
