import { expect, test } from "@jest/globals";
import { buildGraph } from "../../src/graph/build-graph.ts";
import { shop } from "../support/shop.ts";
import { worldOf } from "../support/world.ts";

test("what watches a cluster, where it sends, and whom it tells", () => {
  const place = "resource_group_name = azurerm_resource_group.rg.name\n location = azurerm_resource_group.rg.location";
  const { platform, instances, objects } = worldOf({
    hcl: shop({
      more: `
resource "azurerm_monitor_workspace" "metrics" {
  name = "amw"
  ${place}
}
resource "azurerm_monitor_data_collection_rule" "metrics" {
  name = "dcr"
  ${place}
  data_sources {
    prometheus_forwarder {
      name    = "p"
      streams = ["Microsoft-PrometheusMetrics"]
    }
  }
  destinations {
    monitor_account {
      name               = "amw"
      monitor_account_id = azurerm_monitor_workspace.metrics.id
    }
  }
  data_flow {
    streams      = ["Microsoft-PrometheusMetrics"]
    destinations = ["amw"]
  }
}
resource "azurerm_monitor_data_collection_rule_association" "metrics" {
  name                    = "metrics"
  target_resource_id      = azurerm_kubernetes_cluster.main.id
  data_collection_rule_id = azurerm_monitor_data_collection_rule.metrics.id
}
resource "azurerm_monitor_action_group" "ops" {
  name                = "ops"
  resource_group_name = azurerm_resource_group.rg.name
  short_name          = "ops"
}
resource "azurerm_monitor_alert_prometheus_rule_group" "rules" {
  name = "rules"
  ${place}
  scopes = [azurerm_monitor_workspace.metrics.id]
  rule {
    alert      = "down"
    expression = "up == 0"
    action {
      action_group_id = azurerm_monitor_action_group.ops.id
    }
  }
}`,
    }),
  });
  const { edges } = buildGraph(platform, instances, objects);
  const monitored = edges
    .filter(({ from, kind }) => from.includes("azurerm_monitor_") && kind !== "dependsOn")
    .map(({ from, kind, to }) => `${from.replace("azurerm_monitor_", "")} ${kind} ${to}`);
  expect(monitored).toEqual([
    "alert_prometheus_rule_group.rules tells azurerm_monitor_action_group.ops",
    "alert_prometheus_rule_group.rules readsFrom azurerm_monitor_workspace.metrics",
    "data_collection_rule.metrics logsTo azurerm_monitor_workspace.metrics",
    "data_collection_rule_association.metrics readsFrom azurerm_kubernetes_cluster.main",
    "data_collection_rule_association.metrics linkedTo azurerm_monitor_data_collection_rule.metrics",
  ]);
});
