import type { Node, Taint } from "../../kubernetes/node.ts";
import type { Labels } from "../../kubernetes/selectors.ts";
import { LabelColumn } from "./label-column.ts";
import { isScalarResource, resources } from "./requests.ts";

/** What a resource has and what pods have taken of it, a number a node. */
export interface ResourceColumn {
  allocatable: Float64Array;
  requested: Float64Array;
}

/**
 * Nodes as columns: node `row` has its figures at index `row` of each array. Rows are in order of arrival and are not reused; a removed
 * node leaves a dead row behind, and may be brought back to it.
 */
export class NodeTable {
  /** Rows in use, dead ones included. */
  size = 0;
  alive = 0;
  readonly names: string[] = [];
  readonly nodes: Node[] = [];
  readonly labels: Labels[] = [];
  isAlive = new Uint8Array(16);
  unschedulable = new Uint8Array(16);
  /** Index into `taintSets`. */
  taintSet = new Int32Array(16);
  readonly taintSets: (readonly Taint[])[] = [];
  readonly cpu: ResourceColumn = column(16);
  readonly memory: ResourceColumn = column(16);
  readonly ephemeralStorage: ResourceColumn = column(16);
  /** `requested` counts pods. */
  readonly pods: ResourceColumn = column(16);
  nonZeroCpu = new Float64Array(16);
  nonZeroMemory = new Float64Array(16);
  readonly scalars = new Map<string, ResourceColumn>();
  private readonly rows = new Map<string, number>();
  private readonly columns = new Map<string, LabelColumn>();
  private readonly taintSetIds = new Map<string, number>();
  private readonly images = new Map<string, { size: number; readonly holders: Set<number> }>();

  rowOf(name: string): number | undefined {
    return this.rows.get(name);
  }

  /** Puts a node into a new row at the end. */
  append(node: Node): number {
    const row = this.size++;
    if (row >= this.isAlive.length) this.grow(row * 2);
    this.write(row, node);
    return row;
  }

  /** Writes a node's own figures into a row; what pods have taken there stays. */
  write(row: number, node: Node): void {
    if (this.isAlive[row] === 1) this.remove(row);
    const allocatable = resources(node.status?.allocatable ?? node.status?.capacity ?? {});
    const units = (name: string) => Math.ceil((allocatable.get(name) ?? 0) / 1000);
    this.names[row] = node.metadata.name;
    this.nodes[row] = node;
    this.labels[row] = node.metadata.labels ?? {};
    this.isAlive[row] = 1;
    this.alive++;
    this.rows.set(node.metadata.name, row);
    this.unschedulable[row] = node.spec?.unschedulable === true ? 1 : 0;
    this.taintSet[row] = this.taintSetId(node.spec?.taints ?? []);
    this.cpu.allocatable[row] = allocatable.get("cpu") ?? 0;
    this.memory.allocatable[row] = units("memory");
    this.ephemeralStorage.allocatable[row] = units("ephemeral-storage");
    this.pods.allocatable[row] = units("pods");
    for (const each of this.scalars.values()) each.allocatable[row] = 0;
    for (const name of allocatable.keys()) {
      if (isScalarResource(name)) this.scalar(name).allocatable[row] = units(name);
    }
    for (const each of this.columns.values()) each.set(row, node.metadata.labels);
    for (const image of node.status?.images ?? []) {
      for (const name of image.names ?? []) {
        const known = this.images.get(name);
        if (known !== undefined) known.holders.add(row);
        else this.images.set(name, { size: image.sizeBytes ?? 0, holders: new Set([row]) });
      }
    }
  }

  /** Marks a row dead. Its figures stay, so that `revive` can bring it back. */
  remove(row: number): void {
    if (this.isAlive[row] !== 1) return;
    this.isAlive[row] = 0;
    this.alive--;
    this.rows.delete(this.names[row] ?? "");
    for (const image of this.nodes[row]?.status?.images ?? []) {
      for (const name of image.names ?? []) {
        const known = this.images.get(name);
        known?.holders.delete(row);
        if (known?.holders.size === 0) this.images.delete(name);
      }
    }
  }

  /** Takes the last row away altogether. */
  truncate(): void {
    const row = this.size - 1;
    this.remove(row);
    this.size = row;
    this.clearTaken(row);
  }

  /** Forgets what pods have taken of a row. */
  private clearTaken(row: number): void {
    for (const each of [this.cpu, this.memory, this.ephemeralStorage, this.pods, ...this.scalars.values()]) {
      each.requested[row] = 0;
    }
    this.nonZeroCpu[row] = 0;
    this.nonZeroMemory[row] = 0;
  }

  scalar(name: string): ResourceColumn {
    const known = this.scalars.get(name);
    if (known !== undefined) return known;
    const made = column(this.isAlive.length);
    this.scalars.set(name, made);
    return made;
  }

  /** The values of one label key on all nodes, as small integers. */
  labelColumn(key: string): LabelColumn {
    const known = this.columns.get(key);
    if (known !== undefined) return known;
    const made = new LabelColumn(key, this.isAlive.length);
    for (let row = 0; row < this.size; row++) made.set(row, this.labels[row]);
    this.columns.set(key, made);
    return made;
  }

  /** How much an image's presence on a node counts. Source: `plugins/imagelocality`, v1.35.4 (scaledImageScore). */
  imageScore(row: number, image: string): number {
    const known = this.images.get(image);
    if (known === undefined || !known.holders.has(row)) return 0;
    return Math.trunc(known.size * (known.holders.size / this.alive));
  }

  hasImages(): boolean {
    return this.images.size > 0;
  }

  private taintSetId(taints: readonly Taint[]): number {
    const key = JSON.stringify(taints.map(({ key, value, effect }) => [key, value ?? "", effect]));
    const known = this.taintSetIds.get(key);
    if (known !== undefined) return known;
    this.taintSetIds.set(key, this.taintSets.length);
    this.taintSets.push(taints);
    return this.taintSets.length - 1;
  }

  private grow(capacity: number): void {
    const wide = (old: Float64Array): Float64Array => {
      const made = new Float64Array(capacity);
      made.set(old);
      return made;
    };
    const bytes = (old: Uint8Array): Uint8Array<ArrayBuffer> => {
      const made = new Uint8Array(capacity);
      made.set(old);
      return made;
    };
    this.isAlive = bytes(this.isAlive);
    this.unschedulable = bytes(this.unschedulable);
    const taints = new Int32Array(capacity);
    taints.set(this.taintSet);
    this.taintSet = taints;
    for (const each of [this.cpu, this.memory, this.ephemeralStorage, this.pods, ...this.scalars.values()]) {
      each.allocatable = wide(each.allocatable);
      each.requested = wide(each.requested);
    }
    this.nonZeroCpu = new Float64Array(wide(this.nonZeroCpu));
    this.nonZeroMemory = new Float64Array(wide(this.nonZeroMemory));
    for (const each of this.columns.values()) each.grow(capacity);
  }
}

const column = (capacity: number): ResourceColumn => ({
  allocatable: new Float64Array(capacity),
  requested: new Float64Array(capacity),
});
