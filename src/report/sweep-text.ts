import type { SweepOutcome } from "../simulate/capacity-sweep.ts";
import { rangeText } from "./amounts.ts";
import { table } from "./table.ts";

const shownRows = 30;

/**
 * The outcomes, best first: those that carry the scenario where there is one, fewest pods Pending, addresses that suffice, then the least cost
 * or the fewest nodes. With a scenario the first line names the smallest settings that carry it.
 */
export const sweepTable = (outcomes: readonly SweepOutcome[]): string => {
  const sorted = [...outcomes].sort(
    (a, b) =>
      Number(isTooSmall(a)) - Number(isTooSmall(b)) ||
      a.pending.high - b.pending.high ||
      a.pending.low - b.pending.low ||
      Number(isShort(a)) - Number(isShort(b)) ||
      weight(a) - weight(b) ||
      a.index - b.index,
  );
  const [best] = sorted;
  const keys = Object.keys(best?.settings ?? {});
  const columns = [...commonColumns(sorted), ...(best?.scenario === undefined ? [] : scenarioColumns(sorted))];
  const rows = sorted
    .slice(0, shownRows)
    .map((outcome) => [
      ...keys.map((key) => String(outcome.settings[key] ?? "")),
      ...columns.map(({ cell }) => cell(outcome)),
    ]);
  const header = [...keys, ...columns.map(({ title }) => title)];
  const lines = table(
    header,
    rows,
    header.map(() => "right" as const),
  );
  const left = sorted.length - rows.length;
  const more = left > 0 ? [`  and ${left} more (--json)`] : [];
  return `${[...(best?.scenario === undefined ? [] : [smallest(best), ""]), ...lines, ...more].join("\n")}\n`;
};

const smallest = ({ settings, scenario }: SweepOutcome): string => {
  const text = Object.entries(settings)
    .map(([key, value]) => `${key} ${value}`)
    .join(", ");
  return scenario?.carried === true
    ? `Smallest that carries the scenario: ${text}.`
    : `None carries the scenario: even with ${text} pods wait for ${minutes(scenario?.longestPendingMs ?? 0)}, ${scenario?.pendingAtEnd ?? 0} to the end.`;
};

interface Column {
  readonly title: string;
  readonly cell: (outcome: SweepOutcome) => string;
}

const commonColumns = (outcomes: readonly SweepOutcome[]): readonly Column[] => [
  { title: "nodes", cell: ({ nodes }) => rangeText({ low: total(nodes.low), high: total(nodes.high) }) },
  { title: "pending", cell: ({ pending }) => rangeText(pending) },
  {
    title: "free addresses",
    cell: ({ freeAddresses }) => String(Math.min(...Object.values(freeAddresses), Number.POSITIVE_INFINITY)),
  },
  ...(outcomes.some(({ costPerHour }) => costPerHour !== null)
    ? [
        {
          title: "cost an hour",
          cell: ({ costPerHour }: SweepOutcome) => (costPerHour === null ? "?" : rangeText(costPerHour)),
        },
      ]
    : []),
];

const scenarioColumns = (outcomes: readonly SweepOutcome[]): readonly Column[] => [
  { title: "carried", cell: ({ scenario }) => (scenario?.carried === true ? "yes" : "no") },
  { title: "longest wait", cell: ({ scenario }) => minutes(scenario?.longestPendingMs ?? 0) },
  { title: "too little for", cell: ({ scenario }) => minutes(scenario?.longestShortfallMs ?? 0) },
  { title: "node hours", cell: ({ scenario }) => String(Math.round(total(scenario?.nodeHours ?? {}))) },
  ...(outcomes.some(({ scenario }) => typeof scenario?.cost === "number")
    ? [{ title: "cost", cell: ({ scenario }: SweepOutcome) => (scenario?.cost ?? "?").toString() }]
    : []),
];

const minutes = (ms: number): string => {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};

const isTooSmall = ({ scenario }: SweepOutcome): boolean => scenario !== undefined && !scenario.carried;

const isShort = ({ freeAddresses }: SweepOutcome): boolean => Object.values(freeAddresses).some((free) => free < 0);

/** Over a scenario the nodes' hours count, else the nodes between the quietest and the busiest hour. */
const weight = ({ costPerHour, nodes, scenario }: SweepOutcome): number => {
  if (scenario !== undefined) return scenario.cost ?? total(scenario.nodeHours);
  return costPerHour === null ? total(nodes.high) : (costPerHour.low + costPerHour.high) / 2;
};

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);
