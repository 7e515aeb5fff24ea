import type { Candidate } from "./default-preemption.ts";

/** What became of one pod before post-filter plugins are asked: as the plain path or the fast one found it. */
export interface Outcome {
  readonly error: string | undefined;
  /** Rejection of the pod as a whole. */
  readonly preFilter: number | undefined;
  readonly viaNominated: boolean;
  /** The row taken. */
  readonly row: number | undefined;
  readonly feasible: number;
  /** How many rows are equally best; undefined when they were not counted. */
  readonly best: number | undefined;
  /** Rejection id to number of rows. */
  readonly counts: ReadonlyMap<number, number>;
  /** The rejection of one row, for a nomination that did not hold. */
  readonly rejectionAt: (row: number) => number | undefined;
  /** Looks for rows where preemption would help; undefined when a PreFilter plugin rejected the pod as a whole. */
  readonly dryRun: (() => DryRun) | undefined;
}

/** Candidates for preemption (the chosen one first needs no others), or the rejections of the rows that were tried. */
export interface DryRun {
  readonly candidates: readonly Candidate[];
  readonly chosen: Candidate | undefined;
  readonly statuses: ReadonlyMap<number, number>;
}

export const undecided: Outcome = {
  error: undefined,
  preFilter: undefined,
  viaNominated: false,
  row: undefined,
  feasible: 0,
  best: undefined,
  counts: new Map(),
  rejectionAt: () => undefined,
  dryRun: undefined,
};

/** A failure may be asked for many times while nothing changes. */
export const once = (run: () => DryRun): (() => DryRun) => {
  let result: DryRun | undefined;
  return () => {
    result ??= run();
    return result;
  };
};
