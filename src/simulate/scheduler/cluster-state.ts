import type { Node } from "../../kubernetes/node.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import type { Labels } from "../../kubernetes/selectors.ts";
import { namespaceLabels } from "./affinity-term.ts";
import { KeptCounts } from "./kept-counts.ts";
import { type MatchCounts, scanCounts } from "./match-counts.ts";
import { NodeTable } from "./node-table.ts";
import { type PodClass, PodClasses } from "./pod-class.ts";
import { type PodRecord, podKey, toRecord } from "./pod-record.ts";
import { RejectionTable } from "./rejection-table.ts";
import type { SpreadLayout } from "./spread-domains.ts";
import { StorageState } from "./storage-state.ts";
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
  /** Pods on each row, in the order in which upstream would hold them. */
  podsOn: PodRecord[][] = [];
  /** Pending pods that are nominated to a node, by its name. */
  readonly nominated = new Map<string, PodRecord[]>();
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
  private readonly nominations = new Map<string, string>();
  private readonly priorities = new Map<number, number>();
  private readonly namespaces = new Map<string, Labels>();
  private readonly portUse: (Map<string, number> | undefined)[] = [];
  private readonly undo: (() => void)[] = [];
  private readonly forks: number[] = [];

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
      const pods = this.podsOn[row];
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
    this.podsOn[added] = [];
    this.portUse[added] = undefined;
    const waiting = this.orphans.get(name);
    this.orphans.delete(name);
    for (const record of waiting?.values() ?? []) {
      const key = podKey(record.namespace, record.name);
      this.occupy(record, added);
      this.kept?.change(record, added, 1);
      this.placed.set(key, { record, nodeName: name, row: added });
    }
    this.undoable(() => {
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
    const write = (written: Node): void => {
      if (isSame) {
        this.nodes.nodes[row] = written;
        return;
      }
      this.nodes.write(row, written);
      this.nodesChanged();
      // Where pods are by topology may be another matter now.
      this.kept = undefined;
    };
    write(node);
    this.undoable(() => write(before));
  }

  removeNode(name: string): void {
    const row = this.nodes.rowOf(name);
    if (row === undefined) return;
    const before = this.nodes.nodes[row];
    const pods = [...(this.podsOn[row] ?? [])];
    for (const record of pods) {
      this.vacate(record, row);
      this.kept?.change(record, row, -1);
      this.orphan(record, name);
    }
    this.nodes.remove(row);
    this.nodesChanged();
    this.undoable(() => {
      if (before !== undefined) this.nodes.write(row, before);
      for (const record of pods) {
        this.orphans.get(name)?.delete(podKey(record.namespace, record.name));
        this.occupy(record, row);
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
    if (this.forks.length > 0 || this.nodes.size < 128 || this.nodes.alive * 2 > this.nodes.size) return;
    const { nodes: old, podsOn } = this;
    this.nodes = new NodeTable();
    this.podsOn = [];
    this.portUse.length = 0;
    this.priorities.clear();
    for (let row = 0; row < old.size; row++) {
      const node = old.nodes[row];
      if (old.isAlive[row] !== 1 || node === undefined) continue;
      const made = this.nodes.append(node);
      this.podsOn[made] = [];
      for (const record of podsOn[row] ?? []) {
        this.occupy(record, made);
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
      const pods = this.podsOn[row];
      const at = pods?.indexOf(from) ?? -1;
      if (pods !== undefined && at >= 0) pods[at] = to;
    };
    put(before, record);
    this.undoable(() => put(record, before));
    return true;
  }

  /** Lets a pod take its room on a node. */
  place(record: PodRecord, nodeName: string): void {
    const key = podKey(record.namespace, record.name);
    const row = this.nodes.rowOf(nodeName);
    this.version++;
    if (row === undefined) {
      this.orphan(record, nodeName);
    } else {
      this.occupy(record, row);
      this.kept?.change(record, row, 1);
      this.touch(row);
      this.placed.set(key, { record, nodeName, row });
    }
    this.undoable(() => this.removePod(record.namespace, record.name));
  }

  removePod(namespace: string, name: string): void {
    const key = podKey(namespace, name);
    this.clearNomination(key);
    const found = this.placed.get(key);
    if (found === undefined) return;
    const { record, nodeName, row } = found;
    this.placed.delete(key);
    this.version++;
    if (row < 0) {
      this.orphans.get(nodeName)?.delete(key);
      this.undoable(() => this.orphan(record, nodeName));
      return;
    }
    const at = this.vacate(record, row);
    this.kept?.change(record, row, -1);
    this.touch(row);
    this.undoable(() => {
      this.occupy(record, row);
      const pods = this.podsOn[row] ?? [];
      const moved = pods[at];
      if (moved !== undefined) {
        pods[at] = record;
        pods[pods.length - 1] = moved;
      }
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
    this.nominations.set(key, nodeName);
    this.nominated.set(nodeName, [...(this.nominated.get(nodeName) ?? []), record]);
    this.version++;
    this.undoable(() => this.clearNomination(key));
  }

  clearNomination(key: string): void {
    const nodeName = this.nominations.get(key);
    if (nodeName === undefined) return;
    const there = this.nominated.get(nodeName) ?? [];
    const left = there.filter((record) => podKey(record.namespace, record.name) !== key);
    this.nominations.delete(key);
    if (left.length === 0) this.nominated.delete(nodeName);
    else this.nominated.set(nodeName, left);
    this.version++;
    this.undoable(() => {
      this.nominations.set(key, nodeName);
      this.nominated.set(nodeName, there);
      this.version++;
    });
  }

  /** The lowest priority of all pods that are on nodes; infinite when there are none. */
  lowestPriority(): number {
    let lowest = Number.POSITIVE_INFINITY;
    for (const priority of this.priorities.keys()) if (priority < lowest) lowest = priority;
    return lowest;
  }

  /** Adds a pod's share to a row's figures, without telling the counts. What-ifs use it together with `vacate`. */
  occupy(record: PodRecord, row: number): void {
    this.podsOn[row]?.push(record);
    this.account(record, row, 1);
  }

  /** Takes a pod's share out again, as upstream does: the last pod moves into its place, whose index is returned. */
  vacate(record: PodRecord, row: number): number {
    const pods = this.podsOn[row] ?? [];
    const at = pods.lastIndexOf(record);
    const last = pods.pop();
    if (last !== undefined && at < pods.length) pods[at] = last;
    this.account(record, row, -1);
    return at;
  }

  private account(record: PodRecord, row: number, by: 1 | -1): void {
    const { nodes } = this;
    const { requests, priority } = record;
    const peers = (this.priorities.get(priority) ?? 0) + by;
    if (peers === 0) this.priorities.delete(priority);
    else this.priorities.set(priority, peers);
    add(nodes.pods.requested, row, by);
    add(nodes.cpu.requested, row, by * requests.cpu);
    add(nodes.memory.requested, row, by * requests.memory);
    add(nodes.ephemeralStorage.requested, row, by * requests.ephemeralStorage);
    add(nodes.nonZeroCpu, row, by * requests.nonZeroCpu);
    add(nodes.nonZeroMemory, row, by * requests.nonZeroMemory);
    for (const { name, quantity } of requests.scalars) add(nodes.scalar(name).requested, row, by * quantity);
    if (record.podClass.hostPorts.length > 0) {
      const use = this.portUse[row] ?? new Map<string, number>();
      this.portUse[row] = use;
      for (const { ip, protocol, port } of record.podClass.hostPorts) {
        const key = `${ip} ${protocol} ${port}`;
        const count = (use.get(key) ?? 0) + by;
        if (count <= 0) use.delete(key);
        else use.set(key, count);
      }
    }
  }

  /** Host ports in use on a row, as `ip protocol port`. */
  portsOn(row: number): ReadonlyMap<string, number> | undefined {
    return this.portUse[row];
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
      this.undoable(() => {
        this.storage.change(kind, key, before);
      });
    }
    this.version++;
  }

  // what-ifs

  private undoable(undo: () => void): void {
    if (this.forks.length > 0) this.undo.push(undo);
  }

  fork(): void {
    this.forks.push(this.undo.length);
  }

  commit(): void {
    this.forks.pop();
    if (this.forks.length === 0) this.undo.length = 0;
  }

  revert(): void {
    const mark = this.forks.pop() ?? 0;
    const outer = this.forks.splice(0);
    while (this.undo.length > mark) this.undo.pop()?.();
    this.forks.push(...outer);
  }
}

const add = (column: Float64Array, row: number, by: number): void => {
  column[row] = (column[row] ?? 0) + by;
};

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
