import type {
  AksCluster,
  AzureResource,
  CollectionAssociation,
  CollectionRule,
  Platform,
  ResourceRef,
} from "../../azure/platform.ts";
import { resolve } from "../../graph/resolve.ts";
import { known } from "../../model/unknown.ts";
import { type Certainty, isOpen, monitoringOf, refersTo } from "./references.ts";

/** Container logs go to a Log Analytics workspace, Prometheus metrics to an Azure Monitor workspace. */
export type AgentData = "logs" | "metrics";

/** What a cluster's agent is told to collect. */
export interface Collection {
  /** Whether the agent runs. */
  readonly agent: Certainty;
  /** The rules that surely reach it; the rule is an Azure Monitor workspace where its own is taken. */
  readonly rules: readonly { readonly association: CollectionAssociation; readonly rule: AzureResource }[];
  /** True where another association may be one of its. */
  readonly isUnsure: boolean;
}

/** The data collection rules that reach a cluster's agent ("Data collection rule associations in Azure Monitor"). */
export const collectionOf = (platform: Platform, cluster: AksCluster, data: AgentData): Collection => {
  const { associations, collectionRules, metricWorkspaces } = monitoringOf(platform);
  const rules: Collection["rules"][number][] = [];
  let isUnsure = false;
  for (const association of associations) {
    const mine = refersTo(association.target, cluster);
    if (mine === "no" || association.rule === undefined) continue;
    const workspace = resolve(metricWorkspaces, association.rule);
    const rule = resolve(collectionRules, association.rule);
    const carried: Certainty =
      workspace !== undefined
        ? data === "metrics"
          ? "yes"
          : "no"
        : rule === undefined
          ? "unsure"
          : carries(rule, data);
    if (carried === "no") continue;
    const found = workspace ?? rule;
    if (mine === "yes" && carried === "yes" && found !== undefined) rules.push({ association, rule: found });
    else isUnsure = true;
  }
  return { agent: agentOf(platform, cluster, data), rules, isUnsure };
};

const agentOf = (platform: Platform, cluster: AksCluster, data: AgentData): Certainty => {
  const { omsAgent, monitorMetrics, unsureAddons = [] } = cluster.addons;
  if (data === "logs" ? omsAgent !== undefined : monitorMetrics) return "yes";
  const block = data === "logs" ? "oms_agent" : "monitor_metrics";
  const isExtended = platform.extensions.some(({ extensionType }) => /azuremonitor/i.test(known(extensionType) ?? ""));
  return cluster.isData || isExtended || unsureAddons.includes(block) ? "unsure" : "no";
};

/** Whether a rule is for the data: by its streams, or by the extension it names. */
export const carries = (rule: CollectionRule, data: AgentData): Certainty => {
  const streams = [...rule.sources, ...rule.flows].flatMap((part) => part.streams);
  const isFor =
    data === "metrics"
      ? streams.includes("Microsoft-PrometheusMetrics")
      : rule.sources.some(({ extension }) => known(extension) === "ContainerInsights") ||
        streams.some((stream) => /^Microsoft-(Container|Kube|RetinaNetwork)/.test(stream));
  if (isFor) return "yes";
  return rule.isWhole ? "no" : "unsure";
};

/** The workspaces that a rule sends the data to. */
export const destinationsOf = (rule: CollectionRule, data: AgentData): readonly ResourceRef[] =>
  rule.destinations
    .filter(({ kind }) => kind === (data === "logs" ? "log_analytics" : "monitor_account"))
    .map((destination) => destination.target);

/** Whether Container insights signs in with the workspace's key ("Legacy authentication for Container Insights"). */
export const usesWorkspaceKey = ({ addons }: AksCluster): Certainty => {
  if (addons.omsAgent === undefined) return "no";
  const msi = addons.omsAgentMsiAuth;
  if (msi === undefined) return "yes";
  return typeof msi === "boolean" ? (msi ? "no" : "yes") : "unsure";
};

/** The workspaces that a cluster's logs or metrics go to, those of the configuration alone, and whether there may be others. */
export const workspacesOf = (
  platform: Platform,
  cluster: AksCluster,
  data: AgentData,
): { readonly workspaces: readonly AzureResource[]; readonly isOpen: boolean } => {
  const collection = collectionOf(platform, cluster, data);
  const { metricWorkspaces } = monitoringOf(platform);
  const all: readonly AzureResource[] = data === "logs" ? platform.logWorkspaces : metricWorkspaces;
  const refs =
    data === "logs" && usesWorkspaceKey(cluster) === "yes"
      ? cluster.addons.omsAgent === undefined
        ? []
        : [cluster.addons.omsAgent]
      : collection.rules.flatMap(({ rule }): readonly ResourceRef[] =>
          "destinations" in rule
            ? destinationsOf(rule as CollectionRule, data)
            : [{ address: rule.address, id: undefined }],
        );
  return {
    workspaces: [...new Set(refs.flatMap((ref) => resolve(all, ref) ?? []))],
    isOpen: collection.isUnsure || refs.some(isOpen),
  };
};
