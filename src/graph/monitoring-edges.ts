import type { AzureResource, Platform, ResourceRef } from "../azure/platform.ts";
import type { EdgeKind } from "./resource-graph.ts";

type Edge = (from: AzureResource, reference: ResourceRef | undefined, kind: EdgeKind, path?: string) => void;

/** Edges of Azure Monitor: what is read from where, where it goes, and who is told. */
export const addMonitoring = (edge: Edge, platform: Platform): void => {
  for (const setting of platform.diagnosticSettings) {
    edge(setting, setting.target, "readsFrom", "target_resource_id");
    edge(setting, setting.workspace, "logsTo", "log_analytics_workspace_id");
    edge(setting, setting.storage, "logsTo", "storage_account_id");
    edge(setting, setting.eventHub, "logsTo", "eventhub_authorization_rule_id");
  }
  const { monitoring } = platform;
  if (monitoring === undefined) return;
  for (const rule of monitoring.collectionRules) {
    edge(rule, rule.endpoint, "routesTo", "data_collection_endpoint_id");
    for (const { target } of rule.destinations) edge(rule, target, "logsTo", "destinations");
  }
  for (const association of monitoring.associations) {
    edge(association, association.target, "readsFrom", "target_resource_id");
    edge(association, association.rule, "linkedTo", "data_collection_rule_id");
    edge(association, association.endpoint, "linkedTo", "data_collection_endpoint_id");
  }
  for (const alert of monitoring.alerts) {
    for (const scope of alert.scopes) edge(alert, scope, "readsFrom", "scopes");
    const groups = [...alert.actionGroups, ...alert.conditions.flatMap(({ actionGroups }) => actionGroups)];
    for (const group of groups) edge(alert, group, "tells", "action");
  }
  for (const rule of monitoring.processingRules) {
    for (const group of rule.actionGroups) edge(rule, group, "tells");
  }
  for (const grafana of monitoring.grafanas) {
    for (const workspace of grafana.metricWorkspaces) edge(grafana, workspace, "readsFrom");
  }
  for (const service of monitoring.scopedServices) {
    edge(service, service.scope, "linkedTo", "scope_name");
    edge(service, service.linked, "linkedTo", "linked_resource_id");
  }
};
