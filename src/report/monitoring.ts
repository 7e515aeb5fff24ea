import type {
  AlertPicture,
  MonitoredData,
  MonitoredTarget,
  MonitoringPicture,
} from "../findings/monitoring/picture.ts";
import { plural } from "./verdict.ts";

/** What of each cluster is collected and who is told, a sentence each, without escapes. */
export const dataText = ({ what, state, by, to, parts, note }: MonitoredData): string => {
  const named = parts.length === 0 ? what : `${what} (${parts.join(", ")})`;
  const after = note === "" ? "" : `; ${note}`;
  if (state === "not collected") return `${what}: not collected${note === "" ? "" : `: ${note}`}`;
  if (state === "unknown") return `${what}: not known${note === "" ? "" : `: ${note}`}`;
  return `${named}: ${[by === "" ? "" : `by ${by}`, to.length === 0 ? "" : `to ${to.map(targetText).join(", ")}`].filter((part) => part !== "").join(", ")}${after}`;
};

/** `Log Analytics workspace "logs"`. */
export const targetText = ({ kind, name }: MonitoredTarget): string =>
  kind === "Azure itself" ? name : `${kind} "${name}"`;

export const alertText = ({ alert, watches, state, tells, note }: AlertPicture): string => {
  const told = tells.join(", ");
  const head = `${alert} (${watches})`;
  const after = note === "" ? "" : `: ${note}`;
  switch (state) {
    case "tells":
      return `${head} tells ${told}${after}`;
    case "tells nobody":
      return `${head} tells nobody${after}`;
    case "records":
      return `${head} only records series`;
    case "switched off":
      return `${head} is switched off${told === "" ? "" : `; it would tell ${told}`}`;
    case "unknown":
      return `${head}: who is told is not known${after}${told === "" ? "" : `: ${told}`}`;
  }
};

export const dashboardText = ({ grafana, reads }: MonitoringPicture["dashboards"][number]): string =>
  `${grafana} reads ${reads.length === 0 ? "no Azure Monitor workspace" : reads.map((name) => `"${name}"`).join(", ")}`;

/** All of a picture, in order. */
export const pictureTexts = ({ data, alerts, dashboards }: MonitoringPicture): readonly string[] => [
  ...data.map(dataText),
  ...(alerts.length === 0 ? ["alerts: none"] : alerts.map((alert) => `alert ${alertText(alert)}`)),
  ...dashboards.map((dashboard) => `dashboards: ${dashboardText(dashboard)}`),
];

/** `3 of 6 kinds of data are collected, 2 alerts`, of all clusters. */
export const pictureSummary = (pictures: readonly MonitoringPicture[]): string => {
  const data = pictures.flatMap((picture) => picture.data);
  const collected = data.filter(({ state }) => state === "collected").length;
  const alerts = new Set(pictures.flatMap((picture) => picture.alerts.map(({ alert }) => alert))).size;
  return `${collected} of ${plural(data.length, "kind")} of data ${collected === 1 ? "is" : "are"} collected, ${plural(alerts, "alert")}`;
};
