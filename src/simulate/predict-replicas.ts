import { addressOf, type KubeObject } from "../kubernetes/object.ts";
import type { PodTemplate } from "../kubernetes/pod.ts";
import type { HorizontalPodAutoscaler } from "../kubernetes/workloads.ts";
import { type ScaledObject, steadyScaledObject } from "./autoscaling/keda.ts";
import { type SteadyLoad, type SteadyReplicas, type SteadyTarget, steadyReplicas } from "./autoscaling/steady-state.ts";
import type { Assumption, AutoscalingPrediction, Range } from "./prediction.ts";

/** How much of what its declared replicas request a workload uses, in the quietest and the busiest hour. */
export interface LoadSettings {
  readonly default: Range | undefined;
  /** By workload, such as `Deployment/shop/web`. */
  readonly workloads: ReadonlyMap<string, Range>;
}

/** Taken where nothing is given: half of the requests at night, nine tenths in the busiest hour. */
export const assumedLoad: Range = { low: 0.5, high: 0.9 };

export interface PredictedReplicas {
  /** By workload; only those that an HPA scales. */
  readonly low: ReadonlyMap<string, number>;
  readonly high: ReadonlyMap<string, number>;
  readonly autoscaling: readonly AutoscalingPrediction[];
  readonly assumptions: readonly Assumption[];
}

interface Scalable extends KubeObject {
  readonly spec?: { readonly replicas?: number; readonly template?: PodTemplate };
}

/** The replicas that each HPA settles at for its workload's load. */
export const predictedReplicas = (objects: readonly KubeObject[], load: LoadSettings): PredictedReplicas => {
  const byAddress = new Map(objects.map((object) => [addressOf(object), object as Scalable]));
  const low = new Map<string, number>();
  const high = new Map<string, number>();
  const autoscaling: AutoscalingPrediction[] = [];
  const unsaid: string[] = [];
  for (const object of objects) {
    const scaler = scalerOf(object);
    if (scaler === undefined) continue;
    const { kind = "Deployment", name } = scaler.target;
    const address = addressOf({ ...object, kind, metadata: { ...object.metadata, name } });
    const target = byAddress.get(address);
    const podSpec = target?.spec?.template?.spec;
    if (target === undefined || podSpec === undefined) continue;
    const given = load.workloads.get(address) ?? load.default;
    if (given === undefined) unsaid.push(address);
    const replicas = target.spec?.replicas ?? 1;
    const steady = scaler.settle({ replicas, podSpec }, { use: given ?? assumedLoad });
    low.set(address, steady.low);
    high.set(address, steady.high);
    autoscaling.push({
      subject: address,
      kind: "hpa",
      from: replicas,
      to: { low: steady.low, high: steady.high },
      min: steady.min,
      max: steady.max,
      limited: steady.limited,
      reason: steady.reason,
    });
  }
  return { low, high, autoscaling, assumptions: loadAssumptions(autoscaling.length, unsaid) };
};

interface Scaler {
  readonly target: { readonly kind?: string; readonly name: string };
  readonly settle: (
    target: SteadyTarget,
    load: SteadyLoad,
  ) => SteadyReplicas & { readonly min: number; readonly max: number };
}

/** An HPA, or a ScaledObject of KEDA, which makes one. */
const scalerOf = (object: KubeObject): Scaler | undefined => {
  if (object.kind === "HorizontalPodAutoscaler") {
    const hpa = object as HorizontalPodAutoscaler;
    const { minReplicas: min = 1, maxReplicas: max } = hpa.spec;
    return {
      target: hpa.spec.scaleTargetRef,
      settle: (target, load) => ({ ...steadyReplicas(hpa, target, load), min, max }),
    };
  }
  if (object.kind !== "ScaledObject" || !object.apiVersion.startsWith("keda.sh/")) return undefined;
  const scaled = object as ScaledObject;
  if (scaled.spec?.scaleTargetRef?.name === undefined) return undefined;
  return { target: scaled.spec.scaleTargetRef, settle: (target, load) => steadyScaledObject(scaled, target, load) };
};

const loadAssumptions = (hpas: number, unsaid: readonly string[]): readonly Assumption[] => {
  if (hpas === 0 || unsaid.length === 0) return [];
  return [
    {
      key: "load.default",
      text: `The load of ${unsaid.length === hpas ? "the autoscaled workloads" : `${unsaid.length} of ${hpas} autoscaled workloads`} is not given; they are taken to use ${assumedLoad.low * 100} % of what their declared replicas request in the quietest hour and ${assumedLoad.high * 100} % in the busiest.`,
      override: "load.default and load.workloads in aks-twin.yaml",
      certainty: "uncertain",
    },
  ];
};
