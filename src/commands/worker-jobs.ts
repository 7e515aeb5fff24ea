import { type RunsTask, runsOf } from "./scenario-runs.ts";
import { outcomesOf, type SweepTask } from "./sweep-outcomes.ts";

/** Work that is done in numbered pieces; plain data, so that it can be handed to a worker. */
export type Job =
  | { readonly kind: "scenarioRuns"; readonly task: RunsTask }
  | { readonly kind: "sweep"; readonly task: SweepTask };

/** Does one piece; what it returns depends on the job and the number alone. */
export type Piece = (index: number) => unknown;

/** Reads what the job needs, in the worker's own memory. */
export const prepareJob = (job: Job): Piece | undefined => {
  switch (job.kind) {
    case "scenarioRuns":
      return runsOf(job.task);
    case "sweep":
      return outcomesOf(job.task);
  }
};
