import { expect, test } from "@jest/globals";
import { compare } from "../../src/findings/compare.ts";
import { monitoringChanges } from "../../src/findings/monitoring/changes.ts";
import { shop } from "../support/shop.ts";
import { worldOf } from "../support/world.ts";

const place = "resource_group_name = azurerm_resource_group.rg.name\n location = azurerm_resource_group.rg.location";
const id = "azurerm_kubernetes_cluster.main.id";
const workspace = (name: string) =>
  `resource "azurerm_log_analytics_workspace" "${name}" {\n name = "${name}"\n ${place}\n}\n`;
const audit = (categories: readonly string[], to = "logs") =>
  `resource "azurerm_monitor_diagnostic_setting" "audit" {\n name = "audit"\n target_resource_id = ${id}\n log_analytics_workspace_id = azurerm_log_analytics_workspace.${to}.id\n ${categories.map((name) => `enabled_log {\n category = "${name}"\n }`).join("\n ")}\n}\n`;
const group =
  'resource "azurerm_monitor_action_group" "ops" {\n name = "ops"\n resource_group_name = azurerm_resource_group.rg.name\n short_name = "ops"\n email_receiver {\n name = "a"\n email_address = "a@example.com"\n }\n}\n';
const alert = (more: string) =>
  `resource "azurerm_monitor_metric_alert" "cpu" {\n name = "cpu"\n resource_group_name = azurerm_resource_group.rg.name\n scopes = [${id}]\n criteria {\n metric_namespace = "Microsoft.ContainerService/managedClusters"\n metric_name = "node_cpu_usage_percentage"\n aggregation = "Average"\n operator = "GreaterThan"\n threshold = 80\n }\n ${more}\n}\n`;
const tell = "action {\n action_group_id = azurerm_monitor_action_group.ops.id\n }";
const world = (more: string, cluster = "") =>
  worldOf({ hcl: shop({ cluster, more: workspace("logs") + workspace("other") + more }) });

test.each([
  ["nothing", audit(["guard"]), audit(["guard"]), []],
  [
    "the diagnostic setting goes",
    audit(["guard"]),
    "",
    [
      [
        true,
        "Control plane logs of azurerm_kubernetes_cluster.main are not collected any more: no diagnostic setting: audit, API server, scheduler and autoscaler logs are kept nowhere.",
      ],
    ],
  ],
  [
    "the diagnostic setting comes",
    "",
    audit(["guard"]),
    [[false, "Control plane logs of azurerm_kubernetes_cluster.main are collected now, to logs."]],
  ],
  [
    "categories and workspace change",
    audit(["guard", "kube-audit"]),
    audit(["guard", "kube-scheduler"], "other"),
    [
      [false, "Control plane logs of azurerm_kubernetes_cluster.main go to other, and not to logs."],
      [true, "Control plane logs of azurerm_kubernetes_cluster.main lose kube-audit."],
      [false, "Control plane logs of azurerm_kubernetes_cluster.main come with kube-scheduler."],
    ],
  ],
  [
    "an alert falls silent",
    group + alert(tell),
    group + alert(`${tell}\n enabled = false`),
    [[true, 'azurerm_monitor_metric_alert.cpu tells nobody, and not "ops" (1 email): it is switched off.']],
  ],
  [
    "an alert gets a group",
    group + alert(""),
    group + alert(tell),
    [[false, 'azurerm_monitor_metric_alert.cpu tells "ops" (1 email), and not nobody.']],
  ],
])("what changes where %s", (_, before, after, expected) => {
  const changes = monitoringChanges(world(before), world(after));
  expect(changes.map(({ worse, summary }) => [worse, summary])).toEqual(expected);
});

test("the comparison counts them", () => {
  const side = (more: string) => ({ world: world(more), findings: [] });
  expect(compare(side(audit(["guard"])), side("")).summary).toContain("1 monitored item change");
});
