import { expect, test } from "@jest/globals";
import { runRules } from "../../src/findings/run-rules.ts";
import { prediction } from "../support/prediction.ts";
import { type Shop, shop } from "../support/shop.ts";
import { findingsOf, type Source, worldOf } from "../support/world.ts";

const place = (region = "azurerm_resource_group.rg.location") =>
  `resource_group_name = azurerm_resource_group.rg.name\n location = ${region}`;
const cluster = "azurerm_kubernetes_cluster.main.id";
const workspaceId = "azurerm_log_analytics_workspace.logs.id";
const workspace = (more = "") =>
  `resource "azurerm_log_analytics_workspace" "logs" {\n name = "logs"\n ${place()}\n ${more}\n}\n`;
const oms = (more = "msi_auth_for_monitoring_enabled = true") =>
  `oms_agent {\n log_analytics_workspace_id = ${workspaceId}\n ${more}\n }\n`;
const logRule = (more = "", region?: string, flow = '"logs"') => `
resource "azurerm_monitor_data_collection_rule" "logs" {
  name = "MSCI"
  ${place(region)}
  ${more}
  data_sources {
    extension {
      name           = "ContainerInsightsExtension"
      extension_name = "ContainerInsights"
      streams        = ["Microsoft-ContainerInsights-Group-Default"]
    }
  }
  destinations {
    log_analytics {
      name                  = "logs"
      workspace_resource_id = ${workspaceId}
    }
  }
  data_flow {
    streams      = ["Microsoft-ContainerInsights-Group-Default"]
    destinations = [${flow}]
  }
}
`;
const associated = (label: string, target = cluster) => `
resource "azurerm_monitor_data_collection_rule_association" "${label}" {
  name                    = "${label}"
  target_resource_id      = ${target}
  data_collection_rule_id = azurerm_monitor_data_collection_rule.${label}.id
}
`;
const metricWorkspace = `resource "azurerm_monitor_workspace" "metrics" {\n name = "amw"\n ${place()}\n}\n`;
const endpoint = (more = "", region?: string) =>
  `resource "azurerm_monitor_data_collection_endpoint" "prom" {\n name = "dce"\n ${place(region)}\n ${more}\n}\n`;
const metricRule = `
resource "azurerm_monitor_data_collection_rule" "metrics" {
  name = "MSProm"
  ${place()}
  data_collection_endpoint_id = azurerm_monitor_data_collection_endpoint.prom.id
  data_sources {
    prometheus_forwarder {
      name    = "PrometheusDataSource"
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
`;
const setting = (label: string, more: string, logs = 'enabled_log {\n category = "kube-audit-admin"\n }') =>
  `resource "azurerm_monitor_diagnostic_setting" "${label}" {\n name = "${label}"\n target_resource_id = ${cluster}\n ${more}\n ${logs}\n}\n`;
const toLogs = `log_analytics_workspace_id = ${workspaceId}`;
const audit = setting("audit", toLogs);
const storage = (more = "", region = '"northeurope"') =>
  `resource "azurerm_storage_account" "audit" {\n name = "staudit"\n ${place(region)}\n account_tier = "Standard"\n account_replication_type = "LRS"\n ${more}\n}\n`;
const group = (more = 'email_receiver {\n name = "a"\n email_address = "ops@example.com"\n }') =>
  `resource "azurerm_monitor_action_group" "ops" {\n name = "ops"\n resource_group_name = azurerm_resource_group.rg.name\n short_name = "ops"\n ${more}\n}\n`;
const tell = "action {\n action_group_id = azurerm_monitor_action_group.ops.id\n }";
const metricAlert = (dimension: string, more = tell) => `
resource "azurerm_monitor_metric_alert" "cpu" {
  name = "cpu"
  resource_group_name = azurerm_resource_group.rg.name
  scopes = [${cluster}]
  criteria {
    metric_namespace = "Microsoft.ContainerService/managedClusters"
    metric_name = "node_cpu_usage_percentage"
    aggregation = "Average"
    operator = "GreaterThan"
    threshold = 80
    ${dimension}
  }
  ${more}
}
`;
const dimension = (name: string, values: string, operator = "Include") =>
  `dimension {\n name = "${name}"\n operator = "${operator}"\n values = ${values}\n }`;
const queryAlert = (query: string) => `
resource "azurerm_monitor_scheduled_query_rules_alert_v2" "pods" {
  name = "pods"
  ${place()}
  scopes = [${workspaceId}]
  severity = 2
  evaluation_frequency = "PT5M"
  window_duration = "PT5M"
  criteria {
    query = <<-KQL
      ${query}
    KQL
    operator = "GreaterThan"
    threshold = 0
    time_aggregation_method = "Count"
  }
  action {
    action_groups = [azurerm_monitor_action_group.ops.id]
  }
}
`;
const ruleGroup = (rules: string, more = "cluster_name = azurerm_kubernetes_cluster.main.name") => `
resource "azurerm_monitor_alert_prometheus_rule_group" "rules" {
  name = "rules"
  ${place()}
  scopes = [azurerm_monitor_workspace.metrics.id]
  ${more}
  ${rules}
}
`;
const alertRule = (name: string, expression: string, more = tell) =>
  `rule {\n alert = "${name}"\n expression = ${JSON.stringify(expression)}\n ${more}\n }\n`;

const logged: Shop = { cluster: oms(), more: workspace() + logRule() + associated("logs") + audit };
const measured: Shop = {
  cluster: "monitor_metrics {}",
  more: `${workspace()}${audit}${metricWorkspace}${endpoint()}${metricRule}${associated("metrics")}${group()}`,
};
const and = (parts: Shop, more: string): Source => ({ hcl: shop({ ...parts, more: (parts.more ?? "") + more }) });

const daemonSet = (image: string, spec = "") => `
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent, namespace: logging }
spec:
  selector: { matchLabels: { app: agent } }
  template:
    metadata: { labels: { app: agent } }
    spec:
      ${spec}
      containers: [{ name: agent, image: "${image}" }]
`;
const gpuPool = 'vm_size = "Standard_D4s_v5"\n node_count = 1\n node_taints = ["sku=gpu:NoSchedule"]';
const namespaced =
  "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: checkout }\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: b, namespace: shop }\n";

const azapi = (properties: string) => `${shop().split('resource "azurerm_kubernetes_cluster" "main"')[0]}
resource "azapi_resource" "aks" {
  type      = "Microsoft.ContainerService/managedClusters@2024-09-01"
  name      = "aks"
  location  = "westeurope"
  parent_id = azurerm_resource_group.rg.id
  body = { properties = { ${properties} } }
}
resource "azapi_resource" "logs" {
  type      = "Microsoft.OperationalInsights/workspaces@2023-09-01"
  name      = "logs"
  location  = "westeurope"
  parent_id = azurerm_resource_group.rg.id
  body = { properties = {} }
}
`;
const azapiAgent =
  'addonProfiles = { omsagent = { enabled = true, config = { logAnalyticsWorkspaceResourceID = azapi_resource.logs.id, useAADAuth = "true" } } }';
const azapiRule = (region = "westeurope") => `
resource "azapi_resource" "dcr" {
  type      = "Microsoft.Insights/dataCollectionRules@2022-06-01"
  name      = "MSCI"
  location  = "${region}"
  parent_id = azurerm_resource_group.rg.id
  body = { properties = {
    dataSources  = { extensions = [{ name = "ci", extensionName = "ContainerInsights", streams = ["Microsoft-ContainerInsights-Group-Default"] }] }
    destinations = { logAnalytics = [{ name = "logs", workspaceResourceId = azapi_resource.logs.id }] }
    dataFlows    = [{ streams = ["Microsoft-ContainerInsights-Group-Default"], destinations = ["logs"] }]
  } }
}
`;
const azapiAssociation = `
resource "azapi_resource" "dcra" {
  type      = "Microsoft.Insights/dataCollectionRuleAssociations@2022-06-01"
  name      = "ContainerInsightsExtension"
  parent_id = azapi_resource.aks.id
  body = { properties = { dataCollectionRuleId = azapi_resource.dcr.id } }
}
`;
const azapiSetting = (label: string, logs = '[{ category = "kube-audit", enabled = true }]') => `
resource "azapi_resource" "${label}" {
  type      = "Microsoft.Insights/diagnosticSettings@2021-05-01-preview"
  name      = "${label}"
  parent_id = azapi_resource.aks.id
  body = { properties = { workspaceId = azapi_resource.logs.id, logs = ${logs} } }
}
`;
const azapiAlert = (pool: string, actions = "[]") => `
resource "azapi_resource" "cpu" {
  type      = "Microsoft.Insights/metricAlerts@2018-03-01"
  name      = "cpu"
  location  = "global"
  parent_id = azurerm_resource_group.rg.id
  body = { properties = {
    enabled = true
    scopes = [azapi_resource.aks.id]
    criteria = { allOf = [{ metricName = "node_cpu_usage_percentage", dimensions = [{ name = "nodepool", operator = "Include", values = ["${pool}"] }] }] }
    actions = ${actions}
  } }
}
`;

const scope = (linked: readonly string[], zones = "privatelink.monitor.azure.com") => `
resource "azurerm_monitor_private_link_scope" "ampls" {
  name                = "ampls"
  resource_group_name = azurerm_resource_group.rg.name
}
${linked
  .map(
    (id, index) =>
      `resource "azurerm_monitor_private_link_scoped_service" "s${index}" {\n name = "s${index}"\n resource_group_name = azurerm_resource_group.rg.name\n scope_name = azurerm_monitor_private_link_scope.ampls.name\n linked_resource_id = ${id}\n}`,
  )
  .join("\n")}
resource "azurerm_private_dns_zone" "monitor" {
  name                = "${zones}"
  resource_group_name = azurerm_resource_group.rg.name
}
resource "azurerm_private_endpoint" "ampls" {
  name = "pe-ampls"
  ${place()}
  subnet_id = azurerm_subnet.nodes.id
  private_service_connection {
    name                           = "ampls"
    private_connection_resource_id = azurerm_monitor_private_link_scope.ampls.id
    subresource_names              = ["azuremonitor"]
    is_manual_connection           = false
  }
  private_dns_zone_group {
    name                 = "default"
    private_dns_zone_ids = [azurerm_private_dns_zone.monitor.id]
  }
}
`;
const readsThrough = `resource "azurerm_monitor_data_collection_rule_association" "dce" {\n target_resource_id = ${cluster}\n data_collection_endpoint_id = azurerm_monitor_data_collection_endpoint.prom.id\n}\n`;

const passing: readonly (readonly [name: string, source: Source])[] = [
  ["no monitoring and no workspace", { hcl: shop() }],
  ["Container insights with its rule, association and audit logs", { hcl: shop(logged) }],
  ["managed Prometheus with its rule, endpoint and association", { hcl: shop(measured) }],
  [
    "the rule that an Azure Monitor workspace brings",
    {
      hcl: shop({
        cluster: "monitor_metrics {}",
        more: `${metricWorkspace}resource "azurerm_monitor_data_collection_rule_association" "own" {\n name = "own"\n target_resource_id = ${cluster}\n data_collection_rule_id = azurerm_monitor_workspace.metrics.default_data_collection_rule_id\n}`,
      }),
    },
  ],
  [
    "an association whose rule is not known",
    {
      hcl: shop({
        cluster: oms(),
        more: `${workspace()}${audit}data "azurerm_monitor_data_collection_rule" "logs" {\n name = "MSCI"\n resource_group_name = "rg-hub"\n}\nresource "azurerm_monitor_data_collection_rule_association" "logs" {\n name = "logs"\n target_resource_id = ${cluster}\n data_collection_rule_id = data.azurerm_monitor_data_collection_rule.logs.id\n}`,
      }),
    },
  ],
  [
    "an agent that is left to others",
    and({ ...logged, cluster: "lifecycle {\n ignore_changes = [oms_agent]\n }" }, ""),
  ],
  [
    "a category to a workspace and to a storage account",
    and(
      logged,
      storage("", '"westeurope"') + setting("archive", "storage_account_id = azurerm_storage_account.audit.id"),
    ),
  ],
  [
    "the groups of categories",
    { hcl: shop({ more: workspace() + setting("all", toLogs, 'enabled_log {\n category_group = "allLogs"\n }') }) },
  ],
  [
    "settings by for_each, one a workspace",
    {
      hcl: shop({
        more: `${workspace().replace('"logs" {', '"logs" {\n for_each = toset(["a", "b"])').replace('name = "logs"', "name = each.key")}resource "azurerm_monitor_diagnostic_setting" "audit" {\n for_each = azurerm_log_analytics_workspace.logs\n name = each.key\n target_resource_id = ${cluster}\n log_analytics_workspace_id = each.value.id\n enabled_log {\n category = "guard"\n }\n}`,
      }),
    },
  ],
  ["alerts on pools that are there", and(logged, group() + metricAlert(dimension("nodepool", '["user", "system"]')))],
  ["an alert on all pools", and(logged, group() + metricAlert(dimension("nodepool", '["*"]')))],
  ["an alert that leaves a pool out", and(logged, group() + metricAlert(dimension("nodepool", '["gpu"]', "Exclude")))],
  [
    "an alert on pools of node auto-provisioning",
    and(
      { ...logged, cluster: `${oms()} node_provisioning_profile {\n mode = "Auto"\n }` },
      group() + metricAlert(dimension("nodepool", '["gpu"]')),
    ),
  ],
  [
    "a log query on what is there",
    {
      ...and(
        logged,
        group() +
          queryAlert(
            'KubePodInventory | where ClusterName == "aks" and Namespace in ("shop", "kube-system") // Namespace == "gone"',
          ),
      ),
      yaml: namespaced,
    },
  ],
  [
    "Prometheus rules on what is there",
    {
      ...and(
        measured,
        ruleGroup(
          alertRule("a", 'kube_pod_info{namespace="shop", cluster="aks"} > 0') +
            alertRule("b", 'up{namespace=~".*", cluster!="other", node=~"aks-user-.*"}') +
            'rule {\n record = "r"\n expression = "up"\n }',
        ),
      ),
      yaml: namespaced,
    },
  ],
  [
    "an alert whose group a processing rule adds",
    and(
      logged,
      `${group()}${metricAlert("", "")}resource "azurerm_monitor_alert_processing_rule_action_group" "all" {\n name = "all"\n resource_group_name = azurerm_resource_group.rg.name\n scopes = [azurerm_resource_group.rg.id]\n add_action_group_ids = [azurerm_monitor_action_group.ops.id]\n}`,
    ),
  ],
  [
    "an alert whose group is made elsewhere",
    and(
      logged,
      `data "azurerm_monitor_action_group" "ops" {\n name = "ops"\n resource_group_name = "rg-hub"\n}\n${metricAlert("", tell.replace("azurerm_monitor", "data.azurerm_monitor"))}`,
    ),
  ],
  [
    "an agent that tolerates everything",
    { hcl: shop({ user: gpuPool }), yaml: daemonSet("fluent/fluent-bit:3.1", "tolerations: [{ operator: Exists }]") },
  ],
  [
    "an agent for chosen nodes",
    { hcl: shop({ user: gpuPool }), yaml: daemonSet("fluent/fluent-bit:3.1", "nodeSelector: { agentpool: system }") },
  ],
  ["another DaemonSet", { hcl: shop({ user: gpuPool }), yaml: daemonSet("example.com/tool:1") }],
  [
    "a closed workspace in a private link scope",
    {
      hcl: shop({
        cluster: oms(),
        more: `${workspace("internet_ingestion_enabled = false")}${logRule()}${associated("logs")}${audit}resource "azurerm_monitor_private_link_scope" "ampls" {\n name = "ampls"\n resource_group_name = azurerm_resource_group.rg.name\n}\nresource "azurerm_monitor_private_link_scoped_service" "logs" {\n name = "logs"\n resource_group_name = azurerm_resource_group.rg.name\n scope_name = azurerm_monitor_private_link_scope.ampls.name\n linked_resource_id = ${workspaceId}\n}`,
      }),
    },
  ],
  [
    "a closed workspace that takes diagnostic logs alone",
    { hcl: shop({ more: workspace("internet_ingestion_enabled = false") + audit }) },
  ],
  [
    "agents behind a private link scope that holds their endpoint",
    and(logged, endpoint() + readsThrough + scope([workspaceId, "azurerm_monitor_data_collection_endpoint.prom.id"])),
  ],
  [
    "an alert on a pool of AKS Automatic",
    {
      hcl:
        azapi(azapiAgent).replace("body = {", 'body = { sku = { name = "Automatic", tier = "Standard" },') +
        azapiRule() +
        azapiAssociation +
        azapiSetting("audit") +
        azapiAlert(
          "gpu",
          '[{ actionGroupId = "/subscriptions/0/resourceGroups/hub/providers/Microsoft.Insights/actionGroups/ops" }]',
        ),
    },
  ],
  [
    "queries of tables that are filled",
    and(
      logged,
      group() +
        setting(
          "dedicated",
          `${toLogs}\n log_analytics_destination_type = "Dedicated"`,
          'enabled_log {\n category = "kube-audit"\n }',
        ) +
        queryAlert('union ContainerLogV2, AKSAudit | where LogMessage has "AKSControlPlane" // AKSAuditAdmin'),
    ),
  ],
  [
    "Grafana with its role",
    and(
      measured,
      `resource "azurerm_dashboard_grafana" "g" {\n name = "g"\n ${place()}\n grafana_major_version = "11"\n identity {\n type = "SystemAssigned"\n }\n azure_monitor_workspace_integrations {\n resource_id = azurerm_monitor_workspace.metrics.id\n }\n}\nresource "azurerm_role_assignment" "g" {\n scope = azurerm_monitor_workspace.metrics.id\n role_definition_name = "Monitoring Data Reader"\n principal_id = azurerm_dashboard_grafana.g.identity[0].principal_id\n}`,
    ),
  ],
  [
    "azapi: an association to an id that is put together",
    {
      hcl:
        azapi(azapiAgent) +
        azapiRule() +
        azapiSetting("audit") +
        azapiAssociation.replace(
          "azapi_resource.aks.id",
          '"${azurerm_resource_group.rg.id}/providers/Microsoft.ContainerService/managedClusters/aks"',
        ),
    },
  ],
  ["azapi: the whole chain", { hcl: azapi(azapiAgent) + azapiRule() + azapiAssociation + azapiSetting("audit") }],
];

test.each(passing)("nothing is said of %s", (_, source) => {
  expect(monitoringFindings(source)).toEqual([]);
});

const failing: readonly (readonly [name: string, source: Source, said: readonly (readonly [string, RegExp])[]])[] = [
  [
    "Container insights without any rule",
    { hcl: shop({ cluster: oms(), more: workspace() + audit }) },
    [["AKS7101 info", /no data collection rule is associated with the cluster here/]],
  ],
  [
    "Container insights whose rule has no association",
    { hcl: shop({ cluster: oms(), more: workspace() + audit + logRule() }) },
    [["AKS7101 warning", /data collection rule "MSCI" is not associated with it: nothing is collected/]],
  ],
  [
    "managed Prometheus without an association",
    { hcl: shop({ cluster: "monitor_metrics {}", more: metricWorkspace }) },
    [["AKS7102 warning", /no association hands it the rule of "amw": no metric is stored/]],
  ],
  [
    "managed Prometheus that a script may associate",
    {
      hcl: shop({
        cluster: "monitor_metrics {}",
        more: `${metricWorkspace}resource "null_resource" "onboard" {\n triggers = { cluster = ${cluster} }\n}`,
      }),
    },
    [["AKS7102 info", /the rule of "amw": unless one is made elsewhere, no metric is stored/]],
  ],
  [
    "managed Prometheus that is only told its endpoint",
    {
      hcl: shop({
        cluster: "monitor_metrics {}",
        more: `${metricWorkspace}${endpoint()}${metricRule}resource "azurerm_monitor_data_collection_rule_association" "dce" {\n target_resource_id = ${cluster}\n data_collection_endpoint_id = azurerm_monitor_data_collection_endpoint.prom.id\n}`,
      }),
    },
    [["AKS7102 warning", /the rule of "MSProm"/]],
  ],
  [
    "managed Prometheus and nothing else",
    { hcl: shop({ cluster: "monitor_metrics {}" }) },
    [["AKS7102 info", /unless one is made elsewhere/]],
  ],
  [
    "rules without their agents",
    and({ ...measured, cluster: "" }, logRule() + associated("logs")),
    [
      ["AKS7103 warning", /"MSProm" is associated with cluster "aks", which has no monitor_metrics/],
      ["AKS7103 warning", /"MSCI" is associated with cluster "aks", which has no oms_agent/],
    ],
  ],
  [
    "a rule in another region than its workspace",
    and({ ...logged, more: workspace() + audit }, logRule("", '"northeurope"') + associated("logs")),
    [["AKS7104 warning", /is in northeurope, but writes to workspace "logs" in westeurope/]],
  ],
  [
    "an ingestion endpoint in another region than the workspace",
    {
      hcl: shop({
        cluster: "monitor_metrics {}",
        more: `${metricWorkspace}${endpoint("", '"northeurope"')}${metricRule}${associated("metrics")}`,
      }),
    },
    [["AKS7104 warning", /through endpoint "dce" in northeurope/]],
  ],
  [
    "a configuration endpoint in another region than the cluster",
    and(
      logged,
      `${endpoint("", '"northeurope"')}resource "azurerm_monitor_data_collection_rule_association" "dce" {\n target_resource_id = ${cluster}\n data_collection_endpoint_id = azurerm_monitor_data_collection_endpoint.prom.id\n}`,
    ),
    [["AKS7104 warning", /in westeurope is to read its data collection rules from endpoint "dce" in northeurope/]],
  ],
  [
    "a data flow to a name that is not declared",
    and({ ...logged, more: workspace() + audit }, logRule("", undefined, '"log"') + associated("logs")),
    [["AKS7105 error", /sends a data flow to "log", but declares "logs"/]],
  ],
  [
    "an association that names a cluster which is not there",
    and(
      { cluster: oms(), more: workspace() + audit + logRule() },
      associated(
        "logs",
        '"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-shop/providers/Microsoft.ContainerService/managedClusters/aks-old"',
      ),
    ),
    [
      ["AKS7101 warning", /"MSCI" is not associated/],
      ["AKS7106 info", /names cluster "aks-old" of resource group "rg-shop"/],
    ],
  ],
  [
    "a diagnostic setting of a cluster that the change renames",
    {
      hcl: shop({
        more:
          workspace() +
          setting("audit", toLogs).replace(
            cluster,
            '"/subscriptions/0/resourceGroups/rg-shop/providers/Microsoft.ContainerService/managedClusters/aks"',
          ),
      }).replace('name                = "aks"', 'name                = "aks-blue"'),
      base: { hcl: shop() },
    },
    [
      ["AKS7106 warning", /this change removes or renames that cluster/],
      ["AKS7111 info", /No diagnostic setting/],
    ],
  ],
  [
    "one category twice to one workspace",
    { hcl: shop({ more: workspace() + audit + setting("second", toLogs) }) },
    [["AKS7107 error", /"audit" and "second" both send kube-audit-admin of one resource to workspace "logs"/]],
  ],
  [
    "six settings",
    {
      hcl: shop({
        more:
          workspace() +
          ["a", "b", "c", "d", "e", "f"]
            .map((name, index) =>
              setting(
                name,
                toLogs,
                `enabled_log {\n category = "${["guard", "kube-audit", "kube-apiserver", "kube-scheduler", "cluster-autoscaler", "kube-controller-manager"][index]}"\n }`,
              ),
            )
            .join(""),
      }),
    },
    [["AKS7107 error", /6 diagnostic settings are for one resource; Azure takes 5/]],
  ],
  [
    "a setting without a category",
    { hcl: shop({ more: workspace() + setting("none", toLogs, "") }), lenient: true },
    [["AKS7108 error", /has no category that is switched on/]],
  ],
  [
    "a setting without a destination",
    { hcl: shop({ more: setting("none", "") }), lenient: true },
    [["AKS7108 error", /names no workspace, storage account or event hub/]],
  ],
  [
    "a category that is misspelled",
    { hcl: shop({ more: workspace() + setting("a", toLogs, 'enabled_log {\n category = "kube_apiserver"\n }') }) },
    [["AKS7109 error", /Write "kube-apiserver"/]],
  ],
  [
    "a storage account in another region",
    { hcl: shop({ more: storage() + setting("a", "storage_account_id = azurerm_storage_account.audit.id") }) },
    [["AKS7110 error", /is in westeurope, storage account "staudit" in northeurope/]],
  ],
  [
    "a workspace and no diagnostic setting",
    { hcl: shop({ more: workspace() }) },
    [["AKS7111 info", /though workspace "logs" is there/]],
  ],
  [
    "an alert on a pool that is not there",
    and(logged, group() + metricAlert(dimension("nodepool", '["gpu", "user"]'))),
    [["AKS7112 warning", /node pool "gpu", which is not there \(pools: "system" and "user"\)/]],
  ],
  [
    "an alert on a node of a pool that is not there",
    and(logged, group() + metricAlert(dimension("node", '["aks-batch-12345678-vmss000000"]'))),
    [["AKS7112 warning", /node pool "batch"/]],
  ],
  [
    "a query on a pool that this change takes away",
    {
      ...and(logged, group() + queryAlert('KubeNodeInventory | where Computer startswith "aks-batch-"')),
      base: and(
        logged,
        `resource "azurerm_kubernetes_cluster_node_pool" "batch" {\n name = "batch"\n kubernetes_cluster_id = ${cluster}\n vm_size = "Standard_D4s_v5"\n node_count = 1\n}`,
      ),
    },
    [["AKS7112 warning", /node pool "batch", which this change takes away/]],
  ],
  [
    "a query on a namespace with a slip and one that is not there",
    {
      ...and(
        logged,
        group() + queryAlert('ContainerLogV2 | where PodNamespace == "chekcout" or k8sNamespace == "legacy"'),
      ),
      yaml: namespaced,
    },
    [
      ["AKS7112 warning", /namespace "chekcout", which is not there \("checkout" is\)/],
      ["AKS7112 info", /namespace "legacy", which is not there in the manifests/],
    ],
  ],
  [
    "Prometheus rules for another cluster",
    and(measured, ruleGroup(alertRule("a", "up == 0"), 'cluster_name = "aks-prod"')),
    [["AKS7112 info", /cluster "aks-prod", which is not there \(clusters: "aks"\)/]],
  ],
  [
    "a PromQL matcher with a slip",
    and(measured, ruleGroup(alertRule("a", 'up{cluster="a-ks", agentpool="sytem"} == 0'))),
    [["AKS7112 warning", /node pool "sytem", which is not there \("system" is\)/]],
  ],
  [
    "an alert without an action group",
    and(logged, metricAlert("", "")),
    [["AKS7113 info", /Alert "cpu" tells nobody: it has no action group\. Add an action group/]],
  ],
  [
    "an action group without receivers",
    and(logged, group("") + metricAlert("")),
    [["AKS7113 info", /its action group has no receivers/]],
  ],
  [
    "an action group that is switched off",
    and(
      logged,
      group('enabled = false\n email_receiver {\n name = "a"\n email_address = "a@example.com"\n }') + metricAlert(""),
    ),
    [["AKS7113 info", /its action group is switched off/]],
  ],
  [
    "one rule of a group that tells nobody",
    and(measured, ruleGroup(alertRule("loud", "up == 0") + alertRule("silent", "up == 0", ""))),
    [["AKS7113 info", /1 rule of group "rules" \("silent"\)/]],
  ],
  [
    "an alert that is switched off",
    and(logged, group() + metricAlert(dimension("nodepool", '["gpu"]'), `${tell}\n enabled = false`)),
    [["AKS7114 info", /Alert "cpu" is switched off/]],
  ],
  [
    "a log agent that does not tolerate a taint",
    {
      hcl: shop({ user: gpuPool }),
      yaml: daemonSet("cr.fluentbit.io/fluent/fluent-bit:3.1"),
      predictions: [
        prediction({
          cluster: "azurerm_kubernetes_cluster.main",
          placements: [{ pod: "Pod/shop/train", owner: "Job/shop/train", node: "aks-user-1", pool: "user" }],
        }),
      ],
    },
    [["AKS7115 info", /does not tolerate sku=gpu:NoSchedule of pool "user": no logs from its nodes, where 1 pod/]],
  ],
  [
    "Container insights by the workspace's key",
    { hcl: shop({ cluster: oms(""), more: workspace() + audit }) },
    [["AKS7116 info", /takes until 30 September 2026/]],
  ],
  [
    "the key where the workspace takes none, and a rule that nobody reads",
    {
      hcl: shop({
        cluster: oms("msi_auth_for_monitoring_enabled = false"),
        more: workspace("local_authentication_enabled = false") + audit + logRule() + associated("logs"),
      }),
    },
    [
      ["AKS7116 warning", /which workspace "logs" does not take/],
      ["AKS7103 info", /signs in with the workspace's key and does not read it/],
    ],
  ],
  [
    "a workspace that is closed and in no scope",
    {
      hcl: shop({
        cluster: oms(),
        more: workspace("internet_ingestion_enabled = false") + logRule() + associated("logs") + audit,
      }),
    },
    [["AKS7117 warning", /container logs of cluster "aks" do not arrive/]],
  ],
  [
    "an endpoint that is closed and in no scope",
    {
      hcl: shop({
        cluster: "monitor_metrics {}",
        more: `${metricWorkspace}${endpoint("public_network_access_enabled = false")}${metricRule}${associated("metrics")}`,
      }),
    },
    [["AKS7117 warning", /endpoint "dce" takes no data from public networks/]],
  ],
  [
    "agents behind a private link scope without an endpoint",
    and(logged, scope([workspaceId])),
    [["AKS7120 warning", /no association hands the cluster a data collection endpoint/]],
  ],
  [
    "agents behind a private link scope that does not hold their endpoint",
    and(logged, endpoint() + readsThrough + scope([workspaceId])),
    [["AKS7120 warning", /the scope does not hold data collection endpoint "dce"/]],
  ],
  [
    "a query of a table that Container insights would fill",
    { hcl: shop({ more: workspace() + audit + group() + queryAlert("KubePodInventory | count") }) },
    [
      [
        "AKS7121 info",
        /queries KubePodInventory of workspace "logs", which nothing here fills: no cluster's Container/,
      ],
    ],
  ],
  [
    "a query of a table that the setting's mode does not fill",
    { hcl: shop({ more: workspace() + audit + group() + queryAlert("AKSAuditAdmin | count") }) },
    [["AKS7121 info", /diagnostic setting "audit" writes to AzureDiagnostics/]],
  ],
  [
    "a query of a category that is not sent",
    { hcl: shop({ more: workspace() + audit + group() + queryAlert("AKSControlPlane | count") }) },
    [["AKS7121 info", /no diagnostic setting sends it there/]],
  ],
  [
    "the solution beside a rule",
    and(
      logged,
      `resource "azurerm_log_analytics_solution" "ci" {\n solution_name = "ContainerInsights"\n ${place()}\n workspace_resource_id = ${workspaceId}\n workspace_name = "logs"\n plan {\n publisher = "Microsoft"\n product = "OMSGallery/ContainerInsights"\n }\n}`,
    ),
    [["AKS7118 info", /is not needed/]],
  ],
  [
    "Grafana without a role",
    and(
      measured,
      `resource "azurerm_dashboard_grafana" "g" {\n name = "g"\n ${place()}\n grafana_major_version = "11"\n identity {\n type = "SystemAssigned"\n }\n azure_monitor_workspace_integrations {\n resource_id = azurerm_monitor_workspace.metrics.id\n }\n}`,
    ),
    [["AKS7119 info", /no role assignment here is for its identity/]],
  ],
  [
    "azapi: no association, a region, a conflict, a lost pool, nobody told",
    {
      hcl:
        azapi(
          `${azapiAgent}, agentPoolProfiles = [{ name = "system", mode = "System", count = 3, vmSize = "Standard_D4s_v5" }]`,
        ) +
        azapiRule("northeurope") +
        azapiSetting("a") +
        azapiSetting("b") +
        azapiSetting("c", '[{ category = "guard", enabled = false }]') +
        azapiAlert("gpu"),
    },
    [
      ["AKS7107 error", /"a" and "b" both send kube-audit/],
      ["AKS7108 error", /"c" has no category/],
      ["AKS7101 warning", /rule "MSCI" is not associated/],
      ["AKS7104 warning", /is in northeurope/],
      ["AKS7112 warning", /node pool "gpu"/],
      ["AKS7113 info", /tells nobody/],
    ],
  ],
];

test.each(failing)("told: %s", (_, source, said) => {
  const found = monitoringFindings(source);
  expect(found.map(({ code, severity }) => `${code} ${severity}`).sort()).toEqual(said.map(([code]) => code).sort());
  for (const [code, words] of said)
    expect(found.filter((each) => `${each.code} ${each.severity}` === code).map(({ detail }) => detail)).toContainEqual(
      expect.stringMatching(words),
    );
  for (const finding of found) expect(finding.range?.file).toMatch(/main\.tf|k8s\.yaml/);
});

test("where a module is not on disk, what is not here may be in it", () => {
  const world = worldOf({ hcl: shop({ cluster: "monitor_metrics {}", more: metricWorkspace }) });
  const severities = [world, { ...world, isPartial: true }].map(
    (each) => runRules(each).find(({ code }) => code === "AKS7102")?.severity,
  );
  expect(severities).toEqual(["warning", "info"]);
});

const monitoringFindings = (source: Source) => findingsOf(source, true).filter(({ code }) => /^AKS71[0-4]/.test(code));
