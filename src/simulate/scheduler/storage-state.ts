import type { KubeObject, LabelSelector } from "../../kubernetes/object.ts";
import { compileNodeSelector, type NodeMatcher } from "../../kubernetes/selectors.ts";
import type { CSINode, PersistentVolume, PersistentVolumeClaim, StorageClass } from "../../kubernetes/storage.ts";

export interface CsiDriver extends KubeObject {
  readonly spec?: { readonly storageCapacity?: boolean };
}

export interface CsiStorageCapacity extends KubeObject {
  readonly storageClassName?: string;
  readonly capacity?: string | number;
  readonly maximumVolumeSize?: string | number;
  readonly nodeTopology?: LabelSelector;
}

export interface VolumeAttachment extends KubeObject {
  readonly spec: {
    readonly attacher?: string;
    readonly nodeName?: string;
    readonly source?: { readonly persistentVolumeName?: string };
  };
}

/** Storage objects as the volume plugins look them up. Every change has a new `version`. */
export class StorageState {
  version = 0;
  readonly claims = new Map<string, PersistentVolumeClaim>();
  readonly volumes = new Map<string, PersistentVolume>();
  readonly classes = new Map<string, StorageClass>();
  readonly csiNodes = new Map<string, CSINode>();
  readonly csiDrivers = new Map<string, CsiDriver>();
  readonly capacities = new Map<string, CsiStorageCapacity>();
  readonly attachments = new Map<string, VolumeAttachment>();
  private byClassVersion = -1;
  private readonly byClass = new Map<string, PersistentVolume[]>();
  private readonly affinities = new WeakMap<PersistentVolume, NodeMatcher | "any">();

  private mapOf(kind: string): Map<string, KubeObject> | undefined {
    switch (kind) {
      case "PersistentVolumeClaim":
        return this.claims as Map<string, KubeObject>;
      case "PersistentVolume":
        return this.volumes as Map<string, KubeObject>;
      case "StorageClass":
        return this.classes as Map<string, KubeObject>;
      case "CSINode":
        return this.csiNodes as Map<string, KubeObject>;
      case "CSIDriver":
        return this.csiDrivers;
      case "CSIStorageCapacity":
        return this.capacities;
      case "VolumeAttachment":
        return this.attachments as Map<string, KubeObject>;
      default:
        return undefined;
    }
  }

  /** Stores or (without an object) removes; false when the kind is none of storage's. Returns what was there before through `previous`. */
  change(kind: string, key: string, object: KubeObject | undefined): boolean {
    const map = this.mapOf(kind);
    if (map === undefined) return false;
    if (object === undefined) map.delete(key);
    else map.set(key, object);
    this.version++;
    return true;
  }

  get(kind: string, key: string): KubeObject | undefined {
    return this.mapOf(kind)?.get(key);
  }

  /** Claims are found by `namespace/name`, all else by name. */
  claim(namespace: string, name: string): PersistentVolumeClaim | undefined {
    return this.claims.get(`${namespace}/${name}`);
  }

  /** Volumes that name the class, in order of arrival. */
  volumesOfClass(className: string): readonly PersistentVolume[] {
    if (this.byClassVersion !== this.version) {
      this.byClass.clear();
      for (const volume of this.volumes.values()) {
        const list = this.byClass.get(classOfVolume(volume)) ?? [];
        list.push(volume);
        this.byClass.set(classOfVolume(volume), list);
      }
      this.byClassVersion = this.version;
    }
    return this.byClass.get(className) ?? [];
  }

  /** Whether a volume may be used on a node with these labels. Source: component-helpers v0.35 `storage/volume` (CheckNodeAffinity). */
  volumeFitsNode(volume: PersistentVolume, labels: Readonly<Record<string, string>> | undefined): boolean {
    let matcher = this.affinities.get(volume);
    if (matcher === undefined) {
      const required = volume.spec.nodeAffinity?.required;
      matcher = required === undefined || required === null ? "any" : compileNodeSelector(required);
      this.affinities.set(volume, matcher);
    }
    return matcher === "any" || matcher.matches(labels, "");
  }
}

const betaClass = "volume.beta.kubernetes.io/storage-class";

/** The storage class of a claim; empty when it has none. */
export const classOfClaim = (claim: PersistentVolumeClaim): string =>
  claim.metadata.annotations?.[betaClass] ?? claim.spec.storageClassName ?? "";

export const classOfVolume = (volume: PersistentVolume): string =>
  volume.metadata.annotations?.[betaClass] ?? volume.spec.storageClassName ?? "";
