import type { Finding } from "../findings/finding.ts";
import { formatPlace } from "../model/source-range.ts";
import { bytesText, coresText, rangeText, shareText } from "./amounts.ts";
import { clusterLabels, clusterPrefix } from "./cluster-labels.ts";
import { html } from "./escape.ts";
import { addresses } from "./html-addresses.ts";
import { capacity } from "./html-capacity.ts";
import { codeFrame } from "./html-frame.ts";
import { monitoring } from "./html-monitoring.ts";
import { nodes } from "./html-nodes.ts";
import { nodesScript } from "./html-nodes-script.ts";
import { script, style } from "./html-page.ts";
import { bar, list, section, sum, table } from "./html-parts.ts";
import { topology } from "./html-topology.ts";
import { topologyScript } from "./html-topology-script.ts";
import { provisioningTexts } from "./provisioning.ts";
import type { Report, Reporter, ReporterOptions, WorldReport } from "./report.ts";
import { plural } from "./verdict.ts";

/** One self-contained page: no network, works from disk, light and dark, by keyboard and on a phone; also printable. */
export const htmlReport: Reporter = (report, options = {}) => {
  const { after } = report.worlds;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>aks-twin: ${html(report.root)}</title>
<style>${style}</style>
</head>
<body${report.findings.length > mostFramed || after.nodes.length > 1000 ? ' class="many"' : ""}>
<header class="verdict ${report.verdict.outcome}">
<h1>${html(report.verdict.summary)}</h1>
${list(report.verdict.reasons.map(html))}
<p class="dim">${html(report.root)}: ${plural(after.clusters.length, "cluster")}, ${plural(after.pools.length, "pool")}, ${plural(sum(after.pools.map(({ nodes }) => nodes)), "node")}, ${plural(sum(after.pools.map(({ pods }) => pods)), "pod")}</p>
</header>
<nav aria-label="Sections">${["changes", "findings", "pools", "nodes", "topology", "addresses", "balancers", "pending", "autoscalers", "capacity", "monitoring", "assumptions"].map((id) => `<a href="#${id}">${id}</a>`).join(" ")}</nav>
<main>
${changes(report)}
${findings(report, options)}
${pools(after)}${provisioning(after)}
${nodes(report)}
${topology(options.graph)}
${addresses(after)}
${balancers(after)}
${pending(after)}
${autoscalers(after)}
${capacity(report.root, after)}
${monitoring(report)}
${assumptions(report)}
</main>
<footer class="dim">aks-twin ${html(report.tool.version)}</footer>
<script>${script}${nodesScript}${topologyScript}</script>
</body>
</html>
`;
};

const changes = ({ changes: all }: Report): string => {
  if (all === undefined)
    return section("changes", "Against the base", '<p class="dim">There is no base to compare with.</p>');
  return section(
    "changes",
    "Against the base",
    `<p>${html(all.summary)}</p>${list([
      ...all.behaviour.map((change) => `<span class="${change.worse ? "worse" : ""}">${html(change.summary)}</span>`),
      ...all.findings.fixed.map(
        (finding) =>
          `<span class="better">fixed ${html(finding.code)} ${html(finding.summary)}: ${html(finding.subject ?? "")}</span>`,
      ),
    ])}`,
  );
};

/** Past this many findings the rest get no code frame, and past more they are not shown, so that the page stays small. */
const mostFramed = 200;
const mostShown = 3000;

const findings = (report: Report, { sourceOf }: ReporterOptions): string => {
  const { counts } = report.verdict;
  const boxes = (["error", "warning", "info"] as const)
    .map(
      (severity) =>
        `<label><input type="checkbox" data-severity="${severity}" checked> ${severity} (${counts[severity]})</label>`,
    )
    .join(" ");
  return section(
    "findings",
    "Findings",
    report.findings.length === 0
      ? ""
      : `<form class="filter" role="search"><label>Search <input type="search" id="search" autocomplete="off"></label> ${boxes}</form><p id="shown" class="dim" aria-live="polite"></p>${report.findings
          .slice(0, mostShown)
          .map((finding, index) => findingCard(finding, index, index < mostFramed ? sourceOf : undefined))
          .join(
            "\n",
          )}${report.findings.length > mostShown ? `<p>and ${report.findings.length - mostShown} more; the JSON report has all</p>` : ""}`,
  );
};

const findingCard = (finding: Finding, index: number, sourceOf: ReporterOptions["sourceOf"]): string => {
  const frame = finding.range === undefined ? "" : codeFrame(sourceOf?.(finding.range.file), finding.range);
  const place = finding.range === undefined ? "" : `<code>${html(formatPlace(finding.range))}</code>`;
  const marks = [
    finding.status === "new" ? '<b class="new">new</b>' : "",
    finding.suppressed === undefined
      ? ""
      : `<b>suppressed: ${html(finding.suppressed.reason || "no reason given")}</b>`,
  ].join(" ");
  const figures = Object.entries(finding.evidence).map(([name, value]) => `${html(name)} ${html(String(value))}`);
  const related = finding.related.map(
    ({ message, range }) => `${html(message)} <code>${html(formatPlace(range))}</code>`,
  );
  return `<article id="finding-${index + 1}" class="finding ${finding.severity}${finding.suppressed === undefined ? "" : " suppressed"}" data-severity="${finding.severity}" data-subject="${html(finding.subject ?? "")}"><h3><span class="badge">${finding.severity}</span> ${html(finding.code)} ${html(finding.summary)} ${marks}</h3><p class="dim">${place} ${html(finding.subject ?? "")}</p><p>${html(finding.detail)}</p>${frame}${figures.length + related.length === 0 ? "" : `<details><summary>figures and places</summary>${list([...figures, ...related])}</details>`}</article>`;
};

const pools = (world: WorldReport): string => {
  const labels = clusterLabels(world);
  return section(
    "pools",
    "Node pools",
    table(
      ["pool", "mode", "size", "zones", "nodes", "min–max", "CPU", "memory", "pods", "disks"],
      world.pools.map((pool) => {
        const whole = (each: number): number => each * pool.nodes;
        const use = (part: number, each: number, text: string): string =>
          `${bar(whole(each), [["used", part]], text)} ${shareText(part, whole(each))}`;
        return [
          html(`${clusterPrefix(labels, pool.cluster)}${pool.name}`),
          html(pool.mode),
          html(pool.vmSize),
          html(pool.zones.join(", ")),
          rangeText(pool.predictedNodes),
          `${pool.min}–${pool.max}`,
          use(
            pool.requested.milliCpu,
            pool.allocatable.milliCpu,
            `${coresText(pool.requested.milliCpu)} of ${coresText(whole(pool.allocatable.milliCpu))} cores`,
          ),
          use(
            pool.requested.memoryBytes,
            pool.allocatable.memoryBytes,
            `${bytesText(pool.requested.memoryBytes)} of ${bytesText(whole(pool.allocatable.memoryBytes))}`,
          ),
          `${pool.pods}/${whole(pool.allocatable.pods)}`,
          `${pool.requested.disks}/${whole(pool.allocatable.disks)}`,
        ];
      }),
    ),
  );
};

/** Node auto-provisioning, under a title that says it is a first model; nothing where no cluster has it. */
const provisioning = (world: WorldReport): string =>
  provisioningTexts(world)
    .map(({ title, lines }, index) => `\n${section(`provisioning-${index + 1}`, html(title), list(lines.map(html)))}`)
    .join("");

const balancers = (world: WorldReport): string => {
  const labels = clusterLabels(world);
  return section(
    "balancers",
    "Load balancers and public IPs",
    table(
      ["load balancer", "frontend", "Services"],
      world.loadBalancers.flatMap((balancer) =>
        balancer.frontends.map((frontend) => [
          html(`${clusterPrefix(labels, balancer.cluster)}${balancer.name}`),
          html(frontend.ip ?? "new IP"),
          html(frontend.services.join(", ") || "egress"),
        ]),
      ),
    ) + list(world.publicIps.map((ip) => `${html(ip.name)} (${html(ip.purpose)})`)),
  );
};

const pending = (world: WorldReport): string => {
  const labels = clusterLabels(world);
  return section(
    "pending",
    "Stays Pending",
    table(
      ["pod", "when", "why", "what would place it"],
      world.pending
        .slice(0, 1000)
        .map((pod) => [
          html(`${clusterPrefix(labels, pod.cluster)}${pod.pod}`),
          html(pod.when),
          html(pod.message),
          html(pod.fixableBy),
        ]),
    ) + (world.pending.length > 1000 ? `<p>and ${world.pending.length - 1000} more</p>` : ""),
  );
};

const autoscalers = (world: WorldReport): string => {
  const labels = clusterLabels(world);
  return section(
    "autoscalers",
    "Autoscalers",
    table(
      ["subject", "from", "to", "bounds", "why"],
      world.autoscaling.map((scaler) => [
        html(`${scaler.kind === "hpa" ? clusterPrefix(labels, scaler.cluster) : ""}${scaler.subject}`),
        String(scaler.from),
        `${rangeText(scaler.to)}${scaler.limited ? ' <b class="worse">at its limit</b>' : ""}`,
        `${scaler.min}–${scaler.max}`,
        html(scaler.reason),
      ]),
    ),
  );
};

const assumptions = (report: Report): string =>
  section(
    "assumptions",
    "Assumptions",
    list(
      report.assumptions.map(
        ({ text, override, certainty }) =>
          `${html(text)} <span class="dim">(${certainty}${override === "" ? "" : `; say otherwise: ${html(override)}`})</span>`,
      ),
    ),
  );
