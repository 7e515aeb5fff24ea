import type { AksCluster, AzureResource, ResourceRef } from "../../azure/platform.ts";
import { nameOfId, resolve, resourceGroupOfId } from "../../graph/resolve.ts";
import type { SourceRange } from "../../model/source-range.ts";
import { known } from "../../model/unknown.ts";
import { managedClusters, nameOf } from "../cluster-facts.ts";
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
    for (const association of monitoringOf(world.platform).associations) {
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
    for (const { resource, ref, range, isAssociation } of namedClusters(world)) {
      const id = known(ref.id);
      if (resource.isData || ref.address !== undefined || id === undefined || !isClusterId(id)) continue;
      if (resolve(world.platform.clusters, ref) !== undefined) continue;
      const was = resolve(world.base?.platform.clusters ?? [], ref) !== undefined;
      const waiting = !was && isAssociation ? waitingCluster(world) : undefined;
      if (!was && waiting === undefined) continue;
      const cluster = `cluster "${nameOfId(id)}"${groupText(id)}`;
      yield violation(clusterNotThere, {
        subject: resource.address,
        range,
        severity: was ? "warning" : "info",
        detail:
          waiting === undefined
            ? `${resource.address} names ${cluster} by id as text; this change removes or renames that cluster. Take the id from the cluster's resource.`
            : `${resource.address} names ${cluster}, which is not part of the configuration; cluster "${nameOf(waiting)}" is, and has no association. Check the id.`,
        evidence: { cluster: nameOfId(id) },
      });
    }
  },
};

interface NamedCluster {
  readonly resource: AzureResource;
  readonly ref: ResourceRef;
  readonly range: SourceRange | undefined;
  readonly isAssociation: boolean;
}

/** Every place where something says which resource it watches. */
const namedClusters = ({ platform }: World): readonly NamedCluster[] => {
  const { associations, alerts } = monitoringOf(platform);
  const at = (resource: AzureResource, ref: ResourceRef, path: string, isAssociation = false): NamedCluster => {
    return { resource, ref, range: resource.rangeAt(path), isAssociation };
  };
  return [
    ...associations.map((each) => at(each, each.target, "target_resource_id", true)),
    ...platform.diagnosticSettings.map((each) => at(each, each.target, "target_resource_id")),
    ...alerts.flatMap((each) => each.scopes.map((scope) => at(each, scope, "scopes"))),
  ];
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

/** A cluster with an agent that no rule reaches. */
const waitingCluster = (world: World): AksCluster | undefined =>
  managedClusters(world).find((cluster) =>
    (["logs", "metrics"] as const).some((data) => {
      const { agent, rules, isUnsure } = collectionOf(world.platform, cluster, data);
      const reads = data === "metrics" || usesWorkspaceKey(cluster) === "no";
      return agent === "yes" && reads && rules.length === 0 && !isUnsure;
    }),
  );
