import type { Rows } from "./framework.ts";
import type { LabelColumn } from "./label-column.ts";
import type { NodeTable } from "./node-table.ts";
import type { Tally, ValueCounts } from "./tally.ts";

interface KeyCounts {
  readonly column: LabelColumn;
  readonly parts: { readonly values: ValueCounts; readonly weight: number }[];
  /** What a what-if adds. */
  overlay: Int32Array | undefined;
}

/** Sums by (topology key, value) over several tallies, which are read where they are kept. */
export class TopologyCounts {
  readonly keys: KeyCounts[] = [];
  private readonly byKey = new Map<string, KeyCounts>();
  private readonly nodes: NodeTable;
  private overlayTotal = 0;

  constructor(nodes: NodeTable) {
    this.nodes = nodes;
  }

  private of(key: string): KeyCounts {
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const made: KeyCounts = { column: this.nodes.labelColumn(key), parts: [], overlay: undefined };
    this.byKey.set(key, made);
    this.keys.push(made);
    return made;
  }

  /** Makes the key known, so that `at` can be asked by its index in `keys`. */
  index(key: string): number {
    return this.keys.indexOf(this.of(key));
  }

  addTally(key: string, tally: Tally, weight: number): void {
    if (tally.rows.size === 0) return;
    const column = this.nodes.labelColumn(key);
    const values = tally.byValue(column);
    if (values.total !== 0) this.of(key).parts.push({ values, weight });
  }

  /** A what-if: a pod comes to a row or goes. */
  change(key: string, row: number, by: number): void {
    const entry = this.of(key);
    const value = entry.column.ids[row] ?? -1;
    if (value < 0) return;
    entry.overlay ??= new Int32Array(entry.column.valueCount);
    entry.overlay[value] = (entry.overlay[value] ?? 0) + by;
    this.overlayTotal += by;
  }

  /** The sum for the value that a row has of the key with this index; 0 where the row lacks the label. */
  at(index: number, row: number): number {
    const entry = this.keys[index];
    if (entry === undefined) return 0;
    const value = entry.column.ids[row] ?? -1;
    if (value < 0) return 0;
    let sum = entry.overlay === undefined ? 0 : (entry.overlay[value] ?? 0);
    for (let i = 0; i < entry.parts.length; i++) {
      const part = entry.parts[i];
      if (part !== undefined) sum += (part.values.counts[value] ?? 0) * part.weight;
    }
    return sum;
  }

  /** Adds the sums over all keys to `sums`, one for each of `rows`. */
  addAll(rows: Rows, sums: Float64Array): void {
    for (const { column, parts } of this.keys) {
      const { ids } = column;
      for (const { values, weight } of parts) {
        const { counts } = values;
        for (let i = 0; i < rows.length; i++) {
          const value = ids[rows[i] ?? 0] ?? -1;
          if (value >= 0) sums[i] = (sums[i] ?? 0) + (counts[value] ?? 0) * weight;
        }
      }
    }
  }

  /** Whether nothing at all is counted. Weights must be positive. */
  isEmpty(): boolean {
    let total = this.overlayTotal;
    for (const { parts } of this.keys) for (const { values } of parts) total += values.total;
    return total === 0;
  }

  /** Whether some node with a key was counted, be the sum 0 in the end. */
  isTouched(): boolean {
    return this.keys.some(({ parts }) => parts.length > 0);
  }
}
