import type { JsonObject } from "../model/json.ts";
import type { KubeObject, LabelSelector } from "./object.ts";
import type { NodeSelector, ResourceRequirements } from "./pod.ts";

export interface PersistentVolumeClaim extends KubeObject {
  readonly kind: "PersistentVolumeClaim";
  readonly spec: {
    readonly accessModes?: readonly string[];
    readonly resources?: ResourceRequirements;
    readonly storageClassName?: string;
    readonly volumeName?: string;
    readonly volumeMode?: string;
    readonly selector?: LabelSelector;
    readonly dataSource?: JsonObject;
  };
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface PersistentVolume extends KubeObject {
  readonly kind: "PersistentVolume";
  readonly spec: {
    readonly capacity?: Readonly<Record<string, string | number>>;
    readonly accessModes?: readonly string[];
    readonly storageClassName?: string;
    readonly claimRef?: { readonly namespace?: string; readonly name?: string; readonly uid?: string };
    readonly nodeAffinity?: { readonly required?: NodeSelector };
    readonly persistentVolumeReclaimPolicy?: string;
    readonly volumeMode?: string;
    readonly csi?: { readonly driver: string; readonly volumeHandle: string } & JsonObject;
    readonly azureDisk?: JsonObject;
    readonly hostPath?: JsonObject;
    readonly local?: JsonObject;
  };
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface StorageClass extends KubeObject {
  readonly kind: "StorageClass";
  readonly provisioner: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly reclaimPolicy?: string;
  readonly volumeBindingMode?: string;
  readonly allowVolumeExpansion?: boolean;
  readonly mountOptions?: readonly string[];
  readonly allowedTopologies?: readonly {
    readonly matchLabelExpressions?: readonly { readonly key: string; readonly values: readonly string[] }[];
  }[];
}

export interface CSINode extends KubeObject {
  readonly kind: "CSINode";
  readonly spec: {
    readonly drivers: readonly {
      readonly name: string;
      readonly nodeID: string;
      readonly topologyKeys?: readonly string[];
      readonly allocatable?: { readonly count?: number };
    }[];
  };
}

/** The class of a claim or a volume: the annotation of old times, which still counts, before the field (component-helpers storage/volume). */
export const storageClassNameOf = ({
  metadata,
  spec,
}: {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: { readonly storageClassName?: string };
}): string | undefined => metadata?.annotations?.["volume.beta.kubernetes.io/storage-class"] ?? spec?.storageClassName;
