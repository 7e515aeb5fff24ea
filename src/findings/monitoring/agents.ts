import { objectsOn } from "../../graph/object-clusters.ts";
import { resolve } from "../../graph/resolve.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { counted, managedClusters, nameOf } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { usesWorkspaceKey, workspacesOf } from "./collection.ts";
import { isScoped, isShut } from "./ingestion.ts";
import { nodeAgents } from "./node-agents.ts";
import { monitoringOf, refersTo } from "./references.ts";

export const agentNotOnPool: Rule = {
  code: "AKS7115",
  title: "A monitoring agent leaves tainted nodes out",
  severity: "info",
  explain: `A DaemonSet runs on the nodes whose taints its pods tolerate. Azure's own agents (ama-logs, ama-metrics-node) tolerate every taint; those of the manifests have what is
written. Told for known log and metrics agents without a node selector or affinity.
What happens: nothing is collected on the nodes of that pool.
Mend: tolerations with operator Exists, or with the pool's taint.
Source: "Taints and Tolerations" (Kubernetes); microsoft/Docker-Provider, kubernetes/ama-logs.yaml.`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      const placements = world.predictions.find((each) => each.cluster === cluster.address)?.placements ?? [];
      for (const { workload, program, collects, notOn } of nodeAgents(cluster, objectsOn(world, cluster.address))) {
        for (const { pool, taint } of notOn) {
          const pods = placements.filter((each) => each.pool === known(pool.name)).length;
          yield violation(agentNotOnPool, {
            subject: workload.address,
            range: workload.rangeAt(workload.spec.tolerations === undefined ? ["containers"] : ["tolerations"]),
            detail: `${workload.address} (${program}) does not tolerate ${taint} of pool "${nameOf(pool)}": no ${collects} from its nodes${
              pods === 0 ? "" : `, where ${counted(pods, "pod")} of the manifests run`
            }. Add a toleration.`,
            evidence: { taint, pods },
            related: relatedTo(["the pool", pool.range]),
          });
        }
      }
    }
  },
};

export const workspaceKey: Rule = {
  code: "AKS7116",
  title: "Container insights signs in with the workspace's key",
  severity: "info",
  explain: `Without msi_auth_for_monitoring_enabled = true the agent sends with the key of the workspace. That way is retired: after 30 September 2026 clusters that still use it are no
longer supported and Azure Monitor stops taking their data. A workspace with local authentication switched off does not take it at all: that makes this a warning.
What happens: the workspace gets no data.
Mend: msi_auth_for_monitoring_enabled = true, with a data collection rule and an association.
Source: "Legacy authentication for Container Insights"; "Troubleshoot Container insights".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      if (usesWorkspaceKey(cluster) !== "yes" || cluster.addons.unsureAddons?.includes("oms_agent")) continue;
      const workspace = resolve(world.platform.logWorkspaces, cluster.addons.omsAgent);
      const refuses = workspace?.localAuthentication === false;
      yield violation(workspaceKey, {
        subject: cluster.address,
        range: cluster.rangeAt("oms_agent"),
        severity: refuses ? "warning" : "info",
        detail: `Container insights of cluster "${nameOf(cluster)}" signs in with the workspace's key, ${
          refuses
            ? `which workspace "${nameOf(workspace)}" does not take (local authentication is off): nothing arrives`
            : "which Azure Monitor takes until 30 September 2026"
        }. Set msi_auth_for_monitoring_enabled = true and add a data collection rule with its association.`,
        related: relatedTo(["the workspace", workspace?.range]),
      });
    }
  },
};

export const ingestionShut: Rule = {
  code: "AKS7117",
  title: "The workspace takes no data from the agents",
  severity: "warning",
  explain: `A Log Analytics workspace with internet_ingestion_enabled = false takes what agents send through an Azure Monitor private link scope alone; so does a data collection
endpoint with public_network_access_enabled = false. Diagnostic settings are not concerned. Told where the configuration makes the workspace or endpoint and puts it into no scope.
What happens: agents get 403, and nothing arrives.
Mend: azurerm_monitor_private_link_scoped_service for it, and a private endpoint to the scope in the cluster's network.
Source: "Use Azure Private Link to connect networks to Azure Monitor"; "Enable private link for Kubernetes monitoring in Azure Monitor".`,
  *check(world) {
    const { platform } = world;
    const { collectionEndpoints, collectionRules } = monitoringOf(platform);
    for (const cluster of managedClusters(world)) {
      const { workspaces } = workspacesOf(platform, cluster, "logs");
      for (const workspace of platform.logWorkspaces.filter((each) => workspaces.includes(each))) {
        if (!isShut(platform, workspace)) continue;
        yield violation(ingestionShut, {
          subject: workspace.address,
          range: workspace.rangeAt("internet_ingestion_enabled"),
          severity: world.isPartial === true ? "info" : "warning",
          detail: `Workspace "${nameOf(workspace)}" takes no data from public networks and is in no private link scope here: container logs of cluster "${nameOf(cluster)}" do not arrive. Add azurerm_monitor_private_link_scoped_service, or set internet_ingestion_enabled = true.`,
          related: relatedTo(["the cluster", cluster.rangeAt("oms_agent")]),
        });
      }
    }
    for (const endpoint of collectionEndpoints) {
      if (endpoint.isData || endpoint.publicNetworkAccess !== false || isScoped(platform, endpoint)) continue;
      if (!collectionRules.some((rule) => refersTo(rule.endpoint, endpoint) === "yes")) continue;
      yield violation(ingestionShut, {
        subject: endpoint.address,
        range: endpoint.rangeAt("public_network_access_enabled"),
        severity: world.isPartial === true ? "info" : "warning",
        summary: "The data collection endpoint takes no data from the agents",
        detail: `Data collection endpoint "${nameOf(endpoint)}" takes no data from public networks and is in no private link scope here: what its rules collect does not arrive. Add azurerm_monitor_private_link_scoped_service.`,
      });
    }
  },
};

export const solutionNotNeeded: Rule = {
  code: "AKS7118",
  title: "Solution ContainerInsights is not needed",
  severity: "info",
  explain: `Container insights by managed identity and a data collection rule does without the solution ContainerInsights in the workspace, which the way by the workspace's key needed.
What happens: nothing; a resource that can go.
Mend: take azurerm_log_analytics_solution away.
Source: "Transition from the Container Monitoring Solution to using Container insights"; "Enable monitoring for Kubernetes clusters using Terraform".`,
  *check(world) {
    const clusters = managedClusters(world);
    const users = clusters.filter(({ addons }) => addons.omsAgent !== undefined);
    if (users.length === 0 || users.some((cluster) => usesWorkspaceKey(cluster) !== "no")) return;
    for (const solution of monitoringOf(world.platform).logSolutions) {
      const name = known(solution.solution);
      if (solution.isData || name === undefined || !/(^|\/)ContainerInsights$/i.test(name)) continue;
      yield violation(solutionNotNeeded, {
        subject: solution.address,
        range: solution.range,
        detail: `Solution ContainerInsights is not needed: the cluster's agent signs in with its managed identity and sends by a data collection rule. It can go.`,
      });
    }
  },
};

export const grafanaRights: Rule = {
  code: "AKS7119",
  title: "Grafana may not read the Azure Monitor workspace",
  severity: "info",
  explain: `Portal and Azure CLI give Grafana's identity the role Monitoring Data Reader on the workspaces it is linked with; azure_monitor_workspace_integrations does not. Told where
the configuration gives Grafana's system-assigned identity no role at all; it may be given elsewhere.
What happens: dashboards show errors, 403 from the workspace.
Mend: azurerm_role_assignment "Monitoring Data Reader" on the workspace for azurerm_dashboard_grafana.….identity[0].principal_id.
Source: "Use Azure Monitor managed service for Prometheus as data source for Grafana"; Azure/prometheus-collector, AddonTerraformTemplate.`,
  *check(world) {
    const { grafanas, metricWorkspaces } = monitoringOf(world.platform);
    const { roleAssignments } = world.platform;
    if (managedClusters(world).length === 0) return;
    for (const grafana of grafanas) {
      if (grafana.isData || known(grafana.identityType) !== "SystemAssigned") continue;
      const workspace = grafana.metricWorkspaces.map((ref) => resolve(metricWorkspaces, ref)).find((found) => found);
      if (workspace === undefined || workspace.isData) continue;
      const mayRead = roleAssignments.some(
        ({ principal }) =>
          principal.address === grafana.address || (principal.address === undefined && isUnknown(principal.id)),
      );
      if (mayRead) continue;
      yield violation(grafanaRights, {
        subject: grafana.address,
        range: grafana.rangeAt("azure_monitor_workspace_integrations"),
        detail: `Grafana "${nameOf(grafana)}" is linked with workspace "${nameOf(workspace)}", but no role assignment here is for its identity: unless one is made elsewhere, queries end with 403. Assign Monitoring Data Reader on the workspace.`,
        related: relatedTo(["the workspace", workspace.range]),
      });
    }
  },
};
