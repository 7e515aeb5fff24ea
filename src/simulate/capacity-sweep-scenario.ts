import type { VcpuQuota } from "../azure/sku-dump.ts";
import { type Millis, millis } from "../model/quantity.ts";
import type { LoadCurve, Scenario } from "../model/scenario.ts";
import type { PredictInput } from "./predict.ts";
import type { ScenarioResult } from "./scenario/result.ts";
import { runScenario } from "./scenario/run-scenario.ts";

/** A scenario that each combination of a sweep is played through. */
export interface SweepScenario {
  readonly scenario: Scenario;
  readonly quotas: ReadonlyMap<string, VcpuQuota> | undefined;
}

/** How one combination gets through the scenario. */
export interface ScenarioOutcome {
  /** No pod waits for a node at the end, and none waited longer than ten minutes. */
  readonly carried: boolean;
  readonly longestPendingMs: number;
  readonly pendingAtEnd: number;
  /** At a point of the time line. */
  readonly mostPending: number;
  /** From too little to served, at the longest. */
  readonly longestShortfallMs: number;
  /** Ready nodes by pool, summed over the scenario. */
  readonly nodeHours: Readonly<Record<string, number>>;
  /** Of these nodes at the prices given. */
  readonly cost: number | null;
}

/** After so long a Deployment counts as failed to progress (Kubernetes, `spec.progressDeadlineSeconds`, default 600). */
const patience: Millis = millis(600_000);
const HOUR_MS = 3_600_000;

/** Plays the scenario on a combination's cluster, with the scenario's own curves multiplied by `factor` as its other loads are already. */
export const throughScenario = (
  { platform, cluster, objects, sizes, load }: PredictInput,
  { scenario, quotas }: SweepScenario,
  factor: number,
): Omit<ScenarioOutcome, "cost"> => {
  const { value } = runScenario({
    platform,
    cluster,
    objects,
    scenario: factor === 1 ? scenario : withLoad(scenario, factor),
    load,
    sizes,
    quotas,
  });
  const longestPendingMs = most(value.workloads.map((workload) => workload.longestPendingMs));
  return {
    carried: value.pending.length === 0 && longestPendingMs <= patience,
    longestPendingMs,
    pendingAtEnd: value.pending.length,
    mostPending: most(value.samples.pods.pending),
    longestShortfallMs: most(value.shortfalls.map(({ since, until }) => (until ?? value.until) - since)),
    nodeHours: nodeHours(value),
  };
};

const most = (values: readonly number[]): number => values.reduce((high, value) => Math.max(high, value), 0);

/** A count holds until the next point of the time line. */
const nodeHours = ({ samples, until }: ScenarioResult): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(samples.nodes).map(([pool, counts]) => {
      const sum = counts.reduce(
        (total, count, index) => total + count * ((samples.at[index + 1] ?? until) - (samples.at[index] ?? until)),
        0,
      );
      return [pool, Math.round((sum / HOUR_MS) * 100) / 100];
    }),
  );

const withLoad = (scenario: Scenario, factor: number): Scenario => ({
  ...scenario,
  load: {
    default: scenario.load.default === undefined ? undefined : scaledCurve(scenario.load.default, factor),
    workloads: new Map([...scenario.load.workloads].map(([workload, curve]) => [workload, scaledCurve(curve, factor)])),
  },
});

const scaledCurve = (curve: LoadCurve, factor: number): LoadCurve => {
  switch (curve.kind) {
    case "constant":
      return { ...curve, share: curve.share * factor };
    case "daily":
      return { ...curve, low: curve.low * factor, high: curve.high * factor };
    case "spike":
      return { ...curve, base: curve.base * factor, height: curve.height * factor };
    case "series":
      return { ...curve, shares: curve.shares.map((share) => share * factor) };
  }
};
