import type { SmallestChoice, SmallestOutcome, SmallestPool } from "../simulate/smallest-pools.ts";
import { plainLine as plain } from "./escape.ts";
import { duration } from "./scenario-time.ts";
import { table } from "./table.ts";

/** The least settings of each pool by VM size, best first, and what they come to together. */
export const smallestText = (outcome: SmallestOutcome): string => {
  const { cluster, maxWaitMs, pools, together, unserved, runs, currency } = outcome;
  const lines = [
    `${plain(cluster)}: smallest settings with which no pod waits longer than ${duration(maxWaitMs)} for a node (${runs} runs of the scenario)`,
    ...pools.flatMap((pool) => ["", ...poolLines(pool, currency)]),
    "",
    `Together: ${Object.entries(together.settings)
      .map(([name, { size, min, max }]) => `${plain(name)} ${plain(size)} ${min === max ? min : `${min}–${max}`}`)
      .join(", ")}`,
    `  ${together.isServed ? `longest wait ${waited(together.longestWaitMs)}` : "do not carry the scenario"}${cost(together.costPerHour, currency)}`,
    ...(unserved.length === 0
      ? []
      : [`Not counted, as no number of nodes in these pools helps: ${unserved.map(plain).join(", ")}`]),
  ];
  return `${lines.join("\n")}\n`;
};

const poolLines = (
  { pool, configured, autoscaling, choices, impossible }: SmallestPool,
  currency: string | undefined,
) => {
  const { size, min, max } = configured;
  const isPriced = choices.some(({ costPerHour }) => costPerHour !== undefined);
  const header = [
    "size",
    "min",
    "max",
    "nodes on average",
    "most",
    "longest wait",
    ...(isPriced ? [`${currency ?? ""} an hour`] : []),
  ];
  const row = (choice: SmallestChoice): readonly string[] => [
    choice.size,
    String(choice.min),
    String(choice.max),
    String(choice.averageNodes),
    String(choice.mostNodes),
    waited(choice.longestWaitMs),
    ...(isPriced ? [choice.costPerHour === undefined ? "?" : String(choice.costPerHour)] : []),
  ];
  return [
    `Pool ${plain(pool)}, now ${plain(size)} with ${autoscaling ? `${min} to ${max}` : `${max}`} nodes`,
    ...(choices.length === 0
      ? []
      : table(header, choices.map(row), ["left", "right", "right", "right", "right", "right", "right"])),
    ...impossible.map((each) => `  ${plain(each.size)}: ${plain(each.because)}`),
  ];
};

const waited = (ms: number): string => (ms === 0 ? "none" : duration(ms));

const cost = (perHour: number | undefined, currency: string | undefined): string =>
  perHour === undefined ? "" : `, ${perHour} ${currency ?? ""} an hour for all nodes`.trimEnd();
