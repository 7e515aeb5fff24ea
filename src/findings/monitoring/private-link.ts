import type { AksCluster, AzureResource } from "../../azure/platform.ts";
import { resolve } from "../../graph/resolve.ts";
import { managedClusters, nameOf, networkOf, networksOf } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { collectionOf, usesWorkspaceKey } from "./collection.ts";
import { isScoped } from "./ingestion.ts";
import { isOpen, monitoringOf, refersTo } from "./references.ts";

export const noConfigurationEndpoint: Rule = {
  code: "AKS7120",
  title: "Agents behind a private link scope find no rules",
  severity: "warning",
  explain: `In a network with a private endpoint to an Azure Monitor private link scope, Azure Monitor's names lead to that endpoint. Agents there read their data collection rules
through a data collection endpoint alone, which an association of its own hands to the cluster and which the scope holds.
What happens: ama-logs and ama-metrics get no rules, and collect nothing.
Mend: azurerm_monitor_data_collection_rule_association with data_collection_endpoint_id of an endpoint in the cluster's region, and azurerm_monitor_private_link_scoped_service for it.
Source: "Data collection endpoints in Azure Monitor", Azure Monitor agent; "Enable private link for monitoring virtual machines and Kubernetes clusters in Azure Monitor".`,
  *check(world) {
    const { associations, collectionEndpoints } = monitoringOf(world.platform);
    for (const cluster of managedClusters(world)) {
      const door = readsRules(world, cluster) ? privateDoor(world, cluster) : undefined;
      if (door === undefined) continue;
      const own = associations.filter(
        ({ target, endpoint }) => endpoint !== undefined && refersTo(target, cluster) !== "no",
      );
      const endpoints = own.flatMap(({ endpoint }) => resolve(collectionEndpoints, endpoint) ?? []);
      // An endpoint of somebody else may be in the scope or not.
      if (endpoints.length < own.length || endpoints.some((each) => each.isData || isScoped(world.platform, each)))
        continue;
      const [first] = endpoints;
      yield violation(noConfigurationEndpoint, {
        subject: cluster.address,
        range: first === undefined ? cluster.range : own[0]?.range,
        severity: world.isPartial === true ? "info" : "warning",
        detail: `Private endpoint "${nameOf(door)}" brings Azure Monitor into the network of cluster "${nameOf(cluster)}", but ${
          first === undefined
            ? "no association hands the cluster a data collection endpoint"
            : `the scope does not hold data collection endpoint "${nameOf(first)}"`
        }: its agents get no rules and collect nothing. ${
          first === undefined
            ? "Add an association with data_collection_endpoint_id."
            : "Add azurerm_monitor_private_link_scoped_service for it."
        }`,
        related: relatedTo(["the private endpoint", door.range]),
      });
    }
  },
};

/** Whether an agent of the cluster surely reads data collection rules. */
const readsRules = ({ platform }: World, cluster: AksCluster): boolean =>
  (["logs", "metrics"] as const).some((data) => {
    const { agent, rules } = collectionOf(platform, cluster, data);
    return agent === "yes" && rules.length > 0 && (data === "metrics" || usesWorkspaceKey(cluster) === "no");
  });

/** The private endpoint in the cluster's own network that leads to a private link scope. */
const privateDoor = (world: World, cluster: AksCluster): AzureResource | undefined => {
  const networks = networksOf(world, cluster);
  const { privateLinkScopes } = monitoringOf(world.platform);
  return world.platform.privateEndpoints.find((endpoint) => {
    if (endpoint.isData || isOpen(endpoint.target)) return false;
    const subnet = resolve(world.platform.subnets, endpoint.subnet);
    const network = subnet === undefined ? undefined : networkOf(world, subnet);
    return (
      network !== undefined &&
      networks.includes(network) &&
      endpoint.dnsZones.length > 0 &&
      resolve(privateLinkScopes, endpoint.target) !== undefined
    );
  });
};
