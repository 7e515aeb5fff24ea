import type { AksCluster, AzureResource, LogWorkspace, Platform } from "../../azure/platform.ts";
import { resolve } from "../../graph/resolve.ts";
import { nameOf } from "../cluster-facts.ts";
import { usesWorkspaceKey, workspacesOf } from "./collection.ts";
import { isOpen, monitoringOf, refersTo } from "./references.ts";

/** What keeps the workspace of a cluster's container logs from taking them; `undefined` where nothing is known to. */
export const ingestionBarrier = (platform: Platform, cluster: AksCluster): string | undefined => {
  const { workspaces } = workspacesOf(platform, cluster, "logs");
  for (const workspace of workspaces.flatMap((found) => resolve(platform.logWorkspaces, refOf(found)) ?? [])) {
    if (isShut(platform, workspace))
      return `workspace "${nameOf(workspace)}" takes no data from public networks and is in no private link scope`;
    if (usesWorkspaceKey(cluster) === "yes" && workspace.localAuthentication === false)
      return `workspace "${nameOf(workspace)}" takes no data that is signed with its key`;
  }
  return undefined;
};

/**
 * Whether agents surely cannot reach it: no public ingestion, and no private link scope of the configuration holds it ("Use Azure Private
 * Link to connect networks to Azure Monitor"). Diagnostic settings pass all the same.
 */
export const isShut = (platform: Platform, workspace: LogWorkspace): boolean =>
  !workspace.isData && workspace.internetIngestion === false && !isScoped(platform, workspace);

/** Whether a private link scope holds a resource, or may. */
export const isScoped = (platform: Platform, resource: AzureResource): boolean =>
  monitoringOf(platform).scopedServices.some(({ linked }) => isOpen(linked) || refersTo(linked, resource) !== "no");

const refOf = ({ address }: AzureResource) => ({ address, id: undefined });
