import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { parse, parseAllDocuments } from "yaml";
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import type { Json } from "../../../src/model/json.ts";
import { readCluster } from "../../../src/simulate/scheduler/cluster-input.ts";
import { ClusterRun } from "../../../src/simulate/scheduler/cluster-run.ts";
import { defaultProfile, type SchedulerProfile } from "../../../src/simulate/scheduler/profile.ts";
import { type QueueOptions, scheduleQueue } from "../../../src/simulate/scheduler/schedule-queue.ts";
import { createScheduler } from "../../../src/simulate/scheduler/scheduler.ts";
import { readSchedulerConfiguration } from "../../../src/simulate/scheduler/scheduler-configuration.ts";

/** A recorded run of the real kube-scheduler. */
export interface RecordedCase {
  readonly name: string;
  readonly options: Partial<QueueOptions>;
  readonly input: string;
  /** A KubeSchedulerConfiguration, where the run had one. */
  readonly config?: string;
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

/** The profiles of a recorded run. */
export const profilesOf = ({ config }: RecordedCase): readonly SchedulerProfile[] => {
  if (config === undefined) return [defaultProfile];
  const { value, diagnostics } = readSchedulerConfiguration(parse(readText(config)) as Json);
  if (diagnostics.length > 0) throw new Error(`${config}: ${diagnostics[0]?.detail}`);
  return value;
};

/** Our decisions on objects, a JSON line each. */
export const decisionsOn = (
  objects: readonly KubeObject[],
  options: Partial<QueueOptions>,
  mode: "fast" | "reference",
  profiles: readonly SchedulerProfile[] = [defaultProfile],
): readonly string[] => {
  const input = readCluster(objects);
  const run = new ClusterRun(createScheduler({ mode, profiles }), input);
  const { order = "input", preemptRetry = "immediate", passes = 1 } = options;
  return [...scheduleQueue(run, input.pending, { order, preemptRetry, passes })].map((record) =>
    JSON.stringify(record),
  );
};
