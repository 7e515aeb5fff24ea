import type { LabelColumn } from "./label-column.ts";

/** Counts a value of a label key. */
export interface ValueCounts {
  counts: Int32Array;
  /** The sum of all counts. */
  total: number;
}

/** How many pods of some kind are on each row, and from that on all rows with one value of a label. */
export class Tally {
  readonly rows = new Map<number, number>();
  private readonly columns = new Map<LabelColumn, ValueCounts>();

  add(row: number, by: number): void {
    const count = (this.rows.get(row) ?? 0) + by;
    if (count === 0) this.rows.delete(row);
    else this.rows.set(row, count);
    for (const [column, values] of this.columns) addTo(values, column, row, by);
  }

  /** Kept up to date once it has been asked for; good until a node's labels change. */
  byValue(column: LabelColumn): ValueCounts {
    const known = this.columns.get(column);
    if (known !== undefined) {
      if (known.counts.length < column.valueCount) known.counts = grown(known.counts, column.valueCount);
      return known;
    }
    const values: ValueCounts = { counts: new Int32Array(column.valueCount), total: 0 };
    for (const [row, count] of this.rows) addTo(values, column, row, count);
    this.columns.set(column, values);
    return values;
  }
}

const addTo = (values: ValueCounts, column: LabelColumn, row: number, by: number): void => {
  const value = column.ids[row] ?? -1;
  if (value < 0) return;
  if (value >= values.counts.length) values.counts = grown(values.counts, column.valueCount);
  values.counts[value] = (values.counts[value] ?? 0) + by;
  values.total += by;
};

const grown = (counts: Int32Array, size: number): Int32Array => {
  const made = new Int32Array(size);
  made.set(counts);
  return made;
};
