import type { DiagnosticSetting, LogWorkspace, MonitoringResources, Platform } from "../azure/platform.ts";
import { type Fact, isUnknown } from "../model/unknown.ts";
import { alertTypes, mapAlerts } from "./azure-alerts.ts";
import { collectionTypes, mapCollection } from "./azure-collection.ts";
import { boolFact, numberFact, rawText, textFact } from "./azure-facts.ts";
import { monitoredAt } from "./azure-monitored.ts";
import { azureResource, enabledFact, type Mapping, orNothing } from "./azure-resource.ts";
import { blocksAt, partAt, type ResourceView, settingAt } from "./azure-view.ts";

type Monitoring = Pick<Platform, "logWorkspaces" | "diagnosticSettings" | "extensions" | "monitoring">;

/** Types that collect logs and metrics and tell of them, and cluster extensions. */
export const monitoringTypes = [
  "azurerm_kubernetes_cluster_extension",
  "azurerm_log_analytics_workspace",
  "azurerm_monitor_diagnostic_setting",
  ...alertTypes,
  ...collectionTypes,
] as const;

export const mapMonitoring = (mapping: Mapping): Monitoring => {
  const monitoring: MonitoringResources = { ...mapCollection(mapping), ...mapAlerts(mapping) };
  const isThere = Object.values(monitoring).some((list) => list.length > 0);
  return {
    logWorkspaces: mapping.of("azurerm_log_analytics_workspace").map(logWorkspace),
    diagnosticSettings: mapping
      .of("azurerm_monitor_diagnostic_setting")
      .map((view) => diagnosticSetting(mapping, view)),
    extensions: mapping.of("azurerm_kubernetes_cluster_extension").map((view) => ({
      ...azureResource(view),
      cluster: orNothing(mapping.resolver.at(view, "cluster_id")),
      extensionType: textFact(settingAt(view, "extension_type")),
    })),
    ...(isThere ? { monitoring } : {}),
  };
};

const logWorkspace = (view: ResourceView): LogWorkspace => ({
  ...azureResource(view),
  sku: textFact(settingAt(view, "sku")),
  retentionDays: numberFact(settingAt(view, "retention_in_days")),
  dailyQuotaGb: numberFact(settingAt(view, "daily_quota_gb")),
  internetIngestion: enabledFact(view, "internet_ingestion_enabled", "public_network_access_for_ingestion"),
  localAuthentication:
    boolFact(settingAt(view, "local_authentication_enabled")) ??
    opposite(boolFact(settingAt(view, "local_authentication_disabled"))),
});

const opposite = (fact: Fact<boolean>): Fact<boolean> => (typeof fact === "boolean" ? !fact : fact);

const diagnosticSetting = (mapping: Mapping, view: ResourceView): DiagnosticSetting => {
  const { resolver } = mapping;
  const storage = resolver.at(view, "storage_account_id");
  const eventHub = resolver.at(view, "eventhub_authorization_rule_id");
  const partner = resolver.at(view, "partner_solution_id");
  const logs = switchedOn(view, ["enabled_log", "log"]);
  const metrics = switchedOn(view, ["enabled_metric", "metric"]);
  return {
    ...azureResource(view),
    target: monitoredAt(mapping, view, "target_resource_id"),
    workspace: resolver.at(view, "log_analytics_workspace_id"),
    categories: logs.names,
    metrics: metrics.names,
    ...(storage === undefined ? {} : { storage }),
    ...(eventHub === undefined ? {} : { eventHub }),
    ...(partner === undefined ? {} : { partner }),
    destinationType: textFact(settingAt(view, "log_analytics_destination_type")),
    isWhole: logs.isWhole && metrics.isWhole,
  };
};

/** The categories and category groups of blocks, those with `enabled = false` left out. */
const switchedOn = (view: ResourceView, blocks: readonly string[]) => {
  let isWhole = true;
  const names: string[] = [];
  for (const block of blocks) {
    if (settingAt(view, block)?.kind === "unknown") isWhole = false;
    for (const log of blocksAt(view, block)) {
      const enabled = boolFact(partAt(log, "enabled"));
      if (enabled === false) continue;
      const parts = ["category", "category_group"].map((name) => partAt(log, name));
      if (log.kind === "unknown" || isUnknown(enabled) || parts.some((part) => part?.kind === "unknown"))
        isWhole = false;
      if (!isUnknown(enabled)) names.push(...parts.flatMap((part) => rawText(part) || []));
    }
  }
  return { names, isWhole };
};
