import type { KubeObject, LabelSelector } from "./object.ts";
import type { PodTemplate } from "./pod.ts";
import type { PersistentVolumeClaim } from "./storage.ts";

/** A number of pods or a share of them, such as `2` or `"25%"`. */
export type IntOrString = number | string;

export interface Deployment extends KubeObject {
  readonly kind: "Deployment";
  readonly spec: {
    readonly replicas?: number;
    readonly selector: LabelSelector;
    readonly template: PodTemplate;
    readonly strategy?: {
      readonly type?: string;
      readonly rollingUpdate?: { readonly maxSurge?: IntOrString; readonly maxUnavailable?: IntOrString };
    };
    readonly minReadySeconds?: number;
    readonly revisionHistoryLimit?: number;
    readonly paused?: boolean;
    readonly progressDeadlineSeconds?: number;
  };
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface ReplicaSet extends KubeObject {
  readonly kind: "ReplicaSet";
  readonly spec: {
    readonly replicas?: number;
    readonly selector: LabelSelector;
    readonly template?: PodTemplate;
    readonly minReadySeconds?: number;
  };
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface StatefulSet extends KubeObject {
  readonly kind: "StatefulSet";
  readonly spec: {
    readonly replicas?: number;
    readonly selector: LabelSelector;
    readonly template: PodTemplate;
    readonly serviceName?: string;
    readonly podManagementPolicy?: string;
    readonly volumeClaimTemplates?: readonly PersistentVolumeClaim[];
    readonly updateStrategy?: {
      readonly type?: string;
      readonly rollingUpdate?: { readonly partition?: number; readonly maxUnavailable?: IntOrString };
    };
    readonly minReadySeconds?: number;
    readonly ordinals?: { readonly start?: number };
    readonly persistentVolumeClaimRetentionPolicy?: { readonly whenDeleted?: string; readonly whenScaled?: string };
  };
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface DaemonSet extends KubeObject {
  readonly kind: "DaemonSet";
  readonly spec: {
    readonly selector: LabelSelector;
    readonly template: PodTemplate;
    readonly updateStrategy?: {
      readonly type?: string;
      readonly rollingUpdate?: { readonly maxSurge?: IntOrString; readonly maxUnavailable?: IntOrString };
    };
    readonly minReadySeconds?: number;
    readonly revisionHistoryLimit?: number;
  };
  readonly status?: Readonly<Record<string, unknown>>;
}

/** A rule of a Job's pod failure policy. */
export interface JobFailureRule {
  readonly action: string;
  readonly onExitCodes?: {
    readonly containerName?: string;
    readonly operator: string;
    readonly values?: readonly number[];
  };
  readonly onPodConditions?: readonly { readonly type: string; readonly status?: string }[];
}

export interface Job extends KubeObject {
  readonly kind: "Job";
  readonly spec: {
    readonly parallelism?: number;
    readonly completions?: number;
    readonly backoffLimit?: number;
    readonly activeDeadlineSeconds?: number;
    readonly ttlSecondsAfterFinished?: number;
    readonly completionMode?: string;
    readonly suspend?: boolean;
    readonly backoffLimitPerIndex?: number;
    readonly maxFailedIndexes?: number;
    readonly podReplacementPolicy?: string;
    readonly podFailurePolicy?: { readonly rules?: readonly JobFailureRule[] };
    readonly successPolicy?: {
      readonly rules?: readonly { readonly succeededIndexes?: string; readonly succeededCount?: number }[];
    };
    readonly selector?: LabelSelector;
    readonly template: PodTemplate;
  };
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface CronJob extends KubeObject {
  readonly kind: "CronJob";
  readonly spec: {
    readonly schedule: string;
    readonly suspend?: boolean;
    readonly concurrencyPolicy?: string;
    readonly jobTemplate: { readonly metadata?: PodTemplate["metadata"]; readonly spec: Job["spec"] };
  };
}

export interface PodDisruptionBudget extends KubeObject {
  readonly kind: "PodDisruptionBudget";
  readonly spec: {
    readonly minAvailable?: IntOrString;
    readonly maxUnavailable?: IntOrString;
    readonly selector?: LabelSelector;
    readonly unhealthyPodEvictionPolicy?: string;
  };
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface HorizontalPodAutoscaler extends KubeObject {
  readonly kind: "HorizontalPodAutoscaler";
  readonly spec: {
    readonly scaleTargetRef: { readonly apiVersion?: string; readonly kind: string; readonly name: string };
    readonly minReplicas?: number;
    readonly maxReplicas: number;
    readonly metrics?: readonly MetricSpec[];
    readonly behavior?: {
      readonly scaleUp?: ScalingRules;
      readonly scaleDown?: ScalingRules;
    };
  };
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface MetricTarget {
  readonly type: string;
  readonly averageUtilization?: number;
  readonly averageValue?: string | number;
  readonly value?: string | number;
}

export interface MetricSpec {
  readonly type: string;
  readonly resource?: { readonly name: string; readonly target: MetricTarget };
  readonly containerResource?: { readonly name: string; readonly container: string; readonly target: MetricTarget };
  readonly pods?: {
    readonly metric: { readonly name: string; readonly selector?: LabelSelector };
    readonly target: MetricTarget;
  };
  readonly object?: {
    readonly metric: { readonly name: string; readonly selector?: LabelSelector };
    readonly describedObject: { readonly apiVersion?: string; readonly kind: string; readonly name: string };
    readonly target: MetricTarget;
  };
  readonly external?: {
    readonly metric: { readonly name: string; readonly selector?: LabelSelector };
    readonly target: MetricTarget;
  };
}

export interface ScalingRules {
  readonly stabilizationWindowSeconds?: number;
  readonly selectPolicy?: string;
  readonly tolerance?: string | number;
  readonly policies?: readonly { readonly type: string; readonly value: number; readonly periodSeconds: number }[];
}
