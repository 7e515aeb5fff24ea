import type { PoolUpgrade, ScenarioResult, ScenarioSamples } from "../simulate/scenario/result.ts";
import type { RunsSummary } from "../simulate/scenario/summarize-runs.ts";
import { plainLine as plain } from "./escape.ts";
import { applyLines, jobLines, verticalLines } from "./scenario-apply-text.ts";
import { clock, duration } from "./scenario-time.ts";

const bars = "▁▂▃▄▅▆▇█";
const WIDTH = 60;
const MOST_EVENTS = 40;
const MOST_SHORTFALLS = 15;

/** The time line as text: a sparkline a row, then what scaled, what was short, how upgrades went. */
export const scenarioText = (result: ScenarioResult): string => {
  const { samples } = result;
  const lines = [
    `${plain(result.cluster)}: ${duration(result.until)} from ${clock(result.start)}`,
    "",
    ...timeLine(samples, result.start),
    ...workloadLines(result),
    ...shortfallLines(result),
    ...applyLines(result),
    ...jobLines(result),
    ...verticalLines(result),
    ...result.upgrades.flatMap((upgrade) => upgradeLines(upgrade, result.start)),
    ...eventLines(result),
    ...pendingLines(result),
    ...(result.notSupported.length === 0
      ? []
      : ["", "Left out", ...result.notSupported.map((each) => `  ${plain(each)}`)]),
    "",
    "Assumptions the time line rests on",
    ...result.assumptions.map(
      ({ text, override, source }) =>
        `  - ${plain(text)} (${[...(source === undefined ? [] : [`source: ${plain(source)}`]), ...(override === "none" ? [] : [`say otherwise: ${plain(override)}`])].join("; ")})`,
    ),
  ];
  return `${lines.join("\n")}\n`;
};

/** The spread of several runs. */
export const monteCarloText = (summary: RunsSummary): string => {
  const rows = summary.figures.map(({ name, unit, p5, p50, p95, max }) => {
    const show = (value: number): string => (unit === "ms" ? duration(value) : String(value));
    return [plain(name), show(p5), show(p50), show(p95), show(max)];
  });
  return `${[`${summary.runs} runs, seed ${summary.seed}`, "", ...table([["", "p5", "p50", "p95", "most"], ...rows])].join("\n")}\n`;
};

const timeLine = (samples: ScenarioSamples, start: number): readonly string[] => {
  const row = (name: string, values: readonly number[], top?: number, unit = ""): string[] => [
    name,
    sparkline(values, top),
    `${Math.min(...values)}${unit}`,
    `${Math.max(...values)}${unit}`,
    `${values.at(-1) ?? 0}${unit}`,
  ];
  const { pods, cpu, memory } = samples;
  const percent = (part: readonly number[], whole: readonly number[]): readonly number[] =>
    part.map((value, index) => ((whole[index] ?? 0) === 0 ? 0 : Math.round((100 * value) / (whole[index] ?? 1))));
  const last = samples.at.at(-1) ?? 0;
  return table([
    ["Time line", `${clock(start)} … ${clock(start + last)}`, "least", "most", "end"],
    row("pods wanted", pods.wanted),
    row("pods ready", pods.ready, Math.max(...pods.wanted)),
    row("pods pending", pods.pending),
    row("pods starting", pods.starting),
    ...(pods.lost.some((value) => value > 0) ? [row("pods on lost nodes", pods.lost)] : []),
    ...Object.entries(samples.nodes).map(([pool, values]) => row(`nodes of ${plain(pool)}`, values)),
    ...Object.entries(samples.addresses).map(([name, values]) =>
      row(`addresses of ${plain(name)}`, values, samples.usableAddresses[name]),
    ),
    row("CPU requested", percent(cpu.requestedMilli, cpu.allocatableMilli), 100, " %"),
    row("CPU used", percent(cpu.usedMilli, cpu.allocatableMilli), 100, " %"),
    row("memory requested", percent(memory.requestedBytes, memory.allocatableBytes), 100, " %"),
  ]);
};

/** One character a stretch of time, the highest value in it against `top`. */
export const sparkline = (values: readonly number[], top = Math.max(...values)): string => {
  const width = Math.min(WIDTH, values.length);
  let line = "";
  for (let column = 0; column < width; column += 1) {
    const from = Math.floor((column * values.length) / width);
    const to = Math.max(from + 1, Math.floor(((column + 1) * values.length) / width));
    const highest = Math.max(...values.slice(from, to));
    const level = top <= 0 ? 0 : Math.ceil((highest / top) * (bars.length - 1));
    line += bars[Math.max(0, Math.min(bars.length - 1, level))] ?? "";
  }
  return line;
};

const workloadLines = ({ workloads, start }: ScenarioResult): readonly string[] => {
  const moving = workloads.filter(
    ({ wanted, lowestReady, longestPendingMs }) =>
      wanted.low !== wanted.high || lowestReady.ready < lowestReady.wanted || longestPendingMs > 0,
  );
  if (moving.length === 0) return [];
  return [
    "",
    ...table([
      ["Workloads", "replicas", "fewest ready", "at", "longest wait for a node"],
      ...moving.map(({ workload, wanted, lowestReady, longestPendingMs }) => [
        plain(workload),
        wanted.low === wanted.high ? String(wanted.low) : `${wanted.low}–${wanted.high}`,
        lowestReady.wanted === 0 ? "" : `${lowestReady.ready} of ${lowestReady.wanted}`,
        lowestReady.wanted === 0 ? "" : clock(start + lowestReady.at),
        longestPendingMs === 0 ? "none" : duration(longestPendingMs),
      ]),
    ]),
  ];
};

const shortfallLines = ({ shortfalls, start, until: end }: ScenarioResult): readonly string[] => {
  if (shortfalls.length === 0) return [];
  const lasting = ({ since, until }: (typeof shortfalls)[number]): number => (until ?? end) - since;
  const shown = [...shortfalls].sort((a, b) => lasting(b) - lasting(a) || a.since - b.since).slice(0, MOST_SHORTFALLS);
  const rest = shortfalls.length - shown.length;
  return [
    "",
    "From too little to served, the longest first",
    ...shown.map(({ workload, since, until, from, to, worstPercent, atMaximum, metric }) => {
      const took = until === undefined ? "not served to the end" : duration(until - since);
      const limit = atMaximum ? ", at maxReplicas" : "";
      const of = metric === undefined ? "of their requests" : `of the target of ${plain(metric)}`;
      return `  ${clock(start + since)} ${plain(workload)}: ${took}, ${from} → ${to} ready pods, up to ${worstPercent} % ${of}${limit}`;
    }),
    ...(rest > 0 ? [`  … and ${rest} shorter ones (--format json)`] : []),
  ];
};

const operations: Readonly<Record<PoolUpgrade["what"], string>> = {
  cluster: "upgrade",
  nodeImage: "node image upgrade",
  rotation: "rotation",
  deletion: "deletion",
  "scale-down": "scale-down",
};

const upgradeLines = (upgrade: PoolUpgrade, start: number): readonly string[] => {
  const { pool, what, since, until, result, reason, surge, nodes, blocked, lowest, moves } = upgrade;
  const took = until === undefined ? "still on its way" : `${result} after ${duration(until - since)}`;
  const moved = moves.reduce((sum, { pods }) => sum + pods, 0);
  return [
    "",
    `Pool ${plain(pool)}, ${operations[what]} at ${clock(start + since)}: ${took}${reason === undefined ? "" : ` (${plain(reason)})`}`,
    `  ${nodes} nodes${surge === 0 ? "" : `, ${surge} more at a time`}; ${moved} pods moved`,
    ...blocked.map(
      ({ budget, nodes: held, longestMs, totalMs }) =>
        `  budget ${plain(budget)} held up ${held} drain${held === 1 ? "" : "s"}, ${duration(longestMs)} at the longest, ${duration(totalMs)} in all`,
    ),
    ...lowest.map(
      ({ workload, ready, wanted, at }) => `  ${plain(workload)}: ${ready} of ${wanted} ready at ${clock(start + at)}`,
    ),
  ];
};

const eventLines = ({ events, start }: ScenarioResult): readonly string[] => {
  if (events.length === 0) return [];
  const shown = events.slice(0, MOST_EVENTS);
  const rest = events.length - shown.length;
  return [
    "",
    "What happened",
    ...shown.map(({ at, subject, text }) => `  ${clock(start + at)} ${plain(subject)}: ${plain(text)}`),
    ...(rest > 0 ? [`  … and ${rest} more (--format json)`] : []),
  ];
};

const pendingLines = ({ pending, ties }: ScenarioResult): readonly string[] => [
  ...(pending.length === 0 ? [] : ["", "Pending at the end"]),
  ...pending.map(
    ({ pod, reasons }) => `  ${plain(pod)}${reasons.length === 0 ? "" : `: ${plain(reasons.join("; "))}`}`,
  ),
  ...ties.map((tie) => `Pools "${plain(tie.join('", "'))}" are equally good to the autoscaler: it takes any of them.`),
];

const table = (rows: readonly (readonly string[])[]): string[] => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 || column === 1 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
};
