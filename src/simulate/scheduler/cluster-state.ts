// Longer than most files: each change must keep figures, counts, change log and undo log in step, which is easiest to see in one place.
import type { Node } from "../../kubernetes/node.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import type { Labels } from "../../kubernetes/selectors.ts";
import { namespaceLabels } from "./affinity-term.ts";
import { KeptCounts } from "./kept-counts.ts";
import { type MatchCounts, scanCounts } from "./match-counts.ts";
import { NodeTable } from "./node-table.ts";
import { Nominations } from "./nominations.ts";
import { type PodClass, PodClasses } from "./pod-class.ts";
import { type PodRecord, podKey, toRecord } from "./pod-record.ts";
import { RejectionTable } from "./rejection-table.ts";
import { RowLedger } from "./row-ledger.ts";
import type { SpreadLayout } from "./spread-domains.ts";
import { StorageState } from "./storage-state.ts";
import { UndoLog } from "./undo-log.ts";
import { WorkloadState } from "./workload-state.ts";

interface Placed {
  readonly record: PodRecord;
  readonly nodeName: string;
  /** -1 while the pod's node is not known. */
  readonly row: number;
}

/** The scheduler's picture of the cluster: nodes as columns, the pods on them, what is nominated, and the other objects it looks at. */
export class ClusterState {
  nodes = new NodeTable();
  readonly classes = new PodClasses();
  readonly rejections = new RejectionTable();
  readonly storage = new StorageState();
  readonly workloads = new WorkloadState();
  ledger = new RowLedger(this.nodes);
  readonly nominations = new Nominations();
  readonly counts: MatchCounts;
  /** Rows in the order in which pods came to them or went, since the present `epoch` began. */
  readonly changes: number[] = [];
  /** A new one begins when more than a row changes: nodes come, go or change, or namespaces do. */
  epoch = 0;
  /** What the spreading of a class rests on besides pods; only kept on the fast path. */
  readonly spreadLayouts: Map<PodClass, SpreadLayout> | undefined;
  /** Counts every change. */
  version = 0;
  private kept: KeptCounts | undefined;
  private readonly placed = new Map<string, Placed>();
  private readonly orphans = new Map<string, Map<string, PodRecord>>();
  private readonly namespaces = new Map<string, Labels>();
  private readonly undo = new UndoLog();

  constructor(keepsCounts: boolean) {
    this.spreadLayouts = keepsCounts ? new Map() : undefined;
    const rows = () => this.occupiedRows();
    const labels = (namespace: string) => this.labelsOfNamespace(namespace);
    const scanned = scanCounts(rows, labels);
    this.counts = keepsCounts
      ? {
          count: (query) => this.keptCounts().count(query),
          holdersOf: (podClass) => this.keptCounts().holdersOf(podClass),
        }
      : scanned;
  }

  private keptCounts(): KeptCounts {
    this.kept ??= new KeptCounts(
      () => this.occupiedRows(),
      (namespace) => this.labelsOfNamespace(namespace),
    );
    return this.kept;
  }

  private *occupiedRows(): Iterable<readonly [number, readonly PodRecord[]]> {
    for (let row = 0; row < this.nodes.size; row++) {
      const pods = this.ledger.podsOn[row];
      if (this.nodes.isAlive[row] === 1 && pods !== undefined && pods.length > 0) yield [row, pods];
    }
  }

  labelsOfNamespace(namespace: string): Labels {
    let labels = this.namespaces.get(namespace);
    if (labels === undefined) {
      labels = namespaceLabels(namespace, undefined);
      this.namespaces.set(namespace, labels);
    }
    return labels;
  }

  record(pod: Pod): PodRecord {
    return toRecord(pod, this.classes);
  }

  // nodes

  setNode(node: Node): void {
    const { name } = node.metadata;
    const row = this.nodes.rowOf(name);
    if (row !== undefined) {
      this.rewriteNode(row, node);
      return;
    }
    this.nodesChanged();
    const added = this.nodes.append(node);
    this.ledger.open(added);
    const waiting = this.orphans.get(name);
    this.orphans.delete(name);
    for (const record of waiting?.values() ?? []) {
      const key = podKey(record.namespace, record.name);
      this.ledger.occupy(record, added);
      this.kept?.change(record, added, 1);
      this.placed.set(key, { record, nodeName: name, row: added });
    }
    this.undo.push(() => {
      for (const record of waiting?.values() ?? []) {
        this.kept?.change(record, added, -1);
        this.orphan(record, name);
      }
      this.nodes.truncate();
      this.nodesChanged();
    });
  }

  /** Heartbeats and the like change nothing that matters here. */
  private rewriteNode(row: number, node: Node): void {
    const before = this.nodes.nodes[row];
    if (before === undefined) return;
    const isSame = sameForScheduling(before, node);
    const labelsOf = ({ metadata }: Node): string => JSON.stringify(metadata.labels ?? {});
    const hasSameLabels = isSame || labelsOf(before) === labelsOf(node);
    const write = (written: Node): void => {
      if (isSame) {
        this.nodes.nodes[row] = written;
        return;
      }
      this.nodes.write(row, written);
      this.nodesChanged();
      // Where pods are by topology may be another matter now.
      if (!hasSameLabels) this.kept = undefined;
    };
    write(node);
    this.undo.push(() => write(before));
  }

  removeNode(name: string): void {
    const row = this.nodes.rowOf(name);
    if (row === undefined) return;
    const before = this.nodes.nodes[row];
    const pods = [...(this.ledger.podsOn[row] ?? [])];
    for (const record of pods) {
      this.ledger.vacate(record, row);
      this.kept?.change(record, row, -1);
      this.orphan(record, name);
    }
    this.nodes.remove(row);
    this.nodesChanged();
    this.undo.push(() => {
      if (before !== undefined) this.nodes.write(row, before);
      for (const record of pods) {
        this.orphans.get(name)?.delete(podKey(record.namespace, record.name));
        this.ledger.occupy(record, row);
        this.kept?.change(record, row, 1);
        this.placed.set(podKey(record.namespace, record.name), { record, nodeName: name, row });
      }
      this.nodesChanged();
    });
    this.compact();
  }

  private orphan(record: PodRecord, nodeName: string): void {
    const key = podKey(record.namespace, record.name);
    const there = this.orphans.get(nodeName) ?? new Map<string, PodRecord>();
    there.set(key, record);
    this.orphans.set(nodeName, there);
    this.placed.set(key, { record, nodeName, row: -1 });
  }

  private touch(row: number): void {
    if (this.changes.length >= 1 << 20) {
      this.changes.length = 0;
      this.epoch++;
    }
    this.changes.push(row);
  }

  private nodesChanged(): void {
    this.epoch++;
    this.version++;
    this.changes.length = 0;
    this.spreadLayouts?.clear();
  }

  /** Moves to a table without dead rows when most of it is dead; not during a what-if, which needs them. */
  private compact(): void {
    if (this.undo.isOpen || this.nodes.size < 128 || this.nodes.alive * 2 > this.nodes.size) return;
    const old = this.nodes;
    const { podsOn } = this.ledger;
    this.nodes = new NodeTable();
    this.ledger = new RowLedger(this.nodes);
    for (let row = 0; row < old.size; row++) {
      const node = old.nodes[row];
      if (old.isAlive[row] !== 1 || node === undefined) continue;
      const made = this.nodes.append(node);
      this.ledger.open(made);
      for (const record of podsOn[row] ?? []) {
        this.ledger.occupy(record, made);
        this.placed.set(podKey(record.namespace, record.name), { record, nodeName: node.metadata.name, row: made });
      }
    }
    this.nodesChanged();
    this.kept = undefined;
  }

  // pods

  setPod(pod: Pod): void {
    const namespace = pod.metadata.namespace ?? "default";
    const { name } = pod.metadata;
    const phase = pod.status?.phase;
    const isFinished = phase === "Succeeded" || phase === "Failed";
    const record = isFinished ? undefined : this.record(pod);
    if (record !== undefined && this.replace(record)) return;
    this.removePod(namespace, name);
    if (record === undefined) return;
    const { nodeName } = pod.spec;
    const nominated = pod.status?.nominatedNodeName ?? "";
    if (nodeName !== undefined && nodeName !== "") this.place(record, nodeName);
    else if (nominated !== "") this.nominate(record, nominated);
  }

  /** Puts a new version in place of a placed pod that the scheduler cannot tell from it, such as one with new conditions. */
  private replace(record: PodRecord): boolean {
    const key = podKey(record.namespace, record.name);
    const found = this.placed.get(key);
    if (found === undefined || found.nodeName !== record.pod.spec.nodeName) return false;
    const { record: before, row } = found;
    const isSame =
      before.podClass === record.podClass &&
      before.priority === record.priority &&
      before.startTime === record.startTime &&
      before.isTerminating === record.isTerminating &&
      before.requests === record.requests &&
      !before.hasVolumes &&
      !record.hasVolumes;
    if (!isSame) return false;
    const put = (from: PodRecord, to: PodRecord): void => {
      this.placed.set(key, { ...found, record: to });
      if (row < 0) this.orphans.get(found.nodeName)?.set(key, to);
      this.ledger.exchange(from, to, row);
    };
    put(before, record);
    this.undo.push(() => put(record, before));
    return true;
  }

  /** Lets a pod take its room on a node. */
  place(record: PodRecord, nodeName: string, key = podKey(record.namespace, record.name)): void {
    const row = this.nodes.rowOf(nodeName);
    this.version++;
    if (row === undefined) {
      this.orphan(record, nodeName);
    } else {
      this.ledger.occupy(record, row);
      this.kept?.change(record, row, 1);
      this.touch(row);
      this.placed.set(key, { record, nodeName, row });
    }
    this.undo.push(() => this.removePodOf(key));
  }

  removePod(namespace: string, name: string): void {
    this.removePodOf(podKey(namespace, name));
  }

  /** The same by `namespace/name`. */
  removePodOf(key: string): void {
    this.clearNomination(key);
    const found = this.placed.get(key);
    if (found === undefined) return;
    const { record, nodeName, row } = found;
    this.placed.delete(key);
    this.version++;
    if (row < 0) {
      this.orphans.get(nodeName)?.delete(key);
      this.undo.push(() => this.orphan(record, nodeName));
      return;
    }
    const at = this.ledger.vacate(record, row);
    this.kept?.change(record, row, -1);
    this.touch(row);
    this.undo.push(() => {
      this.ledger.restore(record, row, at);
      this.kept?.change(record, row, 1);
      this.touch(row);
      this.version++;
      this.placed.set(key, { record, nodeName, row });
    });
  }

  /** Whether a placed pod mounts the claim. */
  isClaimUsed(namespace: string, claim: string): boolean {
    for (const { record, row } of this.placed.values()) {
      if (row < 0 || !record.hasVolumes || record.namespace !== namespace) continue;
      if (record.claims.some((each) => each.claim === claim && !each.isEphemeral)) return true;
    }
    return false;
  }

  nodeNameOf(namespace: string, name: string): string | undefined {
    return this.placed.get(podKey(namespace, name))?.nodeName;
  }

  placedRecord(namespace: string, name: string): PodRecord | undefined {
    return this.placed.get(podKey(namespace, name))?.record;
  }

  nominate(record: PodRecord, nodeName: string): void {
    const key = podKey(record.namespace, record.name);
    this.clearNomination(key);
    this.nominations.add(record, nodeName);
    this.version++;
    this.undo.push(() => this.clearNomination(key));
  }

  clearNomination(key: string): void {
    const bringBack = this.nominations.drop(key);
    if (bringBack === undefined) return;
    this.version++;
    this.undo.push(() => {
      bringBack();
      this.version++;
    });
  }

  // other objects

  setObject(object: KubeObject): void {
    this.changeObject(object.kind, object.metadata.namespace, object.metadata.name, object);
  }

  changeObject(kind: string, namespace: string | undefined, name: string, object: KubeObject | undefined): void {
    const namespaced = namespace ?? "default";
    if (kind === "Namespace") {
      const labels = namespaceLabels(name, object);
      const before = this.labelsOfNamespace(name);
      this.namespaces.set(name, labels);
      if (JSON.stringify(labels) !== JSON.stringify(before)) this.kept = undefined;
    } else if (!this.workloads.change(kind, namespaced, name, object)) {
      const key = kind === "PersistentVolumeClaim" || kind === "CSIStorageCapacity" ? podKey(namespaced, name) : name;
      const before = this.storage.get(kind, key);
      if (!this.storage.change(kind, key, object)) return;
      this.undo.push(() => {
        this.storage.change(kind, key, before);
      });
    }
    this.version++;
  }

  // what-ifs

  fork(): void {
    this.undo.mark();
  }

  commit(): void {
    this.undo.keep();
  }

  revert(): void {
    this.undo.back();
  }
}

/** Whether two versions of a node are the same to every plugin. */
const sameForScheduling = (a: Node, b: Node): boolean => {
  if (a === b) return true;
  const matter = ({ metadata, spec, status }: Node) => [
    metadata.labels ?? {},
    spec?.taints ?? [],
    spec?.unschedulable === true,
    status?.allocatable ?? status?.capacity ?? {},
    status?.images ?? [],
  ];
  return JSON.stringify(matter(a)) === JSON.stringify(matter(b));
};
