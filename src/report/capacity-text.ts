import { createColors } from "picocolors";
import {
  type CapacityLimit,
  type ClusterCapacity,
  type MomentName,
  momentNames,
  type PoolNodeCounts,
  type WorkloadRoom,
} from "../simulate/capacity-model.ts";
import { bytesText, coresText, shareText } from "./amounts.ts";
import { capacityVerdict, endText, momentText } from "./capacity-verdict.ts";
import { plainLine, withoutCommands } from "./escape.ts";
import { type Alignment, table, wrap } from "./table.ts";

export interface CapacityTextOptions {
  readonly color?: boolean;
  readonly width?: number;
  /** All workloads, limits' sources and assumptions, however long. */
  readonly full?: boolean;
}

/** The capacity of the clusters for people: what ends first, then limits at each moment, room by workload, smallest pools. */
export const capacityText = (clusters: readonly ClusterCapacity[], options: CapacityTextOptions = {}): string =>
  withoutCommands(`${clusters.map((capacity) => clusterText(capacity, options)).join("\n\n")}\n`);

const clusterText = (capacity: ClusterCapacity, options: CapacityTextOptions): string => {
  const paint = createColors(options.color ?? false);
  const width = options.width ?? 100;
  const verdict = capacityVerdict(capacity);
  const sections = [
    [
      ...wrap(verdict.summary, width, "").map((line) => paint.bold(line)),
      ...verdict.reasons.flatMap((reason) => bullet(reason, width)),
      ...costLines(capacity, width),
      paint.dim(plainLine(capacity.cluster)),
    ],
    [paint.bold("Used of each limit"), ...limitLines(capacity, options)],
    [
      paint.bold(
        "More replicas that fit beside the busiest hour (now: on the nodes of that hour; more: with those the autoscaler may add)",
      ),
      ...roomLines(capacity.workloads, options),
    ],
    [paint.bold("Fewest nodes that carry the workloads"), ...nodeCountLines(capacity.nodeCounts, width)],
    assumptionLines(capacity, width, paint.bold("Assumptions"), options),
  ];
  return sections
    .filter((lines) => lines.length > 1)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
};

const costLines = ({ cost }: ClusterCapacity, width: number): readonly string[] => {
  if (cost === undefined) return [];
  const parts = momentNames.flatMap((name) => {
    const price = cost.perHour[name];
    return price === undefined ? [] : [`${price} ${cost.currency} ${momentText[name]}`];
  });
  const text = parts.length === 0 ? "the price file has no price of a pool's size" : parts.join(", ");
  return bullet(`Nodes cost an hour: ${text}.`, width);
};

const bullet = (text: string, width: number): readonly string[] =>
  wrap(text, width, "    ").map((line, index) => (index === 0 ? `  - ${line.trimStart()}` : line));

const headers: Readonly<Record<MomentName, string>> = {
  now: "apply ends",
  low: "quietest",
  high: "busiest",
  hpaMax: "HPA max",
  zoneLost: "zone lost",
};

/** Limits of which less than this share is used at every moment are told with `--full` only. */
const worthTelling = 0.05;

const limitLines = ({ limits, moments }: ClusterCapacity, { full = false }: CapacityTextOptions): readonly string[] => {
  const names = momentNames.filter((name) => moments.some((moment) => moment.name === name));
  const zone = moments.find((moment) => moment.name === "zoneLost")?.zone;
  const header = names.map((name) => (name === "zoneLost" && zone !== undefined ? `zone ${zone} lost` : headers[name]));
  const shown = full ? limits : limits.filter((limit) => usesOf(limit).some(([, share]) => share >= worthTelling));
  const rows = shown.map((limit) => [
    limit.subject,
    kindText[limit.kind],
    ...names.map((name) => useText(limit, name)),
    freeText(limit),
  ]);
  const alignment: readonly Alignment[] = ["left", "left", ...names.map(() => "right" as const), "right"];
  const lines = table(["of", "limit", ...header, "least free"], rows, alignment);
  const left = limits.length - shown.length;
  return left === 0 ? lines : [...lines, `  and ${left} limits of which less than 5 % is used (--full)`];
};

const kindText: Readonly<Record<CapacityLimit["kind"], string>> = {
  nodes: "nodes",
  cpu: "CPU",
  memory: "memory",
  pods: "pods",
  disks: "disks",
  addresses: "addresses",
  podRange: "pod range",
  snatPorts: "SNAT ports",
  loadBalancerRules: "rules",
  loadBalancerFrontends: "frontends",
  clusterNodes: "nodes",
  vcpuQuota: "vCPU quota",
};

const usesOf = ({ at }: CapacityLimit): readonly (readonly [number, number])[] =>
  momentNames.flatMap((name) => {
    const use = at[name];
    return use === undefined || use.limit <= 0 ? [] : [[use.free, use.used / use.limit] as const];
  });

const useText = ({ at, unit }: CapacityLimit, name: MomentName): string => {
  const use = at[name];
  if (use === undefined) return "-";
  return unit === "bytes" || unit === "m" || unit === "ports"
    ? shareText(use.used, use.limit)
    : `${use.used}/${use.limit}`;
};

const freeText = (limit: CapacityLimit): string => {
  const uses = usesOf(limit);
  if (uses.length === 0) return "-";
  const free = Math.min(...uses.map(([each]) => each));
  return limit.unit === "bytes" ? bytesText(free) : limit.unit === "m" ? coresText(free) : String(free);
};

const roomLines = (workloads: readonly WorkloadRoom[], { full = false }: CapacityTextOptions): readonly string[] => {
  const sorted = [...workloads].sort((a, b) => a.more - b.more);
  const shown = full ? sorted : sorted.slice(0, 20);
  const rows = shown.map((room) => [
    room.workload,
    room.pending > 0 ? `${room.replicas} (${room.pending} wait)` : String(room.replicas),
    room.hpaMax === undefined ? "" : String(room.hpaMax),
    String(room.moreNow),
    room.unbounded ? `> ${room.more}` : String(room.more),
    endText(room),
  ]);
  const header = ["workload", "replicas", "HPA max", "now", "more", "ended by"];
  const lines = table(header, rows, ["left", "right", "right", "right", "right", "left"]);
  return shown.length === sorted.length ? lines : [...lines, `  and ${sorted.length - shown.length} more (--full)`];
};

const nodeCountLines = (counts: readonly PoolNodeCounts[], width: number): readonly string[] => [
  ...table(
    ["pool", "min..max now", "quietest", "busiest", "HPA max"],
    counts.map(({ pool, configured, needed }) => [
      pool,
      `${configured.min}..${configured.max}`,
      String(needed.low),
      String(needed.high),
      String(needed.hpaMax),
    ]),
    ["left", "right", "right", "right", "right"],
  ),
  ...counts.flatMap(({ pool, notes }) => notes.flatMap((note) => bullet(`${pool}: ${note}`, width))),
];

const assumptionLines = (
  { assumptions }: ClusterCapacity,
  width: number,
  title: string,
  { full = false }: CapacityTextOptions,
): readonly string[] => {
  const shown = full ? assumptions : assumptions.filter(({ certainty }) => certainty !== "documented").slice(0, 6);
  const left = assumptions.length - shown.length;
  return [
    title,
    ...shown.flatMap(({ text }) => bullet(text, width)),
    ...(left > 0 ? [`  and ${left} more (--full)`] : []),
  ];
};
