import { expect, test } from "@jest/globals";
import {
  type MonitoredData,
  type MonitoringPicture,
  monitoringPictures,
} from "../../src/findings/monitoring/picture.ts";
import { objectsOn } from "../../src/graph/object-clusters.ts";
import { pictureSummary, pictureTexts } from "../../src/report/monitoring.ts";
import { shop } from "../support/shop.ts";
import { type Source, worldOf } from "../support/world.ts";

const pictures = (source: Source): readonly MonitoringPicture[] => {
  const world = worldOf(source);
  return monitoringPictures(world.platform, ({ address }) => objectsOn(world, address));
};
const row = (source: Source, what: RegExp): MonitoredData | undefined =>
  pictures(source)[0]?.data.find((data) => what.test(data.what));

const place = "resource_group_name = azurerm_resource_group.rg.name\n location = azurerm_resource_group.rg.location";
const id = "azurerm_kubernetes_cluster.main.id";
const workspace = (more = "") =>
  `resource "azurerm_log_analytics_workspace" "logs" {\n name = "logs"\n ${place}\n ${more}\n}\n`;
const oms = (auth = true) =>
  `oms_agent {\n log_analytics_workspace_id = azurerm_log_analytics_workspace.logs.id\n msi_auth_for_monitoring_enabled = ${auth}\n }\n`;
const rule = (settings: string) => `
resource "azurerm_monitor_data_collection_rule" "logs" {
  name = "MSCI"
  ${place}
  data_sources {
    extension {
      name           = "ci"
      extension_name = "ContainerInsights"
      streams        = ["Microsoft-ContainerInsights-Group-Default"]
      extension_json = jsonencode({ dataCollectionSettings = { ${settings} } })
    }
  }
  destinations {
    log_analytics {
      name                  = "logs"
      workspace_resource_id = azurerm_log_analytics_workspace.logs.id
    }
  }
  data_flow {
    streams      = ["Microsoft-ContainerInsights-Group-Default"]
    destinations = ["logs"]
  }
}
resource "azurerm_monitor_data_collection_rule_association" "logs" {
  name                    = "logs"
  target_resource_id      = ${id}
  data_collection_rule_id = azurerm_monitor_data_collection_rule.logs.id
}
`;
const audit = `resource "azurerm_monitor_diagnostic_setting" "audit" {
  name                       = "audit"
  target_resource_id         = ${id}
  log_analytics_workspace_id = azurerm_log_analytics_workspace.logs.id
  enabled_log {
    category = "kube-audit"
  }
  enabled_log {
    category = "guard"
  }
  enabled_metric {
    category = "AllMetrics"
  }
}
`;

test("without monitoring Azure's own metrics and activity log are all there is", () => {
  const [picture] = pictures({ hcl: shop() });
  expect(picture?.data.map(({ what, state }) => `${what}: ${state}`)).toEqual([
    "container logs, events and inventory: not collected",
    "Prometheus metrics: not collected",
    "control plane logs: not collected",
    "platform metrics: collected",
    "activity log: collected",
    "security events of nodes and containers: not collected",
  ]);
  expect(pictureSummary(pictures({ hcl: shop() }))).toBe("2 of 6 kinds of data are collected, 0 alerts");
});

test("container logs: the agent, its workspace, and the namespaces that are left out", () => {
  const source = {
    hcl: shop({
      cluster: oms(),
      more: workspace() + rule('namespaceFilteringMode = "Exclude"\n namespaces = ["kube-system"]'),
    }),
  };
  expect(row(source, /container logs/)).toEqual({
    what: "container logs, events and inventory",
    state: "collected",
    by: "Container insights: ama-logs on every Linux node, whatever its taints; ama-logs-rs for the cluster",
    to: [{ kind: "Log Analytics workspace", name: "logs" }],
    parts: ["Microsoft-ContainerInsights-Group-Default"],
    note: 'not of namespace "kube-system"',
  });
});

test.each([
  ["no rule", oms(), workspace(), "not collected", /no data collection rule is associated/],
  ["the workspace's key", oms(false), workspace(), "collected", /by the workspace's key/],
  [
    "a closed workspace",
    oms(),
    workspace("internet_ingestion_enabled = false") + rule(""),
    "not collected",
    /takes no data from public networks/,
  ],
  ["an agent left to others", "lifecycle {\n ignore_changes = [oms_agent]\n }", "", "unknown", /left to others/],
])("container logs with %s", (_, cluster, more, state, note) => {
  expect(row({ hcl: shop({ cluster, more }) }, /container logs/)).toMatchObject({
    state,
    note: expect.stringMatching(note),
  });
});

test("control plane logs: which categories go where, and which do not", () => {
  const source = { hcl: shop({ more: workspace() + audit }) };
  expect(row(source, /control plane/)).toMatchObject({
    state: "collected",
    to: [{ kind: "Log Analytics workspace", name: "logs" }],
    parts: ["guard", "kube-audit"],
    note: "not: cloud-controller-manager, cluster-autoscaler, csi-azuredisk-controller, csi-azurefile-controller, csi-snapshot-controller, kube-apiserver, kube-controller-manager, kube-scheduler",
  });
  expect(row(source, /platform metrics/)?.to).toEqual([
    { kind: "Azure itself", name: "Azure Monitor Metrics" },
    { kind: "Log Analytics workspace", name: "logs" },
  ]);
});

test("agents of the manifests: the pools they run on, and the taint that keeps them off others", () => {
  const yaml = `
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: fluent-bit, namespace: logging }
spec:
  selector: { matchLabels: { app: a } }
  template:
    metadata: { labels: { app: a } }
    spec: { containers: [{ name: a, image: "fluent/fluent-bit:3.1" }] }
`;
  const user = 'vm_size = "Standard_D4s_v5"\n node_count = 1\n priority = "Spot"\n eviction_policy = "Delete"';
  expect(row({ hcl: shop({ user }), yaml }, /agent of the manifests/)).toMatchObject({
    what: "logs of nodes and pods, by an agent of the manifests",
    by: 'DaemonSet/logging/fluent-bit (Fluent Bit) on pool "system"',
    note: 'not on pool "user": taint kubernetes.azure.com/scalesetpriority=spot:NoSchedule',
  });
});

test("alerts: what they watch and who is told", () => {
  const group = (more: string) =>
    `resource "azurerm_monitor_action_group" "ops" {\n name = "ops"\n resource_group_name = azurerm_resource_group.rg.name\n short_name = "ops"\n ${more}\n}\n`;
  const alert = (label: string, more: string) =>
    `resource "azurerm_monitor_metric_alert" "${label}" {\n name = "${label}"\n resource_group_name = azurerm_resource_group.rg.name\n scopes = [${id}]\n criteria {\n metric_namespace = "Microsoft.ContainerService/managedClusters"\n metric_name = "kube_pod_status_ready"\n aggregation = "Average"\n operator = "LessThan"\n threshold = 1\n }\n ${more}\n}\n`;
  const tell = "action {\n action_group_id = azurerm_monitor_action_group.ops.id\n }";
  const receivers =
    'email_receiver {\n name = "a"\n email_address = "a@example.com"\n }\n email_receiver {\n name = "b"\n email_address = "b@example.com"\n }\n webhook_receiver {\n name = "c"\n service_uri = "https://example.com"\n }';
  const query = `resource "azurerm_monitor_scheduled_query_rules_alert_v2" "query" {\n name = "query"\n ${place}\n scopes = [azurerm_log_analytics_workspace.logs.id]\n severity = 2\n evaluation_frequency = "PT5M"\n window_duration = "PT5M"\n criteria {\n query = "let x = 5m; KubePodInventory | count"\n operator = "GreaterThan"\n threshold = 0\n time_aggregation_method = "Count"\n }\n action {\n action_groups = ["/subscriptions/0/resourceGroups/hub/providers/Microsoft.Insights/actionGroups/central"]\n }\n}\n`;
  const [picture] = pictures({
    hcl: shop({
      more:
        workspace() +
        group(receivers) +
        alert("told", tell) +
        alert("silent", "") +
        alert("off", `${tell}\n enabled = false`) +
        query,
    }),
  });
  expect(picture === undefined ? [] : pictureTexts(picture).filter((text) => text.startsWith("alert"))).toEqual([
    'alert azurerm_monitor_metric_alert.off (kube_pod_status_ready) is switched off; it would tell "ops" (2 email, 1 webhook)',
    "alert azurerm_monitor_metric_alert.silent (kube_pod_status_ready) tells nobody: it has no action group",
    'alert azurerm_monitor_metric_alert.told (kube_pod_status_ready) tells "ops" (2 email, 1 webhook)',
    'alert azurerm_monitor_scheduled_query_rules_alert_v2.query (a log query of KubePodInventory): who is told is not known: an action group is not part of the configuration: "central"',
  ]);
});

test("managed Prometheus from azapi, with Grafana", () => {
  const [before = ""] = shop().split('resource "azurerm_kubernetes_cluster" "main"');
  const resource = (label: string, type: string, more: string) =>
    `resource "azapi_resource" "${label}" {\n type = "${type}"\n name = "${label}"\n ${more}\n}\n`;
  const inGroup = 'location = "westeurope"\n parent_id = azurerm_resource_group.rg.id';
  const hcl = [
    before,
    resource(
      "aks",
      "Microsoft.ContainerService/managedClusters@2024-09-01",
      `${inGroup}\n body = { properties = { azureMonitorProfile = { metrics = { enabled = true } } } }`,
    ),
    resource("amw", "Microsoft.Monitor/accounts@2023-04-03", `${inGroup}\n body = { properties = {} }`),
    resource(
      "dcr",
      "Microsoft.Insights/dataCollectionRules@2022-06-01",
      `${inGroup}\n body = { properties = { dataSources = { prometheusForwarder = [{ name = "p", streams = ["Microsoft-PrometheusMetrics"] }] }, destinations = { monitoringAccounts = [{ name = "amw", accountResourceId = azapi_resource.amw.id }] }, dataFlows = [{ streams = ["Microsoft-PrometheusMetrics"], destinations = ["amw"] }] } }`,
    ),
    resource(
      "dcra",
      "Microsoft.Insights/dataCollectionRuleAssociations@2022-06-01",
      "parent_id = azapi_resource.aks.id\n body = { properties = { dataCollectionRuleId = azapi_resource.dcr.id } }",
    ),
    resource(
      "grafana",
      "Microsoft.Dashboard/grafana@2023-09-01",
      `${inGroup}\n body = { properties = { grafanaIntegrations = { azureMonitorWorkspaceIntegrations = [{ azureMonitorWorkspaceResourceId = azapi_resource.amw.id }] } } }`,
    ),
  ].join("\n");
  expect(row({ hcl }, /Prometheus/)).toMatchObject({
    state: "collected",
    to: [{ kind: "Azure Monitor workspace", name: "amw" }],
    parts: ["Microsoft-PrometheusMetrics"],
  });
  expect(pictures({ hcl })[0]?.dashboards).toEqual([{ grafana: "azapi_resource.grafana", reads: ["amw"] }]);
});
