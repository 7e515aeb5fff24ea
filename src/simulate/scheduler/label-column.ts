import type { Labels } from "../../kubernetes/selectors.ts";

/** One label key on all nodes: each value has a small number, and `ids[row]` is the node's, or -1 where the label is absent. */
export class LabelColumn {
  readonly key: string;
  ids: Int32Array;
  /** How many different values have been seen. */
  valueCount = 0;
  /** The number of the empty value; -1 when no node has it. */
  emptyId = -1;
  private readonly values = new Map<string, number>();

  constructor(key: string, capacity: number) {
    this.key = key;
    this.ids = new Int32Array(capacity).fill(-1);
  }

  set(row: number, labels: Labels | undefined): void {
    const value = labels !== undefined && Object.hasOwn(labels, this.key) ? labels[this.key] : undefined;
    if (value === undefined) {
      this.ids[row] = -1;
      return;
    }
    let id = this.values.get(value);
    if (id === undefined) {
      id = this.valueCount++;
      this.values.set(value, id);
      if (value === "") this.emptyId = id;
    }
    this.ids[row] = id;
  }

  idOf(row: number): number {
    return this.ids[row] ?? -1;
  }

  grow(capacity: number): void {
    const made = new Int32Array(capacity).fill(-1);
    made.set(this.ids);
    this.ids = made;
  }
}
