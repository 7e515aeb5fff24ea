import type {
  AksCluster,
  AlertRule,
  AzureResource,
  CollectionRule,
  DiagnosticSetting,
  Platform,
  ResourceRef,
} from "../../azure/platform.ts";
import { resolve } from "../../graph/resolve.ts";
import type { SourcedObject } from "../../kubernetes/object.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { isWindows, lower, quotedList } from "../cluster-facts.ts";
import { alertsAtAll, alertTargets } from "./alert-targets.ts";
import { type AgentData, collectionOf, destinationsOf, usesWorkspaceKey, workspacesOf } from "./collection.ts";
import { categoriesLeftOut, settingsOf, targetsOf } from "./control-plane.ts";
import { ingestionBarrier } from "./ingestion.ts";
import { nodeAgents } from "./node-agents.ts";
import { monitoringOf, refersTo, refName } from "./references.ts";

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
      data: [
        containerLogs(platform, cluster),
        prometheusMetrics(platform, cluster),
        controlPlaneLogs(platform, cluster),
        platformMetrics(platform, cluster),
        activityLog(platform),
        securityEvents(platform, cluster),
        ...ownAgents(cluster, objectsOf(cluster)),
      ],
      alerts: alertsFor(platform, cluster).map((alert) => alertPicture(platform, alert)),
      dashboards: dashboards(platform, cluster),
    }));

const nothing = { to: [], parts: [] } as const;

/** ama-logs tolerates every taint (microsoft/Docker-Provider, `kubernetes/ama-logs.yaml`). */
const containerLogs = (platform: Platform, cluster: AksCluster): MonitoredData => {
  const what = "container logs, events and inventory";
  const collection = collectionOf(platform, cluster, "logs");
  const windows = cluster.pools.some(isWindows) ? ", ama-logs-windows on every Windows node" : "";
  const by = `Container insights: ama-logs on every Linux node${windows}, whatever its taints; ama-logs-rs for the cluster`;
  if (collection.agent !== "yes")
    return { what, by: "", ...nothing, ...agentAway(collection.agent, "oms_agent", "Container insights is not on") };
  const key = usesWorkspaceKey(cluster);
  const barrier = ingestionBarrier(platform, cluster);
  if (key === "yes") {
    const to = named(platform, [cluster.addons.omsAgent], "logs");
    const note =
      "by the workspace's key, which Azure Monitor took data with until 2026-09-30; set msi_auth_for_monitoring_enabled";
    return barrier === undefined
      ? { what, state: "collected", by, to, parts: [], note }
      : { what, state: "not collected", by, to, parts: [], note: barrier };
  }
  return byRules(platform, cluster, "logs", { what, by, keyIsUnsure: key === "unsure", barrier });
};

/** ama-metrics-node tolerates every taint (Azure/prometheus-collector, `ama-metrics-daemonset.yaml`). */
const prometheusMetrics = (platform: Platform, cluster: AksCluster): MonitoredData => {
  const what = "Prometheus metrics";
  const collection = collectionOf(platform, cluster, "metrics");
  const windows = cluster.pools.some(isWindows) ? "; Windows nodes once windows-exporter runs there" : "";
  const by = `managed Prometheus: ama-metrics-node on every Linux node, whatever its taints; ama-metrics and kube-state-metrics for the cluster${windows}`;
  if (collection.agent !== "yes")
    return {
      what,
      by: "",
      ...nothing,
      ...agentAway(collection.agent, "monitor_metrics", "managed Prometheus is not on"),
    };
  return byRules(platform, cluster, "metrics", { what, by, keyIsUnsure: false, barrier: undefined });
};

const agentAway = (agent: "no" | "unsure", block: string, words: string): Pick<MonitoredData, "state" | "note"> =>
  agent === "no"
    ? { state: "not collected", note: `${words}: the cluster has no ${block}` }
    : { state: "unknown", note: `whether the cluster has ${block} is not known, or left to others` };

const byRules = (
  platform: Platform,
  cluster: AksCluster,
  data: AgentData,
  say: {
    readonly what: string;
    readonly by: string;
    readonly keyIsUnsure: boolean;
    readonly barrier: string | undefined;
  },
): MonitoredData => {
  const { what, by } = say;
  const { rules, isUnsure } = collectionOf(platform, cluster, data);
  const refs = rules.flatMap(({ rule }): readonly ResourceRef[] =>
    "destinations" in rule ? destinationsOf(rule as CollectionRule, data) : [{ address: rule.address, id: undefined }],
  );
  const to = distinct(named(platform, refs, data));
  const parts = [
    ...new Set(rules.flatMap(({ rule }) => ("flows" in rule ? (rule as CollectionRule).flows : []).flatMap(streams))),
  ].filter((stream) => (data === "metrics") === (stream === "Microsoft-PrometheusMetrics"));
  if (rules.length === 0) {
    return isUnsure || say.keyIsUnsure
      ? { what, state: "unknown", by, ...nothing, note: "which data collection rule reaches the cluster is not known" }
      : {
          what,
          state: "not collected",
          by,
          ...nothing,
          note: "the agent runs, but no data collection rule is associated with the cluster",
        };
  }
  if (say.barrier !== undefined) return { what, state: "not collected", by, to, parts, note: say.barrier };
  return {
    what,
    state: "collected",
    by,
    to,
    parts,
    note: leftOut(
      cluster,
      rules.map(({ rule }) => rule),
      data,
    ),
  };
};

/** Namespaces that a rule filters, and virtual nodes, which the agents' node affinity leaves out. */
const leftOut = (cluster: AksCluster, rules: readonly AzureResource[], data: AgentData): string => {
  const filters = rules
    .flatMap((rule) => ("sources" in rule ? (rule as CollectionRule).sources : []))
    .flatMap(({ namespaces }) => (namespaces === undefined || data === "metrics" ? [] : [namespaces]));
  return [
    ...filters.map(({ mode, names }) =>
      mode === "include" ? `of ${namespaceText(names)} alone` : `not of ${namespaceText(names)}`,
    ),
    ...(cluster.addons.virtualNode === undefined ? [] : ["not on virtual nodes"]),
  ].join("; ");
};

const namespaceText = (names: readonly string[]): string =>
  `${names.length === 1 ? "namespace" : "namespaces"} ${quotedList(names)}`;

const streams = (flow: CollectionRule["flows"][number]): readonly string[] => flow.streams;

const controlPlaneLogs = (platform: Platform, cluster: AksCluster): MonitoredData => {
  const what = "control plane logs";
  const { settings, isUnsure } = settingsOf(platform, cluster);
  const withLogs = settings.filter(({ categories, isWhole }) => categories.length > 0 || isWhole === false);
  const parts = [...new Set(withLogs.flatMap(({ categories }) => categories))].sort();
  const to = distinct(withLogs.flatMap((setting) => sinks(platform, setting)));
  if (withLogs.length === 0)
    return {
      what,
      state: isUnsure ? "unknown" : "not collected",
      by: "",
      ...nothing,
      note: isUnsure
        ? "a diagnostic setting may be this cluster's"
        : "no diagnostic setting: audit, API server, scheduler and autoscaler logs are kept nowhere",
    };
  const left = categoriesLeftOut(withLogs);
  const note = left.length === 0 ? "" : `not: ${left.join(", ")}`;
  return { what, state: "collected", by: "diagnostic setting", to, parts, note };
};

/** Kept without being asked for ("Diagnostic settings in Azure Monitor": sources). */
const platformMetrics = (platform: Platform, cluster: AksCluster): MonitoredData => {
  const exporting = settingsOf(platform, cluster).settings.filter(({ metrics = [] }) => metrics.length > 0);
  const also = exporting.flatMap((setting) => sinks(platform, setting));
  return {
    what: "platform metrics",
    state: "collected",
    by: "Azure, without configuration",
    to: [{ kind: "Azure itself", name: "Azure Monitor Metrics" }, ...distinct(also)],
    parts: [],
    note: "",
  };
};

const activityLog = (platform: Platform): MonitoredData => {
  const exported = platform.diagnosticSettings.filter(({ target }) =>
    /^\/subscriptions\/[^/]+\/?$/i.test(known(target.id) ?? ""),
  );
  const also = exported.flatMap((setting) => sinks(platform, setting));
  return {
    what: "activity log",
    state: "collected",
    by: "Azure, without configuration",
    to: [{ kind: "Azure itself", name: "the subscription's activity log" }, ...distinct(also)],
    parts: [],
    note: "",
  };
};

const securityEvents = (platform: Platform, { addons }: AksCluster): MonitoredData => {
  const what = "security events of nodes and containers";
  if (addons.defender === undefined)
    return {
      what,
      state: "not collected",
      by: "",
      ...nothing,
      note: "the cluster has no microsoft_defender; a plan of the subscription may switch it on",
    };
  return {
    what,
    state: "collected",
    by: "Microsoft Defender: microsoft-defender-collector-ds on the nodes",
    to: named(platform, [addons.defender], "logs"),
    parts: [],
    note: "",
  };
};

const ownAgents = (cluster: AksCluster, objects: readonly SourcedObject[]): readonly MonitoredData[] =>
  nodeAgents(cluster, objects).map(({ workload, program, collects, on, notOn }) => ({
    what: `${collects} of nodes and pods, by an agent of the manifests`,
    state: on.length === 0 ? ("not collected" as const) : ("collected" as const),
    by: `${workload.address} (${program})${on.length === 0 ? "" : ` on ${on.length === 1 ? "pool" : "pools"} ${quotedList(on)}`}`,
    to: [],
    parts: [],
    note: notOn
      .map(({ pool, taint }) => `not on pool "${known(pool.name) ?? pool.address}": taint ${taint}`)
      .join("; "),
  }));

/** Alerts on the cluster, on a workspace that its data goes to, or on what holds it; all of them where there is one cluster. */
const alertsFor = (platform: Platform, cluster: AksCluster): readonly AlertRule[] => {
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

const alertPicture = (platform: Platform, alert: AlertRule): AlertPicture => {
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

const named = (
  platform: Platform,
  refs: readonly (ResourceRef | undefined)[],
  data: AgentData,
): readonly MonitoredTarget[] => {
  const all = data === "logs" ? platform.logWorkspaces : monitoringOf(platform).metricWorkspaces;
  const kind = data === "logs" ? "Log Analytics workspace" : "Azure Monitor workspace";
  return refs.map((ref) => ({ kind, name: refName(ref, all) }));
};

const sinks = (platform: Platform, setting: DiagnosticSetting): readonly MonitoredTarget[] =>
  targetsOf(setting).map(({ kind, ref }) => ({
    kind: kind === "workspace" ? ("Log Analytics workspace" as const) : kind,
    name: refName(ref, [...platform.logWorkspaces, ...platform.storageAccounts]),
  }));

const distinct = (targets: readonly MonitoredTarget[]): readonly MonitoredTarget[] =>
  targets.filter(
    ({ kind, name }, index) => targets.findIndex((other) => other.kind === kind && other.name === name) === index,
  );
