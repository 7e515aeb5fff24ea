/** Which row has the largest value, the lowest row among equals: a tournament, so that a change costs the depth of the tree. */
export class TopRows {
  private values = new Float64Array(1).fill(ABSENT);
  private winners = new Int32Array(2);
  private leaves = 1;

  /** Starts over with room for so many rows, all absent. `build` must follow when values have been put with `put`. */
  reset(rows: number): void {
    let leaves = 1;
    while (leaves < rows) leaves *= 2;
    if (leaves !== this.leaves) {
      this.leaves = leaves;
      this.values = new Float64Array(leaves);
      this.winners = new Int32Array(2 * leaves);
    }
    this.values.fill(ABSENT);
    for (let row = 0; row < leaves; row++) this.winners[leaves + row] = row;
  }

  /** Sets a value without playing the tournament. */
  put(row: number, value: number): void {
    this.values[row] = value;
  }

  build(): void {
    for (let at = this.leaves - 1; at > 0; at--) this.play(at);
  }

  /** Sets a value; a negative one takes the row out. */
  set(row: number, value: number): void {
    if (this.values[row] === value) return;
    this.values[row] = value;
    for (let at = (this.leaves + row) >> 1; at > 0; at >>= 1) {
      const before = this.winners[at];
      // When neither the winner before nor the one now is this row, nothing changes further up.
      if (this.play(at) === before && before !== row) return;
    }
  }

  private play(at: number): number {
    const left = this.winners[2 * at] ?? 0;
    const right = this.winners[2 * at + 1] ?? 0;
    const winner = (this.values[left] ?? ABSENT) >= (this.values[right] ?? ABSENT) ? left : right;
    this.winners[at] = winner;
    return winner;
  }

  /** The first of the best rows; undefined when all are absent. */
  first(): number | undefined {
    const row = this.winners[1] ?? 0;
    return (this.values[row] ?? ABSENT) < 0 ? undefined : row;
  }
}

const ABSENT = -1;
