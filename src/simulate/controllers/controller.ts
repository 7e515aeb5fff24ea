import type { ApiServer } from "../../cluster/api-server.ts";
import type { IndexedStore } from "../../cluster/object-store.ts";
import type { Change } from "../../cluster/store.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import type { Millis } from "../../model/quantity.ts";

/** What a controller may touch: the API server, the clock, and the events that it leaves. */
export interface ControllerContext {
  readonly api: ApiServer;
  readonly store: IndexedStore;
  readonly now: Millis;
  /** The clock as RFC 3339, to the second. */
  readonly time: string;
  readonly event: (event: {
    readonly about: KubeObject;
    readonly type: "Normal" | "Warning";
    readonly reason: string;
    readonly message: string;
    readonly from: string;
  }) => void;
}

/** `done`, or when to look at the key again. `{ retry: true }` asks for the backoff of upstream's work queues. */
export type ReconcileResult = "done" | { readonly requeueAfter: Millis } | { readonly retry: true };

/** A control loop. It reads the store, writes through the API server, and knows no other controller. */
export interface Controller {
  /** Upstream's name. */
  readonly name: string;
  /** Kinds whose changes it is told of. */
  readonly watches: readonly string[];
  /** The keys that a change concerns; a key is what `reconcile` takes, mostly `namespace/name`. */
  readonly keysOf: (change: Change, context: ControllerContext) => readonly string[];
  readonly reconcile: (key: string, context: ControllerContext) => ReconcileResult;
  /** From a change to the reconciliation; the default is that of a watch on a quiet machine. */
  readonly latency?: Millis;
  /** How much longer a change may wait for others of its key; a change that may not wait takes those that do along. */
  readonly batching?: (change: Change) => Millis;
  /** The least time between two reconciliations of one key. */
  readonly pause?: Millis;
  /** The least time between two reconciliations of any keys. */
  readonly spacing?: Millis;
  /** Every so often all keys that this names are looked at again, as informers resync. */
  readonly resync?: { readonly every: Millis; readonly keys: (context: ControllerContext) => readonly string[] };
}

/** `namespace/name` of an object. */
export const keyOf = (object: KubeObject): string => `${object.metadata.namespace ?? ""}/${object.metadata.name}`;

/** Namespace and name of a key. */
export const partsOf = (key: string): readonly [namespace: string | undefined, name: string] => {
  const slash = key.indexOf("/");
  return [slash <= 0 ? undefined : key.slice(0, slash), key.slice(slash + 1)];
};

/** The key of an object's controlling owner of a kind, as a list for `keysOf`. */
export const ownerKeys = (object: KubeObject, kind: string): readonly string[] =>
  (object.metadata.ownerReferences ?? [])
    .filter((owner) => owner.controller === true && owner.kind === kind)
    .map((owner) => `${object.metadata.namespace ?? ""}/${owner.name}`);
