import type { AzureResource, MonitoringResources, Platform, ResourceRef } from "../../azure/platform.ts";
import { nameOfId, resolve, withoutKey } from "../../graph/resolve.ts";
import { isUnknown, known } from "../../model/unknown.ts";

export type Certainty = "yes" | "no" | "unsure";

/** Whether a reference means a resource; `unsure` where it is not known before apply, or may be one of several instances. */
export const refersTo = (ref: ResourceRef | undefined, resource: AzureResource): Certainty => {
  if (ref === undefined) return "no";
  if (ref.address !== undefined) {
    if (ref.address === resource.address) return "yes";
    return ref.address === withoutKey(resource.address) ? "unsure" : "no";
  }
  const id = known(ref.id);
  if (id === undefined) return isUnknown(ref.id) ? "unsure" : "no";
  return resolve([resource], ref) === undefined ? "no" : "yes";
};

/** True where a reference is there and what it means cannot be told. */
export const isOpen = (ref: ResourceRef | undefined): boolean =>
  ref !== undefined && ref.address === undefined && isUnknown(ref.id);

/** A reference in words: the resource's name, the last part of its id, its address. */
export const refName = (ref: ResourceRef | undefined, resources: readonly AzureResource[]): string => {
  const found = resolve(resources, ref);
  const id = known(ref?.id);
  return (
    known(found?.name) ??
    (id === undefined ? undefined : nameOfId(id)) ??
    ref?.address ??
    "a resource that is not known yet"
  );
};

/** What the configuration has of Azure Monitor; empty lists where it has nothing. */
export const monitoringOf = (platform: Platform): MonitoringResources => platform.monitoring ?? nothing;

const nothing: MonitoringResources = {
  collectionRules: [],
  collectionEndpoints: [],
  associations: [],
  metricWorkspaces: [],
  alerts: [],
  actionGroups: [],
  processingRules: [],
  grafanas: [],
  privateLinkScopes: [],
  scopedServices: [],
  logSolutions: [],
};
