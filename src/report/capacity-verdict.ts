import type { CapacityMoment, ClusterCapacity, MomentName, RoomEnd, WorkloadRoom } from "../simulate/capacity-model.ts";
import { plural } from "./verdict.ts";

/** What ends first and at how much, then what the loads and a lost zone come to. */
export interface CapacityVerdict {
  readonly summary: string;
  readonly reasons: readonly string[];
}

export const capacityVerdict = (capacity: ClusterCapacity): CapacityVerdict => {
  const first = endsFirst(capacity.workloads);
  const waits = capacity.moments.flatMap(waitingText);
  const tight = tightest(capacity);
  return {
    summary:
      first === undefined
        ? capacity.workloads.length === 0
          ? "No workload to add replicas of."
          : capacity.workloads.some(({ endedBy }) => endedBy.some(isOpen))
            ? "Nothing is known to end: node auto-provisioning would add nodes, which are not counted here."
            : "Nothing ends within the search."
        : first.more === 0
          ? `Full: no further replica of ${first.workload} fits; ${endText(first)}.`
          : `Ends first: ${plural(first.more, "more replica")} of ${first.workload}, then ${endText(first)}.`,
    reasons: [...waits, ...(tight === undefined ? [] : [tight])],
  };
};

/** The workload with the least room; of equals the first. Where node auto-provisioning would add nodes, no end is known. */
export const endsFirst = (workloads: readonly WorkloadRoom[]): WorkloadRoom | undefined =>
  workloads.filter(({ unbounded, endedBy }) => !unbounded && !endedBy.some(isOpen)).sort((a, b) => a.more - b.more)[0];

const isOpen = ({ limit }: RoomEnd): boolean => limit === "nodeProvisioning";

export const endText = ({ endedBy }: WorkloadRoom): string => endedBy.map(({ text }) => text).join("; ");

export const momentText: Readonly<Record<MomentName, string>> = {
  now: "when the apply ends",
  low: "at the quietest hour",
  high: "at the busiest hour",
  hpaMax: "with every HPA at maxReplicas",
  zoneLost: "with a zone lost",
};

const waitingText = (moment: CapacityMoment): readonly string[] => {
  const pods = moment.pending.reduce((sum, each) => sum + each.pods, 0);
  if (pods === 0) return moment.name === "zoneLost" ? [`With any one zone lost every pod is placed again.`] : [];
  const zone = moment.zone === undefined ? "" : ` (zone ${moment.zone}, the worst)`;
  const note = moment.note === undefined ? "" : `: ${moment.note}`;
  const later = moment.name === "now" ? ", until the autoscaler has added nodes" : "";
  const text = `${plural(pods, "pod")} of ${plural(moment.pending.length, "workload")} stay Pending ${momentText[moment.name]}${zone}${note}${later}.`;
  return [text];
};

/** The limit of which most is used at the busiest hour, those that grow with the nodes left out. */
const tightest = ({ limits }: ClusterCapacity): string | undefined => {
  const growing = new Set(["cpu", "memory", "pods", "disks"]);
  const shares = limits.flatMap((limit) => {
    const use = limit.at.high;
    return use === undefined || use.limit <= 0 || growing.has(limit.kind)
      ? []
      : [{ limit, use, share: use.used / use.limit }];
  });
  const most = shares.sort((a, b) => b.share - a.share)[0];
  if (most === undefined) return undefined;
  const { limit, use, share } = most;
  return `Tightest limit at the busiest hour: ${use.used} of ${use.limit} ${limit.unit} of "${limit.subject}" (${Math.round(100 * share)} %).`;
};
