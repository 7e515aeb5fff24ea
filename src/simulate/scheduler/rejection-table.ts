import type { Rejection, StatusCode } from "./decision.ts";

/** Numbers for rejections, so that the hot path compares integers. 0 is "fits"; the first is 1. */
export class RejectionTable {
  private readonly ids = new Map<string, number>();
  private readonly entries: (Rejection | undefined)[] = [undefined];

  idOf(plugin: string | undefined, code: StatusCode, ...reasons: string[]): number {
    const key = `${plugin ?? ""}\n${code}\n${reasons.join("\n")}`;
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    const id = this.entries.length;
    this.ids.set(key, id);
    this.entries.push({ plugin, code, reasons });
    return id;
  }

  get(id: number): Rejection {
    const entry = this.entries[id];
    if (entry === undefined) throw new Error(`no rejection ${id}`);
    return entry;
  }

  /** Whether preemption could cure it. */
  isCurable(id: number): boolean {
    return this.entries[id]?.code === "Unschedulable";
  }
}
