import type { Platform } from "../azure/platform.ts";
import { numberFact, rawText, textFact } from "./azure-facts.ts";
import { azureResource, type Mapping, orNothing } from "./azure-resource.ts";
import { blocksAt, partAt, settingAt } from "./azure-view.ts";

type Monitoring = Pick<Platform, "logWorkspaces" | "diagnosticSettings" | "extensions">;

/** Types that collect logs and metrics, and cluster extensions. */
export const monitoringTypes = [
  "azurerm_kubernetes_cluster_extension",
  "azurerm_log_analytics_workspace",
  "azurerm_monitor_diagnostic_setting",
] as const;

export const mapMonitoring = (mapping: Mapping): Monitoring => ({
  logWorkspaces: mapping.of("azurerm_log_analytics_workspace").map((view) => ({
    ...azureResource(view),
    sku: textFact(settingAt(view, "sku")),
    retentionDays: numberFact(settingAt(view, "retention_in_days")),
    dailyQuotaGb: numberFact(settingAt(view, "daily_quota_gb")),
  })),
  diagnosticSettings: mapping.of("azurerm_monitor_diagnostic_setting").map((view) => ({
    ...azureResource(view),
    target: orNothing(mapping.resolver.at(view, "target_resource_id")),
    workspace: mapping.resolver.at(view, "log_analytics_workspace_id"),
    categories: ["enabled_log", "log"].flatMap((block) =>
      blocksAt(view, block).flatMap((log) => {
        const enabled = partAt(log, "enabled");
        if (enabled?.kind === "bool" && !enabled.value) return [];
        const names = [rawText(partAt(log, "category")), rawText(partAt(log, "category_group"))];
        return names.flatMap((name) => (name === undefined || name === "" ? [] : [name]));
      }),
    ),
  })),
  extensions: mapping.of("azurerm_kubernetes_cluster_extension").map((view) => ({
    ...azureResource(view),
    cluster: orNothing(mapping.resolver.at(view, "cluster_id")),
    extensionType: textFact(settingAt(view, "extension_type")),
  })),
});
