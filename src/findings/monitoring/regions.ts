import type { AzureResource, CollectionRule, Platform, ResourceRef } from "../../azure/platform.ts";
import { resolve } from "../../graph/resolve.ts";
import { known } from "../../model/unknown.ts";
import { managedClusters, nameOf } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { carries, destinationsOf } from "./collection.ts";
import { monitoringOf, refersTo } from "./references.ts";

export const collectionRegion: Rule = {
  code: "AKS7104",
  title: "Data collection in another region than its workspace",
  severity: "warning",
  explain: `A data collection rule, and the data collection endpoint that takes its data, belong into the region of the workspace that they write to; the endpoint that agents read
their rules from belongs into the region of the cluster. The cluster itself may be in any region.
What happens: Azure refuses the rule, or its data does not arrive.
Mend: take location from the workspace; for a cluster in another region, a second endpoint there, in an association of its own.
Source: "Create data collection rules (DCRs) in Azure Monitor"; "Data collection endpoints in Azure Monitor".`,
  *check({ platform, ...world }) {
    const { collectionRules, collectionEndpoints, associations } = monitoringOf(platform);
    for (const rule of collectionRules) {
      const workspace = rule.isData ? undefined : destinationOf(platform, rule);
      if (workspace === undefined) continue;
      if (differs(rule, workspace)) {
        yield violation(collectionRegion, {
          subject: rule.address,
          range: rule.rangeAt("location"),
          detail: `Data collection rule "${nameOf(rule)}" is in ${known(rule.location)}, but writes to workspace "${nameOf(workspace)}" in ${known(workspace.location)}: a rule has to be in the region of its workspace. Set location to the workspace's.`,
          evidence: { ruleLocation: known(rule.location) ?? "", workspaceLocation: known(workspace.location) ?? "" },
          related: relatedTo(["the workspace", workspace.range]),
        });
        continue;
      }
      const endpoint = resolve(collectionEndpoints, rule.endpoint);
      if (endpoint !== undefined && differs(endpoint, workspace)) {
        yield violation(collectionRegion, {
          subject: rule.address,
          range: rule.rangeAt("data_collection_endpoint_id"),
          detail: `Data collection rule "${nameOf(rule)}" takes its data through endpoint "${nameOf(endpoint)}" in ${known(endpoint.location)}, but writes to workspace "${nameOf(workspace)}" in ${known(workspace.location)}: the endpoint has to be in the workspace's region.`,
          evidence: {
            endpointLocation: known(endpoint.location) ?? "",
            workspaceLocation: known(workspace.location) ?? "",
          },
          related: relatedTo(["the endpoint", endpoint.range]),
        });
      }
    }
    for (const association of associations) {
      const endpoint = resolve(collectionEndpoints, association.endpoint);
      const cluster = managedClusters({ platform, ...world }).find(
        (each) => refersTo(association.target, each) === "yes",
      );
      if (endpoint === undefined || cluster === undefined || !differs(endpoint, cluster)) continue;
      yield violation(collectionRegion, {
        subject: association.address,
        range: association.rangeAt("data_collection_endpoint_id"),
        summary: "Agents read their rules from an endpoint in another region",
        detail: `Cluster "${nameOf(cluster)}" in ${known(cluster.location)} is to read its data collection rules from endpoint "${nameOf(endpoint)}" in ${known(endpoint.location)}: that endpoint has to be in the cluster's region. Make one there.`,
        evidence: { endpointLocation: known(endpoint.location) ?? "", clusterLocation: known(cluster.location) ?? "" },
        related: relatedTo(["the endpoint", endpoint.range]),
      });
    }
  },
};

/** The workspace that a rule of a cluster's logs or metrics writes to, where it is part of the configuration. */
const destinationOf = (platform: Platform, rule: CollectionRule): AzureResource | undefined => {
  const { metricWorkspaces } = monitoringOf(platform);
  const logs = carries(rule, "logs") === "yes" ? destinationsOf(rule, "logs") : [];
  const metrics = carries(rule, "metrics") === "yes" ? destinationsOf(rule, "metrics") : [];
  const find = (refs: readonly ResourceRef[], list: readonly AzureResource[]): readonly AzureResource[] =>
    refs.flatMap((ref) => resolve(list, ref) ?? []);
  const found = [...find(logs, platform.logWorkspaces), ...find(metrics, metricWorkspaces)];
  return found.find((workspace) => differs(rule, workspace)) ?? found[0];
};

const differs = (a: AzureResource, b: AzureResource): boolean => {
  const [first, second] = [known(a.location), known(b.location)];
  return first !== undefined && second !== undefined && first !== second;
};
