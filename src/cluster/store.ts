import type { KubeObject } from "../kubernetes/object.ts";

export type ChangeType = "ADDED" | "MODIFIED" | "DELETED";

export interface Change<T extends KubeObject = KubeObject> {
  readonly type: ChangeType;
  readonly object: T;
  /** The version before, for MODIFIED and DELETED. */
  readonly previous: T | undefined;
}

/**
 * The object store behind the API server: versions, watches, no opinions. Objects are immutable; a write replaces the whole.
 * Keys are kind, namespace and name; kinds are told apart by `kind` and API group.
 */
export interface ObjectStore {
  /** The version of the last write; every write adds one. */
  readonly resourceVersion: number;
  get<T extends KubeObject = KubeObject>(kind: string, namespace: string | undefined, name: string): T | undefined;
  /** Objects of a kind in order of namespace and name. */
  list<T extends KubeObject = KubeObject>(kind: string, namespace?: string): readonly T[];
  /** Stores the object with a new resourceVersion, without admission; returns what was stored. */
  put<T extends KubeObject>(object: T): T;
  remove(kind: string, namespace: string | undefined, name: string): void;
  /** Calls the listener after each write to the kind; returns the function that ends it. */
  subscribe<T extends KubeObject>(kind: string, listener: (change: Change<T>) => void): () => void;
}
