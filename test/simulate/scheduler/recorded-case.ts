import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import { readCluster } from "../../../src/simulate/scheduler/cluster-input.ts";
import { ClusterRun } from "../../../src/simulate/scheduler/cluster-run.ts";
import { type QueueOptions, scheduleQueue } from "../../../src/simulate/scheduler/schedule-queue.ts";
import { createScheduler } from "../../../src/simulate/scheduler/scheduler.ts";

/** A recorded run of the real kube-scheduler. */
export interface RecordedCase {
  readonly name: string;
  readonly options: Partial<QueueOptions>;
  readonly input: string;
  readonly expected: string;
}

const folder = new URL("../../conformance/scheduler/", import.meta.url);

export const readText = (path: string): string => {
  const bytes = readFileSync(new URL(path, folder));
  return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
};

export const recordedCases = (): readonly RecordedCase[] =>
  (JSON.parse(readText("manifest.json")) as { readonly cases: readonly RecordedCase[] }).cases;

export const parseObjects = (text: string): readonly KubeObject[] =>
  text.startsWith("{")
    ? (JSON.parse(text) as { readonly items: readonly KubeObject[] }).items
    : parseAllDocuments(text)
        .map((document) => document.toJS() as KubeObject | null)
        .filter((object) => object !== null);

/** Our decisions on objects, a JSON line each. */
export const decisionsOn = (
  objects: readonly KubeObject[],
  options: Partial<QueueOptions>,
  mode: "fast" | "reference",
): readonly string[] => {
  const input = readCluster(objects);
  const run = new ClusterRun(createScheduler({ mode }), input);
  const { order = "input", preemptRetry = "immediate", passes = 1 } = options;
  return [...scheduleQueue(run, input.pending, { order, preemptRetry, passes })].map((record) =>
    JSON.stringify(record),
  );
};
