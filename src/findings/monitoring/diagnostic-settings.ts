import { categoryGroups, clusterLogCategories, settingsPerResource } from "../../azure/monitor-categories.ts";
import type { DiagnosticSetting, ResourceRef } from "../../azure/platform.ts";
import { resolve } from "../../graph/resolve.ts";
import { known } from "../../model/unknown.ts";
import { lower, managedClusters, nameOf, quotedList } from "../cluster-facts.ts";
import { typoOf } from "../near-names.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { settingsOf, targetsOf, targetText } from "./control-plane.ts";
import { refersTo } from "./references.ts";

export const settingTwice: Rule = {
  code: "AKS7107",
  title: "Two diagnostic settings send the same to the same place",
  severity: "error",
  explain: `A category of a resource may go to a workspace, storage account or event hub through one diagnostic setting alone, and a resource may have five settings.
What happens: 409 Conflict, "Data sink … is already used in diagnostic setting … for category …"; the sixth setting is refused.
Mend: one setting with all categories for each destination.
Source: "Diagnostic settings in Azure Monitor"; Azure/bicep-registry-modules issue 3407.`,
  *check(world) {
    const byTarget = new Map<string, DiagnosticSetting[]>();
    for (const setting of world.platform.diagnosticSettings) {
      const key = setting.isData ? undefined : keyOf(world, setting.target);
      if (key !== undefined) byTarget.set(key, [...(byTarget.get(key) ?? []), setting]);
    }
    for (const settings of byTarget.values()) {
      const sixth = settings[settingsPerResource];
      if (sixth !== undefined) {
        yield violation(settingTwice, {
          subject: sixth.address,
          range: sixth.rangeAt("target_resource_id"),
          summary: "Too many diagnostic settings of one resource",
          detail: `${settings.length} diagnostic settings are for one resource; Azure takes ${settingsPerResource}. Put categories together.`,
          evidence: { settings: settings.length, limit: settingsPerResource },
        });
      }
      const taken = new Map<string, DiagnosticSetting>();
      for (const setting of settings) {
        const clash = sinks(world, setting).find(({ key }) => taken.has(key));
        const other = clash === undefined ? undefined : taken.get(clash.key);
        if (clash !== undefined && other !== undefined) {
          yield violation(settingTwice, {
            subject: setting.address,
            range: setting.rangeAt("target_resource_id"),
            detail: `Diagnostic settings "${nameOf(other)}" and "${nameOf(setting)}" both send ${clash.category} of one resource to ${clash.to}: Azure answers 409 Conflict. Keep one of them.`,
            evidence: { category: clash.category },
            related: relatedTo(["the other setting", other.range]),
          });
        }
        for (const { key } of sinks(world, setting)) if (!taken.has(key)) taken.set(key, setting);
      }
    }
  },
};

const sinks = (world: World, setting: DiagnosticSetting) =>
  targetsOf(setting).flatMap((at) => {
    const sink = keyOf(world, at.ref);
    if (sink === undefined) return [];
    const to = targetText(world.platform, at);
    return [...setting.categories, ...(setting.metrics ?? [])].map((category) => ({
      key: `${sink} ${category.toLowerCase()}`,
      category,
      to,
    }));
  });

/** What tells one resource from another; `undefined` where a reference may mean several. */
const keyOf = (world: World, ref: ResourceRef): string | undefined => {
  if (ref.address !== undefined)
    return world.instances.some(({ address }) => address === ref.address) ? ref.address : undefined;
  return known(ref.id)?.toLowerCase();
};

export const settingEmpty: Rule = {
  code: "AKS7108",
  title: "A diagnostic setting that sends nothing",
  severity: "error",
  explain: `A diagnostic setting needs at least one category that is switched on, and at least one destination.
What happens: the apply fails: "at least one type of Log or Metric must be enabled", or a destination is asked for.
Mend: enabled_log with category or category_group, and log_analytics_workspace_id, storage_account_id or eventhub_authorization_rule_id.
Source: azurerm, monitor_diagnostic_setting_resource.go; "Diagnostic settings in Azure Monitor".`,
  *check({ platform }) {
    for (const setting of platform.diagnosticSettings) {
      if (setting.isData || setting.isWhole !== true) continue;
      const hasCategories = setting.categories.length + (setting.metrics ?? []).length > 0;
      if (hasCategories && targetsOf(setting).length > 0) continue;
      yield violation(settingEmpty, {
        subject: setting.address,
        range: setting.range,
        detail: hasCategories
          ? `Diagnostic setting "${nameOf(setting)}" names no workspace, storage account or event hub: Azure refuses it. Add log_analytics_workspace_id.`
          : `Diagnostic setting "${nameOf(setting)}" has no category that is switched on: the apply fails. Add enabled_log blocks.`,
      });
    }
  },
};

export const settingCategory: Rule = {
  code: "AKS7109",
  title: "A log category that AKS does not have",
  severity: "error",
  explain: `The control plane's log categories have fixed names: ${clusterLogCategories.join(", ")}; the groups are ${categoryGroups.join(" and ")}. Told where a
name is near one of these, since Azure adds categories.
What happens: BadRequest, "Category '…' is not supported".
Mend: the category's name as Azure spells it.
Source: "Supported log categories - Microsoft.ContainerService/managedClusters".`,
  *check(world) {
    const names = [...clusterLogCategories, ...categoryGroups];
    for (const cluster of world.platform.clusters) {
      for (const setting of settingsOf(world.platform, cluster).settings) {
        if (setting.isData) continue;
        for (const category of setting.categories) {
          const meant = typoOf(category, names);
          if (meant === undefined) continue;
          yield violation(settingCategory, {
            subject: setting.address,
            range: setting.rangeAt("enabled_log") ?? setting.range,
            detail: `Diagnostic setting "${nameOf(setting)}" asks for category "${category}", which AKS does not have: Azure refuses it. Write "${meant}".`,
            evidence: { category },
          });
        }
      }
    }
  },
};

export const settingStorage: Rule = {
  code: "AKS7110",
  title: "Diagnostic logs to a storage account that cannot take them",
  severity: "error",
  explain: `A storage account that takes the logs of a regional resource has to be in that resource's region, and of the standard tier.
What happens: BadRequest, "Resources should be in the same region".
Mend: a standard storage account in the cluster's region, or a workspace, which may be in any.
Source: "Diagnostic settings in Azure Monitor", destinations.`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      for (const setting of world.platform.diagnosticSettings) {
        if (setting.isData || refersTo(setting.target, cluster) !== "yes") continue;
        const account = resolve(world.platform.storageAccounts, setting.storage);
        if (account === undefined) continue;
        const [own, other] = [known(cluster.location), known(account.location)];
        const isPremium = lower(account.tier) === "premium";
        if (!isPremium && (own === undefined || other === undefined || own === other)) continue;
        yield violation(settingStorage, {
          subject: setting.address,
          range: setting.rangeAt("storage_account_id"),
          detail: isPremium
            ? `Storage account "${nameOf(account)}" is premium, which diagnostic settings cannot write to. Use a standard account.`
            : `Cluster "${nameOf(cluster)}" is in ${own}, storage account "${nameOf(account)}" in ${other}: Azure refuses the setting. Use an account in ${own}.`,
          evidence: { clusterLocation: own ?? "", accountLocation: other ?? "" },
          related: relatedTo(["the storage account", account.range]),
        });
      }
    }
  },
};

export const noControlPlaneLogs: Rule = {
  code: "AKS7111",
  title: "The control plane's logs are not kept",
  severity: "info",
  explain: `Logs of API server, audit, scheduler and autoscaler are kept nowhere until a diagnostic setting sends them to a workspace, a storage account or an event hub. Told
where the configuration has a workspace that could take them.
What happens: after an incident nobody can see who changed what, or why no node was added.
Mend: azurerm_monitor_diagnostic_setting on the cluster, at least kube-audit-admin, guard and cluster-autoscaler; kube-audit is large.
Source: "Monitor Azure Kubernetes Service"; "Diagnostic settings in Azure Monitor".`,
  *check(world) {
    const workspaces = world.platform.logWorkspaces;
    for (const cluster of managedClusters(world)) {
      const { settings, isUnsure } = settingsOf(world.platform, cluster);
      if (settings.length > 0 || isUnsure) continue;
      if (workspaces.length === 0 && cluster.addons.omsAgent === undefined) continue;
      const names = workspaces.map(nameOf);
      yield violation(noControlPlaneLogs, {
        subject: cluster.address,
        range: cluster.range,
        detail: `No diagnostic setting is for cluster "${nameOf(cluster)}": audit, API server and autoscaler logs are kept nowhere${
          names.length === 0 ? "" : `, though workspace ${quotedList(names)} is there`
        }. Add azurerm_monitor_diagnostic_setting with kube-audit-admin, guard and cluster-autoscaler.`,
      });
    }
  },
};
