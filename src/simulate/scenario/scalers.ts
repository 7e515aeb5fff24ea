import { addressOf, type KubeObject } from "../../kubernetes/object.ts";
import { quantityMilliValue } from "../../kubernetes/quantity.ts";
import type { HorizontalPodAutoscaler } from "../../kubernetes/workloads.ts";
import type { LoadCurve } from "../../model/scenario.ts";
import { planScaledObject, type ScaledObject, type ScaledObjectTrigger } from "../autoscaling/keda.ts";
import type { ScenarioClock } from "./clock.ts";
import { shareAt } from "./load-curve.ts";

/** Where the value of a metric other than CPU and memory comes from; such a metric without one is taken as just met. */
export interface MetricSource {
  /** In the metric's own unit. */
  readonly valueAt: (now: number) => number;
  /** From this value on (not with it) KEDA takes the scaler as active. */
  readonly activation: number;
  /** A trigger by the clock is active at its times, whatever its value. */
  readonly isActive?: (now: number) => boolean;
}

/** What KEDA does beside the HPA that it makes. */
export interface KedaSettings {
  readonly pollMs: number;
  readonly cooldownMs: number;
  /** Replicas while no trigger is active; undefined when it never rests below the HPA's minimum. */
  readonly resting: number | undefined;
  /** Replicas on waking. */
  readonly waking: number;
  readonly paused: number | undefined;
  /** Something can make it active: without a value nobody knows, and it stays awake. */
  readonly isKnown: boolean;
}

/** An HPA, or the one that KEDA makes of a ScaledObject. */
export interface Scaler {
  readonly address: string;
  readonly hpa: HorizontalPodAutoscaler;
  readonly sources: ReadonlyMap<string, MetricSource>;
  readonly keda: KedaSettings | undefined;
}

type Metrics = ReadonlyMap<string, ReadonlyMap<string, LoadCurve>>;

/** Reads HPAs and ScaledObjects; values of metrics come from the scenario, those of cron triggers from its clock. */
export const scalersOf = (
  objects: readonly KubeObject[],
  metrics: Metrics,
  clock: ScenarioClock,
  start: number,
): readonly Scaler[] =>
  objects.flatMap((object): readonly Scaler[] => {
    const address = addressOf(object);
    const curves = metrics.get(address);
    if (object.kind === "HorizontalPodAutoscaler") {
      const sources = [...(curves ?? [])].map(([name, curve]) => [name, fromCurve(curve, start, 0)] as const);
      return [{ address, hpa: object as HorizontalPodAutoscaler, sources: new Map(sources), keda: undefined }];
    }
    if (object.kind !== "ScaledObject" || !object.apiVersion.startsWith("keda.sh/")) return [];
    const scaled = object as ScaledObject;
    return scaled.spec?.scaleTargetRef?.name === undefined ? [] : [kedaScaler(scaled, address, curves, clock, start)];
  });

/** Source: KEDA 2.17 documentation, "ScaledObject specification" (pollingInterval 30 s, cooldownPeriod 300 s). */
const kedaScaler = (
  object: ScaledObject,
  address: string,
  curves: ReadonlyMap<string, LoadCurve> | undefined,
  clock: ScenarioClock,
  start: number,
): Scaler => {
  const { hpa, resting, paused, triggers } = planScaledObject(object);
  const { pollingInterval = 30, cooldownPeriod = 300, minReplicaCount = 0 } = object.spec;
  const sources = new Map<string, MetricSource>();
  for (const [name, trigger] of triggers) {
    const curve = curves?.get(name) ?? curves?.get(trigger.name ?? "") ?? curves?.get(trigger.type);
    const source =
      curve !== undefined
        ? fromCurve(curve, start, activationOf(trigger))
        : trigger.type === "cron"
          ? fromCron(trigger, clock)
          : undefined;
    if (source !== undefined) sources.set(name, source);
  }
  return {
    address,
    hpa: { ...hpa, metadata: { ...object.metadata, ...hpa.metadata } },
    sources,
    keda: {
      pollMs: pollingInterval * 1000,
      cooldownMs: cooldownPeriod * 1000,
      resting,
      waking: Math.max(1, minReplicaCount),
      paused,
      isKnown: [...triggers.keys()].every((name) => sources.has(name)),
    },
  };
};

const fromCurve = (curve: LoadCurve, start: number, activation: number): MetricSource => ({
  valueAt: (now) => shareAt(curve, now, start, 1),
  activation,
});

/** Active from `start` to `end` (KEDA 2.17, cron scaler): then the next end comes before the next start. */
const fromCron = ({ metadata = {} }: ScaledObjectTrigger, clock: ScenarioClock): MetricSource | undefined => {
  const wanted = Number.parseInt(String(metadata["desiredReplicas"] ?? ""), 10);
  const zone = String(metadata["timezone"] ?? "");
  const times = [String(metadata["start"] ?? ""), String(metadata["end"] ?? "")] as const;
  if (Number.isNaN(wanted) || times.some((time) => clock.next(time, zone, 0) === undefined)) return undefined;
  let until = Number.NEGATIVE_INFINITY;
  let known = false;
  const isActive = (now: number): boolean => {
    if (now >= until) {
      const begin = clock.next(times[0], zone, now) ?? Number.POSITIVE_INFINITY;
      const end = clock.next(times[1], zone, now) ?? Number.POSITIVE_INFINITY;
      known = end <= begin;
      until = Math.min(begin, end);
    }
    return known;
  };
  return { valueAt: (now) => (isActive(now) ? wanted : 1), activation: 0, isActive };
};

const activationOf = ({ metadata = {} }: ScaledObjectTrigger): number => {
  for (const [key, value] of Object.entries(metadata))
    if (key.startsWith("activation")) return (quantityMilliValue(String(value)) ?? 0) / 1000;
  return 0;
};

/** Whether any trigger is active. */
export const isAwake = ({ sources, keda }: Scaler, now: number): boolean => {
  if (keda?.isKnown !== true) return true;
  for (const { valueAt, activation, isActive } of sources.values())
    if (isActive === undefined ? valueAt(now) > activation : isActive(now)) return true;
  return false;
};
