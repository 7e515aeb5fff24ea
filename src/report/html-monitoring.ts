import { html } from "./escape.ts";
import { list, section, table } from "./html-parts.ts";
import { alertText, dashboardText, targetText } from "./monitoring.ts";
import type { Report } from "./report.ts";

/** What of each cluster is collected, by which agent, where it goes, and who is told. */
export const monitoring = ({ monitoring: pictures = [] }: Report): string =>
  section(
    "monitoring",
    "Monitoring",
    pictures
      .map(({ cluster, data, alerts, dashboards }) =>
        [
          pictures.length === 1 ? "" : `<h3>${html(cluster)}</h3>`,
          table(
            ["what", "", "by", "to", "note"],
            data.map(({ what, state, by, to, parts, note }) => [
              html(parts.length === 0 ? what : `${what} (${parts.join(", ")})`),
              `<span class="${state === "collected" ? "better" : state === "unknown" ? "dim" : "worse"}">${html(state)}</span>`,
              html(by),
              to.map((target) => html(targetText(target))).join("<br>"),
              html(note),
            ]),
          ),
          alerts.length === 0
            ? '<p class="dim">No alerts.</p>'
            : list(alerts.map((alert) => html(`Alert ${alertText(alert)}`))),
          list(dashboards.map((dashboard) => html(dashboardText(dashboard)))),
        ].join("\n"),
      )
      .join("\n"),
  );
