import { expect, test } from "@jest/globals";
import { millis } from "../../src/model/quantity.ts";
import { scenarioCsv } from "../../src/report/scenario-csv.ts";
import { scenarioSvg } from "../../src/report/scenario-svg.ts";
import { monteCarloText, scenarioText, sparkline } from "../../src/report/scenario-text.ts";
import { clock, duration } from "../../src/report/scenario-time.ts";
import { summarizeRuns, valuesOfRun } from "../../src/simulate/scenario/summarize-runs.ts";
import { deployment, platformOf, play } from "../simulate/scenario/scenario-support.ts";

const web = deployment("web", { replicas: 3, milliCpu: 900, hpa: { min: 3, max: 12, target: 70 }, budget: 1 });
const platform = platformOf({ system: { count: 1 }, user: { count: 2, min: 2, max: 5 } });
const MINUTE = 60_000;
const scenario = {
  start: millis(8 * 60 * MINUTE),
  until: millis(60 * MINUTE),
  sample: millis(5 * MINUTE),
  load: {
    default: {
      kind: "spike",
      base: 0.4,
      height: 2.7,
      at: millis(10 * MINUTE),
      rise: millis(0),
      duration: millis(30 * MINUTE),
      fall: millis(0),
    },
    workloads: new Map(),
  },
  timings: {},
  events: [{ at: millis(0), action: { kind: "scale", workload: "Deployment/default/none", replicas: 1 } }],
} as const;

const run = (chance?: { readonly seed: number; readonly run: number }) =>
  play(platform, web, scenario, chance === undefined ? {} : { chance });

test.each([
  [0, "0 s"],
  [250_000, "4 min 10 s"],
  [3_600_000, "1 h"],
])("%d ms reads %s", (ms, text) => expect(duration(ms)).toBe(text));

test("a time of day says its day from the second on", () => {
  expect([clock(8 * 3_600_000), clock(90_000_000)]).toEqual(["08:00:00", "day 2 01:00:00"]);
});

test("a sparkline keeps the peak of each stretch", () => {
  expect(sparkline([0, 1, 7])).toBe("▁▂█");
  expect(sparkline(Array.from({ length: 600 }, (_, index) => (index === 300 ? 1 : 0))).indexOf("█")).toBe(30);
});

test("the text says how long the spike was not served, and what was left out", () => {
  const text = scenarioText(run());
  expect(text).toMatch(/08:10:00 Deployment\/default\/web: 2 min \d+ s, 3 → \d+ ready pods/);
  expect(text).toContain('there is no "Deployment/default/none"');
});

test("CSV has one row a moment and as many cells as columns", () => {
  const rows = scenarioCsv(run()).trimEnd().split("\n");
  expect(rows).toHaveLength(1 + 13);
  expect(new Set(rows.map((row) => row.split(",").length)).size).toBe(1);
});

test("SVG is one picture with a line a series", () => {
  const svg = scenarioSvg(run());
  expect(svg).toMatch(/^<svg [^>]+>[\s\S]+<\/svg>\n$/);
  expect(svg).not.toContain("NaN");
});

test("runs differ by seed and number alone, whatever their order", () => {
  const runs = [0, 1, 2, 3].map((number) => run({ seed: 5, run: number }));
  expect(JSON.stringify(run({ seed: 5, run: 2 }))).toBe(JSON.stringify(runs[2]));
  expect(JSON.stringify(runs[0])).not.toBe(JSON.stringify(runs[1]));
  const summary = summarizeRuns(runs.map(valuesOfRun), 5);
  expect(monteCarloText(summary)).toContain("4 runs, seed 5");
  for (const { p5, p50, p95, max } of summary.figures)
    expect([p5, p50, p95, max]).toEqual([p5, p50, p95, max].sort((a, b) => a - b));
});
