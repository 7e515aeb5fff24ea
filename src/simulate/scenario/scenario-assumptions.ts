import type { KubeObject } from "../../kubernetes/object.ts";
import type { ScenarioTimings } from "../../model/scenario.ts";
import type { Assumption } from "../prediction.ts";
import { assumedDate } from "./clock.ts";
import { eventAssumptions } from "./event-assumptions.ts";
import type { WorldHpa } from "./hpa-loop.ts";
import type { ScenarioInput } from "./run-scenario.ts";
import type { ScenarioSide } from "./scenario-setup.ts";
import type { WorldTimings } from "./world-state.ts";

/** How long a pod of a Job runs where the scenario does not say. */
export const assumedRunTime = 300_000;

interface Given {
  readonly input: ScenarioInput;
  /** The cluster at the beginning, and after the change where it is applied. */
  readonly sides: readonly ScenarioSide[];
  readonly timings: WorldTimings;
  readonly hpas: readonly WorldHpa[];
}

/** What the time line rests on that the input does not say, each with its source. */
export const scenarioAssumptions = (given: Given): readonly Assumption[] => [
  ...timingAssumptions(given),
  {
    key: "scenarioLoad",
    text: "Ready pods share a workload's load evenly, a pod uses no more than its CPU limit, and the metrics API answers with the use of the moment.",
    override: "load in the scenario",
    certainty: "likely",
    source: "a simplification; metrics-server scrapes every 15 s",
  },
  ...eventAssumptions(given.input.scenario),
  ...jobAssumptions(given),
  ...metricAssumptions(given),
  ...loadAssumptions(given),
  ...quotaAssumptions(given.input),
  ...leftOutAssumptions(given),
];

const unpublished = "no figure is published; observed";

const timingAssumptions = ({ input, timings }: Given): readonly Assumption[] => {
  const seconds = (ms: number): string => (ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} s`);
  const rows: readonly (readonly [keyof ScenarioTimings, string, string])[] = [
    [
      "nodeReady",
      `A node is Ready ${seconds(timings.nodeReady)} after it is asked for, a Windows node ${seconds(timings.windowsNodeReady)}.`,
      `${unpublished}: one to three minutes on Linux scale sets`,
    ],
    [
      "nodeDelete",
      `A machine is gone, with its addresses, ${seconds(timings.nodeDelete)} after its deletion.`,
      unpublished,
    ],
    [
      "imagePull",
      `An image that the node lacks takes ${seconds(timings.imagePull)} to pull, whatever its size.`,
      `${unpublished}; sizes of images are not read`,
    ],
    [
      "podReady",
      `A container takes ${seconds(timings.podStart)} to start; a pod with a readiness probe is ready after the probe's initial delay, and at least ${seconds(timings.podReady)} more.`,
      "an assumption: what the application needs is not in the manifests",
    ],
    [
      "podStop",
      `A pod stops ${seconds(timings.podStop)} after the signal, or at its grace period where that is shorter.`,
      "an assumption: what the application needs is not in the manifests",
    ],
  ];
  const assumed = rows
    .filter(([key]) => input.scenario.timings[key] === undefined)
    .map(
      ([key, text, source]): Assumption => ({
        key,
        text,
        override: `timings.${key} in the scenario`,
        certainty: "uncertain",
        source,
      }),
    );
  if (input.chance === undefined) return assumed;
  return [
    ...assumed,
    {
      key: "provisioningTime",
      text: "With --runs the time to a Ready node is drawn between half and twice the usual one, most often just that (a triangle).",
      override: "timings.nodeReady in the scenario moves all of it",
      certainty: "uncertain",
      source: "no distribution is published",
    },
  ];
};

const jobAssumptions = ({ input: { scenario }, sides }: Given): readonly Assumption[] => {
  const kinds = new Set(sides.flatMap(({ objects }) => objects.map(({ kind }) => kind)));
  const found: Assumption[] = [];
  const unsaid = sides
    .flatMap(({ objects }) => objects)
    .some((object) => isJob(object) && scenario.runTimes?.workloads.has(addressed(object)) !== true);
  if (unsaid && scenario.runTimes?.default === undefined)
    found.push({
      key: "runTimes",
      text: `A pod of a Job runs for ${assumedRunTime / 60_000} min and succeeds.`,
      override: "runTimes in the scenario",
      certainty: "uncertain",
      source: "an assumption: what the work takes is not in the manifests",
    });
  if (kinds.has("Job"))
    found.push({
      key: "jobStart",
      text:
        sides.length > 1
          ? "Jobs of the base have ended before the beginning; those that the change brings start when its manifests are applied."
          : "Jobs start at the beginning.",
      override: "suspend: true on those that are not to run",
      certainty: "uncertain",
      source: "an assumption: when they were applied is not in the manifests",
    });
  const isTimed =
    kinds.has("CronJob") ||
    sides.some(({ objects }) =>
      objects.some((each) => each.kind === "ScaledObject" && JSON.stringify(each).includes('"cron"')),
    );
  if (isTimed && scenario.date === undefined)
    found.push({
      key: "date",
      text: `The scenario begins on ${assumedDate}, a Monday, and its times are UTC: schedules of CronJobs and cron triggers count from there.`,
      override: "date in the scenario",
      certainty: "uncertain",
      source: "an assumption: the scenario names a time of day alone",
    });
  return found;
};

const isJob = ({ kind }: KubeObject): boolean => kind === "Job" || kind === "CronJob";

const addressed = ({ kind, metadata }: KubeObject): string =>
  `${kind}/${metadata.namespace ?? "default"}/${metadata.name}`;

const metricAssumptions = ({ hpas }: Given): readonly Assumption[] => {
  const foreign = new Set(
    hpas.flatMap(({ figures, scaler }) =>
      figures.flatMap(({ metric, source }) =>
        source !== undefined || metric.type === "Resource" || metric.type === "ContainerResource"
          ? []
          : `${metric.name} of ${scaler.address}`,
      ),
    ),
  );
  if (foreign.size === 0) return [];
  return [
    {
      key: "scenarioMetrics",
      text: `${[...foreign].sort().join(", ")}: not known before it runs, taken as just met.`,
      override: "metrics in the scenario",
      certainty: "uncertain",
      source: "an assumption: what the metric says is not in the manifests",
    },
  ];
};

const loadAssumptions = ({ input: { scenario, load }, hpas }: Given): readonly Assumption[] => {
  const unsaid = hpas.filter(
    ({ workload: { address }, ceiling }) =>
      ceiling !== undefined && !scenario.load.workloads.has(address) && !load.workloads.has(address),
  );
  if (unsaid.length === 0 || scenario.load.default !== undefined || load.default !== undefined) return [];
  return [
    {
      key: "scenarioDefaultLoad",
      text: `The load of ${unsaid.length} of ${hpas.length} autoscaled workloads is not given; they are taken to use 70 % of what their declared replicas request.`,
      override: "load.default in the scenario",
      certainty: "uncertain",
      source: "an assumption: halfway between the quietest and the busiest hour that review assumes",
    },
  ];
};

const quotaAssumptions = ({ quotas, scenario }: ScenarioInput): readonly Assumption[] => {
  const ofDump = [...(quotas ?? [])].filter(([key]) => scenario.vcpuQuota?.has(key) !== true);
  if (ofDump.length === 0) return [];
  return [
    {
      key: "vcpuQuota",
      text: "vCPUs in use by the dump are taken as those of others. If this cluster was running when the dump was made, its own count twice.",
      override: "vcpuQuota in the scenario",
      certainty: "uncertain",
      source: "az vm list-usage does not say whose the vCPUs are",
    },
  ];
};

const leftOutAssumptions = ({ sides }: Given): readonly Assumption[] => {
  const leftOut = [...new Set(sides.flatMap((side) => side.leftOut))];
  if (leftOut.length === 0) return [];
  return [
    {
      key: "poolsLeftOut",
      text: `The nodes of pools "${leftOut.join('", "')}" are not known, since the VM size is not in the table: they are missing.`,
      override: "skus in aks-twin.yaml (az vm list-skus -o json)",
      certainty: "uncertain",
      source: "the table of VM sizes",
    },
  ];
};
