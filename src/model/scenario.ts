import type { Millis } from "./quantity.ts";

/** How the use of a workload goes over time, as a share of what its declared replicas request together; see `schemas/scenario.schema.json`. */
export type LoadCurve =
  | { readonly kind: "constant"; readonly share: number }
  /** A cosine between `low` and `high` over 24 hours, highest at the time of day `peak`. */
  | { readonly kind: "daily"; readonly low: number; readonly high: number; readonly peak: Millis }
  /** `base`, and `height` from `at` on for `duration`, after a linear rise and before a linear fall of the given lengths. */
  | {
      readonly kind: "spike";
      readonly base: number;
      readonly height: number;
      readonly at: Millis;
      readonly rise: Millis;
      readonly duration: Millis;
      readonly fall: Millis;
    }
  /** Straight lines between points; the last value stays, or the series begins anew after `repeat`. */
  | {
      readonly kind: "series";
      readonly at: readonly number[];
      readonly shares: readonly number[];
      readonly repeat: Millis | undefined;
      /** What one replica serves at 100 % of its request, where the values are no shares but requests a second or the like. */
      readonly perReplica: number | undefined;
    };

/** Something that happens to the cluster. */
export type ScenarioAction =
  | { readonly kind: "deploy"; readonly workload: string; readonly image: string | undefined }
  | { readonly kind: "scale"; readonly workload: string; readonly replicas: number }
  | {
      readonly kind: "nodeFailure";
      readonly pool: string | undefined;
      readonly count: number;
      readonly duration: Millis | undefined;
    }
  | { readonly kind: "zoneLoss"; readonly zone: string; readonly duration: Millis | undefined }
  | {
      readonly kind: "spotEviction";
      readonly pool: string | undefined;
      readonly count: number | undefined;
      readonly duration: Millis;
    }
  | { readonly kind: "registryDown"; readonly registry: string | undefined; readonly duration: Millis | undefined }
  | {
      readonly kind: "provisioningFailure";
      readonly pool: string | undefined;
      readonly reason: string;
      readonly duration: Millis | undefined;
    }
  | { readonly kind: "upgrade"; readonly pools: readonly string[]; readonly what: "cluster" | "nodeImage" }
  | { readonly kind: "rotatePool"; readonly pool: string }
  | { readonly kind: "stop"; readonly duration: Millis | undefined }
  /** The change under review: the world begins as the base, and becomes the head. */
  | { readonly kind: "apply"; readonly manifests: "after" | "before" };

export interface ScenarioEvent {
  readonly at: Millis;
  readonly action: ScenarioAction;
}

/** Times of the machinery that a scenario sets itself; what is left out is an assumption. */
export interface ScenarioTimings {
  readonly nodeReady?: Millis;
  readonly nodeDelete?: Millis;
  readonly imagePull?: Millis;
  readonly podReady?: Millis;
  readonly podStop?: Millis;
}

/** What happens to a cluster, and how long it is watched. */
export interface Scenario {
  /** Day at the beginning, such as `2026-01-05`: schedules by weekday and month count from it. */
  readonly date?: string;
  /** Time of day at the beginning. */
  readonly start: Millis;
  readonly until: Millis;
  /** Distance of the points of the time line; undefined: chosen from the length. */
  readonly sample: Millis | undefined;
  readonly load: { readonly default: LoadCurve | undefined; readonly workloads: ReadonlyMap<string, LoadCurve> };
  readonly timings: ScenarioTimings;
  /** How long a pod of a Job runs. */
  readonly runTimes?: { readonly default: Millis | undefined; readonly workloads: ReadonlyMap<string, Millis> };
  /** vCPUs that this cluster may have, by the name of the quota such as `cores` or `standardDDSv5Family`, in lower case. */
  readonly vcpuQuota?: ReadonlyMap<string, number>;
  /** Values of metrics other than CPU and memory, by scaler and by metric, trigger name or trigger type. */
  readonly metrics?: ReadonlyMap<string, ReadonlyMap<string, LoadCurve>>;
  readonly events: readonly ScenarioEvent[];
}
