import { kindKey } from "../kubernetes/kinds.ts";
import type { KubeObject } from "../kubernetes/object.ts";
import { controllerOf } from "../kubernetes/owner.ts";
import type { Change, ObjectStore } from "./store.ts";

/** The objects as they were at one version; later writes to the store do not show. */
export interface ClusterSnapshot {
  readonly resourceVersion: number;
  get<T extends KubeObject = KubeObject>(kind: string, namespace: string | undefined, name: string): T | undefined;
  list<T extends KubeObject = KubeObject>(kind: string, namespace?: string): readonly T[];
}

export interface IndexedStore extends ObjectStore {
  /** The objects that an owner's uid controls, in the order they were first written; the empty uid stands for no owner. */
  ownedBy<T extends KubeObject = KubeObject>(kind: string, ownerUid: string): readonly T[];
  /** The kinds that have objects, sorted. */
  kinds(): readonly string[];
  /** Calls the listener after each write to any kind. */
  subscribeAll(listener: (change: Change) => void): () => void;
  snapshot(): ClusterSnapshot;
}

/** An empty store. Objects are kept as given, but for their resourceVersion; writes are O(1), lists are sorted when asked for. */
export const createObjectStore = (): IndexedStore => {
  const tables = new Map<string, Table>();
  const listeners = new Map<string, Set<(change: Change) => void>>();
  const toAll = new Set<(change: Change) => void>();
  let version = 0;

  const tableOf = (kind: string): Table => {
    let table = tables.get(kind);
    if (table === undefined) {
      table = new Table();
      tables.set(kind, table);
    }
    return table;
  };

  const tell = (kind: string, change: Change): void => {
    for (const listener of listeners.get(kind) ?? []) listener(change);
    for (const listener of toAll) listener(change);
  };

  return {
    get resourceVersion() {
      return version;
    },
    get: <T extends KubeObject>(kind: string, namespace: string | undefined, name: string) =>
      tables.get(kind)?.objects.get(keyOf(namespace, name)) as T | undefined,
    list: <T extends KubeObject>(kind: string, namespace?: string) =>
      (tables.get(kind)?.list(namespace) ?? []) as readonly T[],
    ownedBy: <T extends KubeObject>(kind: string, ownerUid: string) =>
      (tables.get(kind)?.ownedBy(ownerUid) ?? []) as readonly T[],
    kinds: () => [...tables.keys()].filter((kind) => (tables.get(kind)?.objects.size ?? 0) > 0).sort(),
    put: <T extends KubeObject>(object: T): T => {
      version++;
      const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
      const kind = kindKey(object.apiVersion, object.kind);
      const previous = tableOf(kind).put(stored);
      tell(kind, { type: previous === undefined ? "ADDED" : "MODIFIED", object: stored, previous });
      return stored;
    },
    remove: (kind, namespace, name) => {
      const previous = tables.get(kind)?.remove(keyOf(namespace, name));
      if (previous === undefined) return;
      version++;
      tell(kind, { type: "DELETED", object: previous, previous });
    },
    subscribe: <T extends KubeObject>(kind: string, listener: (change: Change<T>) => void) => {
      const known = listeners.get(kind) ?? new Set();
      listeners.set(kind, known);
      known.add(listener as (change: Change) => void);
      return () => known.delete(listener as (change: Change) => void);
    },
    subscribeAll: (listener) => {
      toAll.add(listener);
      return () => toAll.delete(listener);
    },
    snapshot: () => snapshotOf(tables, version),
  };
};

const keyOf = (namespace: string | undefined, name: string): string => `${namespace ?? ""}/${name}`;

/** The objects of one kind, and who controls them. */
class Table {
  readonly objects = new Map<string, KubeObject>();
  private readonly owned = new Map<string, Set<string>>();
  private sorted: readonly KubeObject[] | undefined;
  private byNamespace: Map<string, readonly KubeObject[]> | undefined;

  put(object: KubeObject): KubeObject | undefined {
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    const previous = this.objects.get(key);
    const before = previous === undefined ? undefined : ownerUidOf(previous);
    const after = ownerUidOf(object);
    if (before !== after) {
      if (before !== undefined) this.owned.get(before)?.delete(key);
      this.ownedKeys(after).add(key);
    }
    this.objects.set(key, object);
    this.forget();
    return previous;
  }

  remove(key: string): KubeObject | undefined {
    const previous = this.objects.get(key);
    if (previous === undefined) return undefined;
    this.objects.delete(key);
    const owner = ownerUidOf(previous);
    const keys = this.owned.get(owner);
    keys?.delete(key);
    if (keys?.size === 0) this.owned.delete(owner);
    this.forget();
    return previous;
  }

  list(namespace: string | undefined): readonly KubeObject[] {
    this.sorted ??= [...this.objects.values()].sort(byNamespaceAndName);
    if (namespace === undefined) return this.sorted;
    if (this.byNamespace === undefined) {
      const grouped = new Map<string, KubeObject[]>();
      for (const object of this.sorted) {
        const group = grouped.get(object.metadata.namespace ?? "");
        if (group === undefined) grouped.set(object.metadata.namespace ?? "", [object]);
        else group.push(object);
      }
      this.byNamespace = grouped;
    }
    return this.byNamespace.get(namespace) ?? [];
  }

  ownedBy(uid: string): readonly KubeObject[] {
    const found: KubeObject[] = [];
    for (const key of this.owned.get(uid) ?? []) {
      const object = this.objects.get(key);
      if (object !== undefined) found.push(object);
    }
    return found;
  }

  private ownedKeys(uid: string): Set<string> {
    let keys = this.owned.get(uid);
    if (keys === undefined) {
      keys = new Set();
      this.owned.set(uid, keys);
    }
    return keys;
  }

  private forget(): void {
    this.sorted = undefined;
    this.byNamespace = undefined;
  }
}

const ownerUidOf = (object: KubeObject): string => controllerOf(object)?.uid ?? "";

const byNamespaceAndName = (a: KubeObject, b: KubeObject): number => {
  const [one, two] = [a.metadata.namespace ?? "", b.metadata.namespace ?? ""];
  if (one !== two) return one < two ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0;
};

/** Objects are immutable, so a snapshot needs only the tables' entries. */
const snapshotOf = (tables: ReadonlyMap<string, Table>, resourceVersion: number): ClusterSnapshot => {
  const copies = new Map<string, { objects: ReadonlyMap<string, KubeObject>; sorted?: readonly KubeObject[] }>();
  for (const [kind, table] of tables) copies.set(kind, { objects: new Map(table.objects) });
  return {
    resourceVersion,
    get: <T extends KubeObject>(kind: string, namespace: string | undefined, name: string) =>
      copies.get(kind)?.objects.get(keyOf(namespace, name)) as T | undefined,
    list: <T extends KubeObject>(kind: string, namespace?: string) => {
      const copy = copies.get(kind);
      if (copy === undefined) return [];
      copy.sorted ??= [...copy.objects.values()].sort(byNamespaceAndName);
      const all = copy.sorted as readonly T[];
      return namespace === undefined ? all : all.filter((object) => object.metadata.namespace === namespace);
    },
  };
};
