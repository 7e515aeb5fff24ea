import { type ReachChange, reachChanges, type WorkloadReach, workloadReach } from "../simulate/cloud/workload-reach.ts";
import type { BehaviourChange } from "./changes.ts";
import type { World } from "./rule.ts";

/** What a change is held against: objects run on the first cluster that the configuration makes. */
export type NetworkSide = Pick<World, "objects"> & Partial<Pick<World, "platform">>;

/** Lines that a report takes before it only counts. */
const mostLines = 20;

/**
 * What a change of network policies, labels or the policy engine opens and closes between workloads that are there before and after: a
 * line a pair, both directions on it; what is closed to the last port first.
 */
export const networkChanges = (before: NetworkSide, after: NetworkSide): readonly BehaviourChange[] => {
  const [was, is] = [reachOf(before), reachOf(after)];
  if (was === undefined || is === undefined) return [];
  const pairs = pairsOf(reachChanges(was, is));
  const shown = pairs.length > mostLines ? pairs.slice(0, mostLines - 1) : pairs;
  const rest = pairs.slice(shown.length);
  return [...engineChange(was, is), ...shown.map(pairLine), ...(rest.length === 0 ? [] : [restLine(rest)])];
};

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

/** Both directions between two workloads; either may be missing. */
interface Pair {
  readonly one: string;
  readonly other: string;
  readonly changes: readonly ReachChange[];
}

const pairsOf = (changes: readonly ReachChange[]): readonly Pair[] => {
  const pairs = new Map<string, Pair>();
  for (const change of changes) {
    const [one, other] = change.from < change.to ? [change.from, change.to] : [change.to, change.from];
    const key = `${one} ${other}`;
    pairs.set(key, { one, other, changes: [...(pairs.get(key)?.changes ?? []), change] });
  }
  const shut = (pair: Pair): number => (pair.changes.some(({ after }) => after === "none") ? 0 : 1);
  return [...pairs.values()].sort((a, b) => shut(a) - shut(b));
};

const pairLine = ({ one, other, changes }: Pair): BehaviourChange => {
  const [first, second] = changes;
  const alike = first !== undefined && first.before === second?.before && first.after === second.after;
  const told = alike
    ? `${one} ↔ ${other} ${verb(first)}: ${first.before} → ${first.after}`
    : changes
        .map((change) => `${change.from} → ${change.to} ${verb(change)}: ${change.before} → ${change.after}`)
        .join("; ");
  return {
    area: "network",
    subject: `${one} ${other}`,
    summary: `${told}.`,
    before: changes.map(({ before }) => before).join("; "),
    after: changes.map(({ after }) => after).join("; "),
    // Whether a closed port was wanted is for the reader to say.
    worse: false,
  };
};

const verb = ({ opens, closes, before, after }: ReachChange): string => {
  if (after === "none") return "closed";
  if (before === "none") return "opened";
  return opens && closes ? "changed" : opens ? "widened" : "narrowed";
};

const restLine = (rest: readonly Pair[]): BehaviourChange => {
  const changes = rest.flatMap((pair) => pair.changes);
  const closing = changes.filter(({ closes }) => closes).length;
  const opening = changes.filter(({ opens }) => opens).length;
  return {
    area: "network",
    subject: "NetworkPolicy",
    summary: `And ${rest.length} more pairs of workloads: something is closed in ${closing} directions, opened in ${opening}. \`aks-twin explain --reach\` lists what may pass.`,
    before: undefined,
    after: undefined,
    worse: false,
    count: rest.length,
  };
};
