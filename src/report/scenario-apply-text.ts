import { verticalWords } from "../simulate/autoscaling/vertical.ts";
import type { ScenarioResult } from "../simulate/scenario/result.ts";
import { plainLine as plain } from "./escape.ts";
import { clock, duration } from "./scenario-time.ts";

/** How the change went: its steps, then what was down, short or waiting until the cluster had settled. */
export const applyLines = ({ apply, start }: ScenarioResult): readonly string[] => {
  if (apply === undefined) return [];
  const { since, until, settled, result, steps, workloads, mostPending, mostNodes, addresses } = apply;
  const took = until === undefined ? "still on its way" : `${result} after ${duration(until - since)}`;
  const calm =
    until === undefined
      ? ""
      : settled === undefined
        ? "; not all pods are ready to the end"
        : `; all is settled after ${duration(settled - since)}`;
  const down = workloads.filter(({ downMs }) => downMs > 0);
  return [
    "",
    `The change, applied at ${clock(start + since)}: ${took}${calm}`,
    ...steps.map(({ subject, what, since: from, until: to, result: how, reason }) => {
      const end =
        how === "skipped" ? "not done" : to === undefined ? "still on its way" : `${how} after ${duration(to - from)}`;
      return `  ${clock(start + from)} ${plain(subject)} ${plain(what)}: ${end}${reason === undefined ? "" : ` (${plain(reason)})`}`;
    }),
    `  downtime: ${down.length === 0 ? "none" : down.map(({ workload, downMs }) => `${plain(workload)} ${duration(downMs)}`).join(", ")}`,
    ...workloads.map(
      ({ workload, lowest, mostPending: waiting }) =>
        `  ${plain(workload)}: ${lowest.ready < lowest.wanted ? `${lowest.ready} of ${lowest.wanted} ready at ${clock(start + lowest.at)}` : "all ready"}${waiting === 0 ? "" : `, ${waiting} Pending at most`}`,
    ),
    `  at most ${mostPending} pods Pending; nodes: ${Object.entries(mostNodes)
      .map(([pool, nodes]) => `${plain(pool)} ${nodes}`)
      .join(", ")}`,
    ...addresses.map(({ subnet, most, usable }) => `  addresses of ${plain(subnet)}: ${most} of ${usable} at most`),
  ];
};

/** The runs of Jobs and CronJobs. */
export const jobLines = ({ jobs }: ScenarioResult): readonly string[] => {
  const ran = jobs.filter(({ runs, skipped }) => runs + skipped > 0);
  if (ran.length === 0) return [];
  return [
    "",
    "Jobs",
    ...ran.map(({ workload, runs, succeeded, failed, skipped, late, running, longestMs }) => {
      const parts = [
        `${runs} run${runs === 1 ? "" : "s"}`,
        ...(succeeded > 0 ? [`${succeeded} succeeded, ${duration(longestMs)} at the longest`] : []),
        ...(failed > 0 ? [`${failed} failed`] : []),
        ...(late > 0 ? [`${late} due before the last had ended`] : []),
        ...(skipped > 0 ? [`${skipped} not started`] : []),
        ...(running > 0 ? [`${running} not ended`] : []),
      ];
      return `  ${plain(workload)}: ${parts.join(", ")}`;
    }),
  ];
};

/** VerticalPodAutoscalers, which are named and not played. */
export const verticalLines = ({ vertical }: ScenarioResult): readonly string[] =>
  vertical.length === 0
    ? []
    : [
        "",
        "VerticalPodAutoscalers (not played: requests stay as in the manifests)",
        ...vertical.map(
          (bounds) => `  ${plain(bounds.scaler)} of ${plain(bounds.workload)}, ${plain(verticalWords(bounds))}`,
        ),
      ];
