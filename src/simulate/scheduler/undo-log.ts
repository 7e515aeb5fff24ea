/** Steps back out of what-ifs: what was done since a mark is undone in reverse order. */
export class UndoLog {
  private readonly steps: (() => void)[] = [];
  private readonly marks: number[] = [];

  get isOpen(): boolean {
    return this.marks.length > 0;
  }

  /** Remembers how to undo a change that has just been made; nothing while no what-if is open. */
  push(step: () => void): void {
    if (this.isOpen) this.steps.push(step);
  }

  mark(): void {
    this.marks.push(this.steps.length);
  }

  /** Keeps what was done since the last mark. */
  keep(): void {
    this.marks.pop();
    if (!this.isOpen) this.steps.length = 0;
  }

  /** Undoes what was done since the last mark; the steps themselves leave no trace. */
  back(): void {
    const mark = this.marks.pop() ?? 0;
    const outer = this.marks.splice(0);
    while (this.steps.length > mark) this.steps.pop()?.();
    this.marks.push(...outer);
  }
}
