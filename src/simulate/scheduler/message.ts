import type { Decision } from "./decision.ts";
import type { RejectionTable } from "./rejection-table.ts";

/** ` 2 Insufficient cpu, 1 node(s) were unschedulable.` or nothing. Source: `pkg/scheduler/framework/types.go`, v1.35.4 (FitError). */
export const reasonsText = (counts: ReadonlyMap<number, number>, rejections: RejectionTable): string => {
  const byReason = new Map<string, number>();
  for (const [id, count] of counts) {
    for (const reason of rejections.get(id).reasons) byReason.set(reason, (byReason.get(reason) ?? 0) + count);
  }
  const texts = [...byReason].map(([reason, count]) => `${count} ${reason}`).sort(byBytes);
  return texts.length === 0 ? "" : ` ${texts.join(", ")}.`;
};

/** The text of the PodScheduled condition. Source: as above. */
export const messageOf = (decision: Decision, rejections: RejectionTable): string => {
  switch (decision.result) {
    case "scheduled":
      return "";
    case "gated":
    case "ignored":
    case "error":
      return decision.note ?? "";
    case "unschedulable":
    case "preempting": {
      if (decision.totalNodes === 0) return "no nodes available to schedule pods";
      return fitError(decision, rejections);
    }
  }
};

/** The last text by the counts it tells of, which pods of one class share while nothing changes. */
const lately = new WeakMap<ReadonlyMap<number, number>, { readonly decision: Decision; readonly text: string }>();

const fitError = (decision: Decision, rejections: RejectionTable): string => {
  const known = lately.get(decision.rejections);
  const isSame =
    known !== undefined &&
    known.decision.preFilter === undefined &&
    decision.preFilter === undefined &&
    known.decision.totalNodes === decision.totalNodes &&
    known.decision.postFilter === decision.postFilter;
  if (isSame) return known.text;
  const { preFilter } = decision;
  const reasons =
    preFilter === undefined
      ? reasonsText(decision.rejections, rejections)
      : ` ${rejections.get(preFilter).reasons.join(", ")}.`;
  const more = decision.postFilter === "" ? "" : ` ${decision.postFilter}`;
  const text = `0/${decision.totalNodes} nodes are available:${reasons}${more}`;
  if (decision.rejections.size > 0) lately.set(decision.rejections, { decision, text });
  return text;
};

/** Order of the UTF-8 bytes, as upstream sorts. */
export const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
