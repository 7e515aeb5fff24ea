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
  const changes = reachChanges(was, is);
  const { groups, rest } = grouped(changes);
  const lines = [...groups.map(groupLine), ...pairsOf(rest).map(pairLine)];
  const sorted = [...lines.filter(({ shut }) => shut), ...lines.filter(({ shut }) => !shut)];
  const isAll = lines.length <= mostLines && sum(lines) === changes.length;
  const shown = isAll ? sorted : sorted.slice(0, mostLines - 1);
  return [...engineChange(was, is), ...shown.map(({ line }) => line), ...(isAll ? [] : [restLine(changes, shown)])];
};

const sum = (lines: readonly Line[]): number => lines.reduce((all, { changes }) => all + changes.length, 0);

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
  const open = possibleGroups(changes);
  const taken = new Set<ReachChange>();
  const groups: Group[] = [];
  while (groups.length < mostLines) {
    let largest: PossibleGroup | undefined;
    for (const group of open) if (group.left > (largest?.left ?? fewestTogether - 1)) largest = group;
    if (largest === undefined) break;
    const own = largest.changes.filter((change) => !taken.has(change));
    groups.push({ workload: largest.workload, end: largest.end, changes: own });
    largest.left = 0;
    for (const change of own) {
      taken.add(change);
      const other = largest.peers.get(change[largest.end === "from" ? "to" : "from"]);
      if (other !== undefined) other.left -= 1;
    }
  }
  return { groups, rest: taken.size === changes.length ? [] : changes.filter((change) => !taken.has(change)) };
};

interface PossibleGroup {
  readonly workload: string;
  readonly end: Group["end"];
  readonly changes: ReachChange[];
  /** Those that no group has taken yet. */
  left: number;
  /** The groups of the same change at the other end, by workload. */
  readonly peers: ReadonlyMap<string, PossibleGroup>;
}

const possibleGroups = (changes: readonly ReachChange[]): readonly PossibleGroup[] => {
  const groups: PossibleGroup[] = [];
  const ends = new Map<string, Record<Group["end"], Map<string, PossibleGroup>>>();
  for (const change of changes) {
    const key = `${change.before} → ${change.after}`;
    let both = ends.get(key);
    if (both === undefined) {
      both = { from: new Map(), to: new Map() };
      ends.set(key, both);
    }
    for (const end of ["from", "to"] as const) {
      const workload = change[end];
      let group = both[end].get(workload);
      if (group === undefined) {
        group = { workload, end, changes: [], left: 0, peers: both[end === "from" ? "to" : "from"] };
        both[end].set(workload, group);
        groups.push(group);
      }
      group.changes.push(change);
      group.left += 1;
    }
  }
  return groups;
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

/** Both directions between two workloads, either of which may be missing; no more than a report could show, what is shut first. */
const pairsOf = (changes: readonly ReachChange[]): readonly (readonly ReachChange[])[] => {
  const pairs = new Map<string, ReachChange[]>();
  const isShut = ({ after }: ReachChange): boolean => after === "none";
  for (const change of [...changes.filter(isShut), ...changes.filter((each) => !isShut(each))]) {
    const key = change.from < change.to ? `${change.from} ${change.to}` : `${change.to} ${change.from}`;
    const pair = pairs.get(key);
    if (pair !== undefined) pair.push(change);
    else if (pairs.size < mostLines) pairs.set(key, [change]);
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

const restLine = (all: readonly ReachChange[], shown: readonly Line[]): BehaviourChange => {
  const told = new Set(shown.flatMap(({ changes }) => changes));
  const changes = all.filter((change) => !told.has(change));
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
