import type { Finding } from "../findings/finding.ts";
import { withoutPreemption } from "../findings/placement/pending-groups.ts";
import { formatPlace } from "../model/source-range.ts";
import { addressesText, rangeText, shareText } from "./amounts.ts";
import { clusterLabels, clusterPrefix } from "./cluster-labels.ts";
import { markdown, markdownCode } from "./escape.ts";
import { pictureSummary, pictureTexts } from "./monitoring.ts";
import { provisioningTexts } from "./provisioning.ts";
import type { Report, Reporter, WorldReport } from "./report.ts";
import { plural } from "./verdict.ts";

/** GitHub's limit of a comment, with room for what a host adds. */
const mostCharacters = 65_536 - 1024;

/** Marks the comment, so that the next run finds and replaces it. */
export const commentMarker = "<!-- aks-twin:review -->";

/** The report as a comment of a pull request: the verdict first, details folded, never longer than a host takes. */
export const markdownReport: Reporter = (report) => {
  const head = headOf(report);
  const sections = [
    findingsSection("New findings", report, ({ status }) => status === "new"),
    findingsSection(
      report.changes === undefined ? "Findings" : "Findings that were there before",
      report,
      ({ status }) => status !== "new",
    ),
    changesSection(report),
    worldSection(report.worlds.after),
    monitoringSection(report),
    assumptionsSection(report),
  ].filter((section) => section !== "");
  const foot = `\n<sub>aks-twin ${markdown(report.tool.version)}</sub>\n`;
  return fitted(head, sections, foot);
};

/** Takes sections while they fit; the first that does not is cut at a line, and what is left out is named. */
const fitted = (head: string, sections: readonly string[], foot: string): string => {
  const note = "\n\n_The rest does not fit into a comment; the full report is in the job's output._\n";
  let text = head;
  for (const section of sections) {
    if (text.length + section.length + foot.length <= mostCharacters) {
      text += section;
      continue;
    }
    const room = mostCharacters - text.length - foot.length - note.length - "\n</details>\n".length;
    const lines = section.slice(0, Math.max(0, room)).split("\n").slice(0, -1);
    const cut = lines.join("\n");
    const open = (cut.match(/<details>/g) ?? []).length - (cut.match(/<\/details>/g) ?? []).length;
    return `${text}${cut}${"\n</details>\n".repeat(Math.max(0, open))}${note}${foot}`;
  }
  return text + foot;
};

const icon = { fails: "❌", unknown: "❔", risks: "⚠️", works: "✅" } as const;
const severityIcon = { error: "❌", warning: "⚠️", info: "ℹ️" } as const;

const headOf = ({ verdict, changes }: Report): string => {
  const reasons = verdict.reasons.map((reason) => `- ${markdown(reason)}`);
  const change = changes === undefined ? [] : ["", markdown(changes.summary)];
  return `${[commentMarker, `${icon[verdict.outcome]} **${markdown(verdict.summary)}**`, "", ...reasons, ...change].join("\n")}\n`;
};

const findingsSection = (title: string, report: Report, belongs: (finding: Finding) => boolean): string => {
  const open = report.findings.filter((finding) => finding.suppressed === undefined && belongs(finding));
  const suppressed = report.findings.filter((finding) => finding.suppressed !== undefined && belongs(finding));
  if (open.length === 0 && suppressed.length === 0) return "";
  const folded = title === "Findings that were there before";
  const rows = open.map((finding) => {
    const place = finding.range === undefined ? "" : ` ${markdownCode(formatPlace(finding.range))}`;
    const subject = finding.subject === undefined ? "" : ` · ${markdownCode(finding.subject)}`;
    return `- ${severityIcon[finding.severity]} **${finding.code} ${markdown(finding.summary)}**${place}${subject}\n  ${markdown(finding.detail)}`;
  });
  const silent = suppressed.map(
    (finding) =>
      `- suppressed: ${finding.code} ${markdownCode(finding.subject ?? "")} ${markdown(finding.suppressed?.reason || "no reason given")}`,
  );
  const body = [...rows, ...silent].join("\n");
  return folded ? details(`${title} (${open.length})`, body) : `\n### ${title}\n\n${body}\n`;
};

const changesSection = ({ changes }: Report): string => {
  if (changes === undefined || changes.nothingChanged) return "";
  const rows = [
    ...changes.behaviour.map((change) => `- ${change.worse ? "⚠️ " : ""}${markdown(change.summary)}`),
    ...changes.findings.fixed.map(
      (finding) => `- fixed: ${finding.code} ${markdown(finding.summary)} ${markdownCode(finding.subject ?? "")}`,
    ),
  ];
  return rows.length === 0 ? "" : details(`What changes (${rows.length})`, rows.join("\n"));
};

const worldSection = (world: WorldReport): string => {
  const labels = clusterLabels(world);
  const pools = world.pools.map((pool) =>
    [
      markdownCode(`${clusterPrefix(labels, pool.cluster)}${pool.name}`),
      markdown(pool.vmSize),
      rangeText(pool.predictedNodes),
      `${pool.min}–${pool.max}`,
      shareText(pool.requested.milliCpu, pool.allocatable.milliCpu * pool.nodes),
      shareText(pool.requested.memoryBytes, pool.allocatable.memoryBytes * pool.nodes),
      `${pool.pods}/${pool.allocatable.pods * pool.nodes}`,
    ].join(" | "),
  );
  const subnets = world.subnets.map((subnet) =>
    [
      markdownCode(subnet.name),
      markdown(subnet.prefix),
      addressesText(subnet.usable),
      subnet.used,
      subnet.reserved,
      addressesText(subnet.free),
    ].join(" | "),
  );
  const pending = world.pending
    .slice(0, 50)
    .map(
      (pod) =>
        `- ${markdownCode(`${clusterPrefix(labels, pod.cluster)}${pod.pod}`)} ${markdown(withoutPreemption(pod.message))}${pod.fixableBy === "" ? "" : ` — ${markdown(pod.fixableBy)}`}`,
    );
  const provisioned = provisioningTexts(world).map(
    ({ title, lines }) => `**${markdown(title)}**\n\n${lines.map((line) => `- ${markdown(line)}`).join("\n")}`,
  );
  const parts = [
    pools.length === 0 ? "" : tableOf("pool | size | nodes | min–max | CPU | memory | pods", pools),
    ...provisioned,
    subnets.length === 0 ? "" : tableOf("subnet | prefix | usable | used | reserved | free", subnets),
    pending.length === 0 ? "" : `**Stays Pending (${plural(world.pending.length, "pod")})**\n\n${pending.join("\n")}`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : details("Pools, addresses, Pending pods", parts.join("\n\n"));
};

const monitoringSection = ({ monitoring = [] }: Report): string =>
  monitoring.length === 0
    ? ""
    : details(
        `Monitoring (${pictureSummary(monitoring)})`,
        monitoring
          .map((picture) =>
            [
              `**${markdownCode(picture.cluster)}**`,
              "",
              ...pictureTexts(picture).map((text) => `- ${markdown(text)}`),
            ].join("\n"),
          )
          .join("\n\n"),
      );

const assumptionsSection = ({ assumptions }: Report): string =>
  assumptions.length === 0
    ? ""
    : details(
        `Assumptions (${assumptions.length})`,
        assumptions
          .map(
            ({ text, override }) =>
              `- ${markdown(text)}${override === "" ? "" : ` (say otherwise: ${markdown(override)})`}`,
          )
          .join("\n"),
      );

const tableOf = (header: string, rows: readonly string[]): string =>
  [`| ${header} |`, `|${" --- |".repeat(header.split("|").length)}`, ...rows.map((row) => `| ${row} |`)].join("\n");

const details = (title: string, body: string): string =>
  `\n<details><summary>${title}</summary>\n\n${body}\n\n</details>\n`;
