import { createColors } from "picocolors";
import type { Finding } from "../findings/finding.ts";
import { withoutPreemption } from "../findings/placement/pending-groups.ts";
import type { Severity } from "../model/diagnostic.ts";
import { formatPlace } from "../model/source-range.ts";
import { addressesText, bytesText, rangeText, shareText } from "./amounts.ts";
import { clusterLabels, clusterPrefix, inCluster } from "./cluster-labels.ts";
import { plainLine, withoutCommands } from "./escape.ts";
import { pictureTexts } from "./monitoring.ts";
import { provisioningTexts } from "./provisioning.ts";
import type { Report, Reporter, WorldReport } from "./report.ts";
import { table, wrap } from "./table.ts";
import { plural } from "./verdict.ts";

type Paint = ReturnType<typeof createColors>;
interface Layout {
  readonly paint: Paint;
  readonly width: number;
}

/** The report for people: the verdict first, two screens for a platform of usual size. */
export const textReport: Reporter = (report, options = {}) => {
  const layout: Layout = { paint: createColors(options.color ?? false), width: options.width ?? 100 };
  const world = report.worlds.after;
  const sections = [
    verdictSection(report, layout),
    changesSection(report, layout),
    duringSection(report.worlds.during, layout),
    poolsSection(world, layout),
    ...provisioningSections(world, layout),
    addressesSection(world, layout),
    loadBalancersSection(world, layout),
    volumesSection(world, layout),
    pendingSection(world, layout),
    autoscalersSection(world, layout),
    findingsSection(report, layout),
    ...(options.verbose === true ? monitoringSections(report, layout) : []),
    assumptionsSection(report, layout),
  ];
  const text = sections.filter((lines) => lines.length > 0).map((lines) => lines.join("\n"));
  return `${withoutCommands(text.join("\n\n"))}\n`;
};

const verdictSection = (report: Report, { paint, width }: Layout): readonly string[] => {
  const color = { fails: paint.red, unknown: paint.yellow, risks: paint.yellow, works: paint.green }[
    report.verdict.outcome
  ];
  const { after } = report.worlds;
  const nodes = after.pools.reduce((sum, pool) => sum + pool.nodes, 0);
  const pods = after.pools.reduce((sum, pool) => sum + pool.pods, 0);
  const size =
    after.clusters.length === 0
      ? "no cluster"
      : [
          plural(after.clusters.length, "cluster"),
          plural(after.pools.length, "pool"),
          plural(nodes, "node"),
          plural(pods, "pod"),
          ...provisionedText(after),
        ].join(", ");
  return [
    ...wrap(report.verdict.summary, width, "").map((line) => paint.bold(color(line))),
    ...report.verdict.reasons.flatMap((reason) => bullet(reason, width)),
    paint.dim(`${plainLine(report.root)}: ${size}`),
  ];
};

/** Nodes that are in no pool. */
const provisionedText = ({ nodeProvisioning = [] }: WorldReport): readonly string[] => {
  const rows = nodeProvisioning.flatMap(({ nodes }) => nodes);
  if (rows.length === 0) return [];
  const count = rows.reduce((sum, row) => sum + row.nodes, 0);
  return [`and ${plural(count, "node")} by node auto-provisioning`];
};

const bullet = (text: string, width: number): readonly string[] =>
  wrap(text, width, "    ").map((line, index) => (index === 0 ? `  - ${line.trimStart()}` : line));

const changesSection = (report: Report, { paint, width }: Layout): readonly string[] => {
  const { changes } = report;
  if (changes === undefined) return [];
  if (changes.nothingChanged) return [paint.bold("Against the base"), `  ${plainLine(changes.summary)}`];
  return [
    paint.bold("Against the base"),
    ...wrap(changes.summary, width, "  "),
    ...limited(changes.behaviour, 20, (change) => {
      const lines = bullet(change.summary, width);
      return change.worse ? lines.map((line) => paint.yellow(line)) : lines;
    }),
    ...limited(changes.findings.fixed, 10, (finding) => [
      plainLine(`  fixed ${finding.code} ${finding.subject ?? ""}: ${finding.summary}`),
    ]),
  ];
};

/** What happens on the way, and the subnets as they are then. */
const duringSection = (world: WorldReport | undefined, { paint, width }: Layout): readonly string[] => {
  if (world === undefined) return [];
  return [
    paint.bold("While the apply runs"),
    ...limited(world.events, 12, (event) => bullet(`${event.subject} (${event.reason}): ${event.message}`, width)),
    ...world.subnets
      .filter((subnet) => subnet.usable - subnet.used < 0)
      .flatMap((subnet) =>
        bullet(`subnet "${subnet.name}" needs ${subnet.used} addresses then, ${subnet.usable} are usable`, width).map(
          (line) => paint.red(line),
        ),
      ),
  ];
};

const poolsSection = (world: WorldReport, { paint }: Layout): readonly string[] => {
  if (world.pools.length === 0) return [];
  const labels = clusterLabels(world);
  const rows = world.pools.map((pool) => {
    const whole = (each: number): number => each * pool.nodes;
    return [
      `${clusterPrefix(labels, pool.cluster)}${pool.name}`,
      pool.mode,
      pool.vmSize,
      pool.zones.join(","),
      String(pool.initialNodes),
      String(pool.min),
      String(pool.max),
      rangeText(pool.predictedNodes),
      shareText(pool.requested.milliCpu, whole(pool.allocatable.milliCpu)),
      shareText(pool.requested.memoryBytes, whole(pool.allocatable.memoryBytes)),
      `${pool.pods}/${whole(pool.allocatable.pods)}`,
      `${pool.requested.disks}/${whole(pool.allocatable.disks)}`,
    ];
  });
  const header = ["pool", "mode", "size", "zones", "now", "min", "max", "nodes", "CPU", "memory", "pods", "disks"];
  return section(
    paint,
    "Node pools (nodes and use as predicted, requests of allocatable)",
    table(header, rows, ["left", "left", "left", "left", ...Array<"right">(8).fill("right")]),
  );
};

/** The title says that it is a first model. */
const provisioningSections = (world: WorldReport, { paint, width }: Layout): readonly (readonly string[])[] =>
  provisioningTexts(world).map(({ title, lines }) => [
    ...wrap(title, width, "").map((line) => paint.bold(line)),
    ...limited(lines, 20, (line) => bullet(line, width)),
  ]);

const addressesSection = (world: WorldReport, { paint }: Layout): readonly string[] => {
  if (world.subnets.length === 0) return [];
  const rows = world.subnets.map((subnet) => [
    subnet.name,
    subnet.prefix,
    addressesText(subnet.usable),
    String(subnet.used),
    String(subnet.reserved),
    addressesText(subnet.free),
    subnet.free < 0 ? "does not fit" : "",
  ]);
  const lines = table(["subnet", "prefix", "usable", "used", "reserved", "free", ""], rows, [
    "left",
    "left",
    "right",
    "right",
    "right",
    "right",
    "left",
  ]);
  return section(paint, "Addresses (reserved: to reach max_count, and for upgrade surge)", lines);
};

const loadBalancersSection = (world: WorldReport, { paint, width }: Layout): readonly string[] => {
  const labels = clusterLabels(world);
  const balancers = world.loadBalancers.map((balancer) => {
    const frontends = balancer.frontends.map((frontend) => {
      const services = frontend.services.length === 0 ? "egress" : frontend.services.join(", ");
      return `${frontend.ip ?? "new IP"} (${services})`;
    });
    const snat = balancer.snatPortsPerNode === undefined ? "" : `, ${balancer.snatPortsPerNode} SNAT ports a node`;
    return `${clusterPrefix(labels, balancer.cluster)}${balancer.name}: ${plural(balancer.frontends.length, "frontend")}, ${plural(balancer.rules, "rule")}${snat}${
      frontends.length === 0 ? "" : `: ${listed(frontends, 6)}`
    }`;
  });
  const ips = world.publicIps.map((ip) => `${ip.name} (${ip.purpose})`);
  if (balancers.length === 0 && ips.length === 0) return [];
  return section(paint, "Load balancers and public IPs", [
    ...balancers.flatMap((line) => wrap(line, width, "  ")),
    ...(ips.length === 0 ? [] : wrap(`${plural(ips.length, "public IP")}: ${listed(ips, 6)}`, width, "  ")),
  ]);
};

const volumesSection = (world: WorldReport, { paint, width }: Layout): readonly string[] => {
  if (world.volumes.length === 0) return [];
  const kinds = new Map<string, { count: number; bytes: number }>();
  for (const volume of world.volumes) {
    const sum = kinds.get(volume.kind) ?? { count: 0, bytes: 0 };
    kinds.set(volume.kind, { count: sum.count + 1, bytes: sum.bytes + (volume.sizeBytes ?? 0) });
  }
  const summary = [...kinds].map(([kind, sum]) => `${sum.count} ${kind}, ${bytesText(sum.bytes)}`).join("; ");
  const pending = world.volumes.filter((volume) => volume.state === "pending");
  return section(paint, "Volumes", [
    ...wrap(`${plural(world.volumes.length, "volume")}: ${summary}`, width, "  "),
    ...limited(pending, 6, (volume) => bullet(`${volume.claim} stays Pending: ${volume.message}`, width)),
  ]);
};

/** Pods of one owner that wait for one reason are one row. */
const pendingSection = (world: WorldReport, { paint, width }: Layout): readonly string[] => {
  const groups = new Map<string, WorldReport["pending"][number][]>();
  const labels = clusterLabels(world);
  for (const pod of world.pending) {
    const key = [pod.cluster, pod.owner, pod.message, pod.fixableBy, pod.when].join("|");
    groups.set(key, [...(groups.get(key) ?? []), pod]);
  }
  if (groups.size === 0) return [];
  return section(
    paint,
    "Stays Pending",
    limited([...groups.values()], 12, (pods) => {
      const [first] = pods;
      if (first === undefined) return [];
      const when = first.when === "always" ? "" : ` (${first.when})`;
      return [
        ...bullet(
          `${first.owner}${inCluster(labels, first.cluster)}: ${plural(pods.length, "pod")}${when}: ${withoutPreemption(first.message)}`,
          width,
        ),
        ...(first.fixableBy === "" ? [] : wrap(`mend: ${first.fixableBy}`, width, "      ")),
      ];
    }),
  );
};

const autoscalersSection = (world: WorldReport, { paint, width }: Layout): readonly string[] => {
  if (world.autoscaling.length === 0) return [];
  const labels = clusterLabels(world);
  return section(
    paint,
    "Autoscalers",
    limited(world.autoscaling, 15, (scaler) => {
      const limit = scaler.limited ? paint.yellow(" at its limit") : "";
      const head = `  ${plainLine(scaler.subject)}${scaler.kind === "hpa" ? plainLine(inCluster(labels, scaler.cluster)) : ""}: ${scaler.from} → ${rangeText(scaler.to)} (${scaler.min}..${scaler.max})${limit}`;
      return scaler.reason === "" ? [head] : [head, ...wrap(scaler.reason, width, "      ")];
    }),
  );
};

const findingsSection = (report: Report, layout: Layout): readonly string[] => {
  const { paint } = layout;
  const open = report.findings.filter((finding) => finding.suppressed === undefined);
  const suppressed = report.findings.filter((finding) => finding.suppressed !== undefined);
  if (open.length === 0 && suppressed.length === 0) return section(paint, "Findings", ["  none"]);
  return section(paint, "Findings", [
    ...open.flatMap((finding) => findingLines(finding, layout)),
    ...suppressed.map((finding) =>
      paint.dim(
        plainLine(
          `  suppressed ${finding.code} ${finding.subject ?? ""}: ${finding.suppressed?.reason || "no reason given"}`,
        ),
      ),
    ),
  ]);
};

const findingLines = (finding: Finding, { paint, width }: Layout): readonly string[] => {
  const color: Record<Severity, (text: string) => string> = {
    error: paint.red,
    warning: paint.yellow,
    info: paint.cyan,
  };
  const place = finding.range === undefined ? "" : ` ${formatPlace(finding.range)}`;
  const fresh = finding.status === "new" ? "new: " : "";
  return [
    `  ${color[finding.severity](finding.severity.padEnd(7))} ${paint.bold(finding.code)}${plainLine(place)} ${fresh}${paint.bold(plainLine(finding.summary))}`,
    ...wrap(withSubject(finding), width, "          "),
  ];
};

/** The detail, with its subject before it where the words do not name it. */
const withSubject = ({ subject, detail }: Finding): string =>
  subject === undefined || detail.includes(subject) ? detail : `${subject}: ${detail}`;

const monitoringSections = (report: Report, { paint, width }: Layout): readonly (readonly string[])[] =>
  (report.monitoring ?? []).map((picture) =>
    section(
      paint,
      `Monitoring of ${plainLine(picture.cluster)}`,
      pictureTexts(picture).flatMap((text) => bullet(text, width)),
    ),
  );

const assumptionsSection = (report: Report, { paint, width }: Layout): readonly string[] => {
  if (report.assumptions.length === 0) return [];
  return section(
    paint,
    "Assumptions the verdict rests on",
    limited(report.assumptions, 12, (assumption) =>
      bullet(
        `${assumption.text}${assumption.override === "" ? "" : ` (say otherwise: ${assumption.override})`}`,
        width,
      ),
    ),
  );
};

const section = (paint: Paint, title: string, lines: readonly string[]): readonly string[] => [
  paint.bold(title),
  ...lines,
];

const listed = (items: readonly string[], limit: number): string =>
  items.length <= limit ? items.join(", ") : `${items.slice(0, limit).join(", ")} and ${items.length - limit} more`;

const limited = <T>(items: readonly T[], limit: number, show: (item: T) => readonly string[]): readonly string[] => [
  ...items.slice(0, limit).flatMap(show),
  ...(items.length > limit ? [`  and ${items.length - limit} more`] : []),
];
