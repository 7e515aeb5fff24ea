import type { SweepOutcome } from "../simulate/capacity-sweep.ts";
import { rangeText } from "./amounts.ts";
import { table } from "./table.ts";

const shownRows = 30;

/** The outcomes, best first: fewest pods Pending, addresses that suffice, then the least cost or the fewest nodes. */
export const sweepTable = (outcomes: readonly SweepOutcome[]): string => {
  const sorted = [...outcomes].sort(
    (a, b) =>
      a.pending.high - b.pending.high ||
      a.pending.low - b.pending.low ||
      Number(isShort(a)) - Number(isShort(b)) ||
      weight(a) - weight(b) ||
      a.index - b.index,
  );
  const keys = Object.keys(sorted[0]?.settings ?? {});
  const priced = sorted.some(({ costPerHour }) => costPerHour !== null);
  const rows = sorted
    .slice(0, shownRows)
    .map(({ settings, nodes, pending, freeAddresses, costPerHour }) => [
      ...keys.map((key) => String(settings[key] ?? "")),
      rangeText({ low: total(nodes.low), high: total(nodes.high) }),
      rangeText(pending),
      String(Math.min(...Object.values(freeAddresses), Number.POSITIVE_INFINITY)),
      ...(priced ? [costPerHour === null ? "?" : rangeText(costPerHour)] : []),
    ]);
  const header = [...keys, "nodes", "pending", "free addresses", ...(priced ? ["cost an hour"] : [])];
  const lines = table(
    header,
    rows,
    header.map(() => "right" as const),
  );
  const left = sorted.length - rows.length;
  return `${[...lines, ...(left > 0 ? [`  and ${left} more (--json)`] : [])].join("\n")}\n`;
};

const isShort = ({ freeAddresses }: SweepOutcome): boolean => Object.values(freeAddresses).some((free) => free < 0);

const weight = ({ costPerHour, nodes }: SweepOutcome): number =>
  costPerHour === null ? total(nodes.high) : (costPerHour.low + costPerHour.high) / 2;

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);
