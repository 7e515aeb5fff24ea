import type {
  AlertCondition,
  AlertProcessingRule,
  AlertRule,
  MonitoringResources,
  ResourceRef,
} from "../azure/platform.ts";
import type { Value } from "../model/value.ts";
import { boolFact, textFact, textsFact } from "./azure-facts.ts";
import { monitoredListAt } from "./azure-monitored.ts";
import { azureResource, type Mapping, orNothing } from "./azure-resource.ts";
import { blocksAt, itemsOf, partAt, type ResourceView, settingAt } from "./azure-view.ts";

type Alerts = Pick<MonitoringResources, "alerts" | "actionGroups" | "processingRules">;

/** Types that watch what was collected, and those that they tell. */
export const alertTypes = [
  "azurerm_monitor_action_group",
  "azurerm_monitor_activity_log_alert",
  // ARM has one type for both kinds.
  "azurerm_monitor_alert_processing_rule",
  "azurerm_monitor_alert_processing_rule_action_group",
  "azurerm_monitor_alert_processing_rule_suppression",
  "azurerm_monitor_alert_prometheus_rule_group",
  "azurerm_monitor_metric_alert",
  "azurerm_monitor_scheduled_query_rules_alert",
  "azurerm_monitor_scheduled_query_rules_alert_v2",
] as const;

export const mapAlerts = (mapping: Mapping): Alerts => {
  const of = (type: (typeof alertTypes)[number]) => mapping.of(type);
  const alerts = [
    ...of("azurerm_monitor_metric_alert").map((view) => alert(mapping, view, "metric", metricConditions(view))),
    ...of("azurerm_monitor_scheduled_query_rules_alert_v2").map((view) =>
      alert(mapping, view, "logQuery", queryConditions(view)),
    ),
    ...of("azurerm_monitor_scheduled_query_rules_alert").map((view) =>
      alert(mapping, view, "logQuery", [{ ...noCondition, query: textFact(settingAt(view, "query")), path: "query" }]),
    ),
    ...of("azurerm_monitor_activity_log_alert").map((view) => alert(mapping, view, "activityLog", [])),
    ...of("azurerm_monitor_alert_prometheus_rule_group").map((view) => ({
      ...alert(mapping, view, "prometheus", ruleConditions(mapping, view)),
      clusterName: textFact(settingAt(view, "cluster_name")),
    })),
  ];
  return {
    alerts: alerts.filter(({ isData }) => !isData).sort((a, b) => (a.address < b.address ? -1 : 1)),
    actionGroups: of("azurerm_monitor_action_group").map((view) => ({
      ...azureResource(view),
      enabled: boolFact(settingAt(view, "enabled")),
      receivers: receiverKinds.flatMap((kind) => blocksAt(view, kind).map(() => kind)),
      isWhole: receiverKinds.every((kind) => settingAt(view, kind)?.kind !== "unknown"),
    })),
    processingRules: [
      ...of("azurerm_monitor_alert_processing_rule_action_group").map((view) => ({
        ...processing(mapping, view),
        kind: "adds" as const,
      })),
      ...of("azurerm_monitor_alert_processing_rule_suppression").map((view) => ({
        ...processing(mapping, view),
        kind: "suppresses" as const,
      })),
      ...of("azurerm_monitor_alert_processing_rule").map((view) => armProcessing(mapping, view)),
    ],
  };
};

const receiverKinds = [
  "arm_role_receiver",
  "automation_runbook_receiver",
  "azure_app_push_receiver",
  "azure_function_receiver",
  "email_receiver",
  "event_hub_receiver",
  "itsm_receiver",
  "logic_app_receiver",
  "sms_receiver",
  "voice_receiver",
  "webhook_receiver",
] as const;

const processing = (mapping: Mapping, view: ResourceView) => ({
  ...azureResource(view),
  enabled: boolFact(settingAt(view, "enabled")),
  scopes: monitoredListAt(mapping, view, "scopes"),
  actionGroups: mapping.resolver.listAt(view, "add_action_group_ids"),
});

const armProcessing = (mapping: Mapping, view: ResourceView): AlertProcessingRule => {
  const groups = blocksAt(view, "actions").flatMap((action) => {
    const list = partAt(action, "action_group_ids");
    return list !== undefined && "items" in list ? list.items : [];
  });
  const actionGroups = groups.map((value) => orNothing(mapping.resolver.refOf(value)));
  return { ...processing(mapping, view), kind: groups.length > 0 ? "adds" : "suppresses", actionGroups };
};

const alert = (
  mapping: Mapping,
  view: ResourceView,
  kind: AlertRule["kind"],
  conditions: readonly AlertCondition[],
): AlertRule => {
  const actions = blocksAt(view, "action");
  const lists = ["action", "criteria", "dynamic_criteria", "rule", "scopes"].map((path) => settingAt(view, path));
  const groupLists = actions.map((action) => partAt(action, "action_groups") ?? partAt(action, "action_group"));
  return {
    ...azureResource(view),
    kind,
    enabled: boolFact(settingAt(view, "enabled", "rule_group_enabled")),
    scopes: monitoredListAt(mapping, view, "scopes", "data_source_id"),
    conditions,
    actionGroups: actions.flatMap((action) => groupsOf(mapping, action)),
    isWhole: [...lists, ...actions, ...groupLists].every((value) => value?.kind !== "unknown"),
  };
};

/** One group in a block of its own, or a list of them, as each kind of alert has it. */
const groupsOf = (mapping: Mapping, action: Value): readonly ResourceRef[] => {
  const one = partAt(action, "action_group_id");
  const list = partAt(action, "action_groups") ?? partAt(action, "action_group");
  const items = list !== undefined && "items" in list ? list.items : [];
  return [...(one === undefined ? [] : [one]), ...items].map((value) => orNothing(mapping.resolver.refOf(value)));
};

const noCondition: AlertCondition = {
  name: undefined,
  dimensions: [],
  query: undefined,
  isAlert: true,
  enabled: undefined,
  actionGroups: [],
  path: "",
};

const metricConditions = (view: ResourceView): readonly AlertCondition[] =>
  ["criteria", "dynamic_criteria"].flatMap((block) =>
    blocksAt(view, block).map((criterion) => ({
      ...noCondition,
      name: textFact(partAt(criterion, "metric_name")),
      dimensions: dimensionsOf(criterion),
      path: `${block}.dimension`,
    })),
  );

const queryConditions = (view: ResourceView): readonly AlertCondition[] =>
  blocksAt(view, "criteria").map((criterion) => ({
    ...noCondition,
    dimensions: dimensionsOf(criterion),
    query: textFact(partAt(criterion, "query")),
    path: "criteria.query",
  }));

const ruleConditions = (mapping: Mapping, view: ResourceView): readonly AlertCondition[] =>
  blocksAt(view, "rule").map((rule) => {
    const actions = partAt(rule, "action");
    return {
      ...noCondition,
      name: textFact(partAt(rule, "alert")) ?? textFact(partAt(rule, "record")),
      query: textFact(partAt(rule, "expression")),
      isAlert: partAt(rule, "alert") !== undefined,
      enabled: boolFact(partAt(rule, "enabled")),
      actionGroups:
        actions?.kind === "unknown"
          ? [{ address: undefined, id: { kind: "unknown", because: actions.because } }]
          : (actions === undefined ? [] : itemsOf(actions)).flatMap((action) => groupsOf(mapping, action)),
      path: "rule.expression",
    };
  });

const dimensionsOf = (criterion: Value): AlertCondition["dimensions"] => {
  const dimensions = partAt(criterion, "dimension");
  return (dimensions === undefined ? [] : itemsOf(dimensions)).map((dimension) => ({
    name: textFact(partAt(dimension, "name")),
    operator: textFact(partAt(dimension, "operator")),
    values: textsFact(partAt(dimension, "values")),
  }));
};
