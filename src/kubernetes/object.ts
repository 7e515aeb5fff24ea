import type { SourceRange } from "../model/source-range.ts";

/** What every Kubernetes object carries. Plain JSON with upstream's field names, so that an object can be printed as it is. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly generateName?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  /** RFC 3339, to the second. */
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly LabelSelectorRequirement[];
}

export interface LabelSelectorRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** An object read from a manifest, a Terraform resource or a dump, and where each part of it was written. */
export interface SourcedObject<T extends KubeObject = KubeObject> {
  readonly object: T;
  readonly range: SourceRange;
  /** The range of the value at a path such as `["spec", "replicas"]`, or of the nearest ancestor that has one. */
  readonly rangeAt: (path: readonly (string | number)[]) => SourceRange;
  /** Address of the cluster that it is for, where the input says so. */
  readonly cluster?: string;
  /** Some of it is known after apply and left out. */
  readonly partial?: true;
  /** A field has a wrong type and is left out: the API server refuses the object. */
  readonly misshapen?: true;
}

/** `Kind/namespace/name`, or `Kind/name` without a namespace: how findings and the graph call an object. */
export const addressOf = (object: KubeObject): string =>
  object.metadata.namespace === undefined
    ? `${object.kind}/${object.metadata.name}`
    : `${object.kind}/${object.metadata.namespace}/${object.metadata.name}`;
