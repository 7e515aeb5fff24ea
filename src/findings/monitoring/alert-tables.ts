import type { AlertRule, LogWorkspace } from "../../azure/platform.ts";
import { resolve } from "../../graph/resolve.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { managedClusters, nameOf } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { violation } from "../violation.ts";
import { collectionOf, workspacesOf } from "./collection.ts";
import { settingsOf } from "./control-plane.ts";
import { monitoringOf, refersTo } from "./references.ts";

export const alertOnEmptyTable: Rule = {
  code: "AKS7121",
  title: "An alert on a table that nothing fills",
  severity: "info",
  explain: `Container insights fills ContainerLogV2 and the Kube… tables of the workspace it writes to. The control plane's logs are in AKSAudit, AKSAuditAdmin and AKSControlPlane where the
diagnostic setting has log_analytics_destination_type = "Dedicated", else in AzureDiagnostics. Told where the configuration makes the workspace and no cluster of it fills the table; others
may.
What happens: the query finds no rows, and the alert never fires.
Mend: collect the data, set log_analytics_destination_type, or query the table that is filled.
Source: "Resource logs in Azure Monitor", collection mode; "Monitoring data reference for Azure Kubernetes Service".`,
  *check(world) {
    if (world.isPartial === true || world.platform.clusters.some(({ isData }) => isData)) return;
    if (managedClusters(world).length === 0) return;
    for (const alert of monitoringOf(world.platform).alerts) {
      if (alert.kind !== "logQuery" || alert.enabled === false || !alert.isWhole) continue;
      const workspaces = alert.scopes.map((scope) => resolve(world.platform.logWorkspaces, scope));
      const [workspace] = workspaces;
      if (workspace === undefined || workspaces.length > 1 || workspace.isData) continue;
      const empty = tablesOf(alert).flatMap((table) => {
        const because = whyEmpty(world, workspace, table);
        return because === undefined ? [] : [{ table, because }];
      });
      const [first] = empty;
      if (first === undefined) continue;
      yield violation(alertOnEmptyTable, {
        subject: alert.address,
        range: alert.rangeAt(alert.conditions[0]?.path ?? "query"),
        detail: `Alert "${nameOf(alert)}" queries ${first.table} of workspace "${nameOf(workspace)}", which nothing here fills: ${first.because}. It never fires.`,
        evidence: { tables: empty.map(({ table }) => table).join(", ") },
      });
    }
  },
};

const insightsTables =
  "ContainerLogV2|ContainerLog|ContainerInventory|ContainerNodeInventory|KubeEvents|KubeMonAgentEvents|KubeNodeInventory|KubePodInventory|KubePVInventory|KubeServices";

const tablesOf = (alert: AlertRule): readonly string[] => {
  const pattern = new RegExp(`(?<![.\\w])(?:${insightsTables}|AKSAudit|AKSAuditAdmin|AKSControlPlane)(?!\\w)`, "g");
  const queries = alert.conditions.map(({ query }) =>
    (known(query) ?? "").replace(/\/\/[^\n]*|"[^"\n]*"|'[^'\n]*'/g, ""),
  );
  return [...new Set(queries.flatMap((query) => [...query.matchAll(pattern)].map(([table]) => table)))];
};

const whyEmpty = (world: World, workspace: LogWorkspace, table: string): string | undefined =>
  table.startsWith("AKS") ? whyNoControlPlane(world, workspace, table) : whyNoInsights(world, workspace);

/** A cluster whose agent has no rule is told of itself. */
const whyNoInsights = (world: World, workspace: LogWorkspace): string | undefined => {
  for (const cluster of managedClusters(world)) {
    const { agent } = collectionOf(world.platform, cluster, "logs");
    if (agent === "no") continue;
    const { workspaces, isOpen } = workspacesOf(world.platform, cluster, "logs");
    if (agent === "unsure" || isOpen || workspaces.length === 0 || workspaces.includes(workspace)) return undefined;
  }
  return "no cluster's Container insights writes there";
};

const whyNoControlPlane = (world: World, workspace: LogWorkspace, table: string): string | undefined => {
  const senders = managedClusters(world).map((cluster) => settingsOf(world.platform, cluster));
  if (senders.some(({ isUnsure }) => isUnsure)) return undefined;
  const settings = senders
    .flatMap((sender) => sender.settings)
    .filter((setting) => setting.workspace !== undefined && refersTo(setting.workspace, workspace) !== "no");
  if (settings.some(({ isWhole, destinationType }) => isWhole === false || isUnknown(destinationType)))
    return undefined;
  const sending = settings.filter(({ categories }) => categories.some((category) => fills(category, table)));
  if (sending.length === 0) return "no diagnostic setting sends it there";
  const isDedicated = sending.some(({ destinationType }) => known(destinationType)?.toLowerCase() === "dedicated");
  return isDedicated
    ? undefined
    : `diagnostic setting "${sending.map(nameOf)[0]}" writes to AzureDiagnostics without log_analytics_destination_type = "Dedicated"`;
};

const fills = (category: string, table: string): boolean => {
  if (category === "allLogs" || category === "audit") return true;
  if (table === "AKSAudit") return category === "kube-audit";
  if (table === "AKSAuditAdmin") return category === "kube-audit-admin";
  return !category.startsWith("kube-audit");
};
