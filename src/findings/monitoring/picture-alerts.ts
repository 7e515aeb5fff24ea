import type { AksCluster, AlertRule, Platform } from "../../azure/platform.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { lower } from "../cluster-facts.ts";
import { alertsAtAll, alertTargets } from "./alert-targets.ts";
import { workspacesOf } from "./collection.ts";
import type { AlertPicture } from "./picture.ts";
import { monitoringOf, refersTo } from "./references.ts";

/** Alerts on the cluster, on a workspace that its data goes to, or on what holds it; all of them where there is one cluster. */
export const alertsFor = (platform: Platform, cluster: AksCluster): readonly AlertRule[] => {
  const { alerts } = monitoringOf(platform);
  if (platform.clusters.filter(({ isData }) => !isData).length === 1) return alerts;
  const groups = platform.resourceGroups.filter(({ name }) => lower(name) === lower(cluster.resourceGroup));
  const around = [
    cluster,
    ...groups,
    ...workspacesOf(platform, cluster, "logs").workspaces,
    ...workspacesOf(platform, cluster, "metrics").workspaces,
  ];
  return alerts.filter((alert) => {
    const meant = known(alert.clusterName);
    if (meant !== undefined) return meant.toLowerCase() === lower(cluster.name);
    return alert.scopes.some((scope) => around.some((resource) => refersTo(scope, resource) !== "no"));
  });
};

/** Who hears of an alert. */
export const alertPicture = (platform: Platform, alert: AlertRule): AlertPicture => {
  const { told, state, because } = alertTargets(platform, alert);
  const base = { alert: alert.address, kind: alert.kind, watches: watchText(alert) };
  if (alert.enabled === false) return { ...base, state: "switched off", tells: told, note: "" };
  if (!alertsAtAll(alert)) return { ...base, state: "records", tells: [], note: "" };
  if (isUnknown(alert.enabled)) return { ...base, state: "unknown", tells: told, note: alert.enabled.because };
  const suppressed = monitoringOf(platform).processingRules.some(
    ({ kind, enabled, scopes }) =>
      kind === "suppresses" && enabled !== false && scopes.some((scope) => refersTo(scope, alert) === "yes"),
  );
  if (state === "told")
    return { ...base, state: "tells", tells: told, note: suppressed ? "a processing rule suppresses it at times" : "" };
  return { ...base, state: state === "nobody" ? "tells nobody" : "unknown", tells: told, note: because };
};

const watchText = ({ kind, conditions }: AlertRule): string => {
  if (kind === "activityLog") return "operations in the activity log";
  const names = conditions.flatMap(({ name }) => known(name) ?? []);
  if (kind === "metric") return names.join(", ") || "a metric";
  if (kind === "prometheus") {
    const alerting = conditions.filter(({ isAlert }) => isAlert).length;
    return `${alerting} alerting and ${conditions.length - alerting} recording rules`;
  }
  const tables = conditions.flatMap(
    ({ query }) => /^\s*(?:let\b[\s\S]*?;\s*)*(\w+)/.exec(known(query) ?? "")?.[1] ?? [],
  );
  return tables.length === 0 ? "a log query" : `a log query of ${[...new Set(tables)].join(", ")}`;
};
