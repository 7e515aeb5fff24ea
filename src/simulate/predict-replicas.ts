import { addressOf, type KubeObject } from "../kubernetes/object.ts";
import type { PodTemplate } from "../kubernetes/pod.ts";
import type { HorizontalPodAutoscaler } from "../kubernetes/workloads.ts";
import { steadyReplicas } from "./autoscaling/steady-state.ts";
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
    if (object.kind !== "HorizontalPodAutoscaler") continue;
    const hpa = object as HorizontalPodAutoscaler;
    const { kind, name } = hpa.spec.scaleTargetRef;
    const address = addressOf({ ...hpa, kind, metadata: { ...hpa.metadata, name } });
    const target = byAddress.get(address);
    const podSpec = target?.spec?.template?.spec;
    if (target === undefined || podSpec === undefined) continue;
    const given = load.workloads.get(address) ?? load.default;
    if (given === undefined) unsaid.push(address);
    const replicas = target.spec?.replicas ?? 1;
    const steady = steadyReplicas(hpa, { replicas, podSpec }, { use: given ?? assumedLoad });
    low.set(address, steady.low);
    high.set(address, steady.high);
    autoscaling.push({
      subject: address,
      kind: "hpa",
      from: replicas,
      to: { low: steady.low, high: steady.high },
      min: hpa.spec.minReplicas ?? 1,
      max: hpa.spec.maxReplicas,
      limited: steady.limited,
      reason: steady.reason,
    });
  }
  return { low, high, autoscaling, assumptions: loadAssumptions(autoscaling.length, unsaid) };
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
