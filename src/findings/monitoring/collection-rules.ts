import type { AksCluster, AzureResource } from "../../azure/platform.ts";
import { withoutKey } from "../../graph/resolve.ts";
import type { SourceRange } from "../../model/source-range.ts";
import { managedClusters, nameOf } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { type AgentData, carries, collectionOf, usesWorkspaceKey } from "./collection.ts";
import { monitoringOf } from "./references.ts";

export const logsWithoutRule: Rule = {
  code: "AKS7101",
  title: "Container insights has no data collection rule",
  severity: "info",
  explain: `With msi_auth_for_monitoring_enabled = true the agent collects what a data collection rule tells it. Portal and Azure CLI make the rule and its association;
Terraform's oms_agent block does not. A rule in the configuration that no association hands to the cluster makes this a warning; without one it may be made elsewhere, by Azure Policy
or another configuration.
What happens: ama-logs runs on every node, and the workspace stays empty.
Mend: azurerm_monitor_data_collection_rule with extension ContainerInsights, and azurerm_monitor_data_collection_rule_association with the cluster as its target.
Source: "Enable monitoring for Kubernetes clusters using Terraform"; hashicorp/terraform-provider-azurerm issue 23510.`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      if (usesWorkspaceKey(cluster) !== "no") continue;
      const found = withoutRule(world, cluster, "logs");
      if (found === undefined) continue;
      yield violation(logsWithoutRule, {
        subject: cluster.address,
        range: cluster.rangeAt("oms_agent"),
        severity: found.waiting === undefined || found.maybeElsewhere ? "info" : "warning",
        detail: `Container insights of cluster "${nameOf(cluster)}" uses managed identity authentication, but ${
          found.waiting === undefined
            ? "no data collection rule is associated with the cluster here: unless one is made elsewhere, nothing is collected. Add a rule with extension ContainerInsights and an association."
            : `data collection rule "${nameOf(found.waiting)}" is not associated with it: ${unless(found)}nothing is collected. Add azurerm_monitor_data_collection_rule_association with target_resource_id of the cluster.`
        }`,
        related: relatedTo(["the rule without an association", found.waiting?.range]),
      });
    }
  },
};

export const metricsWithoutRule: Rule = {
  code: "AKS7102",
  title: "Managed Prometheus has no data collection rule",
  severity: "warning",
  explain: `monitor_metrics starts the agent (ama-metrics); what it scrapes goes where a data collection rule with stream Microsoft-PrometheusMetrics sends it, once an association
hands that rule to the cluster. An Azure Monitor workspace brings such a rule (default_data_collection_rule_id), but no association. Where the configuration has neither a workspace nor a
rule, they may be made elsewhere: then this is a note.
What happens: the Azure Monitor workspace and Grafana stay empty, and Prometheus alerts never fire.
Mend: azurerm_monitor_data_collection_rule_association with the cluster as its target.
Source: "Enable monitoring for Kubernetes clusters using Terraform"; Azure/prometheus-collector, AddonTerraformTemplate.`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      const found = withoutRule(world, cluster, "metrics");
      if (found === undefined) continue;
      yield violation(metricsWithoutRule, {
        subject: cluster.address,
        range: cluster.rangeAt("monitor_metrics"),
        severity: found.waiting === undefined || found.maybeElsewhere ? "info" : "warning",
        detail: `Cluster "${nameOf(cluster)}" has monitor_metrics, but ${
          found.waiting === undefined
            ? "no data collection rule with stream Microsoft-PrometheusMetrics is associated with it here: unless one is made elsewhere, no metric is stored. Add an Azure Monitor workspace and an association."
            : `no association hands it the rule of "${nameOf(found.waiting)}": ${unless(found)}no metric is stored. Add azurerm_monitor_data_collection_rule_association with target_resource_id of the cluster.`
        }`,
        related: relatedTo(["what waits for its metrics", found.waiting?.range]),
      });
    }
  },
};

const unless = ({ maybeElsewhere: may }: { readonly maybeElsewhere: boolean }): string =>
  may ? "unless one is made elsewhere, " : "";

/** That the agent runs and no rule reaches it, and the rule or workspace that waits for an association. */
const withoutRule = (
  world: World,
  cluster: AksCluster,
  data: AgentData,
): { readonly waiting: AzureResource | undefined; readonly maybeElsewhere: boolean } | undefined => {
  const { agent, rules, isUnsure } = collectionOf(world.platform, cluster, data);
  if (agent !== "yes" || isUnsure || rules.length > 0) return undefined;
  const { collectionRules, metricWorkspaces } = monitoringOf(world.platform);
  const own = collectionRules.find((rule) => !rule.isData && carries(rule, data) === "yes");
  const workspace = data === "metrics" ? metricWorkspaces.find(({ isData }) => !isData) : undefined;
  return { waiting: own ?? workspace, maybeElsewhere: maybeElsewhere(world, cluster) };
};

/** An association may be in a module that is not on disk, in an ARM template, or made by a script that depends on the cluster. */
const maybeElsewhere = (world: World, cluster: AksCluster): boolean =>
  world.isPartial === true ||
  world.instances.some(
    ({ type, dependsOn }) =>
      /template_deployment$/.test(type) ||
      (/^(null_resource|terraform_data|shell_script)$/.test(type) && dependsOn.includes(withoutKey(cluster.address))),
  ) ||
  world.platform.others.some(({ type }) => /^Microsoft\.Resources\/deployments$/i.test(type));

export const ruleWithoutAgent: Rule = {
  code: "AKS7103",
  title: "A data collection rule without its agent",
  severity: "warning",
  explain: `A rule for Container insights is read by the agent that oms_agent brings, one for Prometheus metrics by the agent of monitor_metrics. An association alone starts neither.
What happens: nothing is collected, and nothing fails.
Mend: oms_agent with msi_auth_for_monitoring_enabled = true, or monitor_metrics, on the cluster.
Source: "Enable monitoring for Azure Kubernetes Service (AKS) clusters"; "Data collection rule associations in Azure Monitor".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      for (const data of ["logs", "metrics"] as const) {
        const { agent, rules } = collectionOf(world.platform, cluster, data);
        const [first] = rules;
        const isKey = data === "logs" && usesWorkspaceKey(cluster) === "yes";
        if (first === undefined || (agent !== "no" && !isKey)) continue;
        yield violation(ruleWithoutAgent, {
          subject: first.association.address,
          range: ruleRange(first.association),
          ...(isKey
            ? { severity: "info" as const, summary: "A data collection rule that the agent does not read" }
            : {}),
          detail: isKey
            ? `Data collection rule "${nameOf(first.rule)}" is associated with cluster "${nameOf(cluster)}", whose oms_agent signs in with the workspace's key and does not read it: its settings have no effect. Set msi_auth_for_monitoring_enabled = true.`
            : `Data collection rule "${nameOf(first.rule)}" is associated with cluster "${nameOf(cluster)}", which has no ${data === "logs" ? "oms_agent" : "monitor_metrics"}: no agent reads it, and nothing is collected. Add ${data === "logs" ? "oms_agent with msi_auth_for_monitoring_enabled = true" : "a monitor_metrics block"}.`,
          related: relatedTo(["the cluster", cluster.range]),
        });
      }
    }
  },
};

const ruleRange = (association: AzureResource): SourceRange | undefined =>
  association.rangeAt("data_collection_rule_id");
