import type { ArmShape, Move } from "./azure-azapi-shapes.ts";

const move = (from: string, to: string, as?: Move["as"], moves?: readonly Move[]): Move => ({
  from,
  to,
  ...(as === undefined ? {} : { as }),
  ...(moves === undefined ? {} : { moves }),
});

const same = (...names: readonly string[]): readonly Move[] => names.map((name) => move(name, name));

const categories: readonly Move[] = [...same("category", "enabled"), move("categoryGroup", "category_group")];

const source: readonly Move[] = [
  ...same("name", "streams"),
  move("extensionName", "extension_name"),
  move("extensionSettings", "extension_settings"),
];

const dimensions = move("dimensions", "dimension", "items", same("name", "operator", "values"));

const receiver = (from: string, to: string): Move => move(`properties.${from}`, to, "items", same("name"));

/** Azure Monitor by azurerm type, as `armShapes` has the rest. Names are those of the ARM template reference. */
export const monitoringShapes: Readonly<Record<string, ArmShape>> = {
  azurerm_dashboard_grafana: {
    moves: [
      move(
        "properties.grafanaIntegrations.azureMonitorWorkspaceIntegrations",
        "azure_monitor_workspace_integrations",
        "items",
        [move("azureMonitorWorkspaceResourceId", "resource_id")],
      ),
    ],
  },
  azurerm_log_analytics_solution: {
    moves: [move("plan.product", "solution_name"), move("properties.workspaceResourceId", "workspace_resource_id")],
  },
  azurerm_log_analytics_workspace: {
    moves: [
      move("properties.retentionInDays", "retention_in_days"),
      move("properties.sku.name", "sku"),
      move("properties.workspaceCapping.dailyQuotaGb", "daily_quota_gb"),
      move("properties.publicNetworkAccessForIngestion", "public_network_access_for_ingestion"),
      move("properties.features.disableLocalAuth", "local_authentication_disabled"),
    ],
  },
  azurerm_monitor_action_group: {
    moves: [
      move("properties.enabled", "enabled"),
      receiver("armRoleReceivers", "arm_role_receiver"),
      receiver("automationRunbookReceivers", "automation_runbook_receiver"),
      receiver("azureAppPushReceivers", "azure_app_push_receiver"),
      receiver("azureFunctionReceivers", "azure_function_receiver"),
      receiver("emailReceivers", "email_receiver"),
      receiver("eventHubReceivers", "event_hub_receiver"),
      receiver("itsmReceivers", "itsm_receiver"),
      receiver("logicAppReceivers", "logic_app_receiver"),
      receiver("smsReceivers", "sms_receiver"),
      receiver("voiceReceivers", "voice_receiver"),
      receiver("webhookReceivers", "webhook_receiver"),
    ],
  },
  azurerm_monitor_activity_log_alert: {
    moves: [
      move("properties.enabled", "enabled"),
      move("properties.scopes", "scopes"),
      move("properties.actions.actionGroups", "action", "items", [move("actionGroupId", "action_group_id")]),
    ],
  },
  azurerm_monitor_alert_processing_rule: {
    moves: [
      move("properties.enabled", "enabled"),
      move("properties.scopes", "scopes"),
      move("properties.actions", "actions", "items", [
        move("actionType", "type"),
        move("actionGroupIds", "action_group_ids"),
      ]),
    ],
  },
  azurerm_monitor_alert_prometheus_rule_group: {
    moves: [
      move("properties.clusterName", "cluster_name"),
      move("properties.enabled", "rule_group_enabled"),
      move("properties.scopes", "scopes"),
      move("properties.rules", "rule", "items", [
        ...same("alert", "record", "expression", "enabled"),
        move("actions", "action", "items", [move("actionGroupId", "action_group_id")]),
      ]),
    ],
  },
  azurerm_monitor_data_collection_endpoint: {
    moves: [move("properties.networkAcls.publicNetworkAccess", "public_network_access")],
  },
  azurerm_monitor_data_collection_rule: {
    moves: [
      move("properties.dataCollectionEndpointId", "data_collection_endpoint_id"),
      move("properties.dataSources.extensions", "data_sources.extension", "items", source),
      move("properties.dataSources.prometheusForwarder", "data_sources.prometheus_forwarder", "items", source),
      move("properties.dataSources.syslog", "data_sources.syslog", "items", source),
      move("properties.dataSources.performanceCounters", "data_sources.performance_counter", "items", source),
      move("properties.destinations.logAnalytics", "destinations.log_analytics", "items", [
        move("name", "name"),
        move("workspaceResourceId", "workspace_resource_id"),
      ]),
      move("properties.destinations.monitoringAccounts", "destinations.monitor_account", "items", [
        move("name", "name"),
        move("accountResourceId", "monitor_account_id"),
      ]),
      move("properties.destinations.azureMonitorMetrics", "destinations.azure_monitor_metrics", "one"),
      move("properties.destinations.eventHubs", "destinations.event_hub", "items", same("name")),
      move("properties.destinations.eventHubsDirect", "destinations.event_hub_direct", "items", same("name")),
      move("properties.destinations.storageAccounts", "destinations.storage_blob", "items", same("name")),
      move("properties.destinations.storageBlobsDirect", "destinations.storage_blob_direct", "items", same("name")),
      move("properties.destinations.storageTablesDirect", "destinations.storage_table_direct", "items", same("name")),
      move("properties.dataFlows", "data_flow", "items", same("streams", "destinations")),
    ],
  },
  azurerm_monitor_data_collection_rule_association: {
    parent: "target_resource_id",
    moves: [
      move("properties.dataCollectionRuleId", "data_collection_rule_id"),
      move("properties.dataCollectionEndpointId", "data_collection_endpoint_id"),
    ],
  },
  azurerm_monitor_diagnostic_setting: {
    parent: "target_resource_id",
    moves: [
      move("properties.workspaceId", "log_analytics_workspace_id"),
      move("properties.logAnalyticsDestinationType", "log_analytics_destination_type"),
      move("properties.storageAccountId", "storage_account_id"),
      move("properties.eventHubAuthorizationRuleId", "eventhub_authorization_rule_id"),
      move("properties.marketplacePartnerId", "partner_solution_id"),
      move("properties.logs", "enabled_log", "items", categories),
      move("properties.metrics", "enabled_metric", "items", categories),
    ],
  },
  azurerm_monitor_metric_alert: {
    moves: [
      move("properties.enabled", "enabled"),
      move("properties.scopes", "scopes"),
      move("properties.criteria.allOf", "criteria", "items", [move("metricName", "metric_name"), dimensions]),
      move("properties.actions", "action", "items", [move("actionGroupId", "action_group_id")]),
    ],
  },
  azurerm_monitor_private_link_scoped_service: {
    parent: "private_link_scope_id",
    moves: [move("properties.linkedResourceId", "linked_resource_id")],
  },
  azurerm_monitor_scheduled_query_rules_alert_v2: {
    moves: [
      move("properties.enabled", "enabled"),
      move("properties.scopes", "scopes"),
      move("properties.criteria.allOf", "criteria", "items", [move("query", "query"), dimensions]),
      move("properties.actions.actionGroups", "action.action_groups"),
    ],
  },
};
