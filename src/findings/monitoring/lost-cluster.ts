import type { AksCluster, AzureResource, ResourceRef } from "../../azure/platform.ts";
import { nameOfId, resolve, resourceGroupOfId } from "../../graph/resolve.ts";
import type { SourceRange } from "../../model/source-range.ts";
import { known } from "../../model/unknown.ts";
import { lower, managedClusters, nameOf } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { violation } from "../violation.ts";
import { collectionOf, usesWorkspaceKey } from "./collection.ts";
import { monitoringOf } from "./references.ts";

export const clusterNotThere: Rule = {
  code: "AKS7106",
  title: "Monitoring of a cluster that is not there",
  severity: "warning",
  explain: `An association, a diagnostic setting or an alert that names its cluster by id as text does not follow when the cluster is renamed, moved or removed.
What happens: the apply fails, since the id is of nothing, or what was watched before is watched no more.
Mend: take the id from the cluster's resource.
Source: "Data collection rule associations in Azure Monitor"; "Diagnostic settings in Azure Monitor".`,
  *check(world) {
    const { associations, alerts } = monitoringOf(world.platform);
    for (const association of associations) {
      if (association.isData) continue;
      if (association.rule === undefined && association.endpoint === undefined && isWritten(world, association)) {
        yield violation(clusterNotThere, {
          subject: association.address,
          range: association.range,
          severity: "error",
          summary: "An association of nothing",
          detail: `Association "${nameOf(association)}" names neither a data collection rule nor an endpoint: Azure refuses it. Set data_collection_rule_id.`,
        });
      }
    }
    const uses: readonly (readonly [AzureResource, ResourceRef, SourceRange | undefined])[] = [
      ...associations.map((each) => [each, each.target, each.rangeAt("target_resource_id")] as const),
      ...world.platform.diagnosticSettings.map(
        (each) => [each, each.target, each.rangeAt("target_resource_id")] as const,
      ),
      ...alerts.flatMap((each) => each.scopes.map((scope) => [each, scope, each.rangeAt("scopes")] as const)),
    ];
    for (const [resource, ref, range] of uses) {
      if (resource.isData) continue;
      const id = known(ref.id);
      if (ref.address !== undefined || id === undefined || !isClusterId(id)) continue;
      if (resolve(world.platform.clusters, ref) !== undefined) continue;
      const before = resolve(world.base?.platform.clusters ?? [], ref);
      const waiting =
        before === undefined ? waitingCluster(world, associations.includes(resource as never)) : undefined;
      if (before === undefined && waiting === undefined) continue;
      yield violation(clusterNotThere, {
        subject: resource.address,
        range,
        severity: before === undefined ? "info" : "warning",
        detail:
          before === undefined
            ? `${resource.address} names cluster "${nameOfId(id)}"${groupText(id)}, which is not part of the configuration; cluster "${nameOf(waiting as AksCluster)}" is, and has no association. Check the id.`
            : `${resource.address} names cluster "${nameOfId(id)}"${groupText(id)} by id as text; this change removes or renames that cluster. Take the id from the cluster's resource.`,
        evidence: { cluster: nameOfId(id) },
      });
    }
  },
};

/** False where the arguments themselves cannot be read, as in a body that is not known. */
const isWritten = (world: World, { address }: AzureResource): boolean => {
  const values = world.instances.find((instance) => instance.address === address)?.values.fields;
  return values?.get("body")?.kind !== "unknown";
};

const isClusterId = (id: string): boolean => /\/managedclusters\/[^/]+\/?$/i.test(id);

const groupText = (id: string): string => {
  const group = resourceGroupOfId(id);
  return group === undefined ? "" : ` of resource group "${group}"`;
};

/** A cluster with an agent that no rule reaches, for associations alone. */
const waitingCluster = (world: World, isAssociation: boolean): AksCluster | undefined =>
  isAssociation
    ? managedClusters(world).find((cluster) =>
        (["logs", "metrics"] as const).some((data) => {
          const { agent, rules, isUnsure } = collectionOf(world.platform, cluster, data);
          const reads = data === "metrics" || usesWorkspaceKey(cluster) === "no";
          return agent === "yes" && reads && rules.length === 0 && !isUnsure && lower(cluster.name) !== undefined;
        }),
      )
    : undefined;
