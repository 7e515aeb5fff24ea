import type { Pod } from "../../kubernetes/pod.ts";
import type { BoundVolume } from "./cluster-run.ts";
import type { DecisionDetail, Preemption, Rejection } from "./decision.ts";
import { byBytes } from "./message.ts";
import { podKey } from "./pod-record.ts";

/** One line of `aks-twin schedule --json`; fields that have nothing to say are absent. */
export interface DecisionRecord {
  readonly seq: number;
  readonly pod: string;
  readonly attempt: number;
  readonly priority: number;
  readonly result: string;
  readonly node?: string;
  readonly message?: string;
  readonly nominatedBefore?: string;
  readonly viaNominated?: true;
  readonly preFilter?: RejectionRecord;
  readonly preFilterNodes?: readonly string[];
  readonly feasible: readonly string[];
  readonly filtered?: Readonly<Record<string, RejectionRecord>>;
  readonly scored: boolean;
  readonly scores?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly totals?: Readonly<Record<string, number>>;
  readonly argmax?: readonly string[];
  readonly volumes?: readonly BoundVolume[];
  readonly preemption?: Preemption;
  readonly follow?: FollowRecord;
}

export interface RejectionRecord {
  readonly plugin?: string;
  readonly code: string;
  readonly reasons: readonly string[];
}

/** How a given decision compares with ours. */
export interface FollowRecord {
  readonly givenNode?: string;
  readonly givenPreemption?: unknown;
  readonly verdict: string;
  readonly agree: boolean;
  readonly scoreGap?: number;
  readonly differs?: readonly string[];
  readonly error?: string;
}

/** The decision in the form of the oracle's README, maps in order of their keys. */
export const toDecisionRecord = (pod: Pod, detail: DecisionDetail, seq: number, attempt: number): DecisionRecord => {
  const { decision } = detail;
  return {
    seq,
    pod: podKey(decision.namespace, decision.name),
    attempt,
    priority: pod.spec.priority ?? 0,
    result: decision.result,
    ...(decision.node === undefined ? {} : { node: decision.node }),
    ...(detail.message === "" ? {} : { message: detail.message }),
    ...(decision.nominatedBefore === undefined ? {} : { nominatedBefore: decision.nominatedBefore }),
    ...(decision.viaNominated ? { viaNominated: true as const } : {}),
    ...(detail.preFilter === undefined ? {} : { preFilter: rejectionRecord(detail.preFilter) }),
    ...((detail.preFilterNodes ?? []).length === 0 ? {} : { preFilterNodes: detail.preFilterNodes ?? [] }),
    feasible: detail.feasible,
    filtered: sorted(detail.filtered, rejectionRecord),
    scored: detail.scored,
    ...(detail.scores.size === 0
      ? {}
      : { scores: sorted(detail.scores, (scores) => sorted(scores, (score) => score)) }),
    ...(detail.totals.size === 0 ? {} : { totals: sorted(detail.totals, (total) => total) }),
    ...(detail.argmax.length === 0 ? {} : { argmax: detail.argmax }),
    ...(detail.preemption === undefined ? {} : { preemption: detail.preemption }),
  };
};

const rejectionRecord = ({ plugin, code, reasons }: Rejection): RejectionRecord => ({
  ...(plugin === undefined ? {} : { plugin }),
  code,
  reasons,
});

const sorted = <T, R>(map: ReadonlyMap<string, T>, convert: (value: T) => R): Record<string, R> =>
  Object.fromEntries([...map].sort(([a], [b]) => byBytes(a, b)).map(([key, value]) => [key, convert(value)]));
