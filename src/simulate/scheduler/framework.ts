import type { ClusterState } from "./cluster-state.ts";
import type { PodRecord } from "./pod-record.ts";
import type { SchedulerProfile } from "./profile.ts";

/** Rows of nodes, in order. */
export type Rows = readonly number[] | Int32Array;

/** One pod being decided about. */
export interface Cycle {
  readonly state: ClusterState;
  readonly profile: SchedulerProfile;
  readonly pod: PodRecord;
}

/** A filter made ready for one pod. */
export interface PreparedFilter {
  /** 0 when the node passes, else the id of the rejection. */
  readonly filter: (row: number) => number;
  /** The only nodes that can pass, by name. */
  readonly nodeNames?: ReadonlySet<string>;
  /** Tells of a pod put on (`by` 1) or taken from (`by` -1) a row for a what-if. Must be undone before the next row is looked at. */
  readonly podChanged?: (record: PodRecord, row: number, by: 1 | -1) => void;
}

export interface FilterPlugin {
  /** The upstream name, exactly. */
  readonly name: string;
  /** "skip" when the plugin has no say; `reject` with a rejection id when no node can do; `error` when upstream fails here. */
  readonly prepare: (
    cycle: Cycle,
  ) => PreparedFilter | "skip" | { readonly reject: number } | { readonly error: string };
}

/** A score made ready for one pod and the rows that passed the filters. */
export interface PreparedScore {
  readonly score: (row: number) => number;
  /** The same for all rows at once, where that is faster. */
  readonly scoreAll?: (rows: Rows, scores: Float64Array) => void;
  /** Brings raw scores, in order of the feasible rows, to 0..100 in place. */
  readonly normalize?: (scores: Float64Array) => void;
}

export interface ScorePlugin {
  readonly name: string;
  readonly prepare: (cycle: Cycle, feasible: Rows) => PreparedScore | "skip" | { readonly error: string };
}

export const MAX_NODE_SCORE = 100;

/** Scales to 0..100 by the largest score, turned round on request. Source: `plugins/helper/normalize_score.go`, v1.35.4. */
export const normalizeByMax = (scores: Float64Array, reverse: boolean): void => {
  let max = 0;
  for (let i = 0; i < scores.length; i++) max = Math.max(max, scores[i] ?? 0);
  for (let i = 0; i < scores.length; i++) {
    const scaled = max === 0 ? 0 : Math.floor((MAX_NODE_SCORE * (scores[i] ?? 0)) / max);
    scores[i] = reverse ? MAX_NODE_SCORE - scaled : scaled;
  }
};
