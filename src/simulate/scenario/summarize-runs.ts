import type { ScenarioResult } from "./result.ts";

/** How one figure spreads over the runs. */
export interface RunFigure {
  readonly name: string;
  readonly unit: "ms" | "count";
  readonly p5: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

export interface RunsSummary {
  readonly runs: number;
  readonly seed: number;
  readonly figures: readonly RunFigure[];
}

/** What is kept of one run: small enough to be handed from worker to worker. */
export interface RunValue {
  readonly name: string;
  readonly unit: RunFigure["unit"];
  readonly value: number;
}

/** The figures of one run. */
export const valuesOfRun = (result: ScenarioResult): readonly RunValue[] => {
  const { shortfalls, workloads, samples, upgrades } = result;
  const values: RunValue[] = [];
  const add = (name: string, unit: RunValue["unit"], value: number): void => {
    values.push({ name, unit, value });
  };
  add("longest time from too little to served", "ms", longest(shortfalls.map((each) => served(result, each))));
  add("longest wait for a node", "ms", longest(workloads.map(({ longestPendingMs }) => longestPendingMs)));
  add("most pods pending at a point of the time line", "count", longest(samples.pods.pending));
  add("evictions", "count", result.evictions);
  for (const [pool, nodes] of Object.entries(samples.nodes)) add(`most nodes of ${pool}`, "count", longest(nodes));
  for (const { pool, what, since, until } of upgrades)
    add(`${what} of pool ${pool}`, "ms", (until ?? result.until) - since);
  for (const workload of new Set(shortfalls.map((each) => each.workload)))
    add(
      `${workload}: longest time from too little to served`,
      "ms",
      longest(shortfalls.filter((each) => each.workload === workload).map((each) => served(result, each))),
    );
  return values;
};

/** Percentiles over the runs in the order of their numbers, whoever made them: each depends on the seed and its own number only. */
export const summarizeRuns = (runs: readonly (readonly RunValue[])[], seed: number): RunsSummary => {
  const figures = new Map<string, { readonly unit: RunFigure["unit"]; readonly values: number[] }>();
  for (const { name, unit, value } of runs.flat()) {
    const known = figures.get(name);
    if (known === undefined) figures.set(name, { unit, values: [value] });
    else known.values.push(value);
  }
  return {
    runs: runs.length,
    seed,
    figures: [...figures].map(([name, { unit, values }]) => {
      const sorted = [...values].sort((a, b) => a - b);
      const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
      return { name, unit, p5: at(0.05), p50: at(0.5), p95: at(0.95), max: at(1) };
    }),
  };
};

const longest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), 0);

const served = (
  { until: end }: ScenarioResult,
  { since, until }: { readonly since: number; readonly until: number | undefined },
): number => (until ?? end) - since;
