import type {
  AksCluster,
  AzureResource,
  CollectionRule,
  DiagnosticSetting,
  Platform,
  ResourceRef,
} from "../../azure/platform.ts";
import type { SourcedObject } from "../../kubernetes/object.ts";
import { known } from "../../model/unknown.ts";
import { isWindows, quotedList } from "../cluster-facts.ts";
import { type AgentData, collectionOf, destinationsOf, usesWorkspaceKey } from "./collection.ts";
import { categoriesLeftOut, settingsOf, targetsOf } from "./control-plane.ts";
import { ingestionBarrier } from "./ingestion.ts";
import { nodeAgents } from "./node-agents.ts";
import type { MonitoredData, MonitoredTarget } from "./picture.ts";
import { monitoringOf, refName } from "./references.ts";

/** A row for each kind of data that a cluster has. */
export const monitoredData = (
  platform: Platform,
  cluster: AksCluster,
  objects: readonly SourcedObject[],
): readonly MonitoredData[] => [
  containerLogs(platform, cluster),
  prometheusMetrics(platform, cluster),
  controlPlaneLogs(platform, cluster),
  platformMetrics(platform, cluster),
  activityLog(platform),
  securityEvents(platform, cluster),
  ...ownAgents(cluster, objects),
];

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
      "by the workspace's key, which Azure Monitor takes until 2026-09-30; set msi_auth_for_monitoring_enabled";
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
