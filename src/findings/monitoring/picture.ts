import type { AksCluster, AlertRule, Platform } from "../../azure/platform.ts";
import { resolve } from "../../graph/resolve.ts";
import type { SourcedObject } from "../../kubernetes/object.ts";
import { workspacesOf } from "./collection.ts";
import { alertPicture, alertsFor } from "./picture-alerts.ts";
import { monitoredData } from "./picture-data.ts";
import { monitoringOf, refName } from "./references.ts";

/** What of a cluster is collected, by which agent, where it goes, who is told; and what is not. Plain data. */
export interface MonitoringPicture {
  /** Address of the cluster's resource. */
  readonly cluster: string;
  readonly data: readonly MonitoredData[];
  readonly alerts: readonly AlertPicture[];
  readonly dashboards: readonly { readonly grafana: string; readonly reads: readonly string[] }[];
}

export interface MonitoredData {
  readonly what: string;
  readonly state: "collected" | "not collected" | "unknown";
  readonly by: string;
  readonly to: readonly MonitoredTarget[];
  /** Streams or log categories. */
  readonly parts: readonly string[];
  /** Why not, and what is left out. */
  readonly note: string;
}

export interface MonitoredTarget {
  readonly kind:
    | "Log Analytics workspace"
    | "Azure Monitor workspace"
    | "storage account"
    | "event hub"
    | "partner solution"
    | "Azure itself";
  readonly name: string;
}

export interface AlertPicture {
  readonly alert: string;
  readonly kind: AlertRule["kind"];
  readonly watches: string;
  /** `records`: a group of Prometheus rules that makes series and watches nothing. */
  readonly state: "tells" | "tells nobody" | "records" | "switched off" | "unknown";
  readonly tells: readonly string[];
  readonly note: string;
}

/** The pictures of all clusters that the configuration makes. */
export const monitoringPictures = (
  platform: Platform,
  objectsOf: (cluster: AksCluster) => readonly SourcedObject[],
): readonly MonitoringPicture[] =>
  platform.clusters
    .filter(({ isData }) => !isData)
    .map((cluster) => ({
      cluster: cluster.address,
      data: monitoredData(platform, cluster, objectsOf(cluster)),
      alerts: alertsFor(platform, cluster).map((alert) => alertPicture(platform, alert)),
      dashboards: dashboards(platform, cluster),
    }));

const dashboards = (platform: Platform, cluster: AksCluster): MonitoringPicture["dashboards"] => {
  const { grafanas, metricWorkspaces } = monitoringOf(platform);
  const { workspaces } = workspacesOf(platform, cluster, "metrics");
  return grafanas
    .filter((grafana) =>
      grafana.metricWorkspaces.some((ref) => {
        const found = resolve(metricWorkspaces, ref);
        return found === undefined || workspaces.includes(found);
      }),
    )
    .map((grafana) => ({
      grafana: grafana.address,
      reads: grafana.metricWorkspaces.map((ref) => refName(ref, metricWorkspaces)),
    }));
};
